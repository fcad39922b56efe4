"""Names, numbers and bands as every room of the chapter shows them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from zhiyu.design.objectives import Objective, relative
from zhiyu.design.plan import PLAN, Plan
from zhiyu.design.robust import places
from zhiyu.report import words
from zhiyu.terms import Label, Locale

DIGITS = 2  # of differences: a plan's are often tenths of a per cent


def signed(x: float, digits: int = DIGITS) -> str:
    """What is shown as nought has no sign."""
    return words.signed(round(x, digits) + 0.0, digits)


def banded(middle: float, low: float, high: float, sign: str = "") -> Label:
    """`+1.20% [0.40, 2.10]`."""
    return Label(*(f"{signed(middle)}{sign} [{signed(low)}, {signed(high)}]",) * 2)


def unit(of: Objective, regional: bool = False) -> str:
    """The sign behind a difference: per cent of states, none of indices and gaps, which are in points."""
    return "%" if relative(of.outcome) and (regional or of.statistic == "nation") else ""


def cost_unit(of: Plan) -> Label:
    """What costs are counted in; said to be assumed where nobody stated any."""
    if of.costs.assumed:
        return words.label("report.do.unit_assumed")
    return of.unit or words.label("report.do.unit")


def costs_told(of: Plan) -> Label:
    """Where costs come from."""
    return words.label("report.do.costs_assumed" if of.costs.assumed else "report.do.costs_stated")


def lever(of: Plan, name: str) -> Label:
    """A measure's id and name."""
    found = next(one for one in of.options.levers if one.id == name)
    return Label(f"{found.id} {found.label.zh}", f"{found.id} {words.headline(found.label.en, 'en')}")


def place(of: Plan, name: str) -> Label:
    return next(site.label for site in of.options.sites if site.id == name)


def effect(of: Plan, objective: Objective, name: str = PLAN) -> Label:
    """A portfolio's mean difference and its band."""
    row = of.differences[(of.differences.name == name) & (of.differences.objective == objective.id)].iloc[0]
    return banded(float(row["mean"]), float(row.low), float(row.high), unit(objective))


def money(cost: float) -> str:
    """A cost with two digits, fewer where they are noughts."""
    return words.number(cost, 2).rstrip("0").rstrip(".") if "." in words.number(cost, 2) else words.number(cost, 2)


def aim(of: Plan) -> Label:
    """By what the plan is best."""
    share = words.percent(of.tail, 0)
    return words.label(f"report.do.aim.{of.robust}", share=share)


def regions(of: Plan, objective: str, verdict: str) -> tuple[Label, ...]:
    """Names of the regions that gain or lose by an objective's outcome, most first."""
    rows = of.places[(of.places.objective == objective) & (of.places.verdict == verdict)]
    order = np.argsort(-rows.middle.abs().to_numpy(), kind="stable")
    labels = dict(zip(of.codes, of.regions, strict=True))
    return tuple(labels[str(code)] for code in rows.region.to_numpy()[order])


def few(names: tuple[Label, ...], locale: Locale, most: int = 6) -> str:
    """Names in a row; how many more there are where there are many."""
    shown = words.names(names[:most], locale)
    left = len(names) - most
    return shown if left <= 0 else words.label("report.do.and_more", names=shown, number=left).text(locale)


def ranked(table: pd.DataFrame) -> np.ndarray:
    """(k, 3) place of each portfolio among those of a table by satisficing share, worst futures and greatest regret."""
    by = (table.satisficing, table.cvar, -table.regret)
    return np.stack([places(column.to_numpy()) for column in by], axis=1)
