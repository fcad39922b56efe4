"""The report's first page: every claim of the theory with what the data say of it, in words that need no statistics."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup, escape

from zhiyu.explain.claims.question import WORDS, Verdict, Word
from zhiyu.explain.claims.rules import FLOOR, PROXIES, own_caveat
from zhiyu.explain.of.claims import Ledger
from zhiyu.report import words
from zhiyu.report.explain.card import SETTLED, sentences, tests
from zhiyu.report.explain.claim_units import LEADS, step
from zhiyu.report.explain.claim_words import (
    IMPLIED,
    KINDS_OF_MIXED,
    MARKS,
    by_model,
    look_of,
    mark_of,
    mixed_kind,
    word_of,
)
from zhiyu.report.explain.claims import group_of, passing
from zhiyu.report.material import Material
from zhiyu.report.page import fill
from zhiyu.terms import Locale, text


@dataclass(frozen=True)
class Entry:
    """A claim as a reader meets it, in one language.

    paper : where the paper makes it; look : the class that colours the verdict; kind : which way a mixed one is mixed.
    rule, tests, needs : how the verdict is made, each test where there are several, and what data would help most.
    shares : (kind, name, per cent) of the ways of testing that support, decide nothing, contradict; split : the same
        as a sentence; heard : the same for who hears the page; links : (address in the page, what it leads to).
    """

    id: str
    name: str
    paper: str
    look: str
    mark: str
    word: str
    kind: str
    says: str
    told: tuple[Markup, ...]
    caveat: str
    rule: str
    tests: tuple[str, ...]
    needs: str
    split: str
    heard: str
    shares: tuple[tuple[str, str, float], ...]
    links: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Count:
    """Claims of one verdict that data give, or the model: how many, what it means, and the claims.

    kinds : (name, claims) of a verdict that has several, else one without a name; a claim is (id, name, share).
    """

    look: str
    mark: str
    word: str
    number: int
    meaning: str
    kinds: tuple[tuple[str, tuple[tuple[str, str, str], ...]], ...]


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
        counts=_counts(found, bar, locale),
        intro=_intro(found, locale),
        groups=groups,
        legend=[(kind, text(f"report.ledger.share_{kind}", locale)) for kind in KINDS],
        tests=sum(bool(one.parts) for one in found.verdicts),
        specifications=words.number(found.specifications, 0),
        rate=words.percent(found.rate, 0),
        bar=words.significant(bar, 1),
        floor=words.percent(FLOOR, 0),
        required=any(part.how == "condition" for one in found.verdicts for part in one.parts),
        units=_units(m, found, locale),
        ways=words.joined([text("report.ledger.how_ways", locale), _sampled(found, locale)], locale),
        proxied=words.listed([one.id for one in found.verdicts if one.id in PROXIES and one.parts], locale),
        coverage=[note.text(locale) for note in m.coverage],
        say=lambda key, **values: text(f"report.{key}", locale, **values),
    )


def _intro(found: Ledger, locale: Locale) -> str:
    """How many claims there are, whose, and how many of them these data can test."""
    paper = [one for one in found.verdicts if not one.own]
    tested = sum(bool(one.parts) for one in found.verdicts)
    rest = len(found.verdicts) - tested
    values = {"all": len(found.verdicts), "paper": len(paper), "own": len(found.verdicts) - len(paper)}
    key = "intro" if not values["own"] else "intro_both" if paper else "intro_own"
    extent = "all" if not rest else "some" if tested else "none"
    ways = words.number(found.specifications, 0)
    said = words.label(f"report.ledger.tested_{extent}", tests=tested, rest=rest, ways=ways)
    return text(f"report.ledger.{key}", locale, tested=said, **values)


def _units(m: Material, found: Ledger, locale: Locale) -> str:
    """In what figures are told, and of which test."""
    told = text("report.ledger.how_units", locale, step=step(m), scale=words.number(m.scale, 0))
    unlike = [one.id for one in found.verdicts if one.id in LEADS and one.parts]
    more = text("report.ledger.how_leads", locale, ids=words.listed(unlike, locale)) if unlike else ""
    return words.joined([told, more], locale)


def _sampled(found: Ledger, locale: Locale) -> str:
    """Of how many ways a sample was drawn, and how many could not be run; empty where neither is so."""
    known = [one.agreement for one in found.verdicts if one.agreement is not None]
    drawn = [len(one.words) for one in known if not one.full]
    failed = sum(len(one.words) - one.number for one in known)
    said = [text("report.ledger.how_sampled", locale, most=words.number(max(drawn), 0))] if drawn else []
    said += [text("report.ledger.how_failed", locale, number=words.number(failed, 0))] if failed else []
    return words.joined(said, locale)


def _counts(found: Ledger, bar: float, locale: Locale) -> tuple[Count, ...]:
    """What data say by verdict, then what the model says, then what waits."""
    by_data = [_count(found, word, "", bar, locale) for word in WORDS]
    implied = [_count(found, word, "implied_", bar, locale) for word in WORDS[:-1]]
    said = [one for one in by_data[:-1] if one.number or one.look in ("supported", "contradicted")]
    return (*said, *(one for one in (*implied, by_data[-1]) if one.number))


def _count(found: Ledger, verdict: Word, by: Literal["", "implied_"], bar: float, locale: Locale) -> Count:
    """The claims of a verdict that data give, or that the model implies."""
    chosen = [one for one in found.verdicts if one.verdict == verdict and by_model(one) == bool(by)]
    by_kind: dict[str, list[Verdict]] = {kind: [] for kind in ("", *KINDS_OF_MIXED)}
    for one in chosen:
        by_kind[mixed_kind(one, bar, found.rate)].append(one)
    kinds = tuple(
        (
            text(f"report.ledger.mixed_{kind}", locale) if kind else "",
            tuple((one.id, words.headline(one.label.text(locale), locale), _agreed(one, locale)) for one in held),
        )
        for kind, held in by_kind.items()
        if held
    )
    word, meaning = text(f"report.claims.{by}{verdict}", locale), text(f"report.ledger.means_{by}{verdict}", locale)
    mark = IMPLIED if by and verdict != "untestable" else MARKS[verdict]
    return Count("implied" if by else verdict, mark, word, len(chosen), meaning, kinds)


def _agreed(one: Verdict, locale: Locale) -> str:
    """The share of a verdict that decides: without it a reader would take a frail one for a firm one."""
    if one.verdict not in ("supported", "contradicted") or one.agreement is None or not one.agreement.number:
        return ""
    return text("report.ledger.agreed", locale, share=words.percent(one.agreement.share, 0))


def _entry(m: Material, found: Ledger, one: Verdict, bar: float, locale: Locale, anchors: Collection[str]) -> Entry:
    kind = mixed_kind(one, bar, found.rate)
    links = ((f"claims_parts-{one.id}", "parts"), (f"chart-claims_{one.id}", "curve"))
    shares = _shares(one, locale)
    return Entry(
        id=one.id,
        name=words.headline(one.label.text(locale), locale),
        paper=_paper(one, locale),
        look=look_of(one),
        mark=mark_of(one),
        word=word_of(one).text(locale),
        kind=text(f"report.ledger.mixed_{kind}", locale) if kind else "",
        says="" if one.definition == one.label else one.definition.text(locale),
        told=tuple(_coded(sentence.text(locale)) for sentence in sentences(m, found, one, bar)),
        caveat=own_caveat(one.id).text(locale) if one.caveat.en else "",
        rule=one.rule.text(locale),
        tests=tuple(each.text(locale) for each in tests(m, found, one, bar)),
        needs="" if one.verdict in SETTLED else one.needs.text(locale),
        split=_split(one, shares, locale),
        heard="; ".join(f"{name} {_rounded(share)}%" for _, name, share in shares),
        shares=shares,
        links=tuple(
            (address, text(f"report.ledger.to_{what}", locale)) for address, what in links if address in anchors
        ),
    )


def _coded(sentence: str) -> Markup:
    """A sentence with what stands between backticks set as code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(sentence))))


def _paper(one: Verdict, locale: Locale) -> str:
    """Where the paper makes the claim."""
    if one.own or not one.section:
        return ""
    named = one.section[:1].isdigit()
    return text("report.ledger.section" if named else "report.ledger.abstract", locale, section=one.section)


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


def _split(one: Verdict, shares: tuple[tuple[str, str, float], ...], locale: Locale) -> str:
    """How many ways of testing there were, and which share of them said what."""
    if one.agreement is None or not shares:
        return ""
    told = {kind: _rounded(share) for kind, _, share in shares}
    return text("report.ledger.split", locale, ways=words.number(one.agreement.number, 0), **told)


def _rounded(share: float) -> str:
    """Per cent without decimals, but neither none nor all where that is not so."""
    return "<1" if 0 < share < 0.5 else ">99" if 99.5 <= share < 100 else words.number(share, 0)
