"""From a panel to the model's states: which formula over its variables is a state, and what is silent without one."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from zhiyu.data import formula
from zhiyu.data.neighbours import Neighbours, row_standardise
from zhiyu.data.panel import Mark, Panel
from zhiyu.data.repair import interpolate_inside
from zhiyu.data.tables import RawTable, read_tables
from zhiyu.simulate.equations import CORE
from zhiyu.simulate.meaning import unit_of
from zhiyu.simulate.now import Now
from zhiyu.terms import Label, Place, Refusal, label, suggestion

STATES = (*list(CORE)[: list(CORE).index("output")], "capital", *list(CORE)[list(CORE).index("output") :])
COUPLINGS: Mapping[str, tuple[str, ...]] = {  # a logic of the theory -> its terms; without any of them it is silent
    "dual_wheel": ("use_to_patents", "capability_to_adoption"),
    "coevolution": ("institutions_to_data", "data_to_institutions"),
    "interaction": ("patent_spill", "adoption_spill"),
    "embedding": ("data_elasticity", "adoption_elasticity"),
}
LONGEST_GAP = 1  # years that a straight line may bridge


@dataclass(frozen=True)
class Column:
    """Which formula over a panel's variables is a state.

    first : the first year to be used, None = all; ceiling : in the column's unit, what the state cannot exceed by what
    it is, 100 of a percentage, None = nothing
    """

    state: str
    formula: str
    unit: str
    first: int | None
    label: Label
    note: Label = Label("", "")
    ceiling: float | None = None


@dataclass(frozen=True, eq=False)
class Observed:
    """The states that a panel holds.

    states : those there are, in the order of computation; x : (state, region, year) logarithms, nan where nothing is
    known; real : (state, region, year) observed, not interpolated; w : (region, region) row-standardised, a row of
    zeros for an island; silent : state -> why it is not there; dropped : (state, code, year) of values at or below
    zero, which have no logarithm and are taken as missing; unasked : years whose growth is no target; columns :
    state -> what stands for it, with the unit that its numbers are in.
    """

    states: tuple[str, ...]
    x: np.ndarray
    real: np.ndarray
    codes: tuple[str, ...]
    years: tuple[int, ...]
    w: np.ndarray
    silent: Mapping[str, Label]
    dropped: tuple[tuple[str, str, int], ...] = ()
    unasked: tuple[int, ...] = ()
    columns: Mapping[str, Column] = field(default_factory=dict)

    def of(self, state: str) -> np.ndarray:
        """(region, year) logarithms of a state."""
        return np.array(self.x[self.states.index(state)])

    @property
    def ceilings(self) -> Mapping[str, float]:
        """State -> its ceiling, of those that have one."""
        found = {state: self.columns[state].ceiling for state in self.states if state in self.columns}
        return {state: ceiling for state, ceiling in found.items() if ceiling is not None}

    def held(self, x: np.ndarray) -> np.ndarray:
        """Logarithms (..., state, region, year) with none above its state's ceiling."""
        ceilings = self.ceilings
        top = np.array([math.log(ceilings.get(state, math.inf)) for state in self.states])
        return np.asarray(np.minimum(x, top[:, None, None]))

    @cached_property
    def growth(self) -> np.ndarray:
        """(state, year - 1, region) growth, of years from the second on."""
        return np.ascontiguousarray(np.diff(self.x, axis=2).transpose(0, 2, 1))

    @cached_property
    def target(self) -> np.ndarray:
        """(state, year - 1, region) whether growth is observed at both its ends, and its year is asked."""
        asked = np.array([year not in self.unasked for year in self.years[1:]], dtype=bool)
        both: np.ndarray = (self.real[:, :, 1:] & self.real[:, :, :-1]).transpose(0, 2, 1) & asked[:, None]
        return np.ascontiguousarray(both)

    @cached_property
    def now(self) -> Now:
        """Every year from the second on, as what equations look at: arrays (year - 1, region)."""
        before = np.concatenate([np.full_like(self.growth[:, :1], np.nan), self.growth[:, :-1]], axis=1)
        levels = {state: self.of(state).T[:-1] for state in self.states}
        growing = dict(zip(self.states, self.growth, strict=True))
        return Now(levels, dict(zip(self.states, before, strict=True)), self.w, growing)

    @cached_property
    def silent_logics(self) -> tuple[str, ...]:
        """Logics of the theory none of whose terms can be seen."""
        there = {name for state in self.states if state in CORE for name in CORE[state](self.now)}
        return tuple(logic for logic, terms in COUPLINGS.items() if there.isdisjoint(terms))

    def without(self, year: int) -> Observed:
        """The same with the growth of `year` as no target."""
        return replace(self, unasked=(*self.unasked, year))

    def until(self, year: int) -> Observed:
        """The same as `observe` would have found by the end of `year`.

        Raises
        ------
        Refusal
            If no state is left, or `year` is before the first.
        """
        return _growing(self.cut(year))

    def cut(self, year: int) -> Observed:
        """What was known by the end of `year`: later cells, and those interpolated with their help, are gone.

        States that have a value by then are kept, even if it is their first; there may be none.
        """
        kept = [t for t, other in enumerate(self.years) if other <= year]
        if not kept:
            raise Refusal("states_no_year", year=year, first=self.years[0])
        x = np.where(self.real, self.x, np.nan)[:, :, kept]
        return _assembled(self, self.states, x, tuple(self.years[t] for t in kept))


