"""The room of the mechanisms: what it tells follows the figures, and its tables say what they rest on."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from zhiyu import Study
from zhiyu.explain.of.mechanism import MechanismEvidence, mechanism
from zhiyu.report.explain.mechanism import question
from zhiyu.report.explain.question import Question
from zhiyu.terms import LOCALES, Label


@pytest.fixture(scope="module")
def study() -> Study:
    return Study.open("china-provinces")


@pytest.fixture(scope="module")
def found(study) -> MechanismEvidence:
    return mechanism(study.measure(), study.panel(), study.framework(), draws=199, seed=1)


@pytest.fixture
def asked(study):
    def room(result: MechanismEvidence) -> Question:
        known: dict[str, Any] = {"panel": study.panel(), "framework": study.framework(), "coverage": ()}
        evidence = SimpleNamespace(mechanism=result)
        made = question(SimpleNamespace(evidence=evidence, index=study.measure(), **known))  # type: ignore[arg-type]
        assert made is not None
        return made

    return room


def effect(found: MechanismEvidence, **changed: float) -> MechanismEvidence:
    """The evidence with every path's figures changed."""
    return replace(found, paths=tuple(replace(one, effect=replace(one.effect, **changed)) for one in found.paths))


def test_without_an_answer_there_is_no_room():
    assert question(SimpleNamespace(evidence=None)) is None  # type: ignore[arg-type]
    assert question(SimpleNamespace(evidence=SimpleNamespace())) is None  # type: ignore[arg-type]


def test_the_lead_counts_what_is_clear(found, asked):
    assert asked(effect(found, p=0.001)).told[0].en.startswith("Of 5 mechanisms, 5 are clearly higher")
    assert "none is clearly higher" in asked(effect(found, p=0.3)).told[0].en
    assert "none is clearly higher" in asked(effect(found, p=0.001, estimate=-1.0)).told[0].en


def test_a_path_that_a_region_carries_is_said_to_turn(found, asked):
    turned = np.where(np.arange(31) == 4, -1.0, 1.0)
    other = replace(found, paths=tuple(replace(x, effect=replace(x.effect, without=turned)) for x in found.paths[:1]))
    assert "the direction turns" in asked(other).told[1].en
    assert "whichever region is left out" in asked(effect(found, without=np.ones(31), estimate=1.0)).told[1].en


def test_moderation_is_told_in_per_cent_of_output(found, asked):
    more = replace(found, moderated=replace(found.moderated, estimate=np.log(1.05), p=0.01))
    told = asked(more).told[2]
    assert "a further +5.00%" in told.en
    assert "更高" in told.zh
    assert "反而较低" in asked(replace(found, moderated=replace(found.moderated, estimate=-0.1, p=0.01))).told[2].zh
    assert "cannot be told" in asked(replace(found, moderated=replace(found.moderated, p=0.5))).told[2].en


def test_what_was_skipped_and_that_nothing_is_caused_is_said(found, asked):
    told = " ".join(
        one.en for one in asked(replace(found, skipped=((Label("甲", "this"), Label("无", "no data.")),))).told
    )
    assert "Not to be tested: this: no data." in told
    assert "not cause and effect" in told


def test_the_regressions_stand_beside_each_other_with_their_facts(found, asked):
    table = asked(found).tables[0]
    assert len(table.columns) == 1 + 5 + 2
    first = next(row for row in table.rows if row[0] == Label("智能原生化", "AI nativeness"))
    assert first[1].en.startswith(f"{found.paths[0].effect.estimate:.3f}")
    facts = {row[0].en: [cell.en for cell in row[1:]] for row in table.rows}
    assert facts["Regions"] == ["31"] * 7
    assert any("invention" in note.en for note in table.notes)  # what was taken out of the driver


def test_shares_of_the_fields_sum_to_the_total(found, asked):
    table = asked(found).tables[1]
    shares = [value for value in table.column("shapley_part") if isinstance(value, float)]
    assert sum(shares[:-1]) == pytest.approx(shares[-1])


def test_without_a_split_there_is_no_table_of_it(found, asked):
    room = asked(replace(found, embedding=None, together=None, fields=()))
    assert [table.id for table in room.tables] == ["mechanism"]


@pytest.mark.parametrize("locale", LOCALES)
def test_everything_can_be_drawn(found, asked, locale):
    room = asked(found)
    for table in (*room.tables, *room.files):
        assert table.html(locale)
        assert table.csv()
        assert table.parquet()
    (figure,) = room.figures(locale)
    assert figure.svg.startswith("<svg")
    assert f"{found.paths[0].effect.estimate:+.2f}" in figure.alt
