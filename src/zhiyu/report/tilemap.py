"""The tile map: one tile a region, roughly where it lies, coloured by a number; no borders."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from zhiyu.data.regions import Regions
from zhiyu.report import words
from zhiyu.report.figures import MAP_CLASSES, Figure, opening
from zhiyu.report.material import Material
from zhiyu.report.page import fill
from zhiyu.terms import Label, Locale, text

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
    return tuple((m.years[t], _of_year(m, t, cuts, locale)) for t in range(m.span[0], m.span[1] + 1))


def _of_year(m: Material, t: int, cuts: np.ndarray, locale: Locale) -> Figure:
    score, values = m.score(m.root)[:, t], {"name": m.root.label, "year": m.years[t]}
    title = text("report.map.title", locale, **values)
    shown = partial(words.number, digits=m.digits)
    ranked = {m.codes[i]: score[i] for i in np.flatnonzero(m.judged & np.isfinite(score))}
    alt = text("report.map.alt", locale, **values, **ends(m, ranked, shown)) if ranked else title
    value = dict(zip(m.codes, score, strict=True))
    return painted(m, f"map-{m.years[t]}", title, alt, value, cuts, shown, locale, *_schematic(m, locale))


def difference_map(
    m: Material,
    name: str,
    title: str,
    value: Mapping[str, float],
    shown: Callable[[float], str],
    locale: Locale,
    *own: str,
) -> Figure:
    """The tile map of a difference by region, in classes of equal number; `own` : notes of its own."""
    known = {code: x for code, x in value.items() if np.isfinite(x)}
    alt = text("report.chart.simulate_map_alt", locale, title=title, **ends(m, known, shown))
    schematic, *covered = _schematic(m, locale)
    cuts = breaks(np.array(list(value.values())))
    return painted(m, name, title, alt, value, cuts, shown, locale, schematic, *own, *covered)


def painted(
    m: Material,
    name: str,
    title: str,
    alt: str,
    value: Mapping[str, float],
    cuts: np.ndarray,
    shown: Callable[[float], str],
    locale: Locale,
    *notes: str,
) -> Figure:
    """The tile map of a number by region code, coloured by the classes that cuts part; hatched where there is none."""
    tiles = [*_tiles(m, value, cuts, shown, locale), *insets(m, locale)]
    width = max(tile.x for tile in tiles) + TILE_WIDTH
    height = max(tile.y for tile in tiles) + TILE_HEIGHT
    body = fill(
        "tilemap.svg",
        tiles=tiles,
        width=TILE_WIDTH,
        height=TILE_HEIGHT,
        name=name,
        legend=[("q0", ""), *[(f"q{k + 1}", shown(float(cut))) for k, cut in enumerate(cuts)]],  # its lower end
        below=height + 18,
        empty=text("report.map.no_data", locale),
    )
    return Figure(name, title, alt, opening(name, alt, width, height + LEGEND, "map") + body, notes)


def _tiles(
    m: Material, value: Mapping[str, float], cuts: np.ndarray, shown: Callable[[float], str], locale: Locale
) -> list[Tile]:
    found = []
    for region in m.regions.rows:
        if region.tile is None or region.aggregate:
            continue
        x = value.get(region.code, np.nan)
        kind = "empty" if np.isnan(x) else f"q{np.searchsorted(cuts, x, side='right')}"
        number = "" if np.isnan(x) else shown(float(x))
        found.append(Tile(*corner(*region.tile), words.wrapped(region.label.text(locale), WIDE), number, kind))
    return found


def ends(m: Material, value: Mapping[str, float], shown: Callable[[float], str]) -> dict[str, Label | str]:
    """The highest and the lowest region of a map and their numbers, for a sentence on it."""
    best, worst = (pick(value, key=lambda code: value[code]) for pick in (max, min))
    numbers = {"high": shown(float(value[best])), "low": shown(float(value[worst]))}
    return {"best": m.regions.label(best), "worst": m.regions.label(worst), **numbers}


def insets(m: Material, locale: Locale) -> list[Tile]:
    return [
        Tile(*corner(*inset.tile), words.wrapped(inset.label.text(locale), WIDE), "", "inset")
        for inset in m.regions.insets
    ]


def corner(col: int, row: int) -> tuple[int, int]:
    return col * (TILE_WIDTH + GAP), row * (TILE_HEIGHT + GAP)


def _schematic(m: Material, locale: Locale) -> tuple[str, ...]:
    return (text("report.map.schematic", locale), *[note.text(locale) for note in m.coverage])
