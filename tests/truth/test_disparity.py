"""Disparity of distributions whose Gini, Theil, exponent and share between groups are known."""

from math import erf

import numpy as np
import pytest

from zhiyu.explain.disparity import bootstrap, dagum, gini
from zhiyu.explain.rank_size import rank_size
from zhiyu.explain.theil import theil


def test_lognormal() -> None:
    y = np.random.default_rng(0).lognormal(0, 0.8, 200_000)
    assert gini(y) == pytest.approx(erf(0.8 / 2), abs=3e-3)  # 2 Phi(sigma / sqrt 2) - 1
    for index in ("T", "L"):
        assert theil(y, index=index).total == pytest.approx(0.8**2 / 2, abs=6e-3)


def test_two_groups_apart() -> None:
    """Uniform on 0 .. 1 and on 1 .. 2, half each: mean gaps 1/3 within and 1 across, none of it by overlap."""
    rng = np.random.default_rng(1)
    y = np.concatenate([rng.uniform(0, 1, 50_000), rng.uniform(1, 2, 50_000)])
    found = dagum(y, np.repeat([0, 1], 50_000))
    assert found.total == pytest.approx(1 / 3, abs=3e-3)
    assert found.between / found.total == pytest.approx(3 / 4, abs=3e-3)
    assert found.transvariation == 0.0


def test_pareto_exponent_and_its_error() -> None:
    """The printed error covers: of 400 sets of 100 from a Pareto law, 95 % hold the exponent in their interval."""
    rng = np.random.default_rng(2)
    fits = [rank_size(rng.pareto(1.2, 100) + 1) for _ in range(400)]
    assert np.mean([fit.exponent for fit in fits]) == pytest.approx(1.2, abs=0.05)
    held = np.mean([low <= 1.2 <= high for low, high in (fit.interval() for fit in fits)])
    assert 0.92 <= held <= 0.98


def test_intervals_cover() -> None:
    """Samples of two groups of 40 from known laws: the interval of the part between groups holds that of the laws."""
    rng = np.random.default_rng(3)

    def draw(size: int) -> np.ndarray:
        return np.concatenate([rng.gamma(4, 1.0, size), rng.gamma(4, 1.8, size)])

    whole = dagum(draw(100_000), np.repeat([0, 1], 100_000))
    truth, groups, held = whole.between, np.repeat([0, 1], 40), 0
    for seed in range(150):
        low, high = bootstrap(draw(40)[None], groups, draws=300, seed=seed).interval()[:, 0, 2]
        held += bool(low <= truth <= high)
    assert 0.88 <= held / 150 <= 0.99
