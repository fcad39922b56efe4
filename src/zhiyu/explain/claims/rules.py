"""How a claim's parts make its verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np

from zhiyu.explain.claims.plans import Plan
from zhiyu.explain.claims.question import RATE, Agreement, Found, Implied, Kind, Verdict, Word
from zhiyu.explain.false_discovery import adjusted
from zhiyu.framework.rows import Claim
from zhiyu.terms import LOCALES, Label, Locale, Refusal, label, text

NOTHING = Label("", "")
CAVEATS = (
    *("C01", "C02", "C03", "C04", "C05", "C06", "C08", "C09", "C10", "C11", "C12", "C13", "C14", "C15", "C16", "C17"),
    *("C18", "C19", "C20", "C21", "C23"),
)
PROXIES = ("C06", "C12", "C13", "C14", "C15", "C16", "C17", "C18", "C21", "C23")  # AI nativeness enters
PLANNED = ("C25",)  # answered by a plan, whatever scenarios say
FLOOR = 0.25  # share of the specifications below which a verdict that decides is taken back


@dataclass(frozen=True)
class Judged:
    """p of a claim for and against it; stands, opposite : no region carries the parts that speak for it, or those that
    speak against it; holds : its conditions do.

    decides : the part on which p hangs. split : parts that are all needed point different ways, so that neither the
    claim nor its opposite has a p-value: both count as 1 in the false discovery control.
    """

    p_for: float
    p_against: float
    stands: bool
    opposite: bool
    holds: bool
    decides: Found
    split: bool = False

    @property
    def p(self) -> float:
        """The smaller: what enters the false discovery control."""
        return min(self.p_for, self.p_against)


def judge(parts: Sequence[Found], plan: Plan) -> Judged:
    """The p-values of a claim from those of its parts.

    All needed: the largest, a part of the other sign counting as 1 (intersection-union). Any one: the smallest times
    their number (Bonferroni). Against: the largest among the parts that contradict. What has no p counts as 1.

    Source: Berger (1982), Technometrics 24 (intersection-union tests).
    """
    tested = [one for one in parts if one.how != "condition"]
    p_for = [_chance(one) if one.expected else 1.0 for one in tested]
    against = [one for one in tested if not plan.against or one.id in plan.against]
    p_against = max(1.0 if one.expected or one.estimate == 0 else _chance(one) for one in against)
    opposite = all(one.stands for one in against)
    hinders = max(against, key=_chance)
    if plan.need == "any":
        best = tested[int(np.argmin(p_for))]
        whole = min(1.0, len(tested) * min(p_for))
        decides = best if whole <= p_against else hinders
        return Judged(whole, p_against, best.stands, opposite, True, decides)
    stands, holds = all(one.stands for one in tested), all(one.holds for one in parts)
    wrong = [one for one in tested if not one.expected]
    split = bool(wrong) and any(one.expected for one in against)
    weakest = hinders if wrong else max(tested, key=_chance)
    decides = min(wrong, key=_chance) if split else weakest
    return Judged(max(p_for), p_against, stands, opposite, holds, decides, split)


def _chance(one: Found) -> float:
    return 1.0 if np.isnan(one.p) else one.p


def verdict(judged: Judged, q: float) -> Word:
    """Supported or contradicted only where chance is ruled out over the ledger and no single region carries it."""
    if q <= RATE and judged.p_for <= judged.p_against and judged.stands and judged.holds:
        return "supported"
    if q <= RATE and judged.p_against < judged.p_for and judged.opposite:
        return "contradicted"
    return "mixed"


@dataclass(frozen=True)
class Answered:
    """A claim with its parts answered; lacking : why it could not be, empty where it was."""

    claim: Claim
    plan: Plan | None
    parts: tuple[Found, ...] = ()
    lacking: Label = NOTHING
    own: bool = False


def ledger(answered: Sequence[Answered], names: Mapping[str, Label]) -> tuple[Verdict, ...]:
    """The verdicts of all claims, their p-values adjusted together.

    names : region code -> label
    """
    judged = [judge(one.parts, one.plan) if one.parts and one.plan is not None else None for one in answered]
    p = np.array([np.nan if one is None or np.isnan(one.p) else one.p for one in judged])
    q = adjusted(p)
    known = p[np.isfinite(q)]
    passed = known[q[np.isfinite(q)] <= RATE]
    bar = float(passed.max()) if len(passed) else RATE / max(len(known), 1)
    return tuple(_row(one, found, float(at), bar, names) for one, found, at in zip(answered, judged, q, strict=True))


def _row(one: Answered, judged: Judged | None, q: float, bar: float, names: Mapping[str, Label]) -> Verdict:
    claim, decides = one.claim, judged.decides if judged is not None else None
    kind: Kind = "both" if claim.kind == "both" else "model-implied" if claim.kind == "model-implied" else "observed"
    needs = Label(claim.needs_zh, claim.needs_en)
    region: tuple[str, ...] = ()
    nan = float("nan")
    if judged is None:
        word: Word = "model" if kind == "model-implied" else "untestable"
        waits = "explain.claims.waits_plan" if claim.id in PLANNED else "explain.claims.waits"
        why = label(waits) if word == "model" else one.lacking
        p = nan
    else:
        word, p = verdict(judged, q), judged.p
        p, q = (nan, nan) if judged.split else (p, q)
        hanging = [part for part in one.parts if part.leans or status(part, bar) == "carried"]
        region = tuple(dict.fromkeys(code for part in hanging for code in (*part.carried_by, part.leans_on[0])))
        why = _why(one.parts, bar, names, judged)
        if kind == "both":
            why = then(why, label("explain.claims.half"))
    return Verdict(
        id=claim.id,
        section=claim.section,
        label=claim.label,
        definition=claim.definition,
        verdict=word,
        kind=kind,
        parts=one.parts,
        estimate=decides.estimate if decides else nan,
        low=decides.low if decides else nan,
        high=decides.high if decides else nan,
        p=p,
        q=q,
        stands_without_each=judged is not None and judged.stands,
        region=region,
        why=why,
        needs=needs,
        rule=Label(claim.rule_zh, claim.rule_en),
        caveat=_caveat(claim.id) if one.parts else NOTHING,
        own=one.own,
        tables=("claims_parts",) if one.parts else (),
    )


def then(one: Label, other: Label) -> Label:
    """Two sentences, one after the other."""
    return Label(one.zh + other.zh, f"{one.en} {other.en}".strip())


def own_caveat(claim: str) -> Label:
    """What to bear in mind of the claim itself."""
    return label(f"explain.claims.caveat.{claim}") if claim in CAVEATS else NOTHING


def _caveat(claim: str) -> Label:
    """What to bear in mind: of the claim itself, and of AI nativeness where that enters."""
    own = own_caveat(claim)
    return then(own, label("explain.claims.caveat.proxies")) if claim in PROXIES else own


def _why(parts: Sequence[Found], bar: float, names: Mapping[str, Label], judged: Judged) -> Label:
    """The parts by what became of them, and which of several the row's figures are of."""
    told = sorted(((ORDER.index(status(one, bar)), one) for one in parts), key=lambda pair: pair[0])
    groups = [(ORDER[k], [one for _, one in found]) for k, found in groupby(told, key=lambda pair: pair[0])]

    def said(locale: Locale) -> str:
        pieces = [
            text(f"explain.claims.{name}", locale, names=_listed([_named(one, locale) for one in found], locale))
            for name, found in groups
        ]
        carried = [names.get(code, Label(code, code)) for _, one in told if one.p <= bar for code in one.carried_by]
        if carried:
            shown = _listed([name.text(locale) for name in dict.fromkeys(carried)], locale)
            pieces.append(text("explain.claims.without_regions", locale, names=shown))
        for _, one in told:
            code, value = one.leans_on if one.leans and one.stands else ("", 0.0)
            if code:
                told_as = {"region": names.get(code, Label(code, code)), "value": _figure(value)}
                pieces.append(text("explain.claims.leans", locale, estimate=_figure(one.estimate), **told_as))
        if sum(one.how != "condition" for one in parts) > 1:
            key = "explain.claims.split" if judged.split else "explain.claims.shown"
            pieces.append(text(key, locale, name=judged.decides.label.text(locale)))
        sentence = ("；" if locale == "zh" else "; ").join(pieces)
        return sentence[:1].upper() + sentence[1:] + ("。" if locale == "zh" else ".")

    zh, en = (said(locale) for locale in LOCALES)
    return Label(zh, en)


