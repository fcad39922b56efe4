"""A claim's figures in units that need no statistics: points of a score, per cent, a share."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from zhiyu.explain.claims.question import Found, Verdict
from zhiyu.report import words
from zhiyu.report.material import Material
from zhiyu.terms import Label, text

TENTH = math.log(1.1)  # of a logarithm, what is a tenth more of the thing itself
LEADS = {"C12": "C12.moves"}  # claim -> the part that a reader is told of, where it is not the one that decides

Unit = Literal["points", "percent", "percentage_points", "plain"]
Raw = Literal["score", "log", "elasticity", "share", "gini", "plain", "percentage"]
Way = Literal["level", "trend", "count", "gap"]


@dataclass(frozen=True)
class Scale:
    """How an estimate is told. unit : of what is told, of `report.ledger.unit.UNIT`; raw : of the estimate as it
    stands in files; way : how more and less are called, of `report.ledger.word.WAY_up`, `_down`; a trend has its
    sign instead."""

    told: Callable[[float, Material], float]
    digits: Callable[[Material], int]
    unit: Unit
    raw: Raw
    way: Way = "level"


def _points(way: Way = "level") -> Scale:
    """Tenths of the scale as points of it."""
    return Scale(lambda value, m: value * m.scale / 10.0, lambda m: m.digits, "points", "score", way)


def _percent(digits: int = 1, factor: float = 1.0, raw: Raw = "log", way: Way = "level") -> Scale:
    """A change of a logarithm as per cent of the thing itself."""
    return Scale(lambda value, m: 100.0 * math.expm1(factor * value), lambda m: digits, "percent", raw, way)


def _times(factor: float, digits: int, unit: Unit, raw: Raw, way: Way = "trend") -> Scale:
    return Scale(lambda value, m: factor * value, lambda m: digits, unit, raw, way)


_POINTS_OF_TENTH = Scale(lambda value, m: value * TENTH * m.scale / 10.0, lambda m: m.digits + 1, "points", "score")

READ: Mapping[str, Scale] = {
    **dict.fromkeys(("C01", "C02", "C13", "C14.mechanism", "C15.mechanism", "C16.mechanism", "C17"), _points()),
    **dict.fromkeys(("C14.event", "C15.event", "C14.before", "C15.before"), _points()),
    **dict.fromkeys(("C08.clusters", "C08.weights"), _times(100.0, 0, "percent", "share")),
    "C11.combination": _times(100.0, 1, "percent", "share"),
    **dict.fromkeys(("C12.ai_native", "C12.data_factor", "C12.platform_system"), _points("trend")),
    **dict.fromkeys(("C12.industry_convergence", "C12.governance_foresight"), _points("trend")),
    **dict.fromkeys(("C04", "C05.interaction", "C08.spill", "C16.moderation"), _percent()),
    "C05.threshold": _percent(way="gap"),
    **dict.fromkeys(("C18.productivity", "C18.income", "C21.energy", "C21.carbon"), _percent()),
    **dict.fromkeys(("C10.researchers", "C10.contracts"), _times(1.0, 2, "plain", "plain")),
    "C03.trend": _times(1.0, 3, "plain", "plain"),
    **dict.fromkeys(("C06", "C10.lagging"), _times(100.0, 2, "percentage_points", "share")),
    "C18.part": _times(100.0, 2, "percentage_points", "log", "level"),
    **dict.fromkeys(("C19.output_spread", "C19.income_spread"), _times(100.0, 2, "percentage_points", "log")),
    **dict.fromkeys(("C19.output_between", "C19.income_between"), _times(1.0, 5, "plain", "gini")),
    "C03.growth": _times(10.0, 2, "percentage_points", "log", "level"),
    "C09.digital": _POINTS_OF_TENTH,
    "C09.output": _percent(2, TENTH, "elasticity"),
    "C09.threshold": _times(100.0 * TENTH, 2, "percentage_points", "elasticity", "gap"),
    "C11": _percent(2),
    "C12.moves": _times(100.0, 0, "plain", "share", "count"),
    "C20.exports": _times(10.0, 2, "percentage_points", "percentage", "level"),
    "C20.frontier": _percent(1, 0.1),
    "C23.level": _times(1.0, 3, "plain", "gini", "gap"),
    "C23.trend": _times(1.0, 5, "plain", "gini"),
}  # part of a claim -> how its estimate is put in the units of `report.ledger.read.PART`


def decided(one: Verdict) -> Found:
    """The part that the row's figures are of."""
    assert one.decides is not None
    return one.decides


