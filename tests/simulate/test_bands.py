"""Bands: they cover what they say on simulated data, and their two parts are what they should be."""

import numpy as np
from numpy.testing import assert_allclose

from zhiyu.simulate import bands
from zhiyu.simulate.bands import Spread, draws, spread


def panel(rng, national, own, regions=31, years=12):
    """(region, year) random walk with drift, shocks of the nation and of regions."""
    return (0.05 + national * rng.normal(size=(1, years)) + own * rng.normal(size=(regions, years))).cumsum(axis=1)


def past(x, origins, now, horizon=3):
    """(origin, region, horizon) errors of a walk with known drift, of targets up to year `now`."""
    e = np.full((len(origins), len(x), horizon), np.nan)
    for k, o in enumerate(origins):
        for h in range(1, horizon + 1):
            if o + h <= now:
                e[k, :, h - 1] = x[:, o] + 0.05 * h - x[:, o + h]
    return e


def test_ninety_percent_bands_cover_ninety_percent():
    """A walk's own errors grow as h^(1/2), bands as h^(3/4): the first year is right, the third too wide."""
    rng = np.random.default_rng(0)
    inside = []
    for i in range(150):
        x = panel(rng, 0.04, 0.06)
        around = spread(past(x, range(3, 8), 8), np.diff(x[:, :9], axis=1))
        point = x[:, 8, None] + 0.05 * np.arange(1, 4)
        low, high = np.quantile(draws(point, around, 400, i), (0.05, 0.95), axis=0)
        inside.append((low <= x[:, 9:12]) & (x[:, 9:12] <= high))
    share = np.array(inside).mean(axis=(0, 1))
    assert 0.86 < share[0] < 0.94, share
    assert share[0] < share[1] < share[2] < 0.99, share


def test_the_national_part_has_the_freedom_of_its_years():
    rng = np.random.default_rng(1)
    x = panel(rng, 0.03, 0.05)
    g = np.diff(x[:, :9], axis=1)
    none, five = spread(past(x, [], 8), g), spread(past(x, range(3, 8), 8), g)
    assert none.freedom == bands.SHOCK_YEARS + bands.GROWTH_YEARS
    assert_allclose(five.freedom, none.freedom + (1 - bands.DISCOUNT**5) / (1 - bands.DISCOUNT))
    first = spread(np.full((0, 31, 3), np.nan), np.full((31, 0), np.nan))
    assert_allclose(first.common, bands.SHOCK_SD * np.sqrt([1, 2, 3]))
    assert (first.own == 0).all()


def test_errors_common_to_all_widen_the_national_part_alone():
    rng = np.random.default_rng(2)
    e, g = rng.normal(0, 0.05, (5, 31, 3)), rng.normal(0.05, 0.05, (31, 6))
    more = spread(e + np.array([0.3, -0.3, 0.3, -0.3, 0.3])[:, None, None], g)
    assert more.common[0] > 2 * spread(e, g).common[0]
    assert_allclose(more.own, spread(e, g).own)


def test_a_region_that_jumps_gets_a_wider_band_of_its_own():
    rng = np.random.default_rng(3)
    e, g = rng.normal(0, 0.05, (5, 31, 3)), rng.normal(0.05, 0.05, (31, 6))
    e[:, 4] *= 8
    own = spread(e, g).own[:, 0]
    assert own[4] == own.max()
    assert own[4] > 2.5 * np.median(own)


def test_draws_have_the_scales_asked_for_and_are_paths():
    steps = np.arange(1, 4)
    around = Spread(0.3 * np.sqrt(steps), 1e6, np.full((2, 3), 0.4) * steps)
    point = np.arange(6.0).reshape(2, 3)
    x = draws(point, around, 60_000, 0)
    assert_allclose(x.mean(axis=0), point, atol=0.02)
    assert_allclose(x.std(axis=0), np.sqrt(0.09 * steps + 0.16 * steps**2) * np.ones((2, 1)), rtol=0.03)
    common = (x - point).mean(axis=1)
    assert np.corrcoef(common[:, 0], common[:, 2])[0, 1] > 0.5
    both = np.corrcoef(x[:, 0, 0], x[:, 1, 0])[0, 1]
    assert_allclose(both, 0.09 / 0.25, atol=0.03)
    assert np.array_equal(draws(point, around, 10, 7), draws(point, around, 10, 7))


def test_growth_speaks_for_a_region_only_until_its_errors_do():
    rng = np.random.default_rng(4)
    e, g = rng.normal(0, 0.05, (5, 31, 3)), rng.normal(0.05, 0.05, (31, 6))
    wild = g + 5.0 * rng.normal(size=g.shape)
    assert (spread(e[:1], wild).own > 2 * spread(e[:1], g).own).all()
    assert_allclose(spread(e, wild).own, spread(e, g).own)
