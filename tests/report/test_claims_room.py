"""The ledger's room: verdicts in words and marks, what they hang on, and the curves, in both languages."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from benchmarks.planted_claims import FRAMEWORK, panel

from zhiyu.explain.claims.question import Agreement, Implied, Verdict
from zhiyu.explain.of.claims import Ledger, claims
from zhiyu.report.explain.card import estimate, leaning, reason
from zhiyu.report.explain.claim_units import bound
from zhiyu.report.explain.claim_words import IMPLIED, frail, mark_of, mixed_kind
from zhiyu.report.explain.claims import chance, interval, passing, question
from zhiyu.report.explain.claims_regressions import regressions
from zhiyu.report.explain.ledger import first_page
from zhiyu.report.explain.question import Question
from zhiyu.terms import LOCALES, Label, text

MADE = panel("C01", 1.0, 3)


@pytest.fixture(scope="module")
def ledger() -> Ledger:
    made = MADE
    some = replace(
        FRAMEWORK, claims=type(FRAMEWORK.claims)([FRAMEWORK.claims[x] for x in ("C01", "C14", "C17", "C24")])
    )
    return claims(made.index, made.panel, some, grouping="region4", draws=199, most=60, seed=3)


def material(found: Ledger | None, **more: object) -> Any:
    """As much of a report's material as the ledger reads."""
    known = {"index": MADE.index, "panel": MADE.panel, "framework": FRAMEWORK, "coverage": (), "digits": 1}
    known |= {"name": "./mine", "simulation": None, "designed": None, **more}
    scale = MADE.index.recipe.normalise.scale
    return SimpleNamespace(evidence=SimpleNamespace(ledger=found), scale=scale, **known)


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
    assert words["C01"].en == "supported"
    assert words["C14"].zh == "此处不可检验"
    assert words["C24"].en == "awaits the model"
    reasons = dict(zip(table.column("claim_id"), table.column("claim_why"), strict=True))
    assert "starting years" in reasons["C14"].en
    assert "Data that would help most" in reasons["C14"].en
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


def page(found: Ledger, locale: str = "en", anchors: tuple[str, ...] = (), **more: object) -> str:
    return html.unescape(str(first_page(material(found, **more), locale, anchors)))  # type: ignore[arg-type]


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
    counted = [100 * (one.agreement.words == word).mean() for word in (1, 0, -1)]
    assert f"{one.agreement.number} ways: {counted[0]:.0f}% support, {counted[1]:.0f}% undecided" in told


def test_it_links_only_to_what_stands_below(ledger):
    assert 'href="#claims_parts' not in page(ledger)
    assert 'href="#claims_parts-C01"' in page(ledger, anchors=("claims_parts-C01",))


def test_the_bar_shows_the_shares_of_all_ways(ledger):
    one = ledger["C01"]
    words = np.array([1, 1, 1, 0, -1, -9], dtype=np.int8)
    nan = np.full(6, np.nan)
    of = Agreement(0.6, words, nan, nan, nan, (), (), np.zeros((6, 0)), np.zeros(0), True, 0)
    told = page(replace(ledger, verdicts=(replace(one, agreement=of),)))
    assert 'aria-label="support 60%; undecided 20%; oppose 20%"' in told
    assert "5 ways: 60% support, 20% undecided, 20% oppose" in told


def test_a_few_ways_in_a_thousand_are_not_told_as_none(ledger):
    one = ledger["C01"]
    words = np.array([-1] * 3 + [0] * 997, dtype=np.int8)
    nan = np.full(1000, np.nan)
    of = Agreement(0.997, words, nan, nan, nan, (), (), np.zeros((1000, 0)), np.zeros(0), True, 0)
    told = page(replace(ledger, verdicts=(replace(one, agreement=of),)))
    assert "1,000 ways: 0% support, >99% undecided, <1% oppose" in told
    assert 'aria-label="support 0%; undecided >99%; oppose <1%"' in told, "who hears the page is told otherwise"