def led(one: Verdict) -> Found:
    """The part that a reader is told of first."""
    return next((part for part in one.parts if part.id == LEADS.get(one.id)), decided(one))


def reading(part: Found, m: Material, value: float) -> str:
    """A value of a part's estimate in the units of its sentence; an end without bound as such."""
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    scale = READ.get(part.id)
    shown = words.significant(value, 3) if scale is None else words.signed(scale.told(value, m), scale.digits(m))
    return shown if _seen(shown) else shown.lstrip("+−")


def bound(part: Found, m: Material, value: float) -> str:
    """An end of the interval likewise, but never as nought where it is not: on which side it lies is what is asked."""
    shown = reading(part, m, value)
    if not vanishes(part, m, value):
        return shown
    least = words.significant(READ[part.id].told(abs(value), m), 1)
    return f"{'−' if value < 0 else '+'}{least}" if _seen(least) else shown


def vanishes(part: Found, m: Material, value: float) -> bool:
    """Whether a value that is not nought rounds to it."""
    return bool(value) and part.id in READ and not _seen(reading(part, m, value))


def _seen(shown: str) -> bool:
    """Whether a number is more than nought as it is shown."""
    return shown.strip("+−0.,") != ""


def figure(part: Found, m: Material, value: float) -> Label:
    """The same with its unit: `+2.0 points`; what rounds to nought is about nought."""
    shown = reading(part, m, value)
    if vanishes(part, m, value):
        return words.label("report.ledger.about", value=_united(part, "0"))
    return _united(part, shown)


def unit(part: Found) -> Label:
    """Of what is told of the part's estimate, short; empty for a plain number."""
    name = _unit(part)
    signs = {"plain": Label("", ""), "percent": Label("%", "%")}
    return signs[name] if name in signs else words.label(f"report.ledger.short.{name}")


def _unit(part: Found) -> Unit:
    return READ[part.id].unit if part.id in READ else "plain"


def raw(part: Found) -> Label:
    """The unit of the part's estimate as it stands in files; empty where the test's name says it."""
    return words.label(f"report.ledger.raw.{READ[part.id].raw}") if part.id in READ else Label("", "")


def _united(part: Found, shown: str) -> Label:
    return words.label(f"report.ledger.unit.{_unit(part)}", value=shown)


def step(m: Material) -> str:
    """A tenth of the scale."""
    return words.number(m.scale / 10.0, 0 if m.scale >= 10 else 1)


def told(part: Found, m: Material) -> Label:
    """The part's estimate as a clause."""
    value = reading(part, m, part.estimate)
    scale = READ.get(part.id)
    if scale is None or part.how == "condition":
        return words.label("report.ledger.read_other", name=part.label, value=value)
    side = "down" if value.startswith("−") else "up"
    more = Label("", "") if scale.way == "trend" else words.label(f"report.ledger.word.{scale.way}_{side}")
    known = {
        "size": value.lstrip("+−"),
        "signed": value,
        "more": more,
        "step": step(m),
        "at": _at(part, m),
        **_course(part),
    }
    return words.both(lambda locale: text(f"report.ledger.read.{part.id}", locale, **known))


def _course(part: Found) -> dict[str, str]:
    """From where to where a trend went, and when."""
    first, last = (str(part.years[k]) if part.years else words.DASH for k in (0, -1))
    before, after = (words.number(end, 1) for end in part.ends)
    return {"first": first, "last": last, "before": before, "after": after}


def _at(part: Found, m: Material) -> str:
    """Where a threshold lies: openness is taken as a logarithm, institutions in tenths of their scale."""
    if math.isnan(part.at):
        return words.DASH
    return words.percent(math.exp(part.at), 0) if part.id == "C09.threshold" else words.number(part.at * m.scale / 10.0)
