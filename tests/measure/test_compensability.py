"""Compensability: by hand, zeros and holes, what is refused, and the labelled face of a measured index."""

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from support import recipe, refused, small_panel, tree

from zhiyu.data import regions as region_sets
from zhiyu.measure import Index, measure
from zhiyu.measure.compensability import (
    FAMILY,
    FULL,
    GEOMETRIC,
    NONE,
    Compensability,
    compensability,
    has_compensability,
    imbalance_loss,
    power_family,
    trade_off,
)

NAN, INF = np.nan, np.inf
HALVES = np.array([0.5, 0.5])
POSTS = {"method": "goalposts"}
TREE = tree(
    "r - -",
    "A r - weight=0.5",
    "B r - weight=0.5",
    "a A x low=0 high=1 weight=1",
    "b B y low=0 high=1 weight=1",
)


def index(x: object, y: object, **chosen: object) -> Index:
    chosen = {"normalise": POSTS, "weight": {"method": "given"}, "coverage": {"indicator": 0, "node": 0.4}} | chosen
    return measure(small_panel({"x": x, "y": y}), TREE, recipe(**chosen))


def test_the_family_by_hand() -> None:
    """(1 + 9) / 2, ((1 + 3) / 2)^2, sqrt(9), 2 / (1 + 1/9), min."""
    found = power_family(np.array([1.0, 9.0]), HALVES)
    assert_allclose(found, [5.0, 4.0, 3.0, 1.8, 1.0], rtol=1e-15)
    weighed = power_family(np.array([1.0, 16.0]), np.array([3.0, 1.0]))  # only ratios of weights count
    assert_allclose(weighed, [19 / 4, (7 / 4) ** 2, 2.0, 1 / (0.75 + 0.25 / 16), 1.0], rtol=1e-15)


def test_a_missing_child_and_one_without_weight_count_nowhere() -> None:
    x, weights = np.array([1.0, NAN, 9.0, 0.0]), np.array([0.4, 0.2, 0.4, 0.0])
    assert_allclose(power_family(x, weights), [5.0, 4.0, 3.0, 1.8, 1.0], rtol=1e-15)
    assert_allclose(imbalance_loss(x, weights), 0.4, rtol=1e-15)
    assert np.isnan(power_family(np.full(2, NAN), HALVES)).all()
    assert np.isnan(imbalance_loss(np.full(2, NAN), HALVES))


def test_a_zero_sinks_from_the_geometric_mean_down() -> None:
    found = power_family(np.array([0.0, 9.0]), HALVES)
    assert_allclose(found, [4.5, 2.25, 0.0, 0.0, 0.0], atol=1e-15)
    assert imbalance_loss(np.array([0.0, 9.0]), HALVES) == 1.0
    assert imbalance_loss(np.zeros(2), HALVES) == 0.0  # nothing is lost to imbalance where all are equal


def test_rates_of_exchange_by_hand() -> None:
    weak, strong, ratio = np.array([1.0, 0.0, 2.0, 0.0]), np.array([9.0, 9.0, 2.0, 0.0]), np.full(4, 0.5)
    assert_array_equal(trade_off(weak, strong, ratio, FULL), ratio)  # whatever the scores
    assert_allclose(trade_off(weak, strong, ratio, GEOMETRIC), [4.5, INF, 0.5, 0.5], rtol=1e-15)
    assert_allclose(trade_off(weak, strong, ratio, -1.0), [40.5, INF, 0.5, 0.5], rtol=1e-15)
    assert_allclose(trade_off(weak, strong, ratio, NONE), [INF, INF, 0.5, 0.5])


@pytest.mark.parametrize("power", [0.5, GEOMETRIC, -1.0])
def test_a_rate_of_exchange_is_the_slope_along_equal_scores(power: float) -> None:
    """A little less of the one, that rate more of the other: the mean stays to the second order."""
    x, weights, step = np.array([0.2, 0.7]), np.array([0.3, 0.7]), 1e-6
    rate = float(trade_off(x[:1], x[1:], np.array([0.3 / 0.7]), power)[0])
    moved = power_family(x + step * np.array([-1.0, rate]), weights, (power,))
    assert abs(moved[0] - power_family(x, weights, (power,))[0]) < 1e-10
    assert abs(power_family(x - [step, 0.0], weights, (power,))[0] - moved[0]) > 1e-8


