"""The specifications of a claim: which choices bear on it, and what each combination of them says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from zhiyu.explain.claims.answers import index_names, uses_index
from zhiyu.explain.claims.batches import LEVEL, NOT_RUN, RECIPE, UNSAID, Batches, alike, sample, stated, terms
from zhiyu.explain.claims.gaps import PEOPLE
from zhiyu.explain.claims.inputs import Inputs
from zhiyu.explain.claims.plans import Plan
from zhiyu.explain.claims.question import Asking, Found
from zhiyu.explain.claims.readings import READINGS, Reading, named
from zhiyu.explain.claims.rules import combined
from zhiyu.explain.multiverse import Alternative, Space, of
from zhiyu.terms import Label, Refusal

DRAWS = 199  # of regions, where a specification is no regression
LEAST_YEARS = 5  # left by a later start


@dataclass(frozen=True)
class Task:
    """Some specifications of a claim: the claim's plan, its regressions by id, the choices, and which combinations."""

    plan: Plan
    asked: Mapping[str, Asking]
    space: Space
    picks: np.ndarray


@dataclass(frozen=True)
class Ran:
    """words (s,), effect, low, high (s,) of a task's specifications, in their order."""

    words: np.ndarray
    effect: np.ndarray
    low: np.ndarray
    high: np.ndarray


def space(plan: Plan, asked: Mapping[str, Asking], inputs: Inputs, table: Sequence[Alternative]) -> Space:
    """The choices that bear on a claim; of each the stated level first, then those the table and the study allow."""
    parts = [asked[name] for name in plan.parts if name in asked]
    readings = [READINGS[name] for name in plan.parts if name not in asked]
    levels: dict[str, tuple[Alternative, ...]] = {}

    def offer(choice: str, stated: str, allowed: Sequence[str] | None = None) -> None:
        found = [one for one in of(table, choice) if allowed is None or one.value in allowed]
        own = [one for one in found if one.value == stated] or [Alternative(choice, stated, "", Label(stated, stated))]
        both = (*own[:1], *(one for one in found if one.value != stated))
        if len(both) > 1:
            levels[choice] = both

    variables, recipe = inputs.variables(), inputs.index.recipe
    if any(uses_index(one, variables) for one in parts) or any(one.index for one in readings):
        offer("normalise", recipe.normalise.method)
        nodes = {str(name) for name in inputs.index.scores["node"].values}
        even = not readings and not any(index_names(one, variables) & nodes for one in parts)
        offer("weight", "equal" if even else recipe.weight.method)
    moving = [one for one in parts if one.driver != "year"]
    if parts:
        offer("form", parts[0].forms[0], [form for one in parts for form in one.forms])
    if moving:
        offer("lag", str(moving[0].lags[0]), [str(lag) for one in moving for lag in one.lags])
        offer("controls", "stated", ["stated", *_controls(table, inputs)])
        known = [e for one in moving for e in one.effects if e != "group-year" or inputs.grouping is not None]
        offer("effects", moving[0].effects[0], known)
    if parts:
        offer("winsorise", "none")
    late = [one.value for one in of(table, "start") if not one.detail or _late(one.detail, inputs)]
    offer("start", "stated", late)
    codes = set(variables.codes)
    offer("leave_out", "nobody", [one.value for one in of(table, "leave_out") if set(one.detail.split()) <= codes])
    for choice in sorted({name for one in readings for name in one.looks}):
        offer(choice, *_looked(choice, readings, inputs, table))
    if any(one.needs == "neighbours" for one in readings):
        levels["neighbours"] = (
            Alternative("neighbours", "stated", "", Label("所定权重", "the stated weights")),
            *(Alternative("neighbours", name, name, Label(name, name)) for name in inputs.weights),
        )
    return Space(tuple(levels), tuple(levels.values()))


def _looked(
    choice: str, readings: Sequence[Reading], inputs: Inputs, table: Sequence[Alternative]
) -> tuple[str, Sequence[str]]:
    """Of a choice that readings look at: the stated level, and those that the readings and the study allow."""
    if choice == "groups":
        return inputs.grouping or "", inputs.index.regions.groupings if inputs.grouping is not None else ()
    if choice == "measure":
        return "stated", ["stated", *(name for one in readings for name in one.measures)]
    lacks = choice == "people" and inputs.variables().missing(PEOPLE)
    found = [one.value for one in of(table, choice) if not (lacks and one.detail)]
    return STATED[choice], found


STATED = {"people": "alike", "lagging": "half"}


def _controls(table: Sequence[Alternative], inputs: Inputs) -> list[str]:
    variables = inputs.variables()
    return [one.value for one in of(table, "controls") if not any(variables.missing(x) for x in terms(one))]


def _late(year: str, inputs: Inputs) -> bool:
    years = inputs.panel.years
    return year.isdigit() and years[0] < int(year) <= years[-1] - LEAST_YEARS + 1


def run(inputs: Inputs, task: Task) -> Ran:
    """What each specification of a task says.

    Regressions are run in batches (`batches.Batches`) and count as significant by the jackknife over regions at 5 %.
    Other readings draw regions anew, for each recipe, start and set of regions once; conditions stay as they are.
    """
    ids, found = task.plan.parts, []
    for name in ids:
        if name in task.asked:
            found.append(Batches(inputs, task.asked[name], task.space).run(task.picks))
        else:
            found.append(_readings(name, inputs, task.picks, task.space))
    conditions = [name not in task.asked and READINGS[name].condition for name in ids]
    said = combined([part[:, 0].astype(np.int64) for part in found], task.plan, ids, conditions)
    _, effect, low, high = found[0].T
    return Ran(said.astype(np.int64), np.where(said == NOT_RUN, np.nan, effect), low, high)


def _readings(name: str, inputs: Inputs, picks: np.ndarray, space: Space) -> np.ndarray:
    """(s, 4) a reading of each specification; those that differ in nothing it looks at share one."""
    reading, told = READINGS[name], named(name)
    looks = ("start", "leave_out", *((*RECIPE, "neighbours") if reading.index else ()), *reading.looks)
    chosen, which = alike(space, picks, looks)
    found = np.tile(UNSAID, (len(chosen), 1))
    for k, choice in enumerate(chosen):
        here, at = inputs, choice.get("neighbours")
        if at is not None and at.detail:
            here = replace(here, w=inputs.weights[at.detail])
        if "groups" in choice:
            here = replace(here, grouping=choice["groups"].value)
        try:
            seen = sample(here, choice, (), 0.0, stated(space, "weight"))
            found[k] = _word(reading.run(name, told, here, seen, DRAWS))
        except Refusal:
            continue
    return np.asarray(found[which])


def _word(found: Found) -> tuple[int, float, float, float]:
    """Word, effect and its bounds."""
    figures = (found.estimate, found.low, found.high)
    if found.how == "condition":
        return (1 if found.holds else 0, *figures)
    clear = found.p <= LEVEL and found.stands
    return ((1 if found.expected else -1) if clear else 0, *figures)
