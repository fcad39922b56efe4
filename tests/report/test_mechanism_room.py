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
    def room(result: MechanismEvidence, ledger: Any = None) -> Question:
        known: dict[str, Any] = {"panel": study.panel(), "framework": study.framework(), "coverage": ()}
        evidence = SimpleNamespace(mechanism=result, ledger=ledger)
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
    told = asked(effect(found, p=0.001, estimate=1.0)).told[0]
    assert "5 of 5 mechanisms are higher" in told.en
    assert "Before anything else is held equal" in told.en
    assert "ledger" not in told.en  # a study without one has no bar
    assert "none is clearly higher" in asked(effect(found, p=0.3)).told[0].en
    assert "none is clearly higher" in asked(effect(found, p=0.001, estimate=-1.0)).told[0].en


def test_what_is_clear_alone_is_held_against_the_ledgers_bar(found, asked):
    """The first page calls the same claims mixed: the bar is the greatest p that passes there."""

    def ledger(bar: float) -> Any:
        return SimpleNamespace(verdicts=(SimpleNamespace(q=0.05, p=bar, parts=(1,)),), rate=0.10)

    found = effect(found, estimate=1.0)
    ps = (0.013, 0.009, 0.3, 0.039, 0.5)
    found = replace(
        found, paths=tuple(replace(x, effect=replace(x.effect, p=p)) for x, p in zip(found.paths, ps, strict=True))
    )
    strict, mild = (asked(found, ledger(bar)).told[0] for bar in (0.007, 0.010))
    assert "3 of 5 mechanisms" in strict.en
    assert "(p = 0.013)" in strict.en
    assert strict.en.endswith("By the claims ledger's stricter bar (p at most 0.007) none is clear.")
    assert "无一明确" in strict.zh
    assert mild.en.endswith(f"(p at most 0.010), 1 pass: {found.paths[1].label.en} (p = 0.009).")


def test_a_bound_without_end_is_told_and_drawn(found, asked):
    room = asked(effect(found, low=-np.inf, p=0.001, estimate=0.5))
    assert "−∞" in room.told[1].en
    assert "[−∞, " in room.tables[0].rows[1][1].en
    assert room.figures("en")[0].svg.startswith("<svg")


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
    table, beside = asked(found).tables[:2]
    assert (len(table.columns), len(beside.columns)) == (1 + 5, 1 + 2)
    first = next(row for row in table.rows if row[0] == Label("智能原生化", "AI nativeness"))
    assert first[1].en.startswith(f"{found.paths[0].effect.estimate:.3f}")
    facts = {row[0].en: [cell.en for cell in row[1:]] for row in table.rows}
    assert facts["Regions"] == ["31"] * 5
    one = found.paths[1].effect
    assert table.rows[1][2].en == f"[{one.low:.3f}, {one.high:.3f}]"  # not the error, which p does not follow from
    assert any("invention" in note.en for note in table.notes)  # what was taken out of the driver


def test_shares_of_the_fields_sum_to_the_total(found, asked):
    table = asked(found).tables[2]
    shares = [value for value in table.column("shapley_part") if isinstance(value, float)]
    assert sum(shares[:-1]) == pytest.approx(shares[-1])


def test_without_a_split_there_is_no_table_of_it(found, asked):
    room = asked(replace(found, embedding=None, together=None, fields=()))
    assert [table.id for table in room.tables] == ["mechanism", "mechanism_outcome"]
    room = asked(replace(found, embedding=None, together=None, fields=(), moderated=None))
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
