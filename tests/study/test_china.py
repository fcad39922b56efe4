"""The bundled China study: what comes out is plausible, and what is odd is said."""

from __future__ import annotations

import numpy as np
import pytest

from zhiyu import Study
from zhiyu.data.panel import Mark
from zhiyu.measure import Index
from zhiyu.measure.audit import audit
from zhiyu.measure.index import DOMINANT
from zhiyu.measure.moves import big_moves


@pytest.fixture(scope="module")
def index() -> Index:
    return Study.open("china-provinces").measure()


def names(index: Index, best: int) -> list[str]:
    """English names of the best provinces of 2022."""
    rank = index.ranks.sel(node="index", year=2022).to_series().sort_values()
    return [index.regions.label(str(code)).en for code in rank.index[:best]]


def test_the_head_of_the_ranking_is_where_everyone_would_look(index):
    assert {"Beijing", "Shanghai", "Guangdong"} <= set(names(index, 4))
    assert {"Jiangsu", "Zhejiang"} <= set(names(index, 8))


def test_all_31_provinces_and_all_ten_years_have_a_score(index):
    assert index.scores.sizes["region"] == 31
    assert index.years == tuple(range(2013, 2023))
    assert np.isfinite(index.scores.sel(node="index")).all()


def test_scores_lie_on_the_scale_and_weights_sum_to_one(index):
    assert float(index.scores.min()) >= 0.0
    assert float(index.scores.max()) <= 100.0 + 1e-9
    leaves = [leaf.id for leaf in index.tree.leaves]
    np.testing.assert_allclose(index.effective.sel(node=leaves).sum("node"), 1.0, atol=1e-12)


def test_every_indicator_above_two_fifths_of_its_attribute_is_flagged(index):
    flagged = {message.message.place.key for message in audit(index) if message.check == "indicator_dominant"}
    for attribute in index.tree.top:
        for leaf in index.tree.leaves_below(attribute.id):
            share = float((index.effective.sel(node=leaf.id) / index.effective.sel(node=attribute.id)).max())
            assert (leaf.id in flagged) == (share > DOMINANT)


def test_every_move_of_more_than_eight_places_is_explained(index):
    ranks = index.ranks.sel(node="index").values
    jumps = {(index.codes[i], index.years[t + 1]) for i, t in np.argwhere(np.abs(np.diff(ranks, axis=1)) > 8)}
    moves = big_moves(index, 8)
    assert {(move.region, move.year) for move in moves} == jumps
    assert all(move.drivers for move in moves)


def test_short_indicators_are_left_out_by_rule_and_come_back_with_the_years(index):
    assert {gone.node.id for gone in index.left_out} >= {"base_station_density", "mobile_phone_density"}
    study = Study.open("china-provinces")
    late = study.choices.model_copy(update={"data": study.choices.data.model_copy(update={"years": (2017, 2022)})})
    again = Study.open("china-provinces", choices=late).measure()
    assert "mobile_phone_density" in {leaf.id for leaf in again.tree.leaves}


def test_only_the_hole_of_2017_and_single_cells_are_interpolated(index):
    panel = Study.open("china-provinces").panel()
    filled = {name for name in panel.names if (panel.marks[name] == Mark.INTERPOLATED).any()}
    assert "hightech_mfg_revenue_100m" in filled
    assert (panel.marks["hightech_mfg_revenue_100m"].sel(year=2017) == Mark.INTERPOLATED).all()
    assert (panel.marks["software_product_revenue_100m"].sel(region="540000") == Mark.MISSING).all()
    assert len(panel.changes) == sum(int((panel.marks[name] == Mark.INTERPOLATED).sum()) for name in panel.names)
