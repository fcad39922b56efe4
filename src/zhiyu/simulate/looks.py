"""The equations on symbols: every one that the model has, as a formula of what it looks at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from zhiyu.simulate import satellite
from zhiyu.simulate.base import PAIRS
from zhiyu.simulate.core import capital_growth
from zhiyu.simulate.equations import CORE, Terms
from zhiyu.simulate.model import LEVERS
from zhiyu.simulate.observe import STATES
from zhiyu.simulate.parameters import read
from zhiyu.simulate.satellite import Couplings
from zhiyu.simulate.symbols import Algebra, Expr, name


@dataclass(frozen=True)
class Look:
    """What an equation looks at.

    kind : the method of `Year` or `Now` by which it looks, or memory, lever, lever_before, years, share;
    state : of the core, of the satellite's memory, or a channel; of : the state that a gap is against, "base" for an
    index in the base year, "next" for the satellite's state at the end of the year
    """

    kind: str
    state: str = ""
    of: str = ""


def looked(kind: str, keys: Iterable[str]) -> dict[str, Expr]:
    """Key -> a symbol of its own, of one kind."""
    return {key: name(Look(kind, key), regional=True) for key in keys}


@dataclass(frozen=True)
class Symbols:
    """A `satellite.Now` in which all that can be seen is a symbol of its own."""

    states: tuple[str, ...] = STATES
    levers: Mapping[str, Expr] = field(default_factory=lambda: looked("lever", LEVERS))
    levers_before: Mapping[str, Expr] = field(default_factory=lambda: looked("lever_before", LEVERS))
    xp: Any = Algebra

    @property
    def years(self) -> Expr:
        return name(Look("years"))

    @property
    def levels(self) -> Mapping[str, Expr]:
        """Levels, for the identity of capital."""
        return looked("level", self.states)

    def growth(self, state: str) -> Expr | None:
        return self._look("growth", state)

    def grown(self, state: str) -> Expr | None:
        return self._look("grown", state)

    def level(self, state: str) -> Expr | None:
        return self._look("level", state)

    def gap(self, state: str, of: str | None = None) -> Expr | None:
        return self._look("gap", state, of or "") if of is None or of in self.states else None

    def spill(self, state: str) -> Expr | None:
        return self._look("spill", state)

    def capability(self) -> Expr | None:
        return self._look("gap", "capability")

    def since(self, state: str) -> Any:
        return self._look("since", state)

    def index(self, state: str, at_base: bool = False) -> Any:
        return self._look("index", state, "base" if at_base else "")

    def parted(self, state: str) -> Any:
        return self._look("parted", state)

    def pace(self, state: str) -> Any:
        return self._look("pace", state)

    def lead(self) -> Any:
        return self._look("lead", "capability")

    def _look(self, kind: str, state: str, of: str = "") -> Expr | None:
        there = any(one in self.states for one in PAIRS.get(state, (state,)))
        return name(Look(kind, state, of), regional=True) if there else None


def parameters() -> dict[str, Expr]:
    """Parameter -> symbol; its name is the parameter's."""
    return {parameter.name: name(parameter.name) for parameter in read()}


@cache
def core() -> Mapping[str, Terms]:
    """State -> {parameter: regressor}; capital, an identity, stands alone: {"": its growth}."""
    now = Symbols()
    found: dict[str, Terms] = {}
    for state in STATES:
        if state in CORE:
            found[state] = CORE[state](now)
        else:
            share = name(Look("share"), regional=True)
            found[state] = {"": capital_growth(now, share, name("capital_depreciation"))}  # type: ignore[arg-type]
    return found


@cache
def theory() -> Mapping[str, Expr]:
    """State of the satellite -> what it is after a year, from the others as they are called in `satellite.STATES`."""
    now, p, old = Symbols(), parameters(), memory()
    new = {state: name(Look("memory", state, "next"), regional=True) for state in satellite.STATES}
    made = {
        "compute": satellite.compute(now, old, p),
        "energy": satellite.energy_share(now, new["compute"], p),
        "exposure": satellite.exposure(now),
        "risk": satellite.risk(now, old, p, new["exposure"]),
        "incidents": satellite.incidents(new["risk"], p),
        "governance": satellite.governance(now, old, p, new["exposure"]),
        "mismatch": satellite.mismatch(now, p),
        "use": satellite.use(now),
    }
    return {state: made[state] for state in satellite.STATES}


@cache
def couplings() -> Couplings:
    """The named terms by which satellite and levers move the core, all measures being at work."""
    return satellite.couple(Symbols(), memory(), parameters())


def feedback() -> Expr:
    """What a unit of capability returns to itself through compute."""
    found: Expr = satellite.feedback(parameters())
    return found


def memory() -> dict[str, Expr]:
    """The satellite's states, what moved them last, and what they were in the base year."""
    keys = (f"{state}{what}" for state in satellite.STATES for what in ("", "_growth", "_base"))
    return looked("memory", keys)
