"""The ledger's rules: two readings of chance, parts that disagree, a verdict that hangs on a choice, simulated rows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from benchmarks.planted_claims import ASKED, panel

from zhiyu.explain import disparity, group_time, theil
from zhiyu.explain.claims import rules
from zhiyu.explain.claims.answers import jackknifed, regression
from zhiyu.explain.claims.inputs import Sample
from zhiyu.explain.claims.plans import PLANS, Plan
from zhiyu.explain.claims.pretrend import drift
from zhiyu.explain.claims.question import Agreement, Found, Implied
from zhiyu.explain.claims.readings import AI_ZONES, READINGS, named
from zhiyu.explain.claims.rules import Answered, filled, ledger, settled
from zhiyu.explain.claims.spread import spread
from zhiyu.explain.of.claims import Ledger
from zhiyu.explain.wild import leave_one_out
from zhiyu.framework.rows import Claim
from zhiyu.terms import LOCALES, Label, Refusal, text

INPUTS = panel("C01", 1.0, 7)
NAME = Label("名", "name")
BOTH = Plan(("a", "b"))


def part(estimate: float, p: float, name: str = "a") -> Found:
    told = Label(f"名{name}", f"part {name}")
    return Found(name, told, "regression", 1, estimate, estimate - 1, estimate + 1, p)


def claim(name: str = "C", kind: str = "observed") -> Claim:
    return Claim(name, "", "句", "claim", "", "", "", "", "", "", "", "", "", kind)


def row(*parts: Found, plan: Plan = BOTH, kind: str = "observed") -> rules.Verdict:
    return ledger([Answered(claim(kind=kind), plan, parts)], {})[0]


def agreement(*words: int, share: float) -> Agreement:
    said, none = np.array(words, dtype=np.int8), np.zeros(len(words))
    return Agreement(share, said, none, none, none, (), (), np.zeros((len(words), 0)), np.zeros(0), True, 0)


def test_a_regression_takes_the_larger_p_and_the_interval_that_holds_both():
    asked = ASKED["C13"]
    found = regression(asked, INPUTS.variables(), INPUTS, 199, 0)
    assert found.p == max(found.p_wild, found.p_jackknife)
    test = Sample.whole(INPUTS.variables()).test(asked)
    left = jackknifed(test)
    without = leave_one_out(test.y, test.x, 0, "two-way")
    error = np.sqrt(30 / 31 * ((without - found.estimate) ** 2).sum())
    np.testing.assert_allclose(left.std_error[0], error, rtol=1e-8)
    assert found.low <= found.estimate - 2.04 * error
    assert found.high >= found.estimate + 2.04 * error


def test_parts_that_point_different_ways_have_no_p_and_still_count_in_the_control():
    one = Answered(claim("C1"), BOTH, (part(1.0, 0.001), part(-0.5, 0.3, "b")))
    two = Answered(claim("C2"), Plan(("a",)), (part(1.0, 0.06),))
    found = ledger([one, two], {})
    assert found[0].verdict == "mixed"
    assert np.isnan([found[0].p, found[0].q]).all()
    assert found[0].estimate == -0.5  # the part that stands in the way
    assert "part b" in found[0].why.en.split(";")[-1]
    assert "no p-value" in found[0].why.en
    assert "没有单一的p值" in found[0].why.zh
    assert found[1].q == pytest.approx(0.12)  # two tests, not one


def test_the_row_s_figures_are_of_the_part_that_decides():
    weakest = row(part(2.0, 0.01), part(1.0, 0.04, "b"))
    assert (weakest.estimate, weakest.p, weakest.verdict) == (1.0, 0.04, "supported")
    assert "part b" in weakest.why.en
    strongest = row(part(2.0, 0.01), part(1.0, 0.04, "b"), plan=Plan(("a", "b"), "any"))
    assert (strongest.estimate, strongest.p) == (2.0, 0.02)
    against = row(part(-2.0, 0.01), part(-1.0, 0.04, "b"))
    assert (against.estimate, against.p, against.verdict) == (-1.0, 0.04, "contradicted")
    alone = row(part(2.0, 0.01), plan=Plan(("a",)))
    assert "figures" not in alone.why.en


def test_the_part_that_the_row_s_figures_are_of_is_known_and_tabled():
    one = row(part(1.0, 0.001), part(2.0, 0.2, "b"))
    assert one.decides is one.parts[1]
    table = Ledger((one, row(plan=BOTH)), {}).claims
    assert table["test"].tolist() == ["b", ""]
    assert table["test_p"].tolist()[0] == 0.2
    assert np.isnan(table["test_p"].tolist()[1])


def test_a_region_that_halves_an_estimate_moves_it_and_carries_it_only_near_a_finding():
    left = replace(part(1.0, 0.5), regions=("x", "y"), without=np.array([0.4, 1.1]))
    assert (left.moved, left.leans) == (True, False)
    assert replace(left, p=0.05).leans
    assert not replace(left, p=0.05, without=np.array([0.6, 1.1])).moved
    assert not part(1.0, 0.05).moved  # a condition has no figure without a region


def test_a_verdict_that_few_specifications_share_is_mixed_and_says_why():
    one = row(part(1.0, 0.001), plan=Plan(("a",)))
    few = settled(one, agreement(1, 0, 0, 0, 0, -1, share=1 / 6))
    assert few.verdict == "mixed"
    assert few.agreement is not None
    assert few.agreement.share == pytest.approx(4 / 6)
    assert "17%" in few.why.en
    assert "17%" in few.why.zh
    assert few.why.en.endswith(one.why.en)
    enough = settled(one, agreement(1, 0, 0, 0, share=0.25))
    assert enough.verdict == "supported"
    assert enough.why == one.why
    mixed = row(part(1.0, 0.9), plan=Plan(("a",)))
    assert settled(mixed, agreement(1, share=0.0)).why == mixed.why


IMPLIED = Implied(0.2, 0.1, 0.3, "supported", Label("模拟如此。", "So it comes out."))


def test_the_simulator_fills_the_rows_that_wait():
    waiting = ledger([Answered(claim("C7", "model-implied"), None)], {})[0]
    found = Ledger((waiting,), {}).filled({"C7": IMPLIED})["C7"]
    assert waiting.verdict == "model"
    assert (found.verdict, found.kind) == ("supported", "model-implied")
    assert (found.estimate, found.low, found.high) == (0.2, 0.1, 0.3)
    assert found.why == IMPLIED.why


@pytest.mark.parametrize(
    ("estimate", "said", "expected"),
    [(1.0, "supported", "supported"), (1.0, "contradicted", "mixed"), (-1.0, "contradicted", "contradicted")],
)
def test_a_claim_observed_too_takes_what_both_halves_share(estimate, said, expected):
    half = row(part(estimate, 0.001), plan=Plan(("a",)), kind="both")
    waits = Label(*(text("explain.claims.half", locale) for locale in LOCALES))
    found = filled(half, replace(IMPLIED, verdict=said))
    assert found.verdict == expected
    assert (found.estimate, found.kind) == (estimate, "both")
    for locale in LOCALES:
        assert waits.text(locale) in half.why.text(locale)
        assert waits.text(locale) not in found.why.text(locale)
        assert found.why.text(locale).endswith(IMPLIED.why.text(locale))
    assert (half.implied.en, found.implied) == ("", IMPLIED.why)


def test_what_waits_says_what_to_run():
    rows = ledger([Answered(claim(name, "model-implied"), None) for name in ("C7", "C24", "C25")], {})
    for locale in LOCALES:
        simulated, again, planned = (one.why.text(locale) for one in rows)
        assert simulated == again
        assert "zhiyu run STUDY" in simulated
        assert "study.explain().filled(study.implied())" in simulated
        assert "zhiyu design STUDY" in planned
        assert "study.implied(design=True)" in planned
        told = Ledger(rows, {}).summary(locale)
        assert simulated in told
        assert planned in told
    assert "C7, C24: " in Ledger(rows, {}).summary("en")
    assert "zhiyu run" not in Ledger(rows, {}).filled({one.id: IMPLIED for one in rows}).summary("en")


def test_what_is_observed_is_not_filled():
    with pytest.raises(Refusal, match="observed"):
        filled(row(part(1.0, 0.01), plan=Plan(("a",))), IMPLIED)


def test_drift_is_what_a_straight_line_would_have_brought():
    """Two groups rise by 1 a year beside the rest: the effect of lines alone, as far as they were seen."""
    start = np.array([4, 4, 6, 6, 8, 8, 8])
    y = np.where((start < 8)[:, None], 1.0, 0.0) * np.arange(8.0)
    # group 4 beside group 6, which rises too, and the rest: slope 1 - 2/5; years ahead 1, 2, 3, 3 (seen over three)
    one, other = (1 - 2 / 5) * (1 + 2 + 3 + 3), 1.0 * (1 + 2)
    assert drift(y, start) == pytest.approx((2 * one + 2 * other) / (2 * 4 + 2 * 2))


def test_drift_of_lines_is_the_whole_effect_where_one_group_begins():
    """One start: the average effect of lines alone is the drift, the years after being no more than those before."""
    rng = np.random.default_rng(0)
    first = np.where(np.arange(12) < 5, 6.0, np.inf)
    y = rng.normal(size=(12, 1)) * np.arange(10.0)
    assert drift(y, np.where(np.isfinite(first), 6, 10)) == pytest.approx(
        group_time.simple_att(y, first, np.arange(10))
    )


def test_a_trend_before_that_would_explain_the_effect_is_not_flat():
    flat, rising = panel("C15", 1.0, 3), panel("C15", 1.0, 3)
    run, told = READINGS["C15.before"].run, named("C15.before")
    seen = run("C15.before", told, flat, Sample.whole(flat.variables()), 199)
    assert seen.holds
    treated = np.isin(rising.variables().codes, [one.region for one in rising.events.rows if one.policy == AI_ZONES])
    values = rising.variables().term("industry_convergence")
    rising.variables()._kept["industry_convergence"] = values + 1.5 * treated[:, None] * np.arange(10)
    carried = run("C15.before", told, rising, Sample.whole(rising.variables()), 199)
    assert carried.estimate > seen.estimate + 3
    assert carried.how == "condition"


@pytest.mark.parametrize("measure", ["gini", "theil", "cv", "log"])
def test_measures_of_dispersion_are_those_of_the_field(measure):
    rng = np.random.default_rng(1)
    x, w = np.exp(rng.normal(size=(2, 9, 3))), rng.uniform(1.0, 3.0, (2, 9, 3))
    one, weight = x[1, :, 2], w[1, :, 2]
    share = weight / weight.sum()
    known = {
        "gini": disparity.gini(one, weight),
        "theil": theil.theil(one, weight).total,
        "cv": np.sqrt(np.cov(one, aweights=weight, ddof=0)) / (share * one).sum(),
        "log": np.sqrt(np.cov(np.log(one), aweights=weight, ddof=0)),
    }
    np.testing.assert_allclose(spread(x, w, measure)[1, 2], known[measure], rtol=1e-12)


def test_every_claim_of_the_data_has_a_caveat_in_both_languages_and_ai_says_it_is_a_stand_in():
    for name in PLANS:
        caveat = rules._caveat(name)
        assert caveat.zh
        assert caveat.en
    assert "R&D" in rules._caveat("C13").en
    assert "人工智能的应用" in rules._caveat("C23").zh
    assert "R&D, patents" not in rules._caveat("C19").en


def test_concentration_by_herfindahl_is_one_where_all_are_alike():
    found = READINGS["C10.researchers"].run("c", NAME, INPUTS, Sample.whole(INPUTS.variables()), 99)
    x = INPUTS.variables().term("rd_researchers_fte")
    shares = x / x.sum(axis=0)
    known = np.polyfit(INPUTS.variables().years, 31 * (shares**2).sum(axis=0), 1)[0]
    assert found.estimate == pytest.approx(known)
    yearly = 31 * (shares**2).sum(axis=0)
    assert found.years == tuple(INPUTS.variables().years)
    np.testing.assert_allclose(found.ends, (yearly[0], yearly[-1]))
