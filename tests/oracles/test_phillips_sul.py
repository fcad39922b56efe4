"""Phillips and Sul's 152 countries: the slope of the whole sample, the trend, the clubs by two long-run variances."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

from zhiyu.explain.convergence import clubs, hp_trend, log_t

HERE = Path(__file__).parent / "phillips_sul"


def read(name: str) -> np.ndarray:
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        return np.array([[float(cell) for cell in row[1:]] for row in list(csv.reader(file))[1:]])


@pytest.fixture(scope="module")
def x() -> np.ndarray:
    return read("filtered_gdp_152x34.csv")


def test_the_filter_is_theirs(x: np.ndarray) -> None:
    assert_allclose(hp_trend(np.log(read("gdp_152x34.csv")), 400.0), x, atol=1e-10)


def test_the_whole_sample(x: np.ndarray) -> None:
    expected = json.loads((HERE / "expected.json").read_text(encoding="utf-8"))
    found = log_t(x)
    assert abs(found.b - expected["whole_sample_logt_b_recomputed_t12_34"]) < 1e-5
    assert abs(found.b - -0.8748) < 1e-4
    assert (found.discarded, found.points, found.decision) == (11, 23, "rejected")
    assert found.t == pytest.approx(-162.53, abs=0.01)  # ours; published about -159.6 by another long-run variance
    assert log_t(x, variance="published").b == found.b


def test_the_published_clubs_come_from_the_published_variance(x: np.ndarray) -> None:
    found = clubs(x, variance="published")
    assert [len(rows) for rows in found.members] == [50, 30, 21, 24, 14, 11, 2]
    assert_allclose(found.b, [0.382, 0.240, 0.110, 0.131, 0.190, 1.003, -0.470], atol=6e-4)
    assert len(found.divergent) == 0
    assert found.merged is not None
    assert [len(rows) for rows in found.merged.members] == [50, 30, 21, 38, 11, 2]


def test_clubs_by_all_lagged_products(x: np.ndarray) -> None:
    """Ours, written down so that a change is seen: no outside answer."""
    found = clubs(x)
    assert [len(rows) for rows in found.members] == [73, 7, 4, 13, 25, 17, 9]
    assert_allclose(found.b, [0.0623, 0.4942, 0.0053, 0.1329, 0.0621, 0.2414, 1.4623], atol=1e-4)
    assert len(found.divergent) == 4
    assert found.merged is not None
    assert [len(rows) for rows in found.merged.members] == [73, 24, 25, 17, 9]


def test_every_country_is_in_one_place(x: np.ndarray) -> None:
    for merging in ("none", "phillips-sul", "von-lyncker-thoennessen"):
        found = clubs(x, merging=merging)
        found = found.merged or found
        rows = np.concatenate([*found.members, found.divergent])
        assert sorted(rows) == list(range(152))
        assert all(t > -1.65 for t in found.t)
