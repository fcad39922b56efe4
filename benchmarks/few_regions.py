"""Which p-value few, unequal regions can carry: rejections of panels without an effect, and with one.

`python -m benchmarks.few_regions [REPLICATIONS]` prints, for planted regressors of 31 regions and 10 years and for the
China study's own, how often each reading of chance rejects at 10 %: errors clustered by region, the wild cluster
bootstrap, the jackknife over regions (CRV3), and the larger p of the last two, on which the ledger's verdicts rest.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

import numpy as np

from zhiyu import Study
from zhiyu.explain import panel_ols, wild
from zhiyu.explain.claims import asking
from zhiyu.explain.claims.answers import jackknifed
from zhiyu.explain.claims.inputs import Inputs, Sample
from zhiyu.explain.claims.question import Test

N, T, MEMORY, LEVEL = 31, 10, 0.6, 0.10
CHINA = ("C13", "C16.mechanism", "C17")
READINGS = ("clustered", "wild", "CRV3", "larger")


def remembered(rng: np.random.Generator, scale: np.ndarray, t: int = T) -> np.ndarray:
    """(n, t) series of a region's own size that remember last year's value."""
    x = np.zeros((len(scale), t + 20))
    for s in range(1, t + 20):
        x[:, s] = MEMORY * x[:, s - 1] + rng.normal(size=len(scale)) * np.sqrt(1 - MEMORY**2)
    return x[:, -t:] * scale[:, None]


def within(x: np.ndarray) -> np.ndarray:
    """(n, t) less region and year means, of standard deviation one."""
    x = x - x.mean(axis=1, keepdims=True) - x.mean(axis=0) + x.mean()
    return np.asarray(x / x.std())


def chances(test: Test, seed: int) -> tuple[float, float, float, float]:
    """p of the first regressor by each reading."""
    clustered = float(panel_ols.fit(test.y, test.x, "two-way").p[0])
    bootstrap = wild.wild_cluster(test.y, test.x, 0, "two-way", 399, seed=seed).p
    jackknife = float(jackknifed(test).p[0])
    return clustered, bootstrap, jackknife, max(bootstrap, jackknife)


def told(name: str, replication: Callable[[int], Test], replications: int) -> None:
    """Prints a row of rejections."""
    p = np.array([chances(replication(seed), seed) for seed in range(replications)])
    print(f"{name:48s}", *(f"{share:10.3f}" for share in (p <= LEVEL).mean(axis=0)), flush=True)


def planted(scale: np.ndarray, alike: bool, effect: float) -> Callable[[int], Test]:
    """Regressors whose regions vary by `scale`, and errors that do too unless they are alike."""

    def made(seed: int) -> Test:
        rng = np.random.default_rng(seed)
        x = remembered(rng, scale)
        y = remembered(rng, np.ones(N) if alike else x.std(axis=1)) + effect * within(x)
        return Test(y, x[..., None], "two-way", 1, tuple(map(str, range(N))), tuple(range(T)))

    return made


def of_china(name: str, inputs: Inputs) -> Callable[[int], Test]:
    """A claim's own regressors, and outcomes without an effect whose regions vary as the residuals do."""
    test = Sample.whole(inputs.variables()).test({one.id: one for one in asking.paper()}[name])
    found = panel_ols.fit(test.y, test.x, "two-way")
    scale = np.sqrt(np.nanmean(np.where(found.used, found.residuals, np.nan) ** 2, axis=1))

    def made(seed: int) -> Test:
        y = remembered(np.random.default_rng(seed), scale, test.y.shape[1])
        return Test(np.where(found.used, y, np.nan), test.x, "two-way", 1, test.regions, test.years)

    return made


def main(replications: int = 300) -> None:
    """Prints the table."""
    print(f"{'':48s}", *(f"{name:>10s}" for name in READINGS))
    even, one, four = np.ones(N), np.r_[5.0, np.ones(N - 1)], np.r_[np.full(4, 4.0), np.ones(N - 4)]
    for name, scale in (("even", even), ("one region x 5", one), ("four regions x 4", four)):
        for effect in (0.0, 0.2):
            for alike in (True, False):
                errors = "errors alike" if alike else "errors as the regressor"
                told(f"{name}, {errors}, effect {effect}", planted(scale, alike, effect), replications)
    study = Study.open("china-provinces")
    inputs = Inputs(study.measure(), study.panel(), study.framework(), None)
    for name in CHINA:
        told(f"China, regressors of {name}, effect 0", of_china(name, inputs), replications)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 300)
