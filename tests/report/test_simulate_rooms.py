"""The rooms of "what follows if": every sentence in both languages, differences only, and what is assumed is marked."""

from __future__ import annotations

import re
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from simulate.simulated import simulation, told

from zhiyu.explain.evidence import Evidence
from zhiyu.report import Material, document, tables, words
from zhiyu.report.explain.claims import by_model
from zhiyu.report.explain.question import Question
from zhiyu.report.findings import findings
from zhiyu.report.simulate import drivers, moved, shown
from zhiyu.report.simulate.chapter import finding, questions
from zhiyu.terms import LOCALES

ROOMS = {"skill", "coefficients", "scenarios", "gaps", "assumed", "drivers"}


@pytest.fixture(scope="module")
def simulated(small: Material) -> Material:
    return replace(small, simulation=simulation(), carried=told())


@pytest.fixture(scope="module")
def rooms(simulated: Material) -> dict[str, Question]:
    return {room.id.removeprefix("simulate_"): room for room in questions(simulated)}


def test_a_study_that_does_not_simulate_has_no_chapter(small):
    assert questions(small) == ()
    assert finding(small) == ()
    assert all(one.id != "if" for one in findings(small, "en"))


def test_every_room_is_there_and_speaks(rooms):
    assert set(rooms) >= ROOMS
    for room in rooms.values():
        for locale in LOCALES:
            said = " ".join(sentence.text(locale) for sentence in room.told)
            assert said
            assert "{" not in said
            assert re.search(r"\bnan\b", said) is None


def test_what_is_assumed_is_said_to_be(rooms, simulated):
    scenarios = rooms["scenarios"]
    assert any("grade D" in sentence.en for sentence in scenarios.told)
    assert any("D级" in sentence.zh for sentence in scenarios.told)
    assert all("assumed" in table.title.en for table in scenarios.tables[:1])
    front = [one for one in findings(simulated, "en") if one.id == "if"]
    assert len(front) == 1
    assert "no forecast" in front[0].body[0]


def test_the_table_of_scenarios_holds_the_differences(rooms):
    of = simulation()
    table = rooms["scenarios"].tables[0]
    low, middle, high = shown.last(of, "s1", "patents")
    cell = table.column("if_patents")[0]
    assert cell.en == f"{shown.signed(middle)}% [{shown.signed(low)}, {shown.signed(high)}]"
    assert len(table.rows) == 2  # the baseline is what they differ from
    assert "%" not in table.column("if_incidents")[0].en


def test_the_finding_says_the_most_that_is_assumed(simulated):
    found = simulated.carried
    said = finding(simulated)
    assert len(said) == 2
    cut = found.cut[(found.cut.outcome == "output") & (found.cut.grade == "D")]
    most = cut.loc[cut.share.idxmax()]
    assert most.share > 0
    assert words.percent(most.share, 0) in said[1].en
    assert drivers.coupling(most.coupling).en in said[1].en
    shares = found.shares[(found.shares.group == "assumed") & (found.shares.outcome == "output")]
    carried = shares[shares.scenario == found.widest].total.clip(0, 1).iloc[0]
    assert f"{words.percent(carried, 0)} of its variance" in said[1].en


def test_what_moves_an_outcome_most_is_that_without_which_most_is_lost(rooms, simulated):
    moves = simulated.carried.moves
    table = {one.id: one for one in rooms["scenarios"].tables}["simulate_moved"]
    assert [column.id for column in table.columns[1:]] == [
        f"if_{side}_{name}" for name in ("output", "carbon") for side in ("up", "down")
    ]
    for s, scenario in enumerate(("s1", "s2")):
        for name in ("output", "carbon"):
            rows = moves[(moves.scenario == scenario) & (moves.outcome == name) & (moves.coupling != "grade D")]
            lost = (100 * (rows.effect - rows.without)).set_axis(rows.coupling)
            for side, most in (("up", lost.idxmax()), ("down", lost.idxmin())):
                cell = table.column(f"if_{side}_{name}")[s].en
                wanted = f"{drivers.coupling(most).en}, {shown.signed(lost[most])}"
                seen = lost[most] * (1 if side == "up" else -1) >= 0.05
                assert cell.lower() == (wanted.lower() if seen else "—")


