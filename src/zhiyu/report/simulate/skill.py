"""What the model has shown: its forecasts from every past year, against what came and what needs no theory."""

from __future__ import annotations

from functools import partial

import numpy as np

from zhiyu.report import words
from zhiyu.report.charts import drawn
from zhiyu.report.explain.question import Question
from zhiyu.report.figures import INK, OKABE_ITO, Figure
from zhiyu.report.material import Material
from zhiyu.report.simulate.shown import SMALL, multiples, notes, short
from zhiyu.report.tables import Cell, Table, column
from zhiyu.simulate import told as said
from zhiyu.simulate.carried import Carried
from zhiyu.simulate.hindcast import Hindcast
from zhiyu.simulate.origins import CORE, REFERENCE, SHOWN, WITHOUT
from zhiyu.simulate.simulation import Simulation
from zhiyu.simulate.told import outcome
from zhiyu.terms import Label, Locale, text

COLUMNS = 4
FIRST = 0  # position of one year ahead


def question(m: Material, of: Simulation, found: Carried) -> Question:
    """Skill by observable, with the forecast that is shown; what came, against the bands."""
    told = (words.both(partial(said.skill, of)), _unshown(of.hindcast), _output(of), _knocked(of.hindcast))
    tables = (_table(m, of),)
    return Question(
        "simulate_skill",
        tuple(one for one in told if one is not None),
        tables,
        figures=lambda locale: (_against(m, of.hindcast, locale),),
    )


def _unshown(of: Hindcast) -> Label | None:
    """Observables whose naive band is shown, by name."""
    names = [outcome(state) for state, which in of.gate.items() if which != SHOWN]
    if not names:
        return None
    return words.label(
        "report.if.unshown", number=len(names), names=words.both(lambda locale: words.names(names, locale))
    )


def _output(of: Simulation) -> Label | None:
    """Why no forecast of output is made: the best naive one, and the share that is national."""
    pooled = of.skill[of.skill.horizon == 0].set_index("observable")
    if "output" not in pooled.index:
        return None
    skill, regional = (float(pooled[key].to_dict()["output"]) for key in ("rmse_skill", "deviation_skill"))
    if not np.isfinite([skill, regional]).all():
        return None
    key = "output" if regional < skill / 2 else "output_both"
    return words.label(f"report.if.{key}", skill=words.percent(skill, 0), deviation=words.percent(regional, 0))


def _knocked(of: Hindcast) -> Label | None:
    """Skill of the core with the theory's couplings and without them."""
    bare = f"{WITHOUT}couplings"
    if bare not in of.points:
        return None
    means = []
    for name in (CORE, bare):
        table = of.table(name)
        pooled = table[(table.horizon == 0) & table.headline].rmse_skill.to_numpy()
        means.append(words.percent(float(pooled.mean())))
    return words.label("report.if.knocked", whole=means[0], bare=means[1])


def _table(m: Material, of: Simulation) -> Table:
    """All horizons together: skill against the reference and against the best naive forecast, and what is shown."""
    columns = (
        column("if_observable", "label", head=True),
        column("if_skill", "percent", 0),
        column("if_low", "percent", 0),
        column("if_high", "percent", 0),
        column("if_best_skill", "percent", 0),
        column("if_best", "label"),
        column("if_national", "percent", 0),
        column("if_deviation", "percent", 0),
        column("if_coverage", "percent", 0),
        column("if_shown", "label"),
    )
    rows: list[tuple[Cell, ...]] = []
    for row in of.skill[of.skill.horizon == 0].to_dict("records"):
        state = str(row["observable"])
        shown = "stack" if of.hindcast.gate[state] == SHOWN else "naive_stack"
        name = outcome(state) if row["headline"] else words.label("report.if.identity", name=outcome(state))
        rows.append(
            (
                words.heading(name),
                *(float(x) for x in (row[key] for key in ("rmse_skill", "low", "high", "skill_best"))),
                words.label(f"report.if.naive.{row['best_naive']}") if row["n"] else Label(words.DASH, words.DASH),
                *(float(x) for x in (row[key] for key in ("national_skill", "deviation_skill", "coverage"))),
                words.label(f"report.if.forecast.{shown}"),
            )
        )
    first, last = of.hindcast.tested
    note = words.label(
        "report.note.simulate_skill",
        first=first,
        last=last,
        level=words.percent(of.hindcast.level, 0),
        reference=Label(*(text(f"simulate.forecaster.{REFERENCE}", locale) for locale in ("zh", "en"))),
    )
    lacking = [outcome(str(state)) for state in of.skill.observable[of.skill.n == 0]]
    names = words.both(lambda locale: words.names(lacking, locale))
    notes_ = (note, *([words.label("report.note.simulate_untried", names=names)] if lacking else []), *m.coverage)
    return Table("simulate_skill", words.label("report.table.simulate_skill"), columns, tuple(rows), notes_)


