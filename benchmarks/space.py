"""Local Moran with conditional permutation, beside esda."""

from __future__ import annotations

import warnings
from types import SimpleNamespace

import numpy as np
from scipy.sparse import csr_array
from scipy.spatial import cKDTree

from benchmarks.timing import Row, best
from zhiyu.explain.space import local_moran, moran

REGIONS, NEAREST, PERMUTATIONS = 3000, 6, 9999
JOB = f"local Moran, {REGIONS:,} regions, {NEAREST} nearest neighbours, {PERMUTATIONS:,} permutations"


def peer() -> SimpleNamespace | None:
    """esda and libpysal, None where the group `bench` is not installed."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import esda
            import libpysal
            import numba  # noqa: F401 - without it esda is not at its fastest
    except ImportError:
        return None
    return SimpleNamespace(esda=esda, libpysal=libpysal)


def rows() -> list[Row]:
    """Lines of the page."""
    random = np.random.default_rng(0)
    x, points = random.normal(size=REGIONS), random.random((REGIONS, 2))
    near = cKDTree(points).query(points, k=NEAREST + 1)[1][:, 1:]
    at = (np.repeat(np.arange(REGIONS), NEAREST), near.ravel())
    even = csr_array((np.full(len(at[0]), 1.0 / NEAREST), at), shape=(REGIONS, REGIONS))
    own = csr_array((random.uniform(0.5, 1.5, len(at[0])), at), shape=(REGIONS, REGIONS))
    own = csr_array(own.multiply(1.0 / own.sum(axis=1)[:, None]))
    ours = [best(lambda w=w: local_moran(x, w, PERMUTATIONS)) for w in (even, own)]  # type: ignore[misc]
    whole = best(lambda: moran(x, even, PERMUTATIONS), 3)
    found = peer()
    if found is None:
        return [
            Row(f"{JOB}; esda is not installed (./dev bench installs it)", ours[0]),
            Row("the same, weights all different", ours[1]),
            Row("global Moran of the same", whole),
        ]
    theirs = [_theirs(found, x, near, w) for w in (even, own)]
    name = f"esda {found.esda.__version__} with numba, keep_simulations=False, one job"
    return [
        Row(JOB, ours[0], name, theirs[0]),
        Row("the same, weights all different", ours[1], name, theirs[1]),
        Row("global Moran of the same", whole),
    ]


def _theirs(found: SimpleNamespace, x: np.ndarray, near: np.ndarray, w: csr_array) -> float:
    """esda's seconds, once its statistics and p-values agree with ours."""
    weights = found.libpysal.weights.W(
        {i: near[i].tolist() for i in range(REGIONS)},
        {i: [float(w[i, j]) for j in near[i]] for i in range(REGIONS)},
        silence_warnings=True,
    )
    chosen = {"transformation": "O", "permutations": PERMUTATIONS, "keep_simulations": False, "n_jobs": 1, "seed": 1}
    first = found.esda.Moran_Local(x, weights, **chosen)
    ours = local_moran(x, w, PERMUTATIONS)
    assert np.allclose(ours.i, first.Is, rtol=1e-9, atol=1e-12)
    assert np.abs(np.minimum(ours.p / 2, 0.5) - np.minimum(first.p_sim, 0.5)).max() < 0.035  # noise of both: 5 errors
    return best(lambda: found.esda.Moran_Local(x, weights, **chosen))