ORDER = ("as_claimed", "carried", "holds", "unclear", "unclear_against", "fails", "opposite")


def status(one: Found, bar: float) -> str:
    """What became of a part, one of ORDER."""
    if one.how == "condition":
        return "holds" if one.holds else "fails"
    if not one.p <= bar:
        return "unclear" if one.expected else "unclear_against"
    return "opposite" if not one.expected else "as_claimed" if one.stands else "carried"


def _named(one: Found, locale: Locale) -> str:
    name = one.label.text(locale)
    if not np.isfinite(one.p):
        return name
    p = "< 0.001" if one.p < 0.001 else f"= {one.p:.3f}"
    return f"{name}（p {p}）" if locale == "zh" else f"{name} (p {p})"


def _figure(value: float) -> str:
    return f"{value:.3g}".replace("-", "−")


def _listed(words: Sequence[str], locale: Locale) -> str:
    return ("、" if locale == "zh" else ", ").join(words)


def lacks(refusal: Refusal) -> Label:
    """Why a part could not be answered."""
    return Label(refusal.message.what("zh"), refusal.message.what("en"))


def agreeing(row: Verdict, words: np.ndarray) -> float:
    """Share of the specifications that could be run which reach the row's own verdict."""
    ran = words != -9
    wanted = {"supported": 1, "contradicted": -1}.get(row.verdict, 0)
    return float((words[ran] == wanted).mean()) if ran.any() else float("nan")