def _against(m: Material, of: Hindcast, locale: Locale) -> Figure:
    """A panel an observable: the band a year ahead about its forecast, and by how much each region differed from it."""
    years = np.array(of.origins) + 1
    states = [s for s in range(len(of.states)) if np.isfinite(of.outcome[:, s, :, FIRST]).any()]
    title = text("report.chart.simulate_hindcast", locale)
    inside = float(np.nanmean(np.concatenate([_panel(of, s)[3] for s in states])))
    alt = text("report.chart.simulate_hindcast_alt", locale, title=title, number=len(states), share=f"{inside:.0%}")
    rows = -(-len(states) // COLUMNS)
    with multiples(rows, COLUMNS, 1.38, ["−100"], 0.2, 0.34) as (figure, grid):
        for k, axes in enumerate(axes for row in grid for axes in row):
            if k >= len(states):
                axes.remove()
                continue
            s = states[k]
            low, high, error, _ = _panel(of, s)
            naive = of.gate[of.states[s]] != SHOWN
            seen = np.isfinite(low)
            axes.fill_between(years[seen], low[seen], high[seen], color=OKABE_ITO[4 if naive else 0], alpha=0.3, lw=0)
            axes.axhline(0, color=INK, linewidth=0.6)
            beyond = (error < low[:, None]) | (error > high[:, None])
            at = np.broadcast_to(years[:, None], error.shape)
            for which, colour in ((~beyond, INK), (beyond, OKABE_ITO[1])):
                axes.scatter(at[which], error[which], s=3, color=colour, alpha=0.55, linewidths=0, zorder=3)
            name = short(of.states[s], locale)
            axes.set_title(name + (" *" if naive else ""), fontsize=SMALL + 1, loc="left", pad=3, color=INK)
            axes.set_xlim(years[0] - 0.6, years[-1] - 0.4)
            axes.set_xticks([years[0], 2019 if 2019 in years else years[len(years) // 2], years[-2]])
        note = text("report.note.simulate_hindcast", locale, level=words.percent(of.level, 0))
        svg = drawn(figure, "chart-simulate-hindcast", alt)
        return Figure("chart-simulate-hindcast", title, alt, svg, notes(m, locale, note))


def _panel(of: Hindcast, s: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """One observable a year ahead, in hundredths of a logarithm: the median region's band about its forecast, low and
    high (origin,), outcome less forecast (origin, region), and whether each lay in its region's own band."""
    name = of.gate[of.states[s]]
    point, actual = of.points[name][:, s, :, FIRST], of.outcome[:, s, :, FIRST]
    low, high = ((end[name][:, s, :, FIRST] - point) * 100 for end in (of.low, of.high))
    error = (actual - point) * 100
    middle = [
        np.array([np.median(x[np.isfinite(x)]) if np.isfinite(x).any() else np.nan for x in end]) for end in (low, high)
    ]
    inside = np.where(np.isfinite(error), (error >= low) & (error <= high), np.nan).ravel()
    return middle[0], middle[1], error, inside[np.isfinite(inside)]
