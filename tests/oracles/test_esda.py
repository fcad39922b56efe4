"""Spatial autocorrelation against esda: income of the United States and GDP per head of China's provinces."""

import importlib.util
import itertools
import json
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from zhiyu.explain.getis_ord import getis_ord, local_getis_ord
from zhiyu.explain.space import geary, local_moran, moran

HERE = Path(__file__).parent / "esda"
THEIRS = json.loads((HERE / "esda.json").read_text(encoding="utf-8"))
DRAWS = 9999

loaded = importlib.util.spec_from_file_location("esda_data", HERE / "data.py")
assert loaded is not None
assert loaded.loader is not None
data = importlib.util.module_from_spec(loaded)
loaded.loader.exec_module(data)
CASES = data.cases()


@pytest.fixture(params=list(CASES))
def case(request: pytest.FixtureRequest) -> tuple[np.ndarray, np.ndarray, dict[str, dict[str, list[float]]]]:
    return *CASES[request.param], THEIRS["cases"][request.param]


def standardised(w: np.ndarray) -> np.ndarray:
    return np.asarray(w / w.sum(axis=1, keepdims=True))


def same(ours: object, theirs: dict[str, list[float]]) -> None:
    for name, value in theirs.items():
        assert_allclose(getattr(ours, name), value, rtol=1e-10, atol=1e-14, err_msg=name)


def near(p: np.ndarray, one_sided: np.ndarray) -> None:
    """Ours are twice their smaller tail, within five standard errors of both runs."""
    tail = np.asarray(one_sided)
    error = np.sqrt(tail * (1 - tail) * (1 / DRAWS + 1 / THEIRS["permutations"])) + 2 / DRAWS
    assert (np.abs(np.asarray(p) / 2 - np.minimum(tail, 0.5)) <= 5 * error).all()


def test_the_whole_map(case):
    x, w, theirs = case
    same(moran(x, w, 99), theirs["moran"])
    same(geary(x, w, 99), theirs["geary"])
    same(getis_ord(x, w, 99), theirs["binary_g"])


def test_every_region(case):
    x, w, theirs = case
    n, ours, local = len(x), local_moran(x, standardised(w), 99), theirs["local"]
    assert_allclose(ours.i, local["i"], rtol=1e-10)
    assert_array_equal(ours.quadrant, local["quadrant"])
    # esda divides squares by n - 1 in the statistic, but by n in its moments under conditional permutation
    assert_allclose(ours.expected * n / (n - 1), local["expected"], rtol=1e-10)
    assert_allclose(ours.variance * (n / (n - 1)) ** 2, local["variance"], rtol=1e-9)
    for name, star in (("g", False), ("g_star", True)):
        assert_allclose(local_getis_ord(x, w, star, 99).z, theirs[name]["z"], rtol=1e-10)
    assert_allclose(local_getis_ord(x, w, False, 99).g, theirs["g"]["share"], rtol=1e-10)


def test_p_by_permutation(case):
    """Of regions with three neighbours or more: with fewer, draws equal to what was observed are common, and esda loses
    some of them to rounding (it has .00001 where the exact tail of one state is .00093)."""
    x, w, theirs = case
    many = w.sum(axis=1) >= 3
    near(local_moran(x, standardised(w), DRAWS, seed=3).p[many], np.array(theirs["local"]["p"])[many])
    near(np.array(moran(x, standardised(w), DRAWS, seed=3).p), np.array(theirs["moran_p"]["p"]))


def test_p_against_all_draws_there_are(case):
    """Of regions with at most three neighbours, every choice of neighbours counted."""
    x, w, _ = case
    z, few = x - x.mean(), np.flatnonzero(w.sum(axis=1) <= 3)
    ours = local_moran(x, standardised(w), DRAWS, seed=4).p[few]
    tails = []
    for i in few:
        observed, k = w[i] @ z, int(w[i].sum())
        drawn = np.array([sum(chosen) for chosen in itertools.combinations(np.delete(z, i), k)])
        size = 1e-9 * np.abs(z).max()
        tails.append(min(np.mean(drawn >= observed - size), np.mean(drawn <= observed + size)))
    near(ours, np.array(tails))