def test_of_an_index_by_hand() -> None:
    """One is even at 0.5, one is 0.3 and 0.8 (mean 0.55, product 0.24), one is 0.1 and 0.9."""
    measured = index([[0.5], [0.3], [0.9]], [[0.5], [0.8], [0.1]])
    found = compensability(measured)
    at = {"year": 2015}
    assert_allclose(found.scores.sel(at, drop=True).sel(power=FULL), [50.0, 55.0, 50.0])
    assert_allclose(found.scores.sel(at, drop=True).sel(power=GEOMETRIC), [50.0, 100 * 0.24**0.5, 30.0])
    assert_allclose(found.scores.sel(at, drop=True).sel(power=NONE), [50.0, 30.0, 10.0])
    assert found.ranks.sel(at).values.tolist() == [[2, 1, 2], [2, 1, 3], [1, 2, 3], [1, 2, 3], [1, 2, 3]]
    assert found.moves().sel(at).values.tolist() == [1, -1, -1]
    assert found.moves(0.5).sel(at).values.tolist() == [0, 0, -1]
    assert_allclose(found.loss.sel(at), [0.0, 1 - 0.24**0.5 / 0.55, 0.4], atol=1e-15)
    assert found.weakest.sel(at).values.tolist() == ["A", "A", "B"]
    assert found.strongest.sel(at).values.tolist() == ["A", "B", "A"]
    gain = found.gain.sel(at)
    assert_allclose(gain.sel(power=FULL), [0.0, 12.5, 20.0], atol=1e-12)
    assert_allclose(gain.sel(power=GEOMETRIC)[1], 100 * (math.sqrt(0.55 * 0.8) - math.sqrt(0.24)))
    assert_allclose(gain.sel(power=NONE), [0.0, 25.0, 40.0], atol=1e-12)
    assert_allclose(found.trade_off.sel(at).sel(power=FULL), 1.0)
    assert_allclose(found.trade_off.sel(at).sel(power=GEOMETRIC), [1.0, 8 / 3, 9.0])
    assert found.zeros.values.tolist() == [[0], [0], [0]]


def test_weights_of_the_index_are_those_of_the_family() -> None:
    chosen = {"method": "equal", "across": {"A": 0.75, "B": 0.25}}
    found = compensability(index([[0.3], [0.9]], [[0.8], [0.1]], weight=chosen))
    assert_allclose(found.scores.sel(power=GEOMETRIC).values[:, 0], [100 * 0.3**0.75 * 0.8**0.25, 90**0.75 * 10**0.25])
    assert_allclose(found.trade_off.sel(power=FULL).values[:, 0], [3.0, 1 / 3])
    assert_allclose(found.gain.sel(power=FULL).values[0, 0], 75 * (0.425 - 0.3))


def test_zeros_are_counted_and_tie_at_the_end() -> None:
    found = compensability(index([[0.0], [0.3], [0.9]], [[0.9], [0.2], [0.0]]))
    assert found.zeros.values[:, 0].tolist() == [1, 0, 1]
    assert found.ranks.sel(power=GEOMETRIC).values[:, 0].tolist() == [2, 1, 2]
    assert found.trade_off.sel(power=GEOMETRIC).values[:, 0].tolist() == [INF, pytest.approx(1.5), INF]


def test_a_missing_child_is_shared_out_and_a_region_without_a_score_has_nothing() -> None:
    x, y = [[0.2, 0.2], [NAN, 0.3], [0.6, 0.4]], [[0.4, 0.4], [0.7, 0.5], [NAN, 0.6]]
    measured = index(x, y)
    found = compensability(measured)
    assert_allclose(found.scores.values[:, 1, 0], 70.0)
    assert found.loss.values[1, 0] == pytest.approx(0.0)
    assert_array_equal(found.ranks.sel(power=FULL), measured.ranks.sel(node="r"))
    strict = compensability(index(x, y, coverage={"indicator": 0, "node": 0.6}))
    for part in (strict.scores, strict.ranks, strict.gain, strict.trade_off):
        assert np.isnan(part.values[:, [1, 2], 0]).all()
        assert not np.isnan(part.values[:, :, 1]).any()
    assert np.isnan(strict.loss.values[[1, 2], 0]).all()
    assert strict.weakest.values[:, 0].tolist() == ["A", "", ""]
    assert strict.zeros.values[:, 0].tolist() == [0, 0, 0]


