"""What scenarios change: differences from the baseline with their bands, in the nation and in its regions."""

from __future__ import annotations

import numpy as np
import pandas as pd

from zhiyu.report import few, words
from zhiyu.report.charts import canvas, drawn
from zhiyu.report.explain.question import Question
from zhiyu.report.figures import INK, LINE, MUTED, OKABE_ITO, Figure
from zhiyu.report.material import Material
from zhiyu.report.simulate import moved
from zhiyu.report.simulate.drivers import coupling, effects
from zhiyu.report.simulate.maps import difference_map
from zhiyu.report.simulate.shown import (
    clear,
    headed,
    labels,
    last,
    multiples,
    notes,
    quoted,
    reached,
    short,
    signed,
    told,
    widest,
)
from zhiyu.report.tables import Cell, Column, Table, column
from zhiyu.simulate.carried import Carried
from zhiyu.simulate.loops import ASSUMED
from zhiyu.simulate.simulation import Simulation
from zhiyu.simulate.told import outcome
from zhiyu.terms import Label, Locale, text

OUTCOMES = ("output", "patents", "adoption", "data", "carbon", "incidents")
LETTERS = 9.0  # points: letters of the small panels, to be read on paper
MAPPED = ("output", "patents")
ASKED = ("output", "patents", "carbon")


def question(m: Material, of: Simulation, found: Carried) -> Question | None:
    """Differences in the last year and over the years; by region of the scenario that does most."""
    if not labels(of):
        return None
    told_ = (
        *finding(of, found),
        *_idle(of),
        *moved.output(of, found),
        *_carbon(of),
        *moved.fallen(of, found, "carbon"),
        words.label("report.if.assumed"),
    )
    tables = (_table(m, of), moved.table(m, of, found), _shares(m, of, found))
    return Question(
        "simulate_scenarios",
        told_,
        tuple(one for one in tables if one is not None),
        (_regions(m, of, found),),
        figures=lambda locale: tuple(
            figure
            for figure in (
                _paths(m, of, locale),
                *(difference_map(m, of, found, name, locale) for name in MAPPED if name in found.regions.outcome),
                _spread(m, of, found, locale),
            )
            if figure is not None
        ),
    )


def finding(of: Simulation, found: Carried) -> tuple[Label, ...]:
    """What the scenario that does most changes, and how much of that is assumed, by the strongest measures."""
    if not labels(of) or "output" not in found.regions.outcome:
        return ()
    if not reached(of, "output"):
        kind = "unreached_silent" if of.observed.silent_logics else "unreached"
        silent = [words.label(f"simulate.logic.{logic}") for logic in of.observed.silent_logics]
        listed = words.both(lambda locale: words.names(silent, locale))
        return (words.label(f"report.if.{kind}", names=listed),)
    values = {
        "name": widest(of, found),
        "year": of.plan.years[-1],
        "band": told(last(of, found.widest, "output"), "output"),
        "level": words.percent(of.hindcast.level, 0),
    }
    told_ = [words.label("report.if.finding", **values)]
    rows = effects(found, "output")
    rows = rows[(rows.grade == ASSUMED) & (rows.share > 0)]
    carried = _assumed(found).get((found.widest, "output"), np.nan)
    if len(rows) and np.isfinite(carried):
        first = rows.iloc[0]
        values = {"name": coupling(str(first.coupling)), "share": words.percent(float(first.share), 0)}
        told_.append(words.label("report.if.finding_assumed", **values, carried=words.percent(float(carried), 0)))
    return tuple(told_)


def _idle(of: Simulation) -> tuple[Label, ...]:
    every = sorted({name for names in of.idle.values() for name in names})
    if not every:
        return ()
    return (
        words.label("report.if.idle", number=len(every), names=words.both(lambda locale: words.listed(every, locale))),
    )


def _carbon(of: Simulation) -> tuple[Label, ...]:
    """Which scenarios raise emissions beyond doubt within the model, and which lower them."""
    if "carbon" not in of.compared.differences.outcome:
        return ()
    bands = {name: last(of, name, "carbon") for name in labels(of)}
    up = [labels(of)[name] for name, band in bands.items() if clear(band) and band[1] > 0]
    down = [labels(of)[name] for name, band in bands.items() if clear(band) and band[1] < 0]
    return (words.label("report.if.carbon", up=quoted(up), down=quoted(down)),)


