"""Charts of disparity: how the scores' distribution moves over the years, and what the gap is made of."""

from __future__ import annotations

import numpy as np

from zhiyu.explain.of.disparity import Disparity
from zhiyu.report import words
from zhiyu.report.charts import canvas, drawn
from zhiyu.report.figures import INK, LINE, OKABE_ITO, PAPER, Figure
from zhiyu.report.material import Material
from zhiyu.terms import Locale, text

RISE = 1.5  # rows that the highest density of all reaches up
FAINT = 0.004  # of the highest density: a line below it is not drawn
PARTS = ("between", "within", "transvariation")
HATCH = ("", "////", "....")


def figures(m: Material, found: Disparity, locale: Locale) -> tuple[Figure, ...]:
    """Both, where there are years to compare."""
    if len(found.years(found.root)) < 2:
        return ()
    made = (ridges(m, found, locale) if m.comparable else None, parts(m, found, locale) if found.groups else None)
    return tuple(figure for figure in made if figure is not None)


def ridges(m: Material, found: Disparity, locale: Locale) -> Figure | None:
    """A density a year over one axis, the first year on top; the dot is the mean, the ticks are the regions."""
    years = found.years(found.root)
    density = found.density.sel(measure=found.root, year=list(years)).values
    if not np.isfinite(density).all():
        return None
    x = found.x.sel(measure=found.root).values
    values = _scores(m, found, years)
    mean = values.mean(axis=0)
    title = text("report.chart.disparity_densities", locale, name=m.root.label, first=years[0], last=years[-1])
    peaks = [int(found.modes.sel(measure=found.root, year=year)) for year in (years[0], years[-1])]
    told = {"before": words.number(mean[0], m.digits), "after": words.number(mean[-1], m.digits)}
    told |= {"peaks_before": str(peaks[0]), "peaks_after": str(peaks[1])}
    alt = text("report.chart.disparity_densities_alt", locale, title=title, first=years[0], last=years[-1], **told)
    scale = RISE / density.max()
    with canvas(0.42 * len(years) + 0.8, ["0000"]) as (figure, axes):
        axes.grid(axis="x", color=LINE, linewidth=0.6)
        axes.set_axisbelow(True)
        for k in range(len(years)):
            floor = -float(k)
            colour = OKABE_ITO[0]
            top = floor + scale * density[k]
            axes.fill_between(x, floor, top, color=PAPER, alpha=0.8, linewidth=0, zorder=2 * k + 2)
            axes.fill_between(x, floor, top, color=colour, alpha=0.35, linewidth=0, zorder=2 * k + 2)
            axes.axhline(floor, color=LINE, linewidth=0.6, zorder=2 * k + 2)
            axes.plot(
                x,
                np.where(density[k] > FAINT * density.max(), top, np.nan),
                color=colour,
                linewidth=1.3,
                zorder=2 * k + 3,
            )
            ticks = {"color": INK, "linewidth": 0.7, "solid_capstyle": "butt", "zorder": 2 * k + 3}
            axes.plot(*_ticks(values[:, k], floor, floor + 0.13), **ticks)
            axes.plot(mean[k], floor, "o", markersize=4.2, color=OKABE_ITO[1], zorder=2 * len(years) + 4)
        axes.set_yticks([-k for k in range(len(years))], [str(year) for year in years])
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        axes.set_xlim(x[0], x[-1])
        axes.set_ylim(-len(years) + 0.75, RISE + 0.15)
        axes.set_xlabel(words.headline(text("report.axis.score", locale, scale=words.number(m.scale, 0)), locale))
        width = words.number(float(found.bandwidth.sel(measure=found.root)), m.digits)
        notes = (text("report.chart.disparity_densities_note", locale, width=width), *_notes(m, locale))
        return Figure("chart-disparity-densities", title, alt, drawn(figure, "chart-disparity-densities", alt), notes)


def _ticks(at: np.ndarray, low: float, high: float) -> tuple[np.ndarray, np.ndarray]:
    """(3 n,) x and y of n vertical strokes as one line with gaps: a path a stroke would weigh most of a long page."""
    heights = np.broadcast_to([low, high, np.nan], (len(at), 3))
    return np.stack([at, at, np.full(len(at), np.nan)], axis=1).ravel(), heights.ravel()


def _scores(m: Material, found: Disparity, years: tuple[int, ...]) -> np.ndarray:
    """(region, year) scores of the regions that the densities are of."""
    gone = set(found.left_out.get(found.root, ()))
    known = None
    if found.grouping is not None:
        known = {code for codes in m.index.regions.grouping(found.grouping).values() for code in codes}
    kept = [
        i for i, code in enumerate(m.codes) if m.judged[i] and code not in gone and (known is None or code in known)
    ]
    score = m.index.scores.sel(node=found.root, year=list(years)).transpose("region", "year").values
    return np.asarray(score[kept])


def parts(m: Material, found: Disparity, locale: Locale) -> Figure:
    """The Gini of every year as a bar of its three parts, with the interval of the whole."""
    years = found.years(found.root)
    cells = found.parts.sel(measure=found.root, year=list(years))
    heights = [cells.sel(part=part, bound="estimate").values for part in PARTS]
    whole, low, high = (cells.sel(part="total", bound=bound).values for bound in ("estimate", "low", "high"))
    share = cells.sel(part="between_share", bound="estimate").values
    title = text("report.chart.disparity_parts", locale, name=m.root.label, first=years[0], last=years[-1])
    ends = {"before": words.number(whole[0], 3), "after": words.number(whole[-1], 3)}
    ends |= {"share_before": words.percent(share[0], 0), "share_after": words.percent(share[-1], 0)}
    alt = text("report.chart.disparity_parts_alt", locale, title=title, first=years[0], last=years[-1], **ends)
    at = np.arange(len(years))
    with canvas(3.4, ["0.00"]) as (figure, axes):
        axes.grid(axis="y", color=LINE, linewidth=0.6)
        axes.set_axisbelow(True)
        floor = np.zeros(len(years))
        for k, (part, height) in enumerate(zip(PARTS, heights, strict=True)):
            name = words.headline(text(f"report.disparity.part_{part}", locale), locale)
            drawn_as = {"color": OKABE_ITO[k], "edgecolor": PAPER, "linewidth": 0.6, "hatch": HATCH[k]}
            axes.bar(at, height, width=0.62, bottom=floor, label=name, **drawn_as)
            floor = floor + height
        error = np.stack([np.maximum(whole - low, 0), np.maximum(high - whole, 0)])
        axes.errorbar(at, whole, yerr=error, fmt="none", ecolor=INK, elinewidth=1.0, capsize=3)
        for k, value in enumerate(whole):
            axes.annotate(words.number(value, 3), (k, high[k]), (0, 4), textcoords="offset points", ha="center")
        axes.set_xticks(at, [str(year) for year in years])
        axes.set_ylim(0, 1.32 * float(high.max()))
        axes.set_ylabel(words.headline(text("report.axis.gini", locale), locale))
        axes.legend(loc="upper right", frameon=False, ncols=3)
        notes = (
            text("report.chart.disparity_parts_note", locale, level=words.percent(found.level, 0)),
            *_notes(m, locale),
        )
        return Figure("chart-disparity-parts", title, alt, drawn(figure, "chart-disparity-parts", alt), notes)


def _notes(m: Material, locale: Locale) -> tuple[str, ...]:
    return tuple(note.text(locale) for note in m.coverage)
