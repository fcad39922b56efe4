"""The specifications of a claim: which choices bear on it, and what each combination of them says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from zhiyu.explain.claims.answers import index_names, uses_index
from zhiyu.explain.claims.inputs import Inputs, Sample
from zhiyu.explain.claims.question import Asking, Found
from zhiyu.explain.claims.readings import PEOPLE, READINGS, Reading, label
from zhiyu.explain.claims.rules import Plan, combined
from zhiyu.explain.jackknife import Fits, fits
from zhiyu.explain.multiverse import Alternative, Space, of
from zhiyu.terms import Label, Refusal

LEVEL = 0.05  # of each specification's own test
DRAWS = 199  # of regions, where a specification is no regression
NOT_RUN = -9
LEAST_YEARS = 5  # left by a later start
Choice = dict[str, Alternative]
Answer = tuple[int, float, float, float]  # word, effect, low, high
NAN = float("nan")
VARIES = ("normalise", "weight", "start", "leave_out", "neighbours")  # what moves the sample or the index


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
    measure, people, lagging = (choice[x].detail if x in choice else "" for x in ("measure", "people", "lagging"))
    return Sample(variables, kept, int(start or 0), winsor, more, measure, bool(people), float(lagging or 0.5))


def _stated(space: Space, choice: str) -> str:
    return space.levels[space.names.index(choice)][0].value if choice in space.names else ""


@dataclass
class _Batches:
    """One part's regressions: columns are made once, and those on the same cells with the same effects run together."""

    inputs: Inputs
    asked: Asking
    space: Space
    columns: list[np.ndarray] = field(default_factory=list)
    _places: dict[bytes, int] = field(default_factory=dict)
    _made: dict[tuple[object, ...], tuple[int, ...] | None] = field(default_factory=dict)

    def run(self, choices: Sequence[Choice]) -> list[Answer]:
        """(word, partial correlation, its bounds) of each specification."""
        place = self._grouping()
        batches: dict[tuple[str, bytes], list[tuple[int, tuple[int, ...]]]] = {}
        used: dict[tuple[int, ...], bytes] = {}
        for i, choice in enumerate(choices):
            effects, columns = self._columns(choice)
            if columns is None:
                continue
            if columns not in used:
                used[columns] = np.all([np.isfinite(self.columns[k]) for k in columns], axis=0).tobytes()
            batches.setdefault((effects, used[columns]), []).append((i, columns))
        found: list[Answer] = [(NOT_RUN, NAN, NAN, NAN)] * len(choices)
        for (effects, cells), members in batches.items():
            kept = self._sample(choices[members[0][0]], (), 0.0).kept
            groups = None if place is None else place[kept]
            try:
                answers = self._batch([columns for _, columns in members], cells, effects, groups)
            except Refusal:
                continue
            for (i, _), one in zip(members, answers, strict=True):
                found[i] = one
        return found

    def _grouping(self) -> np.ndarray | None:
        if self.inputs.grouping is None:
            return None
        groups = self.inputs.index.regions.grouping(self.inputs.grouping)
        place = {code: k for k, members in enumerate(groups.values()) for code in members}
        return np.array([place.get(code, len(groups)) for code in self.inputs.variables().codes])

    def _sample(self, choice: Choice, more: tuple[str, ...], winsor: float) -> Sample:
        return sample(self.inputs, choice, more, winsor, _stated(self.space, "weight"))

    def _columns(self, choice: Choice) -> tuple[str, tuple[int, ...] | None]:
        """The effects, and where outcome, driver and controls stand; None where one of them cannot be had."""
        asked, year = self.asked, self.asked.driver == "year"

        def picked(name: str, own: str, allowed: Sequence[str]) -> str:
            value = choice[name].value if name in choice else own
            return value if value in allowed else own

        form = picked("form", asked.forms[0], asked.forms)
        lag = int(picked("lag", str(asked.lags[0]), [str(x) for x in asked.lags]))
        effects = picked("effects", asked.effects[0], asked.effects)
        more = () if year or "controls" not in choice else _terms(choice["controls"])
        winsor = float(choice["winsorise"].detail or 0.0) if "winsorise" in choice else 0.0
        place = tuple(choice[x].value for x in VARIES[:4] if x in choice)

        def column(key: tuple[object, ...], make: Callable[[Sample], Sequence[np.ndarray]]) -> tuple[int, ...] | None:
            if (*key, *place) not in self._made:
                try:
                    found = tuple(self._kept(one) for one in make(self._sample(choice, more, winsor)))
                except Refusal:
                    found = None
                self._made[*key, *place] = found
            return self._made[*key, *place]

        def controls(at: Sample) -> list[np.ndarray]:
            return [at.cut(one) for one in np.moveaxis(at.controls(asked, form, lag), -1, 0)]

        parts = (
            column(("y", form, winsor), lambda at: [at.drawn_in(at.cut(at.outcome(asked, form)))]),
            column(("x", lag, winsor), lambda at: [at.drawn_in(at.cut(at.driver(asked, lag)))]),
            column(("w", form if "own" in asked.controls else "", lag, more), controls),
        )
        if any(part is None for part in parts):
            return effects, None
        return effects, tuple(k for part in parts if part is not None for k in part)

    def _kept(self, column: np.ndarray) -> int:
        """Where a column stands; the same numbers stand in one place only."""
        found = self._places.setdefault(column.tobytes(), len(self.columns))
        if found == len(self.columns):
            self.columns.append(column)
        return found

    def _batch(
        self, members: Sequence[tuple[int, ...]], cells: bytes, effects: str, groups: np.ndarray | None
    ) -> list[Answer]:
        """Specifications that share cells and effects."""
        used = np.frombuffer(cells, dtype=bool).reshape(self.columns[members[0][0]].shape)
        ys, xs, beside = ({one: k for k, one in enumerate(dict.fromkeys(found))} for found in
                          ([m[0] for m in members], [m[1] for m in members], [m[2:] for m in members]))  # fmt: skip
        ws = {one: k for k, one in enumerate(dict.fromkeys(k for found in beside for k in found))}
        y, x, w = (self._stacked(found, used) for found in (ys, xs, ws))
        wide = max(len(found) for found in beside)
        sets = np.array([[ws[k] for k in found] + [-1] * (wide - len(found)) for found in beside], dtype=int)
        pairs = np.array([(ys[m[0]], xs[m[1]]) for m in members])
        which = np.array([beside[m[2:]] for m in members])
        found = fits(y, x, w, pairs, effects, groups, sets, which)  # type: ignore[arg-type]
        return _answers(found, self.asked.sign)

    def _stacked(self, places: Iterable[int], used: np.ndarray) -> np.ndarray:
        """(n, t, k) columns; nan where a cell is not used."""
        found = np.empty((*used.shape, len(list(places))))
        for k, place in enumerate(places):
            found[..., k] = self.columns[place]
        found[~used] = np.nan
        return found