def _table(m: Material, of: Simulation) -> Table:
    """A row a scenario: the nation's difference in the last year, outcome by outcome."""
    names = [name for name in OUTCOMES if name in of.compared.differences.outcome]
    columns = (column("if_scenario", "label", head=True), *(_headed(name) for name in names))
    rows: list[tuple[Cell, ...]] = [
        (label, *(told(last(of, scenario, name), name) for name in names)) for scenario, label in labels(of).items()
    ]
    values = {
        "level": words.percent(of.hindcast.level, 0),
        "draws": of.draws,
        "rejected": words.percent(of.compared.rejected, 0),
    }
    note = words.label("report.note.simulate_scenarios", **values)
    title = words.label("report.table.simulate_scenarios", year=of.plan.years[-1])
    return Table("simulate_scenarios", title, columns, tuple(rows), (note, *m.coverage))


def _headed(name: str) -> Column:
    return column(f"if_{name}", "label", label=headed(name))


def _shares(m: Material, of: Simulation, found: Carried) -> Table:
    """How sure the sign is within the model, and how much of the spread the assumed parameters carry."""
    names = [name for name in ASKED if name in set(found.shares.outcome)]
    columns = [column("if_scenario", "label", head=True)]
    for name in names:
        for what in ("signs", "carried"):
            label = words.label(f"report.if.{what}", name=outcome(name))
            columns.append(column(f"if_{what}_{name}", "percent", 0, label=label))
    assumed = _assumed(found)
    rows: list[tuple[Cell, ...]] = []
    for scenario, label in labels(of).items():
        cells: list[Cell] = [label]
        for name in names:
            share = float(assumed.get((scenario, name), np.nan))
            cells += [float(found.signs.sel(scenario=scenario, outcome=name)), share]
        rows.append(tuple(cells))
    note = words.label("report.note.simulate_shares")
    return Table(
        "simulate_shares", words.label("report.table.simulate_shares"), tuple(columns), tuple(rows), (note, *m.coverage)
    )


def _assumed(found: Carried) -> pd.Series:
    """(scenario, outcome) -> share of the variance between draws that assumed parameters carry."""
    total = found.shares[found.shares.group == "assumed"].set_index(["scenario", "outcome"]).total
    return total.clip(0.0, 1.0)  # sampling can carry a share beyond its bounds


def _regions(m: Material, of: Simulation, found: Carried) -> Table:
    """Every region's difference in the last year, for the file."""
    columns = (
        column("if_scenario"),
        column("if_outcome"),
        column("region"),
        column("region_name", "label"),
        *(column(f"if_band_{band}", "value") for band in ("low", "middle", "high")),
    )
    rows: list[tuple[Cell, ...]] = []
    for scenario in labels(of):
        for name in map(str, found.regions.outcome.values):
            bands = found.regions.sel(scenario=scenario, outcome=name).values
            for code, band in zip(map(str, found.regions.region.values), bands.T, strict=True):
                if np.isfinite(band).all():
                    rows.append((scenario, name, code, m.regions.label(code), *map(float, band)))
    title = words.label("report.table.simulate_regions", year=of.plan.years[-1])
    return Table("simulate_regions", title, columns, tuple(rows))


