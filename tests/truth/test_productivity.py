"""Planted: productivity that accounts and frontier find again, and an error in capital that makes a mirror."""

import numpy as np
from numpy.testing import assert_allclose
from support import small_panel

from zhiyu.explain.efficiency import malmquist
from zhiyu.explain.of.productivity import productivity

INPUTS = {"capital": "k", "labour": "l"}
HALVES = {"capital": 0.5, "labour": 0.5}


def planted(seed: int, n: int = 25, t: int = 8) -> tuple[np.ndarray, ...]:
    """Capital, labour, ln TFP and output of regions that produce by Cobb-Douglas with shares of a half."""
    rng = np.random.default_rng(seed)
    k, line = (np.exp(np.cumsum(rng.normal(g, 0.02, (n, t)), axis=1) + rng.normal(3, 1, (n, 1))) for g in (0.08, 0.01))
    a = np.cumsum(rng.normal(0.02, 0.01, (n, t)), axis=1) + rng.normal(0, 0.3, (n, 1))
    return k, line, a, np.exp(a) * np.sqrt(k * line)


def test_planted_productivity_comes_back_exactly_at_the_true_shares():
    k, line, a, y = planted(0)
    found = productivity(small_panel({"k": k, "l": line, "y": y}), output="y", inputs=INPUTS, shares=HALVES)
    assert_allclose(found.tfp, a - a.mean(), atol=1e-12)
    assert_allclose(found.accounts.sel(part="tfp"), np.diff(a, axis=1), atol=1e-12)


def test_a_wrong_share_misses_by_what_capital_outgrew_labour():
    k, line, a, y = planted(1)
    wrong = productivity(
        small_panel({"k": k, "l": line, "y": y}), output="y", inputs=INPUTS, shares={"capital": 0.3, "labour": 0.7}
    )
    deeper = np.diff(np.log(k / line), axis=1)
    assert_allclose(wrong.accounts.sel(part="tfp"), np.diff(a, axis=1) + 0.2 * deeper, atol=1e-12)


def test_errors_in_capital_make_the_mirror_that_truth_has_not():
    k, line, _, y = planted(2)
    noisy = k * np.exp(np.cumsum(np.random.default_rng(3).normal(0, 0.06, k.shape), axis=1))
    clean, wrong = (
        productivity(small_panel({"k": one, "l": line, "y": y}), output="y", inputs=INPUTS, shares=HALVES)
        for one in (k, noisy)
    )
    assert abs(clean.mirror) < 0.4
    assert wrong.mirror < -0.8


def test_a_frontier_that_moves_and_regions_that_catch_up_are_told_apart():
    """One input: the frontier rises by 5 % and every region but the best closes a tenth of its log distance."""
    rng = np.random.default_rng(4)
    x = np.ones((10, 4, 1))
    behind = np.concatenate([[0.0], rng.uniform(0.1, 0.8, 9)])[:, None] * 0.9 ** np.arange(4)
    found = malmquist(x, np.exp(0.05 * np.arange(4) - behind)[..., None])
    assert_allclose(np.log(found.technical_change), 0.05, atol=1e-9)
    assert_allclose(np.log(found.efficiency_change), -np.diff(behind, axis=1), atol=1e-9)
