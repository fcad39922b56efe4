"""Policies that began in some regions at some time: the two-way number, what it is made of, and estimates that last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from zhiyu.data.events import Events, Policy
from zhiyu.data.panel import Panel
from zhiyu.data.regions import fold
from zhiyu.explain.false_discovery import adjusted
from zhiyu.explain.group_time import GroupTime, callaway_santanna
from zhiyu.explain.mechanism import Coefficient, coefficient
from zhiyu.explain.of import factors, samples
from zhiyu.explain.staggered import Bacon, bacon, starts, treated
from zhiyu.explain.synthetic import StaggeredSynthetic, staggered_synthetic
from zhiyu.explain.telling import summary
from zhiyu.measure.index import Index
from zhiyu.terms import LOCALES, Label, Locale, Refusal, suggestion, text

if TYPE_CHECKING:
    import pandas as pd

SURE, RATE = 0.05, 0.10  # of one test; of false discoveries among all


@dataclass(frozen=True)
class PolicyEffect:
    """One policy and one outcome, in the outcome's unit; n regions complete in t years.

    regions : codes in the order of `robust.without` and `twfe.without`; years : of the outcome.
    groups : (first treated year, codes); never : codes; always : codes treated in the first year already, which the
        robust estimates leave out; left_out : codes without the outcome in every year.
    twfe : the coefficient of "treated by now"; bacon : the comparisons that it averages.
    robust : against regions never treated, from the last year before; averaged : the same from the mean of all years
        before; later : against regions not yet treated, None with one start.
    synthetic : None where fewer than two years lie before every start.
    q : the robust p after false-discovery control over all effects of the study.
    """

    policy: str
    policy_label: Label
    outcome: str
    outcome_label: Label
    regions: tuple[str, ...]
    years: tuple[int, ...]
    groups: tuple[tuple[int, tuple[str, ...]], ...]
    never: tuple[str, ...]
    always: tuple[str, ...]
    left_out: tuple[str, ...]
    twfe: Coefficient
    bacon: Bacon
    robust: GroupTime
    averaged: GroupTime
    later: GroupTime | None
    synthetic: StaggeredSynthetic | None
    q: float

    def of(self, policy: str, outcome: str) -> bool:
        """Whether it is the effect of a policy, by id or English name, on a node or formula."""
        return policy in (self.policy, self.policy_label.en) and outcome == self.outcome

    @property
    def parallel(self) -> bool:
        """Whether no placebo before the start stands out: not that trends were alike, but that nothing shows they were
        not."""
        return not self.robust.pre_p < SURE

    @property
    def one_sign(self) -> bool:
        """Whether the robust estimate keeps its sign, whichever region is left out."""
        left = self.robust.without[np.isfinite(self.robust.without)]
        return bool((np.sign(left) == np.sign(self.robust.simple.estimate)).all())

    @property
    def verdict(self) -> str:
        """ "trends": regions moved apart before; "unclear": no change that can be told from none after false-discovery
        control, or one that hangs on a region; "base": one that is there from the last year before, but not from the
        mean of all years before; "up", "down": a change that stands."""
        one, mean = self.robust.simple, self.averaged.simple
        if not self.parallel:
            return "trends"
        if not (self.q < RATE and one.p < SURE and self.one_sign):
            return "unclear"
        if not (mean.p < SURE and mean.estimate * one.estimate > 0):
            return "base"
        return "up" if one.estimate > 0 else "down"


@dataclass(frozen=True)
class EventEvidence:
    """Effects of the study's policies. skipped : (policy, outcome, why not), all in words."""

    effects: tuple[PolicyEffect, ...]
    skipped: tuple[tuple[Label, Label, Label], ...]
    draws: int
    seed: int

    def tidy(self) -> pd.DataFrame:
        """A row an estimate: policy, outcome, term, estimate, std_error, p_value, conf_low, conf_high, weight."""
        import pandas as pd

        rows: list[dict[str, object]] = []
        for effect in self.effects:
            rows += [{"policy": effect.policy, "outcome": effect.outcome, **row} for row in _rows(effect)]
        columns = ["policy", "outcome", "term", "estimate", "std_error", "p_value", "conf_low", "conf_high", "weight"]
        return pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(columns[3:], float))

    def glance(self) -> pd.DataFrame:
        """One row: how many policies and effects, and how many of each verdict."""
        import pandas as pd

        verdicts = [effect.verdict for effect in self.effects]
        counted = {name: verdicts.count(name) for name in ("up", "down", "base", "unclear", "trends")}
        policies = len({effect.policy for effect in self.effects})
        row = {"policies": policies, "effects": len(verdicts), **counted, "skipped": len(self.skipped)}
        return pd.DataFrame([row | {"draws": self.draws, "seed": self.seed}])

    def summary(self, locale: Locale = "en") -> str:
        """Counts, every estimate, and what they rest on."""
        title, note = (
            Label(*(text(f"explain.events.{key}", spoken) for spoken in LOCALES)) for key in ("title", "note")
        )
        return summary(title, self.glance(), self.tidy(), (note,), locale)


