"""Mechanisms in the report: what the driver goes with, where it goes with more, and what four fields share."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from zhiyu.explain.mechanism import Coefficient, Shapley
from zhiyu.explain.of.mechanism import MechanismEvidence, Path
from zhiyu.report import formulas, words
from zhiyu.report.charts import canvas, drawn
from zhiyu.report.explain import sizes
from zhiyu.report.explain.claims import passing
from zhiyu.report.explain.question import Question, together
from zhiyu.report.explain.transitions import p_value
from zhiyu.report.figures import INK, LINE, MUTED, OKABE_ITO, Figure
from zhiyu.report.material import Material
from zhiyu.report.regressions import Estimate, Model, Regressions, facts, numbers
from zhiyu.report.tables import Cell, Table, column
from zhiyu.terms import Label, Locale, text

LEVEL = 0.05


def question(m: Material) -> Question | None:
    """What the driver goes with; the regressions side by side, the split of the four fields; the paths drawn."""
    found = None if m.evidence is None else getattr(m.evidence, "mechanism", None)
    if found is None:
        return None
    several: tuple[MechanismEvidence, ...] = found if isinstance(found, tuple) else (found,)
    return together("mechanism", [_answer(m, one, k) for k, one in enumerate(several, start=1)])


def _answer(m: Material, found: MechanismEvidence, number: int) -> Question:
    told = (
        _lead(m, found),
        _strongest(m, found),
        _moderated(m, found),
        _fields(found),
        _skipped(found),
        _caution(found),
    )
    made = regressions(m, found)
    tables = [one.table() for one in made]
    tables += [] if found.embedding is None else [_split(m, found, found.embedding)]
    title = words.label("report.table.mechanism_estimates")
    files = (numbers("mechanism_estimates", title, made), _without(m, found))
    drawings = partial(_figures, m, found, f"chart-mechanism-{number}")
    return Question("mechanism", tuple(one for one in told if one is not None), tuple(tables), files, drawings)


def _lead(m: Material, found: MechanismEvidence) -> Label | None:
    """How many mechanisms are higher where the driver is, at p <= 0.05 and by the bar that the ledger sets."""
    if not found.paths:
        return None
    higher = [one for one in found.paths if one.effect.p <= LEVEL and one.effect.estimate > 0]
    values = {"driver": found.driver, "number": len(found.paths), "clear": len(higher)}
    if not higher:
        return words.label("report.mechanism.lead_none", **values)
    told = [words.label("report.mechanism.lead", names=_with_p(higher), **values)]
    ledger = getattr(m.evidence, "ledger", None)
    if ledger is not None and ledger.verdicts:
        bar = passing(ledger)
        over = [one for one in higher if one.effect.p <= bar]
        kind = "some" if over else "none"
        said = {"bar": words.number(bar, 3), "clear": len(over), "names": _with_p(over)}
        told.append(words.label(f"report.mechanism.bar_{kind}", **said))
    return words.both(lambda locale: words.joined([one.text(locale) for one in told], locale))


def _with_p(paths: Sequence[Path]) -> Label:
    """`knowledge output (p 0.013) and ...`"""
    pieces = [words.label("report.mechanism.named_p", name=one.label, p=p_value(one.effect.p)) for one in paths]
    return words.both(lambda locale: words.listed([piece.text(locale) for piece in pieces], locale))


def _strongest(m: Material, found: MechanismEvidence) -> Label | None:
    """The path whose evidence is firmest, with its figures and whether one region carries it."""
    if not found.paths:
        return None
    one = min(found.paths, key=lambda path: (path.effect.p, -abs(path.effect.estimate)))
    values = {"driver": found.driver, "mechanism": one.label, "p": p_value(one.effect.p), "firm": _firm(m, one.effect)}
    return words.label("report.mechanism.strongest", **_figures_of(one.effect), **values)


def _figures_of(one: Coefficient) -> dict[str, str]:
    ends = {"estimate": one.estimate, "low": one.low, "high": one.high}
    return {name: _signed(value) for name, value in ends.items()}


def _signed(value: float) -> str:
    """Two digits; a bound that is none as such."""
    return words.signed(value, 2) if np.isfinite(value) else "∞" if value > 0 else "−∞"


def _firm(m: Material, one: Coefficient) -> Label:
    if one.one_sign:
        return words.label("report.mechanism.one_sign")
    return words.label("report.mechanism.turns")


def _moderated(m: Material, found: MechanismEvidence) -> Label | None:
    one = found.moderated
    if one is None or found.moderator is None:
        return None
    way = "unclear" if one.p > LEVEL else "more" if one.estimate > 0 else "less"
    values = {"driver": found.driver, "moderator": found.moderator, "outcome": sizes.plain(m, found.outcome)}
    ends = {"estimate": one.estimate, "low": one.low, "high": one.high}
    percent = {name: sizes.percent(value, 2) for name, value in ends.items()}
    shown = percent if sizes.logs(found.outcome) else _figures_of(one)
    return words.label(f"report.mechanism.moderation_{way}", p=p_value(one.p), **shown, **values)


def _fields(found: MechanismEvidence) -> Label | None:
    split, together = found.embedding, found.together
    if split is None or together is None:
        return None
    most = int(np.argmax(split.parts))
    values = {
        "total": words.percent(split.total, 0),
        "name": found.fields[most],
        "part": words.percent(float(split.parts[most]), 0),
        "together": words.percent(float(split.parts[-1]), 1),
        "p": p_value(together.p),
    }
    clear = together.p <= LEVEL and together.estimate > 0
    return words.label("report.mechanism.fields_clear" if clear else "report.mechanism.fields", **values)


def _skipped(found: MechanismEvidence) -> Label | None:
    if not found.skipped:
        return None
    pairs = words.both(
        lambda locale: " ".join(
            text("report.mechanism.skip", locale, what=what, why=why.text(locale)) for what, why in found.skipped
        )
    )
    return words.label("report.mechanism.skipped", items=pairs)


def _caution(found: MechanismEvidence) -> Label:
    return words.label("report.mechanism.caution", draws=words.number(found.draws, 0))


def regressions(m: Material, found: MechanismEvidence) -> tuple[Regressions, ...]:
    """A column a mechanism; then moderation and the product of the four fields on the outcome. Without an empty one."""
    made = (_of_mechanisms(m, found), _of_outcome(m, found))
    return tuple(one for one in made if one.models)


def _of_mechanisms(m: Material, found: MechanismEvidence) -> Regressions:
    models = tuple(
        Model(
            f"path_{one.mechanism}",
            words.heading(one.label),
            {"driver": _estimate(one.effect)},
            _facts(found, one.effect),
        )
        for one in found.paths
    )
    stripped = [_stripped(m, found, one) for one in found.paths if one.stripped]
    title, notes = words.label("report.table.mechanism"), (_note(found), *stripped, *m.coverage)
    return Regressions("mechanism", title, models, {"driver": found.driver}, facts(), notes)


def _of_outcome(m: Material, found: MechanismEvidence) -> Regressions:
    outcome, terms, models = words.heading(formulas.told(found.outcome, m)), {}, []
    if found.moderated is not None and found.moderator is not None:
        terms["moderation"] = words.label("report.mechanism.product", a=found.driver, b=found.moderator)
        made = {"moderation": _estimate(found.moderated)}
        models.append(Model("moderation", outcome, made, _facts(found, found.moderated)))
    if found.together is not None:
        terms["together"] = found.fields[-1]
        made = {"together": _estimate(found.together)}
        models.append(Model("together", outcome, made, _facts(found, found.together)))
    title = words.label("report.table.mechanism_outcome", outcome=sizes.plain(m, found.outcome))
    return Regressions("mechanism_outcome", title, tuple(models), terms, facts(), (_note(found), *m.coverage))


def _note(found: MechanismEvidence) -> Label:
    return words.label("report.note.mechanism", driver=found.driver, draws=words.number(found.draws, 0))


def _estimate(one: Coefficient) -> Estimate:
    return Estimate(one.estimate, one.std_error, one.p, one.low, one.high)


def _facts(found: MechanismEvidence, one: Coefficient) -> dict[str, Cell]:
    return {
        "region_effects": found.effects in ("two-way", "region"),
        "year_effects": found.effects in ("two-way", "year"),
        "observations": one.observations,
        "regions": one.regions,
    }


def _stripped(m: Material, found: MechanismEvidence, one: Path) -> Label:
    gone = words.both(
        lambda locale: words.listed([formulas.told(leaf, m).text(locale) for leaf in one.stripped], locale)
    )
    return words.label("report.mechanism.stripped", mechanism=one.label, driver=found.driver, names=gone)


def _split(m: Material, found: MechanismEvidence, split: Shapley) -> Table:
    """What each field, and all together, answers for in the outcome's variance."""
    columns = (
        column("field", "label", head=True),
        column("shapley_part", "percent", 1),
        column("interval_low", "percent", 1),
        column("interval_high", "percent", 1),
        column("shapley_alone", "percent", 1),
        column("shapley_last", "percent", 1),
    )
    values = zip(found.fields, split.parts, split.low, split.high, split.alone, split.last, strict=True)
    rows: list[tuple[Cell, ...]] = [(words.heading(label), *(float(x) for x in row)) for label, *row in values]
    rows.append((words.label("report.mechanism.total"), split.total, None, None, None, None))
    note = words.label("report.note.mechanism_fields", draws=words.number(split.draws, 0), number=split.observations)
    title = words.label("report.table.mechanism_fields", outcome=sizes.plain(m, found.outcome))
    return Table("mechanism_fields", title, columns, tuple(rows), (note, *m.coverage))


