"""Drawings of the ledger's multiverse: all claims side by side, and the specification curve of those decided."""

from __future__ import annotations

from typing import Any

import numpy as np

from zhiyu.explain.claims.question import Agreement, Verdict
from zhiyu.explain.of.claims import Ledger
from zhiyu.report import words
from zhiyu.report.charts import canvas, drawn
from zhiyu.report.explain import claims_apart
from zhiyu.report.explain.claim_units import decided
from zhiyu.report.figures import INK, LINE, MUTED, OKABE_ITO, PAPER, Figure
from zhiyu.report.material import Material
from zhiyu.terms import Locale, text

CURVES = 3  # at most
POINTS = 400  # of a curve: more cannot be told apart on paper
FEWEST = 20  # specifications below which a curve shows nothing


def drawings(m: Material, found: Ledger, locale: Locale) -> tuple[Figure, ...]:
    """The overview, and a curve of each claim that the data decide, or of the one nearest to it."""
    shown = [one for one in found.verdicts if _many(one)]
    if not shown:
        return ()
    chosen = curved(shown)
    return (overview(m, found, shown, locale), *(curve(m, found, one, locale) for one in chosen))


def curved(shown: list[Verdict]) -> list[Verdict]:
    """Of the claims drawn side by side those that get a curve of their own."""
    clear = [one for one in shown if one.verdict in ("supported", "contradicted")]
    return (clear or [min(shown, key=lambda one: one.q if np.isfinite(one.q) else np.inf)])[:CURVES]


def _many(one: Verdict) -> bool:
    return one.agreement is not None and one.agreement.number >= FEWEST and _regressed(one)


def _regressed(one: Verdict) -> bool:
    return bool(one.parts) and one.parts[0].how == "regression"


def overview(m: Material, found: Ledger, shown: list[Verdict], locale: Locale) -> Figure:
    """Of each claim the partial correlations of all specifications: 5 to 95 %, the middle half, and the stated one."""
    ways = sum(one.agreement.number for one in shown if one.agreement is not None)
    title = text("report.chart.claims", locale, claims=len(shown), number=words.number(ways, 0))
    names = [f"{one.id}  {one.label.text(locale)}" for one in shown]
    alt = text("report.chart.claims_alt", locale, title=title, claims=len(shown))
    with canvas(0.3 * len(shown) + 0.6, names) as (figure, axes):
        axes.axvline(0, color=MUTED, linewidth=0.8)
        for y, one in enumerate(shown):
            a = one.agreement
            assert a is not None
            sign = one.parts[0].sign
            effect = sign * a.effect[np.isfinite(a.effect)]
            low, quarter, middle, three, high = np.quantile(effect, [0.05, 0.25, 0.5, 0.75, 0.95])
            axes.hlines(y, low, high, color=MUTED, linewidth=1.2)
            axes.hlines(y, quarter, three, color=OKABE_ITO[0], linewidth=6, alpha=0.55)
            axes.scatter([middle], [y], s=26, facecolors=PAPER, edgecolors=INK, linewidths=1.1, zorder=3)
            axes.scatter([sign * a.effect[a.main]], [y], s=30, marker="D", color=INK, zorder=4)
        axes.set_yticks(range(len(shown)), names)
        axes.set_ylim(len(shown) - 0.4, -0.6)
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        axes.grid(axis="x", color=LINE, linewidth=0.6)
        axes.set_axisbelow(True)
        axes.set_xlabel(words.headline(text("report.axis.partial", locale), locale))
        notes = (*_read(found, shown, locale), *(note.text(locale) for note in m.coverage))
        return Figure("chart-claims", title, alt, drawn(figure, "chart-claims", alt), notes)


