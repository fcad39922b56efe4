"""The room of the map: what it says follows the numbers, in both languages, whatever they are."""

import re
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from support import MAINLAND

from zhiyu.data.neighbours import Neighbours, from_coordinates
from zhiyu.explain.of.space import Space, space
from zhiyu.report import Material
from zhiyu.report.explain.question import Question
from zhiyu.report.explain.space import question
from zhiyu.terms import LOCALES


def asked(m: Material, found: Space | None) -> Question | None:
    return question(replace(m, evidence=SimpleNamespace(space=found)))


def answered(m: Material, found: Space) -> Question:
    room = asked(m, found)
    assert room is not None
    return room


@pytest.fixture(scope="module")
def found(small: Material) -> Space:
    return space(small.index, from_coordinates(MAINLAND, k=4).select(MAINLAND.select(small.codes), "keep"), None, 199)


def changed(found: Space, i: object = None, p: object = None, **more: object) -> Space:
    """The same result with other figures for the root, one a year."""
    clustering = found.clustering.copy()
    for name, value in (("i", i), ("p", p)):
        if value is not None:
            clustering.loc[{"statistic": name, "term": found.root}] = value
    return replace(found, clustering=clustering, **more)  # type: ignore[arg-type]


def without(found: Space, p: np.ndarray) -> Space:
    one = found.without.copy()
    one.loc[{"statistic": "p"}] = p
    return replace(found, without=one)


def local(found: Space, quadrant: int, p: float, adjusted: float, where: slice) -> Space:
    """The last year's regions as said at `where`, all others insignificant."""
    figures = found.local.copy()
    last = figures.sel(year=found.years[-1])  # a view
    for name, value in (("quadrant", quadrant), ("p", p), ("adjusted", adjusted)):
        rest = 3 if name == "quadrant" else 0.9
        values = np.full(len(found.codes), rest, dtype=float)
        values[where] = value
        last.loc[{"statistic": name}] = values
    return replace(found, local=figures)


def test_no_evidence_no_room(small: Material):
    assert question(replace(small, evidence=None)) is None
    assert asked(small, None) is None


def test_tables_and_figures_hold_the_numbers(small: Material, found: Space):
    room = answered(small, found)
    years, terms, _ = room.tables
    assert years.column("year") == list(found.years)
    assert years.column("moran_i") == found.clustering.sel(statistic="i", term=found.root).values.tolist()
    last = found.clustering.sel(statistic="i", year=found.years[-1])
    assert set(terms.column("node")) == {name for name in found.terms if np.isfinite(last.sel(term=name))} - {
        found.root
    }
    local, without = room.files
    assert len(local.rows) == len(found.codes) * len(found.years)
    assert without.column("moran_p") == found.without.sel(statistic="p").values.tolist()
    for locale in LOCALES:
        scatter, tiles = room.figures(locale)
        assert (scatter.id, tiles.id) == ("chart-space-scatter", "chart-space-map")
        assert tiles.svg.count('<g class="tile') > 34
        for figure in (scatter, tiles):
            assert not re.search(r"\{\w*\}|nan", figure.alt + figure.title + "".join(figure.notes))
        for table in (*room.tables, *room.files):
            assert table.html(locale)


@pytest.mark.parametrize(
    ("i", "p", "words"),
    [
        (0.4, 0.01, "In every one of 4 years neighbours' scores on the node r were more alike"),
        ([0.4, 0.4, 0.1, 0.1], [0.01, 0.02, 0.3, 0.3], "In 2 of 4 years neighbours' scores on the node r were more"),
        (-0.5, 0.01, "In every one of 4 years neighbours' scores on the node r were less alike"),
        ([-0.5, 0.1, 0.1, 0.1], [0.01, 0.3, 0.3, 0.3], "In 1 of 4 years neighbours' scores on the node r were less"),
        (0.1, 0.3, "In none of 4 years can neighbours' scores on the node r be told from chance"),
    ],
)
def test_the_finding_follows_the_years(small: Material, found: Space, i: object, p: object, words: str):
    room = answered(small, changed(found, i, p))
    assert room.told[0].en.startswith(words)
    assert "{" not in room.told[0].zh + room.told[0].en


