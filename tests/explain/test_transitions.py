"""Chains on small tables that a pencil can check, and the face over an index."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from support import MAINLAND, recipe, refused, small_panel, tree

from zhiyu import Study, store
from zhiyu.data.neighbours import Neighbours
from zhiyu.explain.chain import first_passage, passage_to, steady_state
from zhiyu.explain.homogeneity import homogeneity
from zhiyu.explain.mobility import mobility, moves, passage, sign
from zhiyu.explain.of.transitions import Transitions, transitions
from zhiyu.explain.transitions import chain, markov, over_time, period_counts, region_counts, spatial_markov
from zhiyu.measure import Index, measure

NAN = float("nan")
WALK = np.array([[0, 0, 1, 1], [1, 2, 2, 1], [0, 1, 1, 2]])


def test_counts_probabilities_and_errors_by_hand():
    found = markov(WALK, 3)
    assert_array_equal(found.counts, [[1, 2, 0], [0, 2, 2], [0, 1, 1]])
    assert_allclose(found.probabilities, [[1 / 3, 2 / 3, 0], [0, 0.5, 0.5], [0, 0.5, 0.5]])
    assert_allclose(found.standard_errors[0], [np.sqrt(2 / 27), np.sqrt(2 / 27), 0])
    assert_allclose(found.sojourn, [1.5, 2, 2])
    assert_allclose(found.steady_state, [0, 0.5, 0.5])


def test_stages_from_one_are_the_same_chain_and_their_zero_is_missing():
    assert_array_equal(markov(WALK + 1, 3).counts, markov(WALK, 3).counts)
    gone = np.where(WALK == 0, 0, WALK + 1)
    assert_array_equal(markov(gone, 3, first=1).counts, markov(np.where(WALK == 0, NAN, WALK), 3, first=0).counts)


@pytest.mark.parametrize("hole", [NAN, -1])
def test_a_missing_cell_breaks_the_chain_on_both_sides(hole):
    whole, broken = WALK.astype(float), WALK.astype(float)
    broken[1, 1] = hole
    lost = markov(whole, 3).counts - markov(broken, 3).counts
    assert_array_equal(lost, [[0, 0, 0], [0, 0, 1], [0, 0, 1]])


def test_a_class_that_nobody_was_seen_leaving_is_not_known():
    """Class 2 is entered in the last year only: what follows it, and so the long run, is unknown."""
    found = markov(np.array([[0, 1, 0, 1, 2]]), 3)
    assert np.isnan(found.probabilities[2]).all()
    assert np.isnan(found.sojourn[2])
    assert np.isnan(found.steady_state).all()
    assert_allclose(found.first_passage[:, 2], [4, 3, NAN])
    assert_allclose(found.first_passage[:, 0], [NAN, NAN, NAN])


def test_a_class_that_nobody_visits_has_no_share_and_no_row():
    found = markov(np.array([[0, 1, 0, 1, 0]]), 3)
    assert np.isnan(found.probabilities[2]).all()
    assert_allclose(found.steady_state, [0.5, 0.5, 0])
    assert_array_equal(found.first_passage[:2, 2], [np.inf, np.inf])


def test_two_sets_that_are_never_left_have_no_one_long_run():
    found = chain(np.array([[5, 0, 0], [1, 2, 1], [0, 0, 5]]))
    assert np.isnan(found.steady_state).all()
    assert_allclose(found.first_passage, [[1, np.inf, np.inf], [np.inf, np.inf, np.inf], [np.inf, np.inf, 1]])
    assert_array_equal(found.sojourn, [np.inf, 2, np.inf])


def test_first_passage_agrees_with_the_fundamental_matrix_and_takes_stacks():
    p = np.random.default_rng(1).dirichlet(np.ones(4), (6, 4))
    found = first_passage(p)
    for one, m in zip(p, found, strict=True):
        limit = np.tile(steady_state(one), (4, 1))
        z = np.linalg.inv(np.eye(4) - one + limit)
        assert_allclose(m, (np.eye(4) - z + np.ones((4, 4)) @ np.diag(np.diag(z))) / limit, rtol=1e-9)
        assert_allclose(passage_to(one, 2), m[:, 2])


def test_mobility_and_its_error_by_hand():
    found = mobility(np.array([[3, 1], [2, 2]]))
    assert_allclose(found.prais, [0.25, 0.5])
    assert found.shorrocks == pytest.approx(0.75)
    assert found.shorrocks_error == pytest.approx(np.sqrt(0.75 * 0.25 / 4 + 0.25 / 4))
    assert np.isnan(mobility(np.array([[3, 0], [0, 0]])).shorrocks)
    assert mobility(np.eye(3)).shorrocks == 0.0


def test_the_sign_test_and_its_interval_are_exact():
    """As R's binom.test(9, 10) and binom.test(0, 6) give them."""
    found = moves(np.array([[5, 8, 1], [1, 2, 0], [0, 0, 7]]))
    assert (found.up, found.down, found.stay) == (9, 1, 14)
    assert_allclose([found.p, found.low, found.high], [0.021484375, 0.5549839, 0.9974714], rtol=1e-6)
    none = sign(0, 6)
    assert_allclose([none.p, none.low, none.high], [0.03125, 0.0, 0.4592581], rtol=1e-6)
    assert np.isnan(sign(0, 0).p)
    assert sign(3, 3).p == 1.0