def settled(row: Verdict, agreement: Agreement) -> Verdict:
    """The row with its multiverse: what fewer than a quarter of the specifications say by themselves is mixed.

    The share then is of those that neither support nor contradict.
    """
    if row.verdict not in ("supported", "contradicted") or not agreement.share < FLOOR:
        return replace(row, agreement=agreement)
    share, floor = f"{agreement.share:.0%}", f"{FLOOR:.0%}"
    hangs = label("explain.claims.hangs", share=share, floor=floor, number=agreement.number)
    mixed = replace(row, verdict="mixed", why=then(hangs, row.why))
    return replace(mixed, agreement=replace(agreement, share=agreeing(mixed, agreement.words)))


def filled(row: Verdict, implied: Implied) -> Verdict:
    """The row with what the simulator says of it; a claim that is observed too takes a verdict both halves share.

    Raises
    ------
    Refusal
        For a claim that is observed alone.
    """
    if row.kind == "observed":
        raise Refusal("claims_observed", name=row.id)
    if row.kind == "both":
        why = then(_cut(row.why, label("explain.claims.half")), implied.why)
        alike = row.verdict if row.verdict in (implied.verdict, "untestable") else "mixed"
        return replace(row, verdict=alike, why=why, implied=implied.why)
    return replace(
        row,
        verdict=implied.verdict,
        kind=implied.kind,
        estimate=implied.estimate,
        low=implied.low,
        high=implied.high,
        why=implied.why,
    )


def _cut(one: Label, end: Label) -> Label:
    return Label(one.zh.removesuffix(end.zh), one.en.removesuffix(end.en).rstrip())


def combined(parts: Sequence[np.ndarray], plan: Plan, ids: Sequence[str], conditions: Sequence[bool]) -> np.ndarray:
    """(s,) words of a claim from those of its parts: 1 supports, -1 contradicts, 0 neither, -9 could not be run."""
    words = np.stack(parts)
    tested = words[[not one for one in conditions]]
    deciding = [not plan.against or name in plan.against for name in ids]
    against = words[[decides and not one for decides, one in zip(deciding, conditions, strict=True)]]
    if plan.need == "any":
        found = np.where((tested == 1).any(axis=0), 1, np.where((against == -1).all(axis=0), -1, 0))
        return np.where((tested == -9).all(axis=0), -9, found)
    found = np.where((words == 1).all(axis=0), 1, np.where((against == -1).all(axis=0), -1, 0))
    return np.where((words == -9).any(axis=0), -9, found)
