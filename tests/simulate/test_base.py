"""The base year: what is missing in it, who has what, and the pace of the years before."""

from dataclasses import replace

import numpy as np
from numpy.testing import assert_allclose, assert_array_equal
from simulate.planted import observed
from simulate.runs import HEADS, REGIONS, held, many, posterior, seen, start

from zhiyu.simulate import model, parameters
from zhiyu.simulate.base import base
from zhiyu.simulate.calibrate import calibrate
from zhiyu.simulate.core import forecast
from zhiyu.simulate.members import members
from zhiyu.simulate.observe import STATES
from zhiyu.simulate.present import Present


def test_it_is_the_last_observed_year():
    for state in STATES:
        assert_array_equal(start().levels[state], seen().of(state)[:, -1])
        assert_allclose(start().last[state], np.diff(seen().of(state)[:, -2:])[:, 0])
    assert (start().year, start().codes) == (seen().years[-1], seen().codes)
    assert start().gappy == frozenset()


def test_pace_is_discounted():
    growth = np.diff(seen().of("output"), axis=1).mean(axis=0)
    weight = 0.8 ** np.arange(len(growth))[::-1]
    assert_allclose(start().paces["output"], (weight * growth).sum() / weight.sum())
    both = (start().paces["patents"] + start().paces["papers"]) / 2
    assert_allclose(start().pace("capability"), both)
    assert start().pace("skills") is not None
    assert start().pace("nothing") is None


def test_a_series_that_ends_early_is_forecast_up_to_the_base_year():
    late = seen().x.copy()
    late[STATES.index("hightech"), :, -1] = np.nan
    there = observed(late, seen().w)
    fitted = calibrate(there, parameters.core())
    found = base(there, fitted, HEADS)
    ahead = forecast(there.until(there.years[-2]), fitted, 1, shocks=False)[STATES.index("hightech"), 0, :, 0]
    assert_allclose(found.levels["hightech"], ahead)
    assert_array_equal(found.levels["output"], start().levels["output"])
    assert found.there["hightech"].all()


def test_a_region_that_never_had_a_state_counts_in_no_mean_and_has_no_path():
    """The others run as if it were not there for that state, and all its other states run."""
    holes = seen().x.copy()
    holes[STATES.index("papers"), 2] = np.nan
    holes[STATES.index("patents"), 4] = np.nan
    there = observed(holes, seen().w)
    fitted = calibrate(there, parameters.core())
    found = base(there, fitted, HEADS)
    assert not found.there["papers"][2]
    now = Present({s: x[None, None] for s, x in found.levels.items()}, {}, there.w, base=found)
    gap = now.gap("papers")[0, 0]
    others = np.delete(seen().of("papers")[:, -1], 2)
    assert_allclose(np.delete(gap, 2), others - others.mean())
    assert gap[2] == 0
    spill = now.spill("patents")[0, 0]
    assert spill[4] == 0
    assert_allclose(spill[[0, 1, 2, 3, 5]].sum(), 0, atol=1e-12)
    # the core without shocks is what the hindcast's is, wherever there is a state
    drawn = members(fitted, parameters.satellite(), 4, 1)
    run = model.run(model.prepare(found, drawn, held(), 3, alone=True, shocks=False), 3)
    ours = np.array([[x[:, 0] for x in state.levels.values()] for state in list(run)[1:]]).transpose(1, 2, 3, 0)
    theirs = forecast(there, fitted, 3, drawn.draws, shocks=False)
    assert_allclose(np.where(np.isnan(theirs), np.nan, ours), theirs, atol=1e-10)


def test_an_island_gets_no_spill():
    w = seen().w.copy()
    w[1] = 0
    found = base(replace(seen(), w=w), posterior(), HEADS)
    now = Present({s: x[None, None] for s, x in found.levels.items()}, {}, w, base=found)
    assert now.spill("patents")[0, 0, 1] == 0
    nobody = base(replace(seen(), w=0 * w), posterior(), HEADS)
    now = Present({s: x[None, None] for s, x in nobody.levels.items()}, {}, 0 * w, base=nobody)
    assert (now.spill("patents") == 0).all()


def test_heads_count_one_each_where_nobody_says():
    assert_array_equal(base(seen(), posterior()).heads, np.ones(REGIONS))


def test_what_is_looked_at_is_what_the_core_looks_at():
    """The faster way to a gap, a spill and capability is the core's."""
    from zhiyu.simulate.now import Now

    prepared = model.prepare(start(), many(), held(), 2)
    *_, state = model.run(prepared, 2)
    ours = Present(state.levels, state.last, seen().w, base=start())
    theirs = Now(state.levels, state.last, seen().w)
    for name in STATES:
        assert_allclose(ours.gap(name), theirs.gap(name), atol=1e-13)
        assert_allclose(ours.spill(name), theirs.spill(name), atol=1e-13)
    assert_allclose(ours.gap("hightech", of="output"), theirs.gap("hightech", of="output"), atol=1e-13)
    assert_allclose(ours.capability(), theirs.capability(), atol=1e-13)
    assert ours.gap("nothing") is None
    assert ours.spill("nothing") is None
