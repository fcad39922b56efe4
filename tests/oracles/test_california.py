"""California's tobacco tax: the published number of synthetic difference in differences, and the reference's digits."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

from zhiyu.explain.synthetic import staggered_synthetic, synthetic_did

HERE = Path(__file__).parent / "california"
REFERENCE = json.loads((HERE / "reference.json").read_text(encoding="utf-8"))
START = 1989 - 1970


@pytest.fixture(scope="module")
def states() -> tuple[np.ndarray, np.ndarray]:
    with (HERE / "california_prop99.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    names = sorted({row["State"] for row in rows})
    y = np.full((len(names), 31), np.nan)
    for row in rows:
        y[names.index(row["State"]), int(row["Year"]) - 1970] = float(row["PacksPerCapita"])
    return y, np.array([name == "California" for name in names])


def test_the_published_number(states):
    y, treated = states
    assert y.shape == (39, 31)
    found = synthetic_did(y, treated, START)
    assert round(found.att, 4) == -15.6038
    assert abs(found.att - REFERENCE["estimate"]) < 1e-9


def test_the_references_weights(states):
    found = synthetic_did(*states, START)
    assert_allclose(found.unit_weights, REFERENCE["unit_weights"], atol=1e-9)
    assert_allclose(found.time_weights, REFERENCE["time_weights"], atol=1e-9)


def test_placebos_of_every_untreated_state(states):
    """Taken in turn where one is treated; their spread is the published 'placebo' error, about 9 packs."""
    found = synthetic_did(*states, START, draws=100)
    assert_allclose(found.placebos, REFERENCE["placebo"], atol=1e-8)
    assert found.std_error == pytest.approx(np.std(REFERENCE["placebo"]), abs=1e-8)
    assert 9 < found.std_error < 10


def test_one_start_is_a_block_of_the_staggered_estimate(states):
    y, treated = states
    found = staggered_synthetic(y, np.where(treated, 1989.0, np.inf), np.arange(1970, 2001))
    assert found.att == synthetic_did(y, treated, START).att
    assert found.groups.tolist() == [1989]
