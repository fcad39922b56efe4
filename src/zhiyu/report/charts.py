"""Statistical charts by matplotlib: ranking with its movement, trends of the groups, weights."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from matplotlib.figure import Figure as Canvas
from matplotlib.font_manager import fontManager

from zhiyu.measure.index import DOMINANT
from zhiyu.report import few, words
from zhiyu.report.figures import INK, LINE, MARKERS, MUTED, OKABE_ITO, PAPER, Figure, embedded
from zhiyu.report.material import Material
from zhiyu.report.results import series
from zhiyu.terms import Locale, text

FONT = Path(__file__).parent / "fonts" / "ZhiyuSansSC-Regular.ttf"
FAMILY = "Zhiyu Sans SC"
WIDTH = 7.6  # inches: the text's width
SIZE = 9.5  # points
STYLE: Any = {
    "font.family": FAMILY,
    "font.size": SIZE,
    "svg.fonttype": "none",
    "svg.hashsalt": "zhiyu",
    "axes.unicode_minus": True,
    "axes.edgecolor": LINE,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "text.color": INK,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.major.size": 3,
    "ytick.major.size": 3,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
}


@cache
def _font() -> None:
    fontManager.addfont(FONT)


@contextmanager
def canvas(height: float, left: Sequence[str] = (), right: Sequence[str] = ()) -> Iterator[tuple[Canvas, Any]]:
    """A figure of the text's width with one pair of axes between the names at their left and right."""
    _font()
    margins = [max((_length(name) for name in names), default=0.0) / WIDTH for names in (left, right)]
    with matplotlib.rc_context(STYLE):
        figure = Canvas(figsize=(WIDTH, height))
        yield figure, figure.add_axes((margins[0], 0.0, 1.0 - sum(margins), 1.0))


def _length(name: str) -> float:
    """About how many inches a name takes."""
    return sum(1.0 if ord(letter) > 0x2E80 else 0.53 for letter in name) * SIZE / 72


def drawn(figure: Canvas, name: str, alt: str) -> Any:
    """The figure as inline SVG; the same figure gives the same bytes."""
    buffer = io.StringIO()
    about = {"Date": None, "Creator": None, "Format": None, "Type": None}
    figure.savefig(buffer, format="svg", metadata=about, bbox_inches="tight", pad_inches=0.04)
    return embedded(buffer.getvalue(), name, alt)


def ranking(m: Material, locale: Locale) -> Figure | None:
    """Scores of the ranked regions in the last year (filled) and the first (hollow), best on top."""
    if not m.ranked:
        return None
    shown = few.ends(m.ranked)
    rows, y = list(shown.rows), shown.y
    score = m.score(m.root)
    last, first = score[rows, m.span[1]], score[rows, m.span[0]]
    places = m.rank(m.root)[rows, m.span[1]]
    compared = m.several and m.comparable
    title = text(
        "report.chart.ranking" if compared else "report.chart.ranking_one_year", locale, year=m.last, first=m.first
    )
    ends = {"best": m.name_of(rows[0]), "high": words.number(last[0], m.digits)}
    ends |= {"worst": m.name_of(rows[-1]), "low": words.number(last[-1], m.digits)}
    alt = text("report.chart.ranking_alt", locale, year=m.last, **ends)
    names = [f"{m.name_of(i).text(locale)}  {int(place)}" for i, place in zip(rows, places, strict=True)]
    with canvas(0.215 * shown.lines + 0.5, names) as (figure, axes):
        axes.grid(axis="x", color=LINE, linewidth=0.6)
        axes.set_axisbelow(True)
        if compared:
            axes.hlines(y, first, last, color=MUTED, linewidth=1.4)
            axes.scatter(
                first, y, s=26, facecolors=PAPER, edgecolors=MUTED, linewidths=1.2, zorder=3, label=str(m.first)
            )
        else:
            axes.hlines(y, 0, last, color=MUTED, linewidth=1.4)
        axes.scatter(last, y, s=30, color=OKABE_ITO[0], zorder=4, label=str(m.last))
        axes.set_yticks(y, names)
        axes.set_ylim(shown.lines - 0.4, -0.6)
        axes.set_xlim(left=0)
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        axes.set_xlabel(words.headline(text("report.axis.score", locale, scale=words.number(m.scale, 0)), locale))
        if compared:
            axes.legend(loc="lower right", frameon=False)
        notes = (*few.between(shown.hidden, locale), *_notes(m, locale))
        return Figure("chart-ranking", title, alt, drawn(figure, "chart-ranking", alt), notes)