def test_homogeneity_by_hand_and_a_class_nobody_left_costs_nothing():
    counts = np.array([[[8, 2, 0], [5, 5, 0], [0, 0, 0]], [[2, 8, 0], [5, 5, 0], [0, 0, 0]]])
    found = homogeneity(counts)
    assert found.dof == 2
    assert found.q == pytest.approx(7.2)
    assert found.lr == pytest.approx(2 * 2 * (8 * np.log(1.6) + 2 * np.log(0.4)))
    same = homogeneity(np.stack([counts[0], counts[0]]))
    assert (same.lr, same.q, same.lr_p) == (0.0, 0.0, 1.0)
    alone = homogeneity(counts[:1])
    assert alone.dof == 0
    assert np.isnan(alone.lr_p)


def test_periods_part_the_steps():
    assert_array_equal(period_counts(WALK, 3).sum(axis=0), markov(WALK, 3).counts)
    assert_array_equal(period_counts(WALK, 3, 2)[1], markov(WALK[:, 2:], 3, first=0).counts)
    assert_array_equal(region_counts(WALK, 3)[1], markov(WALK[[1]], 3, first=0).counts)
    assert over_time(WALK, 3, 2) == homogeneity(period_counts(WALK, 3, 2))


def test_years_to_the_top_never_come_where_nobody_gets_there():
    counts = np.zeros((6, 3, 3), dtype=int)
    counts[:, 0, 0] = counts[:, 0, 1] = counts[:, 1, 1] = 3
    counts[0, 1, 2] = counts[0, 2, 2] = 1  # one region alone reaches the top: draws without it never do
    found = passage(counts, draws=400, seed=3)
    assert found.steps[:2] == pytest.approx([21.0, 19.0])
    assert (found.low[0] > 2, found.high[0]) == (True, np.inf)
    assert 0.2 < found.undefined[2] < 0.5  # (5/6)^6: the top is not even visited
    again = passage(counts, draws=400, seed=3, chunk=7)
    assert_array_equal(again.high, found.high)
    assert_array_equal(again.undefined, found.undefined)


RING = np.roll(np.eye(6), 1, axis=1) + np.roll(np.eye(6), -1, axis=1)
LEVELS = np.array([[1, 1, 2], [1, 2, 2], [2, 2, 3], [3, 3, 3], [3, 3, 2], [2, 1, 1]], dtype=float)


def test_neighbours_by_hand():
    found = spatial_markov(LEVELS, RING, 3, cuts=(1.5, 2.5))
    assert found.counts.sum() == 12
    assert_array_equal(found.counts[0], [[1, 2, 0], [0, 1, 0], [0, 0, 0]])  # means of 1.5 belong to the class below
    assert_array_equal(found.counts[1], [[1, 0, 0], [1, 1, 1], [0, 1, 3]])
    assert_array_equal(found.beside[:, :2], [[5, 0], [6, 3], [1, 0]])
    assert found.beside[:, 1].sum() == pytest.approx(found.beside[:, 2].sum())
    assert_array_equal(found.cuts, found.lag_cuts)
    again = spatial_markov(LEVELS, RING / 2, 3, cuts=(1.5, 2.5))
    assert_array_equal(again.counts, found.counts)


def test_a_missing_value_leaves_the_neighbours_mean_to_the_others():
    holed = LEVELS.copy()
    holed[2, 0] = NAN
    found = spatial_markov(holed, RING, 3, cuts=(1.5, 2.5))
    assert found.counts.sum() == 11
    # region 3 had neighbours on 2 and 3, mean 2.5, class 1, and now 3 alone, class 2
    assert_array_equal(found.counts[2, 2], [0, 0, 1])
    island = RING.copy()
    island[0] = 0.0
    assert spatial_markov(LEVELS, island, 3, cuts=(1.5, 2.5)).counts.sum() == 10


def test_the_permutation_finds_neighbours_that_matter_and_the_same_seed_the_same_p():
    rng, n, years = np.random.default_rng(5), 60, 12
    w = (np.roll(np.eye(n), 1, axis=1) + np.roll(np.eye(n), -1, axis=1)) / 2
    x = np.zeros((n, years))
    x[:, 0] = rng.integers(1, 4, n)
    for t in range(1, years):
        drawn_to = np.where(rng.random(n) < 0.6, np.sign(w @ x[:, t - 1] - x[:, t - 1]), 0)
        x[:, t] = np.clip(x[:, t - 1] + drawn_to, 1, 3)
    found, again = (spatial_markov(x, w, 3, cuts=(1.5, 2.5), permutations=99, seed=1) for _ in range(2))
    assert found.lr_permuted == again.lr_permuted == 0.01
    alone = rng.integers(1, 4, (n, years)).astype(float)
    assert spatial_markov(alone, w, 3, cuts=(1.5, 2.5), permutations=99, seed=1).lr_permuted > 0.05


