"""Coupling coordination: how evenly high subsystems stand together, in which grade, and which of two goes ahead.

C, the coupling degree, says how alike the levels of m subsystems are; T, the comprehensive level, how high they are;
D = sqrt(C T), the coordination degree, is high only where both are. All three describe levels: none says that one
subsystem moves another.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from zhiyu.terms import Label, Refusal, suggestion

LAGS_BELOW, LEADS_ABOVE = 0.8, 1.2  # the field's usual thresholds of relative development; not reciprocal of each other
ROUNDING = 1e-9


@dataclass(frozen=True)
class CouplingCoordination:
    """C, D and T of u (..., m), each (...); with the variant of C and the weights (m,) of T."""

    coupling: np.ndarray
    coordination: np.ndarray
    comprehensive: np.ndarray
    variant: str
    weights: np.ndarray


def _wang2021(r: np.ndarray, greatest: np.ndarray) -> np.ndarray:
    m = r.shape[-1]
    i, j = np.triu_indices(m, 1)
    apart = greatest * np.abs(r[..., i] - r[..., j]).mean(axis=-1)
    return np.asarray(np.sqrt((1.0 - apart) * r.prod(axis=-1) ** (1.0 / (m - 1))))


def _standard(r: np.ndarray, greatest: np.ndarray) -> np.ndarray:
    return np.asarray(r.prod(axis=-1) ** (1.0 / r.shape[-1]) / r.mean(axis=-1))


def _liao1999(r: np.ndarray, greatest: np.ndarray) -> np.ndarray:
    return np.asarray((r / r.mean(axis=-1, keepdims=True)).prod(axis=-1) ** 2)


# name -> C of the levels relative to the greatest of them, r (..., m), and that greatest one (...)
VARIANTS: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "wang2021": _wang2021,
    "standard": _standard,
    "liao1999": _liao1999,
}


def coupling_coordination(
    u: np.ndarray, weights: np.ndarray | None = None, variant: str = "wang2021"
) -> CouplingCoordination:
    """Coupling, comprehensive level and coordination of m subsystems.

    wang2021 : C = sqrt((1 - sum_{i>j} sqrt((U_i - U_j)^2) / (m (m - 1) / 2)) (prod_i U_i / max U)^(1 / (m - 1)))
    standard : C = m (prod_i U_i)^(1/m) / sum_i U_i, which is 2 sqrt(U_1 U_2) / (U_1 + U_2) for two subsystems
    liao1999 : C = (prod_i U_i / (sum_i U_i / m)^m)^2, the standard one to the power 2 m
    T = sum_j w_j U_j;  D = sqrt(C T)

    The standard C does not depend on how high the levels are and crowds near 1 (0.94 where one level is twice the
    other); the variant of 2021 takes off the mean distance between the levels, and so spreads over [0, 1].
    Limits: one subsystem at zero gives C = 0; all at zero are equal, so C = 1 as wherever levels are equal, and D = 0.

    Parameters
    ----------
    u : (..., m) array
        Levels of m >= 2 subsystems, each within [0, 1]. A nan in any subsystem makes C, T and D nan.
    weights : (m,) array, optional
        Weights of T, zero or more and summing to 1; equal if None. C is never weighted.
    variant : str
        A name of `VARIANTS`.

    Raises
    ------
    Refusal
        If m < 2, a level is outside [0, 1], the weights are unsound, or the variant is unknown. Forms without the
        factor m, such as sqrt(U_1 U_2) / (U_1 + U_2) <= 1/2, are printed widely and are not offered.

    Source: Wang Shujia, Kong Wei, Ren Liang, Zhi Danning, Dai Binting (2021), Misuses and modification of the coupling
    coordination degree model in China, Journal of Natural Resources 36(3): 793-810; Liao Chongbin (1999), Tropical
    Geography 19(2): 171-177; on errors in print: Liu Chunlin (2017), docs/explanation/coupling.md.
    """
    u = _levels(u)
    w = _weights(weights, u.shape[-1])
    if variant not in VARIANTS:
        raise Refusal("coupling_variant", name=variant, known=", ".join(VARIANTS), hint=suggestion(variant, VARIANTS))
    greatest = u.max(axis=-1)
    ones = np.ones_like(u)  # equal levels, those at zero included
    r = np.divide(u, greatest[..., None], out=ones, where=greatest[..., None] != 0.0)
    coupling = np.clip(VARIANTS[variant](r, greatest), 0.0, 1.0)
    comprehensive = np.minimum((u * w).sum(axis=-1), 1.0)
    return CouplingCoordination(coupling, np.sqrt(coupling * comprehensive), comprehensive, variant, w)


def _levels(u: np.ndarray) -> np.ndarray:
    u = np.asarray(u, dtype=float)
    if u.ndim == 0 or u.shape[-1] < 2:
        raise Refusal("coupling_one_system", number=u.shape[-1] if u.ndim else 1)
    if ((u < -ROUNDING) | (u > 1.0 + ROUNDING)).any():
        raise Refusal("coupling_outside", low=f"{np.nanmin(u):.4g}", high=f"{np.nanmax(u):.4g}")
    return np.asarray(np.clip(u, 0.0, 1.0))


def _weights(weights: np.ndarray | None, m: int) -> np.ndarray:
    if weights is None:
        return np.full(m, 1.0 / m)
    w = np.asarray(weights, dtype=float)
    if w.shape != (m,):
        raise Refusal("coupling_weights", found=w.size, number=m)
    if (w < 0).any():
        raise Refusal("negative_weight", found=float(w.min()))
    if not abs(w.sum() - 1.0) <= ROUNDING:
        names = ", ".join(f"U{k}" for k in range(1, m + 1))
        raise Refusal("weights_do_not_sum", names=names, total=f"{w.sum():.6g}")
    return w


@dataclass(frozen=True)
class Grade:
    """A grade of coordination: 1 .. 10, from `low` up to the next one's."""

    level: int
    low: float
    label: Label