def intervals(m: Material, locale: Locale) -> Figure | None:
    """Ranks of the last year: the recipe's (filled), the median of the replays (hollow) and their interval (bar)."""
    if m.robustness is None or not m.ranked:
        return None
    level = m.choices.measure.robustness.level
    order = few.ends(m.ranked)
    rows, y = list(order.rows), order.y
    low, median, high = m.robustness.interval(level).values[:, list(m.ranked), m.span[1]]
    places = m.rank(m.root)[rows, m.span[1]]
    title = text("report.chart.intervals", locale, year=m.last, level=words.percent(level, 0))
    widest = int(np.nan_to_num(high - low).argmax())
    ends = {"name": m.name_of(m.ranked[widest]), "low": int(low[widest]), "high": int(high[widest])}
    alt = text("report.chart.intervals_alt", locale, title=title, **ends)
    low, median, high = (bound[list(order.places)] for bound in (low, median, high))
    names = [f"{m.name_of(i).text(locale)}  {int(place)}" for i, place in zip(rows, places, strict=True)]
    with canvas(0.215 * order.lines + 0.5, names) as (figure, axes):
        axes.grid(axis="x", color=LINE, linewidth=0.6)
        axes.set_axisbelow(True)
        axes.hlines(y, low, high, color=MUTED, linewidth=3.2, alpha=0.45)
        shown = {"s": 26, "facecolors": PAPER, "edgecolors": MUTED, "linewidths": 1.2, "zorder": 3}
        axes.scatter(median, y, label=text("report.chart.median", locale), **shown)
        axes.scatter(places, y, s=30, color=OKABE_ITO[0], zorder=4, label=text("report.chart.by_recipe", locale))
        axes.set_yticks(y, names)
        axes.set_ylim(order.lines - 0.4, -0.6)
        axes.set_xlim(0.0, len(m.ranked) + 1.0)
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        axes.set_xlabel(words.headline(text("report.axis.rank", locale), locale))
        axes.legend(loc="lower left", frameon=False)
        notes = (*few.between(order.hidden, locale), *_notes(m, locale))
        return Figure("chart-intervals", title, alt, drawn(figure, "chart-intervals", alt), notes)


def trends(m: Material, locale: Locale) -> Figure | None:
    """Mean scores of the groups over the years, each line named at its end."""
    if not m.several:
        return None
    lines = series(m, m.root)
    shown = slice(m.span[0], m.span[1] + 1)
    years = np.array(m.years[shown])
    title = text("report.chart.trends", locale, name=m.root.label, first=m.first, last=m.last)
    moved = [
        text(
            "report.chart.from_to",
            locale,
            name=line.label,
            a=_score(m, line.values[shown][0]),
            b=_score(m, line.values[shown][-1]),
        )
        for line in lines
    ]
    alt = text("report.chart.trends_alt", locale, title=title, lines=("；" if locale == "zh" else "; ").join(moved))
    names = [f"{line.label.text(locale)}  {_score(m, line.values[shown][-1])}" for line in lines]
    with canvas(3.6, ["100.0", "0"], names) as (figure, axes):
        axes.grid(axis="y", color=LINE, linewidth=0.6)
        axes.set_axisbelow(True)
        for k, line in enumerate(lines):
            everyone = line.id == "all"
            colour = INK if everyone else OKABE_ITO[k % len(OKABE_ITO)]
            style = (
                {"linestyle": "--", "linewidth": 1.2}
                if everyone
                else {"marker": MARKERS[k % len(OKABE_ITO)], "linewidth": 1.8}
            )
            axes.plot(years, line.values[shown], color=colour, markersize=4.5, **style)
        axes.set_ylim(bottom=0)
        ends = spread([float(line.values[shown][-1]) for line in lines], 0.062 * axes.get_ylim()[1])
        for name, at in zip(names, ends, strict=True):
            axes.annotate(name, (years[-1], at), (9, 0), textcoords="offset points", va="center", annotation_clip=False)
        axes.set_xticks(years, [str(year) for year in years])
        axes.set_xlim(years[0] - 0.25, years[-1] + 0.15)
        axes.set_ylabel(words.headline(text("report.axis.mean", locale), locale))
        return Figure("chart-trends", title, alt, drawn(figure, "chart-trends", alt), _notes(m, locale))


