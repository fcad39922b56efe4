"""The labelled spatial panel: rows by label, spans of complete years, the default question, what it tells."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose
from support import MAINLAND, recipe, refused, small_panel, tree

from zhiyu import Study, store
from zhiyu.data import panel as panels
from zhiyu.data.neighbours import Neighbours
from zhiyu.data.panel import Panel
from zhiyu.explain.choice import SpaceChoice
from zhiyu.explain.of.spatial_panel import SpatialPanel, default_question, spatial_panel
from zhiyu.explain.spatial_panel import fit
from zhiyu.explain.weights import weights
from zhiyu.measure import Index, measure

N, YEARS = 10, range(2013, 2021)
RING = (np.eye(N, k=1) + np.eye(N, k=-1) + np.eye(N, k=N - 1) + np.eye(N, k=1 - N)) / 2
CODES = MAINLAND.codes[:N]
NEAR = Neighbours(CODES, RING, "contiguity", standardised=True, islands=())
CHOICE = SpaceChoice(outcome="log(y)", regressors={"own": "x", "before": "lag(u)"})


def columns() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(2)
    x, u = rng.uniform(1, 3, (2, N, len(YEARS)))
    pushed = x + 0.4 * rng.standard_normal(x.shape) + rng.standard_normal((N, 1))
    return {"y": np.exp(np.linalg.solve(np.eye(N) - 0.4 * RING, pushed)), "x": x, "u": u}


def index_of(panel: Panel) -> Index:
    return measure(panel, tree("all - -", "a all x", "b all u"), recipe(weight={"method": "equal"}))


def face(values: dict[str, np.ndarray], choice: SpaceChoice = CHOICE, near: Neighbours = NEAR) -> SpatialPanel:
    panel = small_panel(values, YEARS)
    return spatial_panel(index_of(panel), panel, near, choice, draws=100)


def test_it_is_the_kernel_on_what_the_formulas_say():
    values, found = columns(), face(columns())
    x = np.stack([values["x"][:, 1:], values["u"][:, :-1]], axis=-1)
    kernel = fit(np.log(values["y"])[:, 1:], x, RING)
    assert_allclose(found.fit.coefficients, kernel.coefficients, rtol=1e-12)
    assert found.years == tuple(YEARS)[1:]
    assert found.terms(found.fit) == ("own", "before", "W own", "W before", "rho", "sigma2")


def test_rows_in_another_order_give_the_same_answer():
    """Of the panel's regions and years, and of the weights' rows, shuffled each in its own way."""
    values, rng = columns(), np.random.default_rng(3)
    one, two, three = rng.permutation(N), rng.permutation(len(YEARS)), rng.permutation(N)
    shuffled = panels.build(
        {name: array[one][:, two] for name, array in values.items()},
        [CODES[i] for i in one],
        [YEARS[t] for t in two],
        MAINLAND,
    )
    near = replace(NEAR, codes=tuple(CODES[i] for i in three), matrix=RING[np.ix_(three, three)])
    found = spatial_panel(index_of(shuffled), shuffled, near, CHOICE, draws=100)
    assert_allclose(found.fit.coefficients, face(values).fit.coefficients, rtol=1e-10)
    assert found.regions == tuple(sorted(CODES))


def test_years_with_a_gap_are_left_out_and_told():
    values = columns()
    values["x"][3, 1] = np.nan
    found = face(values)
    assert found.years == tuple(range(2015, 2021))
    assert found.years_of == tuple(YEARS)
    assert "2015-2020" in found.summary("en")
    assert "2015–2020" in found.summary("zh")
    values["x"][4, 4] = np.nan
    with refused("spatial_incomplete") as caught:
        face(values)
    assert caught.says("2014", "own")


def test_nodes_of_the_index_are_read_as_variables():
    choice = SpaceChoice(outcome="log(y)", regressors={"score": "all / 10"})
    panel = small_panel(columns(), YEARS)
    index = index_of(panel)
    found = spatial_panel(index, panel, NEAR, choice, draws=100)
    x = index.scores.sel(node="all").values[..., None] / 10
    assert_allclose(found.fit.beta, fit(np.log(columns()["y"]), x, RING).beta, rtol=1e-10)


def test_what_cannot_be_read_is_refused_by_name():
    with refused("formula_unknown_variable") as caught:
        face(columns(), SpaceChoice(outcome="log(y)", regressors={"own": "lag(xx)"}))
    assert caught.says("xx")
    with refused("spatial_no_regressors"):
        face(columns(), SpaceChoice(outcome="log(y)"))
    with refused("regressor_explained") as caught:
        face(columns(), SpaceChoice(outcome="log(y)", regressors={"own": "x", "again": "x * 2"}))
    assert caught.says("again")
    values = columns()
    values["y"][2, 2] = 0.0
    with refused("log_of_nonpositive") as caught:
        face(values)
    assert caught.says("2015")
    with refused("spatial_no_question") as caught:
        face(columns(), SpaceChoice())
    assert caught.says("gdp_real")


@pytest.fixture(scope="module")
def china() -> SpatialPanel:
    study = Study.open("china-provinces")
    near = weights(SpaceChoice(), study.panel(), study.neighbours())
    assert near is not None
    return spatial_panel(study.measure(), study.panel(), near)


def test_the_default_question_of_the_china_study(china):
    study = Study.open("china-provinces")
    asked = default_question(study.measure(), study.panel())
    assert asked.outcome == "log(gdp_real2011_100m / population_10k)"
    assert asked.regressors["index_before"] == "lag(index / 10)"
    assert (len(china.regions), china.years[0], china.years[-1]) == (31, 2014, 2022)


def test_tables_and_text(china):
    tidy, glance = china.tidy(), china.glance()
    assert len(glance) == 1
    assert {"rho", "rho_from", "rho_to", "log_likelihood", "sigma2", "lm_lag", "wald_error_p"} <= set(glance.columns)
    direct, indirect, total = (
        tidy[tidy["kind"] == kind]["estimate"].to_numpy() for kind in ("direct", "indirect", "total")
    )
    assert_allclose(direct + indirect, total, atol=1e-12)
    coefficients = tidy[tidy["kind"] == "coefficient"]
    assert list(coefficients["term"]) == ["index_before", "capital", "W index_before", "W capital", "rho"]
    assert (coefficients["conf_low"] < coefficients["estimate"]).all()
    for locale in ("zh", "en"):
        assert "rho" in china.summary(locale)


def test_errors_of_income_persist_and_widen_the_interval(china):
    assert china.serial > china.serial_none + 0.5
    wide, narrow = china.resampled.indirect_bounds, china.effects.indirect_bounds
    assert (wide[1] - wide[0] > 1.5 * (narrow[1] - narrow[0])).all()


def test_it_is_kept_without_loss(china):
    arrays: dict[str, np.ndarray] = {}
    again = store.decode(store.encode(china, arrays), arrays)
    assert again.tidy().equals(china.tidy())
    assert again.glance().equals(china.glance())


def test_dynamic_on_request():
    found = face(columns(), CHOICE.model_copy(update={"dynamic": True}))
    assert found.fit.dynamic
    assert found.years == tuple(YEARS)[2:]
    assert found.resampled is None
    assert "y[-1]" in set(found.tidy()["term"])
    assert "Lee-Yu" in found.summary("en")


def test_weights_of_an_island_are_refused_by_name():
    broken = RING.copy()
    broken[0] = broken[:, 0] = 0.0
    with refused("islands"):
        face(columns(), near=replace(NEAR, matrix=broken))
