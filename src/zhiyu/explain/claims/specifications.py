"""The specifications of a claim: which choices bear on it, and what each combination of them says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from zhiyu.explain.claims.answers import index_names, uses_index
from zhiyu.explain.claims.inputs import Inputs, Sample
from zhiyu.explain.claims.question import Asking, Found
from zhiyu.explain.claims.readings import READINGS, label
from zhiyu.explain.claims.rules import Plan, combined
from zhiyu.explain.jackknife import fits
from zhiyu.explain.multiverse import Alternative, Space, of
from zhiyu.terms import Label, Refusal

LEVEL = 0.05  # of each specification's own test
DRAWS = 199  # of regions, where a specification is no regression
NOT_RUN = -9
LEAST_YEARS = 5  # left by a later start
Choice = dict[str, Alternative]
Answer = tuple[int, float, float, float]  # word, effect, low, high
NAN = float("nan")


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
    if any(one.needs == "neighbours" for one in readings):
        levels["neighbours"] = (
            Alternative("neighbours", "stated", "", Label("所定权重", "the stated weights")),
            *(Alternative("neighbours", name, name, Label(name, name)) for name in inputs.weights),
        )
    return Space(tuple(levels), tuple(levels.values()))


def _controls(table: Sequence[Alternative], inputs: Inputs) -> list[str]:
    variables = inputs.variables()
    return [one.value for one in of(table, "controls") if not any(variables.missing(x) for x in _terms(one))]


def _terms(one: Alternative | None) -> tuple[str, ...]:
    return tuple(x.strip() for x in one.detail.split(";") if x.strip()) if one is not None else ()


def _late(year: str, inputs: Inputs) -> bool:
    years = inputs.panel.years
    return year.isdigit() and years[0] < int(year) <= years[-1] - LEAST_YEARS + 1


def run(inputs: Inputs, task: Task) -> Ran:
    """What each specification of a task says.

    Regressions are run in batches that share sample, effects and controls (`jackknife.fits`), and count as significant
    by the jackknife over regions at 5 %. Other readings draw regions anew, for each recipe, start and set of regions
    once; conditions stay as they are.
    """
    choices = [task.space.specification(row) for row in task.picks]
    words, first = [], None
    ids = task.plan.parts
    for name in ids:
        if name in task.asked:
            found = _Batches(inputs, task.asked[name], task.space).run(choices)
        else:
            found = _readings(name, inputs, choices, task.space)
        words.append(np.array([one[0] for one in found]))
        first = found if first is None else first
    assert first is not None
    conditions = [name not in task.asked and READINGS[name].condition for name in ids]
    said = combined(words, task.plan, ids, conditions)
    effect, low, high = (np.array([one[k] for one in first]) for k in (1, 2, 3))
    effect = np.where(said == NOT_RUN, np.nan, effect)
    return Ran(said.astype(np.int64), effect, low, high)


def sample(inputs: Inputs, choice: Choice, more: tuple[str, ...], winsor: float, stated_weight: str) -> Sample:
    """The sample that a specification looks at."""
    weight = choice["weight"].value if "weight" in choice else ""
    even = weight in ("", "equal", stated_weight)
    normalise = choice["normalise"].value if "normalise" in choice else ""
    variables = inputs.variables(normalise, weight, even)
    gone = set(choice["leave_out"].detail.split()) if "leave_out" in choice else set()
    kept = np.array([code not in gone for code in variables.codes])
    start = choice["start"].detail if "start" in choice else ""
    return Sample(variables, kept, int(start or 0), winsor, more)


def _stated(space: Space, choice: str) -> str:
    return space.levels[space.names.index(choice)][0].value if choice in space.names else ""


@dataclass
class _Batches:
    """One part's regressions: columns are made once, and those that share a sample and controls run together."""

    inputs: Inputs
    asked: Asking
    space: Space
    columns: dict[tuple[object, ...], np.ndarray] = field(default_factory=dict)
    groups: np.ndarray | None = None

    def run(self, choices: Sequence[Choice]) -> list[Answer]:
        """(word, partial correlation, its bounds) of each specification."""
        place = self._grouping()
        batches: dict[tuple[object, ...], list[tuple[int, np.ndarray, np.ndarray, np.ndarray]]] = {}
        for i, choice in enumerate(choices):
            try:
                y, x, controls, effects = self._columns(choice)
            except Refusal:
                continue
            used = np.isfinite(y) & np.isfinite(x) & np.isfinite(controls).all(axis=-1)
            sample_of = (effects, used.tobytes(), controls.shape, controls.tobytes())
            batches.setdefault(sample_of, []).append((i, y, x, controls))
        found: list[Answer] = [(NOT_RUN, NAN, NAN, NAN)] * len(choices)
        for key, members in batches.items():
            kept = self._rows(choices[members[0][0]])
            try:
                answers = _batch(members, str(key[0]), None if place is None else place[kept], self.asked.sign)
            except Refusal:
                continue
            for (i, *_), one in zip(members, answers, strict=True):
                found[i] = one
        return found

    def _grouping(self) -> np.ndarray | None:
        if self.inputs.grouping is None:
            return None
        groups = self.inputs.index.regions.grouping(self.inputs.grouping)
        place = {code: k for k, members in enumerate(groups.values()) for code in members}
        return np.array([place.get(code, len(groups)) for code in self.inputs.variables().codes])

    def _rows(self, choice: Choice) -> np.ndarray:
        return sample(self.inputs, choice, (), 0.0, _stated(self.space, "weight")).kept

    def _columns(self, choice: Choice) -> tuple[np.ndarray, np.ndarray, np.ndarray, str]:
        asked, year = self.asked, self.asked.driver == "year"

        def picked(name: str, own: str, allowed: Sequence[str]) -> str:
            value = choice[name].value if name in choice else own
            return value if value in allowed else own

        form = picked("form", asked.forms[0], asked.forms)
        lag = int(picked("lag", str(asked.lags[0]), [str(x) for x in asked.lags]))
        effects = picked("effects", asked.effects[0], asked.effects)
        more = () if year or "controls" not in choice else _terms(choice["controls"])
        winsor = float(choice["winsorise"].detail or 0.0) if "winsorise" in choice else 0.0
        at = sample(self.inputs, choice, more, winsor, _stated(self.space, "weight"))
        place = tuple(choice[x].value for x in ("normalise", "weight", "start", "leave_out") if x in choice)

        def once(key: tuple[object, ...], values: np.ndarray | None) -> np.ndarray:
            if key not in self.columns:
                assert values is not None
                self.columns[key] = values
            return self.columns[key]

        outcome, driver = ("y", form, winsor, *place), ("x", lag, winsor, *place)
        y = once(outcome, None if outcome in self.columns else at.drawn_in(at.cut(at.outcome(asked, form))))
        late = None if driver in self.columns else at.variables.back(at.variables.term(asked.driver), lag)
        x = once(driver, None if late is None else at.drawn_in(at.cut(late)))
        key = ("w", form if "own" in asked.controls else "", lag, more, *place)
        if key in self.columns:
            return y, x, self.columns[key], effects
        held = at.controls(asked, form, lag)
        cut = [at.cut(held[..., k]) for k in range(held.shape[-1])]
        return y, x, once(key, np.stack(cut, axis=-1) if cut else np.zeros((*y.shape, 0))), effects


