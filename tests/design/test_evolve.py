"""Evolution: the same from the same seed, resumed where it stopped, within the rules, never behind its seeds."""

import subprocess
import sys

import numpy as np
import pytest
from design.responses import OPTIONS, SOME, alone, saturating
from numpy.testing import assert_array_equal

from zhiyu.design import limits
from zhiyu.design.archive import hypervolume
from zhiyu.design.evolve import evolve
from zhiyu.design.limits import Rules
from zhiyu.design.portfolio import frontier, table

RULES = Rules(OPTIONS, (limits.budget(np.ones(OPTIONS), 5.0),))
EVALUATE = saturating(1)
SMALL = {"size": 20, "generations": 6}


def test_the_same_seed_gives_the_same_search_and_another_another():
    told = []
    one = evolve(EVALUATE, RULES, 2, **SMALL, progress=lambda *at: told.append(at))
    two, other = evolve(EVALUATE, RULES, 2, **SMALL), evolve(EVALUATE, RULES, 2, **SMALL, seed=1)
    assert_array_equal(one.levels, two.levels)
    assert_array_equal(one.objectives, two.objectives)
    assert not np.array_equal(one.levels, other.levels)
    assert told == [(g, 6) for g in range(1, 7)]
    assert len(one.levels) == 120
    assert one.generation[-1] == 5
    assert len(one.last) == 20


def test_a_search_that_was_stopped_goes_on_to_the_same_end():
    kept, runs = {}, []

    def counted(levels):
        runs.append(len(levels))
        if len(runs) == 4:
            raise KeyboardInterrupt
        return EVALUATE(levels)

    with pytest.raises(KeyboardInterrupt):
        evolve(counted, RULES, 2, **SMALL, found=kept.get, keep=kept.__setitem__)
    assert len(kept) == 3
    again = evolve(counted, RULES, 2, **SMALL, found=kept.get, keep=kept.__setitem__)
    whole = evolve(EVALUATE, RULES, 2, **SMALL)
    assert_array_equal(again.levels, whole.levels)
    assert_array_equal(again.objectives, whole.objectives)
    assert len(runs) == 4 + 3  # three generations were not run again
    floored = Rules(OPTIONS, RULES.limits, (limits.floor(0, 0.5, SOME),))
    evolve(counted, floored, 2, **SMALL, found=kept.get, keep=kept.__setitem__)
    assert len(runs) == 4 + 3 + 6  # other rules, other numbers


def test_children_keep_to_budgets_and_orders_and_the_population_to_floors():
    rules = Rules(
        OPTIONS,
        (*RULES.limits, limits.required(OPTIONS, 3, SOME), limits.forbidden(OPTIONS, 7, SOME)),
        (limits.floor(1, 1.0, SOME),),
    )
    found = evolve(EVALUATE, rules, 2, size=30, generations=20)
    assert rules.excess(found.levels).max() < 1e-7
    assert (found.levels[:, 3] == 1).all()
    assert (found.levels[:, 7] == 0).all()
    assert not found.kept.all()  # the floor bites
    assert found.kept[found.last].all()
    assert found.objectives[found.kept][:, 1].min() >= 1.0 - 1e-6


def test_what_the_seeds_reach_is_not_lost():
    zero = np.zeros(2)
    programmes = frontier(table(alone(EVALUATE)), RULES, 2)
    seeded = evolve(EVALUATE, RULES, 2, programmes.levels, **SMALL)
    random = evolve(EVALUATE, RULES, 2, **SMALL)
    before = hypervolume(EVALUATE(programmes.levels).mean(axis=1), zero)
    assert hypervolume(seeded.objectives[seeded.last], zero) >= before
    assert hypervolume(seeded.objectives, zero) > hypervolume(random.objectives, zero)


def test_without_a_budget_there_is_nothing_to_breed():
    found = evolve(EVALUATE, Rules(OPTIONS, (limits.budget(np.ones(OPTIONS), 0.0),)), 2, **SMALL)
    assert_array_equal(found.levels, np.zeros((1, OPTIONS)))
    assert_array_equal(found.objectives, 0)


def test_an_even_start_is_a_little_of_everything_and_a_sparse_one_is_not():
    even, sparse = (evolve(EVALUATE, RULES, 2, size=20, generations=1, start=start) for start in ("even", "sparse"))
    assert (even.levels > 0).mean() > 0.95
    assert (sparse.levels > 0).mean() < 0.7


def test_nothing_large_is_imported_before_a_search_begins():
    code = "import sys, zhiyu.design.search; print('pymoo' in sys.modules, 'scipy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout.split() == ["False", "False"]
