"""The frontier: portfolios that no other beats in every objective, two by two, and the plan among them."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from zhiyu.design.plan import Plan
from zhiyu.report import words
from zhiyu.report.charts import drawn
from zhiyu.report.design.shown import DIGITS, ranked
from zhiyu.report.explain.question import Question
from zhiyu.report.figures import INK, LINE, MARKERS, OKABE_ITO, PAPER, Figure
from zhiyu.report.material import Material
from zhiyu.report.simulate.shown import SMALL, multiples, notes
from zhiyu.report.tables import Cell, Table, column
from zhiyu.terms import Label, Locale, text

ORIGINS = ("lp", "nsga2")
TOP = 3  # of each reading that are told
ACROSS = 3  # panels beside each other
MECHANISM = "mechanism-"


def question(m: Material, of: Plan) -> Question | None:
    """The frontier pair by pair, and its best portfolios by each reading of robustness."""
    if of.plan.empty or len(of.objectives) < 2:
        return None
    told = [_counts(of), _linear(of)]
    told += [] if ORIGINS[1] in of.volumes else [words.label("report.do.no_evolution")]
    return Question("design_frontier", tuple(told), (_table(m, of),), figures=lambda locale: (_figure(m, of, locale),))


def _counts(of: Plan) -> Label:
    found = {name: int((of.frontier.origin == name).sum()) for name in ORIGINS}
    return words.label(
        "report.do.frontier", number=len(of.frontier), simulations=words.number(of.simulations, 0), **found
    )


def _linear(of: Plan) -> Label:
    """How far the sum of what measures do alone is from what they do together, over the frontier."""
    parts = []
    for one in of.objectives:
        together, apart = of.frontier[one.id].to_numpy(), of.frontier[f"{one.id}_linear"].to_numpy()
        size = float(np.abs(together).mean())
        off = float(np.abs(apart - together).mean() / size) if size > 0 else np.nan
        flipped = int((np.sign(together) * np.sign(apart) < 0).sum())
        parts.append((one.label, words.percent(off, 0), flipped))
    listed = words.both(
        lambda locale: words.listed(
            [
                words.label("report.do.off_by", name=name, share=share, number=flipped).text(locale)
                for name, share, flipped in parts
            ],
            locale,
        )
    )
    return words.label("report.do.linear", listed=listed)


def _table(m: Material, of: Plan) -> Table:
    """The best of the frontier by each of the three readings, with their places by all three."""
    table = of.frontier
    ranks = ranked(table)
    kept = np.flatnonzero((np.argsort(np.argsort(ranks, axis=0, kind="stable"), axis=0) < TOP).any(axis=1))
    kept = kept[np.argsort(ranks[kept, 1], kind="stable")]
    columns = [column("do_name", head=True), column("do_origin", "label")]
    columns += [column(f"do_{one.id}", "number", DIGITS, label=words.heading(one.label)) for one in of.objectives]
    columns += [
        column("do_satisficing_rank", "integer"),
        column("do_cvar_rank", "integer"),
        column("do_regret_rank", "integer"),
    ]
    rows: list[tuple[Cell, ...]] = []
    for k in kept:
        row = table.iloc[k]
        means = [float(row[one.id]) for one in of.objectives]
        rows.append(
            (str(row["name"]), words.label(f"report.do.origin.{row.origin}"), *means, *(int(x) for x in ranks[k]))
        )
    note = words.label("report.note.design_frontier", number=len(table), tail=words.percent(of.tail, 0))
    title = words.label("report.table.design_frontier")
    return Table("design_frontier", title, tuple(columns), tuple(rows), (note, *m.coverage))


def _figure(m: Material, of: Plan, locale: Locale) -> Figure:
    """A panel a pair of objectives: the frontier by who found it, the fixed splits, the plan."""
    pairs = list(combinations(range(len(of.objectives)), 2))
    across = min(ACROSS, len(pairs))
    down = -(-len(pairs) // across)
    front, plan = of.front.outcomes.mean(axis=1), of.chosen.outcomes[0].mean(axis=0)
    rivals, origin = of.rivals.outcomes.mean(axis=1), np.array(of.front.origin)
    title = text("report.chart.design_frontier", locale)
    alt = text("report.chart.design_frontier_alt", locale, title=title, number=len(front), panels=len(pairs))
    names = [words.headline(one.label.text(locale), locale) for one in of.objectives]
    with multiples(down, across, 2.4, ["0"], 0.2, 0.3) as (figure, grid):
        for k, (i, j) in enumerate(pairs):
            axes = grid[k // across][k % across]
            axes.grid(axis="both", color=LINE, linewidth=0.5)
            axes.axhline(0, color=INK, linewidth=0.5)
            axes.axvline(0, color=INK, linewidth=0.5)
            for c, name in enumerate(ORIGINS):
                at = origin == name
                style = {"marker": MARKERS[c], "color": OKABE_ITO[c], "alpha": 0.75, "linewidth": 0}
                word = text(f"report.do.origin.{name}", locale)
                axes.scatter(front[at, i], front[at, j], s=13, label=word, **style)
            axes.scatter(rivals[:, i], rivals[:, j], s=26, marker="x", color=INK, linewidth=0.9)
            for name, x, y in zip(of.rivals.names, rivals[:, i], rivals[:, j], strict=True):
                word = name.removeprefix(MECHANISM) if name.startswith(MECHANISM) else "="
                axes.annotate(word, (x, y), (3, 3), textcoords="offset points", fontsize=SMALL, color=INK)
            word = text("report.do.plan", locale)
            axes.scatter(plan[i], plan[j], s=120, marker="*", color=OKABE_ITO[4], edgecolor=PAPER, zorder=5, label=word)
            axes.set_xlabel(names[i], fontsize=SMALL + 1, labelpad=1)
            axes.set_title(names[j], fontsize=SMALL + 1, loc="left", pad=4, color=INK)
            axes.locator_params(nbins=4)
        for k in range(len(pairs), down * across):
            grid[k // across][k % across].remove()
        handles, shown = grid[0][0].get_legend_handles_labels()
        figure.legend(handles, shown, loc="upper center", bbox_to_anchor=(0.5, 1.02), ncols=3, frameon=False)
        svg = drawn(figure, "chart-design-frontier", alt)
        note = text("report.note.design_chart", locale)
        return Figure("chart-design-frontier", title, alt, svg, notes(m, locale, note))
