"""The figures that the paper cites, held against what the model says of them: hit, missed, or beyond it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import xarray as xr

from zhiyu.framework.rows import Fact

Word = Literal["hit", "missed", "beyond"]
WORDS: tuple[Word, ...] = ("hit", "missed", "beyond")
# fact -> the state whose yearly growth of the nation is the same quantity
SAME: Mapping[str, str] = {"compute_intelligent_growth": "compute"}
# fact -> the state that comes nearest, which counts something else
NEAR: Mapping[str, str] = {
    "data_output_growth": "data",
    "data_market_growth": "data",
    "ai_industry_growth": "software",
}
PLACES = ("beijing", "nanshan")  # beginnings of the ids of figures of one place
WORLD = ("genai_patent_share",)  # of figures of the world
CLASH = ("compute_total", "compute_intelligent_share", "compute_intelligent")  # cannot hold together


@dataclass(frozen=True)
class Judged:
    """One figure: what the model says of it, in per cent, None where it says nothing.

    state : whose growth that is; reason : why it is beyond the model, or what to bear in mind: "place", "world",
    "past" (a year before the first simulated), "clash", "near" (the nearest state counts something else), "none" (no
    state counts it), "same"
    """

    fact: Fact
    word: Word
    state: str
    low: float | None
    middle: float | None
    high: float | None
    reason: str


def judge(facts: Sequence[Fact], growth: xr.DataArray) -> tuple[Judged, ...]:
    """Every figure held against the baseline.

    Parameters
    ----------
    growth : (outcome, band, time) yearly growth of the nation in the baseline, the first simulated year first
    """
    return tuple(_judged(fact, growth) for fact in facts)


def _judged(fact: Fact, growth: xr.DataArray) -> Judged:
    state = SAME.get(fact.id) or NEAR.get(fact.id, "")
    year = int(fact.year)
    years = [int(t) for t in growth.time.values]
    known = state in [str(name) for name in growth.outcome.values] and year in years
    if not known:
        return Judged(fact, "beyond", "", None, None, None, _reason(fact, years[0]))
    low, middle, high = (100 * float(x) for x in growth.sel(outcome=state, time=year).values)
    if fact.id not in SAME:
        return Judged(fact, "beyond", state, low, middle, high, "near")
    return Judged(fact, "hit" if low <= float(fact.value) <= high else "missed", state, low, middle, high, "same")


def _reason(fact: Fact, first: int) -> str:
    if fact.id.startswith(PLACES):
        return "place"
    if fact.id in WORLD:
        return "world"
    if int(fact.year) < first:
        return "past"
    return "clash" if fact.id in CLASH else "none"
