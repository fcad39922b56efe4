"""The plan as files: a page of its own in each language, and every table behind it."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from markupsafe import Markup

from zhiyu.design.plan import Plan
from zhiyu.planning import beside
from zhiyu.report import words
from zhiyu.report.design.chapter import questions
from zhiyu.report.design.shown import lever, place
from zhiyu.report.document import Room, Section, captioned, font, numbered
from zhiyu.report.material import Material, named, versions
from zhiyu.report.page import TEMPLATES, fill
from zhiyu.report.tables import Cell, Column, Kind, Table, table_files
from zhiyu.study import Study
from zhiyu.terms import Label, Locale, text

WHOLE = ("year",)


def write(study: Study) -> dict[str, str]:
    """Write a study's plan into its `out` folder, which is made if it is not there; relative path -> SHA-256."""
    m = material(study)
    title = [m.choices.title.zh, m.choices.title.en, *m.choices.report.languages, m.name]
    parts = [study.key("design"), study.key("measure"), *title, *(note.zh + note.en for note in m.coverage)]
    return study.write("plan", lambda: render(m), parts)


def material(study: Study) -> Material:
    """What the chapter reads: the plan, and the index for its regions; nothing else is run."""
    index = study.measure()
    return Material(
        named(study),
        study.choices,
        study.panel(),
        index,
        study.framework(),
        study.regions() or index.regions,
        designed=study.design(),
        beside=beside(study),
        versions=versions(),
    )


def render(m: Material) -> dict[str, bytes]:
    """Every file by its relative path."""
    assert m.designed is not None
    made = {table.id: table for room in questions(m) for table in (*room.tables, *room.files)}
    pages = {f"plan.{locale}.html": document(m, made, locale) for locale in m.choices.report.languages}
    return pages | table_files({**made, **frames(m.designed)})


def document(m: Material, made: Mapping[str, Table], locale: Locale) -> bytes:
    """The plan in one language as UTF-8 HTML; the same plan gives the same bytes."""
    assert m.designed is not None
    chapter = [Room.of(question, locale) for question in questions(m)]
    figures = {figure.id: figure for room in chapter for figure in room.figures}
    span = text("report.do.span", locale, first=m.designed.base_year + 1, last=m.designed.last_year)
    page = fill(
        "design.html",
        m=m,
        locale=locale,
        other="en" if locale == "zh" else "zh",
        title=text("report.do.title", locale, title=m.choices.title.label),
        span=span,
        sections=[Section(room.id, text(f"report.section.{room.id}", locale)) for room in chapter],
        chapter=chapter,
        tables=numbered([made[name] for room in chapter for name in room.tables], locale),
        figures=captioned(figures, locale),
        say=lambda key, **values: text(f"report.{key}", locale, **values),
        font=font(),
        style=Markup((TEMPLATES / "report.css").read_text(encoding="utf-8")),
        script=Markup((TEMPLATES / "report.js").read_text(encoding="utf-8")),
    )
    return page.encode()


def frames(of: Plan) -> dict[str, Table]:
    """The plan's own tables as files: plan, plan_frontier, plan_comparisons and so on, with names beside ids."""
    return {
        name: _table(of, name, frame)
        for name, frame in ((key if key == "plan" else f"plan_{key}", table) for key, table in of.tables().items())
    }


def _table(of: Plan, name: str, frame: pd.DataFrame) -> Table:
    named_ = {"measure": lambda x: lever(of, x), "place": lambda x: place(of, x)}
    columns: list[Column] = []
    cells: list[list[Cell]] = []
    for key in map(str, frame.columns):
        values = frame[key].tolist()
        kind: Kind = "number" if pd.api.types.is_float_dtype(frame[key]) else "text"
        kind = "integer" if pd.api.types.is_bool_dtype(frame[key]) else "year" if key in WHOLE else kind
        columns.append(Column(key, Label(key, key), kind))
        cells.append([int(x) if kind in ("integer", "year") else x for x in values])
        if key in named_:
            columns.append(Column(f"{key}_name", Label(key, key), "label"))
            cells.append([named_[key](str(x)) for x in values])
    title = words.label("report.do.title", title=words.label("report.do.plan"))
    return Table(name, title, tuple(columns), tuple(zip(*cells, strict=True)))
