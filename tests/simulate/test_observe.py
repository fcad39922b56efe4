"""States from a panel: what they are, what is real, what is silent, and that no cell knows its future."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from support import CN, refused, small_panel

import zhiyu
from zhiyu.data import neighbours, units
from zhiyu.data.panel import Mark
from zhiyu.simulate.observe import STATES, Column, observe, read_columns
from zhiyu.terms import Label

CHINA = Path(zhiyu.__file__).parent / "studies" / "china-provinces"
NAN = float("nan")
NAMED = Label("状态", "state")


def column(state: str, formula: str, unit: str = "", first: int | None = None) -> Column:
    return Column(state, formula, unit, first, NAMED)


PANEL = small_panel(
    {
        "gdp": [[100.0, 110.0, 121.0, 133.1], [50.0, 60.0, NAN, 90.0], [7.0, 8.0, 9.0, 10.0]],
        "sales": [[10.0, 22.0, 30.25, 40.0], [5.0, 0.0, NAN, 9.0], [1.0, 1.0, 1.0, 1.0]],
        "empty": np.full((3, 4), NAN),
    },
    range(2010, 2014),
)


def test_a_state_is_the_logarithm_of_a_formula():
    seen = observe(PANEL, [column("adoption", "sales / gdp"), column("output", "gdp")])
    assert seen.states == ("adoption", "output")
    assert_allclose(np.exp(seen.of("adoption")[0]), [0.1, 0.2, 0.25, 40 / 133.1])
    assert_allclose(seen.growth[1, 0], np.log([1.1, 1.2, 8 / 7]))


def test_states_stand_in_the_order_of_computation_with_capital_before_output():
    assert STATES[STATES.index("output") - 1] == "capital"
    columns = [column("output", "gdp"), column("capital", "2 * gdp"), column("researchers", "sales")]
    seen = observe(PANEL, columns)
    assert seen.states == ("researchers", "capital", "output")


def test_capital_is_an_identity_that_wants_output_and_two_years():
    both = [column("output", "gdp"), column("capital", "2 * gdp")]
    assert "capital" in observe(PANEL, both, until=2011).states
    assert "two years" in observe(PANEL, both).cut(2010).silent["capital"].en
    assert observe(PANEL, [both[1], column("researchers", "sales")]).states == ("researchers",)


def test_a_gap_of_a_year_is_bridged_and_is_no_target():
    seen = observe(PANEL, [column("output", "gdp")])
    assert seen.of("output")[1, 2] == pytest.approx((np.log(60) + np.log(90)) / 2)
    assert_array_equal(seen.real[0, 1], [True, True, False, True])
    assert_array_equal(seen.target[0, :, 1], [True, False, False])


def test_cells_that_the_panel_filled_are_not_real():
    filled = PANEL.with_values(
        "gdp", np.where(np.isnan(PANEL.values("gdp")), 75.0, PANEL.values("gdp")), Mark.INTERPOLATED, "linear-inside"
    )
    one, other = (observe(panel, [column("output", "gdp")]) for panel in (filled, PANEL))
    assert_array_equal(one.x, other.x)
    assert_array_equal(one.real, other.real)


def test_values_without_a_logarithm_are_missing_and_told():
    seen = observe(PANEL, [column("adoption", "sales")])
    assert seen.dropped == (("adoption", seen.codes[1], 2011),)
    assert not seen.real[0, 1, 1]
    early = [column("adoption", "sales", first=2012)]
    assert observe(PANEL, [column("adoption", "sales")]).cut(2010).dropped == ()
    assert observe(PANEL, early).dropped == ()


def test_a_state_starts_when_its_column_says():
    seen = observe(PANEL, [column("output", "gdp", first=2012)])
    assert np.isnan(seen.of("output")[0, :2]).all()
    assert np.isfinite(seen.of("output")[0, 2:]).all()


def test_what_is_not_there_is_silent_and_says_why():
    seen = observe(PANEL, [column("output", "gdp"), column("patents", "grants"), column("papers", "empty")])
    assert set(seen.silent) == set(STATES) - {"output"}
    assert "grants" in seen.silent["patents"].en
    assert seen.silent["papers"].zh == "截至该年没有任何大于零的数值。"
    assert seen.silent["carbon"] != seen.silent["papers"]
    assert seen.silent_logics == ("dual_wheel", "coevolution", "interaction", "embedding")


def test_a_logic_speaks_as_soon_as_one_of_its_terms_is_seen():
    seen = observe(PANEL, [column("data", "sales / gdp"), column("institutions", "gdp"), column("output", "gdp")])
    assert seen.silent_logics == ("dual_wheel", "interaction")


def test_no_cell_knows_its_future():
    columns = [column("output", "gdp"), column("adoption", "sales / gdp")]
    early, cut = observe(PANEL, columns, until=2012), observe(PANEL, columns).until(2012)
    assert np.isnan(early.of("output")[1, 2])  # bridged only by what 2013 tells
    for name in ("x", "real"):
        assert_array_equal(getattr(early, name), getattr(cut, name))
    assert early.years == cut.years == (2010, 2011, 2012)
    assert early.states == cut.states
    assert early.silent == cut.silent


def test_a_state_not_seen_yet_is_silent_for_now():
    seen = observe(PANEL, [column("output", "gdp"), column("mobile", "sales", first=2012)])
    assert seen.states == ("mobile", "output")
    assert seen.until(2012).states == ("output",)
    assert seen.cut(2012).states == ("mobile", "output")  # its first value: a level without growth
    assert "successive" in seen.until(2012).silent["mobile"].en
    assert seen.cut(2011).states == ("output",)
    assert "no value above zero" in seen.until(2011).silent["mobile"].en


@pytest.mark.parametrize("first", [2013, 2010])
def test_a_state_never_seen_in_two_successive_years_is_silent(first):
    every_other = [[1.0, NAN, 3.0, NAN], [2.0, NAN, 2.0, NAN], [1.0, NAN, 1.0, NAN]]
    panel = small_panel({"gdp": PANEL.values("gdp"), "sales": every_other}, range(2010, 2014))
    formula = "sales" if first == 2010 else "gdp"
    seen = observe(panel, [column("output", "gdp"), column("adoption", formula, first=first)])
    assert seen.states == ("output",)
    assert "successive" in seen.silent["adoption"].en
    assert "相邻两年" in seen.silent["adoption"].zh


def test_capital_goes_where_output_is_seen_once():
    columns = [column("output", "once"), column("capital", "gdp"), column("patents", "gdp")]
    once = [[100.0, NAN, NAN, NAN]] * 3
    seen = observe(small_panel({"gdp": PANEL.values("gdp"), "once": once}, range(2010, 2014)), columns)
    assert seen.states == ("patents",)
    assert "identity" in seen.silent["capital"].en


@pytest.mark.parametrize(
    ("state", "formula", "says"),
    [
        ("capital", "gdp", "capital: Capital is an identity"),
        ("output", "empty", "output: There is no value above zero"),
        ("output", "0 * gdp", "output: There is no value above zero"),
        ("output", "grants", "output: The panel lacks these variables: grants"),
    ],
)
def test_a_panel_of_which_no_state_is_left_is_refused_with_the_reasons(state, formula, says):
    with refused("states_none") as caught:
        observe(PANEL, [column(state, formula)])
    assert caught.says(says, "adoption, ", "names no column")


def test_a_year_before_the_only_state_is_refused_with_the_reason():
    columns = [column("output", "gdp", first=2012)]
    for known in (lambda: observe(PANEL, columns).until(2011), lambda: observe(PANEL, columns, until=2011)):
        with refused("states_none") as caught:
            known()
        assert caught.says("output: There is no value above zero yet by then")
    assert observe(PANEL, columns).cut(2011).states == ()


def test_a_state_knows_the_unit_of_its_numbers():
    rows = {"gdp": [[1.0, 2.0]], "sales": [[1.0, 2.0]], "people": [[1.0, 2.0]], "bare": [[1.0, 2.0]]}
    stated = {"gdp": "100m yuan", "sales": "100m yuan", "people": "10k person"}
    panel = small_panel(rows, units=stated)
    asked = {
        "output": ("gdp", ""),
        "adoption": ("sales / gdp", ""),
        "carbon": ("gdp / people", ""),
        "telecom": ("share_of_total(gdp)", ""),
        "data": ("gdp / bare", ""),
        "papers": ("2 * gdp", ""),
        "patents": ("gdp", "10k yuan"),
    }
    seen = observe(panel, [column(state, *how) for state, how in asked.items()])
    found = {state: known.unit for state, known in seen.columns.items()}
    assert found["output"] == "100m yuan"
    assert found["adoption"] == found["telecom"] == "1"
    assert found["carbon"] == "100m yuan/(10k person)"
    assert found["data"] == found["papers"] == ""
    assert found["patents"] == "10k yuan"
    for unit in found.values():
        assert not unit or units.parse(unit)
    ours, theirs = panel.compute("gdp / people", found["carbon"]), panel.compute("gdp / people")
    assert_array_equal(ours, theirs)


def test_a_value_above_its_ceiling_is_refused_by_cell():
    seen = observe(PANEL, [replace(column("output", "gdp"), ceiling=133.1)])
    assert seen.ceilings == {"output": 133.1}
    assert observe(PANEL, [column("output", "gdp")]).ceilings == {}
    with refused("above_ceiling") as caught:
        observe(PANEL, [replace(column("output", "gdp"), ceiling=121.0)])
    assert caught.says("2013", "133.1", "121")
    assert observe(PANEL, [replace(column("output", "gdp"), ceiling=121.0)], until=2012).ceilings


def test_neighbours_are_those_of_the_panels_regions():
    three = CN.select(list(PANEL.codes))
    w = neighbours.from_edges(CHINA / "contiguity.csv", CN, islands="keep")
    seen = observe(PANEL, [column("output", "gdp")], w)
    assert seen.codes == tuple(three.codes)
    assert_allclose(seen.w.sum(axis=1), 1.0)
    assert_array_equal(observe(PANEL, [column("output", "gdp")]).w, np.zeros((3, 3)))


def test_the_bundled_table_names_every_state_once():
    columns = read_columns(CHINA / "states.csv")
    assert {c.state for c in columns} == set(STATES)
    assert all(c.label.zh and c.label.en for c in columns)
    assert next(c.first for c in columns if c.state == "adoption") == 2013


def test_a_table_of_states_is_refused_by_row(tmp_path):
    table = tmp_path / "states.csv"
    for line, key, words in (
        ("outptu,gdp,,", "unknown_state", ("row 3", "output")),
        ("output,gdp,,", "state_twice", ("row 3", "output")),
        ("carbon,gdp +,,", "formula_syntax", ("row 3", "formula")),
        ("carbon,gdp,,soon", "not_a_year", ("row 3", "soon")),
        ("carbon,gdp,,,0", "bad_ceiling", ("row 3", "ceiling", '"0"')),
        ("carbon,gdp,,,inf", "bad_ceiling", ("row 3", "ceiling")),
        ("carbon,gdp,,,a lot", "bad_ceiling", ("row 3", "a lot")),
    ):
        table.write_text(f"state,formula,unit,first,ceiling\noutput,gdp,,2013,100\n{line}\n")
        with refused(key) as caught:
            read_columns(table)
        assert caught.says(*words)


def test_a_table_of_states_may_state_ceilings(tmp_path):
    table = tmp_path / "states.csv"
    table.write_text("state,formula,ceiling\noutput,gdp,\nadoption,sales / gdp, 1\n")
    assert [one.ceiling for one in read_columns(table)] == [None, 1.0]


def test_years_before_the_data_are_refused():
    with refused("states_no_year"):
        observe(PANEL, [column("output", "gdp")], until=2009)
    with refused("states_no_year"):
        observe(PANEL, [column("output", "gdp")]).until(2000)