def _read(found: Ledger, shown: list[Verdict], locale: Locale) -> tuple[str, ...]:
    """How to read the overview, whose own way is unlike the rest and why, what is not in it, and who gets a curve."""
    told = [text("report.note.claims_overview", locale)]
    unlike = claims_apart.told(found, shown)
    told += [] if unlike is None else [unlike.text(locale)]
    others = [one for one in found.verdicts if one.agreement is not None and one not in shown]
    if others:
        ids = words.listed([one.id for one in others], locale)
        told.append(text("report.claims.undrawn", locale, number=len(others), ids=ids))
    elsewhere = [one for one in shown if decided(one) is not one.parts[0]]
    if elsewhere:
        ids = words.listed([one.id for one in elsewhere], locale)
        told.append(text("report.claims.elsewhere", locale, ids=ids))
    chosen = curved(shown)
    ids = words.listed([one.id for one in chosen], locale)
    kind = "decided" if chosen[0].verdict in ("supported", "contradicted") else "nearest"
    told.append(text(f"report.claims.curves_{kind}", locale, ids=ids, most=CURVES))
    return tuple(told)


def curve(m: Material, found: Ledger, one: Verdict, locale: Locale) -> Figure:
    """Specifications in the order of their effect, with 95 % intervals, above the choices each of them makes."""
    a = one.agreement
    assert a is not None
    order = np.argsort(a.effect, kind="stable")
    order = order[np.isfinite(a.effect[order])]
    keep = order[np.unique(np.linspace(0, len(order) - 1, min(POINTS, len(order))).astype(int))]
    rows = [(j, k) for j, levels in enumerate(a.levels) for k in range(len(levels))]
    names = [_level(found, a, j, k, locale) for j, k in rows]
    title = text("report.chart.claims_curve", locale, id=one.id, name=one.label)
    share = words.percent(a.share, 0)
    alt = text("report.chart.claims_curve_alt", locale, title=title, number=a.number, share=share)
    x, name = np.arange(len(keep)), f"chart-claims_{one.id}"
    with canvas(0.17 * len(rows) + 2.2, names) as (figure, axes):
        box = axes.get_position()
        part = 2.0 / (0.17 * len(rows) + 2.2)
        axes.set_position((box.x0, 0.0, box.width, (1.0 - part) * 0.97))
        above = figure.add_axes((box.x0, 1.0 - part, box.width, part))
        colours = [OKABE_ITO[0] if word == 1 else OKABE_ITO[1] if word == -1 else MUTED for word in a.words[keep]]
        above.vlines(x, a.low[keep], a.high[keep], color=LINE, linewidth=0.7)
        above.scatter(x, a.effect[keep], s=5, c=colours, linewidths=0, zorder=3)
        above.axhline(0, color=MUTED, linewidth=0.8)
        at = int(np.searchsorted(a.effect[keep], a.effect[a.main])) if np.isfinite(a.effect[a.main]) else -1
        if at >= 0:
            above.scatter([min(at, len(keep) - 1)], [a.effect[a.main]], s=34, marker="D", color=INK, zorder=4)
        above.set_xticks([])
        above.set_ylabel(words.headline(text("report.axis.partial_short", locale), locale))
        _choices(axes, a, keep, rows)
        axes.set_yticks(range(len(rows)), names)
        return Figure(name, title, alt, drawn(figure, name, alt), _notes(m, locale))


def _choices(axes: Any, a: Agreement, keep: np.ndarray, rows: list[tuple[int, int]]) -> None:
    for y, (j, k) in enumerate(rows):
        here = np.flatnonzero(a.picks[keep, j] == k)
        axes.scatter(here, np.full(len(here), y), s=3, marker="|", color=OKABE_ITO[j % len(OKABE_ITO)], linewidths=0.7)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xticks([])
    axes.tick_params(axis="y", length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)


def _level(found: Ledger, a: Agreement, j: int, k: int, locale: Locale) -> str:
    choice, value = a.choices[j], a.levels[j][k]
    label = found.levels.get(f"{choice}={value}")
    shown = label.text(locale) if label is not None else value
    return f"{found.choices[choice].text(locale)}  {shown}" if k == 0 else shown


def _notes(m: Material, locale: Locale) -> tuple[str, ...]:
    return (text("report.note.claims_chart", locale), *(note.text(locale) for note in m.coverage))
