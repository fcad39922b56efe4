"""Objectives: what a plan is to move, read off a run's states year by year; turned so that larger is better.

Equity is by default the gap in digital capability, not in output per head: measures reach output by few and assumed
ways, so that its gap hardly moves within a plan's years, and moves as growth does where it takes place. The gap in
output per head is the objective `income`.
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np

from zhiyu.simulate.base import PAIRS, Base
from zhiyu.simulate.equations import Array
from zhiyu.simulate.model import State
from zhiyu.simulate.simulation import GAP
from zhiyu.simulate.trajectories import PER_HEAD, RATIOS, SHOWN, SUMMED
from zhiyu.terms import NOWHERE, Label, Place, Refusal, suggestion

TABLE = Path(__file__).with_suffix(".csv")
DEFAULT = ("growth", "equity", "carbon", "skills")
UNSEEN = ("jobs", "employment", "就业")  # asked for often; no state of the model counts people at work
SCALE = 100.0  # per cent, percentage points, log points x 100

Statistic = Literal["nation", "gap"]
When = Literal["horizon", "mean"]


@dataclass(frozen=True)
class Objective:
    """What is looked at: the nation's value of an outcome, or the gap between regions in it.

    direction : 1 if more is better, -1 if less is; what : the label's meaning and unit
    """

    id: str
    outcome: str
    statistic: Statistic
    direction: int
    label: Label
    what: Label


@cache
def objectives() -> tuple[Objective, ...]:
    """The bundled objectives."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return tuple(
        Objective(
            row["id"],
            row["outcome"],
            "gap" if row["statistic"] == GAP else "nation",
            int(row["direction"]),
            Label(row["zh"], row["en"]),
            Label(row["what_zh"], row["what_en"]),
        )
        for row in rows
    )


def outcomes(of: Base) -> tuple[str, ...]:
    """What a study's model tells: its states, pairs of them, and the satellite's."""
    pairs = [name for name, states in PAIRS.items() if any(state in of.levels for state in states)]
    assumed = [
        name
        for name in SHOWN
        if name not in ("risk", "incidents", "governance", "mismatch")
        or (
            ({"adoption"} <= {*of.levels} and "capability" in pairs)
            and (name != "mismatch" or "skills" in pairs)
            and (name == "mismatch" or "data" in of.levels)
        )
    ]
    return (*of.levels, *pairs, *assumed)


def chosen(
    names: Collection[str] | None, own: Sequence[Objective], of: Base, place: Place = NOWHERE
) -> tuple[Objective, ...]:
    """The objectives of these names; None = the four of the model that the study can tell, and its own.

    Raises
    ------
    Refusal
        For a name that is not known or that nothing in the model counts, an outcome that the study does not have, and
        for no objective at all.
    """
    known = {row.id: row for row in (*objectives(), *own)}
    there = outcomes(of)
    if names is None:
        wanted = [known[name] for name in DEFAULT if known[name].outcome in there]
        wanted += [row for row in own if row.id not in DEFAULT]
    else:
        wanted = [_named(name, known, place) for name in dict.fromkeys(names)]
    for row in wanted:
        if row.outcome not in there:
            hint = suggestion(row.outcome, there)
            raise Refusal(
                "objective_outcome", place, name=row.id, outcome=row.outcome, known=", ".join(there), hint=hint
            )
    if not wanted:
        raise Refusal("objective_none", place, known=", ".join(there))
    return tuple(wanted)


def _named(name: str, known: dict[str, Objective], place: Place) -> Objective:
    if name not in known:
        if name.casefold() in UNSEEN:
            raise Refusal("objective_unseen", place, name=name)
        raise Refusal("objective_unknown", place, name=name, known=", ".join(known), hint=suggestion(name, known))
    return known[name]


def year_weights(when: When, years: int, discount: float = 0.0) -> np.ndarray:
    """(year,) what each simulated year counts: the last alone, or all, w_t proportional to (1 + discount)^-t."""
    if when == "horizon":
        return np.asarray(np.arange(1, years + 1) == years, dtype=float)
    weight = (1 + discount) ** -np.arange(1.0, years + 1)
    return np.asarray(weight / weight.sum())


def value(of: Objective, state: State, base: Base) -> Array:
    """(draw, scenario) of an objective's statistic in one year of a run.

    nation : the sum, the mean by heads or by output, or the plain mean, as `Trajectories.national`; gap : the standard
    deviation between regions of logarithms, per head where the state is a sum
    """
    return gap(of.outcome, state, base) if of.statistic == GAP else nation(of.outcome, state, base)


def difference(of: Objective, with_: Array, without: Array) -> Array:
    """100 x direction x the difference: a share of the baseline, or points for gaps and indices."""
    share = of.statistic != GAP and relative(of.outcome)
    return SCALE * of.direction * (with_ / without - 1 if share else with_ - without)


def relative(outcome: str) -> bool:
    """Whether an outcome's difference is a share of the baseline; others' are points."""
    return outcome in RATIOS or outcome in PAIRS


def nation(name: str, state: State, base: Base) -> Array:
    """(draw, scenario) the nation's value."""
    x, there = regional(name, state), _there(name, base)
    if name in SUMMED:
        return _summed(x * there)
    weight: Array = there * (base.heads if name in PER_HEAD else 1.0)
    if name in ("data", "adoption") and "output" in state.levels:
        weight = there * np.exp(state.levels["output"])
    return _summed(x * weight) / _summed(weight)


def gap(name: str, state: State, base: Base) -> Array:
    """(draw, scenario) standard deviation of logarithms between the regions that have the state, each counting one."""
    there = _there(name, base) > 0
    x = np.log(regional(name, state))[..., there] - (np.log(base.heads[there]) if name in SUMMED else 0.0)
    apart = x - _summed(x)[..., None] / x.shape[-1]
    return np.sqrt(_summed(apart * apart) / x.shape[-1])


def regional(name: str, state: State) -> Array:
    """(draw, scenario, region) of an outcome, in levels; the mean of two states is that of their logarithms."""
    states = [one for one in PAIRS.get(name, (name,)) if one in state.levels]
    if states:
        return np.exp(sum(state.levels[one] for one in states) / len(states))
    return np.exp(state.memory[name]) if name == "compute" else state.memory[name]


def _there(name: str, base: Base) -> np.ndarray:
    """(region,) 1 where a region has the outcome."""
    states = [base.there[one] for one in PAIRS.get(name, (name,)) if one in base.there]
    return np.all(states, axis=0).astype(float) if states else np.ones(len(base.codes))


def _summed(x: Array) -> Array:
    """Sum over the regions in one order, whatever stands beside them."""
    return np.einsum("...i->...", np.ascontiguousarray(x))
