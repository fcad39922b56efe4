"""What the model implies of claims: run when asked for and not before, and one way of putting it into the ledger."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest
from study.test_silent_states import lay

from zhiyu import Study, framework, report
from zhiyu.explain.claims.question import Implied
from zhiyu.explain.claims.rules import Answered, ledger
from zhiyu.explain.evidence import Evidence
from zhiyu.explain.of.claims import Ledger
from zhiyu.simulate import carried
from zhiyu.terms import Label

THEORY = framework.load().claims
ASKED = ("C01", "C07", "C21", "C22", "C24", "C25")
EVIDENCE = Evidence(ledger=Ledger(ledger([Answered(THEORY[name], None) for name in ASKED], {}), {}))
ONE = Implied(0.2, 0.1, 0.3, "supported", Label("模拟如此。", "So it comes out."))
MODEL = ("ensemble", "carried", "design")


def verdicts(found: Evidence) -> dict[str, str]:
    assert found.claims is not None
    return dict(zip(found.claims["id"], found.claims["verdict"], strict=True))


def test_what_the_model_implies_fills_the_rows_that_wait(tmp_path, monkeypatch):
    for name, number in (("MEMBERS", 20), ("CUT", 8), ("CROSSED", 4)):
        monkeypatch.setattr(carried, name, number)
    study = Study.open(lay(tmp_path / "study", ()))
    study.choices = study.choices.model_copy(
        update={"explain": study.choices.explain.model_copy(update={"questions": ()})}
    )
    study.explain()
    assert not set(MODEL) & set(study.done)
    implied = study.implied()
    assert set(implied) == {"C07", "C21", "C22", "C24"}
    assert "design" not in study.done
    found = EVIDENCE.filled(implied)
    before, after = verdicts(EVIDENCE), verdicts(found)
    assert {name for name, word in before.items() if word == "model"} == {"C07", "C22", "C24", "C25"}
    assert {name for name, word in after.items() if word == "model"} == {"C25"}
    assert found.ledger["C24"].estimate == implied["C24"].estimate
    assert found.ledger["C01"] == EVIDENCE.ledger["C01"]


@pytest.mark.parametrize(("in_file", "asked", "there"), [(False, None, 0), (False, True, 1), (True, None, 1)])
def test_a_plan_is_found_only_where_it_is_asked_for(in_file, asked, there, monkeypatch):
    calls = []
    monkeypatch.setattr(Study, "carried", lambda _: SimpleNamespace(claims={"C24": ONE}))
    monkeypatch.setattr(Study, "design", lambda _: calls.append(1))
    monkeypatch.setattr("zhiyu.study.claim.claims", lambda _: {"C25": ONE})
    study = Study.open("china-provinces")
    chosen = study.choices.report.model_copy(update={"design": in_file})
    study.choices = study.choices.model_copy(update={"report": chosen})
    assert set(study.implied(asked)) == {"C24", *["C25"][:there]}
    assert len(calls) == there


def test_a_study_that_does_not_simulate_implies_nothing():
    study = Study.open("europe-desi")
    assert study.choices.simulate is None
    assert study.implied() == {}
    assert EVIDENCE.filled({}) is EVIDENCE


def test_the_report_has_the_ledger_that_a_user_gets(monkeypatch):
    for name in ("robustness", "sensitivity", "drop_one"):
        monkeypatch.setattr(Study, name, lambda _: None)
    monkeypatch.setattr(Study, "explain", lambda _: EVIDENCE)
    monkeypatch.setattr(Study, "implied", lambda _: {"C24": ONE, "C22": replace(ONE, verdict="untestable")})
    study = Study.open("europe-desi")
    made, own = report.collect(study).evidence, study.explain().filled(study.implied())
    assert made is not None
    assert made.claims.equals(own.claims)
    assert (verdicts(made)["C24"], verdicts(made)["C22"]) == ("supported", "untestable")
