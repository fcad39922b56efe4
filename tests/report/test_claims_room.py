"""The ledger's room: verdicts in words and marks, what they hang on, and the curves, in both languages."""

from __future__ import annotations

import html
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from benchmarks.planted_claims import FRAMEWORK, panel

from zhiyu.explain.claims.question import Agreement
from zhiyu.explain.of.claims import Ledger, claims
from zhiyu.report.explain.claims import chance, frail, interval, passing, question
from zhiyu.report.explain.claims_regressions import regressions
from zhiyu.report.explain.ledger import estimate, first_page, leaning, reason
from zhiyu.report.explain.question import Question
from zhiyu.terms import LOCALES, Label

MADE = panel("C01", 1.0, 3)


@pytest.fixture(scope="module")
def ledger() -> Ledger:
    made = MADE
    some = replace(
        FRAMEWORK, claims=type(FRAMEWORK.claims)([FRAMEWORK.claims[x] for x in ("C01", "C14", "C17", "C24")])
    )
    return claims(made.index, made.panel, some, grouping="region4", draws=199, most=60, seed=3)


def material(found: Ledger | None) -> Any:
    """As much of a report's material as the ledger reads."""
    known = {"index": MADE.index, "panel": MADE.panel, "framework": FRAMEWORK}
    scale = MADE.index.recipe.normalise.scale
    return SimpleNamespace(evidence=SimpleNamespace(ledger=found), coverage=(), scale=scale, digits=1, **known)


def room(found: Ledger) -> Question:
    made = question(material(found))
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
    table = room(ledger).files[0]
    assert table.column("claim_id") == ["C01", "C14", "C17", "C24"]
    words = dict(zip(table.column("claim_id"), table.column("claim_verdict"), strict=True))
    assert words["C01"].en.startswith("● supported")
    assert words["C14"].zh == "– 此处不可检验"
    assert words["C24"].en == "◇ waits for the simulator"
    reasons = dict(zip(table.column("claim_id"), table.column("claim_why"), strict=True))
    assert "starting years" in reasons["C14"].en
    assert "What would test it" in reasons["C14"].en
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


def test_every_test_has_a_row_that_the_first_page_can_link_to(ledger):
    table = room(ledger).tables[0]
    assert table.id == "claims_parts"
    assert table.anchors() == ["claims_parts-C01", "claims_parts-C17"]
    assert 'id="claims_parts-C01"' in table.html("en")
    assert table.column("became")[0].en == "as claimed, clear"
    assert table.column("chance")[0] == "< 0.001" or 0 < float(table.column("chance")[0]) <= passing(ledger)


def test_the_regressions_are_those_that_the_verdicts_rest_on(ledger):
    made = {one.id: one for table in regressions(material(ledger), ledger) for one in table.models}
    assert set(made) == {"C01", "C17"}
    for one in (ledger["C01"], ledger["C17"]):
        part, model = one.parts[0], made[one.id]
        first = next(iter(model.estimates.values()))
        assert (first.value, first.std_error, first.p) == (part.estimate, part.std_error, part.p)
        assert model.facts["observations"] == part.observations
    own = list(made["C01"].estimates.values())[1]
    assert np.isnan(own.p)  # a control is told without stars
    assert own.value == pytest.approx(0.0, abs=1.0)


def page(found: Ledger, locale: str = "en", anchors: tuple[str, ...] = ()) -> str:
    return html.unescape(str(first_page(material(found), locale, anchors)))  # type: ignore[arg-type]


def test_no_ledger_no_first_page():
    assert first_page(SimpleNamespace(evidence=None), "en", ()) == ""  # type: ignore[arg-type]
    assert first_page(material(None), "en", ()) == ""


@pytest.mark.parametrize("locale", LOCALES)
def test_the_first_page_has_every_claim_once_by_the_part_of_the_theory(ledger, locale):
    told = page(ledger, locale)
    for one in ledger.verdicts:
        assert told.count(f'id="claim-{one.id}"') == 1
        assert one.definition.text(locale) in told
    groups = [told.index(name) for name in ("<h3>Technology", "<h3>Open")] if locale == "en" else [0]
    assert groups == sorted(groups)


def test_the_first_page_counts_verdicts_and_says_how_many_ways_agree(ledger):
    told, one = page(ledger), ledger["C01"]
    assert "<b>1</b> supported" in told
    assert f"{one.agreement.share:.0%} of ways agree" in told
    assert f"agree, of {one.agreement.number} ways" in told


def test_it_links_only_to_what_stands_below(ledger):
    assert 'href="#claims_parts' not in page(ledger)
    assert 'href="#claims_parts-C01"' in page(ledger, anchors=("claims_parts-C01",))


