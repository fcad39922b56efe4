"""Policy pilots in the report: the usual number, what it is made of, the estimate that lasts, and the years before."""

from __future__ import annotations

from functools import partial

import numpy as np

from zhiyu.explain.of.events import EventEvidence, PolicyEffect
from zhiyu.report import words
from zhiyu.report.charts import canvas, drawn
from zhiyu.report.explain.card import EVENTS
from zhiyu.report.explain.claim_units import figure
from zhiyu.report.explain.question import Question
from zhiyu.report.explain.transitions import p_value
from zhiyu.report.figures import INK, LINE, MUTED, OKABE_ITO, Figure
from zhiyu.report.material import Material
from zhiyu.report.tables import Cell, Table, column
from zhiyu.terms import Label, Locale, text


def question(m: Material) -> Question | None:
    """The findings, the estimates side by side, where and when each began, the path year by year; None without any."""
    found: EventEvidence | None = None if m.evidence is None else getattr(m.evidence, "events", None)
    if found is None:
        return None
    told = [_finding(m, effect) for effect in found.effects]
    told += [_apart(m, effect) for effect in found.effects]
    told += [sentence for effect in found.effects for sentence in _judged(m, effect)]
    if found.skipped:
        items = [
            words.label("report.events.skip", policy=a, outcome=b, why=_clause(why)) for a, b, why in found.skipped
        ]
        listed = words.both(lambda locale: ("；" if locale == "zh" else "; ").join(i.text(locale) for i in items))
        told.append(words.label("report.events.skipped", items=listed))
    tables = (_estimates(m, found), _groups(m, found))
    return Question("events", tuple(told), tables, (_path(m, found),), partial(_figures, m, found))


def _clause(sentence: Label) -> Label:
    return Label(sentence.zh.rstrip("。"), sentence.en.rstrip("."))


def _amount(m: Material, effect: PolicyEffect, value: float, sign: bool = True) -> Label:
    """A difference in the outcome's unit: points of a score, or the plain number of a formula."""
    if effect.outcome not in m.index.tree.by_id:
        shown = ("+" if sign and value > 0 else "") + words.significant(value, 3)
        return Label(shown, shown)
    shown = words.signed(value, m.digits) if sign else words.number(value, m.digits)
    return words.label("report.events.points", value=shown)


def _finding(m: Material, effect: PolicyEffect) -> Label:
    one, kind = effect.robust.simple, effect.verdict
    values: dict[str, object] = {
        "policy": effect.policy_label,
        "outcome": effect.outcome_label,
        "estimate": _amount(m, effect, one.estimate, sign=kind not in ("up", "down")),
        "size": _amount(m, effect, abs(one.estimate), sign=False),
        "low": _amount(m, effect, one.low),
        "high": _amount(m, effect, one.high),
        "p": p_value(one.p),
        "q": p_value(effect.q),
        "mean": _amount(m, effect, effect.averaged.simple.estimate),
        "mean_low": _amount(m, effect, effect.averaged.simple.low),
        "mean_high": _amount(m, effect, effect.averaged.simple.high),
        "pre": p_value(effect.robust.pre_p),
    }
    before = "report.events.before_none" if np.isnan(effect.robust.pre_p) else "report.events.before"
    values["before"] = words.label(before, pre=p_value(effect.robust.pre_p))
    values["without"] = _without(m, effect)
    return words.label(f"report.events.{kind}", **values)


def _judged(m: Material, effect: PolicyEffect) -> tuple[Label, ...]:
    """The claims ledger's own estimate of the effect, where it takes another comparison: all that had not started."""
    ledger = getattr(m.evidence, "ledger", None)
    if ledger is None or effect.later is None:
        return ()
    asked = [claim for claim, (policy, outcome) in EVENTS.items() if effect.of(policy, outcome)]
    parts = [(one.id, part) for one in ledger.verdicts for part in one.parts if part.id == f"{one.id}.event"]
    return tuple(
        words.label(
            "report.events.judged",
            policy=effect.policy_label,
            claim=claim,
            estimate=figure(part, m, part.estimate),
            low=figure(part, m, part.low),
            high=figure(part, m, part.high),
        )
        for claim, part in parts
        if claim in asked
    )


def _without(m: Material, effect: PolicyEffect) -> Label:
    turning = np.sign(effect.robust.without) == -np.sign(effect.robust.simple.estimate)
    if not turning.any():
        return words.label("report.events.without_same")
    named = [m.index.regions.label(code) for code, turns in zip(effect.regions, turning, strict=True) if turns]
    return words.label("report.events.without_turns", name=words.both(lambda locale: words.names(named, locale)))


def _apart(m: Material, effect: PolicyEffect) -> Label:
    """The usual number beside the robust one, and what part of it rests on regions that had started already."""
    values = {
        "policy": effect.policy_label,
        "outcome": effect.outcome_label,
        "twfe": _amount(m, effect, effect.twfe.estimate),
        "robust": _amount(m, effect, effect.robust.simple.estimate),
        "p": p_value(effect.twfe.p),
    }
    if not effect.bacon.forbidden > 0:
        return words.label("report.events.same", **values)
    bad = [effect.bacon.by_type()[name] for name in ("later_earlier", "later_always") if name in effect.bacon.by_type()]
    mean = sum(weight * estimate for weight, estimate in bad) / sum(weight for weight, _ in bad)
    share = words.percent(effect.bacon.forbidden, 0)
    return words.label("report.events.apart", weight=share, bad=_amount(m, effect, mean), **values)


