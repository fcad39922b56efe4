"""Entropy weights and TOPSIS on a pooled panel, beside scikit-criteria and pymcdm."""

from __future__ import annotations

import warnings

import numpy as np

from benchmarks.timing import Row, best
from zhiyu.measure.aggregate import topsis
from zhiyu.measure.weighting import critic_weights, entropy_weights

JOB = "entropy + TOPSIS, 300 regions x 15 years x 50 indicators, pooled"


def rows() -> list[Row]:
    """Our time beside each peer's, after the numbers have been shown to agree."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the peers' own deprecations
        import pymcdm.methods
        import pymcdm.weights
        import skcriteria
        from skcriteria.agg.similarity import TOPSIS
        from skcriteria.preprocessing.weighters import EntropyWeighter

    x = np.random.default_rng(0).lognormal(size=(300 * 15, 50))
    matrix = skcriteria.mkdm(x, [max] * 50)
    other = pymcdm.methods.TOPSIS(normalization_function=lambda column, cost=False: column)

    def ours() -> np.ndarray:
        return topsis(x, entropy_weights(x))

    def criteria() -> np.ndarray:
        return np.asarray(TOPSIS().evaluate(EntropyWeighter().transform(matrix)).e_.similarity)

    def mcdm() -> np.ndarray:
        return np.asarray(other(x, pymcdm.weights.entropy_weights(x), np.ones(50)))

    assert np.allclose(ours(), criteria(), atol=1e-12)
    assert np.allclose(ours(), mcdm(), atol=1e-12)
    scaled = (x - x.min(axis=0)) / np.ptp(x, axis=0)
    assert np.allclose(critic_weights(scaled), pymcdm.weights.critic_weights(x), atol=1e-12)
    mine = best(ours, 20)
    return [
        Row(JOB, mine, "scikit-criteria", best(criteria, 20)),
        Row(JOB, mine, "pymcdm", best(mcdm, 20)),
        Row(
            "CRITIC weights, same panel",
            best(lambda: critic_weights(scaled)),
            "pymcdm",
            best(lambda: pymcdm.weights.critic_weights(x)),
        ),
    ]