def _answers(found: Fits, sign: int) -> list[Answer]:
    from scipy.special import stdtrit

    reach = float(stdtrit(found.regions - 1, 0.975))
    with np.errstate(divide="ignore", invalid="ignore"):
        half = reach * found.std_error * np.abs(found.partial / found.estimate)
    one_sign = np.sign(found.lowest) == np.sign(found.highest)
    clear = (found.p <= LEVEL) & one_sign
    words = np.where(np.isfinite(found.p), np.where(clear, np.sign(sign * found.estimate), 0), NOT_RUN).astype(int)
    low, high = found.partial - half, found.partial + half
    return list(zip(words.tolist(), found.partial.tolist(), low.tolist(), high.tolist(), strict=True))


def _readings(name: str, inputs: Inputs, choices: Sequence[Choice], space: Space) -> list[Answer]:
    """A reading of each specification; those that differ in nothing it looks at share one."""
    reading, told = READINGS[name], label(name)
    kept: dict[tuple[str, ...], Answer] = {}
    found = []
    looks = (*(VARIES if reading.index else VARIES[2:4]), *reading.looks)
    for choice in choices:
        key = tuple(choice[x].value for x in looks if x in choice)
        if key not in kept:
            here, at = inputs, choice.get("neighbours")
            if at is not None and at.detail:
                here = replace(here, w=inputs.weights[at.detail])
            if "groups" in choice:
                here = replace(here, grouping=choice["groups"].value)
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
