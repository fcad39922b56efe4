"""What carries a difference: loops cut one by one, and the parameters it follows."""

from __future__ import annotations

import numpy as np
import pandas as pd

from zhiyu.report import words
from zhiyu.report.charts import canvas, drawn
from zhiyu.report.explain.question import Question
from zhiyu.report.figures import INK, LINE, MUTED, OKABE_ITO, Figure
from zhiyu.report.material import Material
from zhiyu.report.simulate.shown import notes, widest
from zhiyu.report.tables import Cell, Table, column
from zhiyu.simulate import parameters
from zhiyu.simulate.carried import Carried
from zhiyu.simulate.channels import channels
from zhiyu.simulate.loops import ASSUMED
from zhiyu.simulate.simulation import Simulation
from zhiyu.simulate.told import outcome
from zhiyu.terms import Label, Locale, text

FIRST = 8  # couplings that are drawn, of one outcome
DRIVERS = 4  # parameters listed, of each outcome
WHOLE = f"grade {ASSUMED}"


def question(m: Material, of: Simulation, found: Carried) -> Question | None:
    """Of the scenario that does most: what is left of it with a coupling cut, and which parameters it follows."""
    if found.cut.empty:
        return None
    told_ = (_strongest(of, found), _rest(found), _followed(found), words.label("report.if.cut"))
    told = tuple(one for one in told_ if one is not None)
    return Question(
        "simulate_drivers",
        told,
        (_ranked(m, of, found),),
        (_cuts(m, of, found),),
        figures=lambda locale: () if effects(found, "output").empty else (_drawn(m, of, found, locale),),
    )


def effects(found: Carried, name: str) -> pd.DataFrame:
    """Couplings by the share of the effect that goes with them, the largest first."""
    rows = found.cut[(found.cut.outcome == name) & (found.cut.coupling != WHOLE) & found.cut.share.notna()]
    return rows.iloc[np.argsort(-rows.share.abs().to_numpy(dtype=float), kind="stable")]


def _strongest(of: Simulation, found: Carried) -> Label | None:
    rows = effects(found, "output")
    if rows.empty:
        return None
    some = [
        words.label(
            "report.if.coupling_share",
            name=coupling(row["coupling"]),
            grade=row["grade"],
            share=words.percent(float(row["share"]), 0),
        )
        for row in rows.head(3).to_dict("records")
    ]
    listed = words.both(lambda locale: words.names(some, locale))
    return words.label("report.if.strongest", scenario=widest(of, found), listed=listed)


def _rest(found: Carried) -> Label | None:
    """What goes when all couplings of grade D but the measures are frozen at once."""
    rows = found.cut[(found.cut.coupling == WHOLE) & (found.cut.outcome == "output") & found.cut.share.notna()]
    if rows.empty:
        return None
    return words.label("report.if.rest", share=words.percent(float(rows.share.iloc[0]), 0))


def _followed(found: Carried) -> Label | None:
    rows = found.drivers[(found.drivers.outcome == "output") & found.drivers.first_order.notna()]
    if rows.empty:
        return None
    first = rows.iloc[0]
    values = {
        "name": parameter(str(first.parameter)),
        "grade": first.grade,
        "share": words.percent(float(first.first_order), 0),
    }
    return words.label("report.if.followed", **values)


def coupling(name: str) -> Label:
    """A coupling or lever by the name a reader knows."""
    levers = {channel.id: words.label("report.if.lever", name=channel.label) for channel in channels()}
    own = f"report.if.loop.{name}"
    return words.label(own) if words.has(own) else levers.get(name, parameter(name))


def parameter(name: str) -> Label:
    """A parameter by the name a reader knows."""
    return {p.name: p.label for p in parameters.read()}.get(name, Label(name, name))


