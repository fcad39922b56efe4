"""The bundled study of Europe against the scores that the European Commission published."""

import csv
from pathlib import Path

import numpy as np
import pytest

from zhiyu.measure import Index, hierarchy
from zhiyu.measure.aggregate import arithmetic
from zhiyu.study import Study

PUBLISHED = Path(__file__).parent / "desi" / "published_scores_2017_2021.csv"

# How many of the 140 published scores of a node have all their inputs in the data; of the others, none is compared.
COMPARED = {
    "DESI": 0,
    "1": 0,
    "2": 49,
    "3": 0,
    "4": 0,
    "1a": 0,
    "1b": 135,
    "2a": 132,
    "2b": 140,
    "2c": 140,
    "2d": 56,
    "3a": 0,
    "3b": 0,
    "3c": 119,
    "4a": 0,
}


@pytest.fixture(scope="module")
def index() -> Index:
    return Study.open("europe-desi").measure()


@pytest.fixture(scope="module")
def published() -> list[dict[str, str]]:
    with PUBLISHED.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_published_node_is_in_the_tree(index: Index, published: list[dict[str, str]]) -> None:
    assert len(published) == 28 * 5
    assert set(COMPARED) == set(published[0]) - {"geo", "desi_year"}
    assert set(COMPARED) == {node.id for node in index.tree.nodes if not node.is_leaf}


@pytest.mark.parametrize("node", COMPARED)
def test_scores_from_raw_indicators(node: str, index: Index, published: list[dict[str, str]]) -> None:
    leaves = [leaf.id for leaf in index.tree.leaves_below(node)]
    compared = 0
    for row in published:
        here = index.values.sel(region=index.regions.match(row["geo"]), year=int(row["desi_year"]))
        if np.isfinite(here.sel(indicator=leaves).values).all():
            score = index.scores.sel(node=node, region=here["region"], year=here["year"])
            assert float(score) == pytest.approx(float(row[node]), rel=0, abs=1e-6)
            compared += 1
    assert compared == COMPARED[node]


def test_published_sub_dimensions_lead_to_published_dimensions_and_index(
    index: Index, published: list[dict[str, str]]
) -> None:
    tree = index.tree
    known = {node.id: np.array([float(row[node.id]) for row in published]) for node in tree.nodes if not node.is_leaf}
    compared = 0
    for node in (tree.root, *tree.top):
        children = tree.children[node.id]
        weights = hierarchy.given_weights(children, node.id)
        score = arithmetic(np.stack([known[child.id] for child in children], axis=-1), weights)
        assert np.abs(score - known[node.id]).max() < 1e-6
        compared += len(score)
    assert compared == 5 * 140


def test_the_edition_of_2022_can_be_measured_whole(index: Index) -> None:
    whole = np.isfinite(index.values.sel(year=2022).transpose("region", "indicator").values).all(axis=1)
    assert int(whole.sum()) >= 18
    assert np.isfinite(index.scores.sel(year=2022, node="DESI")).sum() >= 27
