"""The ledger's room: verdicts in words and marks, what they hang on, and the curves, in both languages."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from benchmarks.planted_claims import FRAMEWORK, panel

from zhiyu.explain.of.claims import Ledger, claims
from zhiyu.report.explain.claims import frail, interval, question
from zhiyu.report.explain.question import Question
from zhiyu.terms import LOCALES, Label


@pytest.fixture(scope="module")
def ledger() -> Ledger:
    made = panel("C01", 1.0, 3)
    some = replace(
        FRAMEWORK, claims=type(FRAMEWORK.claims)([FRAMEWORK.claims[x] for x in ("C01", "C17", "C20", "C24")])
    )
    return claims(made.index, made.panel, some, grouping="region4", draws=199, most=60, seed=3)


def room(found: Ledger) -> Question:
    m = SimpleNamespace(evidence=SimpleNamespace(ledger=found), framework=FRAMEWORK, coverage=())
    made = question(m)  # type: ignore[arg-type]
    assert made is not None
    return made


def test_no_ledger_no_room():
    assert question(SimpleNamespace(evidence=None)) is None  # type: ignore[arg-type]
    assert question(SimpleNamespace(evidence=SimpleNamespace(ledger=None))) is None  # type: ignore[arg-type]


def test_it_counts_the_verdicts_first(ledger):
    told = room(ledger).told
    counted = {word: int((ledger.claims["verdict"] == word).sum()) for word in ("supported", "untestable", "model")}
    assert f"Of 4 claims the data support {counted['supported']} " in told[0].en
    assert f"支持{counted['supported']}个" in told[0].zh
    assert (counted["untestable"], counted["model"]) == (1, 1)
    assert any("C01" in one.en and "specifications agree" in one.en for one in told)


def test_every_claim_has_a_row_with_word_mark_reason_and_the_data_it_wants(ledger):
    table = room(ledger).tables[0]
    assert table.column("claim_id") == ["C01", "C17", "C20", "C24"]
    words = dict(zip(table.column("claim_id"), table.column("claim_verdict"), strict=True))
    assert words["C01"].en.startswith("● supported")
    assert words["C20"].zh == "– 此处不可检验"
    assert words["C24"].en == "◇ waits for the simulator"
    reasons = dict(zip(table.column("claim_id"), table.column("claim_why"), strict=True))
    assert "hightech_exports_pct" in reasons["C20"].en
    assert "What would test it" in reasons["C20"].en
    groups = table.column("claim_group")
    assert groups[0] == Label("技术与产业双轮", "Technology-industry dual wheel")


def test_a_verdict_few_specifications_reach_is_called_so(ledger):
    one = ledger["C01"]
    weak = replace(one, agreement=replace(one.agreement, share=0.2))
    assert (frail(weak), frail(replace(weak, verdict="mixed"))) == (True, False)
    told = room(replace(ledger, verdicts=(weak,))).told
    assert any("take them with care" in sentence.en for sentence in told)


@pytest.mark.parametrize("locale", LOCALES)
def test_tables_and_curves_can_be_drawn(ledger, locale):
    made = room(ledger)
    for table in (*made.tables, *made.files):
        assert len(table.html(locale)) > 100
        assert table.csv()
    drawn = made.figures(locale)
    assert [one.id for one in drawn][:2] == ["chart-claims", "chart-claims_C01"]
    assert all(one.alt and "<svg" in str(one.svg) for one in drawn)
    assert [str(one.svg) for one in made.figures(locale)] == [str(one.svg) for one in drawn]


def test_an_end_without_bound_is_shown_as_such():
    assert interval(-np.inf, 1.5) == "[−∞, 1.50]"
    assert interval(0.25, np.inf) == "[0.250, ∞]"
    assert interval(float("nan"), 1.0) is None
