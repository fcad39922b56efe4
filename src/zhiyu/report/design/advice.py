"""The plan in one page: what, where, from when, how far, at what cost, and what it is expected to change."""

from __future__ import annotations

import numpy as np
import pandas as pd

from zhiyu.design.claim import EQUAL
from zhiyu.design.objectives import Objective
from zhiyu.design.plan import PLAN, Plan
from zhiyu.planning import Beside
from zhiyu.report import words
from zhiyu.report.design.shown import aim, banded, cost_unit, costs_told, effect, lever, money, place, unit
from zhiyu.report.explain.question import Question
from zhiyu.report.material import Material
from zhiyu.report.tables import Cell, Table, column
from zhiyu.terms import Label, Locale, text

WIDE = 6  # places that fit beside each other


def question(m: Material, of: Plan) -> Question:
    """The plan, and its expected differences with bands, simulated and linear beside each other."""
    return Question(
        "design_plan",
        (*finding(of), *unasked(of, m.beside), costs_told(of), words.label("report.do.assumed", grade=of.grade or "D")),
        (_table(m, of), _effects(m, of)),
    )


def finding(of: Plan) -> tuple[Label, ...]:
    """What the plan does, in a sentence."""
    if of.plan.empty:
        return (words.label("report.do.nothing", budget=money(of.budget)),)
    by_place = of.plan.groupby("place", sort=False).cost.sum().sort_values(ascending=False, kind="stable")
    measures = of.plan.groupby("measure", sort=False).cost.sum().sort_values(ascending=False, kind="stable")
    effects = words.both(
        lambda locale: words.listed(
            [
                words.label("report.do.effect", name=one.label, band=effect(of, one)).text(locale)
                for one in of.objectives
            ],
            locale,
        )
    )
    values = {
        "budget": money(of.budget),
        "unit": cost_unit(of),
        "spent": money(of.spent),
        "number": len(measures),
        "total": len(of.options.levers),
        "places": words.both(
            lambda locale: words.listed(
                [
                    f"{place(of, str(name)).text(locale)} {words.percent(cost / of.spent, 0)}"
                    for name, cost in by_place.head(WIDE).items()
                ],
                locale,
            )
        ),
        "first": words.both(
            lambda locale: words.listed([lever(of, str(name)).text(locale) for name in measures.index[:3]], locale)
        ),
        "year": of.last_year,
        "level": words.percent(of.level, 0),
        "effects": effects,
        "aim": aim(of),
    }
    return (words.label("report.do.finding", **values), words.label("report.do.expected", **values))


def unasked(of: Plan, found: Beside | None) -> tuple[Label, ...]:
    """What gets worse, or better, that the plan was not asked to serve: bands that lie on one side of nought."""
    if found is None or of.plan.empty:
        return ()
    low, high = np.quantile(found.outcomes, ((1 - of.level) / 2, (1 + of.level) / 2), axis=0)
    told = []
    for way, at in (("worse", high < 0), ("better", low > 0)):
        parts = [
            _also(found.objectives[j], float(found.outcomes[:, j].mean()), low[j], high[j]) for j in np.flatnonzero(at)
        ]
        if parts:
            told.append(words.label(f"report.do.unasked.{way}", listed=_listed(parts)))
    return tuple(told)


def _also(one: Objective, middle: float, low: float, high: float) -> Label:
    return words.label("report.do.effect", name=one.label, band=banded(middle, low, high, unit(one)))


def _listed(parts: list[Label]) -> Label:
    return words.both(lambda locale: words.names(parts, locale))


def _table(m: Material, of: Plan) -> Table:
    """A row a measure where places are few, with each place's level; else a row a measure and place."""
    taken = list(dict.fromkeys(of.plan.place))
    sites = [site for site in of.options.sites if site.id in taken]
    order = of.plan.groupby("measure").cost.sum().sort_values(ascending=False, kind="stable").index
    wide = len(of.options.sites) <= WIDE
    columns = [column("do_measure", "label", head=True)]
    columns += [column(f"do_at_{site.id}", "label", label=words.heading(site.label)) for site in sites if wide]
    columns += [] if wide else [column("do_place", "label"), column("do_level", "percent", 0)]
    columns += [column("do_year", "label"), column("do_cost", "number", 2), column("do_grade")]
    columns += [column("do_source", "label")] if of.plan.outside.any() else []
    rows: list[tuple[Cell, ...]] = []
    for measure in map(str, order):
        own = of.plan[of.plan.measure == measure]
        if wide:
            rows.append((lever(of, measure), *(_level(own, site.id) for site in sites), *_rest(of, own)))
        else:
            for at in range(len(own)):
                one = own.iloc[[at]]
                rows.append(
                    (lever(of, measure), place(of, str(one.place.iloc[0])), float(one.level.iloc[0]), *_rest(of, one))
                )
    note = words.label("report.note.design_plan", unit=cost_unit(of), spent=money(of.spent))
    return Table(
        "design_plan", words.label("report.table.design_plan"), tuple(columns), tuple(rows), (note, *m.coverage)
    )


def _level(own: pd.DataFrame, site: str) -> Label:
    """The level of a measure at a place, with its first year where a measure begins more than once."""
    here, several = own[own.place == site], own.year.nunique() > 1
    told = [
        words.percent(float(level), 0) + (f" ({year})" if several else "")
        for level, year in zip(here.level, here.year, strict=True)
    ]
    return Label(*(" ".join(told) or words.DASH,) * 2)


def _rest(of: Plan, own: pd.DataFrame) -> tuple[Cell, ...]:
    years = "–".join(str(year) for year in dict.fromkeys((int(own.year.min()), int(own.year.max()))))
    source = words.label("report.do.outside" if bool(own.outside.any()) else "report.do.paper")
    found = (Label(years, years), float(own.cost.sum()), str(own.grade.max()))
    return (*found, source) if of.plan.outside.any() else found


def _effects(m: Material, of: Plan) -> Table:
    """A row an objective: the plan's difference simulated, by the sum of its parts, and split equally."""
    columns = (
        column("do_objective", "label", head=True),
        column("do_simulated", "label"),
        column("do_linear", "number", 2),
        column("do_equal", "label"),
        column("do_threshold", "number", 2),
        column("do_met", "percent", 0),
    )
    linear = of.differences[of.differences.name == PLAN].set_index("objective").linear
    rows: list[tuple[Cell, ...]] = []
    for j, one in enumerate(of.objectives):
        met = float((of.chosen.outcomes[0, :, j] >= of.thresholds[j]).mean())
        rows.append(
            (
                words.heading(one.label),
                effect(of, one),
                float(linear[one.id]),
                effect(of, one, EQUAL),
                float(of.thresholds[j]),
                met,
            )
        )
    note = words.label(
        "report.note.design_effects",
        level=words.percent(of.level, 0),
        futures=of.chosen.outcomes.shape[1],
        when=of.last_year,
    )
    meant = words.both(lambda locale: _meant(of, locale))
    title = words.label("report.table.design_effects", year=of.last_year)
    return Table("design_effects", title, columns, tuple(rows), (meant, note, *m.coverage))


def _meant(of: Plan, locale: Locale) -> str:
    """What each objective measures, in which unit."""
    names = [
        text("report.do.meant", locale, name=words.headline(one.label.text(locale), locale), what=one.what)
        for one in of.objectives
    ]
    return ("；" if locale == "zh" else "; ").join(names) + ("。" if locale == "zh" else ".")
