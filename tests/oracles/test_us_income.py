"""Markov and spatial Markov on US state incomes against giddy: its own expected numbers, and its answers in full."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from zhiyu.explain.chain import first_passage
from zhiyu.explain.homogeneity import homogeneity
from zhiyu.explain.mobility import mobility
from zhiyu.explain.transitions import classified, markov, period_counts, quantile_cuts, spatial_markov

HERE = Path(__file__).parent / "us_income"
GIDDY = json.loads((HERE / "giddy.json").read_text(encoding="utf-8"))
PUBLISHED = json.loads((HERE / "markov_expected.json").read_text(encoding="utf-8"))["expected"]
K = 5


def income() -> np.ndarray:
    with (HERE / "us_state_income_1929_2009.csv").open(encoding="utf-8-sig", newline="") as file:
        return np.array([[float(row[str(year)]) for year in range(1929, 2010)] for row in csv.DictReader(file)])


def contiguity() -> np.ndarray:
    head, *lines = (HERE / "us_states48.gal").read_text(encoding="utf-8").splitlines()
    w = np.zeros((int(head.split()[-1]),) * 2)
    for one, near in zip(lines[::2], lines[1::2], strict=True):
        w[int(one.split()[0]), [int(j) for j in near.split()]] = 1.0
    return w


def numbers(value: object) -> np.ndarray:
    """A nested list in which infinity is a word."""
    return np.array(json.loads(json.dumps(value).replace('"inf"', "Infinity")), dtype=float)


@pytest.fixture(scope="module")
def quintiles() -> np.ndarray:
    return np.stack([classified(year, quantile_cuts(year, K)) for year in income().T], axis=1)


def test_the_quintiles_of_each_year_are_giddys(quintiles):
    assert_array_equal(quintiles, GIDDY["quintiles"])


def test_the_classic_chain_is_the_published_one(quintiles):
    found = markov(quintiles, K)
    assert_array_equal(found.counts, PUBLISHED["test_Markov.test___init__.expected@L26"])
    for name, answer in {
        "L36": found.probabilities,
        "L46": found.steady_state,
        "L51": found.first_passage,
        "L62": found.sojourn,
    }.items():
        assert_allclose(answer, PUBLISHED[f"test_Markov.test___init__.expected@{name}"], rtol=1e-7, atol=5e-9)


def test_the_classic_chain_is_giddys_to_the_last_digits(quintiles):
    found, theirs = markov(quintiles, K), GIDDY["classic"]
    assert_array_equal(found.counts, theirs["counts"])
    for name in ("probabilities", "steady_state", "first_passage", "sojourn"):
        assert_allclose(getattr(found, name), theirs[name], rtol=1e-10, atol=0)
    moved = mobility(found.counts)
    assert_allclose(moved.prais, theirs["prais"], rtol=1e-10)
    assert_allclose(moved.shorrocks, theirs["shorrocks"], rtol=1e-10)


def test_homogeneity_of_the_two_halves_is_giddys(quintiles):
    found, theirs = homogeneity(period_counts(quintiles, K, 2)), GIDDY["classic"]["halves"]
    assert found.dof == theirs["dof"]
    assert_allclose([found.lr, found.q], [theirs["lr"], theirs["q"]], rtol=1e-10)


CASES = {"spatial_4": (4, None), "spatial_5": (5, None), "spatial_cuts": (5, (0.8, 0.9, 1.0, 1.2))}


@pytest.mark.parametrize("case", CASES)
def test_the_spatial_chain_is_giddys(case):
    k, cuts = CASES[case]
    relative, theirs = income() / income().mean(axis=0), GIDDY[case]
    found = spatial_markov(relative, contiguity(), k, cuts)
    assert_array_equal(found.counts, theirs["counts"])
    assert_allclose(np.nan_to_num(found.probabilities), theirs["probabilities"], rtol=1e-10, atol=0)
    assert_allclose(found.cuts, theirs["cuts"], rtol=1e-12)
    assert_allclose(found.lag_cuts, theirs["lag_cuts"], rtol=1e-12)
    tests = found.tests
    assert_allclose([tests.lr, tests.q], [theirs["lr"], theirs["q"]], rtol=1e-10)
    assert_allclose([tests.lr_p, tests.q_p], [theirs["lr_p"], theirs["q_p"]], rtol=0, atol=1e-12)
    assert tests.dof == theirs["dof"]


@pytest.mark.parametrize("case", CASES)
def test_the_long_run_among_neighbours_of_each_class_is_giddys(case):
    """Where every class was left by someone; elsewhere giddy invents an absorbing class, and here it is nan."""
    k, cuts = CASES[case]
    theirs = GIDDY[case]
    found = spatial_markov(income() / income().mean(axis=0), contiguity(), k, cuts)
    compared = 0
    for p, steady, long_run, passage in zip(
        found.probabilities, found.steady_states, theirs["steady_states"], theirs["first_passage"], strict=True
    ):
        if long_run is None:
            assert np.isnan(p).any()
            continue
        compared += 1
        several = numbers(long_run).ndim == 2  # sets that are never left: the long run hangs on the beginning
        assert_allclose(steady, np.full(k, np.nan) if several else numbers(long_run), rtol=1e-9, atol=1e-13)
        assert_allclose(first_passage(p), numbers(passage), rtol=1e-9)
    assert compared == (3 if case == "spatial_cuts" else k)


def test_the_quoted_spatial_test_of_quintiles():
    """As printed in giddy's documentation of `Spatial_Markov`."""
    found = spatial_markov(income() / income().mean(axis=0), contiguity(), 5).tests
    assert (round(found.lr, 3), round(found.q, 3), found.dof) == (170.659, 200.624, 60)