@cache
def grade_table() -> tuple[Grade, ...]:
    """The ten grades, lowest first.

    Source: Liao Chongbin (1999), Tropical Geography 19(2): 171-177, ten steps of a tenth; names as usual since.
    """
    with (Path(__file__).parent / "coupling_grades.csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            Grade(int(row["level"]), float(row["low"]), Label(row["zh"], row["en"])) for row in csv.DictReader(file)
        )


def grades(d: np.ndarray) -> np.ndarray:
    """Grade 1 (extreme imbalance, D < 0.1) .. 10 (high-quality coordination, D >= 0.9); 0 where D is nan.

    A grade holds its lower bound: D = 0.5 is grade 6, the first that is called coordinated.
    """
    d = np.asarray(d, dtype=float)
    level = np.searchsorted([grade.low for grade in grade_table()], d, side="right")
    return np.where(np.isnan(d), 0, level).astype(np.int64)


@dataclass(frozen=True)
class RelativeDevelopment:
    """ratio = U1 / U2; side: -1 the first lags, 0 the two keep pace, 1 the first leads, nan where unknown."""

    ratio: np.ndarray
    side: np.ndarray


def relative_development(u1: np.ndarray, u2: np.ndarray) -> RelativeDevelopment:
    """Which of two subsystems is ahead: E = U1 / U2, lagging up to 0.8, leading from 1.2, between them in pace.

    The two thresholds are the field's usual ones. They are not reciprocal (1 / 0.8 = 1.25), so exchanging the
    subsystems can change a class near them. Both at zero are in pace (E = 1); U2 alone at zero gives infinity.

    The ratio compares scores of different indicators. On min-max scores a subsystem of skewed indicators stands low
    in most regions whatever they do; a ratio below 1 is then a fact about the indicators.
    """
    u1, u2 = np.broadcast_arrays(np.asarray(u1, dtype=float), np.asarray(u2, dtype=float))
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where((u1 == 0) & (u2 == 0), 1.0, u1 / u2)
    side = np.where(ratio <= LAGS_BELOW, -1.0, np.where(ratio >= LEADS_ABOVE, 1.0, 0.0))
    return RelativeDevelopment(ratio, np.where(np.isnan(ratio), np.nan, side))


def wrong_standard(u: np.ndarray) -> np.ndarray:
    """The form that lost its factor m, prod(U)^(1/m) / sum(U) <= 1/m: only to recognise and to show it, never to use.

    Source: Liu Chunlin (2017), on common errors in computing the coupling degree.
    """
    u = _levels(u)
    return np.asarray(_standard(u, u.max(axis=-1)) / u.shape[-1])
