"""The panel threshold in the report: whether a slope switches, where, how steep it is on either side, how surely."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from scipy.special import stdtr, stdtrit

from zhiyu.explain.of.threshold import LEVEL, ThresholdPanel
from zhiyu.report import formulas, words
from zhiyu.report.charts import canvas, drawn
from zhiyu.report.explain import sizes
from zhiyu.report.explain.question import Question, together
from zhiyu.report.explain.transitions import p_value
from zhiyu.report.figures import INK, LINE, MUTED, OKABE_ITO, Figure
from zhiyu.report.material import Material
from zhiyu.report.regressions import Estimate, Model, Regressions, facts, numbers
from zhiyu.report.tables import Cell, Table, column
from zhiyu.terms import Label, Locale, text


def question(m: Material) -> Question | None:
    """Whether there is a threshold; its tests, its regression; how well other values in its place would fit."""
    found = None if m.evidence is None else getattr(m.evidence, "threshold", None)
    if found is None:
        return None
    several: tuple[ThresholdPanel, ...] = found if isinstance(found, tuple) else (found,)
    return together("threshold", [_answer(m, one, k) for k, one in enumerate(several, start=1)])


def _answer(m: Material, found: ThresholdPanel, number: int) -> Question:
    told = (_lead(m, found), _where(m, found), *_doubts(found), _sides(m, found), _caution(found))
    made = regressions(m, found)
    title = words.label("report.table.threshold_estimates")
    files = (numbers("threshold_estimates", title, (made,)), _curve(found))
    tables = (_tests(m, found), made.table())
    drawings = partial(_figures, m, found, f"chart-threshold-{number}")
    return Question("threshold", told, tables, files, drawings)


def _names(m: Material, found: ThresholdPanel) -> dict[str, Label]:
    written = {"outcome": found.outcome, "regime": found.regime, "threshold": found.threshold}
    return {name: formulas.told(formula, m) for name, formula in written.items()}


def _lead(m: Material, found: ThresholdPanel) -> Label:
    """How many thresholds the tests support, and whether that stands without supposing errors alike in variance."""
    one, names = found.fit, _names(m, found)
    if not one.bootstraps:
        return words.label("report.threshold.untested", **names)
    tests = {"p": p_value(float(one.p[0])), "wild": p_value(float(one.p_wild[0]))}
    number, sure = one.supported(LEVEL), one.supported(LEVEL, wild=True)
    kind = "none" if not number else "weak" if sure < number else "found"
    return words.label(f"report.threshold.{kind}", number=number, **tests, **names)


def _where(m: Material, found: ThresholdPanel) -> Label:
    pieces = [
        words.label(
            f"report.threshold.at{'' if len(found.fit.accepted(j)) == 1 else '_broken'}",
            value=words.significant(float(gamma), 3),
            low=words.significant(float(low), 3),
            high=words.significant(float(high), 3),
        )
        for j, (gamma, (low, high)) in enumerate(zip(found.fit.gamma, found.fit.interval, strict=True))
    ]
    listed = words.both(lambda locale: words.listed([piece.text(locale) for piece in pieces], locale))
    return words.label("report.threshold.where", values=listed, **_names(m, found))


def _doubts(found: ThresholdPanel) -> list[Label]:
    """Of each threshold why the data do not fix it: it lies at the end of the search, the values that fit are not one
    piece, or they reach from one end of the search to the other. Nothing where none of this is so."""
    one = found.fit
    told = []
    for j, gamma in enumerate(one.gamma):
        runs, end = one.accepted(j), one.at_end(j)
        ends = {"least": words.significant(float(one.candidates[0]), 3)}
        ends["most"] = words.significant(float(one.candidates[-1]), 3)
        clauses = []
        if end:
            beyond = int(one.observations[-1] if end > 0 else one.observations[0])
            side = "above" if end > 0 else "below"
            clauses.append(words.label(f"report.threshold.end_{side}", number=beyond, **ends))
        if len(runs) > 1:
            near = [words.significant(best, 3) for _, _, best in runs[1:3]]
            named = words.both(partial(words.listed, near))
            clauses.append(words.label("report.threshold.broken", number=len(runs), near=named))
        whole = one.interval[j, 0] <= one.candidates[0] and one.interval[j, 1] >= one.candidates[-1]
        if whole:
            clauses.append(words.label("report.threshold.whole"))
        if clauses:
            value, why = words.significant(float(gamma), 3), words.both(partial(_joined, clauses))
            kind = "unsettled" if end or whole else "several"
            told.append(words.label(f"report.threshold.{kind}", value=value, clauses=why))
    return told


def _joined(clauses: Sequence[Label], locale: Locale) -> str:
    return ("；" if locale == "zh" else "; ").join(clause.text(locale) for clause in clauses)


def _sides(m: Material, found: ThresholdPanel) -> Label:
    """The slope of every regime with its interval, lowest regime first, for a step that a reader can picture."""
    errors, step = found.fit.std_errors[-len(found.fit.regimes) :], sizes.step(m, found.regime)
    reach = float(stdtrit(found.fit.n - 1, 0.975))
    pieces = []
    for k, (slope, error) in enumerate(zip(found.fit.regimes, errors, strict=True)):
        ends = {"slope": slope, "low": slope - reach * error, "high": slope + reach * error}
        shown = {name: sizes.size(found.outcome, step.units * float(value)) for name, value in ends.items()}
        number = int(found.fit.observations[k])
        pieces.append(words.label("report.threshold.slope", where=_regime(m, found, k), number=number, **shown))
    listed = words.both(partial(_joined, pieces))
    values = {"outcome": sizes.plain(m, found.outcome), "regime": step.name, "more": step.more}
    return words.label("report.threshold.sides", values=listed, **values)


def _regime(m: Material, found: ThresholdPanel, k: int) -> Label:
    """`threshold variable at most 3.2`."""
    name, gamma = formulas.told(found.threshold, m), [words.significant(float(x), 3) for x in found.fit.gamma]
    if k == 0:
        return words.label("report.threshold.below", name=name, high=gamma[0])
    if k == len(gamma):
        return words.label("report.threshold.above", name=name, low=gamma[-1])
    return words.label("report.threshold.between", name=name, low=gamma[k - 1], high=gamma[k])


def _caution(found: ThresholdPanel) -> Label:
    span = {"first": found.years[0], "last": found.years[-1], "regions": len(found.regions)}
    return words.label("report.threshold.caution", **span)


def _tests(m: Material, found: ThresholdPanel) -> Table:
    columns = (
        column("threshold_null", "label", head=True),
        column("threshold_value", "value"),
        column("interval_low", "value"),
        column("interval_high", "value"),
        column("threshold_f", "number", 2),
        column("threshold_p", "number", 3),
        column("threshold_p_wild", "number", 3),
        *[column(f"critical_{level}", "number", 2) for level in ("10", "5", "1")],
    )
    one = found.fit
    rows: list[tuple[Cell, ...]] = []
    for j in range(len(one.gamma)):
        what = words.label("report.threshold.null", number=j + 1, less=j)
        ends = (float(one.gamma[j]), *(float(x) for x in one.interval[j]))
        rows.append((what, *ends, float(one.f[j]), float(one.p[j]), float(one.p_wild[j]), *map(float, one.critical[j])))
    notes = (words.label("report.note.threshold_tests", draws=words.number(one.bootstraps, 0)), *m.coverage)
    return Table("threshold_tests", words.label("report.table.threshold_tests"), columns, tuple(rows), notes)


def regressions(m: Material, found: ThresholdPanel) -> Regressions:
    """The model's one column: the slope in every regime, then the controls; year effects stand as a yes."""
    one = found.fit
    errors, names = one.std_errors, _names(m, found)
    terms, estimates = {}, {}
    for k in range(len(one.regimes)):
        where = _regime(m, found, k)
        terms[f"regime{k}"] = words.label("report.threshold.term", name=names["regime"], where=where)
        estimates[f"regime{k}"] = _estimate(one.regimes[k], errors[len(one.beta) + k], one.n)
    first = len(one.beta) - len(found.names)
    for k, (name, formula) in enumerate(zip(found.names, found.formulas, strict=True), start=first):
        terms[name] = formulas.told(formula, m)
        estimates[name] = _estimate(one.beta[k], errors[k], one.n)
    shown: dict[str, Cell] = {
        "region_effects": True,
        "year_effects": found.effects == "two-way",
        "observations": one.n * one.t,
        "regions": one.n,
    }
    model = Model("threshold", words.heading(names["outcome"]), estimates, shown)
    note = words.label("report.note.threshold", first=found.years[0], last=found.years[-1])
    title = words.label("report.table.threshold")
    return Regressions("threshold", title, (model,), terms, facts(), (note, *m.coverage))