def test_an_outcome_below_the_baseline_is_explained(simulated):
    of, found = simulated.simulation, simulated.carried
    named = [one.en for name in ("output", "carbon") for one in moved.fallen(of, found, name)]
    below = [
        label.en
        for name in ("output", "carbon")
        for scenario, label in shown.labels(of).items()
        if shown.last(of, scenario, name)[1] <= -0.05
    ]
    assert below
    assert all(any(f"“{label}”" in said for said in named) for label in below)


def test_gate_and_table_agree(rooms):
    of = simulation()
    table = rooms["skill"].tables[0]
    lower, which = table.column("if_low"), [cell.en for cell in table.column("if_shown")]
    assert which == ["model" if low > 0 else "naive" for low in lower]
    naive = sum(word == "naive" for word in which)
    assert naive == sum(name != "stack" for name in of.hindcast.gate.values())
    assert any(f"For {naive} observables" in sentence.en for sentence in rooms["skill"].told) == bool(naive)


def test_drawings_name_themselves(rooms):
    for locale in LOCALES:
        drawn = {figure.id: figure for room in rooms.values() for figure in room.figures(locale)}
        assert {
            "chart-simulate-hindcast",
            "chart-simulate-prior",
            "chart-simulate-paths",
            "chart-simulate-cuts",
        } <= set(drawn)
        assert {"chart-simulate-map-output", "chart-simulate-rules"} <= set(drawn)
        for figure in drawn.values():
            assert figure.alt
            assert str(figure.svg).startswith("<svg")
            assert figure.notes


def test_the_document_holds_the_chapter(simulated):
    made = tables(simulated)
    assert {"simulate_skill", "simulate_scenarios", "simulate_regions", "simulate_cuts"} <= set(made)
    page = document(simulated, made, "zh").decode()
    for name in ROOMS:
        assert f'<section id="simulate_{name}"' in page


def test_differences_round_without_a_sign_at_nought():
    assert shown.told(np.array([-0.01, 0.0, 0.04]), "output").en == "0.0% [0.0, 0.0]"
    assert shown.told(np.array([np.nan, 0.0, 1.0])).en == "—"
    # a band on one side of nought is told from one that holds it
    assert shown.told(np.array([0.003, 0.1, 0.4]), "output").en == "+0.1% [+0.003, +0.4]"
    assert shown.told(np.array([-0.02, 0.1, 0.4]), "output").en == "+0.1% [−0.02, +0.4]"
    assert shown.told(np.array([-1.0, -0.01, 0.0]), "output").en == "0.0% [−1.0, 0.0]"
    assert not shown.clear(np.array([0.0, 0.01, 0.02]))
    assert shown.clear(np.array([0.01, 0.2, 0.4]))


def test_without_a_ledger_nothing_is_filled():
    empty = Evidence()
    assert empty.filled(told().claims) is empty
    assert empty.filled({}) is empty


def test_only_rows_that_wait_for_the_simulator_are_filled():
    rows = (SimpleNamespace(id="C24", kind="model-implied"), SimpleNamespace(id="C21", kind="observed"))
    ledger = SimpleNamespace(verdicts=rows, filled=lambda implied: implied)
    assert Evidence(ledger=ledger).filled(told().claims).ledger == {"C24": told().claims["C24"]}


def test_a_verdict_of_the_model_is_not_counted_as_the_datas():
    row = SimpleNamespace(kind="model-implied", verdict="supported")
    assert by_model(row)  # type: ignore[arg-type]
    assert not by_model(SimpleNamespace(kind="both", verdict="mixed"))  # type: ignore[arg-type]
    assert by_model(SimpleNamespace(kind="model-implied", verdict="untestable"))  # type: ignore[arg-type]
    assert not by_model(SimpleNamespace(kind="model-implied", verdict="model"))  # type: ignore[arg-type]
