"""The core run forward: the same equations, over (draw, scenario, region), from the last observed year on."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np

from zhiyu.simulate.calibrate import INVESTMENT, Posterior, investment, stream
from zhiyu.simulate.draws import Draws
from zhiyu.simulate.equations import CORE, Array
from zhiyu.simulate.now import Now
from zhiyu.simulate.observe import STATES, Observed

DRIFT_KEPT, DAMPING = 0.5, 0.8  # of the national drift of ln s: what is kept in the first year, and from year to year
LONGEST_WAIT = 3  # years that a series may lag behind the others and still be carried on

Numbers = Mapping[str, Array]
NOTHING: Numbers = {}
NO_CEILINGS: Mapping[str, float] = {}
NO_MOVERS: Mapping[str, Callable[[Array], Array]] = {}


def grow(
    now: Now,
    theta: Numbers,
    intercept: Numbers,
    share: Array | None = None,
    multipliers: Numbers = NOTHING,
    additions: Numbers = NOTHING,
    shocks: Numbers = NOTHING,
    ceilings: Mapping[str, float] = NO_CEILINGS,
    movers: Mapping[str, Callable[[Array], Array]] = NO_MOVERS,
) -> dict[str, Array]:
    """This year's growth of every state, in the order of the equations.

    g = sum_k theta_k multiplier_k z_k + intercept + addition + shock, ln(ceiling) - x at most;
    capital: K' = (1 - delta) K + s Y

    Parameters
    ----------
    theta : (draw, 1, 1) a parameter, and a term whose parameter is not there falls away; intercept, multipliers,
        additions, shocks : what broadcasts to (draw, scenario, region); share : s of the year, None without capital;
        ceilings : of the states that have one; movers : state -> from levels as they have grown, what moves between
        regions; it counts for what is computed after it, and `now.stayed` has the growth without it

    Returns
    -------
    state -> (draw, scenario, region), which is also `now.growing`
    """
    for state in STATES:
        if state not in now.levels:
            continue
        if state == "capital":
            if share is not None:
                now.growing[state] = capital_growth(now, share, theta["capital_depreciation"])
            continue
        growth = intercept[state]
        for name, term in CORE[state](now).items():
            if name in theta:
                growth = growth + theta[name] * multipliers.get(name, 1.0) * _filled(term, now.levels[state], now.xp)
        growth = growth + additions.get(state, 0.0) + shocks.get(state, 0.0)
        if state in ceilings:
            growth = now.xp.minimum(growth, math.log(ceilings[state]) - now.levels[state])
        if state in movers:
            now.stayed[state] = growth
            growth = growth + movers[state](now.levels[state] + growth)
        now.growing[state] = growth
    return now.growing


def capital_growth(now: Now, share: Array, depreciation: Array) -> Array:
    """ln(K' / K) of K' = (1 - delta) K + s Y. Source: perpetual inventory."""
    return now.xp.log(1 - depreciation + share * now.xp.exp(now.levels["output"] - now.levels["capital"]))


def shares(observed: Observed, drawn: Draws, depreciation: float, years: int, shocks: np.ndarray | None) -> np.ndarray:
    """(year, draw, 1, region) s of the `years` after the last in which it was observed.

    ln s_h = ln s_0 + .5 (1 + .8 + ... + .8^(h - 1)) drift + shocks so far: it cannot fall or rise for ever.

    shocks : (year, draw, 1, region) or None
    """
    seen = investment(observed, depreciation)
    drift = drawn.intercept[INVESTMENT].mean(axis=1)[:, None, None]
    steps = DRIFT_KEPT * np.cumsum(DAMPING ** np.arange(years))[:, None, None, None] * drift
    return np.asarray(np.exp(_latest(seen) + steps + (0.0 if shocks is None else np.cumsum(shocks, axis=0))))


def forecast(
    observed: Observed,
    posterior: Posterior,
    horizon: int,
    draws: Draws | None = None,
    shocks: bool = True,
    seed: int = 0,
) -> np.ndarray:
    """Logarithms of the years after the last observed one.

    A series that ends up to three years early is carried on by its equation while the others are held at what was
    observed. A region that never had a state has no forecast of it.

    Parameters
    ----------
    draws : of `posterior`, None for one at its means, which is without shocks the point forecast
    shocks : national and regional ones, of the size that each draw has

    Returns
    -------
    (state, draw, region, horizon) array
    """
    drawn = posterior.centre() if draws is None else draws
    last, start = len(observed.years) - 1, _start(observed)
    steps, shape = last - start + horizon, (drawn.n, 1, len(observed.codes))
    theta = {name: value[:, None, None] for name, value in drawn.theta.items()}
    intercept = {state: value[:, None, :] for state, value in drawn.intercept.items()}
    shock = _shocks(drawn, steps, seed) if shocks else {}
    share = None
    built = max(_last(observed.of("capital")), start) if "capital" in observed.states else last
    if INVESTMENT in drawn.intercept:
        ahead = last + horizon - built
        new = shock[INVESTMENT][-ahead:] if shocks else None
        share = shares(observed, drawn, posterior.constants["capital_depreciation"], ahead, new)
    seen = {state: observed.x[k].T[:, None, None, :] for k, state in enumerate(observed.states)}  # (year, 1, 1, region)
    levels = {state: np.broadcast_to(x[start], shape) for state, x in seen.items()}
    growth = {state: x - (seen[state][start - 1] if start else np.nan) for state, x in levels.items()}
    out = []
    for step in range(steps):
        t = start + 1 + step
        now = Now(levels, growth, observed.w)
        invested = None if share is None else share[max(t - built - 1, 0)]
        shaken = {state: x[step] for state, x in shock.items()}
        grown = grow(now, theta, intercept, invested, shocks=shaken, ceilings=observed.ceilings)
        known = {state: x[t] if t <= last else np.nan for state, x in seen.items()}
        following = {
            state: np.where(np.isfinite(known[state]), known[state], levels[state] + g) for state, g in grown.items()
        }
        growth = {state: x - levels[state] for state, x in following.items()}
        levels = following
        if t > last:
            out.append([levels[state][:, 0] for state in observed.states])
    return np.array(out).transpose(1, 2, 3, 0)


def _shocks(drawn: Draws, years: int, seed: int) -> dict[str, np.ndarray]:
    """state -> (year, draw, 1, region): one national shock a year and draw, and one of each region."""
    out = {}
    for state, size in drawn.national_sd.items():
        rng = stream(seed, "shock", state)
        common = rng.standard_normal((years, drawn.n, 1, 1)) * size[:, None, None]
        own = rng.standard_normal((years, drawn.n, 1, len(drawn.codes))) * drawn.province_sd[state][:, None, None]
        out[state] = common + own
    return out


def _latest(x: np.ndarray) -> np.ndarray:
    """(region,) last value there is of (year, region); the regions' mean for one that has none."""
    there = np.isfinite(x)
    last = len(x) - 1 - np.argmax(there[::-1], axis=0)
    latest = np.where(there.any(axis=0), x[last, np.arange(x.shape[1])], np.nan)
    return np.where(np.isfinite(latest), latest, np.nanmean(latest))


def _last(x: np.ndarray) -> int:
    """Position of the last year in which (region, year) holds anything."""
    return int(np.flatnonzero(np.isfinite(x).any(axis=0))[-1])


def _start(observed: Observed) -> int:
    """Position of the last year in which every series that still runs is there."""
    there = np.isfinite(observed.x)
    ends = there.shape[2] - 1 - np.argmax(there[:, :, ::-1], axis=2)
    running = there.any(axis=2) & (ends >= there.shape[2] - 1 - LONGEST_WAIT)
    return int(ends[running].min()) if running.any() else there.shape[2] - 1


def _filled(term: Array, own: Array, xp: Array) -> Array:
    """A term that is not there for a region whose own state is: the mean of the others', or nothing."""
    there = xp.isfinite(term)
    if xp is np and there.all():
        return term
    mean = xp.where(there, term, 0.0).sum(axis=-1, keepdims=True) / xp.maximum(there.sum(axis=-1, keepdims=True), 1)
    return xp.where(there | ~xp.isfinite(own), term, mean)
