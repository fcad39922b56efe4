"""A planted chain is found again: its probabilities, its long run, its way to the top, and its intervals' coverage."""

import numpy as np
from numpy.testing import assert_allclose

from zhiyu.explain.chain import first_passage, steady_state
from zhiyu.explain.mobility import mobility, passage
from zhiyu.explain.transitions import markov, over_time, region_counts, spatial_markov

TRUE = np.array([[0.7, 0.3, 0.0], [0.1, 0.6, 0.3], [0.0, 0.2, 0.8]])


def planted(n: int, years: int, seed: int, p: np.ndarray = TRUE) -> np.ndarray:
    rng = np.random.default_rng(seed)
    classes = np.zeros((n, years), dtype=int)
    classes[:, 0] = rng.integers(0, len(p), n)
    for t in range(1, years):
        classes[:, t] = (rng.random(n)[:, None] > np.cumsum(p[classes[:, t - 1]], axis=1)).sum(axis=1)
    return classes


def test_probabilities_within_three_standard_errors():
    found = markov(planted(4000, 20, 1), 3)
    off = np.abs(found.probabilities - TRUE)
    assert (off <= 3.0 * found.standard_errors + 1e-12).all()
    assert found.standard_errors.max() < 0.005
    assert_allclose(found.steady_state, steady_state(TRUE), atol=0.01)
    assert_allclose(found.first_passage, first_passage(TRUE), rtol=0.03)
    moved = mobility(found.counts)
    assert abs(moved.shorrocks - (3 - 2.1) / 2) < 3 * moved.shorrocks_error


def test_intervals_of_the_way_to_the_top_cover_it():
    true, covered, wide = first_passage(TRUE)[0, 2], 0, []
    for seed in range(120):
        found = passage(region_counts(planted(40, 12, seed), 3), draws=299, seed=seed)
        covered += int(found.low[0] <= true <= found.high[0])
        wide.append(found.high[0] - found.low[0])
    assert 0.88 <= covered / 120 <= 0.99
    assert np.median(wide) < true  # and not by being wide without end


def test_errors_of_mobility_are_as_large_as_the_scatter():
    found = [mobility(markov(planted(60, 10, seed), 3).counts) for seed in range(200)]
    scatter = np.std([one.shorrocks for one in found])
    assert 0.85 < np.mean([one.shorrocks_error for one in found]) / scatter < 1.15


def test_a_homogeneous_chain_is_rejected_as_often_as_it_should_be():
    p = [over_time(planted(120, 13, seed), 3, 2).lr_p for seed in range(200)]
    assert 0.02 <= np.mean(np.array(p) < 0.05) <= 0.09


def test_a_rise_common_to_all_is_not_taken_for_neighbours():
    """Rates that change with the year, neighbours that do not matter: the chi-square errs, the permutation does not."""
    n, years = 49, 12
    w = np.zeros((n, n))
    for i in range(n):
        w[i, (i + 1) % n] = w[i, (i - 1) % n] = 1.0
    asymptotic, permuted = [], []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        x = np.ones((n, years))
        for t in range(1, years):
            up = rng.random(n) < (0.05 if t < 6 else 0.5)
            x[:, t] = np.minimum(x[:, t - 1] + up, 4)
        found = spatial_markov(x, w, 4, cuts=(1.5, 2.5, 3.5), permutations=59, seed=seed)
        asymptotic.append(found.tests.lr_p)
        permuted.append(found.lr_permuted)
    assert np.mean(np.array(asymptotic) < 0.05) > 0.5
    assert np.mean(np.array(permuted) < 0.05) <= 0.12