def events(
    index: Index,
    panel: Panel,
    happened: Events,
    outcomes: Mapping[str, Sequence[str]] | None = None,
    draws: int = 999,
    seed: int = 0,
) -> EventEvidence:
    """What outcomes did where a policy began, beside where it did not.

    Parameters
    ----------
    outcomes : policy (id or name) -> nodes of the index, or formulas over the panel; None: each policy on the node
        that its `attribute` names by id or label
    draws, seed : of the multiplier and wild bootstraps and of the placebos

    Only regions with the outcome in every year take part, years in which half have one; aggregates never do. A policy
    that began for all at once, or nowhere within the years, and one with a single region in a group, are skipped with
    the reason. Scores that stand on another scale each year compare regions with one another, and so do these effects.

    Raises
    ------
    Refusal
        For an unknown policy or node, or if no effect can be estimated at all.

    Source: as `staggered.bacon`, `group_time.callaway_santanna`, `synthetic.staggered_synthetic`.
    """
    found: list[PolicyEffect] = []
    skipped: list[tuple[Label, Label, Label]] = []
    for policy, outcome in _asked(index, happened, outcomes, skipped):
        label = _label(index, panel, outcome)
        try:
            found.append(_effect(index, panel, happened, policy, outcome, label, draws, seed))
        except Refusal as refusal:
            if not refusal.key.startswith("staggered_"):
                raise
            skipped.append((policy.label, label, Label(*(refusal.message.what(spoken) for spoken in LOCALES))))
    if not found:
        why = Label(*(" ".join(one[2].text(spoken) for one in skipped) for spoken in LOCALES))
        raise Refusal("events_none", why=why)
    q = adjusted(np.array([one.robust.simple.p for one in found]))
    effects = tuple(replace(one, q=float(value)) for one, value in zip(found, q, strict=True))
    return EventEvidence(effects, tuple(skipped), draws, seed)


def _asked(
    index: Index,
    happened: Events,
    outcomes: Mapping[str, Sequence[str]] | None,
    skipped: list[tuple[Label, Label, Label]],
) -> list[tuple[Policy, str]]:
    if outcomes is not None:
        return [(happened.policy(name), outcome) for name, several in outcomes.items() for outcome in several]
    known = {fold(form): node.id for node in index.tree.nodes for form in (node.id, node.label.zh, node.label.en)}
    pairs = []
    for policy in happened.policies:
        node = known.get(fold(policy.attribute)) if policy.attribute else None
        if node is None:
            why = Label(*(text("explain.events.no_outcome", spoken, name=policy.attribute) for spoken in LOCALES))
            skipped.append((policy.label, Label(policy.attribute, policy.attribute), why))
        else:
            pairs.append((policy, node))
    return pairs


