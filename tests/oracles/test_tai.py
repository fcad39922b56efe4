"""The Handbook's own example: components, weights, ranks, benefit of the doubt and judgements of the TAI."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.optimize import linprog

from zhiyu.measure.normalise import goalposts
from zhiyu.measure.weighting import ahp_weights, bod_scores, eigen, pca_weights, varimax

HERE = Path(__file__).parent / "tai"
PUBLISHED = json.loads((HERE / "tai_published_results.json").read_text(encoding="utf-8"))
NAMES = list(PUBLISHED["hdr2001_goalposts"])


def rows(name: str) -> list[dict[str, str]]:
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


RAW = np.array([[float(row[name]) for name in NAMES] for row in rows("tai_raw_23x8.csv")])
COUNTRIES = [row["country"] for row in rows("tai_raw_23x8.csv")]
SCORES = goalposts(RAW, np.array([PUBLISHED["hdr2001_goalposts"][name] for name in NAMES]).T)


def ranks(weights: np.ndarray) -> np.ndarray:
    scores = SCORES @ weights
    return 1 + (scores[None, :] > scores[:, None]).sum(axis=1)


def published_ranks(weighting: str) -> np.ndarray:
    found = {row["country"]: int(row[weighting]) for row in rows("tai_published_ranks_table23.csv")}
    return np.array([found[country] for country in COUNTRIES])


def test_shares_of_the_eigenvalues():
    shares = 100 * eigen(RAW)[0] / 8
    assert_allclose(shares, PUBLISHED["table16_variance_pct"], atol=0.12)


def test_rotated_loadings_up_to_sign_and_order():
    values, vectors = eigen(RAW)
    loadings = np.abs(varimax(vectors[:, :4] * np.sqrt(values[:4])))
    table = np.abs([PUBLISHED["table17_rotated_loadings_varimax_4pc"][name] for name in NAMES])
    order = [int(np.abs(loadings - column[:, None]).sum(axis=0).argmin()) for column in table.T]
    assert sorted(order) == [0, 1, 2, 3]
    assert_allclose(loadings[:, order], table, atol=0.03)


def test_weights_of_the_components():
    assert_allclose(pca_weights(RAW), list(PUBLISHED["table18_weights_PC"].values()), atol=0.0061)


def test_equal_weights_give_all_23_ranks():
    assert list(ranks(np.full(8, 1 / 8))) == list(published_ranks("EW"))


@pytest.mark.parametrize(("weighting", "exact"), [("FA", 19), ("BAP", 21), ("AHP", 21)])
def test_ranks_under_the_published_weights_within_a_place(weighting, exact):
    found = ranks(np.array(list(PUBLISHED["table22_weights"][weighting].values())))
    apart = np.abs(found - published_ranks(weighting))
    assert apart.max() <= 1
    assert (apart == 0).sum() >= exact


def test_the_handbooks_matrix_of_judgements():
    weights, ratio = ahp_weights(np.array(PUBLISHED["table20_ahp_matrix"]))
    assert_allclose(weights.sum(), 1.0)
    assert ratio == pytest.approx(0.0214, abs=5e-5)  # (l - 8) / 7 / 1.41 with l = 8.2111
    matrix = np.array(PUBLISHED["table20_ahp_matrix"])
    greatest = (matrix @ weights / weights).mean()  # the eigenvalue, without an eigenvalue routine
    assert ratio == pytest.approx((greatest - 8) / 7 / 1.41, abs=1e-9)


def test_benefit_of_the_doubt_against_an_independent_programme():
    """The same problem in its dual form: the least mix of all countries that covers a country."""
    found = bod_scores(SCORES)
    assert found.max() == pytest.approx(1.0)
    assert ((found > 0) & (found <= 1)).all()
    n = len(SCORES)
    for i in range(n):
        dual = linprog(np.ones(n), A_ub=-SCORES.T, b_ub=-SCORES[i], bounds=(0, None), method="highs-ipm")
        assert found[i] == pytest.approx(dual.fun, abs=1e-7)


def test_bounds_on_the_shares_hold():
    bounded = bod_scores(SCORES + 0.01, low=0.05, high=0.3)
    assert (bounded <= bod_scores(SCORES + 0.01) + 1e-9).all()
    assert ((bounded > 0) & (bounded <= 1)).all()
