"""Where a claim's own way stands among all: computed from the specifications, told under the overview of claims."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from benchmarks.planted_claims import FRAMEWORK, panel

from zhiyu.explain.claims import asking
from zhiyu.explain.claims.inputs import Inputs, Sample
from zhiyu.explain.claims.question import Agreement, Verdict
from zhiyu.explain.of.claims import Ledger, claims
from zhiyu.explain.wild import wider_interval
from zhiyu.report.explain.claims_apart import apart, told
from zhiyu.report.explain.claims_figures import drawings
from zhiyu.report.explain.claims_regressions import regressions
from zhiyu.terms import LOCALES

MADE = panel("C01", 1.0, 3)
CHOICES = ("form", "lag")


@pytest.fixture(scope="module")
def ledger() -> Ledger:
    some = replace(FRAMEWORK, claims=type(FRAMEWORK.claims)([FRAMEWORK.claims[x] for x in ("C01", "C17")]))
    return claims(MADE.index, MADE.panel, some, grouping="region4", draws=199, most=60, seed=3)


def material(found: Ledger) -> Any:
    known = {"index": MADE.index, "panel": MADE.panel, "framework": FRAMEWORK, "coverage": (), "digits": 1}
    return SimpleNamespace(evidence=SimpleNamespace(ledger=found), scale=100.0, **known)


def made(one: Verdict, effect: np.ndarray, sign: int = 1) -> Verdict:
    """A claim with the effects of the test's own making: 2 forms by 30 lags, the stated one first."""
    picks = np.stack(np.unravel_index(np.arange(60), (2, 30)), axis=-1)
    nothing = np.full(60, np.nan)
    found = Agreement(
        share=0.5,
        words=np.zeros(60, dtype=np.int8),
        effect=effect,
        low=nothing,
        high=nothing,
        choices=CHOICES,
        levels=(("a", "b"), tuple(map(str, range(30)))),
        picks=picks,
        shares=np.zeros(2),
        full=True,
        main=0,
    )
    return replace(one, parts=(replace(one.parts[0], sign=sign), *one.parts[1:]), agreement=found)


def steep(of_form: float, own: float) -> np.ndarray:
    """Effects that the form shifts, with noise about it, and the stated specification's own."""
    effect = np.where(np.arange(60) < 30, of_form, 0.0) + np.random.default_rng(0).normal(0, 0.01, 60)
    effect[0] = own
    return effect


def test_a_way_among_the_others_is_not_apart(ledger):
    assert apart(made(ledger["C01"], steep(0.2, 0.2))) is None
    assert apart(replace(ledger["C01"], agreement=None)) is None
    assert apart(made(ledger["C01"], steep(0.2, np.nan))) is None


def test_the_choice_that_sets_it_apart_is_found_with_its_means(ledger):
    effect = steep(0.2, 0.9)
    found = apart(made(ledger["C01"], effect))
    assert found is not None
    assert (found.choice, found.own) == ("form", 0.9)
    assert found.middle == pytest.approx(np.median(effect))
    assert (found.stated, found.other) == pytest.approx((effect[1:30].mean(), effect[30:].mean()))  # of the others


def test_a_way_that_speaks_against_the_claim_is_counted_apart_but_not_as_its_direction(ledger):
    up, down = made(ledger["C01"], steep(0.2, 0.9)), made(ledger["C17"], steep(0.2, 0.9), sign=-1)
    found = apart(down)
    assert found is not None
    assert (found.own, found.choice) == (-0.9, "form")
    known = replace(ledger, choices=dict(ledger.choices))
    said = told(known, (up, down, made(ledger["C01"], steep(0.2, 0.2))))
    assert said is not None
    assert said.en.startswith("Of the 3 claims drawn, 2 have an own way")
    assert "1 of them in the direction that the claim says" in said.en
    assert f'"{ledger.choices["form"].en}" (C01 and C17)' in said.en
    assert "C01, for one, has 0.90 by its own way" in said.en
    assert said.zh.endswith("所以应以圆圈（中位）为准，不以菱形为准。")


def test_nothing_is_said_where_no_way_is_apart(ledger):
    assert told(ledger, (made(ledger["C01"], steep(0.2, 0.2)),)) is None


@pytest.mark.parametrize("locale", LOCALES)
def test_the_overview_says_what_it_draws_and_what_not(ledger, locale):
    m = material(ledger)
    figure = drawings(m, ledger, locale)[0]
    ways = sum(one.agreement.number for one in ledger.verdicts)
    assert f"{ways}" in figure.title
    assert ("2个" if locale == "zh" else "2 claims") in figure.title
    resampled = replace(ledger["C17"], parts=(replace(ledger["C17"].parts[0], how="resampled"),))
    fewer = drawings(m, replace(ledger, verdicts=(ledger["C01"], resampled)), locale)[0]
    assert any("C17" in note for note in fewer.notes)
    apart_ = replace(ledger, verdicts=(made(ledger["C01"], steep(0.2, 0.9)),))
    assert any("0.90" in note for note in drawings(m, apart_, locale)[0].notes)


def test_who_gets_a_curve_of_its_own_is_said(ledger):
    m = material(ledger)
    clear = replace(ledger, verdicts=(replace(ledger["C01"], verdict="supported"),))
    assert any("support or contradict" in note for note in drawings(m, clear, "en")[0].notes)
    mixed = replace(ledger, verdicts=tuple(replace(one, verdict="mixed") for one in ledger.verdicts))
    nearest = min(ledger.verdicts, key=lambda one: one.q).id
    assert any(note.endswith(f": {nearest}.") for note in drawings(m, mixed, "en")[0].notes)


def test_brackets_hold_intervals_of_driver_and_controls(ledger):
    """The driver's is the ledger's own, which goes with the p that its stars show; a control's is made alike."""
    models = {one.id: one for table in regressions(material(ledger), ledger) for one in table.models}
    part = ledger["C01"].parts[0]
    driver, *controls = models["C01"].estimates.values()
    assert (driver.low, driver.high) == (part.low, part.high)
    asked = next(one for one in asking.paper() if one.id == "C01")
    sample = Sample.whole(Inputs(MADE.index, MADE.panel, FRAMEWORK, seed=ledger.seed).variables())
    test = sample.test(asked)
    assert len(controls) == len(asked.controls) > 0
    assert (controls[0].low, controls[0].high) == wider_interval(test.y, test.x, 1, "two-way", 1999, ledger.seed)
    assert wider_interval(test.y, test.x, 0, "two-way", 199, ledger.seed) == pytest.approx((part.low, part.high))