def _label(index: Index, panel: Panel, outcome: str) -> Label:
    if outcome in index.tree.by_id:
        return index.tree[outcome].label
    if outcome in panel.names:
        return panel.variables[outcome].label
    if outcome.isidentifier():
        known = [*index.tree.by_id, *panel.names]
        raise Refusal("unknown_outcome", name=outcome, hint=suggestion(outcome, known))
    return Label(outcome, outcome)


def _effect(
    index: Index, panel: Panel, happened: Events, policy: Policy, outcome: str, label: Label, draws: int, seed: int
) -> PolicyEffect:
    codes = [code for code in panel.codes if not panel.regions[code].aggregate]
    taken = samples.sample(outcome, label, factors.read(panel, index, outcome), codes)
    if taken is None:
        raise Refusal("staggered_few", name=label)
    y, years = taken.values.transpose("region", "year").values, np.array(taken.years)
    first = happened.first(policy.id, taken.regions)
    start = starts(y, first, years)
    robust = callaway_santanna(y, first, years, "never", draws=draws, seed=seed)
    several = len(robust.groups) > 1
    on = treated(start, len(years))

    def among(chosen: np.ndarray) -> tuple[str, ...]:
        return tuple(code for code, there in zip(taken.regions, chosen, strict=True) if there)

    return PolicyEffect(
        policy=policy.id,
        policy_label=policy.label,
        outcome=outcome,
        outcome_label=label,
        regions=taken.regions,
        years=taken.years,
        groups=tuple((int(years[g]), among(start == g)) for g in np.unique(start[(start > 0) & (start < len(years))])),
        never=among(start == len(years)),
        always=among(start == 0),
        left_out=taken.left_out,
        twfe=coefficient(y, on[..., None], draws=9 * draws, seed=seed),
        bacon=bacon(y, first, years),
        robust=robust,
        averaged=callaway_santanna(y, first, years, "never", "mean", draws, seed),
        later=callaway_santanna(y, first, years, "not-yet", draws=draws, seed=seed) if several else None,
        synthetic=_synthetic(y, first, years, draws, seed),
        q=float("nan"),
    )


def _synthetic(y: np.ndarray, first: np.ndarray, years: np.ndarray, draws: int, seed: int) -> StaggeredSynthetic | None:
    try:
        return staggered_synthetic(y, first, years, min(draws, 200), seed)
    except Refusal as refusal:
        if refusal.key != "synthetic_few":
            raise
        return None


def _rows(effect: PolicyEffect) -> list[dict[str, object]]:
    names = ("estimate", "std_error", "p_value", "conf_low", "conf_high")
    two = effect.twfe
    rows: list[dict[str, object]] = [
        {"term": "twfe", **dict(zip(names, (two.estimate, two.std_error, two.p, two.low, two.high), strict=True))}
    ]
    for kind, (weight, mean) in effect.bacon.by_type().items():
        rows.append({"term": f"bacon_{kind}", "estimate": mean, "weight": weight})
    for prefix, found in (("", effect.robust), ("mean_base_", effect.averaged), ("not_yet_", effect.later)):
        if found is not None:
            for name in ("simple", "overall", "exposure"):
                one = getattr(found, name)
                told = (one.estimate, one.std_error, one.p, one.low, one.high)
                rows.append({"term": f"{prefix}{name}", **dict(zip(names, told, strict=True))})
    path = effect.robust.dynamic
    for k, e in enumerate(effect.robust.event.tolist()):
        at = (float(one[k]) for one in (path.estimate, path.std_error, path.p, path.low, path.high))
        rows.append({"term": f"event_{e}", **dict(zip(names, at, strict=True))})
    if effect.synthetic is not None:
        s = effect.synthetic
        rows.append(
            {"term": "synthetic", "estimate": s.att, "std_error": s.std_error, "conf_low": s.low, "conf_high": s.high}
        )
    return rows