def _estimate(value: float, error: float, regions: int) -> Estimate:
    """A coefficient with the two-sided p of Student's t with n - 1 degrees."""
    p = 2.0 * float(stdtr(regions - 1, -abs(value / error))) if error > 0 else float("nan")
    return Estimate(float(value), float(error), p)


def _curve(found: ThresholdPanel) -> Table:
    columns = (
        column("threshold_number", "integer"),
        column("threshold_value", "value"),
        column("threshold_lr", "value"),
    )
    rows: list[tuple[Cell, ...]] = [
        (j + 1, float(value), None if np.isnan(lr) else float(lr))
        for j, line in enumerate(found.fit.lr)
        for value, lr in zip(found.fit.candidates, line, strict=True)
    ]
    return Table("threshold_curve", words.label("report.table.threshold_curve"), columns, tuple(rows))


def _figures(m: Material, found: ThresholdPanel, drawing: str, locale: Locale) -> tuple[Figure, ...]:
    """How much worse every other value would fit in the place of each threshold; below the line it cannot be told."""
    one = found.fit
    name = formulas.told(found.threshold, m)
    title = text("report.chart.threshold", locale, name=name)
    ends = [words.significant(float(x), 3) for x in (one.gamma[0], *one.interval[0])]
    alt = text("report.chart.threshold_alt", locale, title=title, value=ends[0], low=ends[1], high=ends[2])
    with canvas(2.9, ["100.0"]) as (figure, axes):
        axes.grid(axis="y", color=LINE, linewidth=0.6)
        axes.set_axisbelow(True)
        axes.axhline(one.cut, color=INK, linewidth=0.9, linestyle="--")
        for j, line in enumerate(one.lr):
            seen = np.isfinite(line)
            axes.plot(one.candidates[seen], line[seen], color=OKABE_ITO[j], linewidth=1.4)
            axes.axvline(one.gamma[j], color=MUTED, linewidth=0.8)
        axes.set_ylim(bottom=0.0)
        axes.set_xlabel(words.headline(name.text(locale), locale))
        axes.set_ylabel(words.headline(text("report.axis.threshold", locale), locale))
        svg = drawn(figure, drawing, alt)
    notes = (text("report.note.threshold_chart", locale), *(note.text(locale) for note in m.coverage))
    return (Figure(drawing, title, alt, svg, notes),)