def test_a_child_too_thin_to_be_shown_counts_as_it_counts_in_the_index() -> None:
    framework = tree("r - -", "A r -", "B r -", "a A x", "b A y", "c A z", "d B u", "e B v", "f B w")
    rng = np.random.default_rng(3)
    values = {name: rng.uniform(size=(6, 2)) for name in "xyzuvw"}
    values["x"][2, 0] = values["y"][2, 0] = NAN
    chosen = {"weight": {"method": "equal"}, "coverage": {"indicator": 0.5, "node": 0.6}}
    measured = measure(small_panel(values), framework, recipe(**chosen))
    assert np.isnan(measured.scores.sel(node="A").values[2, 0])
    found = compensability(measured)
    assert_allclose(found.scores.sel(power=FULL), measured.scores.sel(node="r"))
    assert_array_equal(found.ranks.sel(power=FULL), measured.ranks.sel(node="r"))


def test_below_the_root_the_recipe_stands() -> None:
    framework = tree("r - -", "A r -", "B r -", "a A x", "b A y", "c B z", "d B u")
    rng = np.random.default_rng(4)
    panel = small_panel({name: rng.uniform(size=(6, 2)) for name in "xyzu"})
    measured = measure(panel, framework, recipe(weight={"method": "equal"}, aggregate={"method": "geometric"}))
    found = compensability(measured)
    tops = measured.scores.sel(node=["A", "B"]).values
    assert_allclose(found.scores.sel(power=FULL), tops.mean(axis=-1), atol=1e-12)
    assert_allclose(found.scores.sel(power=GEOMETRIC), measured.scores.sel(node="r"), atol=1e-12)


def test_negative_scores_are_refused() -> None:
    x, y = [[0.5, 0.5], [0.3, 0.1], [0.2, 0.2]], [[0.5, 0.5], [0.8, 0.8], [0.4, 0.4]]
    base = {"scope": "base", "base": 2015}
    measured = index(x, y, normalise=base)  # 0.1 lies a third of the base year's range below its least
    assert not has_compensability(measured)
    with refused("compensability_negative") as told:
        compensability(measured)
    assert told.says("study.toml", "[measure] normalise", "-0.333", "minmax")


def test_an_aggregate_has_none_and_refuses_nothing() -> None:
    """It does not set the scale, so it may lie below zero; like a rank, it has no compensability."""
    europe = region_sets.load("eu-countries")
    whole = next(region.code for region in europe.rows if region.aggregate)
    regions = europe.select([*[region.code for region in europe.rows if not region.aggregate][:3], whole])
    values = np.array([[-9.0, -9.0] if code == whole else [k, k + 2.0] for k, code in enumerate(regions.codes)])
    panel = small_panel({"x": values, "y": -values}, regions=regions)
    measured = measure(panel, tree("r - -", "a r x", "b r y"), recipe(weight={"method": "equal"}))
    assert has_compensability(measured)
    found, total = compensability(measured), regions.codes.index(whole)
    assert np.isnan(found.scores.values[:, total]).all()
    assert np.isfinite(np.delete(found.ranks.values, total, axis=1)).all()


def test_one_child_has_none_to_make_good_for_it() -> None:
    values = [[0.1], [0.2], [0.3]]
    one = measure(small_panel({"x": values}), tree("r - -", "A r -", "a A x"), recipe(weight={"method": "equal"}))
    assert not has_compensability(one)
    assert has_compensability(index(values, values))


def test_the_family_runs_from_full_compensation_to_none() -> None:
    found = compensability(index([[0.1], [0.2]], [[0.2], [0.1]]))
    assert isinstance(found, Compensability)
    assert tuple(found.scores["power"].values) == FAMILY == (1.0, 0.5, 0.0, -1.0, -INF)
    assert found.ranks.values[:, :, 0].tolist() == [[1.0, 1.0]] * 5  # the same scores the other way round: tied
