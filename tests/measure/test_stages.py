"""Stages: thresholds by hand, and where a score on a threshold stands."""

import numpy as np
import pytest
from support import recipe, small_panel, tree

from zhiyu.measure import measure
from zhiyu.measure.stages import fixed_thresholds, natural_thresholds, quantile_thresholds, stage

NAN = np.nan
LEVELS = (0.2, 0.4, 0.6, 0.8)


def test_quantiles_by_hand() -> None:
    assert quantile_thresholds(np.arange(11.0), LEVELS).tolist() == [2.0, 4.0, 6.0, 8.0]
    assert quantile_thresholds(np.array([0.0, NAN, 10.0]), LEVELS).tolist() == [2.0, 4.0, 6.0, 8.0]


def test_no_score_no_threshold() -> None:
    assert np.isnan(quantile_thresholds(np.array([NAN, NAN]), LEVELS)).all()
    assert stage(np.array([NAN, NAN]), np.full(4, NAN)).tolist() == [0, 0]


def test_fixed() -> None:
    assert fixed_thresholds(np.array([NAN, 3.0]), (10.0, 20.0, 30.0, 40.0)).tolist() == [10.0, 20.0, 30.0, 40.0]


def test_a_score_on_a_threshold_has_reached_the_stage() -> None:
    cuts = np.array([20.0, 40.0, 60.0, 80.0])
    scores = np.array([-5.0, 0.0, 19.9, 20.0, 40.0, 79.9, 80.0, 100.0, 200.0, NAN])
    assert stage(scores, cuts).tolist() == [1, 1, 1, 2, 3, 4, 5, 5, 5, 0]
    assert stage(scores, cuts).dtype == np.int8


def within(scores: np.ndarray, thresholds: np.ndarray) -> float:
    """Sum of squares within stages."""
    kinds = stage(scores, thresholds)
    return sum(float(((scores[kinds == k] - scores[kinds == k].mean()) ** 2).sum()) for k in np.unique(kinds))


def test_natural_breaks_by_eye() -> None:
    scores = np.array([50.0, 2.0, 10.0, NAN, 12.0, 21.0, 3.0, 30.0, 1.0, 51.0, 11.0, 31.0, 20.0])
    assert natural_thresholds(scores, LEVELS).tolist() == [10.0, 20.0, 30.0, 50.0]
    assert natural_thresholds(scores, (1.0, 2.0, 3.0, 4.0)).tolist() == [10.0, 20.0, 30.0, 50.0]  # levels are not read


def test_natural_breaks_of_few_scores() -> None:
    assert np.isnan(natural_thresholds(np.array([NAN, NAN]), LEVELS)).all()
    assert np.isnan(natural_thresholds(np.array([3.0, 3.0]), LEVELS)).all()
    cuts = natural_thresholds(np.array([3.0, 1.0, 3.0, 2.0, 1.0]), LEVELS)
    assert cuts[:2].tolist() == [2.0, 3.0]
    assert np.isnan(cuts[2:]).all()
    assert stage(np.array([0.0, 1.0, 2.0, 3.0, 99.0, NAN]), cuts).tolist() == [1, 1, 2, 3, 3, 0]
    assert natural_thresholds(np.array([1.0, 2.0, 3.0, 4.0, 5.0]), LEVELS).tolist() == [2.0, 3.0, 4.0, 5.0]


def test_natural_breaks_count_equal_scores_each() -> None:
    """Weighty ties draw a break that the same distinct scores, counted once each, would not have."""
    once = np.array([0.0, 1.0, 2.0, 3.0, 4.0, 9.0])
    many = np.repeat(once, [50, 50, 1, 1, 50, 1])
    assert natural_thresholds(once, (0.5,)).tolist() == [9.0]
    assert natural_thresholds(many, (0.5,)).tolist() == [2.0] or natural_thresholds(many, (0.5,)).tolist() == [3.0]
    assert within(many, natural_thresholds(many, (0.5,))) < within(many, np.array([9.0]))


def test_natural_breaks_of_many_scores_are_exact() -> None:
    """Against the plain dynamic programme of n^2 steps."""
    scores = np.sort(np.random.default_rng(5).gamma(2.0, 10.0, 700))
    n = len(scores)
    one, two = (np.concatenate([[0.0], np.cumsum(scores**power)]) for power in (1, 2))
    best = np.concatenate([[0.0], two[1:] - one[1:] ** 2 / np.arange(1, n + 1)])
    for _ in range(4):
        after = best.copy()
        for i in range(1, n + 1):
            j = np.arange(i)
            after[i] = (best[:i] + two[i] - two[j] - (one[i] - one[j]) ** 2 / (i - j)).min()
        best = after
    assert within(scores, natural_thresholds(scores, LEVELS)) == pytest.approx(best[-1], rel=1e-9)


def test_a_study_may_ask_for_natural_breaks() -> None:
    x = np.random.default_rng(2).gamma(2.0, 1.0, (20, 3))
    index = measure(small_panel({"x": x}), tree("r - -", "a r x"), recipe(stages={"method": "natural"}))
    expected = natural_thresholds(index.scores.sel(node="r").values.ravel(), LEVELS)
    assert index.thresholds.sel(node="r").values.tolist() == expected.tolist()
    assert set(np.unique(index.stage)) == {1, 2, 3, 4, 5}
