"""Dagum's decomposition of 3,000 regions, beside NumPy over all pairs; and the bootstrap of the China study."""

from __future__ import annotations

import numpy as np

from benchmarks.timing import Row, best
from zhiyu import Study
from zhiyu.explain.disparity import dagum
from zhiyu.explain.of.disparity import disparity

REGIONS = 3000
PEER = "NumPy over all pairs"


def by_pairs(values: np.ndarray, groups: np.ndarray) -> tuple[float, float, float, float]:
    """Total, within, between and transvariation from the n x n table of gaps, block by block."""
    names = np.unique(groups)
    order = np.argsort(groups, kind="stable")
    y = values[order]
    gaps = y[:, None] - y[None, :]
    edges = [*np.searchsorted(groups[order], names).tolist(), len(y)]
    mu, n = y.mean(), len(y)
    within = between = crossing = 0.0
    for j in range(len(names)):
        for h in range(j + 1):
            block = gaps[edges[j] : edges[j + 1], edges[h] : edges[h + 1]]
            pair = block.size / (n * n * mu)
            if j == h:
                within += pair * np.abs(block).mean() / 2
                continue
            ahead, behind = np.maximum(block, 0).mean(), np.maximum(-block, 0).mean()
            between += pair * abs(ahead - behind)
            crossing += pair * 2 * min(ahead, behind)
    return float(np.abs(gaps).mean() / (2 * mu)), within, between, crossing


def rows() -> list[Row]:
    """Lines of the page."""
    rng = np.random.default_rng(0)
    values, groups = rng.lognormal(0, 1, REGIONS), rng.integers(0, 4, REGIONS)
    found = dagum(values, groups)
    ours = (found.total, found.within, found.between, found.transvariation)
    assert np.allclose(ours, by_pairs(values, groups), rtol=0, atol=1e-12)
    study = Study.open("china-provinces")
    index, panel, grouping = study.measure(), study.panel(), study.choices.regions.groups
    return [
        Row(
            f"Dagum's decomposition with transvariation, {REGIONS:,} regions in 4 groups",
            best(lambda: dagum(values, groups), 50),
            PEER,
            best(lambda: by_pairs(values, groups), 5),
        ),
        Row(
            "the China study's disparity: 8 measures x 10 years, Dagum with 1,000 bootstrap draws, Theil, densities",
            best(lambda: disparity(index, panel, grouping, draws=1000), 3),
        ),
    ]
