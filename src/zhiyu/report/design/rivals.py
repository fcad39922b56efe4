"""What else the same budget could have done: split equally, or spent on one mechanism; three readings side by side."""

from __future__ import annotations

import numpy as np

from zhiyu.design.claim import claims
from zhiyu.design.plan import Plan
from zhiyu.design.robust import agreement
from zhiyu.report import words
from zhiyu.report.design.shown import ranked, signed
from zhiyu.report.explain.question import Question
from zhiyu.report.material import Material
from zhiyu.report.tables import Cell, Table, column
from zhiyu.terms import Label, text

READINGS = ("satisficing", "cvar", "regret")


def question(m: Material, of: Plan) -> Question | None:
    """The plan beside the budget split equally and each mechanism alone; what follows for claim C25."""
    if of.plan.empty:
        return None
    ranks = ranked(of.comparisons)
    told = [_told(of), _mechanisms(of), _agree(ranks)]
    for name, one in claims(of).items():
        verdict = words.label(f"report.claims.{one.verdict}")
        told.append(words.label("report.if.claim", id=name, verdict=verdict, why=one.why))
    return Question("design_rivals", tuple(told), (_table(m, of, ranks),))


def labels(of: Plan) -> tuple[Label, ...]:
    """Names of the plan and its rivals, in the order of the comparisons."""
    return (words.label("report.do.plan"), *of.rivals.labels)


def _told(of: Plan) -> Label:
    """Where the plan stands by its own aim, against the best of the others."""
    table, names = of.comparisons, labels(of)
    best = 1 + int(np.argmax(table.cvar.to_numpy()[1:]))
    values = {
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
        lambda locale: words.listed([text(f"report.do.reading.{name}", locale) for name in READINGS], locale)
    )
    least = words.number(min(pairs), 2) if pairs else words.DASH
    return words.label("report.do.agreement", readings=firsts, least=least)


def _table(m: Material, of: Plan, ranks: np.ndarray) -> Table:
    table = of.comparisons
    columns = [column("do_portfolio", "label", head=True)]
    columns += [column(f"do_{one.id}", "label", label=words.heading(one.label)) for one in of.objectives]
    for name in READINGS:
        columns.append(column(f"do_{name}", "label"))
    rows: list[tuple[Cell, ...]] = []
    for k, label in enumerate(labels(of)):
        row = table.iloc[k]
        means = [_beside(float(row[one.id]), float(row[f"{one.id}_linear"])) for one in of.objectives]
        held = [
            words.percent(float(row[name]), 0) if name == "satisficing" else words.number(float(row[name]), 2)
            for name in READINGS
        ]
        read = [
            words.label("report.do.ranked", value=value, rank=rank) for value, rank in zip(held, ranks[k], strict=True)
        ]
        rows.append((words.heading(label), *means, *read))
    note = words.label("report.note.design_rivals", tail=words.percent(of.tail, 0))
    return Table(
        "design_rivals", words.label("report.table.design_rivals"), tuple(columns), tuple(rows), (note, *m.coverage)
    )


def _beside(simulated: float, linear: float) -> Label:
    """The simulated mean, and in brackets the linear one."""
    return Label(*(f"{signed(simulated)} ({signed(linear)})",) * 2)


def _mechanisms(of: Plan) -> Label:
    """How the plan's money is shared among mechanisms."""
    home = {lever.id: lever.mechanism for lever in of.options.levers}
    spent = of.plan.groupby(of.plan.measure.map(home)).cost.sum().sort_values(ascending=False, kind="stable")
    parts = [
        (words.label("report.do.mechanism", name=name) if name else words.label("report.do.outside"), cost / of.spent)
        for name, cost in spent.items()
    ]
    listed = words.both(
        lambda locale: words.listed([f"{name.text(locale)} {words.percent(share, 0)}" for name, share in parts], locale)
    )
    return words.label("report.do.mechanisms", listed=listed)