def read_columns(path: Path) -> tuple[Column, ...]:
    """The table `state,formula,unit,first,ceiling,zh,en,note_zh,note_en` that a study names in `[simulate] states`.

    Raises
    ------
    Refusal
        For an unknown state or one that stands twice, a formula that is none, a first year that is no year, or a
        ceiling that is no number above zero.
    """
    found: dict[str, Column] = {}
    for table in read_tables(path, lambda header: {"state", "formula"} <= set(header)):
        for index, row in enumerate(table.cells.to_dict("records")):
            cell = {str(name): "" if value is None else str(value).strip() for name, value in row.items()}
            if not any(cell.values()):
                continue
            column = _column(cell, table, index)
            if column.state in found:
                raise Refusal("state_twice", table.place(index, "state"), state=column.state)
            found[column.state] = column
    return tuple(found.values())


def observe(panel: Panel, columns: Sequence[Column], w: Neighbours | None = None, until: int | None = None) -> Observed:
    """The states of a panel as logarithms, by the columns that a study names.

    The panel is cut at `until` before anything is interpolated, so that no cell knows its future. Gaps of one year
    inside a region's series are bridged by a straight line of logarithms; such cells are not `real`, and those that
    the panel itself filled are taken as missing first. A state without a column, or whose variables the panel lacks,
    or without a value in two successive years, from which alone growth is known, is silent.

    Raises
    ------
    Refusal
        If no state is left, a value is above its ceiling, or `until` is before the first year.
    """
    if until is not None and until < panel.years[-1]:
        if until < panel.years[0]:
            raise Refusal("states_no_year", year=until, first=panel.years[0])
        panel = panel.cut((panel.years[0], until))
    judged = panel.judged
    codes = tuple(code for code, counts in zip(panel.codes, judged, strict=True) if counts)
    silent = {state: label("simulate.silent.no_column") for state in STATES}
    logs: dict[str, np.ndarray] = {}
    known: dict[str, Column] = {}
    dropped: list[tuple[str, str, int]] = []
    for column in columns:
        lacking = sorted(formula.names(column.formula) - set(panel.names))
        if lacking:
            silent[column.state] = label("simulate.silent.no_variable", names=", ".join(lacking))
            continue
        values = _values(panel, column)[judged]
        _refuse_above(values, column, panel, codes)
        with np.errstate(invalid="ignore"):
            positive = values > 0
        dropped += [(column.state, codes[i], panel.years[t]) for i, t in np.argwhere(np.isfinite(values) & ~positive)]
        logs[column.state] = np.log(np.where(positive, values, np.nan))
        known[column.state] = replace(column, unit=column.unit or unit_of(column.formula, panel.variables))
    matrix = np.zeros((len(codes), len(codes)))
    if w is not None:
        matrix = np.array(row_standardise(w.select(panel.regions.select(codes), islands="keep")).matrix)
    states = tuple(state for state in STATES if state in logs)
    x = np.array([logs[state] for state in states]).reshape(len(states), len(codes), len(panel.years))
    whole = Observed(states, x, np.isfinite(x), codes, panel.years, matrix, silent, tuple(dropped), columns=known)
    return _growing(_assembled(whole, states, x, panel.years))


def _assembled(of: Observed, states: tuple[str, ...], x: np.ndarray, years: tuple[int, ...]) -> Observed:
    """The states that have any value, gaps bridged, by logarithms (state, region, year) that are all real."""
    there = [k for k in range(len(states)) if np.isfinite(x[k]).any()]
    silent = {state: why for state, why in of.silent.items() if state not in states}
    silent |= {state: label("simulate.silent.no_value") for k, state in enumerate(states) if k not in there}
    if "capital" in states and not _has_investment(states, x):
        silent["capital"] = label("simulate.silent.no_investment")
        there = [k for k in there if states[k] != "capital"]
    when = np.asarray(years, dtype=float)
    bridged = [interpolate_inside(x[k], when, LONGEST_GAP) for k in there]
    return replace(
        of,
        states=tuple(states[k] for k in there),
        x=np.array(bridged).reshape(len(there), *x.shape[1:]),
        real=np.isfinite(x[there]),
        years=years,
        silent=silent,
        dropped=tuple(cell for cell in of.dropped if cell[2] <= years[-1]),
    )


