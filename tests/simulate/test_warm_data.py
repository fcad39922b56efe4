"""Warm data: the profile likelihood finds a planted effect, and says so where the panel knows nothing."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose
from simulate.planted import observed

from zhiyu.simulate.equations import CORE
from zhiyu.simulate.observe import Observed
from zhiyu.simulate.warm_data import Profile, profile, warm_data

STATES = ("institutions", "data", "patents")
REGIONS, YEARS = 40, 25


def world(om: float, noise: float, seed: int = 0, reversion: float = 0.3) -> Observed:
    """Data that wear out at a rate which falls with capability and institutions by the model's own form."""
    rng = np.random.default_rng(seed)
    still = rng.normal(0, 2.0, (2, REGIONS, 1)) + 0.3 * rng.normal(size=(2, REGIONS, YEARS)).cumsum(axis=2)
    strong = np.prod([1 / (1 + np.exp(-(x - x[:, -1].mean()))) for x in still], axis=0)
    data = np.empty((REGIONS, YEARS))
    data[:, 0] = rng.normal(0, 1.5, REGIONS)
    for t in range(YEARS - 1):
        gap = data[:, t] - data[:, t].mean()
        fresh = rng.normal(0, noise, REGIONS) + 0.3 * rng.normal(size=REGIONS)
        data[:, t + 1] = data[:, t] - reversion * gap / (1 + om * strong[:, t]) + fresh
    return observed(np.stack([still[1], data, still[0]]), states=STATES)


def test_a_planted_effect_is_found():
    found = profile(world(om=4.0, noise=0.05))
    assert found is not None
    low, high = found.interval
    assert 0 < low < 4.0 < high
    assert warm_data(found).verdict == "supported"
    assert "4" in warm_data(found).why.en


def test_no_effect_is_not_taken_for_one():
    words = [warm_data(p).verdict for seed in range(20) if (p := profile(world(0.0, 0.05, seed))) is not None]
    assert len(words) == 20
    assert sum(word == "supported" for word in words) <= 3  # 2.5 % a side, of twenty


def test_a_panel_that_knows_nothing_is_flat():
    found = profile(world(om=2.0, noise=3.0, reversion=0.05))
    assert found is not None
    assert found.flat
    told = warm_data(found)
    assert told.verdict == "untestable"
    assert "these data cannot tell" in told.why.en
    assert "分辨不出" in told.why.zh


def test_the_profile_at_nought_is_least_squares():
    seen = world(om=1.0, noise=0.2)
    found = profile(seen)
    assert found is not None
    terms = CORE["data"](seen.now)
    y = seen.growth[1].ravel()
    used = np.all([np.isfinite(x.ravel()) for x in terms.values()], axis=0)
    year = np.indices(seen.growth[1].shape)[0].ravel()[used]
    x = np.stack([term.ravel()[used] for term in terms.values()], axis=1)
    x = np.concatenate([x, np.eye(YEARS)[year]], axis=1)
    error = y[used] - x @ np.linalg.lstsq(x, y[used], rcond=None)[0]
    at_nought = int(np.argmin(np.abs(found.at)))
    assert found.at[at_nought] == pytest.approx(0.0, abs=1e-9)
    least = (error**2).sum() / np.exp(found.ratio[at_nought] / found.cells)
    other = int(np.argmin(found.ratio))
    assert found.ratio[other] == 0.0
    assert least <= (error**2).sum()
    assert found.cells == used.sum()
    scaled = profile(seen, at=np.array([found.at[at_nought], found.at[other]]))
    assert scaled is not None
    assert_allclose(scaled.ratio, [found.ratio[at_nought], 0.0], atol=1e-9)


def test_units_say_nothing():
    seen = world(om=1.0, noise=0.1)
    moved = observed(seen.x + np.array([3.0, -2.0, 7.0])[:, None, None], states=STATES)
    one, other = profile(seen), profile(moved)
    assert one is not None
    assert other is not None
    assert_allclose(one.ratio, other.ratio, atol=1e-7)


def test_words_follow_the_interval():
    at = np.linspace(-0.9, 20, 210)
    prior = (0.0, 4.0)

    def told(best: float, width: float) -> str:
        return warm_data(Profile(at, ((at - best) / width) ** 2 * 3.84, 3.84, prior, 9)).verdict

    assert told(3.0, 1.0) == "supported"
    assert told(-0.5, 0.3) == "contradicted"
    assert told(1.0, 2.0) == "mixed"
    assert told(2.0, 5.0) == "untestable"


def test_without_the_states_there_is_no_profile():
    seen = world(om=1.0, noise=0.1)
    assert profile(observed(seen.x[:2], states=STATES[:2])) is None
