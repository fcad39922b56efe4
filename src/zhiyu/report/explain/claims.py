"""The ledger: what the theory claims, what the data say of each claim, and how far that hangs on choices."""

from __future__ import annotations

import math
from collections.abc import Sequence

from zhiyu.explain.claims.question import WORDS, Found, Verdict
from zhiyu.explain.claims.rules import PLANNED, status
from zhiyu.explain.of.claims import Ledger
from zhiyu.framework.framework import Framework
from zhiyu.report import words
from zhiyu.report.explain import claims_figures as figures
from zhiyu.report.explain.claim_units import bound, raw, reading, told, unit
from zhiyu.report.explain.claim_words import by_model, frail, mixed_kind, word_of
from zhiyu.report.explain.claims_regressions import regressions
from zhiyu.report.explain.question import Question
from zhiyu.report.material import Material
from zhiyu.report.regressions import numbers
from zhiyu.report.tables import Cell, Table, column
from zhiyu.terms import Label, Locale, text


def question(m: Material) -> Question | None:
    """The room of the ledger; None where the study has none."""
    found: Ledger | None = None if m.evidence is None else m.evidence.ledger
    if found is None or not found.verdicts:
        return None
    told = (_counts(found), _decided(found), _frail(found), _leaning(found), _moved(found))
    made = regressions(m, found)
    models = [one.table() for one in made]
    return Question(
        "claims",
        tuple(sentence for sentence in told if sentence is not None),
        (parts(m, found), *models, moving(m, found)),
        (ledger(m, found), numbers("claims_regressions", words.label("report.table.claims_regressions"), made)),
        lambda locale: figures.drawings(m, found, locale),
    )


def passing(found: Ledger) -> float:
    """The greatest p of a claim that still passes false discovery control over the ledger."""
    tested = [one for one in found.verdicts if math.isfinite(one.q)]
    passed = [one.p for one in tested if one.q <= found.rate]
    return max(passed) if passed else found.rate / max(sum(bool(one.parts) for one in found.verdicts), 1)


def _counts(found: Ledger) -> Label:
    implied = [one for one in found.verdicts if by_model(one)]
    counted = [one for one in found.verdicts if not by_model(one)]
    number = {word: sum(one.verdict == word for one in counted) for word in WORDS}
    said = words.label("report.claims.counts", all=len(found.verdicts), **number)
    if not implied:
        return said
    names = words.both(lambda locale: words.listed([_worded(one, locale) for one in implied], locale))
    more = words.label("report.claims.implied", number=len(implied), names=names)
    return words.both(lambda locale: words.joined([said.text(locale), more.text(locale)], locale))


def waiting(m: Material, one: Verdict) -> Label:
    """Of a claim that waits for the model, what to run, or why what was run is silent."""
    planned = one.id in PLANNED
    if m.simulation is None:
        return words.label(f"report.ledger.waits_{'plan_and_' if planned else ''}simulation", study=m.name)
    if not planned:
        return words.label("report.ledger.waits_states")
    if m.designed is not None:
        return words.label("report.ledger.waits_mechanisms")
    own = m.name.startswith("./")
    return words.label(f"report.ledger.waits_plan{'' if own else '_bundled'}", study=m.name)


def _decided(found: Ledger) -> Label | None:
    chosen = [one for one in found.verdicts if one.verdict in ("supported", "contradicted") and not by_model(one)]
    if not chosen:
        return words.label("report.claims.nothing")
    supported = [one for one in chosen if one.verdict == "supported"]
    contradicted = [one for one in chosen if one.verdict == "contradicted"]
    sentences = [
        words.label(key, names=_names(group))
        for key, group in (("report.claims.for", supported), ("report.claims.against", contradicted))
        if group
    ]
    return words.both(lambda locale: words.joined([one.text(locale) for one in sentences], locale))


def _names(group: Sequence[Verdict]) -> Label:
    return words.both(lambda locale: words.listed([_shared(one, locale) for one in group], locale))


def _worded(one: Verdict, locale: Locale) -> str:
    name, word = one.label.text(locale), word_of(one).text(locale)
    return text("report.claims.named_word", locale, id=one.id, name=name, word=word)


def _shared(one: Verdict, locale: Locale) -> str:
    name = one.label.text(locale)
    if one.agreement is None:
        return text("report.claims.named", locale, id=one.id, name=name)
    share = words.percent(one.agreement.share, 0)
    number = words.number(one.agreement.number, 0)
    return text("report.claims.named_share", locale, id=one.id, name=name, share=share, number=number)


