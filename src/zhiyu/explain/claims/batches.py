"""Regressions of many specifications: columns made once, those on the same cells with the same effects run together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from zhiyu.explain.claims.inputs import Inputs, Sample
from zhiyu.explain.claims.question import Asking
from zhiyu.explain.jackknife import Fits, fits
from zhiyu.explain.multiverse import Alternative, Space
from zhiyu.terms import Refusal

LEVEL = 0.05  # of each specification's own test
NOT_RUN = -9
UNSAID = (float(NOT_RUN), float("nan"), float("nan"), float("nan"))
RECIPE = ("normalise", "weight")
PLACE = (*RECIPE, "start", "leave_out")  # what moves the sample or the index
Choice = dict[str, Alternative]
Columns = tuple[int, ...]


def alike(space: Space, picks: np.ndarray, names: Iterable[str]) -> tuple[list[Choice], np.ndarray]:
    """The different combinations of some choices that occur among picks (s, c), each as the first specification that
    has it, and (s,) which of them each specification has."""
    at = [space.names.index(name) for name in names if name in space.names]
    code = np.zeros(len(picks), dtype=np.int64)
    for k in at:
        code = code * len(space.levels[k]) + picks[:, k]
    _, first, which = np.unique(code, return_index=True, return_inverse=True)
    return [space.specification(picks[i]) for i in first], which


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


def stated(space: Space, choice: str) -> str:
    return space.levels[space.names.index(choice)][0].value if choice in space.names else ""


def terms(one: Alternative | None) -> tuple[str, ...]:
    """What an alternative's detail lists."""
    return tuple(x.strip() for x in one.detail.split(";") if x.strip()) if one is not None else ()


