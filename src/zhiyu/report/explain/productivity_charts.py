"""Charts of productivity: what growth came from by period, and how the ranks move with the assumed share."""

from __future__ import annotations

import numpy as np

from zhiyu.explain.of.productivity import Productivity
from zhiyu.report import words
from zhiyu.report.charts import canvas, drawn
from zhiyu.report.explain.productivity_tables import ends, stated
from zhiyu.report.figures import INK, LINE, MUTED, OKABE_ITO, PAPER, Figure
from zhiyu.report.material import Material
from zhiyu.terms import Label, Locale, text

HATCH = ("", "////", "\\\\\\\\")


def figures(m: Material, found: Productivity, locale: Locale) -> tuple[Figure, ...]:
    """Contributions by period; ranks where shares were tried."""
    made = (stacked(m, found, locale), ranks(m, found, locale) if found.sensitivity.size else None)
    return tuple(figure for figure in made if figure is not None)


def _values(found: Productivity) -> dict[str, object]:
    return {"shares": stated(found), **ends(found)}


def stacked(m: Material, found: Productivity, locale: Locale) -> Figure:
    """The parts of growth by period, negative ones below the line; the last bar is the whole span."""
    parts = [str(name) for name in found.periods["part"].values if name != "growth"]
    heights = {name: 100 * found.periods.sel(part=name).values for name in parts}
    growth = 100 * found.periods.sel(part="growth").values
    name = "chart-productivity-periods"
    title = text("report.chart.productivity_periods", locale, span=found.spans[-1])
    told = [
        text("report.chart.productivity_period_alt", locale, span=s, growth=words.number(g), tfp=words.number(t))
        for s, g, t in zip(found.spans, growth, heights["tfp"], strict=True)
    ]
    periods = ("；" if locale == "zh" else "; ").join(told)
    alt = text("report.chart.productivity_periods_alt", locale, title=title, periods=periods)
    at = np.arange(len(found.spans)) + np.where(np.arange(len(found.spans)) == len(found.spans) - 1, 0.3, 0.0)
    with canvas(3.4, ["0.0"]) as (figure, axes):
        axes.grid(axis="y", color=LINE, linewidth=0.6)
        axes.set_axisbelow(True)
        up, down = np.zeros(len(at)), np.zeros(len(at))
        for k, part in enumerate(parts):
            height = heights[part]
            floor = np.where(height >= 0, up, down)
            label = words.headline(found.labels[part].text(locale), locale)
            drawn_as = {"color": OKABE_ITO[k % len(OKABE_ITO)], "edgecolor": PAPER, "hatch": HATCH[k % len(HATCH)]}
            axes.bar(at, height, width=0.6, bottom=floor, label=label, linewidth=0.6, **drawn_as)
            up, down = up + np.maximum(height, 0), down + np.minimum(height, 0)
        for x, top, value in zip(at, up, growth, strict=True):
            axes.annotate(words.number(value), (x, top), (0, 4), textcoords="offset points", ha="center")
        axes.axhline(0, color=INK, linewidth=0.8)
        axes.set_xticks(at, found.spans)
        axes.set_ylim(min(0.0, 1.15 * float(down.min())), 1.32 * float(max(up.max(), 0.1)))
        axes.set_ylabel(words.headline(text("report.axis.productivity_points", locale), locale))
        axes.legend(loc="upper right", frameon=False, ncols=len(parts))
        note = text("report.chart.productivity_periods_note", locale, **_values(found))
        return Figure(name, title, alt, drawn(figure, name, alt), (note, *_notes(m, locale)))


def ranks(m: Material, found: Productivity, locale: Locale) -> Figure:
    """Rank by the last year's level: at the stated shares (dot) and over the shares tried (bar)."""
    place, best, worst = (found.ranks.sel(kind="level", bound=b).values for b in ("estimate", "best", "worst"))
    order = np.argsort(place, kind="stable")
    labels: list[Label] = [found.regions[code] for code in np.array(list(found.regions))[order]]
    most = int(np.argmax((worst - best)[order]))
    told = {"best": f"{best[order][most]:g}", "worst": f"{worst[order][most]:g}", "name": labels[most]}
    name = "chart-productivity-ranks"
    title = text("report.chart.productivity_ranks", locale, year=found.years[-1])
    alt = text("report.chart.productivity_ranks_alt", locale, title=title, **told)
    rows = [label.text(locale) for label in labels]
    y = np.arange(len(rows))
    with canvas(0.215 * len(rows) + 0.5, rows) as (figure, axes):
        axes.grid(axis="x", color=LINE, linewidth=0.6)
        axes.set_axisbelow(True)
        axes.hlines(y, best[order], worst[order], color=MUTED, linewidth=3.2, alpha=0.45)
        axes.scatter(place[order], y, s=30, color=OKABE_ITO[0], zorder=4)
        axes.set_yticks(y, rows)
        axes.set_ylim(len(rows) - 0.4, -0.6)
        axes.set_xlim(0.0, len(rows) + 1.0)
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        axes.set_xlabel(words.headline(text("report.axis.rank", locale), locale))
        note = text("report.chart.productivity_ranks_note", locale, **_values(found))
        return Figure(name, title, alt, drawn(figure, name, alt), (note, *_notes(m, locale)))


def _notes(m: Material, locale: Locale) -> tuple[str, ...]:
    return tuple(note.text(locale) for note in m.coverage)
