"""Data envelopment analysis (DEA): distance to the frontier that the regions span themselves; Malmquist index."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, get_args

import numpy as np

from zhiyu.explain.productivity import positive
from zhiyu.terms import Refusal

Returns = Literal["constant", "variable"]
Reference = Literal["contemporary", "sequential"]
TIGHT = 1e-10  # tolerance of HiGHS, the tightest it takes
REACHED = 1e-9  # an input this much short of what the frontier needs still counts as enough


@dataclass(frozen=True)
class Malmquist:
    """Productivity change of n regions between t successive years; above 1 is a rise.

    index = efficiency_change x technical_change, (n, t-1): catching up with the frontier, and the frontier's own move.
    scores, scores_variable : (n, t) output efficiency under constant and variable returns, in (0, 1].
    pure_change, scale_change : (n, t-1) efficiency change under variable returns, and the rest of efficiency change.
    infeasible : (n, t-1) steps without an index: a region with less input than any of the other year's frontier, which
        only variable returns know. Such a step is nan in index and technical change, never filled.
    """

    index: np.ndarray
    efficiency_change: np.ndarray
    technical_change: np.ndarray
    pure_change: np.ndarray
    scale_change: np.ndarray
    scores: np.ndarray
    scores_variable: np.ndarray
    infeasible: np.ndarray
    returns: Returns
    reference: Reference


def efficiency(inputs: np.ndarray, outputs: np.ndarray, returns: Returns = "constant") -> np.ndarray:
    """(n,) output-oriented efficiency: the part of the output that its inputs would yield on the frontier; 1 = on it.

    1 / score = max phi  such that  Y'lambda >= phi y_o,  X'lambda <= x_o,  lambda >= 0  (and sum lambda = 1)

    Parameters
    ----------
    inputs : (n, m) above zero; outputs : (n, s) above zero
    returns : constant, or variable (the condition in brackets)

    Raises
    ------
    Refusal
        Shapes that do not fit, a cell missing, zero or negative, or returns that are neither.

    Source: Charnes, Cooper and Rhodes (1978); Banker, Charnes and Cooper (1984); output side after Färe, Grosskopf
    and Lovell (1985). Solved by HiGHS (Huangfu and Hall 2018).
    """
    x, y = _volumes(inputs, 2), _volumes(outputs, 2)
    return distance(x, y, x, y, returns)


def distance(
    inputs: np.ndarray,
    outputs: np.ndarray,
    reference_inputs: np.ndarray,
    reference_outputs: np.ndarray,
    returns: Returns = "constant",
) -> np.ndarray:
    """(n,) Shephard's output distance of n points to the frontier that r others span; above 1 lies beyond it.

    Under variable returns a point that has less of some input than any mixture of the reference needs has no distance:
    nan.

    Parameters
    ----------
    inputs, outputs : (n, m), (n, s); reference_inputs, reference_outputs : (r, m), (r, s); all above zero

    Raises and Source: as `efficiency`.
    """
    x, y, rx, ry = (_volumes(a, 2) for a in (inputs, outputs, reference_inputs, reference_outputs))
    if (
        x.shape[0] != y.shape[0]
        or rx.shape[0] != ry.shape[0]
        or x.shape[1:] != rx.shape[1:]
        or y.shape[1:] != ry.shape[1:]
    ):
        raise Refusal("production_shapes", output=(y.shape, ry.shape), inputs=(x.shape, rx.shape), shares="-")
    if returns not in get_args(Returns):
        raise Refusal("efficiency_option", name=returns, known=", ".join(get_args(Returns)))
    for values, kind in ((x, "input"), (y, "output"), (rx, "input"), (ry, "output")):
        positive(values[:, None, :], kind)
    # units must not matter to the solver's tolerances
    x, rx, y, ry = x / rx.mean(axis=0), rx / rx.mean(axis=0), y / ry.mean(axis=0), ry / ry.mean(axis=0)
    found = np.full(len(x), np.nan)
    there = np.ones(len(x), dtype=bool) if returns == "constant" else _needed(x, rx) <= 1.0 + REACHED
    if there.any():
        found[there] = 1.0 / _radial(x[there], y[there], rx, ry, returns == "variable")
    return found


def malmquist(
    inputs: np.ndarray,
    outputs: np.ndarray,
    returns: Returns = "constant",
    reference: Reference = "contemporary",
) -> Malmquist:
    """Malmquist index between successive years: the geometric mean of both years' frontiers as yardstick.

        M = D1(1) / D0(0)  x  sqrt( D0(1) / D1(1)  x  D0(0) / D1(0) ),   Df(t) = distance of year t to f's frontier

    Constant returns are the default: under variable returns the ratio is no measure of productivity (Grifell-Tatjé and
    Lovell 1995) and some steps have none. Efficiency change is split further into pure (variable returns) and scale.

    Parameters
    ----------
    inputs : (n, t, m); outputs : (n, t, s); above zero, at least two years
    reference : contemporary, each year's own regions; or sequential, all regions up to the year, so that the frontier
        never falls back

    Raises
    ------
    Refusal
        As `efficiency`; fewer than two years; an unknown option.

    Source: Färe, Grosskopf, Norris and Zhang (1994), American Economic Review 84; sequential: Tulkens and Vanden
    Eeckaut (1995), European Journal of Operational Research 80.
    """
    x, y = _volumes(inputs, 3), _volumes(outputs, 3)
    if x.shape[:2] != y.shape[:2]:
        raise Refusal("production_shapes", output=y.shape, inputs=x.shape, shares="-")
    if x.shape[1] < 2:
        raise Refusal("production_years", years=x.shape[1], least=2)
    if reference not in get_args(Reference):
        raise Refusal("efficiency_option", name=reference, known=", ".join(get_args(Reference)))
    positive(x, "input")
    positive(y, "output")
    years = range(x.shape[1])

    def against(t: int, frontier: int, kind: Returns) -> np.ndarray:
        seen = slice(0 if reference == "sequential" else frontier, frontier + 1)
        rx, ry = (a[:, seen].reshape(-1, a.shape[2]) for a in (x, y))
        return distance(x[:, t], y[:, t], rx, ry, kind)

    constant, variable = (np.stack([against(t, t, kind) for t in years], axis=1) for kind in ("constant", "variable"))
    own = constant if returns == "constant" else variable
    change = own[:, 1:] / own[:, :-1]
    ahead = np.stack([against(b, a, returns) for a, b in pairwise(years)], axis=1)
    behind = np.stack([against(a, b, returns) for a, b in pairwise(years)], axis=1)
    technical = np.sqrt(ahead / own[:, 1:] * own[:, :-1] / behind)
    pure = variable[:, 1:] / variable[:, :-1]
    return Malmquist(
        index=change * technical,
        efficiency_change=change,
        technical_change=technical,
        pure_change=pure,
        scale_change=constant[:, 1:] / constant[:, :-1] / pure,
        scores=constant,
        scores_variable=variable,
        infeasible=np.isnan(technical),
        returns=returns,
        reference=reference,
    )


def _radial(x: np.ndarray, y: np.ndarray, rx: np.ndarray, ry: np.ndarray, variable: bool) -> np.ndarray:
    """(n,) greatest factor by which each point's outputs could grow: n programs that share nothing, solved as one."""
    from scipy import sparse

    n, r, s, m = len(x), len(rx), y.shape[1], x.shape[1]
    each = sparse.identity(n, format="csc")
    grow = sparse.csc_matrix((y.ravel(), (np.arange(n * s), np.repeat(np.arange(n), s))), shape=(n * s, n))
    above = sparse.hstack([grow, -sparse.kron(each, ry.T)])
    below = sparse.hstack([sparse.csc_matrix((n * m, n)), sparse.kron(each, rx.T)])
    return _solved(
        np.concatenate([-np.ones(n), np.zeros(n * r)]),
        sparse.vstack([above, below]),
        np.concatenate([np.zeros(n * s), x.ravel()]),
        _mixtures(n, r) if variable else None,
        n,
    )


