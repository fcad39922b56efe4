"""Panel regression and wild cluster bootstrap beside pyfixest and wildboottest."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
import pyfixest as pf

from benchmarks.timing import Row, best
from zhiyu.explain.panel_ols import fit
from zhiyu.explain.wild import leave_one_out, wild_cluster, wild_interval

N, T, DRAWS = 300, 15, 9999
FORMULA = "y ~ x0 + x1 + x2 | region + year"


def drawn() -> tuple[np.ndarray, np.ndarray]:
    """300 regions x 15 years, errors that last within regions, a first regressor whose effect is on the edge."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((N, T, 3)).cumsum(axis=1) * 0.3 + rng.standard_normal((N, T, 3))
    fixed = rng.standard_normal((N, 1)) + rng.standard_normal((1, T))
    e = rng.standard_normal((N, T)).cumsum(axis=1)
    return 0.05 * x[..., 0] + x[..., 1] + fixed + e, x


def long(y: np.ndarray, x: np.ndarray) -> pd.DataFrame:
    region, year = np.divmod(np.arange(N * T), T)
    return pd.DataFrame(
        {"region": region, "year": year, "y": y.ravel()} | {f"x{j}": x[..., j].ravel() for j in range(3)}
    )


def rows() -> list[Row]:
    """Lines of the page."""
    y, x = drawn()
    data = long(y, x)

    def peer() -> Any:
        return pf.feols(FORMULA, data, vcov={"CRV1": "region"})

    theirs = peer()  # also compiles what it compiles

    def bootstrap() -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return theirs.wildboottest(reps=DRAWS, cluster="region", param="x0", seed=1)

    ours = fit(y, x)
    assert np.abs(ours.beta - theirs.coef().to_numpy()).max() < 1e-8
    assert np.abs(ours.std_errors - theirs.se().to_numpy()).max() < 1e-8
    found, p = wild_cluster(y, x, draws=DRAWS), float(bootstrap()["Pr(>|t|)"])
    assert abs(found.p - p) < 4 * np.sqrt(2 * p * (1 - p) / DRAWS), (found.p, p)
    told = "wild cluster bootstrap, 9,999 draws, two-way effects, 300 regions x 15 years, 3 regressors"
    fitted = "two-way effects, errors clustered by region, 300 x 15, 3 regressors"
    return [
        Row(told, best(lambda: wild_cluster(y, x, draws=DRAWS)), 'pyfixest wildboottest ("11")', best(bootstrap, 3)),
        Row("its 95 % interval by inversion, the same draws for every null", best(lambda: wild_interval(y, x))),
        Row("that coefficient without each of the 300 regions", best(lambda: leave_one_out(y, x))),
        Row(fitted, best(lambda: fit(y, x)), "pyfixest feols", best(peer)),
    ]
