"""Convergence in the report: is the gap closing, do those behind grow faster, and are there clubs."""

from __future__ import annotations

from functools import partial

import numpy as np

from zhiyu.explain.convergence import Trend
from zhiyu.explain.of.convergence import ConvergenceEvidence, Drawing
from zhiyu.report import words
from zhiyu.report.explain.convergence_figures import figures
from zhiyu.report.explain.question import Question
from zhiyu.report.material import Material
from zhiyu.report.tables import Cell, Table, column
from zhiyu.terms import Label

DECISIONS = {
    "rejected": "report.convergence.decision_rejected",
    "not-rejected": "report.convergence.decision_not_rejected",
    "levels": "report.convergence.decision_levels",
    "rates": "report.convergence.decision_rates",
}


def question(m: Material) -> Question | None:
    """The finding; tables of dispersion, growth regressions, log t and clubs; the scatter and the gap's path."""
    found: ConvergenceEvidence | None = None if m.evidence is None else m.evidence.convergence
    if found is None:
        return None
    tables = [_sigma(m, found), _beta(m, found)]
    if any(one.log_t is not None for one in found.series):
        tables += [_log_t(m, found), _clubs(m, found)]
    files = (_years(m, found), _members(m, found))
    return Question("convergence", _told(found), tuple(tables), files, partial(figures, m, found))


def _told(found: ConvergenceEvidence) -> tuple[Label, ...]:
    one = found.series[0]
    parts = [_gap(one), _catching_up(one), _within(one)]
    if one.log_t is not None:
        parts += [_tested(one), _clubbed(found, one)]
    parts += [_beside(other) for other in found.series[1:] if other.id in ("output_per_head", "income_per_head")]
    left = [found.names[code] for code in one.left_out]
    if left:
        parts.append(words.label("report.convergence.left_out", names=_names(left)))
    if found.skipped:
        clauses = [words.label("report.convergence.skipped_one", name=name, why=why) for name, why in found.skipped]
        parts.append(words.label("report.convergence.skipped", clauses=_clauses(clauses)))
    return tuple(parts)


def way(trend: Trend) -> str:
    """narrower or wider where the interval of the change leaves no doubt, else unclear."""
    if trend.change_low <= 0.0 <= trend.change_high:
        return "unclear"
    return "narrower" if trend.change < 0 else "wider"


def _change(trend: Trend) -> dict[str, object]:
    shown = {"change": trend.change, "low": trend.change_low, "high": trend.change_high}
    return {name: words.signed(100.0 * value, 0) + "%" for name, value in shown.items()}


def _span(one: Drawing) -> dict[str, object]:
    return {"name": one.label, "first": one.years[0], "last": one.years[-1], "regions": len(one.codes)}


def _gap(one: Drawing) -> Label:
    """The relative gap first, then the gap itself, since they can move apart."""
    log, absolute = one.sigma.log, one.sigma.absolute
    ends = {"a": words.number(float(log.values[0]), 2), "b": words.number(float(log.values[-1]), 2)}
    relative = words.label(f"report.convergence.relative_{way(log)}", **_span(one), **ends, **_change(log))
    points = words.label(f"report.convergence.absolute_{way(absolute)}", **_change(absolute))
    parts = [relative, points]
    least = int(log.values.argmin())
    if way(log) == "narrower" and least < len(one.years) - 1:
        value = words.number(float(log.values[least]), 2)
        parts.insert(1, words.label("report.convergence.least", year=one.years[least], value=value))
    return words.both(lambda locale: words.joined([part.text(locale) for part in parts], locale))


def _catching_up(one: Drawing) -> Label:
    beta = one.absolute
    kind = "unclear" if beta.p >= 0.05 else "yes" if beta.b < 0 else "no"
    values = {"b": words.number(beta.b, 4), "low": words.number(beta.low, 4), "high": words.number(beta.high, 4)}
    values["tenth"] = words.number(abs(100.0 * beta.b * np.log(2.0)), 1)
    values["half"] = words.DASH if beta.half_life is None else words.number(beta.half_life, 0)
    return words.label(f"report.convergence.beta_{kind}", **_span(one), **values)


def _within(one: Drawing) -> Label:
    """The conditional slope beside what the same regression gives where nothing converges."""
    beta = one.conditional
    assert beta.null_b is not None
    kind = "beyond" if beta.high < beta.null_b else "as_none" if beta.low <= beta.null_b else "less"
    shown = {"b": beta.b, "low": beta.low, "high": beta.high, "none": beta.null_b}
    values = {name: words.number(value, 2) for name, value in shown.items()}
    return words.label(f"report.convergence.within_{kind}", years=beta.years, **values)


