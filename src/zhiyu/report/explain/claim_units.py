"""A claim's figures in units that need no statistics: points of a score, per cent, a share."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from zhiyu.explain.claims.question import Found, Verdict
from zhiyu.report import words
from zhiyu.report.material import Material
from zhiyu.terms import Label

Scale = Callable[[float, Material], str]
TENTH = math.log(1.1)  # of a logarithm, what is a tenth more of the thing itself


def _points(value: float, m: Material) -> str:
    """Tenths of the scale as points of it."""
    return words.signed(value * m.scale / 10.0, m.digits)


def _percent(digits: int = 1, factor: float = 1.0) -> Scale:
    """A change of a logarithm as per cent of the thing itself."""
    return lambda value, m: words.signed(100.0 * math.expm1(factor * value), digits)


def _times(factor: float, digits: int) -> Scale:
    return lambda value, m: words.signed(factor * value, digits)


def _points_of_tenth(value: float, m: Material) -> str:
    return words.signed(value * TENTH * m.scale / 10.0, m.digits + 1)


READ: Mapping[str, Scale] = {
    **dict.fromkeys(("C01", "C02", "C13", "C14.mechanism", "C15.mechanism", "C16.mechanism", "C17"), _points),
    **dict.fromkeys(("C12.ai_native", "C12.data_factor", "C12.platform_system"), _points),
    **dict.fromkeys(("C12.industry_convergence", "C12.governance_foresight", "C14.event", "C15.event"), _points),
    **dict.fromkeys(("C04", "C05.interaction", "C05.threshold", "C08.spill", "C16.moderation"), _percent()),
    **dict.fromkeys(("C18.productivity", "C18.income", "C21.energy", "C21.carbon"), _percent()),
    **dict.fromkeys(("C10.researchers", "C10.contracts", "C03.trend"), _times(1.0, 3)),
    **dict.fromkeys(("C06", "C10.lagging", "C18.part", "C19.output_spread", "C19.income_spread"), _times(100.0, 2)),
    **dict.fromkeys(("C19.output_between", "C19.income_between", "C23.trend"), _times(100.0, 3)),
    "C03.growth": _times(10.0, 2),
    "C09.digital": _points_of_tenth,
    "C09.output": _percent(2, TENTH),
    "C09.threshold": _times(100.0 * TENTH, 2),
    "C11": _percent(2),
    "C12.moves": _times(100.0, 0),
    "C20.exports": _times(10.0, 2),
    "C20.frontier": _percent(1, 0.1),
    "C23.level": _times(100.0, 1),
}  # part of a claim -> how its estimate is put in the units of `report.ledger.read.PART`


def decided(one: Verdict) -> Found:
    """The part that the row's figures are of."""
    return next((part for part in one.parts if part.estimate == one.estimate), one.parts[0])


def reading(part: Found, m: Material, value: float) -> str:
    """A value of a part's estimate in the units of its sentence; an end without bound as such."""
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    return READ[part.id](value, m) if part.id in READ else words.significant(value, 3)


def step(m: Material) -> str:
    """A tenth of the scale."""
    return words.number(m.scale / 10.0, 0 if m.scale >= 10 else 1)


def told(part: Found, m: Material) -> Label:
    """The part's estimate as a clause."""
    value = reading(part, m, part.estimate)
    if part.id in READ:
        return words.label(f"report.ledger.read.{part.id}", value=value, step=step(m))
    return words.label("report.ledger.read_other", name=part.label, value=value)
