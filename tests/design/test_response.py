"""Responses: simulated differences, the same whoever computes them and whatever stands beside them."""

import numpy as np
import pytest
from design.worlds import FIRST, ask, level, lever, options
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from simulate.runs import HEADS, IDS, MEASURES, REGIONS, plan, posterior, seen, start
from support import refused

from zhiyu.design import levers, response
from zhiyu.simulate import model
from zhiyu.simulate.ensemble import simulate

NAMES = ("growth", "equity", "carbon", "skills")
ALL = options()
RNG = np.random.default_rng(5)


@pytest.fixture(scope="module")
def four():
    return ask(ALL)


def test_a_portfolio_of_nothing_is_the_baseline_to_the_last_bit(four):
    beside = np.vstack([np.zeros((2, len(ALL))), RNG.uniform(0, 1, (3, len(ALL)))])
    found = four(beside)
    assert found.shape == (5, 12, 4)
    assert (found[:2] == 0).all()
    assert (found[2:] != 0).all()


def test_it_is_what_the_ensemble_says_by_another_way(four):
    """Measures held by a scenario of `simulate`, in single precision and as whole trajectories."""
    left = (np.arange(REGIONS) < 3).astype(float)
    paths = simulate(seen(), posterior(), plan({"1.1.1": 0.7 * left, "4.3.2": 1 - left}), draws=12, seed=3, heads=HEADS)
    found = four(level(ALL, ("1.1.1", "left", 0.7), ("4.3.2", "right", 1.0)))[0]
    for j, (name, sign) in enumerate((("output", 1), ("capability", 0), ("carbon", -1), ("mismatch", -1))):
        if name == "capability":
            logs = [
                sum(np.log(paths.of(one, s).isel(time=-1).values) for one in ("patents", "papers")) / 2
                for s in ("s1", "baseline")
            ]
            expected = -100 * (logs[0].std(axis=1) - logs[1].std(axis=1))
        else:
            with_, without = (paths.national(name, s).isel(time=-1).values for s in ("s1", "baseline"))
            expected = 100 * sign * (with_ - without if name == "mismatch" else with_ / without - 1)
        assert_allclose(found[:, j], expected, atol=2e-3, err_msg=name)


@settings(max_examples=10, deadline=None)
@given(st.integers(1, 7), st.integers(0, 6))
def test_a_portfolio_is_the_same_whatever_stands_beside_it(number, seed):
    rng = np.random.default_rng(seed)
    levels = rng.uniform(0, 1, (number, len(ALL))) * (rng.uniform(size=(number, len(ALL))) < rng.uniform(0, 0.3))
    of = ask(ALL, futures=4)
    together = of(levels)
    assert_array_equal(together, np.concatenate([of(row[None]) for row in levels]))


def test_a_batch_in_pieces_is_a_batch_in_one(monkeypatch):
    levels = RNG.uniform(0, 1, (9, len(ALL)))
    whole = ask(ALL)(levels)
    monkeypatch.setattr(response, "FUTURES_AT_ONCE", 5)
    monkeypatch.setattr(response, "RUNS", 16)
    monkeypatch.setattr(response, "CELLS", 3 * 5 * REGIONS)
    pieces, told = {}, []
    found = ask(ALL, keep=pieces.__setitem__, told=lambda done, of: told.append((done, of)))(levels)
    assert_array_equal(found, whole)
    assert len(pieces) == 9
    assert told[-1] == (108, 108)
    left = dict(list(pieces.items())[:4])
    made = {}
    again = ask(ALL, found=left.get, keep=made.__setitem__)(levels)
    assert_array_equal(again, whole)
    assert set(made) == set(pieces) - set(left)
    other = {}
    ask(ALL, found=pieces.get, keep=other.__setitem__)(0.5 * levels)
    assert len(other) == 9


@pytest.mark.slow
def test_workers_do_not_matter(monkeypatch):
    levels = RNG.uniform(0, 1, (6, len(ALL)))
    whole = ask(ALL)(levels)
    monkeypatch.setattr(response, "RUNS", 24)
    monkeypatch.setattr(response, "WORTH_WORKERS", 0)
    assert_array_equal(ask(ALL, workers=2)(levels), whole)


