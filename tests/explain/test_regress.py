"""The labelled regression: its dialect, rows by label, nodes of an index, what it tells, and instruments."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from support import MAINLAND, recipe, refused, small_panel, tree

from zhiyu import Study, store
from zhiyu.data import panel as panels
from zhiyu.explain.of.formulas import Model, parse
from zhiyu.explain.of.instrument import instrumental
from zhiyu.explain.of.regress import Regression, regress
from zhiyu.explain.panel_ols import fit
from zhiyu.explain.wild import leave_one_out, wild_cluster, wild_interval
from zhiyu.measure import measure

N, YEARS = 12, range(2013, 2021)
CODES = MAINLAND.codes[:N]


def columns(seed: int = 0) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    x, u, z = rng.uniform(1, 3, (3, N, len(YEARS)))
    hidden = rng.standard_normal(x.shape)
    y = np.exp(0.5 * x + rng.standard_normal((N, 1)) + 0.3 * rng.standard_normal(x.shape) + hidden)
    return {"y": y, "x": x, "u": u, "z": z, "d": z + hidden}


def face(values: dict[str, np.ndarray], formula: str | Model, **more: object) -> Regression:
    return regress(small_panel(values, YEARS), formula, **{"draws": 199, **more})


@pytest.mark.parametrize(
    ("written", "outcome", "terms", "effects"),
    [
        ("y ~ x", "y", ("x",), "none"),
        ("log(y / p) ~ x + log(a + b) | region + year", "log(y / p)", ("x", "log(a + b)"), "two-way"),
        ("y / p ~ 1 + I(a / b) + (a - b)|year+region", "y / p", ("(a / b)", "(a - b)"), "two-way"),
        ("y ~ a:b + lag(a) + a | region", "y", ("a:b", "lag(a)", "a"), "region"),
        ("y ~ a | year", "y", ("a",), "year"),
        ("y ~ a | 1", "y", ("a",), "none"),
    ],
)
def test_the_dialect(written, outcome, terms, effects):
    found = parse(written)
    assert found.outcome == outcome
    assert tuple(found.regressors.values()) == terms
    assert found.effects == effects


def test_a_third_part_names_instruments():
    found = parse("y ~ x | region | a + b ~ z1 + z2")
    assert found.endogenous == ("a", "b")
    assert found.instruments == ("z1", "z2")
    assert tuple(found.regressors) == ("a", "b", "x")


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("y x", "model_shape"),
        ("y ~ ", "model_shape"),
        ("y ~ x + | region", "model_shape"),
        ("y ~ 1", "model_shape"),
        ("y ~ x | region | a", "model_shape"),
        ("y ~ x | region | a ~ z | b", "model_shape"),
        ("y ~ x | province", "model_effect"),
        ("y ~ a * b", "model_operator"),
        ("y ~ a / b | year", "model_operator"),
        ("y ~ a - 1", "model_operator"),
    ],
)
def test_formulas_that_are_not_read(written, key):
    with refused(key):
        parse(written)


def test_it_is_the_kernel_on_what_the_formula_says():
    values = columns()
    found = face(values, "log(y) ~ x + lag(u) + x:u | region + year")
    lagged = np.concatenate([np.full((N, 1), np.nan), values["u"][:, :-1]], axis=1)
    y, x = np.log(values["y"]), np.stack([values["x"], lagged, values["x"] * values["u"]], axis=-1)
    assert_allclose(found.fit.beta, fit(y, x).beta, rtol=1e-12)
    assert found.wild_p[1] == wild_cluster(y, x, 1, draws=199).p
    assert tuple(found.wild_bounds[2]) == wild_interval(y, x, 2, draws=199)
    assert_allclose(found.without.sel(term="x"), leave_one_out(y, x, 0))
    assert found.years == tuple(YEARS)[1:]


def test_a_lag_over_a_missing_year_is_missing():
    values = columns()
    kept = [0, 1, 2, 4, 5, 6, 7]
    panel = small_panel({name: x[:, kept] for name, x in values.items()}, [YEARS[t] for t in kept])
    assert regress(panel, "y ~ lag(x) | region", wild=False).years == (2014, 2015, 2018, 2019, 2020)


def test_rows_in_another_order_give_the_same_answer():
    values, rng = columns(), np.random.default_rng(3)
    one, two = rng.permutation(N), rng.permutation(len(YEARS))
    shuffled = panels.build(
        {name: x[one][:, two] for name, x in values.items()}, [CODES[i] for i in one], [YEARS[t] for t in two], MAINLAND
    )
    formula = "log(y) ~ x + u | region + year"
    assert regress(shuffled, formula, draws=99).tidy().equals(face(values, formula, draws=99).tidy())


def test_nodes_of_the_index_are_read_by_label():
    values = columns()
    panel = small_panel(values, YEARS)
    index = measure(panel, tree("all - -", "a all x", "b all u"), recipe(weight={"method": "equal"}))
    found = regress(panel, Model("y", {"score": "all", "own": "x"}), index, wild=False)
    assert found.names == ("score", "own")
    x = np.stack([index.scores.sel(node="all").values, values["x"]], axis=-1)
    assert_allclose(found.fit.beta, fit(values["y"], x).beta, rtol=1e-12)
    assert regress(panel, "y ~ all + x | region + year", index, wild=False).labels[0].en == "node all"


def test_what_is_missing_is_counted_and_told():
    values = columns()
    values["x"][2, 3] = np.nan
    values["y"][4] = np.nan
    found = face(values, "log(y) ~ x | region + year")
    assert CODES[4] not in found.regions
    assert found.glance()["left_out"].item() == 1 + len(YEARS)
    for locale in ("en", "zh"):
        assert str(1 + len(YEARS)) in found.summary(locale)


def test_tables():
    found = face(columns(), "log(y) ~ x + u | region + year")
    tidy, glance, statistics = found.tidy(), found.glance(), found.statistics()
    assert list(tidy["term"]) == ["x", "u"]
    assert ((tidy["wild_low"] < tidy["estimate"]) & (tidy["estimate"] < tidy["wild_high"])).all()
    assert_allclose(tidy["p_cluster"], tidy["p_value"])
    assert len(glance) == 1
    assert list(statistics["term"]) == ["log(y)", "x", "u"]
    assert set(tidy["carried_by"]) <= set(found.regions)
    moved = found.without.sel(term="x", region=tidy["carried_by"][0]).item() - tidy["estimate"][0]
    assert abs(moved) == pytest.approx(np.abs(found.without.sel(term="x") - tidy["estimate"][0]).max().item())
    frame = found.frame()
    assert len(frame) == N * len(YEARS)
    one = frame[(frame["region"] == CODES[3]) & (frame["year"] == 2016)]
    assert one["x0"].item() == columns()["x"][3, 3]


def test_errors_asked_for_change_the_interval_alone():
    one, two = (face(columns(), "log(y) ~ x | region", errors=kind) for kind in ("cluster", "hc1"))
    assert one.fit.beta == two.fit.beta
    assert two.tidy()["p_value"].item() == one.tidy()["p_hc1"].item()
    assert np.isnan(face(columns(), "y ~ x | region", wild=False).wild_p).all()


def test_refusals_name_the_regressor():
    with refused("regressor_explained") as caught:
        face(columns(), Model("y", {"own": "x", "again": "x * 2"}))
    assert caught.says("again")
    with refused("formula_unknown_variable") as caught:
        face(columns(), "y ~ xx | region")
    assert caught.says("xx")
    with refused("model_instruments"):
        face(columns(), "y ~ x | region | d ~ z")
    values = columns()
    values["y"][2, 2] = 0.0
    with refused("log_of_nonpositive") as caught:
        face(values, "log(y) ~ x")
    assert caught.says("2015")
    with refused("divide_by_zero") as caught:
        face(values, "x / y ~ u")
    assert caught.says("2015")


def test_instruments():
    found = instrumental(small_panel(columns(), YEARS), "log(y) ~ x | region + year | d ~ z")
    assert found.names == ("d", "x")
    tidy = found.tidy()
    assert abs(tidy["estimate"][0]) < 0.4 < tidy["ols"][0]  # d has no effect, what is hidden has
    assert found.glance()["first_stage_f"].item() > 20
    assert "Anderson-Rubin" not in found.summary("en")
    weak = instrumental(small_panel(columns(), YEARS), "log(y) ~ 1 | region + year | d ~ u")
    assert "Anderson-Rubin" in weak.summary("en")
    with refused("instruments_few"):
        instrumental(small_panel(columns(), YEARS), "y ~ x | region")


@pytest.mark.parametrize(
    ("formula", "name"),
    [
        ("y ~ x + (x * 2) | region | d ~ z", "(x * 2)"),
        ("y ~ x | region | d ~ z + (z * 3)", "(z * 3)"),
        ("y ~ x + (d + x) | region | d ~ z", "(d + x)"),
    ],
)
def test_instruments_that_repeat_are_named(formula, name):
    with refused("regressor_explained") as caught:
        instrumental(small_panel(columns(), YEARS), formula)
    assert caught.says(name)


def test_one_instrument_as_good_for_two():
    values = columns()
    values["w"] = values["d"] - values["z"]
    with refused("instruments_few"):
        instrumental(small_panel(values, YEARS), "y ~ 1 | region | d + w ~ z")


@pytest.fixture(scope="module")
def china() -> Regression:
    study = Study.open("china-provinces")
    formula = "log(gdp_real2011_100m / population_10k) ~ lag(index) | region + year"
    return regress(study.panel(), formula, study.measure(), draws=999)


def test_of_the_china_study(china):
    assert (len(china.regions), china.years[0], china.years[-1]) == (31, 2014, 2022)
    assert "Driscoll-Kraay" in china.summary("en")
    arrays: dict[str, np.ndarray] = {}
    again = store.decode(store.encode(china, arrays), arrays)
    assert again.tidy().equals(china.tidy())
    assert again.statistics().equals(china.statistics())
