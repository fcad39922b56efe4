"""Dagum's parts on 30 provinces x 7 years in four groups (made, with overlap; from the project's shared oracles)."""

import csv
from pathlib import Path

import numpy as np
import pytest
from explain.pairs import by_pairs
from numpy.testing import assert_allclose

from zhiyu.explain.disparity import dagum

HERE = Path(__file__).parent / "dagum"


def years() -> dict[int, tuple[np.ndarray, np.ndarray]]:
    with (HERE / "scores_30x7.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    found = sorted({int(row["year"]) for row in rows})
    of = {year: [row for row in rows if int(row["year"]) == year] for year in found}
    return {
        year: (np.array([float(row["score"]) for row in here]), np.array([row["region"] for row in here]))
        for year, here in of.items()
    }


YEARS = years()


def test_the_data_are_seven_years_of_thirty_provinces() -> None:
    assert [len(y) for y, _ in YEARS.values()] == [30] * 7


@pytest.mark.parametrize("year", YEARS)
def test_equals_all_pairs_and_sums(year: int) -> None:
    y, groups = YEARS[year]
    found = dagum(y, groups)
    parts = (found.total, found.within, found.between, found.transvariation)
    assert_allclose(parts, by_pairs(y, groups), rtol=0, atol=1e-12)
    assert abs(found.total - sum(parts[1:])) < 1e-12
    assert min(parts) > 0
