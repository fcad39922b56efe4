"""The room of the panel threshold: how sure it is follows both tests, and what it shows is what was found."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from zhiyu import Study
from zhiyu.explain.of.threshold import ThresholdPanel, threshold_panel
from zhiyu.report.explain.question import Question
from zhiyu.report.explain.threshold import question
from zhiyu.terms import LOCALES

OUTPUT, CAPITAL = "log(gdp_real2011_100m / population_10k)", "log(capital_stock_real2011_100m / population_10k)"


@pytest.fixture(scope="module")
def study() -> Study:
    return Study.open("china-provinces")


@pytest.fixture(scope="module")
def found(study) -> ThresholdPanel:
    by = "lag(governance_foresight)"
    terms = (OUTPUT, "lag(data_factor)", by, {"capital": CAPITAL})
    return threshold_panel(study.measure(), study.panel(), *terms, count=2, trim=0.1, bootstraps=99, seed=1)


@pytest.fixture
def asked(study):
    def room(result: ThresholdPanel) -> Question:
        known: dict[str, Any] = {"panel": study.panel(), "framework": study.framework(), "coverage": (), "scale": 100.0}
        evidence = SimpleNamespace(threshold=result)
        made = question(SimpleNamespace(evidence=evidence, index=study.measure(), **known))  # type: ignore[arg-type]
        assert made is not None
        return made

    return room


def with_p(found: ThresholdPanel, p: list[float], wild: list[float]) -> ThresholdPanel:
    return replace(found, fit=replace(found.fit, p=np.array(p), p_wild=np.array(wild)))


def test_without_an_answer_there_is_no_room():
    assert question(SimpleNamespace(evidence=None)) is None  # type: ignore[arg-type]
    assert question(SimpleNamespace(evidence=SimpleNamespace())) is None  # type: ignore[arg-type]


def test_how_sure_it_is_follows_both_tests(found, asked):
    assert asked(with_p(found, [0.3, 0.6], [0.2, 0.5])).told[0].en.startswith("No threshold is detectable")
    assert "the evidence is weak" in asked(with_p(found, [0.01, 0.6], [0.2, 0.5])).told[0].en
    assert "both tests support 1 thresholds" in asked(with_p(found, [0.01, 0.6], [0.01, 0.5])).told[0].en
    untested = replace(found, fit=replace(found.fit, bootstraps=0))
    assert "was not tested" in asked(untested).told[0].en


def curve(found: ThresholdPanel, lr: list[float], at: int) -> ThresholdPanel:
    """The answer with one threshold and a likelihood ratio of the test's own making."""
    values = np.arange(10.0, 10.0 + len(lr))
    inside = values[np.array(lr) <= found.fit.cut]
    known = {"candidates": values, "lr": np.array([lr]), "gamma": values[[at]], "regimes": found.fit.regimes[:2]}
    ends, keep = np.array([[inside.min(), inside.max()]]), len(found.fit.beta) + 2
    known |= {"interval": ends, "covariance": found.fit.covariance[:keep, :keep], "observations": np.array([139, 16])}
    known |= {"f": found.fit.f[:1], "p": found.fit.p[:1], "p_wild": found.fit.p_wild[:1]}
    return replace(found, fit=replace(found.fit, **known))


def test_a_turn_within_the_search_and_of_one_piece_is_told_as_it_is(found, asked):
    told = [one.en for one in asked(curve(found, [9.0, 8.0, 3.0, 0.0, 2.0, 9.0], 3)).told]
    assert told[1].endswith("is 13.0 (what the data are compatible with: 12.0 to 14.0).")
    assert not any("But 13.0" in one for one in told)


def test_a_turn_at_the_end_of_the_search_is_said_to_be_unknown(found, asked):
    told = asked(curve(found, [4.0, 9.0, 1.0, 9.0, 0.0], 4)).told
    assert "lie between 10.0 and 14.0, not in one piece" in told[1].en
    assert "upper end of the search (10.0 to 14.0) with 16 observations above it" in told[2].en
    assert "3 separate pieces, and the data are compatible with 12.0 and 10.0 as well" in told[2].en
    assert "from one end of the search to the other" in told[2].en
    assert told[2].en.endswith("The data do not tell where the turn is.")
    assert told[2].zh.endswith("数据定不出转折在哪里。")
    lowest = asked(curve(found, [0.0, 9.0, 9.0], 0)).told[2].en
    assert "lower end of the search (10.0 to 12.0) with 139 observations up to it" in lowest


def test_a_turn_that_may_be_in_two_places_is_said_to_be(found, asked):
    told = asked(curve(found, [9.0, 2.0, 9.0, 0.0, 9.0], 3)).told[2].en
    assert told.startswith("But 13.0 is not the only place where the turn may be")
    assert "do not tell where" not in told


def test_slopes_are_told_for_a_tenth_of_the_scale_in_per_cent_of_output(found, asked):
    told = next(one.en for one in asked(found).told if one.en.startswith("With"))
    assert told.startswith('With 10 points more of "data as a factor, last year", "real output per head" differs by:')
    assert f"{100 * np.expm1(10 * found.fit.regimes[0]):+.1f}% where".replace("-", "−") in told


def test_every_regime_is_named_with_its_slope(found, asked):
    told = next(one.en for one in asked(found).told if one.en.startswith("With 10 points"))
    assert told.count("observations") == 3
    low, high = (f"{x:.1f}" for x in found.fit.gamma)
    assert f"governance foresight, last year ≤ {low}" in told
    assert f"{low} < governance foresight, last year ≤ {high}" in told
    assert f"governance foresight, last year > {high}" in told


def test_the_regression_shows_the_model_and_no_year_dummies(found, asked):
    table = asked(found).tables[1]
    values = [row[1].en for row in table.rows if row[1].en.startswith(("0", "−", "("))]
    assert len(values) == 2 * (3 + 1)
    facts = {row[0].en: row[1].en for row in table.rows}
    assert facts["Observations"] == f"{found.fit.n * found.fit.t}"
    assert facts["Year effects"] == "yes"
    tidy = found.tidy().set_index("term")
    capital = next(row for row in table.rows if row[0].en == "ln(capital per head)")
    assert capital[1].en.rstrip("*") == f"{tidy.loc['capital', 'estimate']:.4f}"
    assert capital[1].en.endswith("***") == (tidy.loc["capital", "p_value"] <= 0.01)


def test_the_tests_table_has_a_row_a_threshold(found, asked):
    table = asked(found).tables[0]
    assert table.column("threshold_value") == found.fit.gamma.tolist()
    assert table.column("critical_5") == found.fit.critical[:, 1].tolist()


@pytest.mark.parametrize("locale", LOCALES)
def test_everything_can_be_drawn(found, asked, locale):
    room = asked(found)
    for table in (*room.tables, *room.files):
        assert table.html(locale)
        assert table.csv()
        assert table.parquet()
    (figure,) = room.figures(locale)
    assert figure.svg.startswith("<svg")
    assert f"{found.fit.gamma[0]:.1f}" in figure.alt


def test_several_answers_stand_one_after_the_other(found, asked):
    other = replace(found, threshold="lag(data_factor)")
    room = asked((found, other))
    assert [table.id for table in room.tables] == ["threshold_tests", "threshold", "threshold_tests_2", "threshold_2"]
    assert [figure.id for figure in room.figures("en")] == ["chart-threshold-1", "chart-threshold-2"]
    assert len(room.told) == len(set(room.told))
    assert sum("not cause and effect" in one.en for one in room.told) == 1
