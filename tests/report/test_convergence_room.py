"""The report's room of convergence says what its numbers say."""

from __future__ import annotations

from dataclasses import replace

import pytest

from zhiyu import Study
from zhiyu.explain.evidence import Evidence
from zhiyu.explain.of.convergence import ConvergenceEvidence, convergence
from zhiyu.report.explain.convergence import question, way
from zhiyu.report.explain.question import Question
from zhiyu.report.material import Material
from zhiyu.terms import LOCALES


@pytest.fixture(scope="module")
def evidence() -> ConvergenceEvidence:
    study = Study.open("china-provinces")
    return convergence(study.measure(), study.panel(), "region4", study.neighbours(), seed=1, draws=200)


@pytest.fixture(scope="module")
def material(evidence: ConvergenceEvidence) -> Material:
    study = Study.open("china-provinces")
    index, panel = study.measure(), study.panel()
    told = Evidence(convergence=evidence)
    return Material("made", study.choices, panel, index, study.framework(), index.regions, evidence=told)


@pytest.fixture(scope="module")
def room(material: Material) -> Question:
    found = question(material)
    assert found is not None
    return found


def test_the_relative_gap_is_told_first_with_the_gap_itself_beside_it(room: Question):
    assert "narrowed" in room.told[0].en
    assert "grew" in room.told[0].en
    assert "缩小" in room.told[0].zh


def test_nickell_and_the_short_panel_are_said(room: Question):
    said = " ".join(label.en for label in room.told)
    assert "−0.30" in said
    assert "8.4%" in said


def test_a_change_whose_interval_holds_nothing_is_unclear(evidence: ConvergenceEvidence):
    trend = evidence.series[0].sigma.log
    assert way(trend) == "narrower"
    assert way(replace(trend, change=0.1, change_low=0.05, change_high=0.2)) == "wider"
    assert way(replace(trend, change_low=-0.2, change_high=0.01)) == "unclear"


def test_tables_hold_every_series_and_every_member(room: Question, evidence: ConvergenceEvidence):
    tables = {table.id: table for table in (*room.tables, *room.files)}
    assert tables["convergence_sigma"].column("series") == [one.id for one in evidence.series]
    assert sum(int(str(cell)) for cell in tables["convergence_clubs"].column("regions")) == 31
    assert len(tables["convergence_years"].rows) == sum(len(one.years) for one in evidence.series)
    assert len(tables["convergence_members"].rows) == sum(len(one.codes) for one in evidence.series)


@pytest.mark.parametrize("locale", LOCALES)
def test_figures_are_the_same_bytes_again(room: Question, locale: str):
    first, again = (room.figures(locale) for _ in range(2))  # type: ignore[arg-type]
    assert [figure.id for figure in first] == ["convergence-scatter", "convergence-path"]
    assert [str(figure.svg) for figure in first] == [str(figure.svg) for figure in again]


def test_without_evidence_there_is_no_room(material: Material):
    assert question(replace(material, evidence=None)) is None
    assert question(replace(material, evidence=Evidence())) is None
