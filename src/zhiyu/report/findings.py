"""The finding first, in words: who leads, who moved, how gaps changed, what carries the index, what data cannot say.

Every sentence is a description of scores and ranks; none says why.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from zhiyu.data.panel import Mark
from zhiyu.measure.index import DOMINANT
from zhiyu.measure.moves import contributions
from zhiyu.report import robust, words
from zhiyu.report.design import chapter as designed
from zhiyu.report.explain.chapter import questions
from zhiyu.report.material import Material
from zhiyu.report.results import extremes, series
from zhiyu.report.simulate import chapter as simulated
from zhiyu.terms import Label, Locale, text

EVEN = 0.05  # a change below this, in shares of a hundredth of the scale, is none
TOP_TEN = 10
MUCH = 0.05  # a share of missing cells worth saying


@dataclass(frozen=True)
class Finding:
    """A heading and the sentences under it."""

    id: str
    head: str
    body: tuple[str, ...]


def findings(m: Material, locale: Locale) -> tuple[Finding, ...]:
    """The findings that the study's data allow, in the order a reader wants them."""
    if not m.ranked:
        return (_finding("cannot", [text("report.finding.no_scores", locale), *_cannot(m, locale)], locale),)
    told = {
        "lead": [_leads(m, locale), _seats(m, locale)],
        "moved": _moved(m, locale),
        "gap": _gaps(m, locale),
        "firm": _firm(m, locale),
        "why": [question.told[0].text(locale) for question in questions(m) if question.told],
        "if": [sentence.text(locale) for sentence in simulated.finding(m)],
        "do": [sentence.text(locale) for sentence in designed.finding(m)],
        "carries": [_carries(m, locale), _dominant(m, locale), _rests(m, locale)],
        "cannot": _cannot(m, locale),
    }
    return tuple(_finding(name, parts, locale) for name, parts in told.items() if any(parts))


def _finding(name: str, parts: list[str], locale: Locale) -> Finding:
    return Finding(name, text(f"report.finding.{name}_head", locale), tuple(part for part in parts if part))


def _firm(m: Material, locale: Locale) -> list[str]:
    found = robust.firmness(m)
    if found is None:
        return []
    firm, number, widest, width = found
    values = {"draws": m.choices.measure.robustness.draws, "firm": firm, "number": number, "width": width}
    return [text("report.finding.firm_text", locale, name=m.name_of(widest), **values)]


def _leads(m: Material, locale: Locale) -> str:
    score = m.score(m.root)[:, m.span[1]]
    rank = m.rank(m.root)[:, m.span[1]]
    first = [i for i in m.ranked if rank[i] == 1]
    values = {
        "year": m.last,
        "number": len(m.ranked),
        "name": m.root.label,
        "leader": words.names([m.name_of(i) for i in first], locale),
        "score": words.number(float(score[first[0]]), m.digits),
        "scale": words.number(m.scale, 0),
        "next": words.listed([_scored(m, i, locale) for i in m.ranked[len(first) : max(3, len(first))]], locale),
    }
    key = "report.finding.leads" if values["next"] else "report.finding.leads_alone"
    median = words.number(float(np.median(score[list(m.ranked)])), m.digits)
    return words.joined([text(key, locale, **values), text("report.finding.median", locale, median=median)], locale)


def _scored(m: Material, i: int, locale: Locale) -> str:
    score = words.number(float(m.score(m.root)[i, m.span[1]]), m.digits)
    return text("report.scored", locale, name=m.name_of(i), score=score)


def _seats(m: Material, locale: Locale) -> str:
    """Which group holds most of the first ten places."""
    best = [m.group_of(i) for i in m.ranked[:TOP_TEN]]
    if len(m.ranked) < 2 * TOP_TEN or not m.groups:
        return ""
    group = max(m.groups, key=lambda g: best.count(g))
    return text("report.finding.seats", locale, group=group.label, seats=best.count(group), places=TOP_TEN)


