"""What is assumed: governance by foresight, warm data, compute and carbon, skills; where no data speak."""

from __future__ import annotations

from typing import Any

import numpy as np

from zhiyu.report import words
from zhiyu.report.charts import canvas, drawn
from zhiyu.report.explain.question import Question
from zhiyu.report.figures import INK, LINE, MUTED, OKABE_ITO, Figure
from zhiyu.report.material import Material
from zhiyu.report.simulate.shown import headed, labels, last, multiples, notes, short, told
from zhiyu.report.tables import Cell, Table, column
from zhiyu.simulate.carried import Carried
from zhiyu.simulate.implied import RULES, Governed
from zhiyu.simulate.simulation import Simulation
from zhiyu.simulate.warm_data import Profile
from zhiyu.terms import Label, Locale, text

OUTCOMES = ("compute", "energy", "carbon", "incidents", "governance", "mismatch")
CLAIMS = ("C24", "C07", "C21", "C22")
SHOWN_TO = 12.0  # of the warm-data parameter: beyond it the profile only rises


def question(m: Material, of: Simulation, found: Carried) -> Question | None:
    """What the satellite implies of the claims, with the verdicts they thereby get."""
    names = [name for name in OUTCOMES if name in of.compared.differences.outcome]
    if not found.claims and len(names) < 2:
        return None
    told_ = [
        words.label("report.if.satellite", level=words.percent(of.hindcast.level, 0)),
        *_claims(m, found),
        *_compute(of, found),
    ]
    return Question(
        "simulate_assumed",
        tuple(told_),
        (_table(m, of, names),) if labels(of) else (),
        figures=lambda locale: tuple(_figures(m, of, found, locale)),
    )


def _claims(m: Material, found: Carried) -> list[Label]:
    known, made = set(m.framework.claims.ids), []
    for name in CLAIMS:
        if name in found.claims and name in known:
            one = found.claims[name]
            verdict = words.label(f"report.claims.{one.verdict}")
            made.append(words.label("report.if.claim", id=name, verdict=verdict, why=one.why))
    return [*made, words.label("report.if.waits")] if "C25" in known and m.designed is None else made


def _compute(of: Simulation, found: Carried) -> list[Label]:
    """How fast compute grows in the baseline: a check on the assumptions, not a forecast."""
    if "compute" not in found.pace.outcome:
        return []
    low, middle, high = (words.percent(float(x), 0) for x in found.pace.sel(outcome="compute").mean("time").values)
    level = words.percent(of.hindcast.level, 0)
    return [words.label("report.if.compute", low=low, middle=middle, high=high, level=level)]


def _table(m: Material, of: Simulation, names: list[str]) -> Table:
    columns = (
        column("if_scenario", "label", head=True),
        *(column(f"if_{name}", "label", label=headed(name)) for name in names),
    )
    rows: list[tuple[Cell, ...]] = [
        (label, *(told(last(of, scenario, name), name) for name in names)) for scenario, label in labels(of).items()
    ]
    note = words.label("report.note.simulate_assumed", level=words.percent(of.hindcast.level, 0))
    title = words.label("report.table.simulate_assumed", year=of.plan.years[-1])
    return Table("simulate_assumed", title, columns, tuple(rows), (note, *m.coverage))


def _figures(m: Material, of: Simulation, found: Carried, locale: Locale) -> list[Figure]:
    made = [] if found.governed is None else [_rules(m, of, found.governed, locale)]
    return made if found.profile is None else [*made, _profile(m, found.profile, locale)]


def _rules(m: Material, of: Simulation, found: Governed, locale: Locale) -> Figure:
    """Incidents and governance under both rules, with bands, side by side."""
    years = np.array([of.plan.base_year, *of.plan.years])
    title = text("report.chart.simulate_rules", locale)
    cut = float(found.incidents[1, 1, 1:].sum() / found.incidents[0, 1, 1:].sum() - 1)
    alt = text("report.chart.simulate_rules_alt", locale, title=title, cut=words.percent(abs(cut), 0))
    with multiples(1, 2, 2.7, ["0.00"], 0.16, 0.12) as (figure, grid):
        for axes, name, paths in zip(
            grid[0], ("incidents", "governance"), (found.incidents, found.governance), strict=True
        ):
            for k, rule in enumerate(RULES):
                low, middle, high = paths[k]
                axes.fill_between(years, low, high, color=OKABE_ITO[1 - k], alpha=0.16, linewidth=0)
                style: dict[str, Any] = {"linestyle": "--"} if k == 0 else {}
                word = words.headline(text(f"report.if.rule.{rule}", locale), locale)
                axes.plot(years, middle, color=OKABE_ITO[1 - k], linewidth=1.8, label=word, **style)
            axes.set_ylim(0, 1)
            axes.set_xticks([years[0], years[len(years) // 2], years[-1]])
            axes.tick_params(labelsize=9)
            axes.set_title(short(name, locale), fontsize=9.5, loc="left", color=INK)
        grid[0][0].legend(loc="lower right", frameon=False)
        svg = drawn(figure, "chart-simulate-rules", alt)
        note = text("report.note.simulate_rules", locale)
        return Figure("chart-simulate-rules", title, alt, svg, notes(m, locale, note))


def _profile(m: Material, found: Profile, locale: Locale) -> Figure:
    """The likelihood ratio along the warm-data parameter, its bar, and the range that scenarios draw from."""
    shown = found.at <= SHOWN_TO
    title = text("report.chart.simulate_profile", locale)
    alt = text("report.chart.simulate_profile_alt", locale, title=title, best=words.number(found.best, 1))
    with canvas(2.4, ["00"]) as (figure, axes):
        axes.grid(axis="y", color=LINE, linewidth=0.6)
        axes.set_axisbelow(True)
        axes.axvspan(*found.prior, color=MUTED, alpha=0.18, linewidth=0)
        axes.axhline(found.bar, color=OKABE_ITO[1], linewidth=1.2, linestyle="--")
        axes.plot(found.at[shown], found.ratio[shown], color=OKABE_ITO[0], linewidth=1.8)
        axes.axvline(0, color=INK, linewidth=0.6)
        axes.set_ylim(0, 2.2 * found.bar)
        axes.set_xlim(found.at[0], SHOWN_TO)
        axes.set_xlabel(words.headline(text("report.axis.simulate_warm", locale), locale))
        axes.set_ylabel(words.headline(text("report.axis.simulate_ratio", locale), locale))
        svg = drawn(figure, "chart-simulate-profile", alt)
        return Figure(
            "chart-simulate-profile", title, alt, svg, notes(m, locale, text("report.note.simulate_profile", locale))
        )