def made(years: range | list[int] | None = None, holes: bool = False) -> Index:
    rng = np.random.default_rng(2)
    level = np.linspace(0, 3, 12)[:, None] + 0.5 * np.arange(5)[None, :]
    columns = {name: level + rng.uniform(0, 1, (12, 5)) for name in ("x", "y")}
    if holes:
        columns["x"][2, 1] = columns["y"][2, 1] = NAN
    panel = small_panel(columns, years)
    return measure(panel, tree("r - -", "A r -", "B r -", "a A x", "b B y"), recipe(weight={"method": "equal"}))


def near(index: Index) -> Neighbours:
    """A ring of the index's regions, held in another order and among others."""
    codes = MAINLAND.codes[:14]
    matrix = np.zeros((14, 14))
    for i in range(12):
        matrix[i, (i + 1) % 12] = matrix[(i + 1) % 12, i] = 1.0
    matrix[12, 13] = matrix[13, 12] = 1.0
    order = np.random.default_rng(0).permutation(14)
    kept = matrix[np.ix_(order, order)]
    return Neighbours(tuple(codes[i] for i in order), kept, "contiguity", False, ())


@pytest.fixture(scope="module")
def found() -> Transitions:
    index = made()
    return transitions(index, near(index), draws=99, permutations=49)


def test_the_face_holds_the_kernels_answers(found):
    index = made()
    assert [chain.node for chain in found.chains] == ["r", "A", "B"]
    stage = index.stage.sel(node="A").values
    kernel = markov(stage, 5, first=1)
    assert_array_equal(found.chains[1].markov.counts, kernel.counts)
    assert_allclose(found.chains[1].to_top.steps, kernel.first_passage[:4, 4])
    assert found.chains[1].regions.up == (stage[:, -1] > stage[:, 0]).sum()
    ring = spatial_markov(stage.astype(float), near(index).matrix[np.ix_(*[order(index)] * 2)], 5, np.arange(1.5, 5))
    assert_array_equal(found.chains[1].neighbours.counts, ring.counts)


def order(index: Index) -> list[int]:
    codes = near(index).codes
    return [codes.index(code) for code in index.codes]


def test_tables_and_summary(found):
    tidy, glance = found.tidy(), found.glance()
    assert len(glance) == 1
    assert len(tidy) == 3 * (25 + 5 + 5 + 4 + 1)
    assert tidy.query("term == 'probability'")["n"].sum() == 3 * 12 * 4
    for locale in ("zh", "en"):
        assert "years_to_top" in found.summary(locale)


def test_what_is_kept_on_disk_comes_back(found):
    arrays: dict[str, np.ndarray] = {}
    back = store.decode(store.encode(found, arrays), arrays)
    assert back.tidy().equals(found.tidy())
    assert back.root.neighbours.tests == found.root.neighbours.tests


def test_a_gap_between_years_breaks_every_chain_and_steps_are_counted_in_years():
    gap = transitions(made([2015, 2016, 2018, 2019, 2020]), draws=9).root
    whole = transitions(made(), draws=9).root
    assert whole.markov.counts.sum() - gap.markov.counts.sum() == 12
    double = transitions(made([2010, 2012, 2014, 2016, 2018]), draws=9)
    assert double.step == 2
    assert_allclose(double.root.to_top.steps, 2 * whole.to_top.steps)


def test_a_region_without_a_score_is_out_for_two_steps_only():
    found = transitions(made(holes=True), draws=9)
    assert found.root.markov.counts.sum() == 12 * 4 - 2
    assert found.weights == ""
    assert found.root.neighbours is None


def test_one_year_is_refused_and_so_is_a_region_that_the_weights_lack():
    with refused("no_transitions"):
        transitions(Study.open("asem").measure())
    index = made()
    short = Neighbours(MAINLAND.codes[:5], np.zeros((5, 5)), "contiguity", False, ())
    with refused("neighbours_region_missing") as caught:
        transitions(index, short)
    assert caught.says(MAINLAND.label(MAINLAND.codes[5]).en)


def test_a_study_whose_total_stands_in_one_year_only_is_refused():
    with refused("no_transitions"):
        transitions(Study.open("europe-desi").measure())


def test_china_climbs():
    study = Study.open("china-provinces")
    found = transitions(study.measure(), study.neighbours(), draws=199, permutations=99)
    assert found.root.markov.counts.sum() == 31 * 9
    assert found.root.moves.p < 0.001
    assert found.root.markov.counts[4, 4] == found.root.markov.counts[4].sum()  # nobody left the top
    assert len(found.chains) == 6
