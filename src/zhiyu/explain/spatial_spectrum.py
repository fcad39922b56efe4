"""What a spatial model needs to know of its weights, found once for every W: eigenvalues, and how a constant passes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from zhiyu.terms import Refusal

KEPT = 4  # spectra kept at a time: those of n = 3000 hold 72 MB each
CLOSE = 1e-9

_kept: list[Spectrum] = []


@dataclass(frozen=True, eq=False)
class Spectrum:
    """The spectrum of (n, n) weights.

    matrix : (n, n) the weights, read-only.
    eigenvalues : (n,) real, or complex where W is not similar to a symmetric matrix.
    ones : (n,) the share c_k of each eigenvalue in 1'f(W)1 / n = sum_k c_k f(l_k); where rows sum to one it is 1 at the
        eigenvalue 1 and 0 elsewhere. nan where W has no full set of eigenvectors.
    standardised : whether every row sums to one.
    interval : the open interval of rho around 0 in which I - rho W is invertible.
    sparse : W by rows, for products that are plain sums in a fixed order.
    """

    matrix: np.ndarray
    eigenvalues: np.ndarray
    ones: np.ndarray
    standardised: bool
    interval: tuple[float, float]
    sparse: Any

    def lag(self, x: np.ndarray) -> np.ndarray:
        """W x: (n, ...) the sum, or mean, of the neighbours' values."""
        flat = np.ascontiguousarray(x).reshape(len(x), -1)
        return np.asarray(self.sparse @ flat).reshape(x.shape)


def spectrum(w: np.ndarray) -> Spectrum:
    """The spectrum of W, kept for the matrices last used, which are known by their content.

    Raises
    ------
    Refusal
        If W is not square, holds what is no number or negative, has a diagonal that is not zero, or a region without
        neighbours.
    """
    w = np.asarray(w, dtype=float)
    for place, known in enumerate(_kept):
        if known.matrix.shape == w.shape and np.array_equal(known.matrix, w):
            _kept.insert(0, _kept.pop(place))
            return known
    _refuse_bad(w)
    made = _made(w)
    _kept.insert(0, made)
    del _kept[KEPT:]
    return made


def _refuse_bad(w: np.ndarray) -> None:
    if w.ndim != 2 or w.shape[0] != w.shape[1] or len(w) < 3:
        raise Refusal("weights_shape", found="x".join(str(size) for size in w.shape))
    for i, j in np.argwhere(~(np.isfinite(w) & (w >= 0))):
        raise Refusal("weights_cell", i=int(i), j=int(j), value=f"{w[i, j]:g}")
    for i in np.flatnonzero(np.diag(w)):
        raise Refusal("weights_diagonal", i=int(i), value=f"{w[i, i]:g}")
    alone = np.flatnonzero(~w.any(axis=1))
    if len(alone):
        raise Refusal("weights_islands", positions=", ".join(str(i) for i in alone))


def _made(w: np.ndarray) -> Spectrum:
    from scipy.sparse import csr_array

    matrix = np.array(w)
    matrix.setflags(write=False)
    standardised = bool(np.abs(matrix.sum(axis=1) - 1.0).max() < CLOSE)
    scale = symmetriser(matrix)
    if scale is None:
        values, ones = _general(matrix, standardised)
    else:
        values, ones = _symmetric(matrix, np.sqrt(scale), standardised)
    if standardised:
        top = int(np.abs(values - 1.0).argmin())
        values[top] = 1.0
        ones = np.zeros(len(values))
        ones[top] = 1.0
    return Spectrum(matrix, values, ones, standardised, _interval(values), csr_array(matrix))


def _symmetric(w: np.ndarray, root: np.ndarray, standardised: bool) -> tuple[np.ndarray, np.ndarray]:
    """(eigenvalues, shares of the constant) through B = D^(1/2) W D^(-1/2), which is symmetric."""
    b = w * root[:, None] / root
    b = (b + b.T) / 2.0
    if standardised:
        return np.linalg.eigvalsh(b), np.zeros(len(w))
    values, vectors = np.linalg.eigh(b)
    ones = (vectors / root[:, None]).sum(axis=0) * (vectors * root[:, None]).sum(axis=0) / len(w)
    return values, ones


def _general(w: np.ndarray, standardised: bool) -> tuple[np.ndarray, np.ndarray]:
    if standardised:
        return np.linalg.eigvals(w), np.zeros(len(w))
    values, vectors = np.linalg.eig(w)
    try:
        carried = np.linalg.solve(vectors, np.ones(len(w)))
    except np.linalg.LinAlgError:
        return values, np.full(len(w), np.nan)
    whole = np.abs(vectors @ (values * carried) - w.sum(axis=1)).max() < 1e-8 * max(1.0, float(w.sum(axis=1).max()))
    sound = whole and np.abs(carried).max() < 1e6  # else eigenvectors are nearly parallel and the shares are noise
    return values, vectors.sum(axis=0) * carried / len(w) if sound else np.full(len(w), np.nan)


def symmetriser(w: np.ndarray) -> np.ndarray | None:
    """(n,) positive d with d_i w_ij = d_j w_ji, if there is one: weights of an undirected graph by rows have.

    Then W is similar to a symmetric matrix, and its eigenvalues are real and found faster and more exactly. d is
    carried along the edges from one region of every connected part, then checked on all edges.
    """
    there = w > 0
    if (there != there.T).any():
        return None
    d = np.zeros(len(w))
    while (d == 0).any():
        front = np.array([int((d == 0).argmax())])
        d[front] = 1.0
        while len(front):
            reached = np.flatnonzero(there[front].any(axis=0) & (d == 0))
            parent = front[there[np.ix_(front, reached)].argmax(axis=0)]
            d[reached] = d[parent] * w[parent, reached] / w[reached, parent]
            front = reached
    flow = d[:, None] * w
    return d if np.abs(flow - flow.T).max() <= 1e-12 * flow.max() else None


def _interval(values: np.ndarray) -> tuple[float, float]:
    """(1 / least, 1 / greatest) real eigenvalue; where none is negative, -1 / spectral radius takes its place."""
    radius = float(np.abs(values).max())
    real = values.real[np.abs(values.imag) <= 1e-10 * radius] if np.iscomplexobj(values) else values
    least, most = float(real.min()), float(real.max())
    return (1.0 / least if least < -CLOSE * radius else -1.0 / radius), 1.0 / most
