"""The model run forward: members by regions by years, on the bundled study and on made ones."""

from __future__ import annotations

import tempfile
import warnings
from pathlib import Path

import numpy as np

from benchmarks.timing import Row, best
from zhiyu.data import neighbours, regions
from zhiyu.data.read import read_dictionary, read_panel
from zhiyu.framework import load
from zhiyu.simulate import parameters
from zhiyu.simulate.calibrate import Posterior, calibrate
from zhiyu.simulate.ensemble import simulate
from zhiyu.simulate.export import exported
from zhiyu.simulate.observe import Observed, observe, read_columns
from zhiyu.simulate.scenario import Plan
from zhiyu.terms import Label

HORIZON = 2045
WANTED = ("output", "carbon", "incidents")


def china() -> tuple[Observed, Posterior]:
    """The bundled panel, all years, and its posterior."""
    import zhiyu

    folder = Path(zhiyu.__file__).parent / "studies" / "china-provinces"
    provinces = regions.load("cn-provinces")
    tables = [folder / "panel.csv", folder / "panel_academic.csv"]
    panel = read_panel(tables, provinces, read_dictionary(folder / "dictionary.csv"))
    w = neighbours.from_edges(folder / "contiguity.csv", provinces, islands="keep")
    seen = observe(panel, read_columns(folder / "states.csv"), w)
    return seen, calibrate(seen, parameters.core())


def plan(seen: Observed, *measures: str) -> Plan:
    """The baseline, and these measures in full from the first year on."""
    known = tuple(measure.id for measure in load().measures)
    names = ("baseline", *(["measures"] if measures else []))
    years = tuple(range(seen.years[-1] + 1, HORIZON + 1))
    levels = np.zeros((len(names), len(years), len(seen.codes), len(known)))
    for measure in measures:
        levels[1, ..., known.index(measure)] = 1.0
    labels = tuple(Label(name, name) for name in names)
    return Plan(names, labels, years, seen.codes, known, levels, {})


def by_pysd(seen: Observed, posterior: Posterior, planned: Plan) -> float:
    """Seconds that PySD takes for one member under the baseline, its file being translated already."""
    import pysd

    text = exported(seen, posterior, planned, "baseline", member=0, draws=20)
    with tempfile.TemporaryDirectory() as folder, np.printoptions(precision=17), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PySD's own
        path = Path(folder) / "model.mdl"
        path.write_text(text, encoding="utf-8")
        translated = pysd.read_vensim(str(path), encoding="utf-8")
        return best(lambda: translated.run(return_columns=["log of output", "log of carbon", "incidents"]), 3)


def rows() -> list[Row]:
    """Lines of the page."""
    seen, posterior = china()
    alone, beside = plan(seen), plan(seen, "1.1.1", "3.1.1")
    size = f"{len(seen.codes)} regions to {HORIZON}"
    return [
        Row(
            f"model: 1,000 members, {size}",
            best(lambda: simulate(seen, posterior, alone, draws=1000, kept=WANTED), 5),
            "1,000 times one run of PySD 3.14",
            1000 * by_pysd(seen, posterior, alone),
        ),
        Row(
            f"model: 10,000 members, {size}",
            best(lambda: simulate(seen, posterior, alone, draws=10000, kept=WANTED), 1),
        ),
        Row(
            f"model: a scenario beside its baseline, 200 members, {size}",
            best(lambda: simulate(seen, posterior, beside, draws=200), 5),
        ),
    ]