@pytest.mark.parametrize(("i", "p", "words"), [(0.4, 0.01, "more"), (-0.4, 0.01, "less"), (0.1, 0.4, "cannot")])
def test_a_single_year(small: Material, found: Space, i: float, p: float, words: str):
    one = changed(found, [np.nan] * 3 + [i], [np.nan] * 3 + [p])
    room = answered(small, one)
    assert room.told[0].en.startswith("In 2018 ")
    assert words in room.told[0].en
    assert "p = " in room.told[0].en
    assert [column.id for column in room.tables[1].columns][:3] == ["node", "node_name", "moran_last"]


def test_a_result_of_one_region_is_said_to_be_one(small: Material, found: Space):
    alike, number = changed(found, 0.4, 0.01), len(found.codes)
    firm = np.full(number, 0.01)
    assert "rests on no single region" in answered(small, without(alike, firm)).told[1].en
    name = found.names[found.codes[2]].en
    rests = answered(small, without(alike, np.where(np.arange(number) == 2, 0.2, firm))).told[1].en
    assert f"rests on one region: without {name}" in rests
    several = answered(small, without(alike, np.where(np.arange(number) < 3, 0.2, firm))).told[1].en
    assert "any one of 3 regions" in several
    chance = changed(found, 0.1, 0.3)
    assert "never below" in answered(small, without(chance, np.full(number, 0.4))).told[1].en
    hidden = answered(small, without(chance, np.where(np.arange(number) == 2, 0.01, 0.4))).told[1].en
    assert f"Without {name}" in hidden
    assert "hides" in hidden


def test_only_what_stands_after_adjusting_is_a_finding(small: Material, found: Space):
    names = [found.names[code].en for code in found.codes[:2]]
    firm = answered(small, local(found, 1, 0.001, 0.01, slice(2)))
    assert f"false discovery rate of 5%: {names[0]} and {names[1]} (high among high)" in firm.told[2].en
    assert firm.tables[2].column("cluster") == ["high_high"] * 2
    single = answered(small, local(found, 4, 0.04, 0.4, slice(2)))
    assert "none stands" in single.told[2].en
    assert f"{names[0]} and {names[1]} (high among low)" in single.told[2].en
    assert "about 0.6" in single.told[2].en  # twelve tests at 5 %
    none = answered(small, local(found, 4, 0.4, 0.4, slice(2)))
    assert "not even in its single test" in none.told[2].en
    assert none.tables[2].rows == ()
    deep, pale = (room.figures("en")[1].svg for room in (firm, single))
    count = lambda svg, opacity: svg.split('<g class="legend"')[0].count(f"fill-opacity: {opacity}")  # noqa: E731
    assert (count(deep, 0.45), count(deep, 0.18)) == (2, 0)
    assert (count(pale, 0.45), count(pale, 0.18)) == (0, 2)
    assert "stroke-dasharray" in pale.split('<g class="legend"')[0].replace("stroke-dasharray: 4 3", "")


def test_every_kind_of_weights_has_its_words(small: Material, found: Space):
    kinds = ("contiguity", "edges", "nearest", "band", "decay", "matrix", "economic", "nested", "mixed", "flows")
    said = {kind: answered(small, replace(found, kind=kind)).told[3] for kind in kinds}
    assert len({label.en for label in said.values()}) == len(kinds)
    assert all(kind in (Neighbours.__doc__ or "") for kind in kinds)
    out = answered(small, replace(found, left_out=(found.codes[0],))).told[3]
    assert out.en.endswith(f"{found.names[found.codes[0]].en}.")
    assert found.names[found.codes[0]].zh in out.zh