def test_an_estimate_is_told_in_points_and_per_cent(ledger):
    m, one = material(ledger), ledger["C01"]
    scale = m.scale / 10
    told = estimate(m, one)
    assert told is not None
    assert f"industry is {one.estimate * scale:.1f} points higher" in told.en
    assert f"产业水平随之高{one.estimate * scale:.1f}分" in told.zh
    logs = replace(one, parts=(replace(one.parts[0], id="C21.energy", estimate=np.log(0.75)),))
    assert "energy use is 25.0% lower" in estimate(m, logs).en
    assert "能源消费随之低25.0%" in estimate(m, logs).zh
    mine = replace(one, parts=(replace(one.parts[0], id="mine"),))
    assert one.parts[0].label.zh in estimate(m, mine).zh
    open_end = replace(one, parts=(replace(one.parts[0], high=np.inf),))
    assert "to ∞)" in estimate(m, open_end).en


def test_the_reason_follows_what_became_of_the_tests(ledger):
    m, one = material(ledger), ledger["C01"]
    part = replace(one.parts[0], p=0.001, estimate=1.0, sign=1, without=np.ones(3))
    assert "by more than chance" in reason(m, replace(one, parts=(part,)), 0.01).en
    assert "against the claim, but chance" in reason(m, replace(one, parts=(replace(part, sign=-1, p=0.5),)), 0.01).en
    assert "Clearly against" in reason(m, replace(one, parts=(replace(part, sign=-1),)), 0.01).en
    two = reason(m, replace(one, parts=(part, replace(part, p=0.5))), 0.01)
    assert two.en == "2 tests: 1 clearly as claimed; 1 in the direction claimed, but perhaps by chance."
    lacks = replace(part, how="condition", holds=False)
    several = reason(m, replace(one, parts=(part, lacks, replace(lacks, holds=True))), 0.01)
    assert several.en.endswith("more than chance would. Of 2 required conditions, 1 holds and 1 is not established.")
    assert two.zh == "共2项检验：1项明确如主张所说；1项方向相同，但可能是偶然。"


def hanging(ledger: Ledger, *without: float, p: float = 0.5) -> Verdict:
    """C01 with an estimate of 1.0 and these figures without the first regions."""
    part = ledger["C01"].parts[0]
    left = np.ones(len(part.regions))
    left[: len(without)] = without
    return replace(ledger["C01"], estimate=1.0, parts=(replace(part, p=p, p_cluster=p, estimate=1.0, without=left),))


def test_the_region_that_moves_the_figure_is_named_with_the_figure_without_it(ledger):
    m, name = material(ledger), ledger.names[ledger["C01"].parts[0].regions[0]].en
    unit = m.scale / 10
    (told,) = leaning(m, ledger, hanging(ledger, 0.1))  # far from a finding, and named all the same
    assert f"mainly on {name}: without it +{unit:.1f} points becomes +{unit / 10:.1f} points" in told.en
    assert "in the same direction" in told.en
    (larger,) = leaning(m, ledger, hanging(ledger, 3.0))
    assert (
        f"{name} holds the figure nearer to zero: without it +{unit:.1f} points becomes +{3 * unit:.1f} points"
        in larger.en
    )
    assert "更接近零" in larger.zh
    (gone,) = leaning(m, ledger, hanging(ledger, -0.0001))
    assert f"Without {name} the figure all but vanishes: +{unit:.1f} points becomes about 0 points." in gone.en
    (turned,) = leaning(m, ledger, hanging(ledger, -0.1))
    assert f"The sign reverses without {name}: +{unit:.1f} points becomes −{unit / 10:.1f} points." in turned.en
    assert "方向即变" in turned.zh
    (none,) = leaning(m, ledger, hanging(ledger, 0.6))
    assert "Whichever region is left out" in none.en
    assert leaning(m, ledger, replace(ledger["C01"], parts=())) == []


def test_of_many_regions_that_turn_a_figure_a_card_names_a_few(ledger):
    m = material(ledger)
    (told,) = leaning(m, ledger, hanging(ledger, -0.5, -0.1, -0.1, -0.1, -0.1))
    names = [ledger.names[code].en for code in ledger["C01"].parts[0].regions[:6]]
    assert f"reverses without {names[0]}:" in told.en
    assert f"if any one of 4 regions (such as {', '.join(names[1:4])}) is left out." in told.en
    assert names[4] not in told.en


