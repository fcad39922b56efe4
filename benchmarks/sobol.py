"""Sobol shares with bootstrap intervals: beside SALib, on the same outputs."""

from __future__ import annotations

import numpy as np
from SALib.analyze import sobol as peer

from benchmarks.timing import Row, best
from zhiyu.measure.sobol import bootstrap, crossed, sobol_design, sobol_indices

N, K, OUTPUTS, RESAMPLES = 1024, 6, 300, 100


def outputs() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """300 outputs of six factors, with interactions, at the two samples and crossed."""
    rng = np.random.default_rng(0)
    slopes, pairs = rng.standard_normal((K, OUTPUTS)), rng.standard_normal((K, OUTPUTS))
    a, b = sobol_design(N, K)

    def model(u: np.ndarray) -> np.ndarray:
        x = u - 0.5
        return np.asarray(x @ slopes + (x * np.roll(x, 1, axis=-1)) @ pairs)

    return model(a), model(b), model(crossed(a, b))


def by_peer(y_a: np.ndarray, y_b: np.ndarray, y_ab: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """First and total shares (k, m) by SALib, one output at a time as it takes them, intervals included."""
    problem = {"num_vars": K, "names": [f"x{i}" for i in range(K)], "bounds": [[0, 1]] * K}
    first, total = [], []
    for m in range(y_a.shape[1]):
        y = np.column_stack([y_a[:, m], y_ab[..., m].T, y_b[:, m]]).ravel()
        found = peer.analyze(problem, y, calc_second_order=False, num_resamples=RESAMPLES, seed=0)
        first.append(found["S1"])
        total.append(found["ST"])
    return np.array(first).T, np.array(total).T


def rows() -> list[Row]:
    """Lines of the page."""
    y = outputs()
    for ours, theirs in zip(sobol_indices(*y), by_peer(*y), strict=True):
        assert np.allclose(ours, theirs, atol=0.02), np.abs(ours - theirs).max()

    def whole() -> None:
        sobol_indices(*y)
        bootstrap(*y, resamples=RESAMPLES, seed=0)

    name = f"Sobol shares of {OUTPUTS} outputs, {K} factors x {N} rows, {RESAMPLES}-resample intervals"
    return [Row(name, best(whole), "SALib", best(lambda: by_peer(*y), 3))]
