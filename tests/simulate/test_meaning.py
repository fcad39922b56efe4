"""What a dataset says of its variables, and levels held at their ceilings."""

from dataclasses import replace

import numpy as np
from numpy.testing import assert_array_equal
from simulate.runs import HEADS, plan, posterior, seen

from zhiyu.simulate.ensemble import simulate
from zhiyu.simulate.meaning import attributes
from zhiyu.simulate.observe import STATES, Column
from zhiyu.simulate.trajectories import SHOWN
from zhiyu.terms import Label

COLUMNS = {
    "output": Column("output", "gdp", "100m yuan", None, Label("生产总值", "GDP")),
    "broadband": Column("broadband", "online", "%", None, Label("", ""), ceiling=1.1),
}


def test_trajectories_say_what_they_are():
    observed = replace(seen(), columns=COLUMNS)
    data = simulate(observed, posterior(), plan({}), draws=4, seed=3, heads=HEADS).trajectories
    assert data.attrs == {"base_year": observed.years[-1], "seed": 3}
    assert data.output.attrs == {
        "long_name": "GDP",
        "long_name_zh": "生产总值",
        "units": "100m yuan",
        "formula": "gdp",
    }
    assert data.broadband.attrs["long_name_zh"] == "宽带"  # the state's name, where the column has none
    assert data.broadband.attrs["ceiling"] == 1.1
    assert "units" not in data.patents.attrs  # not known without a column
    for name in (*STATES, *SHOWN):
        assert data[name].attrs["long_name"]
        assert data[name].attrs["long_name_zh"]
    assert {data[name].attrs["units"] for name in SHOWN} == {"1"}


def test_no_level_is_above_its_ceiling_and_others_stay():
    top = float(np.exp(seen().of("broadband").max()))
    columns = COLUMNS | {"broadband": replace(COLUMNS["broadband"], ceiling=top)}
    free, held = (
        simulate(one, posterior(), plan({}), draws=6, seed=3, heads=HEADS).trajectories
        for one in (seen(), replace(seen(), columns=columns))
    )
    assert free.broadband.max() > 1.2 * top
    assert held.broadband.max() == np.float32(top)
    below = (free.broadband <= top).all("time").values
    assert below.any()
    assert_array_equal(free.output, held.output)


def test_attributes_hold_nothing_that_is_not_known():
    assert attributes(seen(), "patents") == {"long_name": "patents", "long_name_zh": "专利"}
    told = attributes(replace(seen(), columns=COLUMNS), "broadband")
    assert list(told) == ["long_name", "long_name_zh", "units", "formula", "ceiling"]