def _tested(one: Drawing) -> Label:
    assert one.log_t is not None
    test = one.log_t
    values = {"b": words.number(test.b, 2), "t": words.number(test.t, 1), "points": test.points}
    values |= {"rate": words.percent(test.least_rate), "half": words.number(np.log(2.0) / test.least_rate, 0)}
    key = "log_t_rejected" if test.decision == "rejected" else "log_t_open"
    return words.label(f"report.convergence.{key}", **_span(one), **values)


def _clubbed(found: ConvergenceEvidence, one: Drawing) -> Label:
    clubs, alone = one.members(), one.divergent()
    if len(clubs) == 1 and not alone:
        return words.label("report.convergence.one_club", **_span(one))
    if not clubs:
        return words.label("report.convergence.no_club", **_span(one))
    values: dict[str, object] = {"clubs": len(clubs), "before": len(one.members(merged=False))}
    values["sizes"] = words.both(lambda locale: words.listed([str(len(rows)) for rows in clubs], locale))
    values["best"] = _names([found.names[code] for code in clubs[0]])
    told = words.label("report.convergence.clubs", **_span(one), **values)
    if not alone:
        return told
    rest = words.label("report.convergence.alone", names=_names([found.names[code] for code in alone]))
    return words.both(lambda locale: words.joined([told.text(locale), rest.text(locale)], locale))


def _beside(one: Drawing) -> Label:
    """Output or income per head on the same measure."""
    key = f"report.convergence.beside_{way(one.sigma.log)}"
    return words.label(key, **_span(one), **_change(one.sigma.log))


def _names(labels: list[Label]) -> Label:
    return words.both(lambda locale: words.names(labels, locale))


def _clauses(labels: list[Label]) -> Label:
    return words.both(lambda locale: ("；" if locale == "zh" else "; ").join(label.text(locale) for label in labels))


def _sigma(m: Material, found: ConvergenceEvidence) -> Table:
    """Relative and absolute gaps of the first and the last year."""
    columns = (
        column("series", shown=False),
        column("series_name", "label", head=True),
        column("first_year", "year"),
        column("last_year", "year"),
        column("sigma_first", "number", 3),
        column("sigma_last", "number", 3),
        column("sigma_change", "percent", 0),
        column("sigma_low", "percent", 0),
        column("sigma_high", "percent", 0),
        column("cv_change", "percent", 0),
        column("gap_change", "percent", 0),
    )
    rows: list[tuple[Cell, ...]] = []
    for one in found.series:
        log = one.sigma.log
        ends = (one.years[0], one.years[-1], float(log.values[0]), float(log.values[-1]))
        changes = (log.change, log.change_low, log.change_high, one.sigma.cv.change, one.sigma.absolute.change)
        rows.append((one.id, words.heading(one.label), *ends, *changes))
    notes = (words.label("report.note.convergence_sigma", draws=found.draws), *m.coverage)
    return Table("convergence_sigma", words.label("report.table.convergence_sigma"), columns, tuple(rows), notes)


def _beta(m: Material, found: ConvergenceEvidence) -> Table:
    """Absolute, spatial and conditional slopes in one line a series."""
    columns = (
        column("series", shown=False),
        column("series_name", "label", head=True),
        column("regions", "integer"),
        column("beta", "number", 4),
        column("beta_se", "number", 4),
        column("beta_low", "number", 4),
        column("beta_high", "number", 4),
        column("beta_p", "number", 3, shown=False),
        column("half_life", "number", 0),
        column("beta_spatial", "number", 4),
        column("beta_spatial_se", "number", 4, shown=False),
        column("beta_rho", "number", 2),
        column("beta_total", "number", 4),
        column("beta_conditional", "number", 2),
        column("beta_conditional_se", "number", 3),
        column("beta_null", "number", 2),
    )
    rows: list[tuple[Cell, ...]] = []
    for one in found.series:
        a, c, s = one.absolute, one.conditional, one.spatial
        spatial = (None,) * 4 if s is None else (s.b, s.se, s.rho, s.total)
        rows.append(
            (
                *(one.id, words.heading(one.label), a.regions, a.b, a.se, a.low, a.high, a.p, a.half_life),
                *spatial,
                *(c.b, c.se, c.null_b),
            )
        )
    kind = words.label(f"report.convergence.weights_{'some' if found.neighbours else 'none'}")
    notes = (words.label("report.note.convergence_beta", weights=kind), *m.coverage)
    return Table("convergence_beta", words.label("report.table.convergence_beta"), columns, tuple(rows), notes)


