"""What was planted is found again."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from support import recipe as chosen

from zhiyu.data import repair, synthetic
from zhiyu.data.panel import Mark
from zhiyu.data.synthetic import POPULATION, Planted
from zhiyu.framework import of_rows
from zhiyu.measure import Index, Recipe, measure

WEIGHTS = ["entropy", "equal"]


def measured(made: Planted, recipe: Recipe = Recipe()) -> Index:
    return measure(made.panel, of_rows(made.rows), recipe)


def places(x: np.ndarray) -> np.ndarray:
    """1 = greatest, along the first axis."""
    return (-x).argsort(axis=0).argsort(axis=0) + 1


def agreement(x: np.ndarray, y: np.ndarray) -> float:
    """Rank correlation over all cells."""
    one, other = (np.argsort(np.argsort(values.ravel())) for values in (x, y))
    return float(np.corrcoef(one, other)[0, 1])


@pytest.mark.parametrize("weight", WEIGHTS)
@pytest.mark.parametrize("seed", range(5))
def test_without_noise_regions_stand_as_planted(weight: str, seed: int) -> None:
    made = synthetic.panel(indicators=1, noise=0.0, less_is_better=0.4, seed=seed)
    index = measured(made, chosen(weight={"method": weight}))
    assert_allclose(index.scores.sel(node="index"), 100 * made.truth.index, rtol=1e-9, atol=1e-9)
    assert_array_equal(index.ranks.sel(node="index"), places(made.truth.index.values))
    for name in made.truth.attributes["attribute"].values:
        assert_array_equal(index.ranks.sel(node=name), places(made.truth.attributes.sel(attribute=name).values))


@pytest.mark.parametrize("weight", WEIGHTS)
def test_loadings_do_not_matter_without_noise(weight: str) -> None:
    """Indicators of different slope on one attribute are one scale after min-max, whatever their weights."""
    made = synthetic.panel(indicators=4, noise=0.0, less_is_better=0.5, seed=11)
    index = measured(made, chosen(weight={"method": weight}))
    assert_allclose(index.scores.sel(node="index"), 100 * made.truth.index, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_a_wrong_direction_would_be_seen(seed: int) -> None:
    made = synthetic.panel(indicators=1, noise=0.0, less_is_better=0.4, seed=seed)
    turned = [{**row, "direction": "1"} if row.get("formula") else dict(row) for row in made.rows]
    index = measure(made.panel, of_rows(turned), Recipe())
    assert agreement(index.scores.sel(node="index").values, made.truth.index.values) < 0.9


def test_noise_costs_agreement_and_more_indicators_win_it_back() -> None:
    def found(noise: float, indicators: int) -> float:
        made = synthetic.panel(indicators=indicators, noise=noise, seed=12)
        index = measured(made, chosen(weight={"method": "equal"}))
        return agreement(index.scores.sel(node="index").values, made.truth.index.values)

    assert found(0.1, 3) > found(0.5, 3) > found(1.5, 3) > 0.5
    assert found(1.0, 12) > found(1.0, 2)


def test_growth_shows_in_pooled_scores_and_vanishes_in_yearly_ones() -> None:
    made = synthetic.panel(indicators=1, noise=0.0, growth=0.2, less_is_better=0.0, seed=13)
    pooled = measured(made, chosen(weight={"method": "equal"}))
    yearly = measured(made, chosen(weight={"method": "equal"}, normalise={"scope": "year"}))
    assert (pooled.scores.sel(node="index").diff("year") > 0).all()
    assert_allclose(yearly.scores.sel(node="index").mean("region").diff("year"), 0.0, atol=1e-9)


def test_groups_stand_apart_as_planted() -> None:
    made = synthetic.panel(regions=90, gap=3.0, noise=0.2, seed=14)
    index = measured(made)
    mean = [
        float(index.scores.sel(node="index", region=list(codes)).mean())
        for codes in made.panel.regions.grouping("planted").values()
    ]
    assert mean[0] > mean[1] + 5 > mean[2] + 10


def test_straight_lines_survive_their_gaps() -> None:
    """Without noise and conversion every series is a straight line, which interpolation restores to the last digits."""
    whole = synthetic.panel(noise=0.0, convert=False, seed=15)
    holed = synthetic.panel(noise=0.0, convert=False, inside=0.3, ends=0.4, seed=15)
    filled = repair.fill_gaps(holed.panel, "linear-inside")
    changed = 0
    for name in filled.names:
        truth, found, before = (panel.values(name) for panel in (whole.panel, filled, holed.panel))
        seen = np.isfinite(found)
        assert_allclose(found[seen], truth[seen], rtol=1e-9)
        assert_array_equal(filled.marks[name].values == Mark.INTERPOLATED, seen & np.isnan(before))
        changed += int((seen & np.isnan(before)).sum())
        if name != POPULATION:
            assert np.isnan(found).any()  # ends stay open
    assert len(filled.changes) == changed > 0


def test_missing_cells_lower_coverage_and_not_agreement() -> None:
    made = synthetic.panel(noise=0.2, inside=0.1, ends=0.1, seed=16)
    index = measured(made, chosen(coverage={"indicator": 0.5, "node": 0.4}))
    shown = index.scores.sel(node="index").values
    there = np.isfinite(shown)
    assert 0.5 < float(index.coverage.sel(node="index").mean()) < 1.0
    assert agreement(shown[there], made.truth.index.values[there]) > 0.9
