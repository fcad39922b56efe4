"""What a card of the first page says of a claim: what was found, why the verdict, and on which regions it hangs."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from zhiyu.explain.claims.plans import PLANS
from zhiyu.explain.claims.question import Found, Verdict
from zhiyu.explain.claims.readings import AI_ZONES, BIG_DATA
from zhiyu.explain.claims.rules import FLOOR, ORDER, status
from zhiyu.explain.of.claims import Ledger
from zhiyu.report import words
from zhiyu.report.explain.claim_units import bound, figure, led, told, vanishes
from zhiyu.report.explain.claim_words import alone, by_model, frail, taken_back
from zhiyu.report.explain.claims import waiting
from zhiyu.report.material import Material
from zhiyu.terms import Label, text

SETTLED = ("untestable", "model")  # what data they want is told at once
EVENTS = {"C14": (BIG_DATA, "data_factor"), "C15": (AI_ZONES, "industry_convergence")}
NAMED = 3  # regions that a card names


def sentences(m: Material, found: Ledger, one: Verdict, bar: float) -> list[Label]:
    """All that stands open on a card; bar : the p that a claim's test must not exceed."""
    told = (
        estimate(m, one),
        reason(m, one, bar),
        *leaning(m, found, one),
        _half(one),
        _unlike(found, one),
        _weak(one, found.rate),
        _base(m, one),
        _wanted(one),
    )
    return [sentence for sentence in told if sentence is not None]


def estimate(m: Material, one: Verdict) -> Label | None:
    """What was found, as a sentence with its unit and its 95 % interval, and beside other tests which way it points;
    where one test suffices, every test, since any might be the claim's own words.

    Of a claim that the simulator answered the reason says it all."""
    if not one.parts:
        return None
    several = sum(each.how != "condition" for each in one.parts) > 1
    pieces = [_finding(m, part, several) for part in _shown(one)]
    joined = words.both(lambda locale: ("；" if locale == "zh" else "; ").join(piece.text(locale) for piece in pieces))
    return words.label("report.ledger.estimate", findings=joined)


def _shown(one: Verdict) -> list[Found]:
    """The tests whose figures stand open on the card, that which a reader is told of first."""
    first = led(one)
    either = one.id in PLANS and PLANS[one.id].need == "any"
    return [first, *(part for part in one.parts if either and part is not first)]


def _finding(m: Material, part: Found, several: bool) -> Label:
    """One test's figure with its interval."""
    way = "" if not several or part.how == "condition" else "along" if part.expected else "against"
    pointed = words.label(f"report.ledger.points_{way}") if way else Label("", "")
    if math.isnan(part.low) or math.isnan(part.high):
        return words.label("report.ledger.finding_alone", said=told(part, m), way=pointed)
    low, high = (bound(part, m, end) for end in (part.low, part.high))
    return words.label("report.ledger.finding", said=told(part, m), low=low, high=high, way=pointed)


def _unlike(found: Ledger, one: Verdict) -> Label | None:
    """Why the model supports one claim and cannot answer another, though assumptions settle both."""
    if one.id != "C24" or not by_model(one) or one.verdict != "supported":
        return None
    asked = any(other.id == "C22" and other.verdict == "untestable" for other in found.verdicts)
    return words.label("report.ledger.unlike") if asked else None


def _half(one: Verdict) -> Label | None:
    """Of a claim that observation and simulation answer together, what the simulation adds, or that it is to come."""
    if one.kind != "both" or not one.parts:
        return None
    return one.implied if one.implied.en else words.label("explain.claims.half")


def reason(m: Material, one: Verdict, bar: float) -> Label:
    """Why the verdict, without a statistic: one sentence for a single test, a count for several."""
    if one.verdict == "model":
        return waiting(m, one)
    if not one.parts:
        lacking = one.verdict == "untestable" and not by_model(one)
        return words.label("report.ledger.none_untestable") if lacking else one.why
    became = [status(part, bar) for part in one.parts if part.how != "condition"]
    said = [_tested(became)] if became else []
    required = [part for part in one.parts if part.how == "condition"]
    said += [_required(required)] if required else []
    return words.both(lambda locale: words.joined([sentence.text(locale) for sentence in said], locale))


def _tested(became: Sequence[str]) -> Label:
    """What became of one test, or of how many of several."""
    if len(became) == 1:
        return words.label(f"report.ledger.one_{became[0]}")
    pieces = [
        words.label(f"report.ledger.of_several.{kind}", number=became.count(kind)) for kind in ORDER if kind in became
    ]
    listed = words.both(lambda locale: ("；" if locale == "zh" else "; ").join(piece.text(locale) for piece in pieces))
    return words.label("report.ledger.several", number=len(became), listed=listed)


def _required(parts: Sequence[Found]) -> Label:
    """How many of the conditions that a claim requires are met."""
    number, met = len(parts), sum(part.holds for part in parts)
    if met not in (0, number):
        pieces = {"met": _counted("condition_holds", met), "lacking": _counted("condition_lacks", number - met)}
        return words.label("report.ledger.conditions_both", number=number, **pieces)
    return _counted("conditions_met" if met else "conditions_lacking", number)


def _counted(key: str, number: int) -> Label:
    """A sentence on one thing or on several."""
    return words.label(f"report.ledger.{key}_{'one' if number == 1 else 'many'}", number=number)


