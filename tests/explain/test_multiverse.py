"""The table of alternatives, the combinations, what moves an answer, and who runs the pieces."""

from __future__ import annotations

import numpy as np

from zhiyu.explain.multiverse import CHOICES, Alternative, Space, first_order, of, read, stated_shift
from zhiyu.terms import Label


def levels(choice: str, *values: str) -> tuple[Alternative, ...]:
    return tuple(Alternative(choice, value, "", Label(value, value)) for value in values)


SPACE = Space(
    ("form", "lag", "start"), (levels("form", "a", "b"), levels("lag", "0", "1", "2"), levels("start", "x", "y"))
)


def test_the_bundled_table_offers_something_for_every_choice_of_it():
    table = read()
    assert {one.choice for one in table} == set(CHOICES) - {"neighbours"}
    assert all(len(of(table, choice)) >= 2 for choice in {one.choice for one in table})
    assert all(one.label.zh != one.label.en for one in table)


def test_all_combinations_begin_with_the_stated_one():
    picks = SPACE.picks(100, 0)
    assert len(picks) == SPACE.size == 12
    assert len({tuple(row) for row in picks}) == 12
    assert picks[0].tolist() == [0, 0, 0]
    assert {k: one.value for k, one in SPACE.specification(picks[-1]).items()} == {
        "form": "b",
        "lag": "2",
        "start": "y",
    }


def test_a_sample_is_what_its_seed_says():
    one, again, other = (SPACE.picks(5, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, again)
    assert one.tolist() != other.tolist()
    assert one[0].tolist() == [0, 0, 0]
    assert len({tuple(row) for row in one}) == 5


def test_shares_of_an_additive_effect_sum_to_one():
    picks = SPACE.picks(100, 0)
    effect = 3.0 * picks[:, 0] + 1.0 * picks[:, 1]
    # variances of 0/3 and of 0/1/2 with equal chances: 2.25 and 2/3
    np.testing.assert_allclose(first_order(effect, picks), [2.25 / (2.25 + 2 / 3), (2 / 3) / (2.25 + 2 / 3), 0.0])


def test_a_pure_interaction_is_no_choice_s_own():
    picks = SPACE.picks(100, 0)
    effect = np.where(picks[:, 0] == picks[:, 2], 1.0, -1.0)
    np.testing.assert_allclose(first_order(effect, picks), 0.0, atol=1e-12)


def test_what_could_not_be_run_is_left_out_and_nothing_that_varies_is_nan():
    picks = SPACE.picks(100, 0)
    effect = np.where(picks[:, 1] == 2, np.nan, picks[:, 0].astype(float))
    np.testing.assert_allclose(first_order(effect, picks), [1.0, 0.0, 0.0], atol=1e-12)
    assert np.isnan(first_order(np.ones(12), picks)).all()


def test_what_sets_the_stated_specification_apart_by_hand():
    picks = np.array([[0, 0], [0, 1], [1, 0], [1, 1], [2, 0]])
    effect = np.array([5.0, 4.0, 1.0, 0.0, np.nan])
    found = stated_shift(effect, picks)
    assert found.tolist() == [4.5 - 0.5, 3.0 - 2.0]
    assert np.isnan(stated_shift(effect[:2], picks[:2])[0])  # never otherwise than stated
    assert np.isnan(stated_shift(np.full(5, np.nan), picks)).all()
