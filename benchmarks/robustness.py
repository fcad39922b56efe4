"""Replays of a recipe: beside plain loops in NumPy and in pandas, and of the China study."""

from __future__ import annotations

import numpy as np
import pandas as pd

from benchmarks.timing import Row, best
from zhiyu import Study
from zhiyu.data import synthetic
from zhiyu.framework import of_rows
from zhiyu.measure import Recipe, index
from zhiyu.measure.robustness import replay

DRAWS = 3456
IN_NUMPY = "plain loop in NumPy with the same care for missing cells"
IN_PANDAS = "plain loop in pandas with the same care for missing cells"
Outcomes = tuple[np.ndarray, np.ndarray]  # scores and ranks, both (d, n)


def by_numpy(x: np.ndarray, tops: list[list[int]], choices: list[dict[str, str]], factors: np.ndarray) -> Outcomes:
    """One replay at a time: normalise, weigh within each top node, perturb, mean of means, rank.

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
    return scores, ranks


def mean(x: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """(n,) weighted means of rows over what is there."""
    there = np.where(np.isnan(x), 0.0, weights)
    return np.asarray((there * np.nan_to_num(x)).sum(axis=1) / there.sum(axis=1))


def by_pandas(
    table: pd.DataFrame, tops: list[list[str]], choices: list[dict[str, str]], factors: pd.DataFrame
) -> Outcomes:
    """The same from a table with a row a region and a column an indicator, as it is written with pandas."""
    scores, ranks = [], []
    for d, choice in enumerate(choices):
        if choice["normalise.method"] == "rank":
            z = (table.rank() - 1) / (table.count() - 1)
        else:
            z = (table - table.min()) / (table.max() - table.min())
        tree = []
        for names in tops:
            part = z[names]
            weights = entropy(part.dropna()) if choice["weight.method"] == "entropy" else pd.Series(1.0, names)
            weights = weights / weights.sum() * factors.loc[d, names]
            tree.append((part * weights).sum(axis=1) / (part.notna() * weights).sum(axis=1))
        score = 100 * pd.concat(tree, axis=1).mean(axis=1)
        scores.append(score)
        ranks.append(score.rank(ascending=False, method="min"))
    return np.array(scores), np.array(ranks)


def entropy(whole: pd.DataFrame) -> pd.Series[float]:
    """Entropy weights of complete rows, not yet summing to one."""
    share = whole / whole.sum()
    return 1 + (share * np.log(share.where(share > 0, 1.0))).sum() / np.log(len(whole))


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
    codes, names = list(planted.panel.codes), [leaf.id for leaf in ready.tree.leaves]
    table, drawn = pd.DataFrame(x, codes, names), pd.DataFrame(factors, columns=list(made.factors["indicator"].values))
    labels = [[names[j] for j in columns] for columns in tops]
    peers: list[Outcomes] = []
    ours = best(lambda: replay(planted.panel, framework, recipe, vary, DRAWS))
    in_numpy = best(lambda: peers.append(by_numpy(x, tops, choices, factors)), 3)
    in_pandas = best(lambda: peers.append(by_pandas(table, labels, choices, drawn)), 1)
    for scores, ranks in peers:
        assert np.allclose(made.scores.values[..., 0], scores, atol=1e-9)
        assert (made.ranks.values[..., 0] == ranks).all()
    study = Study.open("china-provinces")
    panel, tree, base = study.panel(), study.framework(), study.choices.measure.recipe
    full = {"normalise.method": ["minmax", "rank"], "weight.method": ["entropy", "equal", "critic"]}
    full |= {"aggregate.method": ["arithmetic", "geometric"], "weights": 0.25}  # type: ignore[dict-item]
    linear = {name: found for name, found in full.items() if name != "aggregate.method"}
    china = best(lambda: replay(panel, tree, base, linear, 10_000), 3)
    mixed = best(lambda: replay(panel, tree, base, full, 10_000), 1)
    asem = Study.open("asem")
    whole = {"treat.method": ["none", "winsorise-log"], **full}
    asked = (asem.panel(), asem.framework(), asem.choices.measure.recipe, whole, 5000)
    return [
        Row(
            "5,000 whole-recipe replays of ASEM: treatment, normalisation, weighting, aggregation, weights",
            best(lambda: replay(*asked), 3),
            "COINr at its 7.7 a second (quoted, not run here)",
            5000 / 7.7,
        ),
        Row(f"{DRAWS:,} replays, 300 regions x 50 indicators, ranks included", ours, IN_NUMPY, in_numpy),
        Row("the same", ours, IN_PANDAS, in_pandas),
        Row("10,000 replays of the China study, 10 years: normalisation, weighting, weights", china),
        Row("10,000 replays of the China study, aggregation too", mixed),
    ]
