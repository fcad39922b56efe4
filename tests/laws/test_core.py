"""Laws of the core: more data tighten, order does not matter, nothing moves nothing, no forecast sees its future."""

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from simulate.planted import PRIORS, observed, truths, world
from support import small_panel

from zhiyu.simulate import parameters
from zhiyu.simulate.calibrate import calibrate
from zhiyu.simulate.core import forecast
from zhiyu.simulate.hierarchy import Variances, solve, split
from zhiyu.simulate.observe import STATES, Column, observe
from zhiyu.terms import Label

X = world(truths(1, seed=15), regions=7, years=8, seed=16)[0]
CORE = parameters.core()
seeds = st.integers(0, 2**32 - 1)


@given(seeds, st.integers(1, 4), st.integers(2, 7), st.integers(2, 7))
def test_the_same_data_twice_tighten_every_coefficient(seed, k, t, n):
    rng = np.random.default_rng(seed)
    y, z = rng.standard_normal((t, n)), rng.standard_normal((t, n, k))
    prior, variances = (np.zeros(k), rng.uniform(0.1, 2, k)), Variances(*rng.uniform(0.1, 2, 3))
    once = solve(split(y, z, np.ones((t, n)), np.ones(t)), prior, variances)
    twice = solve(
        split(np.tile(y, (2, 1)), np.tile(z, (2, 1, 1)), np.ones((2 * t, n)), np.ones(2 * t)), prior, variances
    )
    assert (np.diag(twice.covariance) <= np.diag(once.covariance) * (1 + 1e-9)).all()
    assert (np.diag(once.covariance)[:-1] <= prior[1] ** 2 * (1 + 1e-9)).all()


@settings(max_examples=12)
@given(st.permutations(range(7)))
def test_the_order_of_regions_does_not_matter(order):
    seen = observed(X)
    moved = replace(observed(X[:, order]), w=seen.w[np.ix_(order, order)])
    one, other = calibrate(seen, CORE), calibrate(moved, CORE)
    assert_allclose(other.tidy()["mean"], one.tidy()["mean"], rtol=1e-7, atol=1e-10)
    ahead = forecast(seen, one, 3, shocks=False)
    assert_allclose(forecast(moved, other, 3, shocks=False), ahead[:, :, order], rtol=1e-8, atol=1e-8)


@settings(max_examples=12)
@given(st.sampled_from([name for name in PRIORS if name != "capital_depreciation"]))
def test_a_coefficient_that_is_nothing_moves_nothing(name):
    seen = observed(X)
    nothing = [replace(p, mean=0.0, sd=0.0) if p.name == name else p for p in CORE]
    null, off = calibrate(seen, nothing), calibrate(seen, CORE, off=(name,))
    assert_array_equal(forecast(seen, null, 3, shocks=False), forecast(seen, off, 3, shocks=False))


@settings(max_examples=12)
@given(st.sets(st.sampled_from(["carbon", "software", "hightech", "telecom", "broadband", "mobile", "students"])))
def test_a_state_that_no_other_reads_leaves_the_others_as_they_are(gone):
    """Bit for bit, shocks and all: a study that lacks a column loses its row and nothing else."""
    kept = [k for k, state in enumerate(STATES) if state not in gone]
    fewer = observed(X[kept], states=tuple(STATES[k] for k in kept))
    one, other = calibrate(observed(X), CORE), calibrate(fewer, CORE)
    assert set(one.equations) - set(other.equations) == gone
    whole = forecast(observed(X), one, 2, one.draw(5, seed=1), seed=2)
    assert_array_equal(forecast(fewer, other, 2, other.draw(5, seed=1), seed=2), whole[kept])


@settings(max_examples=12)
@given(seeds, st.integers(2004, 2007))
def test_no_forecast_sees_its_future(seed, until):
    """Whatever stands in later years, a forecast made before is the same to the last bit."""
    rng = np.random.default_rng(seed)
    names = {state: np.exp(X[k]) for k, state in enumerate(STATES)}
    holes = {state: np.where(rng.uniform(size=x.shape) < 0.05, np.nan, x) for state, x in names.items()}
    late = np.arange(2001, 2009) > until
    changed = {
        state: np.where(late & (rng.uniform(size=x.shape) < 0.7), rng.choice([np.nan, 1.0, 50.0], x.shape), x)
        for state, x in holes.items()
    }
    columns = [Column(state, state, "", None, Label("甲", "a")) for state in STATES]
    ahead = []
    for values in (holes, changed):
        seen = observe(small_panel(values, range(2001, 2009)), columns, until=until)
        posterior = calibrate(seen, CORE)
        ahead.append(forecast(seen, posterior, 2, posterior.draw(3, seed=1), seed=2))
        again = observe(small_panel(values, range(2001, 2009)), columns).until(until)
        assert_array_equal(again.x, seen.x)
    assert_array_equal(ahead[0], ahead[1])


@settings(max_examples=12)
@given(st.floats(-3, 3), st.sampled_from(["researchers", "papers", "telecom", "hightech", "carbon"]))
def test_units_do_not_matter(by, state):
    """Where an equation reads gaps and growth alone, another unit moves its level and nothing else."""
    other = X.copy()
    other[STATES.index(state)] += by
    one, moved = observed(X), observed(other)
    ahead, shifted = (forecast(seen, calibrate(seen, CORE), 2, shocks=False) for seen in (one, moved))
    shifted[STATES.index(state)] -= by
    assert_allclose(shifted, ahead, rtol=1e-7, atol=1e-7)
