"""The ledger: terms, rules, verdicts, and the same figures however they are run."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from benchmarks.planted_claims import ASKED, FRAMEWORK, panel

from zhiyu import store
from zhiyu.explain.claims import answers, asking, rules
from zhiyu.explain.claims.answers import answer, carried, pooled, regression
from zhiyu.explain.claims.batches import alike
from zhiyu.explain.claims.inputs import Sample
from zhiyu.explain.claims.plans import PLANS, Plan
from zhiyu.explain.claims.question import RATE, Asking, Found
from zhiyu.explain.claims.readings import READINGS, named
from zhiyu.explain.claims.rules import Answered, combined, judge, ledger
from zhiyu.explain.claims.spatial import clustered
from zhiyu.explain.claims.variables import Variables, level
from zhiyu.explain.multiverse import Alternative, Space
from zhiyu.explain.of.claims import claims
from zhiyu.explain.of.coupling import coupling
from zhiyu.explain.space import moran
from zhiyu.framework.rows import Claim
from zhiyu.measure import measure
from zhiyu.terms import Label

INPUTS = panel("C01", 1.0, 7)
NAME = Label("名", "name")


def part(estimate: float, p: float, sign: int = 1, turned: bool = False, name: str = "a") -> Found:
    without = np.array([estimate, -estimate if turned else estimate])
    return Found(name, NAME, "regression", sign, estimate, 0.0, 1.0, p, ("x", "y"), without)


def condition(holds: bool) -> Found:
    return Found("c", NAME, "condition", 1, 0.0, 0.0, 0.0, float("nan"), holds=holds)


def row(name: str, kind: str = "observed") -> Claim:
    return Claim(name, "", "句", "claim", "", "", "", "", "", "", "", "", "", kind)


def word(parts: tuple[Found, ...], plan: Plan) -> str:
    return ledger([Answered(row("C"), plan, parts)], {})[0].verdict


ALL, ANY = Plan(("a", "b")), Plan(("a", "b"), "any")


def test_every_paper_claim_has_its_parts_or_waits_for_the_simulator():
    for claim in FRAMEWORK.claims:
        if claim.kind == "model-implied":
            assert claim.id not in PLANS
            continue
        for name in PLANS[claim.id].parts:
            assert name in ASKED or named(name).zh
            assert (name in ASKED) != (name in READINGS)
    assert {one.claim for one in ASKED.values()} <= set(PLANS)


@pytest.mark.parametrize(
    ("parts", "plan", "expected"),
    [
        ((part(1, 0.01), part(1, 0.02)), ALL, "supported"),
        ((part(1, 0.01), part(-1, 0.02)), ALL, "mixed"),
        ((part(1, 0.01), part(1, 0.5)), ALL, "mixed"),
        ((part(-1, 0.01), part(-1, 0.02)), ALL, "contradicted"),
        ((part(1, 0.01), part(1, 0.02, turned=True)), ALL, "mixed"),
        ((part(-1, 0.01), part(-1, 0.02, turned=True)), ALL, "mixed"),
        ((part(1, 0.01), condition(True)), ALL, "supported"),
        ((part(1, 0.01), condition(False)), ALL, "mixed"),
        ((part(1, 0.01), part(-1, 0.9)), ANY, "supported"),
        ((part(1, 0.06), part(1, 0.9)), ANY, "mixed"),
        ((part(-1, 0.01, sign=-1),), Plan(("a",)), "supported"),
        ((part(-1, 0.01), part(1, 0.4, name="b")), Plan(("a", "b"), against=("a",)), "contradicted"),
    ],
)
def test_parts_make_a_verdict(parts, plan, expected):
    assert word(parts, plan) == expected


def test_false_discoveries_are_controlled_over_the_ledger():
    """Alone a p of 0.08 would do; among ten tests that say nothing it does not."""
    one = Answered(row("C0"), Plan(("a",)), (part(1, 0.08),))
    others = [Answered(row(f"C{k}"), Plan(("a",)), (part(1, 0.9),)) for k in range(1, 11)]
    assert ledger([one], {})[0].verdict == "supported"
    found = ledger([one, *others], {})[0]
    assert (found.verdict, found.q > RATE) == ("mixed", True)


def test_what_the_data_lack_is_untestable_and_the_simulator_s_rows_wait():
    lacking = Answered(row("C1"), Plan(("a",)), (), Label("没有x", "no x"))
    waiting = Answered(row("C2", "model-implied"), None)
    found = ledger([lacking, waiting], {})
    assert [one.verdict for one in found] == ["untestable", "model"]
    assert found[0].why.en == "no x"


def test_a_region_that_carries_a_result_is_named():
    found = ledger([Answered(row("C"), Plan(("a",)), (part(1, 0.01, turned=True),))], {"y": Label("北京", "Beijing")})[
        0
    ]
    assert found.region == ("y",)
    assert not found.stands_without_each
    assert "Beijing" in found.why.en
    assert "北京" in found.why.zh


def test_words_of_specifications_combine_as_verdicts_do():
    one, other = np.array([1, 1, -1, -1, -9, 0]), np.array([1, 0, -1, 1, 1, 1])
    assert combined([one, other], ALL, ("a", "b"), (False, False)).tolist() == [1, 0, -1, 0, -9, 0]
    assert combined([one, other], ANY, ("a", "b"), (False, False)).tolist() == [1, 1, -1, 1, 1, 1]
    only = Plan(("a", "b"), against=("a",))
    assert combined([one, other], only, ("a", "b"), (False, False)).tolist() == [1, 0, -1, -1, -9, 0]


def test_judging_all_takes_the_weakest_part():
    found = judge((part(1, 0.01), part(1, 0.03)), ALL)
    assert (found.p_for, found.p_against, found.p) == (0.03, 1.0, 0.03)


def test_terms():
    v = INPUTS.variables()
    x = v.term("gdp_100m / population_10k")
    np.testing.assert_array_equal(v.term("lag(gdp_100m / population_10k)")[:, 1:], x[:, :-1])
    assert np.isnan(v.term("lag(gdp_100m / population_10k)")[:, 0]).all()
    np.testing.assert_allclose(v.term("growth(log(gdp_100m))")[:, 1:], np.diff(np.log(v.term("gdp_100m")), axis=1))
    a, b = (v.term(name) - v.term(name).mean(axis=0) for name in ("ai_native", "gdp_100m"))
    np.testing.assert_allclose(v.term("ai_native : gdp_100m"), a * b)
    np.testing.assert_array_equal(v.term("year")[0], v.years)
    assert v.missing("lag(log(q) + ai_native)") == ("q",)
    assert v.made("lag(ai_native / gdp_100m)") == {"ai_native"}


def test_scores_are_in_tenths_and_subsystems_are_those_of_coupling():
    v = INPUTS.variables()
    np.testing.assert_allclose(v.term("ai_native"), INPUTS.index.scores.sel(node="ai_native").values / 10.0)
    wheels = next(one for one in coupling(INPUTS.index, FRAMEWORK, draws=99).systems if one.id == "dual_wheel")
    np.testing.assert_allclose(v.term("technology"), 10.0 * wheels.levels.sel(part="technology").values)
    np.testing.assert_allclose(v.term("dual_wheel"), wheels.coordination.values, rtol=1e-9)


def test_a_node_without_some_leaves_is_the_mean_of_the_others_by_weight():
    v = INPUTS.variables()
    kept = [x.id for x in INPUTS.index.tree.leaves_below("ai_native")]
    kept = [x for x in kept if x not in {y.id for y in INPUTS.index.tree.leaves_below("knowledge_output")}]
    scores = INPUTS.index.scores.sel(node=kept).values / 10.0
    weights = INPUTS.index.effective.sel(node=kept).values[0]
    np.testing.assert_allclose(v.term("without(ai_native, knowledge_output)"), scores @ weights / weights.sum())


def test_a_level_wants_enough_of_its_weight():
    x = np.array([[[1.0, 3.0], [1.0, np.nan], [np.nan, np.nan]]])
    assert level(x, np.array([3.0, 1.0]), 0.6).tolist()[0][:2] == [1.5, 1.0]
    assert np.isnan(level(x, np.array([1.0, 3.0]), 0.6)[0, 1:]).all()


def test_the_driver_stands_first_and_controls_may_be_as_late():
    asked = replace(ASKED["C05.interaction"], lags=(2,))
    test = Sample.whole(INPUTS.variables()).test(asked)
    v = INPUTS.variables()
    np.testing.assert_array_equal(test.x[:, 2:, 0], v.term("data_factor : institutions")[:, :-2])
    np.testing.assert_array_equal(test.x[:, 2:, 1], v.term("data_factor")[:, :-2])
    np.testing.assert_array_equal(test.x[..., 3], v.term("log(capital_stock_real2011_100m)"))


def test_a_sample_leaves_out_cuts_and_winsorises():
    v = INPUTS.variables()
    sample = Sample(v, np.arange(31) > 2, first=v.years[4], winsor=0.1)
    x = sample.cut(v.term("gdp_100m"))
    assert x.shape == (28, 10)
    assert np.isnan(x[:, :4]).all()
    drawn = sample.drawn_in(x)
    assert (np.nanmin(drawn), np.nanmax(drawn)) == tuple(np.quantile(x[:, 4:], [0.1, 0.9]))


def test_the_interval_of_the_index_is_wider_where_the_index_enters_and_absent_where_not():
    asked = ASKED["C17"]
    one = regression(asked, INPUTS.variables(), INPUTS, 199)
    assert one.index_low < one.estimate < one.index_high
    outside = Asking("c", "c", NAME, "log(gdp_100m)", ("level",), "log(population_10k)", (0,), (), ("two-way",), 1)
    assert np.isnan(carried(outside, INPUTS)).all()


def test_the_interval_of_the_index_counts_only_regions_that_have_the_outcome(monkeypatch):
    outcome, seen = Sample.outcome, []

    def partly(self: Sample, asked: Asking, form: str) -> np.ndarray:
        return np.where(np.arange(31)[:, None] < 3, np.nan, outcome(self, asked, form))

    monkeypatch.setattr(Sample, "outcome", partly)
    monkeypatch.setattr(answers, "pooled", lambda estimates, errors, freedom: (seen.append(freedom), freedom))
    carried(ASKED["C17"], INPUTS, 4)
    assert seen == [27]


def test_pooling_adds_what_differs_between_draws():
    alike = pooled(np.ones(50), np.full(50, 0.5), 10**6)
    apart = pooled(np.linspace(0, 2, 50), np.full(50, 0.5), 10**6)
    np.testing.assert_allclose(alike, (1 - 1.959964 * 0.5, 1 + 1.959964 * 0.5), atol=1e-5)
    assert apart[1] - apart[0] > 1.5 * (alike[1] - alike[0])


def small_ledger(tmp_path, workers=1, **more):
    own = tmp_path / "mine.csv"
    own.write_text(
        "id,zh,en,outcome,driver,controls,effects,sign\n"
        "M1,我的主张,industry follows technology,industry,technology,own,two-way,+\n"
        "M2,缺变量,lacks a variable,industry,robots,,two-way,+\n",
        encoding="utf-8",
    )
    framework = replace(FRAMEWORK, claims=type(FRAMEWORK.claims)([FRAMEWORK.claims[x] for x in ("C01", "C10", "C07")]))
    return claims(
        INPUTS.index, INPUTS.panel, framework, grouping="region4", own=own, draws=199, most=200, workers=workers, **more
    )


def test_a_ledger_with_a_users_own_claims(tmp_path):
    found = small_ledger(tmp_path)
    table = found.claims
    assert table["id"].tolist() == ["C01", "C10", "C07", "M1", "M2"]
    assert table["verdict"].tolist()[0] == "supported"
    assert table["verdict"].tolist()[2:] == ["model", "supported", "untestable"]
    assert "robots" in found["M2"].why.en
    assert table.loc[0, ["agreeing_share"]].between(0.0, 1.0).all()
    assert found["C01"].agreement.number == 200
    assert not found["C01"].agreement.full
    assert found.glance().loc[0, "specifications"] == found.specifications > 200
    assert set(found.tidy()["term"]) >= {"C01", "M1", "C10.lagging"}
    assert "supported" in found.summary("en")


def test_figures_do_not_hang_on_the_number_of_workers_and_a_run_can_be_resumed(tmp_path):
    kept: dict[str, object] = {}
    one = small_ledger(tmp_path, keep=kept.__setitem__)
    two = small_ledger(tmp_path, workers=2)
    calls: list[str] = []
    again = small_ledger(tmp_path, found=kept.get, keep=lambda key, _: calls.append(key))
    for name in ("C01", "C10", "M1"):
        for other in (two, again):
            for figure in ("words", "effect", "low", "high", "shares"):
                np.testing.assert_array_equal(
                    getattr(one[name].agreement, figure), getattr(other[name].agreement, figure), strict=True
                )
    assert calls == []


def test_a_ledger_can_be_kept(tmp_path):
    found = small_ledger(tmp_path)
    arrays: dict[str, np.ndarray] = {}
    again = store.decode(store.encode(found, arrays), arrays)
    assert again.claims.equals(found.claims)


def test_years_that_do_not_compare_make_the_index_s_claims_untestable():
    recipe = INPUTS.index.recipe.replaced("normalise.scope", "year")
    made = replace(INPUTS.bare(), index=measure(INPUTS.panel, FRAMEWORK, recipe))
    found = answer(FRAMEWORK.claims["C01"], PLANS["C01"], ASKED, made, 99)
    assert not found.parts
    assert "scaled" in found.lacking.en


def test_the_paper_s_table_reads_as_a_user_s_would():
    assert len(ASKED) == len(asking.paper())
    assert all(one.sign in (1, -1) and one.effects[0] in ("two-way", "region") for one in ASKED.values())
    assert rules.CAVEATS


def test_a_draw_of_the_index_shares_what_its_weights_do_not_move():
    v = INPUTS.variables()
    factors = {leaf.id: 1.0 + 0.01 * k for k, leaf in enumerate(v.index.tree.leaves)}
    drawn, fresh = v.drawn(factors), Variables(v.index, v.panel, v.framework, True, factors)
    assert drawn.term("lag(log(gdp_100m))") is v.term("lag(log(gdp_100m))")
    for term in ("ai_native", "technology", "dual_wheel", "without(ai_native, knowledge_output) : gdp_100m"):
        np.testing.assert_array_equal(drawn.term(term), fresh.term(term))
    assert not np.array_equal(drawn.term("ai_native"), v.term("ai_native"))
    assert all(one is other for one, other in zip(INPUTS.drawn(3), INPUTS.drawn(3), strict=True))


def test_clustering_of_all_years_is_morans_of_each():
    rng = np.random.default_rng(2)
    w = rng.random((12, 12)) * (rng.random((12, 12)) < 0.4) * (1 - np.eye(12))
    w[np.arange(12), (np.arange(12) + 1) % 12] += 1.0
    w /= w.sum(axis=1, keepdims=True)
    x = rng.normal(size=(12, 40))
    x += 1.5 * (w @ x) * rng.random(40)
    x[3, 0], x[:, 1] = np.nan, 1.0
    found = clustered(x, w, 199, 5)
    each = [moran(column, w, 199, 5) for column in x.T[2:]]
    assert np.isnan(found[:2]).all()
    np.testing.assert_array_equal(found[2:], [one.i > one.expected and one.p <= 0.05 for one in each])
    assert 0 < found[2:].sum() < 38


def test_specifications_that_differ_in_nothing_looked_at_are_one():
    space = Space(("a", "b"), tuple(tuple(Alternative(x, str(k), "", NAME) for k in range(3)) for x in "ab"))
    picks = np.array([[0, 2], [1, 0], [0, 1], [2, 2]])
    chosen, which = alike(space, picks, ("a", "elsewhere"))
    assert [one["a"].value for one in chosen] == ["0", "1", "2"]
    assert which.tolist() == [0, 1, 0, 2]
    assert chosen[0]["b"].value == "2"  # of the first that has it