def test_talent_attracted_everywhere_is_zero_sum():
    """Nobody moves where every region pulls alike: exactly nothing changes. By groups heads move, and none is made."""
    talent = lever("talent", tal=1.0)
    everywhere, grouped = options(talent, how="all"), options(talent)
    assert (ask(everywhere, *NAMES)(np.ones((1, 1))) == 0).all()
    of = ask(grouped, *NAMES)
    assert (of(np.ones((1, 2))) == 0).all()
    alone = of(np.eye(2))
    assert (alone[:, :, NAMES.index("skills")] != 0).any()
    policy = response.policy(grouped, np.vstack([np.eye(2), np.zeros(2)]), start().year, 1)
    _, state = model.run(model.prepare(start(), of.setting.members, policy, 1), 1)
    heads = HEADS * np.exp(state.levels["researchers"])
    moved = np.abs(np.log(heads[:, :2] / heads[:, 2:])).max(axis=-1)
    nation = np.abs(np.log(heads[:, :2].sum(axis=-1) / heads[:, 2:].sum(axis=-1)))
    assert (moved > 0.005).all()
    assert (nation < 0.1 * moved).all()  # heads move at the start of a year, in which regions then grow apart


def test_overlapping_measures_do_less_together_than_the_sum_of_them():
    """The three lower transaction cost, whose effect is bounded; 2.1.2 and 4.1.1 do other things besides."""
    found = levers.levers([m for m in MEASURES if m.id in ("2.1.2", "4.1.1", "4.3.2")])
    of = ask(options(*found, how="all"), "growth", futures=20)
    one, two, three, together = of(np.vstack([np.eye(3), np.ones((1, 3))]))[:, :, 0]
    assert (together > np.max([one, two, three], axis=0)).all()
    assert (together < one + two + three).all()


def test_steps_of_one_measure_add_up_to_its_full_strength():
    both = options(lever("a", tc=1.0), how="all", years=(FIRST, FIRST + 3))
    of = ask(both, "growth")
    whole, halves, over, late = of(np.array([[1.0, 0.0], [0.5, 0.5], [1.0, 1.0], [0.0, 1.0]]))[:, :, 0]
    assert_array_equal(over, whole)
    assert (late < halves).all()
    assert (halves < whole).all()


def test_a_measure_that_begins_later_changes_nothing_before():
    of = response.policy(options(lever("a", RD=1.0), how="all", years=(FIRST + 2,)), np.ones((1, 1)), FIRST - 1, 4)
    assert [float(of.aim("RD", FIRST + k).max()) for k in range(4)] == [0, 0, 1, 1]


def test_mean_over_the_years_is_the_mean_of_shorter_plans():
    few, levels = options(lever("a", tc=1.0), how="all"), np.ones((1, 1))
    years = [ask(few, "growth", futures=5, years=n)(levels) for n in (1, 2, 3)]
    assert_allclose(ask(few, "growth", futures=5, years=3, when="mean")(levels), np.mean(years, axis=0), rtol=1e-9)


def test_every_option_alone_is_the_table(four):
    found = response.table(four)
    assert found.values.shape == (2 * len(IDS), 12, 4)
    assert_array_equal(found.values[[3]], four(level(ALL, (IDS[1], "right", 1.0))))
    rows = found.tidy()
    row = rows[(rows.measure == IDS[1]) & (rows.place == "right") & (rows.objective == "carbon")].iloc[0]
    assert_allclose(row["mean"], found.values[3, :, 2].mean())
    assert row.low <= row["mean"] <= row.high


def test_regions_gain_where_something_is_done():
    few = options(lever("a", tc=1.0))
    of = ask(few, "growth", "skills")
    found = of.regions(np.array([1.0, 0.0]))
    assert found.shape == (2, 12, REGIONS)
    assert (found[0, :, :3] > 0.5).all()
    assert (np.abs(found[0, :, 3:]) < 0.2 * found[0, :, :3].min()).all()
    nation = of(np.array([[1.0, 0.0]]))[0, :, 0]
    assert ((found[0].min(axis=1) < nation) & (nation < found[0].max(axis=1))).all()
    assert (of.regions(np.zeros(2)) == 0).all()


@pytest.mark.parametrize("levels", [np.ones((1, 3)), np.ones(2), np.full((1, 2), 1.5), np.full((1, 2), np.nan)])
def test_levels_of_another_shape_are_refused(levels):
    with refused("design_levels"):
        ask(options(lever("a", RD=1.0)), "growth", futures=2)(levels)
