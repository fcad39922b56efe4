"""Forecasts in a study's units: what was known, what they say of themselves, ceilings, arguments that are none."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from simulate.gappy import CODES, STATES, observed
from support import refused, small_panel

from zhiyu.simulate.hindcast import forecast, forecast_states
from zhiyu.simulate.observe import Column
from zhiyu.simulate.origins import NAIVE_STACK, SHOWN
from zhiyu.terms import Label, Place


def test_draws_of_the_years_ahead():
    found = forecast_states(observed(), horizon=2, draws=100, seed=3)
    assert found["output"].dims == ("draw", "region", "time")
    assert dict(found.sizes) == {"draw": 100, "region": 10, "time": 2}
    assert found.time.values.tolist() == [2023, 2024]
    assert (found.to_array() > 0).all()
    assert found["output"].attrs["shown"] in (SHOWN, NAIVE_STACK)
    assert found.attrs == {"base_year": 2022, "seed": 3, "silent": ""}
    assert found.equals(forecast_states(observed(), horizon=2, draws=100, seed=3))
    assert not found.equals(forecast_states(observed(), horizon=2, draws=100, seed=4))
    middle = np.log(found["output"].median("draw").values)
    last = observed().of("output")[:, -1]
    assert (np.abs(middle[:, 0] - last - 0.1) < 0.2).all()


@pytest.fixture
def study(tmp_path):
    table = "state,formula,unit,first,zh,en\noutput,gdp,,,产出,output\nresearchers,staff,,,研究人员,researchers\n"
    (tmp_path / "states.csv").write_text(table, encoding="utf-8")
    rng = np.random.default_rng(0)
    levels = np.exp(rng.normal(0.08, 0.05, (2, 6, 10)).cumsum(axis=2))

    class Stub:
        name = "small"

        def __init__(self, change=1.0):
            values = levels.copy()
            values[..., 8:] *= change
            self.panel = small_panel({"gdp": values[0], "staff": values[1]}, range(2011, 2021))

        def history(self):
            return self.panel

        choices = SimpleNamespace(simulate=SimpleNamespace(states="states.csv"))
        inputs = {"states.csv": tmp_path / "states.csv"}  # noqa: RUF012

        def neighbours(self):
            return None

    return Stub


def test_a_study_is_forecast_from_what_it_knew(study):
    found = forecast(study(), until=2018, horizon=2, draws=50)
    assert sorted(found.data_vars) == ["output", "researchers"]
    assert found.time.values.tolist() == [2019, 2020]
    assert (found.attrs["base_year"], found.attrs["study"]) == (2018, "small")
    assert found.output.attrs["long_name_zh"] == "产出"
    assert found.output.attrs["formula"] == "gdp"
    assert found.equals(forecast(study(change=5.0), until=2018, horizon=2, draws=50))
    assert not found.equals(forecast(study(change=5.0), until=2020, horizon=2, draws=50))


def test_the_first_origin_has_no_past_to_show_skill_on():
    found = forecast_states(observed().until(2014), horizon=1, draws=10)
    assert {found[state].attrs["shown"] for state in found.data_vars} == {NAIVE_STACK}
    assert np.isfinite(found["output"]).all()
    assert "adoption" not in found  # two years of it
    assert found.attrs["silent"] == "adoption"


def test_a_study_without_a_model_is_told_what_to_add(study):
    source = study()
    source.choices = SimpleNamespace(simulate=None)
    with refused("no_simulation") as caught:
        forecast(source, until=2018)
    assert caught.value.message.place == Place(file="study.toml", key="[simulate]")  # as `Study.simulate` says it


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("horizon", value) for value in (0, -1, 1.5, "3", True, None)),
        *(("draws", value) for value in (0, -5, 2.0)),
        *(("seed", value) for value in (-1, 0.5)),
        *(("until", value) for value in ("2018", None, 2018.0)),
    ],
)
def test_arguments_that_are_no_such_number_are_refused(study, name, value):
    asked = {"until": 2018, "horizon": 2, "draws": 5, "seed": 1, name: value}
    with refused("argument_whole") as caught:
        forecast(study(), **asked)
    assert caught.says(f'{name} is "{value}"')


def test_whole_numbers_of_numpy_will_do(study):
    asked = {"until": 2018, "horizon": 2, "draws": 5, "seed": 1}
    as_numpy = {name: np.int64(value) for name, value in asked.items()}
    assert forecast(study(), **asked).equals(forecast(study(), **as_numpy))


def test_a_year_after_the_data_is_refused(study):
    assert forecast(study(), until=2020, horizon=1, draws=5).time.values.tolist() == [2021]
    with refused("forecast_until") as caught:
        forecast(study(), until=2021, horizon=1, draws=5)
    assert caught.says("2021", "2020")


def test_a_region_of_which_too_little_is_seen_is_named():
    seen = observed()
    real, x = seen.real.copy(), seen.x.copy()
    s = STATES.index("output")
    real[s, [2, 7], :-2], x[s, [2, 7], :-2] = False, np.nan  # two years are left
    found = forecast_states(replace(seen, x=x, real=real), horizon=1, draws=5)
    assert found.output.attrs["lacking"] == f"{CODES[2]}, {CODES[7]}"
    lacking = found.output.isnull().all(("draw", "time")).values
    assert [code for code, none in zip(CODES, lacking, strict=True) if none] == [CODES[2], CODES[7]]
    assert found.patents.attrs["lacking"] == ""


def test_no_draw_is_above_its_ceiling():
    seen = observed()
    top = float(np.exp(np.nanmax(seen.of("researchers")))) * 1.01
    column = Column("researchers", "staff", "%", None, Label("人员", "staff"), ceiling=top)
    free, held = (
        forecast_states(one, draws=50, seed=2).researchers
        for one in (seen, replace(seen, columns={"researchers": column}))
    )
    assert free.max() > 1.1 * top
    assert held.max() == top
    assert (held.attrs["ceiling"], held.attrs["units"]) == (top, "%")
    assert "ceiling" not in free.attrs
