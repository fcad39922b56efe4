"""Where a claim's own way of testing stands among all others, and which choice sets it apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from zhiyu.explain.claims.question import Verdict
from zhiyu.explain.multiverse import stated_shift
from zhiyu.explain.of.claims import Ledger
from zhiyu.report import words
from zhiyu.terms import Label

ENDS = (0.05, 0.95)  # of all ways; beyond them a claim's own way is unlike the others


@dataclass(frozen=True)
class Apart:
    """A claim whose own way lies beyond the ENDS of all ways, effects with the sign that the claim expects.

    own, middle : effect by the own way, and the median of all. choice : the one by which the own way differs most in
    that direction, stated, other : mean effects of the other ways where it is as the claim has it, and where it is not.
    """

    claim: Verdict
    own: float
    middle: float
    choice: str
    stated: float
    other: float


def apart(one: Verdict) -> Apart | None:
    """None where the own way lies within the ENDS, or could not be run."""
    a = one.agreement
    if a is None or not one.parts or a.main < 0 or not np.isfinite(a.effect[a.main]):
        return None
    effect = one.parts[0].sign * a.effect
    seen, own = np.isfinite(effect), float(effect[a.main])
    low, middle, high = (float(x) for x in np.quantile(effect[seen], (ENDS[0], 0.5, ENDS[1])))
    if low <= own <= high:
        return None
    effect[a.main] = np.nan  # the own way itself would speak for all of its choices
    shift = np.sign(own - middle) * stated_shift(effect, a.picks)
    if not np.isfinite(shift).any():
        return None
    most = int(np.nanargmax(shift))
    stated, seen = a.picks[:, most] == 0, np.isfinite(effect)
    means = float(effect[seen & stated].mean()), float(effect[seen & ~stated].mean())
    return Apart(one, own, middle, a.choices[most], *means)


def told(found: Ledger, shown: Sequence[Verdict]) -> Label | None:
    """How many claims' own ways are unlike the rest, by which choice, and what to go by; None where none is."""
    out = [one for one in map(apart, shown) if one is not None]
    if not out:
        return None
    by_choice: dict[str, list[str]] = {}
    for one in out:
        by_choice.setdefault(one.choice, []).append(one.claim.id)
    ordered = sorted(by_choice, key=lambda name: -len(by_choice[name]))
    pieces = [_piece(found, name, by_choice[name]) for name in ordered]
    far = max(out, key=lambda one: abs(one.own - one.middle))
    numbers = {"own": far.own, "middle": far.middle, "stated": far.stated, "other": far.other}
    return words.label(
        "report.claims.apart",
        number=len(out),
        all=len(shown),
        up=sum(one.own > one.middle for one in out),
        choices=words.both(lambda locale: words.listed([piece.text(locale) for piece in pieces], locale)),
        id=far.claim.id,
        choice=found.choices[far.choice],
        **{name: words.number(value, 2) for name, value in numbers.items()},
    )


def _piece(found: Ledger, choice: str, ids: Sequence[str]) -> Label:
    listed = words.both(lambda locale: words.listed(list(ids), locale))
    return words.label("report.claims.apart_one", choice=found.choices[choice], ids=listed)
