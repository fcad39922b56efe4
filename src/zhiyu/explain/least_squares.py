"""Least squares of a few columns, summed without threads, so that the last bit is the same on every machine."""

from __future__ import annotations

import numpy as np

from zhiyu.terms import Refusal


def least_squares(y: np.ndarray, design: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(coefficients (k,), (X'X)^-1 (k, k), residuals (n,)) of y (n,) on a design (n, k).

    Raises
    ------
    Refusal
        If a column is zero or a combination of the others.
    """
    gram = np.einsum("ij,ik->jk", design, design)
    size = np.sqrt(np.diagonal(gram))
    scaled = gram / np.where(size > 0, size, 1.0)[:, None] / np.where(size > 0, size, 1.0)
    if (size == 0).any() or np.linalg.cond(scaled) > 1e13:
        raise Refusal("convergence_collinear")
    inverse = np.linalg.inv(scaled) / size[:, None] / size
    coefficients = np.einsum("jk,k->j", inverse, np.einsum("ij,i->j", design, y))
    return coefficients, inverse, y - np.einsum("ij,j->i", design, coefficients)


def sandwich(inverse: np.ndarray, middle: np.ndarray) -> np.ndarray:
    """(X'X)^-1 M (X'X)^-1"""
    return np.asarray(np.einsum("ij,jk,kl->il", inverse, middle, inverse))


def interval(value: float, variance: float, freedom: int | None) -> tuple[float, float, float]:
    """A value and its 95 % bounds: by Student's t, or by the normal where no degrees of freedom are given."""
    from scipy.special import ndtri, stdtrit

    reach = float(ndtri(0.975) if freedom is None else stdtrit(freedom, 0.975)) * float(np.sqrt(variance))
    return float(value), float(value) - reach, float(value) + reach