def test_the_bar_shows_the_shares_of_all_ways(ledger):
    one = ledger["C01"]
    words = np.array([1, 1, 1, 0, -1, -9], dtype=np.int8)
    nan = np.full(6, np.nan)
    of = Agreement(0.6, words, nan, nan, nan, (), (), np.zeros((6, 0)), np.zeros(0), True, 0)
    told = page(replace(ledger, verdicts=(replace(one, agreement=of),)))
    assert 'aria-label="support 60%; decide nothing 20%; oppose 20%"' in told


def test_an_estimate_is_told_in_points_and_per_cent(ledger):
    m, one = material(ledger), ledger["C01"]
    scale = m.scale / 10
    told = estimate(m, one)
    assert told is not None
    assert f"industry differs by +{one.estimate * scale:.1f} points" in told.en
    logs = replace(one, parts=(replace(one.parts[0], id="C21.energy", estimate=np.log(1.25)),))
    assert "energy use differs by +25.0%" in estimate(m, logs).en
    mine = replace(one, parts=(replace(one.parts[0], id="mine"),))
    assert one.parts[0].label.zh in estimate(m, mine).zh
    open_end = replace(one, parts=(replace(one.parts[0], high=np.inf),))
    assert "to ∞)" in estimate(m, open_end).en


def test_the_reason_follows_what_became_of_the_tests(ledger):
    one = ledger["C01"]
    part = replace(one.parts[0], p=0.001, estimate=1.0, sign=1, without=np.ones(3))
    assert "by more than chance" in reason(replace(one, parts=(part,)), 0.01).en
    assert "against the claim, but chance" in reason(replace(one, parts=(replace(part, sign=-1, p=0.5),)), 0.01).en
    assert "Clearly against" in reason(replace(one, parts=(replace(part, sign=-1),)), 0.01).en
    two = reason(replace(one, parts=(part, replace(part, p=0.5))), 0.01)
    assert two.en == "2 tests: 1 clearly as claimed; 1 in the direction claimed, but perhaps by chance."
    assert two.zh == "共2项检验：1项明确如主张所说，1项方向相同，但可能是偶然。"


def test_a_region_that_carries_a_result_is_named_with_the_figure_without_it(ledger):
    one, code = ledger["C01"], ledger["C01"].parts[0].regions[0]
    count = len(one.parts[0].regions)
    without = np.where(np.arange(count) == 0, 0.1, 1.0)
    part = replace(one.parts[0], p=0.001, estimate=1.0, without=without)
    m = material(ledger)
    told = leaning(m, ledger, replace(one, parts=(part,), region=(code,)))
    name = ledger.names[code].en
    assert f"without {name}, the figure above becomes +{m.scale / 100:.1f}" in told.en
    assert "whichever region" in leaning(m, ledger, replace(one, region=(), stands_without_each=True)).en
    assert leaning(m, ledger, replace(one, parts=())) is None


def test_a_verdict_that_few_ways_reach_is_taken_back_and_says_so(ledger):
    one = ledger["C01"]
    words = np.array([1, 0, 0, 0, 0, 0, 0, 0, 0, -9], dtype=np.int8)
    nan = np.full(10, np.nan)
    few = Agreement(0.9, words, nan, nan, nan, (), (), np.zeros((10, 0)), np.zeros(0), True, 0)
    back = replace(one, verdict="mixed", q=0.05, stands_without_each=True, agreement=few)
    assert "only 11% of all ways say the same by themselves, fewer than 25%" in page(replace(ledger, verdicts=(back,)))
    assert "fewer than 25%" not in page(replace(ledger, verdicts=(replace(back, q=0.5),)))


def test_what_the_simulator_answers_is_told_as_such(ledger):
    waits = ledger["C24"]
    assert "waits for the simulation" in page(ledger)
    why = Label("多数抽样中如此。", "So it is in most draws.")
    told = page(
        replace(ledger, verdicts=(replace(waits, verdict="supported", estimate=0.5, low=0.1, high=0.9, why=why),))
    )
    assert "The simulation shows" in told
    assert "(95% interval: 0.100 to 0.900)" in told
    assert why.en in told
    both = replace(ledger["C01"], kind="both", why=why)
    assert why.en in page(replace(ledger, verdicts=(both,)))


def test_small_p_values_are_not_shown_as_zero():
    assert (chance(0.0001), chance(0.0316), chance(float("nan"))) == ("< 0.001", "0.032", None)


def test_an_end_without_bound_is_shown_as_such():
    assert interval(-np.inf, 1.5) == "[−∞, 1.50]"
    assert interval(0.25, np.inf) == "[0.250, ∞]"
    assert interval(float("nan"), 1.0) is None
