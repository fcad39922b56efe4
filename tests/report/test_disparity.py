"""Disparity in the report: words follow the intervals, tables hold the evidence's numbers, figures are drawn."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from report.conftest import LINES, material
from support import tree

from zhiyu.explain.evidence import Evidence
from zhiyu.explain.of.disparity import Disparity, disparity
from zhiyu.report.explain.disparity import question, way
from zhiyu.report.explain.question import Question
from zhiyu.report.material import Material
from zhiyu.report.tables import Table
from zhiyu.terms import LOCALES


def answered(m: Material, grouping: str | None = "region4") -> tuple[Material, Disparity]:
    found = disparity(m.index, m.panel, grouping, draws=50)
    return replace(m, evidence=Evidence(disparity=found)), found


@pytest.fixture(scope="module")
def asked(small: Material) -> tuple[Question, Disparity]:
    m, found = answered(small)
    made = question(m)
    assert made is not None
    return made, found


def table(made: Question, name: str) -> Table:
    return next(one for one in (*made.tables, *made.files) if one.id == name)


def test_the_years_table_is_the_evidence(asked: tuple[Question, Disparity]) -> None:
    made, found = asked
    rows = table(made, "disparity_years")
    root = found.parts.sel(measure=found.root, bound="estimate")
    assert rows.column("gini") == root.sel(part="total").values.tolist()
    for year, gini, within, between, overlap in zip(
        *[rows.column(name) for name in ("year", "gini", "gini_within", "gini_between", "transvariation")], strict=True
    ):
        assert within + between + overlap == pytest.approx(gini, abs=1e-12)  # type: ignore[operator]
        assert between == float(root.sel(part="between", year=year))


def test_the_words_are_those_of_the_tables(asked: tuple[Question, Disparity]) -> None:
    made, _ = asked
    gini = table(made, "disparity_years").column("gini")
    assert f"{gini[0]:.3f}" in made.told[0].en
    assert f"{gini[-1]:.3f}" in made.told[0].zh
    pairs = table(made, "disparity_pairs")
    apart = [(row[4], row[1], row[3]) for row in pairs.rows if row[5] is not None]
    most = max(apart)  # type: ignore[type-var]
    sentence = next(told.en for told in made.told if "farthest apart" in told.en)
    assert f"{most[0]:.3f}" in sentence
    assert most[1].en in sentence  # type: ignore[union-attr]
    assert most[2].en in sentence  # type: ignore[union-attr]


def test_a_change_is_told_by_its_interval() -> None:
    assert [way(np.array(bounds)) for bounds in ([2, 1, 3], [-2, -3, -1], [1, -1, 3])] == ["rose", "fell", "level"]


@pytest.mark.parametrize(
    ("low", "high", "said"), [(0.1, 0.3, "widened"), (-0.3, -0.1, "narrowed"), (-0.1, 0.1, "did not clearly change")]
)
def test_the_first_sentence_follows_the_interval(small: Material, low: float, high: float, said: str) -> None:
    m, found = answered(small)
    change = found.change.copy(deep=True)
    change.loc[{"measure": found.root, "part": "total", "bound": "low"}] = low
    change.loc[{"measure": found.root, "part": "total", "bound": "high"}] = high
    made = question(replace(m, evidence=Evidence(disparity=replace(found, change=change))))
    assert made is not None
    assert said in made.told[0].en.split(":")[0]


def test_years_that_do_not_compare_are_not_compared() -> None:
    m, _ = answered(material(tree(*LINES), normalise={"scope": "year"}))
    assert not m.comparable
    made = question(m)
    assert made is not None
    assert made.told[0].en.startswith("In 2018 the Gini")
    assert [figure.id for figure in made.figures("en")] == ["chart-disparity-parts"]


@pytest.mark.parametrize("locale", LOCALES)
def test_figures_are_drawn_the_same_each_time(asked: tuple[Question, Disparity], locale: str) -> None:
    made, _ = asked
    draw: Callable[[str], tuple] = made.figures  # type: ignore[assignment,type-arg]
    first, again = draw(locale), draw(locale)
    assert [figure.id for figure in first] == ["chart-disparity-densities", "chart-disparity-parts"]
    assert [figure.svg for figure in first] == [figure.svg for figure in again]
    assert all(figure.alt.startswith(figure.title) for figure in first)


def test_without_groups_nothing_is_said_of_them(small: Material) -> None:
    m, _ = answered(small, None)
    made = question(m)
    assert made is not None
    assert {one.id for one in made.tables} == {"disparity_years", "disparity_measures"}
    assert not any("farthest" in told.en or "within their groups" in told.en for told in made.told)


def test_every_table_can_be_shown_and_kept(asked: tuple[Question, Disparity]) -> None:
    made, _ = asked
    for one in (*made.tables, *made.files):
        assert one.rows
        assert one.id.startswith("disparity_")
        assert one.csv().count(b"\r\n") == len(one.rows) + 1
        assert one.parquet()
        for locale in LOCALES:
            assert "nan" not in one.html(locale)


def test_without_evidence_there_is_no_question(small: Material) -> None:
    assert question(replace(small, evidence=None)) is None