def _moved(m: Material, locale: Locale) -> list[str]:
    """Who rose and who fell most between the first and the last year, and whether their data are whole."""
    if not m.several:
        return [text("report.finding.one_year", locale, year=m.last)]
    rank = m.rank(m.root)[:, [*m.span]]
    gain = {i: int(rank[i, 0] - rank[i, 1]) for i in m.ranked if np.isfinite(rank[i, 0])}
    most, least = max(gain.values(), default=0), min(gain.values(), default=0)
    parts, movers = [], []
    for key, places in (("rose", most), ("fell", least)):
        those = [i for i in gain if gain[i] == places and places != 0 and (places > 0) == (key == "rose")]
        if those:
            ends = [{"name": m.name_of(i), "a": int(rank[i, 0]), "b": int(rank[i, 1])} for i in those]
            names = words.listed([text("report.from_to", locale, **end) for end in ends], locale)
            many = "_many" if len(those) > 1 else ""
            parts.append(text(f"report.finding.{key}{many}", locale, first=m.first, names=names))
            movers += those
    if not parts:
        parts.append(text("report.finding.unmoved", locale, first=m.first, last=m.last))
    number = np.isfinite(rank).sum(axis=0)
    if number[0] != number[1]:
        values = {"first": m.first, "last": m.last, "a": int(number[0]), "b": int(number[1])}
        parts.append(text("report.note.ranked_differ", locale, **values))
    thin = [m.name_of(i) for i in movers if not m.full(i)]
    if thin:
        parts.append(text("report.finding.incomplete", locale, names=words.names(thin, locale)))
    return [*parts, _higher(m, locale, tuple(gain))]


def _higher(m: Material, locale: Locale, both: tuple[int, ...]) -> str:
    """How many regions score higher than in the first year."""
    if not m.comparable:
        return ""
    score = m.score(m.root)
    higher = sum(bool(score[i, m.span[1]] > score[i, m.span[0]]) for i in both)
    key = "report.finding.all_higher" if higher == len(both) else "report.finding.higher"
    return text(key, locale, higher=higher, number=len(both), first=m.first)


def _gaps(m: Material, locale: Locale) -> list[str]:
    """The gap between the best and the last group, and between the leaders and all the others."""
    if not m.several:
        return []
    if not m.comparable:
        return [text("report.finding.gap_unknown", locale)]
    a, z = m.span
    parts = []
    lines = [line for line in series(m, m.root) if line.id != "all"] if m.groups else []
    known = [line for line in lines if np.isfinite(line.values[[a, z]]).all()]
    if len(known) > 1:
        high, low = max(known, key=lambda s: s.values[z]), min(known, key=lambda s: s.values[z])
        gap = high.values - low.values
        values = {"high": high.label, "low": low.label}
        parts.append(text(f"report.finding.groups_{_way(m, gap)}", locale, **values, **_from_to(m, gap)))
    score = m.score(m.root)[m.judged]
    best, _ = extremes(score, m.leaders)
    seen = np.isfinite(score).sum(axis=0)
    rest = np.divide(
        np.nansum(score, axis=0) - m.leaders * best,
        seen - m.leaders,
        out=np.full(len(best), np.nan),
        where=seen > m.leaders,
    )
    gap = best - rest
    if np.isfinite(gap[[a, z]]).all():
        parts.append(text(f"report.finding.leaders_{_way(m, gap)}", locale, number=m.leaders, **_from_to(m, gap)))
    return parts


def _way(m: Material, gap: np.ndarray) -> str:
    change = (gap[m.span[1]] - gap[m.span[0]]) / m.scale * 100
    return "even" if abs(change) < EVEN else "wider" if change > 0 else "narrower"


def _from_to(m: Material, gap: np.ndarray) -> dict[str, object]:
    ends = {"a": words.number(float(gap[m.span[0]]), m.digits), "b": words.number(float(gap[m.span[1]]), m.digits)}
    return {"first": m.first, "last": m.last, **ends}


