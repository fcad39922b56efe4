"""The first things a user waits for: the import, the bundled study, entropy weights by loops."""

from __future__ import annotations

import subprocess
import sys

import numpy as np

from benchmarks.timing import Row, best
from zhiyu import Study
from zhiyu.measure.weighting import entropy_weights


def rows() -> list[Row]:
    x = np.random.default_rng(0).lognormal(size=(300 * 15, 50))
    assert np.allclose(entropy_weights(x), entropy_by_loops(x), atol=1e-12)
    return [
        Row(
            "entropy weights, 300 regions x 15 years x 50 indicators",
            best(lambda: entropy_weights(x), 20),
            "plain loops",
            best(lambda: entropy_by_loops(x), 3),
        ),
        Row("`import zhiyu`", imported("zhiyu"), "`import pandas`", imported("pandas")),
        Row("China study, from files to index, in memory", best(lambda: Study.open("china-provinces").measure(), 3)),
    ]


def entropy_by_loops(x: np.ndarray) -> np.ndarray:
    """Entropy weights as the field's scripts write them: a loop over indicators, a loop over observations."""
    n, p = x.shape
    divergence = []
    for j in range(p):
        total = sum(x[i, j] for i in range(n))
        entropy = 0.0
        for i in range(n):
            share = x[i, j] / total
            if share > 0:
                entropy -= share * np.log(share)
        divergence.append(1 - entropy / np.log(n))
    return np.array(divergence) / sum(divergence)


def imported(module: str) -> float:
    """Least wall time of a fresh interpreter that imports a module, less one that imports nothing."""

    def start(code: str) -> float:
        return best(lambda: subprocess.run([sys.executable, "-c", code], check=True), 5)

    return max(start(f"import {module}") - start("pass"), 1e-4)
