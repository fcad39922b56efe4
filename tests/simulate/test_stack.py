"""Weights of a stack: on the simplex, equal without a past, and to whoever was right with one."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.optimize import minimize

from zhiyu.simulate.stack import stacked, weights

HALF = np.array([0.5, 0.5])


def test_without_a_past_the_centre():
    centre = np.array([0.2, 0.3, 0.5])
    assert_allclose(weights(np.full((3, 4), np.nan), 0, centre), centre)
    assert_allclose(weights(np.zeros((3, 4)), 5, centre), centre)


def test_who_was_right_gets_all_where_nothing_is_shrunk():
    e = np.array([np.zeros(50), np.random.default_rng(0).normal(size=50)])
    assert_allclose(weights(e, 10, HALF, shrink=1e-9), [1, 0], atol=1e-6)


def test_independent_errors_are_weighted_by_their_precision():
    e = np.random.default_rng(0).normal(size=(2, 400_000)) * np.array([[1.0], [2.0]])
    assert_allclose(weights(e, 10, HALF, shrink=1e-9), [0.8, 0.2], atol=0.01)


def test_more_evidence_moves_further_from_the_centre():
    e = np.random.default_rng(0).normal(size=(2, 500)) * np.array([[1.0], [2.0]])
    first = [weights(e, n, HALF, shrink=8.0)[0] for n in (1, 4, 16, 64)]
    assert first == sorted(first)
    assert first[0] > 0.5


@given(st.integers(0, 1000), st.floats(0.01, 50))
def test_the_weights_solve_the_problem_that_is_stated(seed, shrink):
    rng = np.random.default_rng(seed)
    e = rng.normal(size=(4, 30)) * rng.uniform(0.2, 2, (4, 1)) + rng.normal(size=30)
    centre = rng.dirichlet(np.ones(4))
    gram = e @ e.T / e.size * 4 / np.mean(e**2)

    def loss(w):
        return w @ gram @ w + shrink / 5 * ((w - centre) ** 2).sum()

    peer = minimize(loss, centre, bounds=[(0, 1)] * 4, constraints={"type": "eq", "fun": lambda w: w.sum() - 1})
    found = weights(e, 5, centre, shrink)
    assert_allclose(found.sum(), 1)
    assert (found >= 0).all()
    assert loss(found) <= peer.fun + 1e-6


def test_each_state_weighs_by_its_own_past():
    rng = np.random.default_rng(0)
    errors = rng.normal(size=(2, 6, 2, 10, 3)) * 0.01
    errors[0, :, 0] += rng.normal(size=(6, 10, 3))  # the first member was wrong of the first state
    errors[1, :, 1] += rng.normal(size=(6, 10, 3))
    points = np.stack([np.zeros((2, 10, 3)), np.ones((2, 10, 3))])
    mix, found = stacked(points, errors, HALF, shrink=0.1)
    assert found[0, 0] < 0.1 < 0.9 < found[0, 1]
    assert_allclose(mix[0], found[1, 0])
    assert_allclose(mix[1], found[1, 1])