def _batch(
    members: Sequence[tuple[int, np.ndarray, np.ndarray, np.ndarray]],
    effects: str,
    groups: np.ndarray | None,
    sign: int,
) -> list[Answer]:
    """Specifications that share sample, controls and effects."""
    ys: dict[bytes, tuple[int, np.ndarray]] = {}
    xs: dict[bytes, tuple[int, np.ndarray]] = {}
    controls = members[0][3]
    used = np.isfinite(members[0][1]) & np.isfinite(members[0][2]) & np.isfinite(controls).all(axis=-1)
    pairs = []
    for _, y, x, _ in members:
        pair = []
        for column, known in ((y, ys), (x, xs)):
            key = column.tobytes()
            known.setdefault(key, (len(known), np.where(used, column, np.nan)))
            pair.append(known[key][0])
        pairs.append(pair)
    y, x = (np.stack([column for _, column in known.values()], axis=-1) for known in (ys, xs))
    held = np.where(used[..., None], controls, np.nan)
    found = fits(y, x, held, np.array(pairs), effects, groups)  # type: ignore[arg-type]
    from scipy.special import stdtrit

    reach = float(stdtrit(found.regions - 1, 0.975))
    with np.errstate(divide="ignore", invalid="ignore"):
        half = reach * found.std_error * np.abs(found.partial / found.estimate)
    one_sign = np.sign(found.lowest) == np.sign(found.highest)
    clear = (found.p <= LEVEL) & one_sign
    words = np.where(np.isfinite(found.p), np.where(clear, np.sign(sign * found.estimate), 0), NOT_RUN).astype(int)
    return list(
        zip(words.tolist(), found.partial.tolist(), (found.partial - half).tolist(), (found.partial + half).tolist(),
            strict=True)
    )  # fmt: skip


VARIES = ("normalise", "weight", "start", "leave_out", "neighbours")


def _readings(name: str, inputs: Inputs, choices: Sequence[Choice], space: Space) -> list[Answer]:
    """A reading of each specification; those that differ in nothing it looks at share one."""
    reading, told = READINGS[name], label(name)
    kept: dict[tuple[str, ...], Answer] = {}
    found = []
    looks = VARIES if reading.index else VARIES[2:4]
    for choice in choices:
        key = tuple(choice[x].value for x in looks if x in choice)
        if key not in kept:
            at = choice.get("neighbours")
            here = inputs if at is None or not at.detail else replace(inputs, w=inputs.weights[at.detail])
            try:
                seen = sample(here, choice, (), 0.0, _stated(space, "weight"))
                kept[key] = _word(reading.run(name, told, here, seen, DRAWS))
            except Refusal:
                kept[key] = (NOT_RUN, NAN, NAN, NAN)
        found.append(kept[key])
    return found


def _word(found: Found) -> Answer:
    figures = (found.estimate, found.low, found.high)
    if found.how == "condition":
        return (1 if found.holds else 0, *figures)
    clear = found.p <= LEVEL and found.stands
    return ((1 if found.expected else -1) if clear else 0, *figures)