def test_another_test_that_turns_is_told_beside_the_one_shown(ledger):
    m, one = material(ledger), hanging(ledger, 0.9)
    other = replace(one.parts[0], estimate=2.0, without=np.append([-2.0], one.parts[0].without[1:]))
    told = leaning(m, ledger, replace(one, parts=(one.parts[0], other)))
    assert "Whichever region is left out" in told[0].en
    assert (
        f"Another test ({other.label.en}) changes sign if {ledger.names[other.regions[0]].en} is left out."
        in told[1].en
    )


@pytest.mark.parametrize(
    ("kind", "signs", "p", "without"),
    [
        ("along", (1, 1), 0.5, 1.0),
        ("opposite", (-1, -1), 0.5, 1.0),
        ("disagree", (1, -1), 0.001, 1.0),
        ("carried", (1, 1), 0.001, -1.0),
        ("model", (1, 1), 0.001, 1.0),
    ],
)
def test_mixed_says_why(ledger, kind, signs, p, without):
    one = hanging(ledger, without, p=p)
    parts = tuple(replace(one.parts[0], sign=sign) for sign in signs)
    q = float("nan") if kind == "disagree" else p
    mixed = replace(one, verdict="mixed", parts=parts, q=q, agreement=None, stands_without_each=without > 0)
    assert mixed_kind(mixed, 0.01, 0.1) == kind
    assert mixed_kind(replace(mixed, verdict="supported"), 0.01, 0.1) == ""
    told = page(replace(ledger, verdicts=(mixed,)))
    word = text(f"report.ledger.mixed_{kind}", "en")
    assert f'<p class="kind-of">{word} (1)</p>' in told
    assert f'<p class="kind-of">{word}</p>' in told


def test_mixed_says_that_a_condition_is_not_established(ledger):
    one = hanging(ledger, p=0.001)
    lacks = replace(one.parts[0], how="condition", holds=False, p=float("nan"))
    mixed = replace(one, verdict="mixed", parts=(one.parts[0], lacks), q=0.001, agreement=None)
    assert mixed_kind(mixed, 0.01, 0.1) == "condition"
    assert "not established" in page(replace(ledger, verdicts=(mixed,)))


@pytest.mark.parametrize("locale", LOCALES)
def test_a_card_says_where_the_paper_has_it_by_which_rule_it_was_judged_and_what_would_help(ledger, locale):
    told, one = page(ledger, locale), ledger["C01"]
    said = told.partition('id="claim-C01"')[2].partition("</article>")[0]
    assert text("report.ledger.section", locale, section="2.1") in said
    assert one.rule.text(locale) in said
    assert text("report.claims.needs", locale, needs=one.needs) in said
    mine = page(replace(ledger, verdicts=(replace(one, own=True),)), locale)
    assert text("report.ledger.section", locale, section="2.1") not in mine


def test_each_test_of_several_is_told_in_the_fold(ledger):
    one = hanging(ledger, 0.1)
    lacks = replace(one.parts[0], id="C14.before", how="condition", holds=False)
    said = page(replace(ledger, verdicts=(replace(one, parts=(one.parts[0], lacks)),)))
    assert "For every 10 points that technology stood higher the year before" in said
    assert f"– as claimed, unclear; without {ledger.names[one.parts[0].regions[0]].en} +1.0 points." in said
    assert f"Required: {lacks.label.en} – not established." in said


def test_climbing_is_told_by_the_moves_and_the_file_by_the_test_that_decides(ledger):
    one = hanging(ledger)
    moves = replace(one.parts[0], id="C12.moves", estimate=0.14)
    climbing = replace(one, id="C12", parts=(moves, replace(one.parts[0], id="C12.data_factor")))
    assert "there are 14 more moves up than down" in estimate(material(ledger), climbing).en
    table = room(replace(ledger, verdicts=(climbing,))).files[0]
    assert table.column("shown_reading")[0].en.startswith(
        "The score of data as a factor changes by +10.0 points a year along the fitted"
    )
    assert table.column("estimate") == [1.0]