def _carries(m: Material, locale: Locale) -> str:
    """How few indicators hold half of the weight, and the three heaviest."""
    weighed = sorted(m.leaves, key=lambda leaf: -m.effective(leaf))
    total = np.cumsum([m.effective(leaf) for leaf in weighed])
    half = int(np.searchsorted(total, 0.5 - 1e-12)) + 1
    named = [
        text("report.weighed", locale, name=leaf.label, share=words.percent(m.effective(leaf))) for leaf in weighed[:3]
    ]
    values = {"half": half, "number": len(weighed), "names": words.listed(named, locale)}
    return text("report.finding.carries", locale, **values)


def _dominant(m: Material, locale: Locale) -> str:
    if not m.index.dominant:
        return text("report.finding.no_dominant", locale, kind=m.kind, limit=words.percent(DOMINANT, 0))
    named = [
        text("report.dominates", locale, leaf=leaf.label, attribute=attribute.label, share=words.percent(share, 0))
        for leaf, attribute, share in m.index.dominant
    ]
    names = ("；" if locale == "zh" else "; ").join(named)
    return text("report.finding.dominant", locale, kind=m.kind, limit=words.percent(DOMINANT, 0), names=names)


def _rests(m: Material, locale: Locale) -> str:
    """Which top nodes make up the leaders' lead over the mean region; exact under arithmetic aggregation only."""
    if m.index.recipe.aggregate.method != "arithmetic" or len(m.ranked) <= m.leaders or len(m.top) < 2:
        return ""
    points = contributions(m.index).values[:, m.span[1]]
    ahead = points[list(m.ranked[: m.leaders])].mean(axis=0) - points[list(m.ranked)].mean(axis=0)
    position = {leaf.id: j for j, leaf in enumerate(m.leaves)}
    parts = {
        node.id: float(sum(ahead[position[leaf.id]] for leaf in m.index.tree.leaves_below(node.id))) for node in m.top
    }
    lead = sum(parts.values())
    if lead <= 0:
        return ""
    named = [
        text("report.weighed", locale, name=m.index.tree[name].label, share=words.percent(part / lead, 0))
        for name, part in sorted(parts.items(), key=lambda item: -item[1])[:2]
    ]
    values = {"number": m.leaders, "lead": words.number(lead, m.digits), "names": words.listed(named, locale)}
    return text("report.finding.rests", locale, year=m.last, **values)


def _cannot(m: Material, locale: Locale) -> list[str]:
    parts = []
    standing = [leaf for leaf in m.leaves if leaf.proxy_for.zh or leaf.proxy_for.en]
    if standing:
        examples = _examples(m)
        values = {
            "proxies": len(standing),
            "number": len(m.leaves),
            "examples": words.listed([e.text(locale) for e in examples], locale),
        }
        parts.append(
            text(f"report.finding.proxies{'_all' if len(standing) == len(m.leaves) else ''}", locale, **values)
        )
    if m.index.left_out:
        total = len(m.leaves) + len(m.index.left_out)
        parts.append(text("report.finding.left_out", locale, number=len(m.index.left_out), total=total))
    missing = m.cells[Mark.MISSING] / max(1, sum(m.cells.values()))
    if missing >= MUCH:
        parts.append(text("report.finding.missing", locale, share=words.percent(missing, 0)))
    parts.append(text("report.finding.no_cause", locale))
    if m.choices.data.coverage_note is not None:
        parts.append(text("report.finding.coverage", locale, note=m.choices.data.coverage_note.label))
    return parts


def _examples(m: Material) -> list[Label]:
    """What the heaviest proxies stand for, one an attribute, three at most."""
    heaviest = [max(m.index.tree.leaves_below(node.id), key=m.effective) for node in m.top]
    named = [
        leaf for leaf in sorted(heaviest, key=lambda leaf: -m.effective(leaf)) if leaf.proxy_for.zh or leaf.proxy_for.en
    ]
    return [words.label("report.stands_for", leaf=leaf.label, proxy=leaf.proxy_for) for leaf in named[:2]]
