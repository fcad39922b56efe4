"""Futures: members of the ensemble, the same for every portfolio, and what is uncertain in them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from zhiyu.simulate.calibrate import Posterior
from zhiyu.simulate.members import Members, members
from zhiyu.simulate.parameters import read, satellite


@dataclass(frozen=True, eq=False)
class Uncertain:
    """names : parameters that differ between futures; x : (future, parameter) their values; grades : of each."""

    names: tuple[str, ...]
    x: np.ndarray
    grades: tuple[str, ...]


def futures(posterior: Posterior, n: int, seed: int) -> Members:
    """n futures: parameters that the core's posterior and the satellite's priors hold possible, and shocks."""
    return members(posterior, satellite(), n, seed)


def uncertain(of: Members) -> Uncertain:
    """The parameters by which futures differ, of core and satellite, in the order of the parameters' table.

    Shocks are left out: they fall on plan and baseline alike, and a difference hardly feels them.
    """
    drawn = {**of.draws.theta, **of.assumed}
    rows = [row for row in read() if row.name in drawn and np.ptp(drawn[row.name]) > 0]
    x = np.array([drawn[row.name] for row in rows]).T.reshape(of.n, len(rows))
    return Uncertain(tuple(row.name for row in rows), x, tuple(row.grade for row in rows))