@dataclass
class Batches:
    """The regressions of one part of a claim over a space of choices."""

    inputs: Inputs
    asked: Asking
    space: Space
    _columns: list[np.ndarray] = field(default_factory=list)
    _places: dict[bytes, int] = field(default_factory=dict)

    def run(self, picks: np.ndarray) -> np.ndarray:
        """(s, 4) word, partial correlation and its bounds of each specification (s, c).

        Word: 1 as the claim says, -1 the opposite, 0 not clear by the jackknife over regions at 5 %, -9 not run.
        """
        found = np.tile(UNSAID, (len(picks), 1))
        groups = self._groups()
        for (effects, cells), members in self._batches(picks).items():
            kept = self._sample(self.space.specification(picks[members[0][0]])).kept
            columns = [columns for _, columns in members]
            try:
                fitted = self._fits(columns, cells, effects, None if groups is None else groups[kept])
            except Refusal:
                continue
            found[[i for i, _ in members]] = answers(fitted, self.asked.sign)
        return found

    def _groups(self) -> np.ndarray | None:
        if self.inputs.grouping is None:
            return None
        groups = self.inputs.index.regions.grouping(self.inputs.grouping)
        place = {code: k for k, members in enumerate(groups.values()) for code in members}
        return np.array([place.get(code, len(groups)) for code in self.inputs.variables().codes])

    def _batches(self, picks: np.ndarray) -> dict[tuple[str, bytes], list[tuple[int, Columns]]]:
        """Effects and cells -> the specifications that share them, with the columns of each."""
        asked = self.asked
        parts = [
            self._made(picks, ("form", "winsorise"), self._outcome),
            self._made(picks, ("lag", "winsorise"), self._driver),
            self._made(picks, ("lag", "controls", *(("form",) if "own" in asked.controls else ())), self._controls),
        ]
        chosen, which = alike(self.space, picks, ("effects",))
        effects = [self._picked(choice, "effects", asked.effects) for choice in chosen]
        found: dict[tuple[str, bytes], list[tuple[int, Columns]]] = {}
        used: dict[Columns, bytes] = {}
        for i, (y, x, w, k) in enumerate(zip(*parts, which.tolist(), strict=True)):
            if y is None or x is None or w is None:
                continue
            columns = (*y, *x, *w)
            if columns not in used:
                used[columns] = np.all([np.isfinite(self._columns[at]) for at in columns], axis=0).tobytes()
            found.setdefault((effects[k], used[columns]), []).append((i, columns))
        return found

    def _made(
        self, picks: np.ndarray, names: tuple[str, ...], make: Callable[[Choice], Sequence[np.ndarray]]
    ) -> list[Columns | None]:
        """Where each specification's columns stand that these choices and the sample make; None where they cannot be
        had."""
        chosen, which = alike(self.space, picks, (*names, *PLACE))
        made: list[Columns | None] = []
        for choice in chosen:
            try:
                made.append(tuple(self._kept(column) for column in make(choice)))
            except Refusal:
                made.append(None)
        return [made[k] for k in which.tolist()]

    def _kept(self, column: np.ndarray) -> int:
        """Where a column stands; the same numbers stand in one place only."""
        found = self._places.setdefault(column.tobytes(), len(self._columns))
        if found == len(self._columns):
            self._columns.append(column)
        return found

    def _picked(self, choice: Choice, name: str, allowed: Sequence[str]) -> str:
        """The value of a choice, or the claim's own, the first, where it does not allow it."""
        value = choice[name].value if name in choice else allowed[0]
        return value if value in allowed else allowed[0]

    def _form(self, choice: Choice) -> str:
        return self._picked(choice, "form", self.asked.forms)

    def _lag(self, choice: Choice) -> int:
        return int(self._picked(choice, "lag", [str(lag) for lag in self.asked.lags]))

    def _sample(self, choice: Choice, more: tuple[str, ...] = ()) -> Sample:
        winsor = float(choice["winsorise"].detail or 0.0) if "winsorise" in choice else 0.0
        return sample(self.inputs, choice, more, winsor, stated(self.space, "weight"))

    def _outcome(self, choice: Choice) -> list[np.ndarray]:
        at = self._sample(choice)
        return [at.drawn_in(at.cut(at.outcome(self.asked, self._form(choice))))]

    def _driver(self, choice: Choice) -> list[np.ndarray]:
        at = self._sample(choice)
        return [at.drawn_in(at.cut(at.driver(self.asked, self._lag(choice))))]

    def _controls(self, choice: Choice) -> list[np.ndarray]:
        more = () if self.asked.driver == "year" else terms(choice.get("controls"))
        at = self._sample(choice, more)
        return [
            at.cut(one) for one in np.moveaxis(at.controls(self.asked, self._form(choice), self._lag(choice)), -1, 0)
        ]

    def _fits(self, members: Sequence[Columns], cells: bytes, effects: str, groups: np.ndarray | None) -> Fits:
        """Specifications that share cells and effects."""
        used = np.frombuffer(cells, dtype=bool).reshape(self._columns[members[0][0]].shape)
        ys, xs = _places(m[0] for m in members), _places(m[1] for m in members)
        held = list(dict.fromkeys(m[2:] for m in members))
        ws, wide = _places(k for one in held for k in one), max(len(one) for one in held)
        sets = np.array([[ws[k] for k in one] + [-1] * (wide - len(one)) for one in held], dtype=int)
        order = {one: k for k, one in enumerate(held)}
        pairs = np.array([(ys[m[0]], xs[m[1]]) for m in members])
        beside = np.array([order[m[2:]] for m in members])
        y, x, controls = (self._stacked(found, used) for found in (ys, xs, ws))
        return fits(y, x, controls, pairs, effects, groups, sets, beside, self.inputs.grounds)  # type: ignore[arg-type]

    def _stacked(self, places: dict[int, int], used: np.ndarray) -> np.ndarray:
        """(n, t, k) columns; nan where a cell is not used."""
        found = np.empty((*used.shape, len(places)))
        for place, k in places.items():
            found[..., k] = self._columns[place]
        found[~used] = np.nan
        return found


def _places(found: Iterable[int]) -> dict[int, int]:
    """Each of the numbers once, with its place among them."""
    return {one: k for k, one in enumerate(dict.fromkeys(found))}


def answers(found: Fits, sign: int) -> np.ndarray:
    """(s, 4) word, partial correlation and its 95 % bounds."""
    from scipy.special import stdtrit

    reach = float(stdtrit(found.regions - 1, 0.975))
    with np.errstate(divide="ignore", invalid="ignore"):
        half = reach * found.std_error * np.abs(found.partial / found.estimate)
    clear = (found.p <= LEVEL) & (np.sign(found.lowest) == np.sign(found.highest))
    words = np.where(np.isfinite(found.p), np.where(clear, np.sign(sign * found.estimate), 0), NOT_RUN)
    return np.stack([words, found.partial, found.partial - half, found.partial + half], axis=-1)
