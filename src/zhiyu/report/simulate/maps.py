"""A difference from the baseline on the tile map."""

from __future__ import annotations

from zhiyu.report import tilemap, words
from zhiyu.report.figures import Figure
from zhiyu.report.material import Material
from zhiyu.report.simulate.shown import signed, widest
from zhiyu.simulate.carried import Carried
from zhiyu.simulate.simulation import Simulation
from zhiyu.simulate.told import outcome
from zhiyu.terms import Locale, text


def difference_map(m: Material, of: Simulation, found: Carried, name: str, locale: Locale) -> Figure | None:
    """The last year's difference of one outcome under the scenario that does most; None for sets without tiles."""
    if not tilemap.mapped(m.regions):
        return None
    seen = found.regions.sel(scenario=found.widest, outcome=name, band="middle")
    value = dict(zip(map(str, seen.region.values), (100 * seen.values).tolist(), strict=True))
    values = {"name": outcome(name), "scenario": widest(of, found), "year": of.plan.years[-1]}
    title = words.headline(text("report.chart.simulate_map", locale, **values), locale)
    label, note = f"chart-simulate-map-{name}", text("report.note.simulate_map", locale)
    return tilemap.difference_map(m, label, title, value, signed, locale, note)
