"""Who gains and who loses: differences in every region in the last year, with bands."""

from __future__ import annotations

from functools import partial

import numpy as np

from zhiyu.design.plan import Plan
from zhiyu.report import words
from zhiyu.report.design.shown import banded, few, regions, signed, unit
from zhiyu.report.explain.question import Question
from zhiyu.report.figures import Figure
from zhiyu.report.material import Material
from zhiyu.report.tables import Cell, Table, column
from zhiyu.report.tilemap import difference_map, mapped
from zhiyu.simulate.told import outcome
from zhiyu.terms import Label, Locale, text

VERDICTS = ("gains", "open", "loses")
PLACES = 6  # that fit into a sentence
TENS = 10  # from which one digit does
MAPS = 2  # outcomes that are drawn: those of the first objectives


def question(m: Material, of: Plan) -> Question | None:
    """Regions that gain and lose in each objective's outcome, on maps and by name."""
    if of.plan.empty:
        return None
    return Question(
        "design_gains",
        tuple(_told(of, one.id) for one in of.objectives),
        (_table(m, of),),
        (_regions(m, of),),
        figures=lambda locale: _maps(m, of, locale),
    )


def _told(of: Plan, objective: str) -> Label:
    one = next(row for row in of.objectives if row.id == objective)
    better, worse = regions(of, objective, "gains"), regions(of, objective, "loses")
    values = {"name": words.heading(outcome(one.outcome)), "year": of.last_year}
    values |= {"gains": len(better), "loses": len(worse), "places": _by_place(of, objective)}
    values["open"] = int(((of.places.objective == objective) & (of.places.verdict == "open")).sum())
    if not worse:
        return words.label("report.do.nobody_loses", **values)
    return words.label("report.do.losers", names=words.both(lambda locale: few(worse, locale)), **values)


def _by_place(of: Plan, objective: str) -> Label:
    """The middle region's difference at each place."""
    own = of.places[of.places.objective == objective].set_index("region").middle
    sign = unit(next(row for row in of.objectives if row.id == objective), regional=True)
    parts = []
    for site in of.options.sites[:PLACES]:
        here = [own[code] for code, inside in zip(of.codes, site.reach, strict=True) if inside and code in own.index]
        if here:
            parts.append((site.label, signed(float(np.median(here)), 1) + sign))
    return words.both(lambda locale: words.listed([f"{name.text(locale)} {x}" for name, x in parts], locale))


def _table(m: Material, of: Plan) -> Table:
    """A row an outcome: how many regions gain and lose, and which have most and least of it."""
    columns = (
        column("do_outcome", "label", head=True),
        *(column(f"do_{verdict}", "integer") for verdict in VERDICTS),
        column("do_most", "label"),
        column("do_least", "label"),
    )
    labels = dict(zip(of.codes, of.regions, strict=True))
    rows: list[tuple[Cell, ...]] = []
    for one in of.objectives:
        own = of.places[of.places.objective == one.id]
        ends: list[Cell] = []
        for at in (own.middle.to_numpy().argmax(), own.middle.to_numpy().argmin()) if len(own) else ():
            row = own.iloc[at]
            band = banded(float(row.middle), float(row.low), float(row.high))
            name = labels[str(row.region)]
            ends.append(Label(f"{name.zh} {band.zh}", f"{name.en} {band.en}"))
        counts = [int((own.verdict == verdict).sum()) for verdict in VERDICTS]
        points = words.label("report.do.per_cent" if unit(one, regional=True) else "report.do.points")
        name = outcome(one.outcome)
        rows.append(
            (
                Label(f"{name.zh}（{points.zh}）", f"{words.headline(name.en, 'en')} ({points.en})"),
                *counts,
                *(ends or [None, None]),
            )
        )
    note = words.label("report.note.design_gains", level=words.percent(of.level, 0))
    title = words.label("report.table.design_gains", year=of.last_year)
    return Table("design_gains", title, columns, tuple(rows), (note, *m.coverage))


def _regions(m: Material, of: Plan) -> Table:
    """Every region's difference, for the file."""
    labels = dict(zip(of.codes, of.regions, strict=True))
    columns = (
        column("region"),
        column("region_name", "label"),
        column("do_objective_id"),
        column("do_outcome_id"),
        *(column(f"if_band_{band}", "value") for band in ("low", "middle", "high")),
        column("do_verdict", "label"),
    )
    rows: list[tuple[Cell, ...]] = []
    for row in of.places.to_dict("records"):
        ids = (str(row["region"]), labels[str(row["region"])], str(row["objective"]), str(row["outcome"]))
        band = (float(row[name]) for name in ("low", "middle", "high"))
        rows.append((*ids, *band, words.label(f"report.do.verdict.{row['verdict']}")))
    return Table("design_regions", words.label("report.table.design_regions", year=of.last_year), columns, tuple(rows))


def _maps(m: Material, of: Plan, locale: Locale) -> tuple[Figure, ...]:
    if not mapped(m.regions):
        return ()
    return tuple(_map(m, of, j, locale) for j in range(min(MAPS, len(of.objectives))))


def _map(m: Material, of: Plan, j: int, locale: Locale) -> Figure:
    """The middle difference of one objective's outcome, by region."""
    one = of.objectives[j]
    own = of.places[of.places.objective == one.id]
    value = dict(zip(own.region, own.middle, strict=True))
    shown = partial(signed, digits=1 if max(map(abs, value.values())) >= TENS else 2)
    points = words.label("report.do.per_cent" if unit(one, regional=True) else "report.do.points")
    title = words.headline(
        text("report.chart.design_map", locale, name=outcome(one.outcome), year=of.last_year, unit=points), locale
    )
    return difference_map(m, f"chart-design-map-{one.id}", title, value, shown, locale)