def _estimates(m: Material, found: EventEvidence) -> Table:
    columns = (
        column("event_policy", "label", span=True),
        column("event_outcome_name", "label", span=True),
        column("event_estimator", "label", head=True),
        column("event_weight", "percent", 0),
        column("event_difference", "number", 2),
        column("interval_low", "number", 2),
        column("interval_high", "number", 2),
        column("event_p", "number", 4),
    )
    rows: list[tuple[Cell, ...]] = []
    for effect in found.effects:
        name = (effect.policy_label, words.heading(effect.outcome_label))
        two = effect.twfe
        rows.append((*name, words.label("report.events.twfe"), None, two.estimate, two.low, two.high, two.p))
        if len(effect.bacon.weights) > 1:
            for kind, (weight, mean) in effect.bacon.by_type().items():
                rows.append((*name, words.label(f"report.events.{kind}"), weight, mean, None, None, None))
        for key, several in (("robust", effect.robust), ("averaged", effect.averaged), ("later", effect.later)):
            if several is not None:
                one = several.simple
                rows.append((*name, words.label(f"report.events.{key}"), None, one.estimate, one.low, one.high, one.p))
        if effect.synthetic is not None:
            s = effect.synthetic
            ends = (s.low, s.high) if np.isfinite(s.std_error) else (None, None)
            rows.append((*name, words.label("report.events.synthetic"), None, s.att, *ends, None))
    notes = (words.label("report.note.events"), *m.coverage)
    return Table("events", words.label("report.table.events"), columns, tuple(rows), notes)


def _groups(m: Material, found: EventEvidence) -> Table:
    columns = (
        column("event_policy", "label", span=True),
        column("group_start", "label", head=True),
        column("group_size", "integer"),
        column("group_regions", "label", long=True),
    )
    rows: list[tuple[Cell, ...]] = []
    for effect in {one.policy: one for one in found.effects}.values():
        never = words.label("report.events.never")
        for label, codes in (*((Label(str(g), str(g)), c) for g, c in effect.groups), (never, effect.never)):
            named = words.cell([m.index.regions.label(code) for code in codes])
            rows.append((effect.policy_label, label, len(codes), named))
    notes = (words.label("report.note.events_groups"), *m.coverage)
    return Table("events_groups", words.label("report.table.events_groups"), columns, tuple(rows), notes)


def _path(m: Material, found: EventEvidence) -> Table:
    columns = (
        column("event_policy", "label", head=True),
        column("event_outcome", "text"),
        column("event_time", "integer"),
        column("event_difference", "number", 2),
        column("std_error", "number", 2),
        column("interval_low", "number", 2),
        column("interval_high", "number", 2),
    )
    rows: list[tuple[Cell, ...]] = []
    for effect in found.effects:
        path = effect.robust.dynamic
        for k, e in enumerate(effect.robust.event.tolist()):
            told = (float(one[k]) for one in (path.estimate, path.std_error, path.low, path.high))
            rows.append((effect.policy_label, effect.outcome, int(e), *told))
    notes = (words.label("report.note.events_path"), *m.coverage)
    return Table("events_path", words.label("report.table.events_path"), columns, tuple(rows), notes)


def _figures(m: Material, found: EventEvidence, locale: Locale) -> tuple[Figure, ...]:
    return tuple(_figure(m, effect, k, locale) for k, effect in enumerate(found.effects))


def _figure(m: Material, effect: PolicyEffect, k: int, locale: Locale) -> Figure:
    """Differences by year from the start: before it hollow and grey, from it on filled."""
    path, event = effect.robust.dynamic, effect.robust.event
    before = event < 0
    title = text("report.chart.events", locale, policy=effect.policy_label, outcome=effect.outcome_label)
    ends = {
        "a": words.number(float(path.estimate[before].min()), 1),
        "b": words.number(float(path.estimate[before].max()), 1),
    }
    last = words.signed(float(path.estimate[-1]), 1)
    scored = effect.outcome in m.index.tree.by_id
    alt = text(
        "report.chart.events_alt" if scored else "report.chart.events_alt_own", locale, title=title, last=last, **ends
    )
    name = f"chart-events-{k + 1}"
    with canvas(2.9, ["−10.0", "0"]) as (figure, axes):
        axes.grid(axis="y", color=LINE, linewidth=0.6)
        axes.set_axisbelow(True)
        axes.axhline(0.0, color=INK, linewidth=1.0)
        axes.axvline(-0.5, color=MUTED, linewidth=1.0, linestyle="--")
        for chosen, colour, filled in ((before, MUTED, False), (~before, OKABE_ITO[0], True)):
            axes.vlines(event[chosen], path.low[chosen], path.high[chosen], color=colour, linewidth=2.2, alpha=0.55)
            face = colour if filled else "none"
            axes.scatter(event[chosen], path.estimate[chosen], s=30, facecolors=face, edgecolors=colour, zorder=3)
        axes.set_xticks(event, [words.number(float(e), 0) for e in event])
        axes.set_xlabel(words.headline(text("report.axis.event_time", locale), locale))
        label = text("report.axis.event_effect" if scored else "report.axis.event_effect_own", locale)
        axes.set_ylabel(words.headline(label, locale))
        svg = drawn(figure, name, alt)
    return Figure(name, title, alt, svg, tuple(note.text(locale) for note in m.coverage))