def leaning(m: Material, found: Ledger, one: Verdict) -> list[Label]:
    """What the figure shown is without the region that moves it most, and which other tests turn without one."""
    tested = [part for part in one.parts if part.how != "condition"]
    if not tested:
        return []
    shown = led(one)
    alone = len(_shown(one)) == 1
    told = [_carried(m, found, shown, alone)] if shown in tested and np.isfinite(shown.without).any() else []
    turning = [part for part in tested if part is not shown and part.carried_by]
    if turning:
        codes = list(dict.fromkeys(code for part in turning for code in part.carried_by))
        key = "report.ledger.other_turns" if len(turning) == 1 else "report.ledger.others_turn"
        values = {"test": turning[0].label, "number": len(turning), "names": _some(found, codes)}
        told.append(words.label(key, **values))
    return told


def _carried(m: Material, found: Ledger, part: Found, alone: bool) -> Label:
    """How far a figure hangs on one region; alone : whether the card has no other."""
    code, value = _worst(part)
    if not code:
        return words.label(f"report.ledger.no_region{'' if alone else '_first'}")
    values = {"region": _name(found, code), "before": figure(part, m, part.estimate), "after": figure(part, m, value)}
    if vanishes(part, m, value):
        said = words.label("report.ledger.vanishes", **values)
    elif part.stands:
        larger = abs(value) > abs(part.estimate)
        said = words.label(f"report.ledger.{'held_down' if larger else 'leans'}", **values)
    else:
        said = words.label("report.ledger.turns", **values)
    others = [one for one in part.carried_by if one != code]
    if not others:
        return said
    more = words.label("report.ledger.turns_too", names=_some(found, others))
    return words.both(lambda locale: words.joined([said.text(locale), more.text(locale)], locale))


def _worst(part: Found) -> tuple[str, float]:
    """The region without which a figure turns, or else moves by half or more, and what it is then; of several that
    with the largest move. Empty where there is none."""
    turning = [(code, float(part.without[part.regions.index(code)])) for code in part.carried_by]
    if turning:
        return max(turning, key=lambda pair: abs(pair[1] - part.estimate))
    return part.leans_on if part.moved else ("", math.nan)


def _name(found: Ledger, code: str) -> Label:
    return found.names.get(code, Label(code, code))


def _some(found: Ledger, codes: Sequence[str]) -> Label:
    """Names of regions, of many the first few and how many there are."""
    names = [_name(found, code) for code in codes[:NAMED]]
    if len(codes) <= NAMED:
        return words.both(lambda locale: text("report.ledger.or", locale).join(name.text(locale) for name in names))
    listed = words.both(lambda locale: words.sequence([name.text(locale) for name in names], locale))
    return words.label("report.ledger.among", names=listed, number=len(codes), rest=len(codes) - NAMED)


def _weak(one: Verdict, rate: float) -> Label | None:
    """Whether too few of the other ways of testing say the same: the verdict is then taken back, or to be doubted."""
    if taken_back(one, rate):
        told = {"share": words.percent(alone(one), 0), "floor": words.percent(FLOOR, 0)}
        return words.label("report.ledger.taken_back", **told)
    return words.label("report.ledger.frail") if frail(one) else None


def _base(m: Material, one: Verdict) -> Label | None:
    """That a policy's effect hangs on the year compared with, where the room of policies finds that it does."""
    evidence = getattr(m.evidence, "events", None)
    if one.id not in EVENTS or evidence is None or not one.parts:
        return None
    policy, outcome = EVENTS[one.id]
    part = next((part for part in one.parts if part.id == f"{one.id}.event"), None)
    for effect in evidence.effects:
        if effect.of(policy, outcome) and part is not None and effect.verdict == "base":
            mean = effect.averaged.simple
            ends = {"mean": mean.estimate, "low": mean.low, "high": mean.high}
            shown = {name: words.signed(x, m.digits) for name, x in ends.items()}
            return words.label("report.ledger.base", estimate=figure(part, m, part.estimate), **shown)
    return None


def _wanted(one: Verdict) -> Label | None:
    """For a claim without a verdict, the data that would give it one."""
    if one.verdict not in ("untestable", "model") or not one.needs.en:
        return None
    return words.label("report.claims.needs", needs=one.needs)


def tests(m: Material, found: Ledger, one: Verdict, bar: float) -> list[Label]:
    """Each test of a claim that has several: what it found, what became of it, and the region that it hangs on."""
    if len(one.parts) < 2:
        return []
    return [_test(m, found, part, bar) for part in one.parts]


def _test(m: Material, found: Ledger, part: Found, bar: float) -> Label:
    became = words.label(f"report.claims.became_{status(part, bar)}")
    if part.how == "condition":
        return words.label("report.ledger.test_condition", name=part.label, became=became)
    low, high = (bound(part, m, end) for end in (part.low, part.high))
    values = {"said": words.heading(told(part, m)), "low": low, "high": high, "became": became}
    return words.label("report.ledger.test", without=_without(m, found, part), **values)


def _without(m: Material, found: Ledger, part: Found) -> Label:
    """What a figure becomes without the region that it hangs on most; empty where none moves it by half."""
    code, value = _worst(part)
    if not code:
        return Label("", "")
    return words.label("report.ledger.test_without", region=_name(found, code), after=figure(part, m, value))
