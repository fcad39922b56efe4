"""The labelled panel threshold: formulas, rows by label, years, what it tells."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from support import MAINLAND, recipe, refused, small_panel, tree

from zhiyu import store
from zhiyu.data import panel as panels
from zhiyu.data.panel import Panel
from zhiyu.explain.of.threshold import ThresholdPanel, threshold_panel
from zhiyu.explain.threshold import fit
from zhiyu.measure import measure

N, YEARS = 14, range(2013, 2021)
CODES = MAINLAND.codes[:N]


def columns() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(2)
    x, u, s = rng.uniform(1, 3, (3, N, len(YEARS)))
    y = x * np.where(s > 2.1, 3.0, 1.0) + 0.3 * rng.standard_normal(x.shape) + rng.standard_normal((N, 1)) + 0.5 * u
    return {"y": np.exp(y), "x": x, "u": u, "s": s}


def face(panel: Panel, **chosen: Any) -> ThresholdPanel:
    index = measure(panel, tree("all - -", "a all x", "b all u"), recipe(weight={"method": "equal"}))
    asked = {"controls": {"x": "u"}, "bootstraps": 99} | chosen  # a control that is called like the switching variable
    return threshold_panel(index, panel, "log(y)", "x", "s", **asked)


def test_it_is_the_kernel_on_what_the_formulas_say():
    values, found = columns(), face(small_panel(columns(), YEARS), effects="region")
    kernel = fit(np.log(values["y"]), values["u"][..., None], values["x"], values["s"], grid="all", bootstraps=99)
    assert (found.fit.gamma == kernel.gamma).all()
    assert_allclose(found.fit.regimes, kernel.regimes, rtol=1e-12)
    assert found.years == tuple(YEARS)
    assert found.regions == CODES


def test_year_effects_are_the_default_and_take_what_years_share():
    values = columns()
    shifted = values | {"y": values["y"] * np.exp(3 * np.random.default_rng(0).standard_normal(len(YEARS)))}
    one, other = (face(small_panel(v, YEARS)) for v in (values, shifted))
    assert one.effects == "two-way"
    assert_allclose(other.fit.regimes, one.fit.regimes, rtol=1e-8)
    assert_allclose(other.fit.p, one.fit.p)


def test_rows_in_another_order_give_the_same_answer():
    values, rng = columns(), np.random.default_rng(3)
    one, two = rng.permutation(N), rng.permutation(len(YEARS))
    shuffled = panels.build(
        {name: array[one][:, two] for name, array in values.items()},
        [CODES[i] for i in one],
        [YEARS[t] for t in two],
        MAINLAND,
    )
    assert_allclose(face(shuffled).fit.regimes, face(small_panel(values, YEARS)).fit.regimes, rtol=1e-10)


def test_a_hole_shortens_the_years_and_a_lag_takes_the_first():
    values = columns()
    values["s"][3, 6] = np.nan
    assert face(small_panel(values, YEARS)).years == tuple(range(2013, 2019))
    assert face(small_panel(columns(), YEARS), controls={"before": "lag(b)"}).years == tuple(YEARS)[1:]


def test_what_it_tells():
    found = face(small_panel(columns(), YEARS), count=2)
    tidy, glance = found.tidy(), found.glance()
    assert list(tidy["kind"]) == ["threshold"] * 2 + ["test"] * 2 + ["coefficient"] * 4
    assert list(tidy["term"][4:]) == ["x", "regime, part 1", "regime, part 2", "regime, part 3"]
    assert tidy["observations"].sum() == N * len(YEARS)
    rows = tidy.set_index(["kind", "term"])
    assert rows.loc[("test", "1 against 0"), "p_value"] == 0.01
    assert rows.loc[("coefficient", "x"), "estimate"] == pytest.approx(0.5, abs=0.2)
    assert (rows.conf_low.dropna() <= rows.estimate.dropna()).all()
    assert len(glance) == 1
    assert glance.loc[0, ["supported", "trim", "grid", "bootstraps"]].tolist() == [1, 0.01, "all", 99]
    curve = found.curve()
    assert len(curve) == 2 * len(found.fit.candidates)
    assert isinstance(curve, pd.DataFrame)
    least = curve.loc[curve.groupby("threshold")["lr"].idxmin(), "candidate"]
    assert sorted(least) == sorted(found.fit.gamma)
    assert "supports 1" in found.summary().replace("support 1", "supports 1")
    assert "门槛" in found.summary("zh")


def test_it_is_kept_on_disk():
    found, arrays = face(small_panel(columns(), YEARS)), {}
    again = store.decode(store.encode(found, arrays), arrays)
    assert again.summary() == found.summary()


def test_refusals_name_the_study_s_own_formulas():
    panel = small_panel(columns(), YEARS)
    with refused("regressor_explained") as caught:
        face(panel, controls={"own": "u", "again": "2 * u"})
    assert caught.says('"again"')
    with refused("regressor_explained") as caught:
        face(panel, controls={"again": "2 * x"})
    assert caught.says('"x"')