def _frail(found: Ledger) -> Label | None:
    weak = [one for one in found.verdicts if frail(one)]
    if not weak:
        return None
    ids = words.both(lambda locale: words.listed([one.id for one in weak], locale))
    return words.label("report.claims.frail", ids=ids)


def _leaning(found: Ledger) -> Label | None:
    """Which region most claims hang on."""
    regions = [code for one in found.verdicts for code in one.region]
    if not regions:
        return None
    worst = max(dict.fromkeys(regions), key=regions.count)
    held = [one.id for one in found.verdicts if worst in one.region]
    ids = words.both(lambda locale: words.listed(held, locale))
    return words.label("report.claims.leaning", region=found.names[worst], ids=ids, number=len(held))


def _moved(found: Ledger) -> Label | None:
    """Specifications in all, and the choice that most often moves the answer most."""
    moves = [one.agreement.moves for one in found.verdicts if one.agreement is not None and one.agreement.moves]
    if not moves:
        return None
    most = max(dict.fromkeys(moves), key=moves.count)
    values = {"choice": found.choices[most], "times": moves.count(most), "claims": len(moves)}
    return words.label("report.claims.moved", number=words.number(found.specifications, 0), **values)


def ledger(m: Material, found: Ledger) -> Table:
    """A row a claim, by the part of the theory it belongs to."""
    columns = (
        column("claim_group", "label", span=True),
        column("claim_id", head=True),
        column("claim", "label"),
        column("claim_verdict", "label"),
        column("claim_mixed", "label"),
        column("claim_kind", "label", shown=False),
        column("estimate", "value"),
        column("interval", shown=True),
        column("conf_low", "value", shown=False),
        column("conf_high", "value", shown=False),
        column("estimate_unit", "label"),
        column("shown_test", "label"),
        column("shown_p", "number", 4),
        column("shown_reading", "label", long=True),
        column("p_value", "number", 4, shown=False),
        column("q_value", "number", 3),
        column("agreeing_share", "percent", 0),
        column("specifications", "integer"),
        column("claim_why", "label", long=True),
        column("claim_caveat", "label", shown=False),
        column("claim_needs", "label", shown=False),
    )
    groups = list(dict.fromkeys(group_of(m.framework, one) for one in found.verdicts))
    ordered = sorted(found.verdicts, key=lambda one: groups.index(group_of(m.framework, one)))
    bar = passing(found)
    rows = tuple(_row(m, one, mixed_kind(one, bar, found.rate)) for one in ordered)
    rate = words.percent(found.rate, 0)
    note = words.label("report.note.claims_ledger", rate=rate)
    return Table("claims_ledger", words.label("report.table.claims_ledger"), columns, rows, (note, *m.coverage))


def _row(m: Material, one: Verdict, mixed: str) -> tuple[Cell, ...]:
    agreement = one.agreement
    return (
        *(group_of(m.framework, one), one.id, words.heading(one.label), word_of(one)),
        words.label(f"report.ledger.mixed_{mixed}") if mixed else None,
        words.label(f"report.claims.kind_{one.kind.replace('-', '_')}"),
        *(_number(one.estimate), interval(one.low, one.high), _number(one.low), _number(one.high)),
        *_shown(m, one),
        *(_number(one.p), _number(one.q)),
        *((None, None) if agreement is None else (_number(agreement.share), agreement.number)),
        *(_said(m, one), one.caveat, one.needs),
    )


def _shown(m: Material, one: Verdict) -> tuple[Cell, ...]:
    """The unit of a row's estimate, the test that it is of, that test's p-value, and the sentence of a page."""
    part = one.decides
    if part is None:
        return None, None, None, None
    return raw(part), part.label, _number(part.p), words.heading(told(part, m))


def _said(m: Material, one: Verdict) -> Label:
    """Why, for a claim that cannot be tested here the data that would test it, for one that waits what to run."""
    if one.verdict == "model":
        return waiting(m, one)
    if one.verdict != "untestable" or not one.needs.en:
        return one.why
    more = words.label("report.claims.needs", needs=one.needs)
    return words.both(lambda locale: words.joined([one.why.text(locale), more.text(locale)], locale))


def interval(low: float, high: float) -> str | None:
    """`[low, high]`, an end without bound as such."""
    if math.isnan(low) or math.isnan(high):
        return None
    ends = ["−∞" if end < 0 and math.isinf(end) else "∞" if math.isinf(end) else words.significant(end, 3)
            for end in (low, high)]  # fmt: skip
    return f"[{ends[0]}, {ends[1]}]"


