"""Productivity in the report: words and tables hold the evidence's numbers in both languages; figures are drawn."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from support import small_panel

from zhiyu.explain.of.productivity import productivity
from zhiyu.report import words
from zhiyu.report.explain.productivity import question
from zhiyu.report.explain.question import Question
from zhiyu.report.material import Material
from zhiyu.terms import LOCALES

NAMES = ("gdp_real2011_100m", "capital_stock_real2011_100m", "population_10k")


def volumes(capital: float = 0.08, seed: int = 0) -> dict[str, np.ndarray]:
    """Twelve provinces, six years: output grows by 6 %, labour by 1 %, capital as told, each region in its own way."""
    rng = np.random.default_rng(seed)
    rates = np.array([0.06, capital, 0.01])[:, None, None] + 0.02 * rng.standard_normal((3, 12, 6))
    return dict(zip(NAMES, np.exp(np.cumsum(rates, axis=2) + rng.uniform(1, 3, (3, 12, 1))), strict=True))


def answered(m: Material, **more: Any) -> tuple[Question, Any]:
    found = productivity(small_panel(volumes(**more)))
    made = question(replace(m, evidence=SimpleNamespace(productivity=found)))  # type: ignore[arg-type]
    assert made is not None
    return made, found


@pytest.fixture(scope="module")
def asked(small: Material) -> tuple[Question, Any]:
    return answered(small)


def test_a_study_without_an_answer_has_no_room(small: Material) -> None:
    assert question(replace(small, evidence=SimpleNamespace(productivity=None))) is None  # type: ignore[arg-type]
    assert question(small) is None


def test_the_first_sentence_holds_the_figure_and_what_it_hangs_on(asked: tuple[Question, Any]) -> None:
    made, found = asked
    whole = found.periods.sel(period=found.spans[-1])
    tried = found.sensitivity.sel(figure="share")
    for told in (made.told[0].zh, made.told[0].en):
        assert words.number(100 * float(whole.sel(part="growth"))) + "%" in told
        assert words.percent(float(whole.sel(part="tfp") / whole.sel(part="growth")), 0) in told
        assert words.percent(float(tried.max()), 0) in told
        assert words.percent(float(tried.min()), 0) in told
    assert "assumption, not an estimate" in made.told[0].en


def test_the_tables_are_the_evidence_and_sum(asked: tuple[Question, Any]) -> None:
    made, found = asked
    tables = {one.id: one for one in (*made.tables, *made.files)}
    periods = tables["productivity_periods"]
    for row in zip(*[periods.column(name) for name in ("growth", "capital", "labour", "tfp")], strict=True):
        assert row[0] == pytest.approx(sum(row[1:]), abs=1e-12)  # type: ignore[arg-type]
    regions = tables["productivity_regions"]
    assert sorted(regions.column("region")) == list(found.regions)  # type: ignore[type-var]
    assert regions.column("productivity_rank") == sorted(regions.column("productivity_rank"))  # type: ignore[type-var]
    assert len(tables["productivity_accounts"].rows) == 12 * 5
    assert len(tables["productivity_frontier"].rows) == 12 * 6
    for table in tables.values():
        assert table.csv()
        assert table.parquet()
        assert all(table.html(locale) for locale in LOCALES)


def test_more_of_an_input_that_does_not_grow_turns_the_range(small: Material) -> None:
    """Where capital grows less than labour, a larger share of it leaves more to productivity."""
    made, _ = answered(small, capital=-0.03)
    assert "rises from" in made.told[0].en
    assert "would not have grown at all" not in made.told[0].en


def test_the_yardsticks_are_compared_by_sign(asked: tuple[Question, Any], small: Material) -> None:
    _, found = asked
    tfp = float(found.periods.sel(period=found.spans[-1], part="tfp"))
    for step, said in (
        (np.exp(np.sign(tfp) * 0.01), "agrees in direction"),
        (np.exp(-np.sign(tfp) * 0.01), "other way"),
    ):
        steps = found.steps * 0 + step
        m = replace(small, evidence=SimpleNamespace(productivity=replace(found, steps=steps)))  # type: ignore[arg-type]
        made = question(m)
        assert made is not None
        assert any(said in told.en for told in made.told)


@pytest.mark.parametrize("mirror", [-0.9, -0.1, 0.9])
def test_a_mirror_of_the_input_is_told_only_where_it_is_clear(small: Material, mirror: float) -> None:
    found = replace(productivity(small_panel(volumes())), mirror=mirror)
    made = question(replace(small, evidence=SimpleNamespace(productivity=found)))  # type: ignore[arg-type]
    assert made is not None
    assert any("draw the same picture" in told.en for told in made.told) == (mirror == -0.9)


@pytest.mark.parametrize("locale", LOCALES)
def test_figures_are_drawn_the_same_each_time(asked: tuple[Question, Any], locale: Any) -> None:
    made, _ = asked
    first, again = made.figures(locale), made.figures(locale)
    assert [figure.id for figure in first] == ["chart-productivity-periods", "chart-productivity-ranks"]
    assert first == again
    assert all(figure.alt and figure.title in figure.alt for figure in first)
