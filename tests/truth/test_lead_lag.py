"""Planted leads are found, on the right side; and where nothing is planted, nothing is found too often."""

import numpy as np

from zhiyu.explain.lead_lag import LeadLag, lead_lag


def found(pull: float, shared: float, seed: int, n: int = 31, t: int = 10) -> LeadLag:
    """Two series of which a pulls b a year later; `shared` is the part of their shocks that is common."""
    rng = np.random.default_rng(seed)
    a, b = np.zeros((2, n, t + 30))
    for year in range(1, t + 30):
        shock, own = rng.normal(size=(2, n))
        a[:, year] = 0.6 * a[:, year - 1] + shock
        b[:, year] = 0.6 * b[:, year - 1] + pull * a[:, year - 1] + shared * shock + np.sqrt(1 - shared**2) * own
    regions, years = rng.normal(size=(2, n, 1)), rng.normal(size=(2, 1, t))
    return lead_lag(a[:, -t:] + 3 * regions[0] + years[0], b[:, -t:] + 3 * regions[1] + years[1], draws=199, seed=seed)


def test_a_planted_lead_is_found_on_its_side() -> None:
    tried = [found(0.3, shared, seed) for seed in range(20) for shared in (0.0, 0.5)]
    assert np.mean([one.difference_interval[0, 0] > 0 for one in tried]) > 0.75
    assert not any(one.difference_interval[0, 1] < 0 for one in tried)


def test_shocks_in_common_are_no_lead() -> None:
    tried = [found(0.0, 0.6, seed) for seed in range(60)]
    away = np.mean([(one.difference_interval[0, 0] > 0) | (one.difference_interval[0, 1] < 0) for one in tried])
    assert away <= 0.17
    assert abs(np.mean([one.difference[0] for one in tried])) < 0.04
