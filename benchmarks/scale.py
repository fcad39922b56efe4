"""Counties: how measuring and replaying grow with the number of regions."""

from __future__ import annotations

import resource
import time

import numpy as np

from benchmarks.timing import Row
from zhiyu.data import panel as panels
from zhiyu.data import regions as region_sets
from zhiyu.data.panel import Panel
from zhiyu.framework import Framework, of_rows
from zhiyu.measure import Recipe, measure
from zhiyu.measure.robustness import replay

YEARS, INDICATORS, ATTRIBUTES, DRAWS = 30, 100, 5, 200
VARY = {"normalise.method": ["minmax", "rank"], "weight.method": ["entropy", "equal"], "weights": 0.25}


def rows() -> list[Row]:
    """Seconds for 3,000 counties, and the exponent of growth fitted over four sizes."""
    sizes = (375, 750, 1500, 3000)
    seconds = [job(n) for n in sizes]
    measured = np.polyfit(np.log(sizes), np.log([one for one, _ in seconds]), 1)[0]
    replayed = np.polyfit(np.log(sizes), np.log([two for _, two in seconds]), 1)[0]
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    size = f"3,000 counties x {YEARS} years x {INDICATORS} indicators"
    one, two = seconds[-1]
    return [
        Row(f"measure {size} (grows with regions to the power {measured:.2f})", one),
        Row(f"the same and {DRAWS} replays (power {replayed:.2f}; at most {memory:.1f} GB)", one + two),
    ]


def job(counties: int) -> tuple[float, float]:
    """Seconds to measure, and to replay."""
    panel, framework = county_panel(counties)
    began = time.perf_counter()
    measure(panel, framework, Recipe())
    between = time.perf_counter()
    replay(panel, framework, Recipe(), VARY, DRAWS, seed=0)
    return between - began, time.perf_counter() - between


def county_panel(counties: int) -> tuple[Panel, Framework]:
    """A made-up panel, and a tree of five attributes of twenty indicators."""
    rng = np.random.default_rng(0)
    codes = [f"c{i:05d}" for i in range(counties)]
    names = [f"v{j:03d}" for j in range(INDICATORS)]
    values = {name: rng.lognormal(size=(counties, YEARS)) for name in names}
    panel = panels.build(values, codes, range(1991, 1991 + YEARS), region_sets.from_names(codes))
    nodes = [{"id": "root", "parent": "", "zh": "总", "en": "root", "formula": ""}]
    nodes += [
        {"id": f"a{k}", "parent": "root", "zh": f"维{k}", "en": f"a{k}", "formula": ""} for k in range(ATTRIBUTES)
    ]
    nodes += [
        {"id": f"i{j:03d}", "parent": f"a{j % ATTRIBUTES}", "zh": f"标{j}", "en": f"i{j}", "formula": name}
        for j, name in enumerate(names)
    ]
    return panel, of_rows(nodes)