def chance(p: float) -> str | None:
    """A p-value as a cell: `0.032`, `< 0.001`."""
    return None if math.isnan(p) else "< 0.001" if p < 0.001 else words.number(p, 3)


def group_of(framework: Framework, one: Verdict) -> Label:
    """The logic or mechanism that a claim belongs to, by its section."""
    for rows in (framework.logics, framework.mechanisms):
        for row in rows:
            if row.section == one.section:
                return words.heading(row.label)
    kind = {"3": "attributes", "4": "mechanisms", "1": "open"}.get(one.section.split(".")[0], "aims")
    return words.label(f"report.claims.group_{'own' if one.own else kind}")


def _number(value: float) -> float | None:
    return None if math.isnan(value) else float(value)


def _leans(part: Found, found: Ledger) -> Label | None:
    code = part.leans_on[0]
    return found.names.get(code, Label(code, code)) if code else None


def _told(part: Found, m: Material) -> tuple[Cell, ...]:
    """The estimate, its interval and their unit as a page has them; what a condition asks for has no sign."""
    shown = reading(part, m, part.estimate)
    if part.how == "condition":
        return shown.lstrip("+"), None, unit(part)
    ends = [bound(part, m, end) for end in (part.low, part.high)]
    return shown, None if math.isnan(part.low + part.high) else f"[{ends[0]}, {ends[1]}]", unit(part)


def moving(m: Material, found: Ledger) -> Table:
    """Of every claim, the share of the variance of its effect that each choice answers for alone."""
    shown = [one for one in found.verdicts if one.agreement is not None and one.agreement.number]
    columns = (
        column("claim_id", head=True),
        column("specifications", "integer"),
        column("agreeing_share", "percent", 0),
        *[column(name, "percent", 0, label=label) for name, label in found.choices.items()],
    )
    rows: list[tuple[Cell, ...]] = []
    for one in shown:
        agreement = one.agreement
        assert agreement is not None
        share = dict(zip(agreement.choices, agreement.shares.tolist(), strict=True))
        cells = [_number(share.get(name, float("nan"))) for name in found.choices]
        rows.append((one.id, agreement.number, _number(agreement.share), *cells))
    title = words.label("report.table.claims_choices")
    note = words.label("report.note.claims_choices")
    return Table("claims_choices", title, columns, tuple(rows), (note, *m.coverage))


def parts(m: Material, found: Ledger) -> Table:
    """Every test of every claim, what became of it, and the region it leans on."""
    columns = (
        column("claim_id", head=True, span=True, anchor=True),
        column("claim_part", shown=False),
        column("regression", "label", long=True),
        column("claim_method", "label", shown=False),
        column("expected_sign", "integer", shown=False),
        column("became", "label"),
        column("shown_estimate"),
        column("shown_interval"),
        column("shown_unit", "label"),
        column("estimate", "value", shown=False),
        column("estimate_unit", "label", shown=False),
        column("std_error", "value", shown=False),
        column("interval", shown=False),
        column("conf_low", "value", shown=False),
        column("conf_high", "value", shown=False),
        column("interval_index", shown=False),
        column("chance"),
        column("p_value", "number", 4, shown=False),
        *[column(name, "number", 4, shown=False) for name in ("p_wild", "p_jackknife", "p_clustered")],
        column("leans_on", "label"),
        column("shown_without"),
        column("estimate_without", "value", shown=False),
        column("observations", "integer", shown=False),
    )
    bar = passing(found)
    rows = tuple(
        (
            *(one.id, part.id, words.heading(part.label), words.label(f"report.claims.how_{part.how}"), part.sign),
            words.label(f"report.claims.became_{status(part, bar)}"),
            *_told(part, m),
            *(_number(part.estimate), raw(part), _number(part.std_error), interval(part.low, part.high)),
            *(_number(part.low), _number(part.high), interval(part.index_low, part.index_high)),
            *(
                chance(part.p),
                _number(part.p),
                _number(part.p_wild),
                _number(part.p_jackknife),
                _number(part.p_cluster),
            ),
            *(_leans(part, found), reading(part, m, part.leans_on[1]) if part.leans_on[0] else None),
            _number(part.leans_on[1]),
            part.observations,
        )
        for one in found.verdicts
        for part in one.parts
    )
    note = words.label("report.note.claims_parts", draws=words.number(found.draws, 0), bar=words.number(bar, 3))
    return Table("claims_parts", words.label("report.table.claims_parts"), columns, rows, (note, *m.coverage))