def _ranked(m: Material, of: Simulation, found: Carried) -> Table:
    """The parameters that each outcome's difference follows most."""
    columns = (
        column("if_outcome", "label", head=True, span=True),
        column("if_parameter", "label", long=True),
        column("if_layer", "label"),
        column("if_grade"),
        column("if_rank", "number", 2),
        column("if_first", "percent", 0),
    )
    rows: list[tuple[Cell, ...]] = []
    for name in dict.fromkeys(found.drivers.outcome):
        moved = found.drivers.rank_correlation.notna()  # an outcome that nothing reaches follows no parameter
        for row in found.drivers[(found.drivers.outcome == name) & moved].head(DRIVERS).to_dict("records"):
            named = (words.heading(outcome(str(name))), words.heading(parameter(row["parameter"])))
            numbers = (float(row["rank_correlation"]), float(row["first_order"]))
            rows.append((*named, words.label(f"report.if.layer.{row['layer']}"), row["grade"], *numbers))
    title = words.label("report.table.simulate_drivers", scenario=widest(of, found))
    return Table(
        "simulate_drivers", title, columns, tuple(rows), (words.label("report.note.simulate_drivers"), *m.coverage)
    )


def _cuts(m: Material, of: Simulation, found: Carried) -> Table:
    """Every coupling cut, for the file."""
    columns = (
        column("if_outcome"),
        column("if_coupling_id"),
        column("if_coupling", "label"),
        column("if_layer"),
        column("if_grade"),
        *(column(f"if_{name}", "value") for name in ("baseline", "effect", "without", "share")),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            *(row[key] for key in ("outcome", "coupling")),
            coupling(row["coupling"]),
            *(_plain(row[key]) for key in ("layer", "grade")),
            *(float(row[key]) for key in ("baseline", "effect", "without", "share")),
        )
        for row in found.cut.to_dict("records")
    ]
    title = words.label("report.table.simulate_cuts", scenario=widest(of, found))
    return Table("simulate_cuts", title, columns, tuple(rows))


def _plain(word: object) -> str:
    return word if isinstance(word, str) else ""


def _drawn(m: Material, of: Simulation, found: Carried, locale: Locale) -> Figure:
    """What is lost of the effect on output, coupling by coupling."""
    rows = effects(found, "output").head(FIRST)
    told = [coupling(str(name)).text(locale) for name in rows.coupling]
    names = [
        "\n".join(words.wrapped(f"{words.headline(name, locale)} ({grade})", 40))
        for name, grade in zip(told, rows.grade, strict=True)
    ]
    title = text("report.chart.simulate_cuts", locale, scenario=widest(of, found))
    alt = text("report.chart.simulate_cuts_alt", locale, title=title, name=names[0].replace("\n", " "))
    y, share = np.arange(len(rows)), 100 * rows.share.to_numpy()
    with canvas(0.36 * len(rows) + 0.5, [line for name in names for line in name.split("\n")]) as (figure, axes):
        axes.grid(axis="x", color=LINE, linewidth=0.6)
        axes.set_axisbelow(True)
        axes.axvline(0, color=INK, linewidth=0.8)
        assumed = (rows.grade == ASSUMED).to_numpy()
        for which, colour, key in ((assumed, OKABE_ITO[1], "assumed"), (~assumed, OKABE_ITO[0], "sourced")):
            if which.any():
                axes.barh(
                    y[which],
                    share[which],
                    height=0.62,
                    color=colour,
                    label=words.headline(text(f"report.if.grade.{key}", locale), locale),
                )
        for at, value in zip(y, share, strict=True):
            axes.annotate(
                words.signed(value, 0) + "%",
                (max(value, 0.0), at),
                (4, 0),
                textcoords="offset points",
                va="center",
                color=MUTED,
            )
        axes.set_yticks(y, names)
        axes.set_ylim(len(rows) - 0.4, -0.6)
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        axes.set_xlabel(words.headline(text("report.axis.simulate_cut", locale), locale))
        axes.legend(loc="lower right", frameon=False)
        svg = drawn(figure, "chart-simulate-cuts", alt)
        return Figure(
            "chart-simulate-cuts", title, alt, svg, notes(m, locale, text("report.note.simulate_cuts", locale))
        )