def _needed(x: np.ndarray, rx: np.ndarray) -> np.ndarray:
    """(n,) least factor on each point's inputs with which some mixture of the reference can do."""
    from scipy import sparse

    n, r, m = len(x), len(rx), x.shape[1]
    have = sparse.csc_matrix((-x.ravel(), (np.arange(n * m), np.repeat(np.arange(n), m))), shape=(n * m, n))
    use = sparse.kron(sparse.identity(n, format="csc"), rx.T)
    return _solved(
        np.concatenate([np.ones(n), np.zeros(n * r)]),
        sparse.hstack([have, use]),
        np.zeros(n * m),
        _mixtures(n, r),
        n,
    )


def _mixtures(n: int, r: int) -> object:
    """Rows that make the r weights of each of n points sum to one."""
    from scipy import sparse

    return sparse.hstack([sparse.csc_matrix((n, n)), sparse.kron(sparse.identity(n), np.ones((1, r)))])


def _solved(cost: np.ndarray, a: object, b: np.ndarray, equal: object, n: int) -> np.ndarray:
    """The first n unknowns of the cheapest point."""
    from scipy.optimize import linprog

    ones = None if equal is None else np.ones(n)
    tight = {"primal_feasibility_tolerance": TIGHT, "dual_feasibility_tolerance": TIGHT}
    found = linprog(cost, a, b, equal, ones, bounds=(0, None), method="highs-ds", options=tight)
    if found.x is None:
        raise ArithmeticError(f"HiGHS: {found.message}")
    return np.asarray(found.x[:n])


def _volumes(values: np.ndarray, dimensions: int) -> np.ndarray:
    array = np.asarray(values, dtype=float)
    if array.ndim != dimensions or array.size == 0:
        raise Refusal("production_shapes", output=array.shape, inputs=array.shape, shares="-")
    return array
