"""The report's first page: every claim of the theory with what the data say of it, in words that need no statistics."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from markupsafe import Markup

from zhiyu.explain.claims.question import WORDS, Verdict
from zhiyu.explain.claims.rules import FLOOR, ORDER, status
from zhiyu.explain.of.claims import Ledger
from zhiyu.report import words
from zhiyu.report.explain.claim_units import decided, reading, step, told
from zhiyu.report.explain.claims import MARKS, by_model, frail, group_of, passing
from zhiyu.report.material import Material
from zhiyu.report.page import fill
from zhiyu.terms import Label, Locale, text


@dataclass(frozen=True)
class Entry:
    """A claim as a reader meets it, in one language. shares : (kind, name, per cent) of the ways of testing
    that support, decide nothing, contradict; links : (address in the page, what it leads to)."""

    id: str
    name: str
    verdict: str
    mark: str
    word: str
    says: str
    told: tuple[str, ...]
    caveat: str
    agree: str
    ways: str
    shares: tuple[tuple[str, str, float], ...]
    links: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Count:
    """Claims of one verdict: how many, what the verdict means, and which they are as (id, name, agreeing share)."""

    verdict: str
    mark: str
    word: str
    number: int
    meaning: str
    claims: tuple[tuple[str, str, str], ...]


def first_page(m: Material, locale: Locale, anchors: Collection[str]) -> Markup:
    """The page, empty where the study has no ledger. anchors : ids of what stands further down and can be linked."""
    found: Ledger | None = None if m.evidence is None else m.evidence.ledger
    if found is None or not found.verdicts:
        return Markup("")
    bar = passing(found)
    groups: dict[str, list[Entry]] = {}
    for one in found.verdicts:
        name = group_of(m.framework, one).text(locale)
        groups.setdefault(name, []).append(_entry(m, found, one, bar, locale, anchors))
    return fill(
        "ledger.html",
        counts=_counts(found, locale),
        groups=groups,
        legend=[(kind, text(f"report.ledger.share_{kind}", locale)) for kind in KINDS],
        step=step(m),
        scale=words.number(m.scale, 0),
        tests=sum(bool(one.parts) for one in found.verdicts),
        specifications=words.number(found.specifications, 0),
        rate=words.percent(found.rate, 0),
        coverage=[note.text(locale) for note in m.coverage],
        say=lambda key, **values: text(f"report.{key}", locale, **values),
    )


def _counts(found: Ledger, locale: Locale) -> tuple[Count, ...]:
    made = []
    for verdict in WORDS:
        claims = tuple(
            (one.id, words.headline(one.label.text(locale), locale), _agreed(one, locale))
            for one in found.verdicts
            if one.verdict == verdict
        )
        word, meaning = text(f"report.claims.{verdict}", locale), text(f"report.ledger.means_{verdict}", locale)
        made.append(Count(verdict, MARKS[verdict], word, len(claims), meaning, claims))
    return tuple(one for one in made if one.number or one.verdict in ("supported", "contradicted"))


def _agreed(one: Verdict, locale: Locale) -> str:
    """The share of a verdict that decides: without it a reader would take a frail one for a firm one; or that no data
    bear on it."""
    if by_model(one):
        return text("report.ledger.by_model", locale)
    if one.verdict not in ("supported", "contradicted") or one.agreement is None or not one.agreement.number:
        return ""
    return text("report.ledger.agreed", locale, share=words.percent(one.agreement.share, 0))


def _entry(m: Material, found: Ledger, one: Verdict, bar: float, locale: Locale, anchors: Collection[str]) -> Entry:
    sentences = (
        estimate(m, one),
        reason(one, bar),
        _half(one),
        leaning(m, found, one),
        _weak(one, found.rate),
        _wanted(one),
    )
    agreement = one.agreement
    ran = agreement is not None and agreement.number > 0
    links = ((f"claims_parts-{one.id}", "parts"), (f"chart-claims_{one.id}", "curve"))
    return Entry(
        id=one.id,
        name=words.headline(one.label.text(locale), locale),
        verdict=one.verdict,
        mark=MARKS[one.verdict],
        word=text(f"report.claims.{one.verdict}", locale),
        says=one.definition.text(locale),
        told=tuple(sentence.text(locale) for sentence in sentences if sentence is not None),
        caveat=one.caveat.text(locale),
        agree=words.percent(agreement.share, 0) if agreement is not None and ran else "",
        ways=words.number(agreement.number, 0) if agreement is not None and ran else "",
        shares=_shares(one, locale),
        links=tuple(
            (address, text(f"report.ledger.to_{what}", locale)) for address, what in links if address in anchors
        ),
    )


KINDS = ("for", "neither", "against")


def _shares(one: Verdict, locale: Locale) -> tuple[tuple[str, str, float], ...]:
    """(kind, name, per cent) of the ways of testing that support, decide nothing, and contradict; empty without any."""
    if one.agreement is None or not one.agreement.number:
        return ()
    counted = Counter(one.agreement.words.tolist())
    return tuple(
        (kind, text(f"report.ledger.share_{kind}", locale), 100.0 * counted[word] / one.agreement.number)
        for kind, word in zip(KINDS, (1, 0, -1), strict=True)
    )


def estimate(m: Material, one: Verdict) -> Label | None:
    """What was found, as a sentence with its unit and its 95 % interval."""
    if not one.parts:
        return _implied(one)
    part = decided(one)
    low, high = (reading(part, m, end) for end in (part.low, part.high))
    if math.isnan(part.low) or math.isnan(part.high):
        return words.label("report.ledger.estimate_alone", said=told(part, m))
    return words.label("report.ledger.estimate", said=told(part, m), low=low, high=high)


def _implied(one: Verdict) -> Label | None:
    """The estimate of a claim that the simulator answered, which has no test of its own; the reason says of what."""
    if not math.isfinite(one.estimate):
        return None
    value, low, high = (words.significant(x, 3) for x in (one.estimate, one.low, one.high))
    return words.label("report.ledger.implied", value=value, low=low, high=high)


def _half(one: Verdict) -> Label | None:
    """Of a claim that observation and simulation answer together, what the simulation adds, or that it is to come."""
    if one.kind != "both" or not one.parts:
        return None
    waits = words.label("explain.claims.half")
    return waits if one.why.zh.endswith(waits.zh) else one.why


def reason(one: Verdict, bar: float) -> Label:
    """Why the verdict, without a statistic: one sentence for a single test, a count for several."""
    if not one.parts:
        waiting = one.verdict in ("untestable", "model") and not math.isfinite(one.estimate)
        return words.label(f"report.ledger.none_{one.verdict}") if waiting else one.why
    became = [status(part, bar) for part in one.parts]
    if len(became) == 1:
        return words.label(f"report.ledger.one_{became[0]}")
    pieces = [
        words.label(f"report.ledger.of_several.{kind}", number=became.count(kind)) for kind in ORDER if kind in became
    ]
    listed = words.both(lambda locale: ("，" if locale == "zh" else "; ").join(piece.text(locale) for piece in pieces))
    return words.label("report.ledger.several", number=len(became), listed=listed)


def leaning(m: Material, found: Ledger, one: Verdict) -> Label | None:
    """Which regions carry the result, and what the first estimate is without the one that carries it most."""
    if not one.parts or all(part.how == "condition" for part in one.parts):
        return None
    if not one.region:
        return words.label("report.ledger.no_region" if one.stands_without_each else "report.ledger.some_region")
    names = words.both(lambda locale: words.names([found.names.get(x, Label(x, x)) for x in one.region], locale))
    first = decided(one)
    code, value = first.leans_on
    if first.leans and code in one.region:
        worst, shown = found.names.get(code, Label(code, code)), reading(first, m, value)
        return words.label("report.ledger.region_value", names=names, region=worst, value=shown)
    return words.label("report.ledger.region", names=names)


def _weak(one: Verdict, rate: float) -> Label | None:
    """Whether too few of the other ways of testing say the same: the verdict is then taken back, or to be doubted."""
    if one.verdict == "mixed" and one.q <= rate and one.stands_without_each and one.agreement is not None:
        share = _alone(one)
        told = {"share": words.percent(share, 0), "floor": words.percent(FLOOR, 0)}
        return words.label("report.ledger.taken_back", **told) if share < FLOOR else None
    return words.label("report.ledger.frail") if frail(one) else None


def _alone(one: Verdict) -> float:
    """Share of the ways of testing that say by themselves what the decisive part says."""
    assert one.agreement is not None
    wanted = 1 if decided(one).expected else -1
    return float((one.agreement.words == wanted).sum()) / max(one.agreement.number, 1)


def _wanted(one: Verdict) -> Label | None:
    """For a claim without a verdict, the data that would give it one."""
    if one.verdict not in ("untestable", "model") or not one.needs.en:
        return None
    return words.label("report.claims.needs", needs=one.needs)