def _growing(of: Observed) -> Observed:
    """The states seen in two successive years somewhere: of others there is a level, and no growth to go on with."""
    paired = (of.real[:, :, 1:] & of.real[:, :, :-1]).any(axis=(1, 2))
    alone = [state for state, pair in zip(of.states, paired, strict=True) if not pair]
    silent = {**of.silent, **{state: label("simulate.silent.no_growth") for state in alone}}
    if "capital" in of.states and "output" in silent:
        silent["capital"] = label("simulate.silent.no_investment")
    there = [k for k, state in enumerate(of.states) if state not in silent]
    if not there:
        raise Refusal("states_none", names=", ".join(STATES), why=_told(silent))
    if len(there) == len(of.states):
        return of
    states = tuple(of.states[k] for k in there)
    return replace(of, states=states, x=of.x[there], real=of.real[there], silent=silent)


def _told(silent: Mapping[str, Label]) -> Label:
    """Every reason with the states it holds for, those that a column stands for first."""
    nothing = label("simulate.silent.no_column")
    reasons = sorted(dict.fromkeys(silent.values()), key=lambda why: why == nothing)
    names = [", ".join(state for state, other in silent.items() if other == why) for why in reasons]
    return Label(
        "".join(f"{name}：{why.zh}" for name, why in zip(names, reasons, strict=True)),
        " ".join(f"{name}: {why.en}" for name, why in zip(names, reasons, strict=True)),
    )


def _refuse_above(values: np.ndarray, column: Column, panel: Panel, codes: Sequence[str]) -> None:
    with np.errstate(invalid="ignore"):
        above = values > (column.ceiling or math.inf)
    for i, t in np.argwhere(above):
        place = Place(region=panel.regions.label(codes[i]), year=panel.years[t])
        value, ceiling = f"{values[i, t]:g}", f"{column.ceiling:g}"
        raise Refusal("above_ceiling", place, state=column.state, value=value, ceiling=ceiling)


def _has_investment(states: tuple[str, ...], x: np.ndarray) -> bool:
    """Whether capital has two years that follow each other, and output the first of them."""
    if "output" not in states:
        return False
    capital, output = np.isfinite(x[states.index("capital")]), np.isfinite(x[states.index("output")])
    return bool((capital[:, 1:] & capital[:, :-1] & output[:, :-1]).any())


def _values(panel: Panel, column: Column) -> np.ndarray:
    """(region, year) values of a column; nan where they, or any variable of theirs, were filled in."""
    values = panel.compute(column.formula, column.unit)
    marks = [panel.marks[name].transpose("region", "year").values for name in formula.names(column.formula)]
    filled = np.any([np.isin(mark, (Mark.INTERPOLATED, Mark.IMPUTED)) for mark in marks], axis=0)
    early = np.asarray(panel.years) < (column.first or panel.years[0])
    return np.where(filled | early, np.nan, values)


def _column(cell: dict[str, str], table: RawTable, index: int) -> Column:
    state, first = cell["state"], cell.get("first", "")
    if state not in STATES:
        place = table.place(index, "state")
        raise Refusal("unknown_state", place, state=state, known=", ".join(STATES), hint=suggestion(state, STATES))
    first = first.removesuffix(".0")
    if first and not (first.isdigit() and len(first) == 4):
        raise Refusal("not_a_year", table.place(index, "first"), text=first)
    try:
        formula.parse(cell["formula"])
    except Refusal as refusal:
        raise refusal.at(table.place(index, "formula")) from refusal
    ceiling = cell.get("ceiling", "")
    if ceiling and not _positive(ceiling):
        raise Refusal("bad_ceiling", table.place(index, "ceiling"), text=ceiling)
    labels = (Label(cell.get(f"{name}zh", ""), cell.get(f"{name}en", "")) for name in ("", "note_"))
    named, note = labels
    top = float(ceiling) if ceiling else None
    return Column(state, cell["formula"], cell.get("unit", ""), int(first) if first else None, named, note, top)


def _positive(text: str) -> bool:
    try:
        return 0 < float(text) < math.inf
    except ValueError:
        return False
