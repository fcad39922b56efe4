"""Internal consistency: alphas by hand and by another formula, correlations, flags, and what the audit adds."""

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose
from support import recipe, small_panel, tree

from zhiyu.measure import Index, measure
from zhiyu.measure.audit import audit
from zhiyu.measure.consistency import Item, consistency, correlation, cronbach_alpha, standardised_alpha

NAN = math.nan


def test_by_hand() -> None:
    """Variances 5/3 and 5/3, covariance 1: alpha = 2 (1 - (10/3) / (16/3)) = 3/4; r = 3/5: 1.2 / 1.6 = 3/4."""
    x = np.array([[1.0, 2.0], [2.0, 1.0], [3.0, 4.0], [4.0, 3.0]])
    assert cronbach_alpha(x) == pytest.approx(0.75, abs=1e-15)
    assert standardised_alpha(x) == pytest.approx(0.75, abs=1e-15)


def test_the_two_differ_where_variances_do() -> None:
    """Variances 1 and 4, covariance 2: alpha = 2 (1 - 5 / 9) = 8/9; r = 1: standardised 1."""
    x = np.array([[1.0, 2.0], [2.0, 4.0], [3.0, 6.0]])
    assert cronbach_alpha(x) == pytest.approx(8 / 9)
    assert standardised_alpha(x) == pytest.approx(1.0)


def test_against_the_formulas_with_covariances_and_correlations() -> None:
    """alpha = k cbar / (vbar + (k - 1) cbar), and k r / (1 + (k - 1) r), over all pairs."""
    for seed in range(20):
        rng = np.random.default_rng(seed)
        k = int(rng.integers(2, 7))
        x = rng.normal(size=(30, 1)) + rng.normal(size=(30, k)) * rng.uniform(0.2, 3, k)
        pairs = [(i, j) for i in range(k) for j in range(i)]
        covariance = np.mean([np.cov(x[:, i], x[:, j])[0, 1] for i, j in pairs])
        variance = np.mean([x[:, i].var(ddof=1) for i in range(k)])
        r = np.mean([np.corrcoef(x[:, i], x[:, j])[0, 1] for i, j in pairs])
        assert cronbach_alpha(x) == pytest.approx(k * covariance / (variance + (k - 1) * covariance), rel=1e-12)
        assert standardised_alpha(x) == pytest.approx(k * r / (1 + (k - 1) * r), rel=1e-10)


def test_complete_cases_only() -> None:
    x = np.array([[1.0, 2.0], [2.0, 1.0], [NAN, 9.0], [3.0, 4.0], [4.0, 3.0], [7.0, NAN]])
    assert cronbach_alpha(x) == pytest.approx(0.75)
    assert standardised_alpha(x) == pytest.approx(0.75)


@pytest.mark.parametrize(
    "x",
    [
        np.ones((5, 3)),
        np.array([[1.0, -1.0], [2.0, -2.0], [3.0, -3.0]]),  # the sum does not vary
        np.arange(4.0)[:, None],
        np.array([[1.0, 2.0]]),
        np.full((3, 2), NAN),
        np.empty((0, 2)),
    ],
)
def test_without_a_meaning_there_is_no_alpha(x: np.ndarray) -> None:
    assert math.isnan(cronbach_alpha(x))
    assert math.isnan(standardised_alpha(x))


def test_correlation() -> None:
    x, y = np.array([1.0, 2.0, 3.0, 4.0, NAN]), np.array([2.0, 1.0, 4.0, 3.0, 100.0])
    assert correlation(x, y) == pytest.approx(0.6)
    assert math.isnan(correlation(x, np.ones(5)))
    assert math.isnan(correlation(x[:2], y[:2]))


def measured() -> Index:
    rng = np.random.default_rng(3)
    level = rng.normal(size=(20, 4))
    columns = {name: level + 0.5 * rng.normal(size=(20, 4)) for name in ("x", "y", "z")}
    columns["against"] = -level + 0.3 * rng.normal(size=(20, 4))
    columns["apart"] = rng.permutation(level.ravel()).reshape(20, 4)
    columns["u"] = level + rng.normal(size=(20, 4))
    columns["u"][0, 0] = NAN
    rows = ("r - -", "A r -", "B r -", "a A x", "b A y", "c A z", "d A against", "e A apart", "f B u")
    return measure(small_panel(columns), tree(*rows), recipe(weight={"method": "equal"}))


