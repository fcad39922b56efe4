"""The room of the pilots: what each verdict says in both languages, tables, drawings."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from support import recipe, small_panel, tree

from zhiyu.data.events import Event, Events, Policy
from zhiyu.explain.claims.question import Found
from zhiyu.explain.of.events import EventEvidence, events
from zhiyu.measure import measure
from zhiyu.report import Material
from zhiyu.report.explain.claim_units import figure
from zhiyu.report.explain.events import question
from zhiyu.terms import LOCALES, Label


@pytest.fixture(scope="module")
def found() -> EventEvidence:
    rng = np.random.default_rng(1)
    years = np.arange(2012, 2020)
    first = np.repeat([2016.0, 2018.0, np.inf], [4, 4, 4])
    x = 10 + 0.3 * rng.normal(size=(12, 8)) + 3.0 * (years >= first[:, None])
    panel = small_panel({"x": x, "y": x + rng.normal(size=(12, 8))}, years.tolist())
    framework = tree("r - -", "A r x", "B r y")
    index = measure(panel, framework, recipe(weight={"method": "equal"}))
    rows = tuple(Event("pilot", c, int(g)) for c, g in zip(panel.codes, first, strict=True) if np.isfinite(g))
    policies = (Policy("pilot", Label("试点", "Pilot"), "A"), Policy("odd", Label("怪", "Odd"), "no such"))
    return events(index, panel, Events(policies, rows), draws=199)


def asked(m: Material, found: EventEvidence | None) -> Material:
    return replace(m, evidence=SimpleNamespace(events=found))


def test_no_evidence_no_room(small):
    assert question(replace(small, evidence=None)) is None
    assert question(asked(small, None)) is None
    assert question(replace(small, evidence=SimpleNamespace())) is None


def test_the_finding_leads_and_nothing_is_left_open(small, found):
    room = question(asked(small, found))
    assert room is not None
    assert "rose" in room.told[0].en
    assert "no proof of cause" in room.told[0].en
    assert "weight on comparisons with regions that had started already" in room.told[1].en
    assert "Odd" in room.told[-1].en
    for sentence in room.told:
        for locale in LOCALES:
            said = sentence.text(locale)
            assert "{" not in said
            assert "nan" not in said
            assert said.endswith(("。", "."))


def test_the_ledger_s_own_comparison_stands_beside_where_it_is_another(small, found, monkeypatch):
    monkeypatch.setattr("zhiyu.report.explain.events.EVENTS", {"C15": ("Pilot", "A")})
    nan = float("nan")
    part = Found("C15.event", Label("效应", "effect"), "resampled", 1, 0.27, 0.06, 0.48, 0.01)
    row = SimpleNamespace(id="C15", parts=(part, replace(part, id="C15.before", estimate=nan)))
    m = replace(small, evidence=SimpleNamespace(events=found, ledger=SimpleNamespace(verdicts=(row,))))
    told = [sentence.en for sentence in question(m).told if "the claims ledger (C15)" in sentence.en]
    shown = [figure(part, m, value).en for value in (part.estimate, part.low, part.high)]
    assert len(told) == 1
    assert f"is then {shown[0]} (95% interval {shown[1]} to {shown[2]})" in told[0]
    alone = replace(found, effects=tuple(replace(one, later=None) for one in found.effects))
    silent = replace(m, evidence=SimpleNamespace(events=alone, ledger=m.evidence.ledger))
    assert not [one for one in question(silent).told if "claims ledger" in one.en]


def test_every_verdict_has_its_words(small, found):
    one = found.effects[0]
    dim = replace(one.robust.simple, p=0.6, low=-9.0)
    turned = one.robust.without.copy()
    turned[0] *= -1
    shapes = {
        "had parted": replace(one, robust=replace(one.robust, pre_p=0.01)),
        "is detectable": replace(one, robust=replace(one.robust, simple=dim)),
        "the sign turns": replace(one, robust=replace(one.robust, without=turned)),
        "hangs on the year compared with": replace(one, averaged=replace(one.averaged, simple=dim)),
        "too few years before": replace(one, robust=replace(one.robust, pre_p=float("nan"))),
    }
    for words, effect in shapes.items():
        told = question(asked(small, replace(found, effects=(effect,)))).told[0]  # type: ignore[union-attr]
        assert words in told.en, told.en
        assert "{" not in told.zh
    less = replace(one.robust.simple, estimate=-2.0, low=-3.0, high=-1.0)
    fallen = replace(
        one,
        robust=replace(one.robust, simple=less, without=-np.abs(one.robust.without)),
        averaged=replace(one.averaged, simple=less),
    )
    assert "less where it began" in question(asked(small, replace(found, effects=(fallen,)))).told[0].en  # type: ignore[union-attr]


def test_tables_hold_the_estimates(small, found):
    room = question(asked(small, found))
    assert room is not None
    table, groups = room.tables
    estimates, weights = table.column("event_difference"), table.column("event_weight")
    split = [(w, e) for w, e in zip(weights, estimates, strict=True) if w is not None]
    assert sum(w * e for w, e in split) == pytest.approx(estimates[0], abs=1e-10)  # type: ignore[operator, misc]
    assert groups.column("group_size") == [4, 4, 4]
    assert len(room.files[0].rows) == len(found.effects[0].robust.event)


def test_drawings_name_themselves(small, found):
    room = question(asked(small, found))
    assert room is not None
    for locale in LOCALES:
        (figure,) = room.figures(locale)
        assert figure.id == "chart-events-1"
        assert str(figure.svg).startswith("<svg")
        assert "{" not in figure.alt
        assert str(figure.svg) == str(room.figures(locale)[0].svg)


def test_a_formula_is_told_in_its_own_unit(small, found):
    effect = replace(found.effects[0], outcome="x / y")
    room = question(asked(small, replace(found, effects=(effect,))))
    assert room is not None
    assert "points" not in room.told[0].en
    (figure,) = room.figures("en")
    assert "points" not in figure.alt
