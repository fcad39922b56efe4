"""Entropy weights against those published with a panel of 31 provinces and 9 years."""

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose
from support import recipe, small_panel, tree

from zhiyu.measure import measure
from zhiyu.measure.weighting import critic_weights, entropy_weights

HERE = Path(__file__).parent / "entropy_critic"


def rows(name: str) -> Iterator[dict[str, str]]:
    with (HERE / name).open(encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file)


@pytest.fixture(scope="module")
def published() -> dict[str, float]:
    return {row["指标名称"]: float(row["熵权法权重"]) for row in rows("published_weights.csv")}


@pytest.fixture(scope="module")
def table(published: dict[str, float]) -> dict[tuple[str, int], np.ndarray]:
    """(province, year) -> the indicators, in the order of the published weights."""
    return {
        (row["省份"], int(row["年份"])): np.array([float(row[name]) for name in published])
        for row in rows("standardised_31x9.csv")
    }


def test_the_data_are_31_by_9_by_34(table: dict[tuple[str, int], np.ndarray]) -> None:
    assert len(table) == 31 * 9
    assert {len(row) for row in table.values()} == {34}
    assert any((row == 0).any() for row in table.values())  # 0 ln 0 is put to the test


def test_weights(table: dict[tuple[str, int], np.ndarray], published: dict[str, float]) -> None:
    assert_allclose(entropy_weights(np.array(list(table.values()))), list(published.values()), rtol=0, atol=1e-12)


def test_weights_on_the_whole_road(table: dict[tuple[str, int], np.ndarray], published: dict[str, float]) -> None:
    """Through panel, tree and recipe; the indicators are scaled already, so that min-max leaves them as they are."""
    provinces, years = list(dict.fromkeys(province for province, _ in table)), sorted({year for _, year in table})
    x = np.array([[table[province, year] for year in years] for province in provinces])
    panel = small_panel({f"x{j}": x[..., j] for j in range(34)}, years)
    framework = tree("r - -", *(f"i{j} r x{j}" for j in range(34)))
    index = measure(panel, framework, recipe(weight={"method": "entropy", "within": "root"}))
    weights = index.weights.sel(node=[f"i{j}" for j in range(34)]).values
    assert_allclose(weights, np.tile(list(published.values()), (9, 1)), rtol=0, atol=1e-9)


def test_critic_weights_equal_the_published_ones(table: dict[tuple[str, int], np.ndarray]) -> None:
    published = np.array([float(row["CRITIC权重"]) for row in rows("published_weights.csv")])
    assert_allclose(critic_weights(np.array(list(table.values()))), published, atol=1e-12)
