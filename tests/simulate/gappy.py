"""Observed states that begin late, have gaps, and grow ever more slowly."""

import numpy as np

from zhiyu.simulate.observe import Observed

STATES = ("researchers", "patents", "adoption", "capital", "output")
CODES = tuple(f"r{i}" for i in range(10))


def observed(seed=0, years=range(2011, 2023)):
    """Five states of ten regions: growth that shrinks from year to year, with gaps."""
    rng = np.random.default_rng(seed)
    t = len(years)
    g = 0.1 + 0.1 * 0.8 ** np.arange(t) + rng.normal(0, 0.04, (5, 1, t)) + rng.normal(0, 0.05, (5, 10, t))
    x = g.cumsum(axis=2)
    x[3] = x[4] + 1.0 + 0.02 * np.arange(t)  # capital runs before output
    x[2, :, :2] = np.nan  # adoption begins later
    x[1, 3, 5] = np.nan  # a gap of a year
    x[0, :, 6] = np.nan  # a year without the series, as high-tech manufacturing has
    w = np.roll(np.eye(10), 1, axis=1) / 2 + np.roll(np.eye(10), -1, axis=1) / 2
    raw = Observed(STATES, x, np.isfinite(x), CODES, tuple(years), w, {})
    return raw.until(years[-1])  # bridges the gaps
