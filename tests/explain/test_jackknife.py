"""Batches of regressions agree with one at a time, with dummies, and with leaving regions out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from zhiyu.explain import panel_ols, wild
from zhiyu.explain.jackknife import fits
from zhiyu.terms import Refusal

N, T = 14, 7
PAIRS = np.array([[0, 0], [1, 1], [2, 0]])


def columns(gaps: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(4)
    y, x, w = (rng.normal(size=(N, T, k)).cumsum(axis=1) for k in (3, 2, 2))
    if gaps:
        hole = rng.random((N, T)) < 0.1
        for z in (y, x, w):
            z[hole] = np.nan
    return y, x, w


@pytest.mark.parametrize("gaps", [False, True])
@pytest.mark.parametrize("effects", ["two-way", "region", "year", "none"])
def test_every_pair_is_its_own_regression(effects, gaps):
    y, x, w = columns(gaps)
    found = fits(y, x, w, PAIRS, effects)
    for k, (a, b) in enumerate(PAIRS):
        design = np.concatenate([x[..., [b]], w], axis=-1)
        beta = panel_ols.fit(y[..., a], design, effects).beta[0]
        without = wild.leave_one_out(y[..., a], design, 0, effects)
        error = np.sqrt((N - 1) / N * ((without - beta) ** 2).sum())
        ours = [found.estimate[k], found.std_error[k], found.lowest[k], found.highest[k]]
        np.testing.assert_allclose(ours, [beta, error, without.min(), without.max()], rtol=1e-9)


@pytest.mark.parametrize("effects", ["group-year", "trend"])
def test_richer_effects_are_dummies(effects):
    y, x, w = columns(gaps=True)
    groups = np.arange(N) % 3
    used = np.isfinite(y[..., 0])
    i, t = np.nonzero(used)
    shared = np.eye(3 * T)[groups[i] * T + t] if effects == "group-year" else np.eye(T)[t]
    lines = np.eye(N)[i] * t[:, None] if effects == "trend" else np.zeros((len(i), 0))
    design = np.concatenate([x[used][:, [0]], np.eye(N)[i], shared, lines, w[used]], axis=1)

    def beta(rows: np.ndarray) -> float:
        return float(np.linalg.lstsq(design[rows], y[used][rows, 0], rcond=None)[0][0])

    without = [beta(i != g) for g in range(N)]
    found = fits(y, x, w, PAIRS, effects, groups)
    ours = [found.estimate[0], found.lowest[0], found.highest[0]]
    np.testing.assert_allclose(ours, [beta(i >= 0), min(without), max(without)], rtol=1e-8)


def test_the_partial_correlation_has_no_unit():
    y, x, w = columns(gaps=False)
    one, other = fits(y, x, w, PAIRS), fits(100.0 * y, -x, w, PAIRS)
    np.testing.assert_allclose(other.partial, -one.partial, rtol=1e-9)
    assert (np.abs(one.partial) <= 1).all()


def test_a_driver_that_the_effects_explain_has_no_estimate():
    y, x, w = columns(gaps=False)
    x[..., 0] = np.arange(T)
    found = fits(y, x, w, PAIRS)
    assert np.isnan(found.estimate[[0, 2]]).all()
    assert np.isfinite(found.estimate[1])


@pytest.mark.parametrize("effects", ["two-way", "year", "trend"])
def test_sets_of_controls_are_regressions_of_their_own(effects):
    """One batch with different controls beside each pair: none, one, both, and a copy that adds nothing."""
    y, x, w = columns(gaps=True)
    w = np.concatenate([w, 2.0 * w[..., :1]], axis=-1)
    sets, beside = np.array([[-1, -1, -1], [1, -1, -1], [0, 1, -1], [0, 1, 2]]), np.array([3, 1, 0, 2])
    pairs = np.array([[0, 0], [1, 1], [2, 0], [0, 1]])
    found = fits(y, x, w, pairs, effects, sets=sets, beside=beside)
    for k, held in enumerate(([0, 1], [1], [], [0, 1])):
        one = fits(y, x, w[..., held], pairs[[k]], effects)
        for figure in ("estimate", "std_error", "p", "partial", "lowest", "highest"):
            np.testing.assert_allclose(getattr(found, figure)[k], getattr(one, figure)[0], rtol=1e-9)


def test_a_set_that_leaves_too_few_cells_is_not_told():
    rng = np.random.default_rng(0)
    y, x, w = (rng.normal(size=(6, 3, k)) for k in (1, 1, 9))
    sets = np.array([[0, *[-1] * 8], [*range(9)]])
    found = fits(y, x, w, np.array([[0, 0], [0, 0]]), "two-way", sets=sets, beside=np.array([0, 1]))
    assert np.isfinite(found.estimate).tolist() == [True, False]
    with pytest.raises(Refusal, match="18 effects and regressors"):
        fits(y, x, w, np.array([[0, 0]]), "two-way")
