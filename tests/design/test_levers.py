"""Levers, options and places: what may be done, where and from when."""

from dataclasses import replace

import numpy as np
import pytest
from design.worlds import FIRST, LAGGING, lever, options, regions
from numpy.testing import assert_allclose, assert_array_equal
from simulate.runs import IDS, MEASURES
from support import refused

from zhiyu.design import levers, places
from zhiyu.simulate.channels import channels


def test_the_measures_of_the_paper_and_those_outside_are_told_apart():
    found = levers.levers(MEASURES, outside=True)
    assert tuple(one.id for one in found if not one.outside) == IDS
    outside = [one for one in found if one.outside]
    assert {one.id for one in outside} == {
        *("green_compute", "compute_carbon_price", "reskilling", "sme_voucher", "lagging_transfer"),
    }
    known = {channel.id for channel in channels()}
    for one in found:
        assert one.weights
        assert set(one.weights) <= known, one.id
        assert one.grade == "D"
        assert set(one.overlaps) <= set(IDS), one.id
    assert all(one.fills.zh and one.fills.en and one.note.en.startswith("Outside the paper") for one in outside)
    assert levers.levers(MEASURES)[20].mechanism == MEASURES[20].id[0]


def test_options_stand_in_the_order_of_levers_places_and_years():
    found = options(lever("a", RD=1.0), lever("b", sec=-0.5), years=(FIRST, FIRST + 2))
    assert [(row.lever, row.place, row.year - FIRST) for row in found.rows] == [
        *(("a", "left", 0), ("a", "left", 2), ("a", "right", 0), ("a", "right", 2)),
        *(("b", "left", 0), ("b", "left", 2), ("b", "right", 0), ("b", "right", 2)),
    ]
    assert_array_equal(found.reach[0], [1, 1, 1, 0, 0, 0])
    assert found.weights[0, levers.CHANNELS.index("RD")] == 1.0
    assert found.weights[5, levers.CHANNELS.index("sec")] == -0.5
    assert (found.weights != 0).sum(axis=1).tolist() == [1] * 8
    assert_array_equal(found.of({"b"}), [False] * 4 + [True] * 4)


def test_a_lever_for_lagging_regions_reaches_them_alone():
    only = replace(lever("a", inst=1.0), lagging=True)
    assert_array_equal(options(only, how="all").reach[0], LAGGING)
    assert [row.place for row in options(only, how="region").rows] == ["00", "03"]
    unknown = levers.options([only], places.sites(regions(), "all"), [FIRST])
    assert len(unknown) == 0


def test_places_are_all_regions_groups_or_single_regions():
    assert_array_equal(places.sites(regions(), "all")[0].reach, [True] * 6)
    assert [site.id for site in places.sites(regions(), "group", "two")] == ["left", "right"]
    single = np.array([site.reach for site in places.sites(regions(), "region")])
    assert_array_equal(single, np.eye(6, dtype=bool))


def test_what_a_lever_does_alone_is_told_by_channel():
    table = levers.told(levers.levers(MEASURES)).set_index(["measure", "channel"])
    assert_allclose(table.effect["2.1.1", "inst"], 0.35 * (1 - np.exp(-1)))
    assert_allclose(table.effect["2.2.1", "data"], 0.4 * (1 - np.exp(0.2)))
    assert (table.ramp_from == 2).all()
    assert (table.ramp_to == 4).all()
    assert table.overlaps["1.2.1", "pull"] == "3.1.1"


@pytest.mark.parametrize("key", ["design_no_groups", "design_no_group", "unknown_grouping"])
def test_groups_that_are_not_there_are_refused(key):
    rows = regions().rows
    broken = replace(regions(), rows=(*rows[:-1], replace(rows[-1], groups=())))
    of, grouping = {
        "design_no_groups": (regions(), None),
        "design_no_group": (broken, "two"),
        "unknown_grouping": (replace(regions(), groups=()), "two"),
    }[key]
    with refused(key):
        places.sites(of, "group", grouping)