def _log_t(m: Material, found: ConvergenceEvidence) -> Table:
    columns = (
        column("series", shown=False),
        column("series_name", "label", head=True),
        column("log_t_points", "integer"),
        column("log_t_b", "number", 2),
        column("log_t_se", "number", 3),
        column("log_t_t", "number", 1),
        column("log_t_decision", "label"),
        column("clubs_found", "integer"),
        column("clubs_merged", "integer"),
        column("in_no_club", "integer"),
    )
    rows: list[tuple[Cell, ...]] = []
    tested = [one.log_t for one in found.series if one.log_t is not None]
    for one in found.series:
        test = one.log_t
        if test is not None:
            counts = (len(one.members(merged=False)), len(one.members()), len(one.divergent()))
            told = words.label(DECISIONS[test.decision])
            rows.append((one.id, words.heading(one.label), test.points, test.b, test.se, test.t, told, *counts))
    values = {"points": tested[0].points, "rate": words.percent(tested[0].least_rate)}
    notes = (words.label("report.note.convergence_log_t", **values), *m.coverage)
    return Table("convergence_log_t", words.label("report.table.convergence_log_t"), columns, tuple(rows), notes)


def _clubs(m: Material, found: ConvergenceEvidence) -> Table:
    """The merged clubs of the first series that has some."""
    one = next(one for one in found.series if one.clubs is not None)
    columns = (
        column("club", "label", head=True),
        column("members", "label", long=True),
        column("regions", "integer"),
        column("log_t_b", "number", 2),
        column("log_t_t", "number", 1),
        column("mean_first", "number", m.digits),
        column("mean_last", "number", m.digits),
    )
    assert one.clubs is not None
    assert one.clubs.merged is not None
    merged = one.clubs.merged
    sets = [(words.label("report.convergence.club", number=k + 1), rows) for k, rows in enumerate(merged.members)]
    fits = [(float(b), float(t)) for b, t in zip(merged.b, merged.t, strict=True)]
    if len(merged.divergent):
        sets.append((words.label("report.convergence.no_club_name"), merged.divergent))
        fits.append((merged.divergent_b, merged.divergent_t))
    rows: list[tuple[Cell, ...]] = []
    for (name, members), (b, t) in zip(sets, fits, strict=True):
        who = words.cell([found.names[one.codes[int(i)]] for i in members], words.conjoined)
        means = one.values.values[[int(i) for i in members]].mean(axis=0)
        finite = t if np.isfinite(t) else None
        rows.append((name, who, len(members), b if np.isfinite(b) else None, finite, float(means[0]), float(means[-1])))
    title = words.label("report.table.convergence_clubs", **_span(one))
    notes = (words.label("report.note.convergence_clubs", **_span(one)), *m.coverage)
    return Table("convergence_clubs", title, columns, tuple(rows), notes)


def _years(m: Material, found: ConvergenceEvidence) -> Table:
    """Dispersion in every year, kept as a file."""
    columns = (
        column("series"),
        column("series_name", "label"),
        column("year", "year"),
        column("sigma_log", "number", 4),
        column("sigma_cv", "number", 4),
        column("sigma_absolute", "value"),
    )
    rows: list[tuple[Cell, ...]] = [
        (one.id, one.label, year, *(float(trend.values[t]) for trend in _measures(one)))
        for one in found.series
        for t, year in enumerate(one.years)
    ]
    title = words.label("report.table.convergence_years")
    return Table("convergence_years", title, columns, tuple(rows), m.coverage)


def _measures(one: Drawing) -> tuple[Trend, Trend, Trend]:
    return one.sigma.log, one.sigma.cv, one.sigma.absolute


def _members(m: Material, found: ConvergenceEvidence) -> Table:
    """Every region's club before and after merging, 0 = none, kept as a file."""
    columns = (
        column("series"),
        column("series_name", "label"),
        column("region"),
        column("region_name", "label"),
        column("group", "label"),
        column("club_found", "integer"),
        column("club_merged", "integer"),
    )
    rows: list[tuple[Cell, ...]] = []
    for one in found.series:
        if one.clubs is None or one.clubs.merged is None:
            continue
        before, after = (clubs.of(len(one.codes)) for clubs in (one.clubs, one.clubs.merged))
        for i, code in enumerate(one.codes):
            group = found.groups.get(code, Label("", ""))
            rows.append((one.id, one.label, code, found.names[code], group, int(before[i]), int(after[i])))
    title = words.label("report.table.convergence_members")
    return Table("convergence_members", title, columns, tuple(rows), m.coverage)
