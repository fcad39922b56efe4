"""A plan in one page of text: what to do, what it changes, what else, who loses, what breaks it."""

from __future__ import annotations

import numpy as np

from zhiyu.design.plan import PLAN, Plan
from zhiyu.planning import Beside
from zhiyu.report import words
from zhiyu.report.design import breaks
from zhiyu.report.design.advice import finding, unasked
from zhiyu.report.design.shown import cost_unit, costs_told, effect, few, lever, money, place, regions, signed
from zhiyu.simulate.told import MARK, outcome
from zhiyu.terms import Label, Locale, text


def summary(of: Plan, title: Label, locale: Locale, found: Beside | None = None) -> str:
    """The plan as text; `found` : what it moves besides."""
    head = text("report.do.title", locale, title=title)
    parts = [f"{head} · {text('report.do.span', locale, first=of.base_year + 1, last=of.last_year)}"]
    parts.append(words.joined([one.text(locale) for one in (*finding(of), *unasked(of, found))], locale))
    if not of.plan.empty:
        parts += ["\n".join(_measures(of, locale)), "\n".join(_effects(of, locale)), "\n".join(_rivals(of, locale))]
        parts += ["\n".join(_losers(of, locale)), words.joined([one.text(locale) for one in breaks.told(of)], locale)]
    told = (costs_told(of), words.label("report.do.assumed", grade=of.grade or "D"))
    parts.append(words.joined([one.text(locale) for one in told], locale))
    return "\n\n".join(parts)


def _measures(of: Plan, locale: Locale) -> list[str]:
    """A line a measure, the dearest first: places with levels, first years, cost."""
    lines = [text("report.do.list", locale, unit=cost_unit(of))]
    order = of.plan.groupby("measure").cost.sum().sort_values(ascending=False, kind="stable").index
    for measure in map(str, order):
        own = of.plan[of.plan.measure == measure]
        several = len(set(of.options.year)) > 1
        where = [
            f"{place(of, str(name)).text(locale)} {words.percent(float(level), 0)}" + (f" ({year})" if several else "")
            for name, level, year in zip(own.place, own.level, own.year, strict=True)
        ]
        values = {"name": lever(of, measure), "where": MARK[locale].join(where), "cost": money(float(own.cost.sum()))}
        lines.append("  " + text("report.do.line", locale, **values))
    return lines


def _effects(of: Plan, locale: Locale) -> list[str]:
    """A line an objective: simulated with its band, and the sum of what measures do alone."""
    lines = [text("report.do.changes", locale, year=of.last_year, level=words.percent(of.level, 0))]
    linear = of.differences[of.differences.name == PLAN].set_index("objective").linear
    for one in of.objectives:
        values = {"what": one.what, "band": effect(of, one), "linear": signed(float(linear[one.id]))}
        lines.append("  " + text("report.do.change", locale, **values))
    return lines


def _rivals(of: Plan, locale: Locale) -> list[str]:
    """A line a portfolio at the same budget: means of the objectives, and the three readings."""
    lines = [text("report.do.compared", locale, tail=words.percent(of.tail, 0))]
    labels = (words.label("report.do.plan"), *of.rivals.labels)
    for k, label in enumerate(labels):
        row = of.comparisons.iloc[k]
        means = MARK[locale].join(f"{one.label.text(locale)} {signed(float(row[one.id]))}" for one in of.objectives)
        values = {
            "name": label,
            "means": means,
            "cvar": words.number(float(row.cvar), 2),
            "regret": words.number(float(row.regret), 2),
            "share": words.percent(float(row.satisficing), 0),
        }
        lines.append("  " + text("report.do.portfolio", locale, **values))
    return lines


def _losers(of: Plan, locale: Locale) -> list[str]:
    """A line an objective's outcome: how many regions gain and lose, and who loses."""
    lines = [text("report.do.who", locale, year=of.last_year, level=words.percent(of.level, 0))]
    for one in of.objectives:
        counts = {name: len(regions(of, one.id, name)) for name in ("gains", "open", "loses")}
        if not np.any(list(counts.values())):
            continue
        losers = few(regions(of, one.id, "loses"), locale) or words.DASH
        lines.append("  " + text("report.do.counted", locale, name=outcome(one.outcome), names=losers, **counts))
    return lines
