"""Two-stage least squares on a panel with effects, and whether the instruments are strong enough to be believed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from zhiyu.explain.least_squares import sandwich
from zhiyu.explain.panel_ols import Effects, cluster_factor, fit, reduce, student, triangle
from zhiyu.explain.panel_tests import Joint, joint
from zhiyu.terms import Refusal


@dataclass(frozen=True)
class Instrumented:
    """Coefficients of m endogenous regressors, then of k exogenous ones, clustered by region.

    beta, std_errors, t, p (m + k,), conf (m + k, 2), covariance (m + k, m + k) : of the second stage, by Student's t
        with G - 1 degrees of freedom.
    ols : (m + k,) the coefficients without instruments.
    first_stage : of each endogenous regressor, the clustered F of the instruments. With one endogenous regressor and
        one instrument it is the effective F of Montiel Olea and Pflueger; below about 10 t and its interval are not
        to be believed, and a usual t test at 5 % wants 104.7 (Lee et al. 2022).
    anderson_rubin : the instruments' F in the regression of the outcome on them: a test of no effect at all that holds
        however weak they are.
    observations, regions : used.
    """

    beta: np.ndarray
    covariance: np.ndarray
    std_errors: np.ndarray
    t: np.ndarray
    p: np.ndarray
    conf: np.ndarray
    ols: np.ndarray
    first_stage: tuple[Joint, ...]
    anderson_rubin: Joint
    observations: int
    regions: int


def two_stage(
    y: np.ndarray, endogenous: np.ndarray, x: np.ndarray, instruments: np.ndarray, effects: Effects = "two-way"
) -> Instrumented:
    """Two-stage least squares with effects taken out of everything first.

    b = (W'P W)^-1 W'P y, P = Z (Z'Z)^-1 Z', W = (endogenous, x), Z = (instruments, x);
    V = c (W'P W)^-1 (sum_g W^_g'e_g e_g'W^_g) (W'P W)^-1, W^ = P W, e = y - W b, c as in `panel_ols.fit`.

    Parameters
    ----------
    y : (n, t); endogenous : (n, t, m); x : (n, t, k), k may be 0; instruments : (n, t, l), l >= m; nan is missing

    Raises
    ------
    Refusal
        For fewer instruments than endogenous regressors, instruments that cannot tell these apart, or as
        `panel_ols.fit`, where positions count instruments, endogenous and exogenous regressors, in this order.

    Source: Wooldridge (2010), ch. 5 and 11; Andrews, Stock and Sun (2019), Annual Review of Economics 11, on weak
    instruments; Anderson and Rubin (1949), Annals of Mathematical Statistics 20.
    """
    m, k, number = endogenous.shape[-1], x.shape[-1], instruments.shape[-1]
    if number < m or m == 0:
        raise Refusal("instruments_few", instruments=number, endogenous=m)
    cells = np.concatenate([y[..., None], endogenous, x, instruments], axis=-1)
    gap = np.isnan(cells).any(axis=-1)
    y, *wide = (np.where(gap[..., None], np.nan, part) for part in (y[..., None], endogenous, x, instruments))
    y, (endogenous, x, instruments) = y[..., 0], wide
    z = np.concatenate([instruments, x], axis=-1)
    with _placed(lambda at: at if at < number else at + m):
        first = [reduce(endogenous[..., j], z, effects) for j in range(m)]
    space = first[0].absorbed
    stages = [fit(endogenous[..., j], z, effects) for j in range(m)]
    with _placed(lambda at: at + number):
        outer = reduce(y, np.concatenate([endogenous, x], axis=-1), effects)
    fitted = np.stack([one.y - one.residuals for one in first], axis=-1)
    hat = np.concatenate([fitted, outer.x[..., m:]], axis=-1)
    try:
        root = np.linalg.inv(triangle(hat.reshape(-1, m + k), np.sqrt((outer.x**2).sum(axis=(0, 1)))))
    except Refusal as refusal:
        raise Refusal("instruments_silent") from refusal
    inverse = np.einsum("ij,kj->ik", root, root)
    beta = np.einsum("jk,k->j", inverse, np.einsum("ntk,nt->k", hat, outer.y))
    residuals = outer.y - np.einsum("ntk,k->nt", outer.x, beta)
    scores = np.einsum("ntk,nt->nk", hat, residuals)
    covariance = cluster_factor(outer) * sandwich(inverse, np.einsum("gk,gl->kl", scores, scores))
    se = np.sqrt(np.diagonal(covariance))
    regions = int(space.used.any(axis=1).sum())
    t, p, conf = student(beta, se, regions - 1)
    positions = list(range(number))
    return Instrumented(
        beta=beta,
        covariance=covariance,
        std_errors=se,
        t=t,
        p=p,
        conf=conf,
        ols=outer.beta,
        first_stage=tuple(joint(stage, positions) for stage in stages),
        anderson_rubin=joint(fit(y, z, effects), positions),
        observations=int(space.used.sum()),
        regions=regions,
    )


@contextmanager
def _placed(at: Callable[[int], int]) -> Iterator[None]:
    """A refused position told in the order of all that was handed over."""
    try:
        yield
    except Refusal as refusal:
        if refusal.key != "collinear_regressor":
            raise
        raise Refusal(refusal.key, position=at(refusal.message.values["position"])) from refusal