def spread(values: Sequence[float], least: float) -> list[float]:
    """Positions near the values, in their order and at least `least` apart, so that labels do not overlap."""
    order = sorted(range(len(values)), key=lambda k: values[k])
    placed = [values[k] for k in order]
    for _ in range(50):
        for low in range(len(placed) - 1):
            lack = least - (placed[low + 1] - placed[low])
            if lack > 1e-9:
                placed[low] -= lack / 2
                placed[low + 1] += lack / 2
    found = dict(zip(order, placed, strict=True))
    return [found[k] for k in range(len(values))]


def weights(m: Material, locale: Locale) -> Figure:
    """Weight of every indicator in the whole, by attribute; those above the limit within theirs are hatched."""
    flagged = {leaf.id for leaf, _, _ in m.index.dominant}
    leaves = [leaf for node in m.top for leaf in m.index.tree.leaves_below(node.id)]
    share = np.array([100 * m.effective(leaf) for leaf in leaves])
    order = [node.id for node in m.top]
    kind = [order.index(m.index.tree.attribute(leaf.id).id) for leaf in leaves]
    y = np.array([k + 0.7 * group for k, group in enumerate(kind)])
    limit = text("report.chart.flag", locale, kind=m.kind, limit=words.percent(DOMINANT, 0))
    note = (limit,) if flagged else ()
    heaviest = int(np.argmax(share))
    title = text("report.chart.weights", locale, year=m.last)
    values = {"name": leaves[heaviest].label, "share": words.percent(share[heaviest] / 100)}
    alt = text("report.chart.weights_alt", locale, number=len(leaves), **values)
    names = [words.headline(leaf.label.text(locale), locale) for leaf in leaves]
    with canvas(0.2 * (y[-1] + 1) + 0.5, names) as (figure, axes):
        for group, node in enumerate(m.top):
            rows = [j for j, found in enumerate(kind) if found == group]
            colour = OKABE_ITO[group % len(OKABE_ITO)]
            bars = axes.barh(y[rows], share[rows], height=0.68, color=colour, edgecolor=PAPER, linewidth=0)
            for j, bar in zip(rows, bars, strict=True):
                bar.set_hatch("////" if leaves[j].id in flagged else "")
            name = words.headline(node.label.text(locale), locale)
            axes.annotate(
                name, (1.0, y[rows[0]]), xycoords=("axes fraction", "data"), ha="right", va="center", color=MUTED
            )
        for at, value, leaf in zip(y, share, leaves, strict=True):
            shown = words.number(float(value), 1) + ("  ▲" if leaf.id in flagged else "")
            axes.annotate(shown, (value, at), (4, 0), textcoords="offset points", va="center")
        axes.set_yticks(y, names)
        axes.set_ylim(y[-1] + 0.6, -0.8)
        axes.set_xlim(0, 1.45 * share.max())
        axes.tick_params(axis="y", length=0)
        axes.set_xlabel(text("report.axis.weight", locale))
        return Figure("chart-weights", title, alt, drawn(figure, "chart-weights", alt), (*note, *_notes(m, locale)))


def _score(m: Material, value: float) -> str:
    return words.number(value, m.digits)


def _notes(m: Material, locale: Locale) -> tuple[str, ...]:
    return tuple(note.text(locale) for note in m.coverage)
