"""Figures of the map's likeness: each region beside its neighbours, and the clusters on the tile map."""

from __future__ import annotations

import numpy as np

from zhiyu.explain.of.space import CLUSTERS, Space
from zhiyu.report import words
from zhiyu.report.charts import canvas, drawn
from zhiyu.report.figures import INK, LINE, MARKERS, MUTED, OKABE_ITO, PAPER, Figure, opening
from zhiyu.report.material import Material
from zhiyu.report.page import fill
from zhiyu.report.tilemap import GAP, TILE_HEIGHT, TILE_WIDTH, WIDE, Tile, corner, insets, mapped
from zhiyu.terms import Locale, text

COLOUR = {"high_high": 1, "low_low": 0, "high_low": 4, "low_high": 5}  # of Okabe and Ito, by cluster
OUTLIERS = ("high_low", "low_high")
NAMED = 12  # regions named in the scatter
ROW, ZH, EN = 22, 13.0, 6.6  # pixels: a line of the legend, a letter of either language


def scatter(m: Material, found: Space, locale: Locale) -> Figure:
    """Moran's scatter of the last year: each region's score against its neighbours' mean, in standard deviations."""
    year = found.years[-1]
    here = found.local.sel(year=year)
    x, y, p = (here.sel(statistic=name).values for name in ("value", "lag", "p"))
    slope = float(found.clustering.sel(statistic="i", term=found.root, year=year))
    cluster = found.cluster(year, significant=False)
    kinds = np.array([cluster[code] for code in found.codes])
    title = text("report.chart.space_scatter", locale, name=m.root.label, year=year)
    counted = {kind: int((kinds == kind).sum()) for kind in CLUSTERS[1:]}
    alt = text("report.chart.space_scatter_alt", locale, title=title, slope=words.number(slope, 2), **counted)
    with canvas(4.4, ["−0.0"]) as (figure, axes):
        axes.axhline(0, color=LINE, linewidth=0.8)
        axes.axvline(0, color=LINE, linewidth=0.8)
        ends = np.array([x.min(), x.max()])
        axes.plot(ends, slope * ends + float(np.mean(y)), color=INK, linewidth=1.2, linestyle="--")
        for k, (kind, colour) in enumerate(COLOUR.items()):
            mine = kinds == kind
            shown = {"s": 30, "marker": MARKERS[k], "edgecolors": PAPER, "linewidths": 0.6, "zorder": 3}
            axes.scatter(x[mine], y[mine], color=OKABE_ITO[colour], label=name(kind, locale), **shown)
        for i in _named(x, y, p <= found.level):
            word = found.names[found.codes[i]].text(locale)
            axes.annotate(word, (x[i], y[i]), (5, 4), textcoords="offset points", annotation_clip=False)
        axes.set_xlabel(words.headline(text("report.axis.own_score", locale), locale))
        axes.set_ylabel(words.headline(text("report.axis.neighbours_mean", locale), locale))
        axes.tick_params(colors=MUTED, labelcolor=INK)
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.14), ncols=4, frameon=False, handletextpad=0.2)
        notes = (text("report.note.space_scatter", locale, slope=words.number(slope, 2)), *_notes(m, locale))
        return Figure("chart-space-scatter", title, alt, drawn(figure, "chart-space-scatter", alt), notes)


def _named(x: np.ndarray, y: np.ndarray, first: np.ndarray) -> list[int]:
    """Points to name: those that stand out and, of the others, the farthest out, if no name before is in the way."""
    across, up = (x - x.min()) / np.ptp(x), (y - y.min()) / max(float(np.ptp(y)), 1e-9)
    kept: list[int] = []
    for i in np.argsort(-np.where(first, 1e6, np.hypot(x, y)), kind="stable"):
        free = all(abs(across[i] - across[k]) > 0.11 or abs(up[i] - up[k]) > 0.045 for k in kept)
        if free and len(kept) < NAMED:
            kept.append(int(i))
    return kept


def cluster_map(m: Material, found: Space, locale: Locale) -> Figure | None:
    """The last year's local Moran clusters on the tile map; None for sets without tiles."""
    if not mapped(m.regions):
        return None
    year = found.years[-1]
    every, firm = found.cluster(year, significant=False), found.cluster(year)
    p = found.local.sel(year=year, statistic="p")
    p_of = dict(zip(found.codes, p.values.tolist(), strict=True))
    tiles: list[tuple[Tile, str, bool]] = []
    for region in m.regions.rows:
        if region.tile is None or region.aggregate:
            continue
        known = region.code in every
        kind = every[region.code] if known and p_of[region.code] <= found.level else "none" if known else "empty"
        value = short(kind, locale) if kind in COLOUR else ""
        lines = words.wrapped(region.label.text(locale), WIDE)
        tile = Tile(*corner(*region.tile), lines, value, "" if known else "empty")
        tiles.append((tile, kind, firm.get(region.code) in COLOUR))
    tiles += [(tile, "inset", False) for tile in insets(m, locale)]
    width = max(tile.x for tile, _, _ in tiles) + TILE_WIDTH
    height = max(tile.y for tile, _, _ in tiles) + TILE_HEIGHT
    legend, rows = _legend(found, width, locale)
    label = "chart-space-map"
    title = text("report.chart.space_map", locale, name=m.root.label, year=year)
    listed = [
        text("report.space.listed", locale, kind=name(kind, locale), names=words.names(regions, locale))
        for kind in COLOUR
        if (regions := [found.names[c] for c in found.codes if every[c] == kind and p_of[c] <= found.level])
    ]
    none = text("report.space.map_none", locale)
    alt = text("report.chart.space_map_alt", locale, title=title, listed=words.listed(listed, locale) or none)
    body = fill(
        "clustermap.svg",
        tiles=tiles,
        width=TILE_WIDTH,
        height=TILE_HEIGHT,
        name=label,
        legend=legend,
        below=height + 4 * GAP,
        colours={kind: f"var(--s{colour})" for kind, colour in COLOUR.items()},
        dashed=OUTLIERS,
    )
    svg = opening(label, alt, width, height + 4 * GAP + ROW * rows, "map") + body
    notes = (text("report.map.schematic", locale), text("report.note.space_map", locale), *_notes(m, locale))
    return Figure(label, title, alt, svg, notes)


def name(kind: str, locale: Locale) -> str:
    """A cluster in words."""
    return text(f"report.space.{kind}", locale)


def short(kind: str, locale: Locale) -> str:
    """A cluster on a tile."""
    return text(f"report.space.{kind}_short", locale)


def _legend(found: Space, width: int, locale: Locale) -> tuple[list[tuple[int, int, str, bool, str]], int]:
    """(x, y, kind, firm, words) of each entry, and the number of lines they take."""
    level = words.percent(found.level, 0)
    entries = [(kind, True, name(kind, locale)) for kind in COLOUR]
    entries += [("high_high", False, text("report.space.pale", locale, level=level))]
    entries += [("none", False, text("report.space.not_significant", locale))]
    entries += [("empty", False, text("report.map.no_data", locale))]
    placed, x, y = [], 0, 0
    for kind, firm, told in entries:
        wide = 34 + int(len(told) * (ZH if locale == "zh" else EN)) + 22
        if x and x + wide > width:
            x, y = 0, y + ROW
        placed.append((x, y, kind, firm, told))
        x += wide
    return placed, y // ROW + 1


def _notes(m: Material, locale: Locale) -> tuple[str, ...]:
    return tuple(note.text(locale) for note in m.coverage)