def test_files_say_the_unit_of_an_estimate_and_the_page_the_reader_s(ledger):
    m = material(ledger)
    parts, rows = room(ledger).tables[0], room(ledger).files[0]
    part = ledger["C01"].parts[0]
    assert parts.column("shown_estimate")[0] == f"+{part.estimate * m.scale / 10:.1f}"
    assert parts.column("shown_unit")[0].en == "points"
    assert parts.column("estimate")[0] == part.estimate
    assert rows.column("estimate_unit")[0].en == "score, a tenth of its scale = 1"
    assert rows.column("shown_p")[0] == part.p
    assert rows.column("shown_test")[0] == part.label


def test_the_intro_says_how_many_claims_cannot_be_tested(ledger):
    assert "comes down to 4 claims" in page(ledger)
    assert "this study's data can test 2, not the other 2. Each of the 2 is tested first in one way" in page(ledger)
    mine = replace(ledger, verdicts=(*ledger.verdicts, replace(ledger["C01"], id="M1", own=True)))
    assert "There are 5 claims" in page(mine)
    assert "4 from the paper, 1 of the study's own" in page(mine)
    assert "The study's own claims (1)" in page(replace(mine, verdicts=mine.verdicts[-1:]))


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
    why = Label("多数抽样中如此。", "So it is in most draws.")
    told = page(
        replace(ledger, verdicts=(replace(waits, verdict="supported", estimate=0.5, low=0.1, high=0.9, why=why),))
    )
    assert why.en in told
    assert "0.500" not in told, "a number without a name"
    observed = Label("统计细节。", "Statistics.")
    both = page(replace(ledger, verdicts=(replace(ledger["C01"], kind="both", why=observed, implied=why),)))
    assert why.en in both
    assert observed.en not in both


SAYS_SO = Implied(-0.1, -0.2, -0.05, "supported", Label("模拟如此。", "So it comes out in the model."))
GROUP = re.compile(r"<dt>.*?<b>(\d+)</b> (.*?)</dt>\s*<dd><p>(.*?)</p>(.*?)</dd>", re.DOTALL)


def groups(told: str) -> dict[str, tuple[str, list[str]]]:
    """Word of each group of the summary -> (what it means, ids of its claims)."""
    found = {word: (means, re.findall(r"#claim-(\w+)", rest)) for _, word, means, rest in GROUP.findall(told)}
    assert [int(number) for number, *_ in GROUP.findall(told)] == [len(ids) for _, ids in found.values()]
    return found


@pytest.mark.parametrize("word", ["supported", "mixed", "contradicted", "untestable"])
@pytest.mark.parametrize("locale", LOCALES)
def test_the_summary_keeps_what_the_model_implies_apart_from_what_data_say(ledger, word, locale):
    rows = [replace(one, verdict=word) if one.id != "C24" else one for one in ledger.verdicts]
    alike = replace(ledger, verdicts=tuple(rows)).filled({"C24": replace(SAYS_SO, verdict=word)})
    found = groups(page(alike, locale))
    by_data, by_model = (text(f"report.claims.{by}{word}", locale) for by in ("", "implied_"))
    assert sorted(found[by_data][1]) == ["C01", "C14", "C17"]
    assert found[by_model][1] == ["C24"]
    assert "region" not in found[by_model][0]
    assert found[by_model][0] != found[by_data][0]
    names = [name for name in found if found[name][1]]
    assert names == [by_data, by_model]


def test_what_waits_is_a_group_of_its_own(ledger):
    assert groups(page(ledger))["awaits the model"][1] == ["C24"]


@pytest.mark.parametrize("locale", LOCALES)
def test_the_tables_agree_with_the_first_page(ledger, locale):
    for found in (ledger, ledger.filled({"C24": SAYS_SO})):
        told, table = page(found, locale), room(found).files[0]
        for name, cell, why in zip(*(table.column(f"claim_{x}") for x in ("id", "verdict", "why")), strict=True):
            said = told.partition(f'id="claim-{name}"')[2].partition("</article>")[0]
            mark = mark_of(found[name])
            assert f'aria-hidden="true">{mark}</span> {cell.text(locale)}</p>' in said
            assert name != "C24" or why.text(locale) in said.replace("<code>", "`").replace("</code>", "`")


