"""What else the same budget could have done: split equally, or spent on one mechanism; three readings side by side."""

from __future__ import annotations

import numpy as np

from zhiyu.design.plan import Plan
from zhiyu.design.robust import agreement, places
from zhiyu.report import words
from zhiyu.report.design.claim import claims
from zhiyu.report.design.shown import aim
from zhiyu.report.explain.question import Question
from zhiyu.report.material import Material
from zhiyu.report.tables import Cell, Table, column
from zhiyu.terms import Label

READINGS = ("satisficing", "cvar", "regret")


def question(m: Material, of: Plan) -> Question | None:
    """The plan beside the budget split equally and each mechanism alone; what follows for claim C25."""
    if of.plan.empty:
        return None
    ranks = ranked(of)
    told = [_told(of), _agree(ranks)]
    for name, one in claims(of).items():
        verdict = words.label(f"report.claims.{one.verdict}")
        told.append(words.label("report.if.claim", id=name, verdict=verdict, why=one.why))
    return Question("design_rivals", tuple(told), (_table(m, of, ranks),))


def ranked(of: Plan) -> np.ndarray:
    """(k, 3) place of the plan and its rivals by satisficing share, worst futures and greatest regret."""
    table = of.comparisons
    return np.stack([places(table.satisficing), places(table.cvar), places(-table.regret)], axis=1)


def labels(of: Plan) -> tuple[Label, ...]:
    """Names of the plan and its rivals, in the order of the comparisons."""
    return (words.label("report.do.plan"), *of.rivals.labels)


def _told(of: Plan) -> Label:
    """Where the plan stands by its own aim, against the best of the others."""
    table, names = of.comparisons, labels(of)
    best = 1 + int(np.argmax(table.cvar.to_numpy()[1:]))
    values = {
        "aim": aim(of),
        "plan": words.number(float(table.cvar.iloc[0]), 2),
        "best": names[best],
        "other": words.number(float(table.cvar.iloc[best]), 2),
        "share": words.percent(of.tail, 0),
    }
    return words.label("report.do.against", **values)


def _agree(ranks: np.ndarray) -> Label:
    """Whether the three readings rank alike."""
    tau = agreement(ranks)
    pairs = [tau[i, j] for i, j in ((0, 1), (0, 2), (1, 2)) if np.isfinite(tau[i, j])]
    firsts = words.both(
        lambda locale: words.listed([words.label(f"report.do.reading.{name}").text(locale) for name in READINGS], locale)
    )
    least = words.number(min(pairs), 2) if pairs else words.DASH
    return words.label("report.do.agreement", readings=firsts, least=least)


def _table(m: Material, of: Plan, ranks: np.ndarray) -> Table:
    table = of.comparisons
    columns = [column("do_portfolio", "label", head=True), column("do_cost", "value")]
    for one in of.objectives:
        name = words.heading(one.label)
        columns.append(column(f"do_{one.id}", "number", 2, label=words.label("report.do.mean_of", name=name)))
        columns.append(column(f"do_{one.id}_linear", "number", 2, label=words.label("report.do.linear_of", name=name)))
    for name in READINGS:
        kind = "percent" if name == "satisficing" else "number"
        columns.append(column(f"do_{name}", kind, 0 if kind == "percent" else 2))  # type: ignore[arg-type]
        columns.append(column(f"do_{name}_rank", "integer"))
    rows: list[tuple[Cell, ...]] = []
    for k, label in enumerate(labels(of)):
        row = table.iloc[k]
        cells: list[Cell] = [words.heading(label), float(row.cost)]
        for one in of.objectives:
            cells += [float(row[one.id]), float(row[f"{one.id}_linear"])]
        for j, name in enumerate(READINGS):
            cells += [float(row[name]), int(ranks[k, j])]
        rows.append(tuple(cells))
    note = words.label("report.note.design_rivals", tail=words.percent(of.tail, 0))
    return Table(
        "design_rivals", words.label("report.table.design_rivals"), tuple(columns), tuple(rows), (note, *m.coverage)
    )
