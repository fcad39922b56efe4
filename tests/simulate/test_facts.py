"""Figures that the paper cites: judged only where the model holds the same quantity."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import xarray as xr

from zhiyu.framework import load
from zhiyu.simulate.facts import NEAR, SAME, WORDS, judge

FACTS = tuple(load().facts)


def growth(
    low: float, middle: float, high: float, names: tuple[str, ...] = ("compute", "data", "software")
) -> xr.DataArray:
    band = np.broadcast_to(np.array([low, middle, high])[:, None], (len(names), 3, 2))
    coordinates = {"outcome": list(names), "band": ["low", "middle", "high"], "time": [2023, 2024]}
    return xr.DataArray(band, coordinates, ("outcome", "band", "time"))


def test_a_figure_within_the_band_is_a_hit_and_one_outside_a_miss():
    name = next(iter(SAME))
    for band, word in (((0.5, 0.7, 0.9), "hit"), ((0.1, 0.2, 0.3), "missed")):
        found = {one.fact.id: one for one in judge(FACTS, growth(*band))}
        assert found[name].word == word
        assert found[name].middle == 100 * band[1]


def test_what_only_resembles_is_shown_and_not_judged():
    found = {one.fact.id: one for one in judge(FACTS, growth(0.1, 0.2, 0.3))}
    for name, state in NEAR.items():
        assert (found[name].word, found[name].state, found[name].reason) == ("beyond", state, "near")


def test_every_figure_is_judged_once_and_most_are_beyond_the_model():
    found = judge(FACTS, growth(0.1, 0.2, 0.3))
    assert [one.fact.id for one in found] == [fact.id for fact in FACTS]
    assert {one.word for one in found} <= set(WORDS)
    assert sum(one.word == "beyond" for one in found) > len(FACTS) / 2
    reasons = {one.fact.id: one.reason for one in found}
    assert reasons["compute_total"] == reasons["compute_intelligent"] == "clash"
    assert reasons["beijing_ai_core"] == "place"
    assert reasons["data_industry_2020"] == "past"
    assert reasons["genai_patent_share"] == "world"
    assert reasons["digital_core_share"] == "none"


def test_a_study_without_the_state_judges_nothing():
    assert all(one.word == "beyond" for one in judge(FACTS, growth(0.1, 0.2, 0.3, ("output",))))
    later = tuple(replace(fact, year="2031") for fact in FACTS)
    assert all(one.middle is None for one in judge(later, growth(0.1, 0.2, 0.3)))
