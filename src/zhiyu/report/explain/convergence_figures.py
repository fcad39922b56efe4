"""Figures of convergence: initial level against growth, and the path of the relative and the absolute gap."""

from __future__ import annotations

import numpy as np

from zhiyu.explain.of.convergence import ConvergenceEvidence, Drawing
from zhiyu.report import words
from zhiyu.report.charts import canvas, drawn, spread
from zhiyu.report.figures import INK, LINE, MARKERS, MUTED, OKABE_ITO, Figure
from zhiyu.report.material import Material
from zhiyu.terms import Locale, text

NAMED = 5  # regions named at each end and off the line


def figures(m: Material, found: ConvergenceEvidence, locale: Locale) -> tuple[Figure, ...]:
    """The scatter and the path of the first series."""
    return _scatter(m, found, locale), _path(m, found, locale)


def _notes(m: Material, locale: Locale) -> tuple[str, ...]:
    return tuple(note.text(locale) for note in m.coverage)


def _scatter(m: Material, found: ConvergenceEvidence, locale: Locale) -> Figure:
    """Log of the first year's level against average growth, with the line of absolute beta convergence."""
    one = found.series[0]
    log = np.log(one.values.values)
    x, y = log[:, 0], 100.0 * (log[:, -1] - log[:, 0]) / (log.shape[1] - 1)
    slope = 100.0 * one.absolute.b
    fitted = y.mean() + slope * (x - x.mean())
    span = {"name": one.label, "first": one.years[0], "last": one.years[-1]}
    title = text("report.chart.convergence_scatter", locale, **span)
    alt = text("report.chart.convergence_scatter_alt", locale, title=title, b=words.number(one.absolute.b, 4))
    with canvas(4.2, ["100.0", "0"]) as (figure, axes):
        axes.grid(color=LINE, linewidth=0.6)
        axes.set_axisbelow(True)
        groups = list(dict.fromkeys(found.groups[code] for code in one.codes if code in found.groups))
        for k, group in enumerate(groups or [None]):
            rows = [i for i, code in enumerate(one.codes) if group is None or found.groups.get(code) == group]
            style = {"color": OKABE_ITO[k % len(OKABE_ITO)], "marker": MARKERS[k % len(MARKERS)], "s": 26}
            label = "" if group is None else group.text(locale)
            axes.scatter(x[rows], y[rows], zorder=3, label=label or None, **style)
        ends = np.array([x.min(), x.max()])
        axes.plot(ends, y.mean() + slope * (ends - x.mean()), color=INK, linewidth=1.2, linestyle="--", zorder=2)
        for i in _named(x, y, y - fitted):
            name = found.names[one.codes[i]].text(locale)
            axes.annotate(name, (x[i], y[i]), (5, 4), textcoords="offset points", color=MUTED)
        ticks = _ticks(float(np.exp(x.min())), float(np.exp(x.max())))
        axes.set_xticks(np.log(ticks), [words.number(tick, 0 if tick >= 1 else 1) for tick in ticks])
        axes.set_xlabel(words.headline(text("report.axis.convergence_initial", locale, first=one.years[0]), locale))
        axes.set_ylabel(words.headline(text("report.axis.convergence_growth", locale), locale))
        if groups:
            axes.legend(loc="upper right", frameon=False)
        svg = drawn(figure, "convergence-scatter", alt)
    return Figure("convergence-scatter", title, alt, svg, _notes(m, locale))


def _named(x: np.ndarray, y: np.ndarray, off: np.ndarray) -> list[int]:
    """The regions at both ends and those furthest off the line, less those whose name would lie on another's."""
    order = np.argsort(x, kind="stable")
    far = np.argsort(-np.abs(off), kind="stable")[:NAMED]
    across, up = ((part - part.min()) / max(float(np.ptp(part)), 1e-12) for part in (x, y))
    named: list[int] = []
    for i in dict.fromkeys(int(i) for i in (order[-1], order[0], *far, *order[::-1][:NAMED], *order[:NAMED])):
        if all(abs(across[i] - across[k]) > 0.14 or abs(up[i] - up[k]) > 0.05 for k in named):
            named.append(i)
    return named


def _ticks(low: float, high: float) -> list[float]:
    """Round numbers of a logarithmic axis between two values."""
    powers = 10.0 ** np.arange(np.floor(np.log10(low)), np.ceil(np.log10(high)) + 1)
    found = [float(part * power) for power in powers for part in (1.0, 2.0, 5.0)]
    return [tick for tick in found if low * 0.95 <= tick <= high * 1.05] or [low, high]


def _path(m: Material, found: ConvergenceEvidence, locale: Locale) -> Figure:
    """Relative and absolute gap of the first series, and the relative gap of output, all 100 in the first year."""
    one = found.series[0]
    lines = [("relative", one, one.sigma.log.values), ("absolute", one, one.sigma.absolute.values)]
    lines += [("relative", other, other.sigma.log.values) for other in found.series if other.id == "output_per_head"]
    shown = [(kind, of, 100.0 * values / values[0]) for kind, of, values in lines]
    title = text("report.chart.convergence_path", locale, name=one.label, first=one.years[0])
    names = [_name(kind, of, values, locale) for kind, of, values in shown]
    alt = text(
        "report.chart.convergence_path_alt", locale, title=title, lines=("；" if locale == "zh" else "; ").join(names)
    )
    with canvas(3.4, ["100.0", "0"], names) as (figure, axes):
        axes.grid(axis="y", color=LINE, linewidth=0.6)
        axes.axhline(100.0, color=MUTED, linewidth=0.8)
        for k, (_, of, values) in enumerate(shown):
            style = {"color": OKABE_ITO[k], "marker": MARKERS[k], "markersize": 4.5, "linewidth": 1.8}
            axes.plot(of.years, values, **style)
        bottom, top = axes.get_ylim()
        last = [float(values[-1]) for _, _, values in shown]
        at = spread(last, 0.07 * (top - bottom))
        for k, name in enumerate(names):
            end = (shown[k][1].years[-1], at[k])
            axes.annotate(name, end, (9, 0), textcoords="offset points", va="center", annotation_clip=False)
        axes.set_xticks(one.years, [str(year) for year in one.years])
        axes.set_ylabel(words.headline(text("report.axis.convergence_gap", locale, first=one.years[0]), locale))
        svg = drawn(figure, "convergence-path", alt)
    return Figure("convergence-path", title, alt, svg, _notes(m, locale))


def _name(kind: str, of: Drawing, values: np.ndarray, locale: Locale) -> str:
    gap = text(f"report.chart.convergence_{kind}", locale, name=of.label)
    return f"{gap}  {words.number(float(values[-1]), 0)}"
