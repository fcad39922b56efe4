"""Members of an ensemble: joint draws of the core's posterior and of the satellite's priors, and each one's shocks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from zlib import crc32

import numpy as np

from zhiyu.simulate import satellite
from zhiyu.simulate.calibrate import INVESTMENT, Posterior
from zhiyu.simulate.draws import Draws
from zhiyu.simulate.observe import STATES
from zhiyu.simulate.parameters import Parameter
from zhiyu.terms import Refusal

FEEDBACK = 0.95  # what a unit of capability may return to itself at most
SHOCKED = (*STATES, INVESTMENT)
ROUNDS = 8  # doublings of the number of candidates before the search for stable ones is given up
ASSUMED, SHAKEN = 101, 102  # uses of random numbers


@dataclass(frozen=True, eq=False)
class Members:
    """n members: draws of the core, assumed[parameter] (n,) of the satellite, ids (n,) by which shocks are drawn.

    rejected : share of the candidates whose loops would explode
    """

    draws: Draws
    assumed: dict[str, np.ndarray]
    ids: np.ndarray
    seed: int
    rejected: float = 0.0

    @property
    def n(self) -> int:
        return self.draws.n

    def take(self, chosen: np.ndarray) -> Members:
        """Some of the members."""

        def of(numbers: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
            return {name: x[chosen] for name, x in numbers.items()}

        d = self.draws
        some = Draws(of(d.theta), of(d.intercept), of(d.national_sd), of(d.province_sd), d.codes)
        return replace(self, draws=some, assumed=of(self.assumed), ids=self.ids[chosen])

    def shocks(self, years: int) -> dict[str, np.ndarray]:
        """state -> (year, draw, 1, region): a national shock a year, and one of each region, the same in all scenarios.

        Random numbers are a member's own, so that they hang neither on how many members there are nor on who computes.
        """
        z = normals(self.seed, tuple(self.ids.tolist()), years, len(self.draws.codes))
        z = z.transpose(2, 1, 0, 3)[:, :, :, None]
        return {
            state: z[SHOCKED.index(state), ..., :1] * size[:, None, None]
            + z[SHOCKED.index(state), ..., 1:] * self.draws.province_sd[state][:, None, None]
            for state, size in self.draws.national_sd.items()
        }


@lru_cache(maxsize=1)
def normals(seed: int, ids: tuple[int, ...], years: int, regions: int) -> np.ndarray:
    """(member, year, state, 1 + region) standard normals, the first of the nation; kept for the next run of the same.

    Runs that differ by one coupling share them, and drawing them is most of such a run.
    """
    z = np.empty((len(ids), years, len(SHOCKED), 1 + regions))
    for row, member in zip(z, ids, strict=True):
        rng = np.random.Generator(np.random.SFC64([seed, SHAKEN, member]))
        rng.standard_normal(row.shape, out=row)
    z.setflags(write=False)
    return z


def members(posterior: Posterior, assumed: Sequence[Parameter], n: int, seed: int) -> Members:
    """n members in which adoption saturates and capability returns less than .95 of itself; others are drawn anew.

    Parameters
    ----------
    assumed : the satellite's parameters, uniform between low and high

    Raises
    ------
    Refusal
        If hardly any draw is stable.
    """
    size = n + n // 4 + 16
    for _ in range(ROUNDS):
        candidates = _candidates(posterior.draw(size, seed), assumed, seed)
        good = np.flatnonzero(stable(candidates))
        if len(good) >= n:
            kept = candidates.take(good[:n])
            return replace(kept, ids=np.arange(n), rejected=1 - n / int(good[n - 1] + 1))
        size *= 2
    raise Refusal("ensemble_unstable", share=f"{len(good) / len(candidates.ids):.1%}")


def centre(posterior: Posterior, assumed: Sequence[Parameter]) -> Members:
    """One member: the posterior's means, and the middle of each prior range."""
    middle = {p.name: np.array([(p.low + p.high) / 2]) for p in assumed if p.low is not None and p.high is not None}
    return Members(posterior.centre(), middle, np.zeros(1, dtype=int), 0)


def stable(of: Members) -> np.ndarray:
    """(n,) whether adoption saturates and the loop of capability and compute damps; where both are there."""
    p = {**of.draws.theta, **of.assumed}
    found = np.ones(of.n, dtype=bool)
    if "adoption_saturation" in p:
        found &= p["adoption_saturation"] > 0
        if "capability_to_adoption" in p:
            with np.errstate(divide="ignore"):
                found &= satellite.feedback(p) < FEEDBACK
    return found


def _candidates(draws: Draws, assumed: Sequence[Parameter], seed: int) -> Members:
    """Each parameter has a stream of its own, so that one more or less leaves the others' alone."""
    found = {}
    for p in assumed:
        if p.low is not None and p.high is not None:
            rng = np.random.default_rng([seed, ASSUMED, crc32(p.name.encode())])
            found[p.name] = rng.uniform(p.low, p.high, draws.n)
    return Members(draws, found, np.arange(draws.n), seed)
