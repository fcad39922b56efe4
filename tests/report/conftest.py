"""A small made-up study, measured: twelve provinces, four years, two attributes' worth of indicators."""

import numpy as np
import pytest
from support import recipe, small_panel, tree

from zhiyu.data import regions, repair
from zhiyu.data.panel import Panel
from zhiyu.framework import Framework
from zhiyu.measure import measure
from zhiyu.report import Material
from zhiyu.spec import MeasureChoice, check

NUMBER, YEARS = 12, 4
LINES = ("r - -", "A r -", "B r -", "C r -", "a A x", "b A y", "c B z", "d B u direction=-1", "e C v", "gone C w")


def panel() -> Panel:
    """Growing numbers with one gap inside, one missing cell and one column too short to use."""
    random = np.random.default_rng(7)
    level = np.linspace(1.0, 3.0, NUMBER)[:, None] + 0.3 * np.arange(YEARS)[None, :]
    columns = {name: level + random.uniform(0.0, 1.0, (NUMBER, YEARS)) for name in ("x", "y", "z", "u", "v", "w")}
    columns["y"][3, 1] = np.nan
    columns["z"][0, 0] = np.nan
    columns["w"][:, :2] = np.nan
    columns["x"][0, 3] = 9.0
    return repair.fill_gaps(small_panel(columns), "linear-inside")


def material(framework: Framework, grouped: bool = True, **chosen: object) -> Material:
    table = {
        "title": {"zh": "一个小研究", "en": "A small study"},
        "regions": {"set": "cn-provinces", **({"groups": "region4"} if grouped else {})},
        "data": {"panel": ["panel.csv"], "coverage_note": {"zh": "只含十二省", "en": "Twelve provinces only"}},
        "report": {"jump": 2},
    }
    data = panel()
    index = measure(data, framework, recipe(**chosen))
    choices = check(table, "study.toml").model_copy(update={"measure": MeasureChoice(**recipe(**chosen).model_dump())})
    return Material("small", choices, data, index, framework, regions.load("cn-provinces"), text='title = "x"\n')


@pytest.fixture(scope="session")
def small() -> Material:
    return material(tree(*LINES))