def _paths(m: Material, of: Simulation, locale: Locale) -> Figure | None:
    """A row a scenario and a column an outcome: the difference of the nation with its band, year by year. All of a
    column stand on one scale, named at its head and foot, so that scenarios compare by eye; the number is the last
    median."""
    names = [name for name in OUTCOMES if name in of.compared.differences.outcome]
    scenarios = labels(of)
    if not names:
        return None
    years = np.array([of.plan.base_year, *of.plan.years])
    title = text("report.chart.simulate_paths", locale, last=years[-1])
    alt = text("report.chart.simulate_paths_alt", locale, title=title, number=len(scenarios), outcomes=len(names))
    heads = [words.wrapped(label.text(locale), 22) for label in scenarios.values()]
    nation = 100 * of.compared.differences.sel(scenario=list(scenarios), outcome=names, part="nation")
    ends = {name: _span(nation.sel(outcome=name).values) for name in names}

    def high_up(span: tuple[float, float]) -> bool:  # whether zero stands where the number would
        return -span[0] > 0.6 * (span[1] - span[0])

    with multiples(len(scenarios), len(names), 0.78, [line for head in heads for line in head], 0.26, 0.24) as (
        figure,
        grid,
    ):
        for r, (scenario, head) in enumerate(zip(scenarios, heads, strict=True)):
            for c, name in enumerate(names):
                axes = grid[r][c]
                low, middle, high = nation.sel(scenario=scenario, outcome=name).values
                sure = clear(np.array([low[-1], middle[-1], high[-1]]))
                colour = OKABE_ITO[0] if sure else MUTED
                axes.fill_between(years, low, high, color=colour, alpha=0.28, linewidth=0)
                axes.plot(years, middle, color=colour, linewidth=1.4)
                axes.axhline(0, color=INK, linewidth=0.6)
                axes.set_xticks(
                    [years[0], years[-1]], ["", ""] if r + 1 < len(scenarios) else [str(years[0]), str(years[-1])[2:]]
                )
                axes.set_ylim(*ends[name])
                axes.locator_params(axis="y", nbins=3)
                axes.tick_params(labelsize=LETTERS, labelcolor=INK, labelleft=r in (0, len(scenarios) - 1))
                axes.annotate(
                    signed(float(middle[-1])),
                    (0.04, 0.06 if high_up(ends[name]) else 0.96),
                    xycoords="axes fraction",
                    va="bottom" if high_up(ends[name]) else "top",
                    fontsize=LETTERS,
                    color=INK,
                )
                if r == 0:
                    word = short(name, locale)
                    axes.set_title("\n".join(words.wrapped(word, 12)), fontsize=LETTERS, loc="left", pad=4, color=INK)
            grid[r][0].annotate(
                "\n".join(head),
                (0, 0.5),
                (-26, 0),
                xycoords="axes fraction",
                textcoords="offset points",
                ha="right",
                va="center",
            )
        svg = drawn(figure, "chart-simulate-paths", alt)
        note = text("report.note.simulate_paths", locale, level=words.percent(of.hindcast.level, 0))
        return Figure("chart-simulate-paths", title, alt, svg, notes(m, locale, note))


def _span(values: np.ndarray) -> tuple[float, float]:
    """Ends of a scale that holds all values and zero, with a little room."""
    seen = values[np.isfinite(values)]
    low, high = min(0.0, float(seen.min(initial=0.0))), max(0.0, float(seen.max(initial=0.0)))
    room = 0.06 * (high - low) or 1.0
    return low - room, high + room


def _spread(m: Material, of: Simulation, found: Carried, locale: Locale) -> Figure | None:
    """Regions by the difference of output that the scenario which does most makes, with bands."""
    if "output" not in found.regions.outcome or not reached(of, "output"):
        return None
    bands = 100 * found.regions.sel(scenario=found.widest, outcome="output")
    low, middle, high = bands.values
    there = np.flatnonzero(np.isfinite(middle))
    shown = few.ends(there[np.argsort(-middle[there], kind="stable")].tolist())
    order, y = list(shown.rows), shown.y
    names = [m.regions.label(str(bands.region.values[i])).text(locale) for i in order]
    values = {"name": outcome("output"), "scenario": widest(of, found), "year": of.plan.years[-1]}
    title = text("report.chart.simulate_regions", locale, **values)
    ends = {
        "best": names[0],
        "high": words.signed(middle[order[0]], 1),
        "worst": names[-1],
        "low": words.signed(middle[order[-1]], 1),
    }
    alt = text("report.chart.simulate_regions_alt", locale, title=title, **ends)
    with canvas(0.205 * shown.lines + 0.5, names) as (figure, axes):
        axes.grid(axis="x", color=LINE, linewidth=0.6)
        axes.set_axisbelow(True)
        axes.axvline(0, color=INK, linewidth=0.8)
        axes.hlines(y, low[order], high[order], color=OKABE_ITO[0], linewidth=3.2, alpha=0.4)
        axes.scatter(middle[order], y, s=28, color=OKABE_ITO[0], zorder=3)
        axes.set_yticks(y, names)
        axes.set_ylim(shown.lines - 0.4, -0.6)
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        axes.set_xlabel(words.headline(text("report.axis.simulate_share", locale), locale))
        svg = drawn(figure, "chart-simulate-regions", alt)
        note = text("report.note.simulate_regions", locale, level=words.percent(of.hindcast.level, 0))
        own = (note, *few.between(shown.hidden, locale))
        return Figure("chart-simulate-regions", title, alt, svg, notes(m, locale, *own))