def test_of_an_index() -> None:
    index = measured()
    found = consistency(index)
    assert [(alpha.node.id, alpha.items, alpha.cases) for alpha in found.groups] == [("r", 2, 79), ("A", 5, 80)]
    assert [(alpha.node.id, alpha.items, alpha.cases) for alpha in found.leaves] == [("r", 6, 79), ("A", 5, 80)]
    scores = {name: index.scores.sel(node=name).values.ravel() for name in ("r", "A", "a", "b", "c", "d", "e")}
    below = np.stack([scores[name] for name in "abcde"], axis=-1)
    assert found.groups[1].covariance == found.leaves[1].covariance == pytest.approx(cronbach_alpha(below))
    first = found.items[0]
    assert (first.node.id, first.parent.id) == ("a", "A")
    assert first.siblings == pytest.approx(np.corrcoef(scores["a"], below[:, 1:].sum(axis=1))[0, 1])
    assert first.with_parent == pytest.approx(np.corrcoef(scores["a"], scores["A"])[0, 1])
    assert first.with_root == pytest.approx(correlation(scores["a"], scores["r"]))
    only = found.items[-1]
    assert math.isnan(only.siblings)
    assert math.isnan(only.with_parent)  # it is its parent
    assert math.isfinite(only.with_root)


def test_what_runs_against_or_apart_is_flagged() -> None:
    flags = {item.node.id: item.flag for item in consistency(measured()).items}
    assert flags["d"] == "negative"
    assert flags["e"] in ("negative", "near_zero")
    assert {flags[name] for name in "abcf"} == {""}


@pytest.mark.parametrize(
    ("correlations", "flag"),
    [
        ((0.5, 0.9, 0.8), ""),
        ((0.1, 0.9, 0.8), ""),
        ((0.09, 0.9, 0.8), "near_zero"),
        ((0.5, 0.9, -0.05), "near_zero"),
        ((-0.1, 0.9, 0.05), "negative"),
        ((NAN, NAN, 0.5), ""),
        ((NAN, NAN, NAN), ""),
    ],
)
def test_the_least_correlation_decides(correlations: tuple[float, float, float], flag: str) -> None:
    node = tree("r - -", "a r x").tree["a"]
    assert Item(node, node, *correlations).flag == flag


def test_the_audit_tells_what_runs_apart_from_what_runs_against() -> None:
    index = measured()
    found = {(finding.check, finding.message.place.key) for finding in audit(index)}
    for leaf in index.tree.leaves_below("A"):
        r = correlation(index.scores.sel(node=leaf.id).values.ravel(), index.scores.sel(node="A").values.ravel())
        assert (("direction_doubtful", leaf.id) in found) == (r < -0.1)
        assert (("indicator_unrelated", leaf.id) in found) == (abs(r) <= 0.1)
    assert ("direction_doubtful", "d") in found


def test_an_indicator_apart_is_noted_in_both_languages() -> None:
    random = np.random.default_rng(0)
    big, small = random.normal(size=(30, 4)), random.normal(size=(30, 4))
    rows = ("r - -", "A r - weight=1", "a A x weight=98", "b A y weight=1", "c A z weight=1")
    panel = small_panel({"x": big, "y": big, "z": small - (small * big).mean() / (big**2).mean() * big})
    index = measure(panel, tree(*rows), recipe(weight={"method": "given"}))
    noted = [finding for finding in audit(index) if finding.check == "indicator_unrelated"]
    assert [finding.message.place.key for finding in noted] == ["c"]
    assert noted[0].severity == "note"
    assert "hardly goes" in noted[0].message.text("en")
    assert "几乎不相关" in noted[0].message.text("zh")


def test_alphas_do_not_change_with_the_scale_of_the_index() -> None:
    index = measured()
    small = index.scores / 100
    for name in ("A", "r"):
        leaves = [leaf.id for leaf in index.tree.leaves_below(name)]
        both = [cronbach_alpha(s.sel(node=leaves).values.reshape(-1, len(leaves))) for s in (index.scores, small)]
        assert_allclose(both[0], both[1], rtol=1e-12)
