"""Spatial autocorrelation: answers by eye, the draws against their definition, the labelled face and its words."""

import itertools

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.sparse import csr_array
from support import MAINLAND, recipe, refused, small_panel, tree

from zhiyu import Study, store
from zhiyu.data.neighbours import Neighbours
from zhiyu.explain import spatial_draws
from zhiyu.explain.false_discovery import adjusted
from zhiyu.explain.getis_ord import getis_ord, local_getis_ord
from zhiyu.explain.of.space import CLUSTERS, Space, space
from zhiyu.explain.space import geary, local_moran, moran
from zhiyu.measure import measure

LINE = np.diag(np.ones(3), 1) + np.diag(np.ones(3), -1)  # 1 - 2 - 3 - 4


def knn(n: int, k: int, seed: int = 0) -> np.ndarray:
    """k neighbours each, at random."""
    random = np.random.default_rng(seed)
    w = np.zeros((n, n))
    for i in range(n):
        w[i, random.choice(np.delete(np.arange(n), i), k, replace=False)] = 1.0 / k
    return w


def test_a_line_of_four_by_hand():
    x = np.array([1.0, 2.0, 3.0, 4.0])  # z = -1.5, -.5, .5, 1.5; sum of squares 5
    m = moran(x, LINE, 99)
    assert m.i == pytest.approx(4 / 6 * 2 * (0.75 - 0.25 + 0.75) / 5)
    assert m.expected == pytest.approx(-1 / 3)
    assert geary(x, LINE, 99).c == pytest.approx(3 / (2 * 6 * 5) * 6)
    g = getis_ord(x, LINE, 99)
    assert g.g == pytest.approx(2 * (2 + 6 + 12) / (100 - 30))
    assert g.expected == pytest.approx(6 / 12)
    local = local_moran(x, LINE, 99)
    assert_allclose(local.i, 3 * np.array([0.75, 0.5, 0.5, 0.75]) / 5)
    assert local.quadrant.tolist() == [3, 3, 1, 1]
    assert local_moran(np.array([1.0, 5.0, 1.0, 5.0]), LINE, 99).quadrant.tolist() == [2, 4, 2, 4]


def test_variances_are_those_over_all_placements():
    x, w = np.array([1.0, 2.0, 4.0, 8.0, 9.0]), knn(5, 2)
    placed = [np.array(order) for order in itertools.permutations(x)]
    m, g = moran(x, w, 99), getis_ord(x, w, 99)
    assert np.var([moran(y, w, 1).i for y in placed]) == pytest.approx(m.variance_random)
    assert np.mean([moran(y, w, 1).i for y in placed]) == pytest.approx(m.expected)
    assert np.var([getis_ord(y, w, 1).g for y in placed]) == pytest.approx(g.variance_random)
    assert np.mean([getis_ord(y, w, 1).g for y in placed]) == pytest.approx(g.expected)
    assert np.mean([geary(y, w, 1).c for y in placed]) == pytest.approx(1.0)


def test_local_moments_are_those_over_all_draws_of_neighbours():
    x, w = np.array([1.0, 2.0, 4.0, 8.0, 9.0]), knn(5, 2) * [[1], [2], [1], [1], [3]]
    w[0, np.flatnonzero(w[0])[0]] = 0.9  # a row with weights of its own
    z, found = x - x.mean(), local_moran(x, w, 99)
    for i in range(5):
        weights = w[i, w[i] > 0]
        drawn = [4 * z[i] / (z @ z) * (weights @ pair) for pair in itertools.permutations(np.delete(z, i), 2)]
        assert np.mean(drawn) == pytest.approx(found.expected[i])
        assert np.var(drawn) == pytest.approx(found.variance[i])
    assert_allclose(found.z, (found.i - found.expected) / np.sqrt(found.variance), atol=1e-12)
    star = local_getis_ord(x, w, False, 99)
    assert_allclose(star.z, np.sign(z) * found.z, atol=1e-12)  # the same draws; I turns their sign where z is below 0
    assert_array_equal(star.p, found.p)


def test_draws_are_without_replacement_and_leave_the_region_out():
    """Every lag that is drawn is one that can be, and all of them come about equally often."""
    x = np.array([0.0, 1.0, 10.0, 100.0, 1000.0])
    w = np.zeros((5, 5))
    w[0, [1, 2]] = 0.5
    w[1, [0, 2, 3]] = [0.2, 0.3, 0.5]
    w[2, [0, 1, 3, 4]] = [0.1, 0.2, 0.3, 0.4]
    z, draws = x - x.mean(), 40_000
    above, below = spatial_draws.neighbours_drawn(z, spatial_draws.sparse(w, 5), draws, 1)
    for i in range(3):
        weights = w[i, w[i] > 0]
        possible = np.array([weights @ c for c in itertools.permutations(np.delete(z, i), len(weights))])
        for counted, share in ((above, possible >= w[i] @ z - 1e-9), (below, possible <= w[i] @ z + 1e-9)):
            expected = share.mean()
            assert abs(counted[i] / draws - expected) < 5 * np.sqrt(expected * (1 - expected) / draws) + 1e-12
    assert above[3] == below[3] == draws  # without neighbours


