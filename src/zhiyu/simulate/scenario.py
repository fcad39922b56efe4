"""Scenarios as numbers: which measure is at work how strongly, and which shock falls, in every year and region."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from zhiyu.data.regions import Regions, fold
from zhiyu.framework.rows import Measure
from zhiyu.simulate.channels import Policy
from zhiyu.simulate.choice import EVERYWHERE, Applied, Scenario, Shock
from zhiyu.terms import NOWHERE, Label, Place, Refusal, suggestion

BASELINE = "baseline"
SCENARIO_KEY = "simulate.scenario"  # where a study file states scenarios
HORIZON_PLACE = Place(file="study.toml", key="[simulate] horizon")
FARTHEST = 100  # years that are simulated at most: what is calibrated on some decades says nothing of centuries


def refuse_unknown(names: Iterable[str], known: Sequence[str], place: Place = NOWHERE) -> None:
    """Raises Refusal for the first of the names that no scenario has."""
    for name in names:
        if name not in known:
            hint = suggestion(name, known)
            raise Refusal("unknown_scenario", place, name=name, known=", ".join(known), hint=hint)


@dataclass(frozen=True, eq=False)
class Plan:
    """Scenarios over regions and years; the first is the baseline, in which nothing is done.

    years : the simulated ones, the first follows the base year; levels : (scenario, year, region, measure) in [0, 1];
    shocks : state -> (scenario, year, region) log points.
    """

    names: tuple[str, ...]
    labels: tuple[Label, ...]
    years: tuple[int, ...]
    codes: tuple[str, ...]
    measures: tuple[str, ...]
    levels: np.ndarray
    shocks: Mapping[str, np.ndarray]

    @property
    def base_year(self) -> int:
        return self.years[0] - 1

    def policy(self, measures: Sequence[Measure]) -> Timed:
        """The sums of weight x level that each channel ramps towards in a year; of channels that anything moves."""
        aims: dict[str, np.ndarray] = {}
        for k, measure in enumerate(measures):
            for channel, weight in measure.weights.items() if self.levels[..., k].any() else ():
                aims[channel] = aims.get(channel, 0.0) + weight * self.levels[..., k].transpose(1, 0, 2)[:, None]
        narrow = {name: x[..., :1] if (x == x[..., :1]).all() else x for name, x in sorted(aims.items())}
        last = {name: x[-1] for name, x in narrow.items()}
        return Timed(self.names, last, np.full(len(self.names), self.base_year), self.years[0], narrow)


@dataclass(frozen=True, eq=False)
class Timed(Policy):
    """A policy that changes over the years: aims, channel -> (year, 1, scenario, region or 1), from `start` on."""

    start: int
    aims: Mapping[str, np.ndarray]

    def aim(self, channel: str, year: int) -> np.ndarray:
        return np.asarray(self.aims[channel][year - self.start])


@dataclass(frozen=True)
class World:
    """What scenarios may name: measures, regions that have data, states that a shock can meet, and years.

    grouping : whose groups are meant where two groupings have one of the same name; stated : where the horizon stands

    Raises
    ------
    Refusal
        For a horizon that is not after the base year, or more than `FARTHEST` years after it.
    """

    measures: tuple[str, ...]
    regions: Regions
    states: tuple[str, ...]
    base_year: int
    horizon: int
    grouping: str | None = None
    stated: Place = HORIZON_PLACE

    def __post_init__(self) -> None:
        if self.horizon <= self.base_year:
            raise Refusal("horizon_passed", self.stated, horizon=self.horizon, base=self.base_year)
        if self.horizon > self.base_year + FARTHEST:
            last = self.base_year + FARTHEST
            raise Refusal("horizon_far", self.stated, horizon=self.horizon, base=self.base_year, last=last)

    @property
    def years(self) -> tuple[int, ...]:
        """The simulated years."""
        return tuple(range(self.base_year + 1, self.horizon + 1))

    def meant(self, name: str, place: Place = NOWHERE) -> list[int]:
        """Positions of the measures that an id means: itself, or all beneath it ("2" and "2.1" as well as "2.1.1").

        Raises
        ------
        Refusal
            If it means none.
        """
        found = [k for k, known in enumerate(self.measures) if f"{known}.".startswith(f"{name}.")]
        if not found or not name:
            raise Refusal("scenario_measure", place, name=name, hint=suggestion(name, self.measures))
        return found

    def reached(self, names: Sequence[str], place: Place = NOWHERE) -> np.ndarray:
        """(region,) whether a region is among the names, or in a group that is; "all" is every region.

        Raises
        ------
        Refusal
            If a name is neither a region of the study nor a group, or a group that has none of its regions.
        """
        found: np.ndarray = np.zeros(len(self.regions), dtype=bool)
        for name in names:
            found |= np.isin(self.regions.codes, sorted(self._codes(name, place)))
        return found

    def _codes(self, name: str, place: Place) -> set[str]:
        if name == EVERYWHERE:
            return set(self.regions.codes)
        try:
            return {self.regions.match(name)}
        except Refusal:
            pass
        groups = sorted(self.regions.groups, key=lambda group: group.grouping != self.grouping)
        inside = {
            group: {region.code for region in self.regions.rows if region.group(group.grouping) == group.id}
            for group in groups
        }
        meant = [g for g in groups if fold(name) in {fold(word) for word in (g.id, g.label.zh, g.label.en)}]
        for group in meant:
            if inside[group]:
                return inside[group]
        if meant:
            raise Refusal("scenario_place_empty", place, name=meant[0].label)
        labels = [region.label for region in self.regions.rows] + [group.label for group in groups if inside[group]]
        known = [word for label in labels for word in (label.zh, label.en)]
        raise Refusal("scenario_place", place, name=name, hint=suggestion(name, [*known, EVERYWHERE]))


def plan(scenarios: Sequence[Scenario], world: World, file: str = "study.toml", key: str = SCENARIO_KEY) -> Plan:
    """Scenarios over a study's regions and years, behind a baseline in which nothing is done.

    Where entries of one measure overlap the higher level holds; sizes of shocks that overlap add up.

    Parameters
    ----------
    file, key : where the scenarios stand, for what is refused

    Raises
    ------
    Refusal
        For a measure, place or state that is not known, a year outside the simulated ones, years that run backwards,
        or a name that stands twice.
    """
    years = np.array(world.years)
    shape = (len(scenarios) + 1, len(years), len(world.regions))
    levels: np.ndarray = np.zeros((*shape, len(world.measures)))
    shocks: dict[str, np.ndarray] = {}
    check_names(scenarios, file, key)
    for s, scenario in enumerate(scenarios, start=1):
        for j, applied in enumerate(scenario.measures, start=1):
            at = _placed(file, f"{key}.#{s}.measures.#{j}")
            meant, where = world.meant(applied.id, at("id")), world.reached(applied.where, at("where"))
            _check_years(applied, world, at)
            held = (years >= applied.start) & (years <= (applied.until or world.horizon))
            here = applied.level * np.outer(held, where)[:, :, None]
            levels[s][:, :, meant] = np.maximum(levels[s][:, :, meant], here)
        for j, shock in enumerate(scenario.shocks, start=1):
            at = _placed(file, f"{key}.#{s}.shocks.#{j}")
            _check_shock(shock, world, at)
            size = shocks.setdefault(shock.state, np.zeros(shape))
            size[s] += shock.size * np.outer(years == shock.year, world.reached(shock.where, at("where")))
    names = (BASELINE, *[scenario.name for scenario in scenarios])
    labels = (Label("基线", "baseline"), *[scenario.label for scenario in scenarios])
    return Plan(names, labels, world.years, world.regions.codes, world.measures, levels, shocks)


def check_names(scenarios: Sequence[Scenario], file: str = "study.toml", key: str = SCENARIO_KEY) -> None:
    """Refuses a name that stands twice, or is the baseline's."""
    seen = {BASELINE}
    for s, scenario in enumerate(scenarios, start=1):
        if scenario.name in seen:
            raise Refusal("scenario_twice", Place(file=file, key=f"[{key}.#{s}] name"), name=scenario.name)
        seen.add(scenario.name)


def _check_years(applied: Applied, world: World, at: Callable[[str], Place]) -> None:
    _check_year(applied.start, world, at("from"))
    if applied.until is not None:
        _check_year(applied.until, world, at("until"))
        if applied.until < applied.start:
            raise Refusal("scenario_backwards", at("until"), start=applied.start, until=applied.until)


def _check_shock(shock: Shock, world: World, at: Callable[[str], Place]) -> None:
    if shock.state not in world.states:
        hint = suggestion(shock.state, world.states)
        raise Refusal("scenario_state", at("state"), name=shock.state, known=", ".join(world.states), hint=hint)
    _check_year(shock.year, world, at("year"))


def _check_year(year: int, world: World, place: Place) -> None:
    if year not in world.years:
        raise Refusal("scenario_year", place, year=year, first=world.years[0], last=world.years[-1])


def _placed(file: str, table: str) -> Callable[[str], Place]:
    return lambda name: Place(file=file, key=f"[{table}] {name}")
