"""A difference from the baseline on the tile map."""

from __future__ import annotations

import numpy as np

from zhiyu.report import words
from zhiyu.report.figures import MAP_CLASSES, Figure, opening
from zhiyu.report.material import Material
from zhiyu.report.page import fill
from zhiyu.report.simulate.shown import notes, signed, widest
from zhiyu.report.tilemap import LEGEND, TILE_HEIGHT, TILE_WIDTH, WIDE, Tile, breaks, corner, insets, mapped
from zhiyu.simulate.carried import Carried
from zhiyu.simulate.simulation import Simulation
from zhiyu.simulate.told import outcome
from zhiyu.terms import Locale, text


def difference_map(m: Material, of: Simulation, found: Carried, name: str, locale: Locale) -> Figure | None:
    """The last year's difference of one outcome under the scenario that does most; None for sets without tiles."""
    if not mapped(m.regions):
        return None
    seen = found.regions.sel(scenario=found.widest, outcome=name, band="middle")
    value = dict(zip(map(str, seen.region.values), (100 * seen.values).tolist(), strict=True))
    cuts = breaks(np.array(list(value.values())))
    tiles = [*_tiles(m, value, cuts, locale), *insets(m, locale)]
    width = max(tile.x for tile in tiles) + TILE_WIDTH
    height = max(tile.y for tile in tiles) + TILE_HEIGHT
    values = {"name": outcome(name), "scenario": widest(of, found), "year": of.plan.years[-1]}
    title = words.headline(text("report.chart.simulate_map", locale, **values), locale)
    known = {code: x for code, x in value.items() if np.isfinite(x)}
    best, worst = (pick(known, key=lambda code: known[code]) for pick in (max, min))
    ends = {
        "best": m.regions.label(best),
        "high": signed(known[best]),
        "worst": m.regions.label(worst),
        "low": signed(known[worst]),
    }
    alt = text("report.chart.simulate_map_alt", locale, title=title, **ends)
    label = f"chart-simulate-map-{name}"
    legend = [("q0", ""), *[(f"q{k + 1}", signed(float(cut))) for k, cut in enumerate(cuts)]]
    shown = {
        "width": TILE_WIDTH,
        "height": TILE_HEIGHT,
        "below": height + 18,
        "empty": text("report.map.no_data", locale),
    }
    body = fill("tilemap.svg", tiles=tiles, name=label, legend=legend, **shown)
    svg = opening(label, alt, width, height + LEGEND, "map") + body
    own = (text("report.map.schematic", locale), text("report.note.simulate_map", locale))
    return Figure(label, title, alt, svg, notes(m, locale, *own))


def _tiles(m: Material, value: dict[str, float], cuts: np.ndarray, locale: Locale) -> list[Tile]:
    """Tiles of all regions, coloured by classes of equal number."""
    found = []
    for region in m.regions.rows:
        if region.tile is None or region.aggregate:
            continue
        x = value.get(region.code, np.nan)
        kind = "empty" if np.isnan(x) else f"q{min(int(np.searchsorted(cuts, x, side='right')), MAP_CLASSES - 1)}"
        shown = "" if np.isnan(x) else signed(x)
        found.append(Tile(*corner(*region.tile), words.wrapped(region.label.text(locale), WIDE), shown, kind))
    return found