@pytest.mark.parametrize(("n", "width"), [(1000, 4), (20, 12), (9, 9)])
def test_tables_of_draws_have_no_region_twice(n: int, width: int):
    found = np.concatenate(list(spatial_draws._tables(n, width, 3000, np.random.default_rng(0))))
    assert found.shape == (3000, width)
    assert (np.diff(np.sort(found, axis=1), axis=1) > 0).all()
    counts = np.bincount(found.ravel(), minlength=n)
    assert np.abs(counts - 3000 * width / n).max() < 6 * np.sqrt(3000 * width / n)


def test_the_size_of_blocks_changes_nothing(monkeypatch: pytest.MonkeyPatch):
    x, w = np.random.default_rng(2).normal(size=40), knn(40, 6)
    rough = w * np.random.default_rng(3).uniform(0.5, 1.5, w.shape)
    whole = [moran(x, w, 500, 7).p, *local_moran(x, w, 500, 7).p, *local_moran(x, rough, 500, 7).p]
    monkeypatch.setattr(spatial_draws, "BLOCK", 333)
    assert whole == [moran(x, w, 500, 7).p, *local_moran(x, w, 500, 7).p, *local_moran(x, rough, 500, 7).p]
    monkeypatch.setattr(spatial_draws, "DENSE", 0.0)
    assert whole[0] == moran(x, w, 500, 7).p


def test_the_way_for_equal_weights_gives_what_the_other_gives():
    x, w = np.random.default_rng(4).normal(size=60), knn(60, 5)
    nearly = w.copy()
    nearly[np.arange(60), w.argmax(axis=1)] *= 1 + 1e-13  # within what counts as a tie, but no longer equal
    assert_array_equal(local_moran(x, w, 999, 5).p, local_moran(x, nearly, 999, 5).p)
    assert not np.array_equal(local_moran(x, w, 999, 6).p, local_moran(x, w, 999, 5).p)


def test_ties_count_as_extreme():
    """Of values 0 and 1 alone, many draws equal what was observed; a one-sided count of `>` would make p too small."""
    x = np.array([1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0])
    w = np.zeros((8, 8))
    w[0, [1, 2]] = w[np.arange(1, 8), 0] = 0.1
    assert local_moran(x, w, 20_000).p[0] == pytest.approx(2 * (2 * 1) / (7 * 6), rel=0.1)


def test_a_map_without_a_choice_of_neighbours():
    """Where everybody is everybody's equal neighbour, every placement is the same: p is 1 and there is no z."""
    x, w = np.array([1.0, 5.0, 2.0, 9.0, 4.0]), (1 - np.eye(5)) / 4
    m = moran(x, w, 99)
    assert m.i == pytest.approx(m.expected)
    assert m.p == geary(x, w, 99).p == getis_ord(x, w, 99).p == 1.0
    assert np.isnan([m.z, m.z_normal]).all()
    local = local_moran(x, w, 99)
    assert (local.p == 1).all()
    assert np.isnan(local.z).all()
    assert not local.significant.any()


def test_regions_without_neighbours_have_no_local_statistic():
    x = np.array([1.0, 2.0, 4.0, 8.0, 5.5])
    w = np.zeros((5, 5))
    w[:4, :4] = LINE
    local, star = local_moran(x, w, 99), local_getis_ord(x, w, True, 99)
    assert local.quadrant[4] == 0
    for values in (local.i, local.z, local.p, local.adjusted, local.lag, star.g, star.z, star.p):
        assert np.flatnonzero(np.isnan(values)).tolist() == [4]
    assert not local.significant[4]


def test_sparse_weights_are_the_same():
    x, w = np.random.default_rng(0).normal(size=30), knn(30, 4)
    assert moran(x, w, 99) == moran(x, csr_array(w), 99)
    assert_array_equal(local_moran(x, w, 99).p, local_moran(x, csr_array(w), 99).p)


def test_p_is_two_sided_and_never_zero():
    x = np.arange(100.0)
    w = np.diag(np.ones(99), 1) + np.diag(np.ones(99), -1)
    assert moran(x, w, 99).p == geary(x, w, 99).p == 2 / 100
    zigzag = np.tile([0.0, 1.0], 50)
    assert moran(zigzag, w, 99).p == 2 / 100  # unlike neighbours are as far from chance as like ones
    assert moran(zigzag, w, 99).i < 0


def test_adjusted_p_by_hand():
    p = np.array([0.01, 0.04, np.nan, 0.03, 0.5])
    assert_allclose(adjusted(p), [0.04, 0.16 / 3, np.nan, 0.16 / 3, 0.5])
    assert adjusted(np.array([0.9, 0.8])).tolist() == [0.9, 0.9]


# the face


@pytest.fixture(scope="module")
def china() -> tuple[Study, Space]:
    study = Study.open("china-provinces")
    w = study.neighbours()
    assert w is not None
    return study, space(study.measure(), w, permutations=999)


