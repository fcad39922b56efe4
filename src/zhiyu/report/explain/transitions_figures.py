"""Two drawings of the five levels: who went from where to where, and how many stood on each over the years."""

from __future__ import annotations

from typing import Any

import numpy as np

from zhiyu.explain.of.transitions import Transitions
from zhiyu.report import words
from zhiyu.report.charts import canvas, drawn, spread
from zhiyu.report.figures import INK, MUTED, OKABE_ITO, PAPER, Figure
from zhiyu.report.material import Material
from zhiyu.terms import Locale, text

DARK = 0.55  # opacity above which words on it are the paper's colour


def heat(m: Material, found: Transitions, locale: Locale) -> Figure:
    """The root's matrix: shares of the steps from each level, with their number; rising towards the upper right."""
    markov, k = found.root.markov, found.stages
    stay, left = int(np.trace(markov.counts)), int(markov.counts.sum())
    title = text("report.chart.transitions", locale, name=found.root.label)
    values = {"up": found.root.moves.up, "down": found.root.moves.down, "stay": stay, "number": left}
    alt = text("report.chart.transitions_alt", locale, title=title, **values)
    names = [f"{_level(i, locale)}  ({int(n)})" for i, n in enumerate(markov.counts.sum(axis=1))]
    with canvas(0.46 * k + 0.4, names) as (figure, axes):
        for i, j in np.ndindex(k, k):
            share, number = float(markov.probabilities[i, j]), int(markov.counts[i, j])
            if not number:
                continue
            opacity = 0.08 + 0.92 * share
            axes.add_patch(_tile(j, i, opacity))
            shown = f"{words.percent(share, 0)}  ({number})"
            axes.annotate(shown, (j, i), ha="center", va="center", color=PAPER if opacity > DARK else INK)
        axes.set_xlim(-0.5, k - 0.5)
        axes.set_ylim(k - 0.5, -0.5)
        axes.set_yticks(range(k), names)
        axes.set_xticks(range(k), [_level(j, locale) for j in range(k)])
        axes.tick_params(length=0)
        for spine in axes.spines.values():
            spine.set_visible(False)
        axes.set_ylabel(words.headline(text("report.axis.level_before", locale), locale))
        axes.set_xlabel(words.headline(text("report.axis.level_after", locale), locale))
        return Figure("chart-transitions", title, alt, drawn(figure, "chart-transitions", alt), _notes(m, locale))


def shares(m: Material, found: Transitions, locale: Locale) -> Figure:
    """Regions on each level of the root by year, the lowest at the bottom."""
    levels = found.stage.sel(node=found.root.node).values
    years, k = [int(year) for year in found.stage["year"].values], found.stages
    counted = np.stack([(levels == level).sum(axis=0) for level in range(1, k + 1)])  # (k, t)
    seen = np.flatnonzero(counted.sum(axis=0))
    counted, shown = counted[:, seen], [str(years[t]) for t in seen]
    title = text("report.chart.levels_by_year", locale, name=found.root.label)
    ends = {"first": shown[0], "last": shown[-1], "top": k}
    low, high = counted[0, [0, -1]], counted[-1, [0, -1]]
    ends |= {"low_first": int(low[0]), "low_last": int(low[1]), "high_first": int(high[0]), "high_last": int(high[1])}
    alt = text("report.chart.levels_by_year_alt", locale, title=title, **ends)
    right = [_level(level, locale) for level in range(k)]
    with canvas(2.9, ["100"], ["", *right]) as (figure, axes):
        under = np.zeros(len(shown))
        for level in range(k):
            opacity = 0.1 + 0.9 * level / max(1, k - 1)
            axes.bar(shown, counted[level], bottom=under, width=0.82, color=OKABE_ITO[0], alpha=opacity, linewidth=0)
            for x, (number, base) in enumerate(zip(counted[level], under, strict=True)):
                if number:
                    colour = PAPER if opacity > DARK else INK
                    axes.annotate(str(number), (x, base + number / 2), ha="center", va="center", color=colour)
            under = under + counted[level]
        _name_levels(axes, counted[:, -1], right, len(shown) - 0.5)
        axes.set_xlim(-0.6, len(shown) - 0.4)
        axes.set_ylabel(words.headline(text("report.axis.regions", locale), locale))
        name = "chart-transitions_years"
        return Figure(name, title, alt, drawn(figure, name, alt), _notes(m, locale))


def _tile(x: int, y: int, opacity: float) -> Any:
    from matplotlib.patches import Rectangle

    return Rectangle((x - 0.48, y - 0.46), 0.96, 0.92, facecolor=OKABE_ITO[0], alpha=opacity, linewidth=0)


def _name_levels(axes: Any, last: np.ndarray, names: list[str], x: float) -> None:
    """Beside the last bar, the name of every level, also of one that nobody stands on any more."""
    middles = np.cumsum(last) - last / 2
    for name, at in zip(names, spread([float(middle) for middle in middles], 0.07 * last.sum()), strict=True):
        axes.annotate(name, (x, at), va="center", color=MUTED, annotation_clip=False)


def _level(position: int, locale: Locale) -> str:
    return text("report.transitions.level", locale, level=position + 1)


def _notes(m: Material, locale: Locale) -> tuple[str, ...]:
    return tuple(note.text(locale) for note in m.coverage)
