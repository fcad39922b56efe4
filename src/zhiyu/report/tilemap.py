"""The tile map: one tile a region, roughly where it lies, coloured by its score among all years'; no borders."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from zhiyu.data.regions import Regions
from zhiyu.report import words
from zhiyu.report.figures import MAP_CLASSES, Figure, opening
from zhiyu.report.material import Material
from zhiyu.report.page import fill
from zhiyu.terms import Locale, text

TILE_WIDTH, TILE_HEIGHT, GAP, LEGEND = 86, 62, 4, 46
WIDE = 12  # letters of an English name that fit one line of a tile


@dataclass(frozen=True)
class Tile:
    """A tile's place, words and class: 0 .. MAP_CLASSES-1, or a name for those without a colour."""

    x: int
    y: int
    name: tuple[str, ...]
    value: str
    kind: str


def breaks(scores: np.ndarray, classes: int = MAP_CLASSES) -> np.ndarray:
    """(classes - 1,) scores that part all years' scores into classes of equal number, so that years compare."""
    seen = scores[np.isfinite(scores)]
    return np.asarray(np.quantile(seen, np.arange(1, classes) / classes)) if len(seen) else np.empty(0)


def mapped(regions: Regions) -> bool:
    """Whether the set says where its tiles stand."""
    return any(region.tile is not None for region in regions.rows)


def tile_maps(m: Material, locale: Locale) -> tuple[tuple[int, Figure], ...]:
    """The root's map of every year from the first ranked to the last; empty if the set has no tiles."""
    if not mapped(m.regions):
        return ()
    cuts = breaks(m.score(m.root)[m.judged])
    return tuple((m.years[t], _draw(m, t, cuts, locale)) for t in range(m.span[0], m.span[1] + 1))


def _draw(m: Material, t: int, cuts: np.ndarray, locale: Locale) -> Figure:
    year = m.years[t]
    tiles = [*_tiles(m, t, cuts, locale), *insets(m, locale)]
    width = max(tile.x for tile in tiles) + TILE_WIDTH
    height = max(tile.y for tile in tiles) + TILE_HEIGHT
    title, alt = text("report.map.title", locale, name=m.root.label, year=year), _alt(m, t, locale)
    name = f"map-{year}"
    body = fill(
        "tilemap.svg",
        tiles=tiles,
        width=TILE_WIDTH,
        height=TILE_HEIGHT,
        name=name,
        legend=_legend(cuts, m.digits),
        below=height + 18,
        empty=text("report.map.no_data", locale),
    )
    svg = opening(name, alt, width, height + LEGEND, "map") + body
    notes = (text("report.map.schematic", locale), *[note.text(locale) for note in m.coverage])
    return Figure(name, title, alt, svg, notes)


def _tiles(m: Material, t: int, cuts: np.ndarray, locale: Locale) -> list[Tile]:
    place = {code: i for i, code in enumerate(m.codes)}
    score = m.score(m.root)[:, t]
    found = []
    for region in m.regions.rows:
        if region.tile is None or region.aggregate:
            continue
        i = place.get(region.code)
        value = np.nan if i is None else score[i]
        kind = "empty" if np.isnan(value) else f"q{np.searchsorted(cuts, value, side='right')}"
        shown = "" if np.isnan(value) else words.number(value, m.digits)
        found.append(Tile(*corner(*region.tile), words.wrapped(region.label.text(locale), WIDE), shown, kind))
    return found


def insets(m: Material, locale: Locale) -> list[Tile]:
    return [
        Tile(*corner(*inset.tile), words.wrapped(inset.label.text(locale), WIDE), "", "inset")
        for inset in m.regions.insets
    ]


def corner(col: int, row: int) -> tuple[int, int]:
    return col * (TILE_WIDTH + GAP), row * (TILE_HEIGHT + GAP)


def _legend(cuts: np.ndarray, digits: int) -> list[tuple[str, str]]:
    """(class, score at its lower end) of each colour; the first begins nowhere."""
    return [("q0", ""), *[(f"q{k + 1}", words.number(float(cut), digits)) for k, cut in enumerate(cuts)]]


def _alt(m: Material, t: int, locale: Locale) -> str:
    """The map in a sentence: its highest and lowest region."""
    score = np.where(m.judged, m.score(m.root)[:, t], np.nan)
    if not np.isfinite(score).any():
        return text("report.map.title", locale, name=m.root.label, year=m.years[t])
    high, low = int(np.nanargmax(score)), int(np.nanargmin(score))
    values = {"name": m.root.label, "year": m.years[t], "best": m.name_of(high), "worst": m.name_of(low)}
    numbers = {"high": words.number(score[high], m.digits), "low": words.number(score[low], m.digits)}
    return text("report.map.alt", locale, **values, **numbers)