def test_the_index_of_china(china: tuple[Study, Space]):
    study, found = china
    index, w = study.measure(), study.neighbours()
    assert w is not None
    last = index.scores.sel(node="index", year=2022)
    rows = w.matrix / w.matrix.sum(axis=1, keepdims=True)
    m = moran(last.values, rows, 999)
    here = found.clustering.sel(term="index", year=2022)
    assert (float(here.sel(statistic="i")), float(here.sel(statistic="p"))) == (m.i, m.p)
    assert m.i == pytest.approx(0.254, abs=0.001)
    assert 0.005 < m.p < 0.05
    assert set(found.cluster(2022).values()) == {"none"}
    tianjin = found.without.sel(region="120000")
    assert float(tianjin.sel(statistic="p")) > 0.1  # the likeness of neighbours rests on Tianjin beside Beijing
    assert found.cluster(2022, significant=False)["110000"] == "high_high"
    assert np.isnan(found.clustering.sel(term="data_factor", year=2013)).all()  # a province lacks it


def test_weights_are_matched_by_code(china: tuple[Study, Space]):
    study, found = china
    w = study.neighbours()
    assert w is not None
    order = np.random.default_rng(1).permutation(len(w.codes))
    mixed = Neighbours(tuple(w.codes[i] for i in order), w.matrix[np.ix_(order, order)], w.kind, False, ())
    again = space(study.measure(), mixed, permutations=999)
    assert again.clustering.equals(found.clustering)
    assert again.local.equals(found.local)
    short = w.select(MAINLAND.select(w.codes[:-1]))
    with refused("neighbours_region_missing") as caught:
        space(study.measure(), short, permutations=99)
    assert caught.says("Xinjiang")


def test_tables_and_text(china: tuple[Study, Space]):
    _, found = china
    tidy = found.tidy()
    assert set(tidy["measure"]) == {"moran", "geary", "getis_ord", "local_moran"}
    assert (tidy["region"] != "").sum() == 31 * 10
    assert set(tidy["cluster"]) <= {*CLUSTERS, ""}
    one = tidy[(tidy["measure"] == "moran") & (tidy["term"] == "index") & (tidy["year"] == 2022)].iloc[0]
    assert one["statistic"] == pytest.approx((one["estimate"] - one["expected"]) / one["std_error"])
    glance = found.glance()
    assert len(glance) == 1
    assert glance.loc[0, ["n", "first", "last", "none"]].tolist() == [31, 2013, 2022, 31]
    said = found.summary("zh"), found.summary("en")
    assert "区域数字经济智能化发展指数" in said[0]
    assert f"{one['estimate']:.4g}" in said[1]
    pd.testing.assert_frame_equal(tidy, found.tidy())


def test_results_are_kept_bit_for_bit(china: tuple[Study, Space], tmp_path):
    _, found = china
    cache = store.Cache(tmp_path)
    cache.put("space", "k" * 64, found, 1.0)
    kept = cache.get("space", "k" * 64)
    assert kept is not None
    pd.testing.assert_frame_equal(kept[0].tidy(), found.tidy())
    assert kept[0].names == found.names


def ring(n: int) -> Neighbours:
    w = np.zeros((n, n))
    w[np.arange(n), (np.arange(n) + 1) % n] = w[(np.arange(n) + 1) % n, np.arange(n)] = 1.0
    return Neighbours(MAINLAND.codes[:n], w, "contiguity", False, ())


def test_regions_without_a_score_take_no_part_in_any_year():
    x = np.random.default_rng(0).uniform(1, 2, (8, 3))
    x[2, 1] = np.nan
    index = measure(small_panel({"x": x}), tree("all - -", "a all x"), recipe(coverage={"indicator": 0.1}))
    found = space(index, ring(8), permutations=99)
    assert found.left_out == (MAINLAND.codes[2],)
    assert len(found.codes) == 7
    kept = np.delete(x, 2, axis=0)
    w = ring(8).select(MAINLAND.select(found.codes)).matrix
    i = [moran(kept[:, t], w / w.sum(axis=1, keepdims=True), 9).i for t in range(3)]
    assert_allclose(found.clustering.sel(statistic="i", term="all"), i)


def test_variables_beside_the_index():
    x = np.random.default_rng(0).uniform(1, 2, (8, 3))
    panel = small_panel({"x": x, "y": x[::-1] - 1.5}, units={"x": "yuan", "y": "yuan"})
    index = measure(panel, tree("all - -", "a all x"), recipe())
    found = space(index, ring(8), panel, 99, variables=("y", "x / 2"))
    assert list(found.terms) == ["all", "a", "y", "x / 2"]
    i = found.clustering.sel(statistic="i")
    assert_allclose(i.sel(term="x / 2"), i.sel(term="a"))
    assert np.isnan(found.clustering.sel(statistic="g", term="y")).any()  # G wants no negative values
    with refused("space_no_panel"):
        space(index, ring(8), permutations=99, variables=("y",))
