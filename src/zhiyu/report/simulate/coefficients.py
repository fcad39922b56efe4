"""What the panel says of the model's coefficients: prior against posterior, and signs that last."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd

from zhiyu.report import words
from zhiyu.report.charts import canvas, drawn
from zhiyu.report.explain.question import Question
from zhiyu.report.figures import INK, LINE, MUTED, OKABE_ITO, PAPER, Figure
from zhiyu.report.material import Material
from zhiyu.report.simulate.shown import notes
from zhiyu.report.tables import Cell, Table, column
from zhiyu.simulate import parameters
from zhiyu.simulate.carried import Carried
from zhiyu.simulate.observe import COUPLINGS
from zhiyu.simulate.simulation import Simulation
from zhiyu.simulate.told import quiet
from zhiyu.terms import Label, Locale, text

WIDE = 1.645  # standard deviations: 90 %
ROW, LETTERS = 0.19, 44  # inches of a row, and letters of a line
FIRM = 0.5  # contraction from which the data say more than the prior


def question(m: Material, of: Simulation, found: Carried) -> Question:
    """Contraction and signs; the theory's couplings in a table, all coefficients drawn."""
    table = of.posterior
    told = [_contracted(table), _couplings(table), *_silent(of)]
    return Question(
        "simulate_coefficients",
        tuple(told),
        (_coupled(m, table),),
        figures=lambda locale: (_drawn(m, table, locale),),
    )


def _contracted(table: pd.DataFrame) -> Label:
    against = table[(table.prior_mean != 0) & (np.sign(table.data_mean) != np.sign(table.prior_mean))]
    steady = against[against.data_same_sign == 1.0]
    values = {
        "number": len(table),
        "firm": int((table.contraction >= FIRM).sum()),
        "supported": int(table.supported.sum()),
        "against": len(steady),
        "names": _names(list(steady.parameter)),
    }
    return words.label("report.if.contracted" if len(steady) else "report.if.contracted_none", **values)


def _couplings(table: pd.DataFrame) -> Label:
    """Of the couplings that make the theory, which the data support."""
    every = {name for names in COUPLINGS.values() for name in names}
    mine = table[table.parameter.isin(every)]
    kept = mine[mine.supported]
    values = {"number": len(mine), "kept": len(kept), "names": _names(list(kept.parameter))}
    return words.label("report.if.couplings" if len(kept) else "report.if.couplings_none", **values)


def _silent(of: Simulation) -> list[Label]:
    """States the model does without, and logics that are thereby silent; or that there are none."""
    lacking = [*of.silent, *of.observed.silent_logics]
    if not lacking:
        return [words.label("report.if.none_silent", number=len(of.observed.states))]
    unshown = sum(which != "stack" for which in of.hindcast.gate.values()) > 0
    lines = {locale: quiet(of, locale)[: -1 if unshown else None] for locale in ("zh", "en")}
    return [Label(zh, en) for zh, en in zip(lines["zh"], lines["en"], strict=True)]


def _names(names: list[str]) -> Label:
    known = {parameter.name: parameter.label for parameter in parameters.core()}
    return words.both(lambda locale: words.names([known[name] for name in names], locale))


def _coupled(m: Material, table: pd.DataFrame) -> Table:
    """The theory's couplings: prior, posterior, what the data alone say, and whether the sign lasts."""
    columns = (
        column("if_logic", "label", head=True, span=True),
        column("if_coupling", "label"),
        column("if_grade"),
        column("if_prior", "number", 3),
        column("if_posterior", "number", 3),
        column("if_sd", "number", 3),
        column("if_contraction", "percent", 0),
        column("if_alone", "number", 3),
        column("if_lasting", "percent", 0),
        column("if_supported", "label"),
    )
    known = {parameter.name: parameter.label for parameter in parameters.core()}
    by_name = {str(row["parameter"]): row for row in table.to_dict("records")}
    numbers = ("prior_mean", "mean", "sd", "contraction", "data_mean", "data_same_sign")
    rows: list[tuple[Cell, ...]] = []
    for logic, names in COUPLINGS.items():
        for name in names:
            if name not in by_name:
                continue
            row = by_name[name]
            head = Label(*(text(f"simulate.logic.{logic}", locale) for locale in ("zh", "en")))
            answer = words.label("report.if.yes" if row["supported"] else "report.if.no")
            cells = (float(row[key]) for key in numbers)
            rows.append((words.heading(head), words.heading(known[name]), str(row["grade"]), *cells, answer))
    note = words.label("report.note.simulate_couplings")
    title = words.label("report.table.simulate_couplings")
    return Table("simulate_couplings", title, columns, tuple(rows), (note, *m.coverage))


def _drawn(m: Material, table: pd.DataFrame, locale: Locale) -> Figure:
    """Each coefficient in sds of its prior about 0: the prior's 90 % (grey), the posterior's (colour), data alone."""
    known = {parameter.name: parameter.label for parameter in parameters.core()}
    rows = table.sort_values(["state"], kind="stable", key=partial(_ordered, list(dict.fromkeys(table.state))))
    names = [_lines(known[str(row.parameter)], str(row.grade), locale) for row in rows.itertuples()]
    title = text("report.chart.simulate_prior", locale)
    values = {"number": len(rows), "firm": int((rows.contraction >= FIRM).sum()), "kept": int(rows.supported.sum())}
    alt = text("report.chart.simulate_prior_alt", locale, title=title, **values)
    y = np.arange(len(rows))
    scale = rows.prior_sd.to_numpy()
    prior, mean, sd, own = (rows[name].to_numpy() / scale for name in ("prior_mean", "mean", "sd", "data_mean"))
    high = ROW * max(1.0, 0.7 * max(name.count("\n") + 1 for name in names))
    with canvas(high * len(rows) + 0.5, [line for name in names for line in name.split("\n")]) as (figure, axes):
        axes.grid(axis="x", color=LINE, linewidth=0.6)
        axes.set_axisbelow(True)
        axes.axvline(0, color=INK, linewidth=0.8)
        axes.hlines(y, prior - WIDE, prior + WIDE, color=MUTED, linewidth=5, alpha=0.3)
        axes.hlines(y, mean - WIDE * sd, mean + WIDE * sd, color=OKABE_ITO[0], linewidth=2.2)
        kept = rows.supported.to_numpy(dtype=bool)
        for which, face in ((kept, OKABE_ITO[0]), (~kept, PAPER)):
            axes.scatter(
                mean[which], y[which], s=24, facecolors=face, edgecolors=OKABE_ITO[0], linewidths=1.2, zorder=3
            )
        axes.scatter(np.clip(own, -5.5, 5.5), y, s=14, marker="|", color=OKABE_ITO[1], zorder=4)
        axes.set_yticks(y, names)
        axes.set_ylim(len(rows) - 0.4, -0.6)
        axes.set_xlim(-6, 6)
        axes.tick_params(axis="y", length=0, labelsize=8)
        axes.spines["left"].set_visible(False)
        axes.set_xlabel(words.headline(text("report.axis.simulate_prior", locale), locale))
        svg = drawn(figure, "chart-simulate-prior", alt)
        return Figure(
            "chart-simulate-prior", title, alt, svg, notes(m, locale, text("report.note.simulate_prior", locale))
        )


def _ordered(states: list[str], values: pd.Series) -> pd.Series:
    return values.map(states.index) if values.name == "state" else values


def _lines(label: Label, grade: str, locale: Locale) -> str:
    """A coefficient's name and grade, on two lines where it is long."""
    name = f"{words.headline(label.text(locale), locale)} ({grade})"
    return "\n".join(words.wrapped(name, LETTERS))
