"""What a verdict is called, and of a mixed one why it is mixed."""

from __future__ import annotations

from zhiyu.explain.claims.question import Verdict
from zhiyu.explain.claims.rules import FLOOR
from zhiyu.report import words
from zhiyu.report.explain.claim_units import decided
from zhiyu.terms import Label

FRAIL = 0.5  # share of agreeing specifications below which a verdict is said to be frail
MARKS = {"supported": "●", "mixed": "◐", "contradicted": "○", "untestable": "–", "model": "◇"}
IMPLIED = "◎"  # the model's verdict must not look like the data's
KINDS_OF_MIXED = ("along", "opposite", "disagree", "carried", "condition", "model", "few")


def by_model(one: Verdict) -> bool:
    """Whether the verdict is the model's: no test on data stands behind it."""
    return one.kind == "model-implied" and one.verdict != "model"


def word_of(one: Verdict) -> Label:
    """The verdict, which says so where it is the model's."""
    return words.label(f"report.claims.{'implied_' if by_model(one) else ''}{one.verdict}")


def mark_of(one: Verdict) -> str:
    """The sign of the verdict; what the model alone says has one of its own, whichever way it goes."""
    return IMPLIED if by_model(one) and one.verdict != "untestable" else MARKS[one.verdict]


def look_of(one: Verdict) -> str:
    """The class by which the page colours the verdict."""
    return "implied" if by_model(one) else one.verdict


def frail(one: Verdict) -> bool:
    """Whether fewer than half of the specifications reach a verdict that decides."""
    decided = one.verdict in ("supported", "contradicted")
    return decided and one.agreement is not None and one.agreement.share < FRAIL


def mixed_kind(one: Verdict, bar: float, rate: float) -> str:
    """Why data that were asked do not decide, one of KINDS_OF_MIXED; empty for any other verdict.

    bar, rate : the p that a test must not exceed, the false discovery rate of the ledger.
    """
    tested = [part for part in one.parts if part.how != "condition"]
    if one.verdict != "mixed" or not tested:
        return ""
    if taken_back(one, rate):
        return "few"
    if len({part.expected for part in tested}) > 1:
        return "disagree"
    if one.q <= rate:
        if not all(part.stands for part in tested if part.p <= bar):
            return "carried"
        return "condition" if not all(part.holds for part in one.parts) else "model"
    return "along" if tested[0].expected else "opposite"


def taken_back(one: Verdict, rate: float) -> bool:
    """Whether a verdict that the stated test gives is taken back, since too few other ways say the same."""
    clear = one.verdict == "mixed" and one.q <= rate and one.stands_without_each and one.agreement is not None
    return clear and alone(one) < FLOOR


def alone(one: Verdict) -> float:
    """Share of the ways of testing that say by themselves what the decisive part says."""
    assert one.agreement is not None
    wanted = 1 if decided(one).expected else -1
    return float((one.agreement.words == wanted).sum()) / max(one.agreement.number, 1)
