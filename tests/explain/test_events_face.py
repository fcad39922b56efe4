"""Events on a study: labels, tidy tables, verdicts, what is skipped, and the China study's pilots."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from support import recipe, refused, small_panel, tree

from zhiyu import Study, store
from zhiyu.data.events import Event, Events, Policy, read_events
from zhiyu.data.panel import Panel
from zhiyu.explain.of.events import EventEvidence, events
from zhiyu.measure import measure
from zhiyu.measure.index import Index
from zhiyu.terms import LOCALES, Label

BIG = "National Big Data Comprehensive Pilot Zone"
AI = "National New-Generation AI Innovation and Development Pilot Zone"


def study(jump: float, trend: float = 0.0, seed: int = 0) -> tuple[Index, Panel, Events]:
    """Twelve provinces and eight years; a policy in six of them in 2018 and 2020 lifts x by `jump`."""
    rng = np.random.default_rng(seed)
    years = np.arange(2014, 2022)
    first = np.repeat([2018.0, 2020.0, np.inf], [3, 3, 6])
    lift = jump * (years >= first[:, None]) + trend * (years - 2014) * np.isfinite(first)[:, None]
    x = 10 + rng.normal(size=(12, 1)) + 0.3 * rng.normal(size=(12, 8)) + lift
    panel = small_panel({"x": x, "y": x**2}, years.tolist())
    index = measure(panel, tree("all - -", "a all x", "b all y"), recipe(weight={"method": "equal"}))
    policy = Policy("pilot", Label("试点", "Pilot"), "a")
    rows = tuple(Event("pilot", c, int(g)) for c, g in zip(panel.codes, first, strict=True) if np.isfinite(g))
    return index, panel, Events((policy,), rows)


@pytest.fixture(scope="module")
def china() -> EventEvidence:
    s = Study.open("china-provinces")
    happened = read_events(s.folder / "policy_events.csv", s.panel().regions)
    asked = {BIG: ["data_factor"], AI: ["ai_native", "industry_convergence"]}
    return events(s.measure(), s.panel(), happened, asked, draws=299)


def test_a_planted_policy_is_told_with_its_size():
    found = events(*study(3.0), {"Pilot": ["x"]}, draws=199).effects[0]
    assert found.verdict == "up"
    assert abs(found.robust.simple.estimate - 3.0) < 0.4
    assert found.groups[0][0] == 2018
    assert [len(codes) for _, codes in found.groups] == [3, 3]
    assert len(found.never) == 6
    assert events(*study(-3.0), {"试点": ["x"]}, draws=199).effects[0].verdict == "down"


def test_nothing_planted_and_a_trend_of_their_own():
    assert events(*study(0.0), {"pilot": ["x"]}, draws=199).effects[0].verdict == "unclear"
    assert events(*study(0.0, trend=0.8), {"pilot": ["x"]}, draws=199).effects[0].verdict == "trends"


def test_each_policy_on_its_attribute_unless_told():
    index, panel, happened = study(3.0)
    found = events(index, panel, happened, draws=99)
    assert [(one.policy, one.outcome) for one in found.effects] == [("pilot", "a")]
    odd = replace(happened, policies=(*happened.policies, Policy("odd", Label("怪", "Odd"), "nothing known")))
    told = events(index, panel, odd, draws=99)
    assert told.skipped[0][0].en == "Odd"
    assert "nothing known" in told.skipped[0][2].en
    with refused("events_none") as caught:
        events(index, panel, replace(happened, policies=(replace(happened.policies[0], attribute="?"),)))
    assert caught.says("[explain.events]")
    with refused("unknown_outcome") as caught:
        events(index, panel, happened, {"pilot": ["xx"]})
    with refused("unknown_event"):
        events(index, panel, happened, {"pylot": ["x"]})


def test_a_policy_that_came_everywhere_or_in_one_region_is_skipped_with_the_reason():
    index, panel, happened = study(3.0)
    single = Policy("one", Label("一处", "One place"), "a")
    rows = (*happened.rows, Event("one", panel.codes[0], 2018))
    found = events(index, panel, Events((*happened.policies, single), rows), draws=99)
    assert [label.en for label, _, _ in found.skipped] == ["One place"]
    assert "one region shows no spread" in found.skipped[0][2].en


def test_tidy_glance_and_summary(china):
    table = china.tidy()
    assert list(table.columns[:4]) == ["policy", "outcome", "term", "estimate"]
    ai = table[table["outcome"] == "ai_native"].set_index("term")
    parts = ai[ai.index.str.startswith("bacon_")]
    assert abs(parts["weight"].sum() - 1.0) < 1e-12
    assert abs((parts["weight"] * parts["estimate"]).sum() - ai.loc["twfe", "estimate"]) < 1e-10
    assert len(china.glance()) == 1
    for locale in LOCALES:
        assert "bacon_later_earlier" in china.summary(locale)


def test_the_pilots_of_the_china_study(china):
    """Big-data zones: nothing that can be told from none. AI zones: AI nativeness had parted before; industry hangs on
    the year compared with, though the two-way coefficient of the former has a p below 0.01."""
    big, native, industry = china.effects
    assert [one.verdict for one in china.effects] == ["unclear", "trends", "base"]
    assert big.bacon.forbidden == 0.0
    assert big.left_out == ("540000",)  # Tibet lacks years
    assert [(year, len(codes)) for year, codes in native.groups] == [(2019, 6), (2020, 5), (2021, 5)]
    assert native.twfe.p < 0.01
    assert native.robust.pre_p < 0.01
    assert 0.04 < native.bacon.forbidden < 0.05
    assert native.bacon.by_type()["later_earlier"][1] < 0 < native.twfe.estimate
    assert 2.0 < industry.robust.simple.estimate < 3.5
    assert industry.averaged.simple.low < 0


def test_it_is_kept_on_disk_and_comes_back(china, tmp_path: Path):
    cache = store.Cache(tmp_path)
    cache.put("events", "0" * 64, china, 1.0)
    back = cache.get("events", "0" * 64)
    assert back is not None
    assert back[0].tidy().equals(china.tidy())
    assert back[0].effects[1].verdict == "trends"
