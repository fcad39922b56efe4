"""Replays of a recipe: beside a plain loop, and of the China study."""

from __future__ import annotations

import numpy as np

from benchmarks.timing import Row, best
from zhiyu import Study
from zhiyu.data import synthetic
from zhiyu.framework import of_rows
from zhiyu.measure import Recipe, index
from zhiyu.measure.robustness import replay

DRAWS = 3456
PEER = "plain NumPy loop with the same care for missing cells"


def by_loop(x: np.ndarray, tops: list[list[int]], choices: list[dict[str, str]], factors: np.ndarray) -> np.ndarray:
    """(d, n) scores, one replay at a time: normalise, weigh within each top node, perturb, mean of means, rank.

    With the care for missing cells that `measure` takes: a loop that leaves it out does not do the same job.
    """
    scores, ranks = np.empty((len(choices), len(x))), np.empty((len(choices), len(x)))
    for d, choice in enumerate(choices):
        low, high = np.nanmin(x, axis=0), np.nanmax(x, axis=0)
        z = (x - low) / (high - low)
        if choice["normalise.method"] == "rank":
            z = np.where(np.isnan(x), np.nan, x.argsort(axis=0).argsort(axis=0) / (len(x) - 1))
        tree = []
        for columns in tops:
            part = z[:, columns]
            weights = np.ones(len(columns)) / len(columns)
            if choice["weight.method"] == "entropy":
                whole = part[np.isfinite(part).all(axis=1)]
                share = whole / whole.sum(axis=0)
                logs = np.log(share, out=np.zeros_like(share), where=share > 0)
                weights = 1 + (share * logs).sum(axis=0) / np.log(len(whole))
            tree.append(mean(part, weights / weights.sum() * factors[d, columns]))
        scores[d] = 100 * mean(np.stack(tree, axis=1), np.ones(len(tops)) / len(tops))
        ranks[d] = 1 + (scores[d] > scores[d][:, None]).sum(axis=1)
    return scores


def mean(x: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """(n,) weighted means of rows over what is there."""
    there = np.where(np.isnan(x), 0.0, weights)
    return np.asarray((there * np.nan_to_num(x)).sum(axis=1) / there.sum(axis=1))


def rows() -> list[Row]:
    """Lines of the page."""
    planted = synthetic.panel(300, 1, attributes=5, indicators=10, convert=False)
    framework, recipe = of_rows(planted.rows), Recipe()
    vary = {"normalise.method": ["minmax", "rank"], "weight.method": ["entropy", "equal"], "weights": 0.25}
    ready = index.prepare(planted.panel, framework, recipe)
    x = ready.x[:, 0]
    tops = [[ready.tree.leaves.index(leaf) for leaf in ready.tree.leaves_below(top.id)] for top in ready.tree.top]
    made = replay(planted.panel, framework, recipe, vary, DRAWS)
    assert made.factors is not None
    choices, factors = list(made.choices), made.factors.values
    slow = by_loop(x, tops, choices, factors)
    alike = [d for d, choice in enumerate(choices) if choice["normalise.method"] == "minmax"]
    assert np.allclose(made.scores.values[alike, :, 0], slow[alike], atol=1e-9)
    ours = best(lambda: replay(planted.panel, framework, recipe, vary, DRAWS))
    loop = best(lambda: by_loop(x, tops, choices, factors), 3)
    study = Study.open("china-provinces")
    panel, tree, base = study.panel(), study.framework(), study.choices.measure.recipe
    full = {"normalise.method": ["minmax", "rank"], "weight.method": ["entropy", "equal", "critic"]}
    full |= {"aggregate.method": ["arithmetic", "geometric"], "weights": 0.25}  # type: ignore[dict-item]
    linear = {name: found for name, found in full.items() if name != "aggregate.method"}
    china = best(lambda: replay(panel, tree, base, linear, 10_000), 3)
    mixed = best(lambda: replay(panel, tree, base, full, 10_000), 1)
    asem = Study.open("asem")
    whole = {"treat.method": ["none", "winsorise-log"], **full}
    drawn = (asem.panel(), asem.framework(), asem.choices.measure.recipe, whole, 5000)
    return [
        Row(
            "5,000 whole-recipe replays of ASEM: treatment, normalisation, weighting, aggregation, weights",
            best(lambda: replay(*drawn), 3),
            "COINr at its 7.7 a second (quoted, not run here)",
            5000 / 7.7,
        ),
        Row(f"{DRAWS:,} replays, 300 regions x 50 indicators, ranks included", ours, PEER, loop),
        Row("10,000 replays of the China study, 10 years: normalisation, weighting, weights", china),
        Row("10,000 replays of the China study, aggregation too", mixed),
    ]
