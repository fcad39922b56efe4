"""What could break the plan: the futures in which it fails, and the assumptions that they share."""

from __future__ import annotations

import numpy as np

from zhiyu.design.plan import Plan
from zhiyu.report import words
from zhiyu.report.explain.question import Question
from zhiyu.report.material import Material
from zhiyu.report.tables import Cell, Table, column
from zhiyu.simulate.parameters import read
from zhiyu.terms import Label

CHANCE = 0.05  # a box that shuffled failures reach more often is not told


def question(m: Material, of: Plan) -> Question | None:
    """The conditions found, and how much of the failures they hold."""
    if of.plan.empty:
        return None
    return Question("design_breaks", told(of), (_table(m, of),) if len(of.conditions) else ())


def told(of: Plan) -> tuple[Label, ...]:
    """What counts as failing, how often it happens, and under which conditions."""
    found = of.broken.found
    what = words.label(f"report.do.failing.{of.broken.failing}", share=words.percent(float(of.broken.fails.mean()), 0))
    if not len(of.conditions) or found.p > CHANCE:
        return (what, words.label("report.do.no_condition"))
    values = {
        "conditions": words.both(lambda locale: words.listed([_said(row).text(locale) for row in _rows(of)], locale)),
        "density": words.percent(found.density, 0),
        "base": words.percent(found.base, 0),
        "coverage": words.percent(found.coverage, 0),
        "p": words.number(found.p, 3),
    }
    return (what, words.label("report.do.conditions", **values))


def _rows(of: Plan) -> list[tuple[Label, str, float, float, float]]:
    """(name, grade, low, high, chance) of every condition."""
    names = {row.name: row.label for row in read()}
    return [
        (names[str(row["parameter"])], str(row["grade"]), float(row["low"]), float(row["high"]), float(row["p"]))
        for row in of.conditions.to_dict("records")
    ]


def _said(row: tuple[Label, str, float, float, float]) -> Label:
    name, grade, low, high, _ = row
    way = "above" if np.isinf(high) else "below" if np.isinf(low) else "between"
    ends = {key: words.significant(x, 3) for key, x in (("low", low), ("high", high)) if np.isfinite(x)}
    return words.label(f"report.do.condition.{way}", name=name, grade=grade, **ends)


def _table(m: Material, of: Plan) -> Table:
    columns = (
        column("do_parameter", "label", head=True),
        column("do_low", "value"),
        column("do_high", "value"),
        column("do_chance", "number", 3),
        column("do_grade"),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            words.heading(name),
            low if np.isfinite(low) else None,
            high if np.isfinite(high) else None,
            chance,
            grade,
        )
        for name, grade, low, high, chance in _rows(of)
    ]
    found = of.broken.found
    note = words.label("report.note.design_breaks", shuffles=found.shuffles, p=words.number(found.p, 3))
    return Table("design_breaks", words.label("report.table.design_breaks"), columns, tuple(rows), (note, *m.coverage))
