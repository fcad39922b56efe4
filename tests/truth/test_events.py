"""Planted effects: where they differ by group and grow with time the two-way number is wrong, and ours is right; where
nothing is planted, little is found."""

import numpy as np
import pytest

from zhiyu.explain.group_time import callaway_santanna
from zhiyu.explain.mechanism import effect_on_mechanism, moderation, product, shapley
from zhiyu.explain.staggered import bacon, starts, twfe
from zhiyu.explain.synthetic import staggered_synthetic, synthetic_did

YEARS = np.arange(2011, 2023)


def planted(
    seed: int, growth: float = 0.5, noise: float = 0.3, n: int = 31, never: int = 6
) -> tuple[np.ndarray, np.ndarray, float]:
    """Three groups whose effects grow each year, the early ones' faster; (y, first, mean effect on the treated)."""
    rng = np.random.default_rng(seed)
    first = np.repeat([2013.0, 2016.0, 2019.0, np.inf], [9, 8, n - 17 - never, never])
    speed = np.repeat([1.5, 1.0, 0.5, 0.0], [9, 8, n - 17 - never, never]) * growth
    effect = np.where(first[:, None] <= YEARS, speed[:, None] * (YEARS - np.minimum(first, 3000)[:, None] + 1), 0.0)
    y = rng.normal(size=(n, 1)) + np.cumsum(rng.normal(size=YEARS.size)) + noise * rng.normal(size=effect.shape)
    return y + effect, first, float(effect[first[:, None] <= YEARS].mean())


def test_the_two_way_number_is_far_off_and_ours_is_not():
    wrong, right, late, truth = [], [], [], 0.0
    for seed in range(40):
        y, first, truth = planted(seed)
        found = callaway_santanna(y, first, YEARS, draws=1)
        wrong.append(twfe(y, first, YEARS))
        right.append(found.simple.estimate)
        late.append(callaway_santanna(y, first, YEARS, "not-yet", draws=1).simple.estimate)
    assert abs(np.mean(right) - truth) < 0.03 * truth
    assert abs(np.mean(late) - truth) < 0.03 * truth
    assert np.mean(wrong) < 0.55 * truth  # less than half of what was planted


def test_the_two_way_number_can_have_the_wrong_sign():
    """Few never treated, effects that only grow: all are positive, the coefficient is negative."""
    first = np.repeat([2012.0, 2018.0], [15, 15])
    effect = np.where(first[:, None] <= YEARS, (YEARS - first[:, None] + 1.0), 0.0)
    found = bacon(effect, first, YEARS)
    assert effect.min() >= 0
    assert found.estimate < 0
    assert found.by_type()["later_earlier"][1] < 0 < found.by_type()["earlier_later"][1]


def test_every_group_and_period_is_recovered():
    y, first, _ = planted(3, noise=1e-9)
    found = callaway_santanna(y, first, YEARS, draws=1)
    for g, speed in zip(range(3), (0.75, 0.5, 0.25), strict=True):
        after = found.groups[g] <= YEARS
        np.testing.assert_allclose(found.att[g, after], speed * np.arange(1, after.sum() + 1), atol=1e-7)
        np.testing.assert_allclose(found.att[g, ~after], 0.0, atol=1e-7)


@pytest.mark.slow
def test_bounds_hold_the_truth_and_placebos_are_quiet():
    """31 regions, groups of 6, 5 and 5, errors that last: the simple mean, the whole path, and the pre-test."""
    rng = np.random.default_rng(5)
    first = np.repeat([2019.0, 2020.0, 2021.0, np.inf], [6, 5, 5, 15])
    years = np.arange(2013, 2023)
    inside, path, quiet = [], [], []
    for seed in range(200):
        e = rng.normal(size=(31, 10))
        for t in range(1, 10):
            e[:, t] += 0.7 * e[:, t - 1]
        found = callaway_santanna(e, first, years, draws=199, seed=seed)
        inside.append(found.simple.low <= 0 <= found.simple.high)
        path.append(((found.dynamic.low <= 0) & (found.dynamic.high >= 0)).all())
        quiet.append(found.pre_p > 0.05)
    assert np.mean(inside) > 0.91
    assert np.mean(path) > 0.90
    assert np.mean(quiet) > 0.90


def test_trends_that_parted_before_are_seen():
    seen = []
    for seed in range(20):
        y, first, _ = planted(seed, growth=0.0)
        parting = 0.25 * (YEARS - 2011) * np.isfinite(first)[:, None]
        seen.append(callaway_santanna(y + parting, first, YEARS, draws=199, seed=seed).pre_p < 0.05)
    assert np.mean(seen) >= 0.9


def test_synthetic_did_where_plain_differences_fail():
    """Treated regions follow a trend that only some of the untreated share: weights find those."""
    rng = np.random.default_rng(2)
    plain, ours = [], []
    for _ in range(8):
        slope = np.r_[np.full(3, 1.0), np.full(10, 1.0), np.zeros(17)]
        y = slope[:, None] * np.arange(12.0) + rng.normal(size=(30, 1)) + 0.2 * rng.normal(size=(30, 12))
        treated = np.arange(30) < 3
        y[:3, 8:] += 2.0
        ours.append(synthetic_did(y, treated, 8).att)
        plain.append(twfe(y, np.where(treated, 8.0, np.inf)))
    assert abs(np.mean(ours) - 2.0) < 0.25
    assert np.mean(plain) > 4.0
    y, first, truth = planted(1)
    assert abs(staggered_synthetic(y, first, YEARS).att - truth) < 0.15 * truth
    assert starts(y, first, YEARS).min() == 2


def path(seed: int, a: float = 0.0, d: float = 0.0) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """(y, m, x, z) of 31 regions and 10 years: x moves m by a; x moves y by 1 + d z."""
    rng = np.random.default_rng(seed)
    x, z, m, y = rng.normal(size=(4, 31, 10)) + rng.normal(size=(4, 31, 1))
    m = m + a * x
    return y + 0.5 * m + x * (1 + d * z), m, x, z


def test_a_planted_mechanism_is_found_and_none_is_not():
    estimates = [effect_on_mechanism(*path(seed, a=0.4)[1:3], draws=199) for seed in range(20)]
    assert abs(np.mean([one.estimate for one in estimates]) - 0.4) < 0.03
    assert np.mean([one.p < 0.05 for one in estimates]) == 1.0
    nothing = [effect_on_mechanism(*path(seed)[1:3], draws=199).p < 0.05 for seed in range(100)]
    assert np.mean(nothing) <= 0.12


def test_a_planted_moderation_is_found():
    y, _, x, z = path(4, d=0.3)
    found = moderation(y, x, z, draws=199)
    assert abs(found.interaction.estimate - 0.3) < 0.12
    assert found.interaction.p < 0.05
    assert found.interaction.one_sign
    y, m, x, _ = path(5, a=0.4)
    both = product(y, m, x, draws=199)
    assert both.low < 0.2 < both.high
    assert abs(both.estimate - both.first * both.second) < 1e-15


def test_a_block_that_does_nothing_gets_little():
    y, m, x, z = path(6, a=0.4)
    found = shapley(y, (x, m, z), draws=99)
    assert found.parts[2] < 0.02 < min(found.parts[:2])
    assert (found.low <= found.parts).all() or found.parts[2] < found.low[2]  # noise is drawn up in replays
