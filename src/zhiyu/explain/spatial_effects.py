"""What a change of a regressor does: to a region itself, to all others, in sum (LeSage and Pace 2009)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from zhiyu.explain.spatial_within import refuse_defective
from zhiyu.terms import Refusal


@dataclass(frozen=True)
class Effects:
    """Average effects of k regressors on the outcome, each per unit of the regressor; all arrays (k,) but bounds.

    direct : of a region's regressor on its own outcome, what comes back through neighbours included.
    indirect : on the outcomes of all other regions together; total : direct + indirect.
    *_se : standard deviation over the draws; *_bounds : (2, k) percentiles of the draws; *_p : two-sided, twice the
        smaller share of draws on either side of zero.
    draws : drawn; kept : those in which rho, and in the long run the dynamics, are admissible.
    """

    direct: np.ndarray
    indirect: np.ndarray
    total: np.ndarray
    direct_se: np.ndarray
    indirect_se: np.ndarray
    total_se: np.ndarray
    direct_bounds: np.ndarray
    indirect_bounds: np.ndarray
    total_bounds: np.ndarray
    direct_p: np.ndarray
    indirect_p: np.ndarray
    total_p: np.ndarray
    level: float
    draws: int
    kept: int


@dataclass(frozen=True)
class Multipliers:
    """The parameters that effects are made of, one row a draw.

    rho, own, lagged : (r,) coefficients of W y, of last year's y and of its lag (long run: all three feed back; short
        run: own and lagged are zero); beta, theta : (r, k).
    """

    rho: np.ndarray
    own: np.ndarray
    lagged: np.ndarray
    beta: np.ndarray
    theta: np.ndarray


def average_effects(
    at: Multipliers, eigenvalues: np.ndarray, ones: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(direct, indirect, total), each (r, k), of S (beta I + theta W) with S = ((1 - own) I - (rho + lagged) W)^-1.

    direct = beta mean_k s_k + theta mean_k s_k l_k,  total = sum_k c_k s_k (beta + theta l_k),
    s_k = 1 / (1 - own - (rho + lagged) l_k), from the eigenvalues l_k and the constant's shares c_k alone.

    Source: LeSage and Pace (2009), Introduction to Spatial Econometrics, ch. 2; Elhorst (2014), Spatial Econometrics.
    """
    stay, pull = 1.0 - at.own, at.rho + at.lagged
    s = 1.0 / (stay[:, None] - pull[:, None] * eigenvalues)
    mean = (s.sum(axis=1).real / len(eigenvalues))[:, None]
    lagged = (_product(s, eigenvalues) / len(eigenvalues))[:, None]
    kept = ones != 0.0
    level = _product(s[:, kept], ones[kept])[:, None]
    passed = _product(s[:, kept], (ones * eigenvalues)[kept])[:, None]
    direct = at.beta * mean + at.theta * lagged
    total = at.beta * level + at.theta * passed
    return direct, total - direct, total


def _product(s: np.ndarray, values: np.ndarray) -> np.ndarray:
    """(r,) sum_k s_rk v_k, a plain sum."""
    return np.asarray(np.einsum("rk,k->r", s, values).real)


def admissible(at: Multipliers, eigenvalues: np.ndarray, interval: tuple[float, float]) -> np.ndarray:
    """(r,) whether rho lies in its interval and the dynamics die out: every |(own + lagged l) / (1 - rho l)| < 1."""
    inside = (at.rho > interval[0]) & (at.rho < interval[1])
    if not (at.own.any() or at.lagged.any()):
        return np.asarray(inside)
    with np.errstate(divide="ignore"):
        passed = np.abs(
            (at.own[:, None] + at.lagged[:, None] * eigenvalues) / (1.0 - at.rho[:, None] * eigenvalues)
        ).max(axis=1)
    return np.asarray(inside & (passed < 1.0))


def effects(
    estimate: Multipliers,
    drawn: Multipliers,
    eigenvalues: np.ndarray,
    ones: np.ndarray,
    interval: tuple[float, float],
    level: float = 0.95,
) -> Effects:
    """Effects at the estimate (one row), with their spread over draws of the parameters.

    Raises
    ------
    Refusal
        If the estimate's dynamics do not die out, if fewer than half of the draws are admissible, or if W has no full
        set of eigenvectors.
    """
    refuse_defective(ones)
    if not admissible(estimate, eigenvalues, interval).all():
        raise Refusal("effects_explode")
    fine = admissible(drawn, eigenvalues, interval)
    kept, number = int(fine.sum()), len(fine)
    if kept < 2 or 2 * kept < number:
        raise Refusal("effects_draws", kept=kept, draws=number)
    if kept < number:
        drawn = Multipliers(*(values[fine] for values in vars(drawn).values()))
    (direct, indirect, total), spread = (average_effects(one, eigenvalues, ones) for one in (estimate, drawn))
    errors = [found.std(axis=0, ddof=1) for found in spread]
    return Effects(
        direct=direct[0],
        indirect=indirect[0],
        total=total[0],
        direct_se=errors[0],
        indirect_se=errors[1],
        total_se=errors[2],
        **shown(spread, level),
        level=level,
        draws=number,
        kept=kept,
    )


def shown(spread: Iterable[np.ndarray], level: float) -> dict[str, np.ndarray]:
    """Bounds and two-sided p of direct, indirect and total effects, each from its draws (draws, k), by field."""
    tails = [50.0 * (1.0 - level), 50.0 * (1.0 + level)]
    found: dict[str, np.ndarray] = {}
    for name, drawn in zip(("direct", "indirect", "total"), spread, strict=True):
        found |= {f"{name}_bounds": np.percentile(drawn, tails, axis=0), f"{name}_p": two_sided(drawn)}
    return found


def two_sided(draws: np.ndarray) -> np.ndarray:
    """(k,) min(1, 2 (1 + number beyond zero on the rarer side) / (1 + r)) of draws (r, k); 1 where all are zero."""
    rarer = np.minimum((draws <= 0).sum(axis=0), (draws >= 0).sum(axis=0))
    return np.asarray(np.minimum(1.0, 2.0 * (1 + rarer) / (1 + len(draws))))
