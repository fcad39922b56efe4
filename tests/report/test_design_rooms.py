"""The rooms of "what to do": all there in both languages, what is assumed marked, figures as they were found."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from study.test_design import designing

from zhiyu import Study
from zhiyu.design.claim import claims
from zhiyu.design.plan import Plan
from zhiyu.explain.evidence import Evidence
from zhiyu.report import Material
from zhiyu.report.design import page, rivals
from zhiyu.report.design.advice import unasked
from zhiyu.report.design.chapter import finding, questions
from zhiyu.report.design.shown import banded, few, money, ranked
from zhiyu.report.document import document, tables
from zhiyu.report.explain.question import Question
from zhiyu.report.findings import findings
from zhiyu.simulate.implied import complement
from zhiyu.terms import LOCALES, Label

ROOMS = {"plan", "frontier", "rivals", "gains", "breaks"}


@pytest.fixture(scope="module")
def designed(tmp_path_factory: pytest.TempPathFactory) -> Material:
    place = designing(tmp_path_factory.mktemp("rooms") / "study")
    return page.material(Study.open(place))


@pytest.fixture(scope="module")
def plan(designed: Material) -> Plan:
    assert designed.designed is not None
    return designed.designed


@pytest.fixture(scope="module")
def rooms(designed: Material) -> dict[str, Question]:
    return {room.id.removeprefix("design_"): room for room in questions(designed)}


def test_a_study_without_a_plan_has_no_chapter(small):
    assert questions(small) == ()
    assert finding(small) == ()
    assert all(one.id != "do" for one in findings(small, "en"))


def test_every_room_is_there_and_speaks(rooms):
    assert set(rooms) == ROOMS
    for room in rooms.values():
        for locale in LOCALES:
            said = " ".join(sentence.text(locale) for sentence in room.told)
            assert said
            assert "{" not in said
            assert re.search(r"\bnan\b", said) is None
            assert all(figure.alt and figure.title for figure in room.figures(locale))


def test_costs_and_effects_are_said_to_be_assumed(designed, rooms):
    told = rooms["plan"].told
    assert any("assumed: equal unit cost" in sentence.en for sentence in told)
    assert any("假设" in sentence.zh for sentence in told)
    assert "assumed: equal unit cost" in rooms["plan"].tables[0].notes[0].en
    assert set(rooms["plan"].tables[0].column("do_grade")) == {"D"}
    front = [one for one in findings(designed, "en") if one.id == "do"]
    assert "assumed: equal unit cost" in front[0].body[0]


def test_costs_of_the_user_are_not_said_to_be_assumed(designed, plan):
    own = replace(plan, costs=replace(plan.costs, assumed=False), unit=Label("亿元", "100 million yuan"))
    told = next(room for room in questions(replace(designed, designed=own)) if room.id == "design_plan").told
    assert not any("assumed: equal unit cost" in sentence.en for sentence in told)
    assert any("100 million yuan" in sentence.en for sentence in told)


def test_what_gets_worse_unasked_is_told(designed, plan):
    found = designed.beside
    for sign, word in ((-1.0, "worse"), (1.0, "better")):
        all_one_way = replace(found, outcomes=np.full_like(found.outcomes, sign))
        told = unasked(plan, all_one_way)
        assert len(told) == 1
        assert word in told[0].en
        assert all(one.label.zh in told[0].zh for one in found.objectives)
    assert unasked(plan, replace(found, outcomes=np.zeros_like(found.outcomes))) == ()


def test_the_table_of_the_plan_holds_the_plan(rooms, plan):
    table = rooms["plan"].tables[0]
    assert sum(table.column("do_cost")) == pytest.approx(plan.spent)
    assert len(table.rows) == plan.plan.measure.nunique()
    site = plan.plan.place.iloc[0]
    levels = [cell.en for cell in table.column(f"do_at_{site}")]
    assert sum(cell != "—" for cell in levels) == (plan.plan.place == site).sum()


def test_linear_stands_beside_simulated(rooms, plan):
    table = rooms["plan"].tables[1]
    linear = plan.linear(plan.chosen.levels)[0].mean(axis=0)
    np.testing.assert_allclose(table.column("do_linear"), linear)
    means = plan.chosen.outcomes[0].mean(axis=0)
    for cell, mean in zip(table.column("do_simulated"), means, strict=True):
        assert cell.en.startswith(banded(mean, 0, 0).en.partition(" ")[0])


def test_three_readings_stand_side_by_side(rooms, plan):
    table = rooms["rivals"].tables[0]
    assert len(table.rows) == len(plan.comparisons)
    ranks = ranked(plan.comparisons)
    by_hand = 1 + (plan.comparisons.cvar.to_numpy()[:, None] < plan.comparisons.cvar.to_numpy()).sum(axis=1)
    np.testing.assert_array_equal(ranks[:, 1], by_hand)
    assert [cell.en.rpartition("(")[2] for cell in table.column("do_cvar")] == [f"{rank})" for rank in ranks[:, 1]]
    assert len(rivals.labels(plan)) == len(table.rows)


def test_the_frontier_tells_the_best_by_each_reading(rooms, plan):
    table = rooms["frontier"].tables[0]
    for name in ("satisficing", "cvar", "regret"):
        assert 1 in table.column(f"do_{name}_rank")
    assert len(rooms["frontier"].figures("en")) == 1


def test_a_search_without_evolution_says_so(designed, plan):
    without = replace(designed, designed=replace(plan, volumes={"lp": 1.0}))
    room = next(room for room in questions(without) if room.id == "design_frontier")
    assert any("pymoo" in sentence.en for sentence in room.told)


def test_gainers_and_losers_are_counted(rooms, plan):
    table = rooms["gains"].tables[0]
    for j, one in enumerate(plan.objectives):
        own = plan.places[plan.places.objective == one.id]
        for verdict in ("gains", "open", "loses"):
            assert table.column(f"do_{verdict}")[j] == (own.verdict == verdict).sum()
    assert len(rooms["gains"].files[0].rows) == len(plan.places)


def test_a_report_that_designs_holds_the_chapter(designed):
    made = tables(designed)
    assert {"design_plan", "design_rivals", "design_regions"} <= set(made)
    for locale in LOCALES:
        content = document(designed, made, locale).decode()
        assert 'id="design_plan"' in content
        assert content.count("<main") == 1


def test_a_page_of_its_own_is_whole(designed):
    files = page.render(designed)
    for locale in LOCALES:
        content = files[f"plan.{locale}.html"].decode()
        assert content.startswith("<!doctype html>") or content.lstrip().startswith("<!doctype html>")
        for room in ROOMS:
            assert f'id="design_{room}"' in content
    assert page.render(designed) == files


def test_a_plan_fills_the_ledgers_row(plan):
    found = claims(plan)
    assert set(found) == {"C25"}
    assert found["C25"].low <= found["C25"].estimate <= found["C25"].high
    assert "D" in found["C25"].why.en

    class Ledger:
        verdicts = (type("Verdict", (), {"id": "C25", "kind": "model-implied"}),)

        def filled(self, told):
            return told

    assert Evidence(ledger=Ledger()).filled(found).ledger == found  # type: ignore[arg-type]


def test_complements_and_their_opposite_are_told_apart():
    draws = 30
    weights, parts = np.array([1.0, 1.0]), np.ones((draws, 2))
    less = {"1": np.full((draws, 2), 0.5), "2": np.full((draws, 2), 0.2)}
    assert complement(np.ones((draws, 2)), less, weights, parts).verdict == "supported"
    more = {"1": np.full((draws, 2), 1.5), "2": np.full((draws, 2), 0.2)}
    assert complement(np.ones((draws, 2)), more, weights, parts).verdict == "contradicted"
    traded = {"1": np.tile([3.0, 0.5], (draws, 1)), "2": np.full((draws, 2), 0.2)}
    assert complement(np.ones((draws, 2)), traded, weights, parts).verdict == "mixed"
    some = np.where(np.arange(draws)[:, None] < 0.6 * draws, 1.5, 0.5) * np.ones((1, 2))
    assert complement(np.ones((draws, 2)), {"1": some, "2": less["2"]}, weights, parts).verdict == "mixed"
    found = complement(np.ones((draws, 2)), less, weights, parts)
    assert (found.low, found.estimate, found.high) == (1.0, 1.0, 1.0)
    assert "+2.00 together, and +2.00 as the sum" in found.why.en


def test_numbers_as_they_are_shown():
    assert banded(1.234, -0.001, 2.0, "%").en == "+1.23% [0.00, +2.00]"
    assert [money(x) for x in (4.5, 4.0, 0.204, 1200.0, 0.0)] == ["4.5", "4", "0.2", "1,200", "0"]
    names = tuple(Label(f"甲{k}", f"r{k}") for k in range(8))
    assert few(names, "en").endswith("and 2 more")
    assert few(names[:2], "en") == "r0 and r1"
