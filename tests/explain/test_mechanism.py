"""Mechanisms on a study: paths, what is taken out of a driver, moderation, the split of the fields."""

import numpy as np
import pytest
from support import recipe, refused, small_panel, tree

from zhiyu import Study, store
from zhiyu.explain.mechanism import centred, coefficient, effect_on_mechanism, moderation, product, shapley
from zhiyu.explain.of.mechanism import MechanismEvidence, mechanism
from zhiyu.explain.panel_ols import fit
from zhiyu.explain.wild import wild_interval
from zhiyu.measure import measure
from zhiyu.terms import LOCALES

RNG = np.random.default_rng(3)
Y, X, M, Z = RNG.normal(size=(4, 12, 6))


@pytest.fixture(scope="module")
def china() -> MechanismEvidence:
    s = Study.open("china-provinces")
    return mechanism(s.measure(), s.panel(), s.framework(), draws=499)


def test_controls_and_missing_cells():
    holed = X.copy()
    holed[2, 3] = np.nan
    one = effect_on_mechanism(M, holed, Z[..., None], draws=99)
    assert one.observations == 71
    assert one.estimate == pytest.approx(coefficient(M, np.stack([holed, Z], axis=-1), draws=99).estimate)
    assert one.without.shape == (12,)


@pytest.mark.parametrize("push", [0.0, 0.3, 0.6])
def test_p_and_bounds_are_of_the_same_draws(push):
    """The interval holds zero exactly where p is above 5 %, and is not the clustered error's."""
    one = coefficient(Y + push * X, X[..., None], draws=999, seed=5)
    assert (one.low <= 0.0 <= one.high) == (one.p > 0.05)
    assert (one.low, one.high) == wild_interval(Y + push * X, X[..., None], 0, "two-way", 999, seed=5)
    plain = fit(Y + push * X, X[..., None])
    assert one.std_error == plain.std_errors[0]
    assert (one.low, one.high) != pytest.approx(tuple(plain.conf[0]), rel=1e-6)


def test_centring_within_years_over_the_cells_that_count():
    whole = np.isfinite(X)
    whole[0, 0] = False
    found = centred(X, whole)
    assert np.isnan(found[0, 0])
    assert np.nanmean(found, axis=0) == pytest.approx(np.zeros(6), abs=1e-12)


def test_a_common_rise_of_both_is_no_moderation():
    """x and z rise together over the years; uncentred, x z would pick up their trends."""
    rise = 5.0 * np.arange(6.0)
    one, other = moderation(Y, X, Z, draws=99), moderation(Y, X + rise, Z + rise, draws=99)
    assert one.interaction.estimate == pytest.approx(other.interaction.estimate, rel=1e-9)
    assert one.fit.beta.shape == (3,)


def test_the_product_is_of_the_cells_that_both_steps_have():
    y = np.where(np.arange(12)[:, None] == 4, np.nan, Y)
    found = product(y, M, X, draws=49)
    kept = np.arange(12) != 4
    assert found.first == pytest.approx(effect_on_mechanism(M[kept], X[kept], draws=9).estimate)
    assert found.low <= found.estimate <= found.high
    assert product(y, M, X, draws=49) == found


def test_shapley_of_two_blocks_by_hand():
    found = shapley(Y, (X, M))
    r = {}
    for name, blocks in {"x": (X,), "m": (M,), "both": (X, M)}.items():
        r[name] = shapley(Y, blocks).total
    assert found.parts[0] == pytest.approx(0.5 * (r["x"] + r["both"] - r["m"]), abs=1e-12)
    assert found.alone == pytest.approx([r["x"], r["m"]], abs=1e-12)
    assert found.last == pytest.approx([r["both"] - r["m"], r["both"] - r["x"]], abs=1e-12)
    with refused("shapley_blocks"):
        shapley(Y, ())


def test_the_driver_is_not_compared_with_its_own_parts(china):
    by_name = {path.mechanism: path for path in china.paths}
    assert set(by_name["knowledge_output"].stripped) == {
        *("invention_grant_density", "invention_stock_density", "ei_paper_density")
    }
    assert by_name["data_factor"].stripped == ()
    panel = small_panel({"x": X + 9, "y": Y + 9})
    index = measure(panel, tree("all - -", "a all -", "b a x", "c all y"), recipe(weight={"method": "equal"}))
    with refused("mechanism_none") as caught:
        mechanism(index, panel, tree("all - -", "a all x", "b all y"), "a", ["b"], "b", "y")
    assert caught.says("cannot explain itself")
    with refused("mechanism_driver"):
        mechanism(index, panel, tree("all - -", "a all x", "b all y"), "q")


def test_the_china_study(china, tmp_path):
    """The fields' shares sum to R2; the combination has a share near nought and its interaction is not above zero."""
    assert next(path.mechanism for path in china.paths) == "knowledge_output"
    assert china.embedding is not None
    assert china.embedding.parts.sum() == pytest.approx(china.embedding.total, abs=1e-12)
    assert len(china.fields) == 5
    assert china.together is not None
    assert china.together.p > 0.1
    assert china.skipped == ()
    cache = store.Cache(tmp_path)
    cache.put("mechanism", "0" * 64, china, 1.0)
    assert cache.get("mechanism", "0" * 64)[0].tidy().equals(china.tidy())  # type: ignore[index]


def test_tidy_glance_and_summary(china):
    assert len(china.glance()) == 1
    assert {"path_data_factor", "moderation", "embedding_together"} <= set(china.tidy()["term"])
    for locale in LOCALES:
        assert "Jiang" in china.summary(locale) or "江艇" in china.summary(locale)


def test_what_a_study_lacks_is_skipped_with_the_reason():
    panel = small_panel({"x": X + 9, "y": Y + 9})
    framework = tree("all - -", "a all x", "b all y")
    index = measure(panel, framework, recipe(weight={"method": "equal"}))
    found = mechanism(index, panel, framework, "a", ["b", "nothing"], "nothing", "y", draws=99)
    assert [path.mechanism for path in found.paths] == ["b"]
    assert len(found.skipped) == 3
    assert found.moderated is None
    assert found.embedding is None
    assert len(found.tidy()) == 1
