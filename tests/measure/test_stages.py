"""Stages: thresholds by hand, and where a score on a threshold stands."""

import numpy as np

from zhiyu.measure.stages import fixed_thresholds, quantile_thresholds, stage

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
