"""Which rules cannot all hold, and the fewest that have to give way, by how much."""

from __future__ import annotations

import numpy as np

from zhiyu.design.limits import EVERYTHING, shown
from zhiyu.design.program import Block, Program
from zhiyu.terms import LOCALES, Label, Refusal, text


def refusal(options: int, blocks: list[Block]) -> Refusal:
    """The refusal that names the rules that clash and the fewest that would have to give, with how much."""
    rules = [one for one in blocks if one.name is not None]
    against = clashing(options, rules)
    amounts = loosened(options, rules)
    gives = [_told(one.name, most) for one, most in amounts if one.name is not None]
    # a rule that gives way may be part of another clash than the one found
    named = [*against, *(one for one, _ in amounts if not any(one is other for other in against))]
    names = [one.name for one in named if one.name is not None]
    return Refusal("design_infeasible", clash=joined(names), loosen=joined(gives))


def clashing(options: int, blocks: list[Block]) -> list[Block]:
    """Rules that cannot all hold while any of them dropped leaves the others possible; empty where all can hold.

    Each rule is dropped in turn and stays out as long as the rest still clash.

    Source: Chinneck and Dravnieks (1991), ORSA Journal on Computing 3 (deletion filter).
    """
    kept = list(blocks)
    none = np.zeros(options)
    if Program(options, kept).solve(none) is not None:
        return []
    for one in blocks:
        rest = [other for other in kept if other is not one]
        if Program(options, rest).solve(none) is None:
            kept = rest
    return kept


def loosened(options: int, blocks: list[Block]) -> list[tuple[Block, float]]:
    """The fewest rules that have to give way, each with the most that one of its rows gives, in its own unit.

    A row that may give does so by s <= M z, z binary for its rule, M what the row can miss at most over all levels; the
    number of z is minimised, then the sum of s / M.

    Source: Chinneck (2008), Feasibility and Infeasibility in Optimization, chapter 7 (elastic programmes).
    """
    from scipy import sparse
    from scipy.optimize import Bounds, LinearConstraint, milp

    base = Program(options, blocks)
    rule = np.concatenate([np.full(len(one.rows), number) for number, one in enumerate(blocks)])
    rows = np.flatnonzero(np.concatenate([one.loose for one in blocks]))
    miss = _furthest(blocks)[rows]
    slack = sparse.csr_array((-np.ones(len(rows)), (rows, np.arange(len(rows)))), shape=(len(rule), len(rows)))
    switch = sparse.csr_array((-miss, (np.arange(len(rows)), rule[rows])), shape=(len(rows), len(blocks)))
    given = sparse.hstack([base.matrix, slack, sparse.csr_array((len(rule), len(blocks)))])
    bound = sparse.hstack([sparse.csr_array((len(rows), base.matrix.shape[1])), sparse.eye_array(len(rows)), switch])
    before, s, z = base.matrix.shape[1], len(rows), len(blocks)
    small = 1e-2 / np.maximum(miss, 1e-300) / max(s, 1)
    found = milp(
        np.concatenate([np.zeros(before), small, np.ones(z)]),
        constraints=LinearConstraint(sparse.vstack([given, bound]), -np.inf, np.append(base.most, np.zeros(s))),
        integrality=np.append(np.zeros(before + s), np.ones(z)),
        bounds=Bounds(
            np.concatenate([base.ends[:, 0], np.zeros(s + z)]), np.concatenate([base.ends[:, 1], miss, np.ones(z)])
        ),
    )
    if found.x is None:
        return []
    units = np.concatenate([np.broadcast_to(one.unit, len(one.rows)) for one in blocks])[rows]
    slacks, chosen = found.x[before : before + s] * units, found.x[before + s :] > 0.5
    most = [float(slacks[rule[rows] == number].max(initial=0.0)) for number in range(z)]
    return [(one, most[number]) for number, one in enumerate(blocks) if chosen[number]]


def _furthest(blocks: list[Block]) -> np.ndarray:
    """(row,) by how much each row can be missed over all levels; for a floor in the tail, by no more than its own
    scores can fall short."""
    found = []
    for one in blocks:
        high = np.maximum(one.rows, 0.0).sum(axis=1) * EVERYTHING - one.most
        if len(one.low):
            high[-1] = high[:-1].max() - one.most[-1]
        found.append(np.maximum(high, 0.0))
    return np.concatenate(found) if found else np.zeros(0)


def _told(name: Label, most: float) -> Label:
    digit = 10.0 ** (np.floor(np.log10(most)) - 2) if most > 0 else 1.0
    amount = np.ceil(most / digit - 1e-4) * digit  # three digits, rounded up: what is told must do
    return Label(*(text("design.limit.gives", locale, name=name, amount=shown(float(amount))) for locale in LOCALES))


def joined(names: list[Label]) -> Label:
    """Names in a row, as each language writes them."""
    return Label("；".join(one.zh for one in names), "; ".join(one.en for one in names))