def test_the_room_counts_the_model_s_verdicts_apart_and_says_which(ledger):
    told = room(ledger.filled({"C24": replace(SAYS_SO, verdict="untestable")})).told[0]
    assert "Not testable here: 1; awaiting the model: 0" in told.en
    assert "no test on data (1): C24" in told.en
    assert "(not testable here, nor by the model)" in told.en


@pytest.mark.parametrize("locale", LOCALES)
def test_the_model_s_support_does_not_look_like_the_data_s(ledger, locale):
    told = page(ledger.filled({"C24": SAYS_SO}), locale)
    card = told.partition('id="claim-C24"')[0].rpartition("<article")[2] + told.partition('id="claim-C24"')[2]
    assert card.startswith(' class="claim implied"')
    assert f">{IMPLIED}</span> {text('report.claims.implied_supported', locale)}" in card
    assert told.count('class="claim supported"') == sum(one.verdict == "supported" for one in ledger.verdicts)
    assert '<div class="implied"><dt>' in told


def test_why_the_model_supports_one_and_cannot_answer_the_other_is_said(ledger):
    said = text("report.ledger.unlike", "en")
    filled = ledger.filled({"C24": SAYS_SO})
    silent = replace(filled["C24"], id="C22", verdict="untestable")
    assert said in page(replace(filled, verdicts=(*filled.verdicts, silent)))
    assert said not in page(filled), "no C22 to be unlike"
    assert said not in page(replace(ledger, verdicts=(*ledger.verdicts, silent)))


def test_where_one_test_suffices_the_card_tells_them_all(ledger):
    part = hanging(ledger).parts[0]
    other = replace(part, id="C16.moderation", estimate=0.01)
    either = replace(ledger["C01"], id="C16", parts=(replace(part, id="C16.mechanism"), other))
    m, told = material(ledger), estimate(material(ledger), either)
    assert leaning(m, ledger, either)[0].en.startswith("Whichever region is left out, the first figure")
    assert "governance is 10.0 points higher" in told.en
    assert "10 more points of AI nativeness is a further 1.0% higher" in told.en


def test_an_end_that_rounds_to_nought_keeps_its_side(ledger):
    part = replace(ledger["C01"].parts[0], id="C10.contracts", estimate=-0.407, low=-0.65, high=0.0038)
    m = material(ledger)
    assert [bound(part, m, end) for end in (part.low, part.high, 0.0)] == ["−0.65", "+0.004", "0.00"]
    assert bound(part, m, -1e-9) == "0.00"


def planned(ledger: Ledger) -> Ledger:
    return replace(ledger, verdicts=(replace(ledger["C24"], id="C25"),))


@pytest.mark.parametrize("locale", LOCALES)
def test_a_claim_that_waits_for_a_plan_says_what_to_run(ledger, locale):
    own = page(planned(ledger), locale, simulation=True)
    assert "zhiyu design ./mine" in own
    assert "zhiyu run ./mine" in own
    assert "design = true" in own
    assert "[report]" in own
    bundled = page(planned(ledger), locale, simulation=True, name="china-provinces")
    assert "zhiyu design china-provinces" in bundled
    assert "zhiyu new mine --from china-provinces" in bundled
    assert "mine/study.toml" in bundled
    without = page(planned(ledger), locale)
    assert "[simulate]" in without
    assert "design = true" in without
    silent = page(planned(ledger), locale, simulation=True, designed=True)
    assert "zhiyu" not in silent


@pytest.mark.parametrize("locale", LOCALES)
def test_a_claim_that_waits_for_the_simulation_says_what_to_run(ledger, locale):
    assert "zhiyu run ./mine" in page(ledger, locale)
    ran = page(ledger, locale, simulation=True)
    assert "zhiyu run" not in ran
    assert "[simulate] states" in ran


def test_small_p_values_are_not_shown_as_zero():
    assert (chance(0.0001), chance(0.0316), chance(float("nan"))) == ("< 0.001", "0.032", None)


def test_an_end_without_bound_is_shown_as_such():
    assert interval(-np.inf, 1.5) == "[−∞, 1.50]"
    assert interval(0.25, np.inf) == "[0.250, ∞]"
    assert interval(float("nan"), 1.0) is None