def _without(m: Material, found: MechanismEvidence) -> Table:
    """Every path with one region left out, for the file."""
    columns = (column("region"), column("region_name", "label"), column("mechanism"), column("coefficient", "value"))
    codes = [code for code in m.index.codes if not m.index.regions[code].aggregate]
    rows: list[tuple[Cell, ...]] = [
        (code, m.index.regions.label(code), path.mechanism, float(value))
        for path in found.paths
        for code, value in zip(codes, path.effect.without, strict=True)
    ]
    return Table("mechanism_without", words.label("report.table.mechanism_without"), columns, tuple(rows))


def _held(found: MechanismEvidence, end: float) -> float:
    """A bound that can be drawn: one without end stands beyond all others."""
    every = [x for one in found.paths for x in (one.effect.estimate, one.effect.low, one.effect.high)]
    widest = max(abs(x) for x in every if np.isfinite(x))
    return float(np.clip(end, -2.0 * widest, 2.0 * widest))


def _figures(m: Material, found: MechanismEvidence, drawing: str, locale: Locale) -> tuple[Figure, ...]:
    """Each path with its interval and, small, its least and greatest value without one region."""
    if not found.paths:
        return ()
    names = [words.headline(one.label.text(locale), locale) for one in found.paths]
    title = text("report.chart.mechanism", locale, driver=found.driver)
    clauses = [
        text("report.mechanism.alt_one", locale, name=name, **_figures_of(one.effect))
        for name, one in zip(names, found.paths, strict=True)
    ]
    alt = title + ("：" if locale == "zh" else ": ") + ("；" if locale == "zh" else "; ").join(clauses)
    with canvas(0.42 * len(names) + 0.7, names) as (figure, axes):
        axes.grid(axis="x", color=LINE, linewidth=0.6)
        axes.set_axisbelow(True)
        axes.axvline(0.0, color=INK, linewidth=0.8)
        for y, one in enumerate(found.paths):
            without = one.effect.without[np.isfinite(one.effect.without)]
            low, high = (_held(found, end) for end in (one.effect.low, one.effect.high))
            axes.hlines(y, low, high, color=OKABE_ITO[0], linewidth=3.2, alpha=0.5)
            axes.scatter(without, np.full(len(without), y + 0.22), s=4, color=MUTED, linewidths=0)
            axes.scatter([one.effect.estimate], [y], s=30, color=OKABE_ITO[0], zorder=4)
        axes.set_yticks(range(len(names)), names)
        axes.set_ylim(len(names) - 0.4, -0.6)
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        axes.set_xlabel(words.headline(text("report.axis.mechanism", locale), locale))
        svg = drawn(figure, drawing, alt)
    notes = (text("report.note.mechanism_chart", locale), *(note.text(locale) for note in m.coverage))
    return (Figure(drawing, title, alt, svg, notes),)
