"""The two-way spatial Durbin panel beside spreg, and what its estimates are worth: bias and coverage by simulation."""

from __future__ import annotations

import contextlib
import io
import time
from typing import Any

import libpysal
import numpy as np
import spreg

from benchmarks.timing import Row, best
from zhiyu import Study
from zhiyu.data.neighbours import row_standardise
from zhiyu.explain import spatial_spectrum
from zhiyu.explain.spatial_panel import Fit, fit
from zhiyu.explain.spatial_within import within

REPLICATIONS = 500
RHO, BETA, THETA = 0.4, np.array([1.0, -0.5]), np.array([0.5, 0.25])


def drawn(rng: np.random.Generator, w: np.ndarray, t: int) -> tuple[np.ndarray, np.ndarray]:
    """(n, t) outcomes and (n, t, 2) regressors of the two-way Durbin model, all parts of variance 1."""
    n = len(w)
    x = rng.standard_normal((n, t, 2)) + rng.standard_normal((n, 1, 2))
    fixed = rng.standard_normal((n, 1)) + rng.standard_normal((1, t))
    right = x @ BETA + np.einsum("ij,jtk->itk", w, x) @ THETA + fixed + rng.standard_normal((n, t))
    return np.linalg.solve(np.eye(n) - RHO * w, right), x


def planted(w: np.ndarray) -> np.ndarray:
    """(2,) indirect effects of the model drawn from."""
    n = len(w)
    spread = np.linalg.inv(np.eye(n) - RHO * w)
    parts = [spread @ (b * np.eye(n) + c * w) for b, c in zip(BETA, THETA, strict=True)]
    return np.array([part.sum() / n - np.trace(part) / n for part in parts])


def lattice(n: int, columns: int) -> np.ndarray:
    """Row-standardised contiguity (rook and queen) of n cells in a grid."""
    at = np.stack(np.divmod(np.arange(n), columns), axis=1)
    near = (np.abs(at[:, None] - at).max(axis=-1) == 1).astype(float)
    return np.asarray(near / near.sum(axis=1, keepdims=True))


class Peer:
    """spreg's fixed-effects lag panel, which knows regions' means alone. W x is handed over, and the years are met as
    its users do, by taking year means out beforehand, or exactly but slower, by a dummy for every year but one."""

    def __init__(self, w: np.ndarray) -> None:
        neighbours = {i: np.flatnonzero(row).tolist() for i, row in enumerate(w)}
        self.weights = libpysal.weights.W(neighbours, silence_warnings=True)
        self.weights.transform = "r"
        self.matrix = w

    def __call__(self, y: np.ndarray, x: np.ndarray, dummies: bool = False) -> Any:
        space = within(*y.shape, "time", "none")
        wide = np.concatenate([x, np.einsum("ij,jtk->itk", self.matrix, x)], axis=-1)
        if dummies:
            years = np.broadcast_to(np.eye(y.shape[1])[:, 1:], (*y.shape, y.shape[1] - 1))
            wide = np.concatenate([wide, years], axis=-1)
        else:
            y, wide = space.demean(y), space.demean(wide)
        with contextlib.redirect_stdout(io.StringIO()):  # it prints
            return spreg.Panel_FE_Lag(long(y), long(wide), self.weights)


def long(x: np.ndarray) -> np.ndarray:
    """(n, t, ...) as (t n, ...), a year below the other."""
    return np.ascontiguousarray(x.reshape(*x.shape[:2], -1).swapaxes(0, 1)).reshape(-1, x[0, 0].size)


def alike(ours: Fit, theirs: Any) -> None:
    """Coefficients of the uncorrected model agree with spreg's on dummies."""
    found = theirs.betas.ravel()
    assert np.abs(np.append(found[:4], found[-1]) - ours.coefficients[:-1]).max() < 1e-5, (found, ours.coefficients)


def speed() -> list[Row]:
    """300 regions x 15 years."""
    w, rng = lattice(300, 20), np.random.default_rng(0)
    y, x = drawn(rng, w, 15)
    peer = Peer(w)
    alike(fit(y, x, w, correction="none"), peer(y, x, dummies=True))

    def first() -> Fit:
        spatial_spectrum._kept.clear()
        return fit(y, x, w)

    theirs = best(lambda: peer(y, x))
    found = fit(y, x, w)
    told = "two-way Durbin, 300 regions x 15 years, 2 regressors and their lags, standard errors"
    return [
        Row(f"{told}: first fit", best(first), "spreg Panel_FE_Lag on demeaned data (no correction)", theirs),
        Row(f"{told}: refit on the same weights", best(lambda: fit(y, x, w)), "spreg, the same", theirs),
        Row("direct, indirect and total effects of that fit, 1,000 draws", best(found.effects)),
    ]


def simulated() -> list[Row]:
    """31 provinces x 13 years, true rho 0.40."""
    neighbours = Study.open("china-provinces").neighbours()
    assert neighbours is not None
    w = row_standardise(neighbours).matrix
    peer, truth = Peer(w), planted(w)
    rho = {"lee-yu": np.zeros(REPLICATIONS), "none": np.zeros(REPLICATIONS), "spreg": np.zeros(REPLICATIONS)}
    covered = {"lee-yu": np.zeros(2), "none": np.zeros(2)}
    seconds = [0.0, 0.0]
    for r in range(REPLICATIONS):
        y, x = drawn(np.random.default_rng(1000 + r), w, 13)
        for correction in ("lee-yu", "none"):
            began = time.perf_counter()
            found = fit(y, x, w, correction=correction)
            seconds[0] += (time.perf_counter() - began) / 2
            low, high = found.effects(seed=r).indirect_bounds
            rho[correction][r] = found.rho
            covered[correction] += (low <= truth) & (truth <= high)
        began = time.perf_counter()
        theirs = peer(y, x)
        seconds[1] += time.perf_counter() - began
        if r == 0:
            alike(found, peer(y, x, dummies=True))
        rho["spreg"][r] = float(theirs.rho)
    mean = {name: f"{values.mean():.3f}" for name, values in rho.items()}
    cover = {name: ", ".join(f"{100 * share:.1f} %" for share in hits / REPLICATIONS) for name, hits in covered.items()}
    told = f"{REPLICATIONS} two-way Durbin panels, 31 provinces x 13 years, true rho 0.400"
    return [
        Row(
            f"{told}: mean of rho {mean['lee-yu']} with Lee-Yu, {mean['none']} by direct ML, {mean['spreg']} by spreg",
            seconds[0], "spreg", seconds[1],
        ),
        Row(
            f"the same: the 95 % interval of the indirect effects holds the truth in {cover['lee-yu']} with Lee-Yu, "
            f"{cover['none']} by direct ML (two regressors)",
            seconds[0],
        ),
    ]  # fmt: skip


def rows() -> list[Row]:
    """Lines of the page."""
    return [*speed(), *simulated()]
