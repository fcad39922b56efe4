"""Coupling in the report: how coordinated the systems are, which side lags, who goes ahead, and how far to trust it."""

from __future__ import annotations

from functools import partial

import numpy as np

from zhiyu.explain.coupling import LAGS_BELOW, LEADS_ABOVE, grade_table
from zhiyu.explain.of.coupling import CouplingEvidence, Part, System
from zhiyu.report import words
from zhiyu.report.charts import canvas, drawn, spread
from zhiyu.report.explain.question import Question
from zhiyu.report.figures import LINE, MARKERS, OKABE_ITO, Figure
from zhiyu.report.material import Material
from zhiyu.report.tables import Cell, Column, Table, column
from zhiyu.terms import Label, Locale, text

COORDINATED = 6  # the first grade that is called coordinated
APART = 0.05  # correlations that differ by less are told as level


def question(m: Material) -> Question | None:
    """The finding, the last year's table, the means by year, the subsystems' levels, lead and lag."""
    found: CouplingEvidence | None = None if m.evidence is None else m.evidence.coupling
    if found is None:
        return None
    several = found.comparable and any(system.shown[0] != system.shown[1] for system in found.systems)
    shown = [_last(m, found), _parts(m, found)]
    shown += [_years(m, found)] if several else []
    shown += [_leads(m, found)] if any(system.lead is not None for system in found.systems) else []
    figures = partial(_figures, m, found) if several else (lambda locale: ())
    return Question("coupling", _told(m, found, several), tuple(shown), (_cells(m, found),), figures)


def _told(m: Material, found: CouplingEvidence, several: bool) -> tuple[Label, ...]:
    parts = [_moved(found) if several else _stand(found), _held(found), _graded(m, found)]
    parts += [_risen(system) for system in found.systems] if several else []
    parts += [_behind(system) for system in found.systems if system.side is not None]
    parts += [_ahead(m, system) for system in found.systems if system.lead is not None]
    parts.append(_firm(found))
    if found.absent:
        parts.append(words.label("report.coupling.absent", names=_joined(found.absent)))
    parts.append(words.label("report.coupling.no_cause"))
    return tuple(parts)


def _joined(names: tuple[Label, ...] | list[Label], mark: bool = False) -> Label:
    """Names as a list, or clauses one after the other."""
    if mark:
        return words.both(lambda locale: ("；" if locale == "zh" else "; ").join(n.text(locale) for n in names))
    return words.both(lambda locale: words.names(names, locale))


def _d(value: float) -> str:
    return words.number(value, 2)


def _moved(found: CouplingEvidence) -> Label:
    """From which mean coordination to which, of every system, and how many regions are below the line."""
    clauses = []
    for system in found.systems:
        first, last = system.shown
        years = [int(year) for year in system.coordination["year"].values]
        values = {"name": system.label, "first": years[first], "last": years[last]}
        key = "report.coupling.from_to" if first != last else "report.coupling.at"
        clauses.append(words.label(key, a=_d(system.mean[first]), b=_d(system.mean[last]), **values))
    return words.label("report.coupling.moved", clauses=_joined(clauses, mark=True))


def _stand(found: CouplingEvidence) -> Label:
    clauses = []
    for system in found.systems:
        last = system.shown[1]
        year = int(system.coordination["year"].values[last])
        clauses.append(words.label("report.coupling.at", name=system.label, last=year, b=_d(system.mean[last])))
    return words.label("report.coupling.stand", clauses=_joined(clauses, mark=True))


def _held(found: CouplingEvidence) -> Label:
    """Whether low levels or unlike ones keep coordination down: of D^2 = C T, the smaller is the weak spot."""
    clauses, low = [], []
    for system in found.systems:
        c, t = (float(np.nanmean(x.values[:, system.shown[1]])) for x in (system.coupling, system.comprehensive))
        clauses.append(words.label("report.coupling.c_and_t", name=system.label, c=_d(c), t=_d(t)))
        low.append(t < c)
    kind = "level" if all(low) else "both" if any(low) else "balance"
    return words.label(f"report.coupling.held_{kind}", clauses=_joined(clauses, mark=True))


def _graded(m: Material, found: CouplingEvidence) -> Label:
    """How many regions are called coordinated, and who stands highest."""
    clauses = []
    for system in found.systems:
        d, grade = system.coordination.values[:, system.shown[1]], system.grade.values[:, system.shown[1]]
        best = int(np.nanargmax(d))
        best_name = m.index.regions.label(str(system.coordination["region"].values[best]))
        label = grade_table()[int(grade[best]) - 1].label
        values = {"number": int((grade >= COORDINATED).sum()), "total": int((grade > 0).sum())}
        clauses.append(
            words.label(
                "report.coupling.reached", name=system.label, best=best_name, d=_d(d[best]), grade=label, **values
            )
        )
    return words.label("report.coupling.graded", clauses=_joined(clauses, mark=True))


def _ends(system: System) -> tuple[np.ndarray, np.ndarray]:
    """(part,) mean levels of the first and of the last year shown, over the regions that the mean D is of."""
    first, last = system.shown
    levels = system.levels.values[system.whole]
    return levels[:, first].mean(axis=0), levels[:, last].mean(axis=0)


def _risen(system: System) -> Label:
    """Which subsystem's level moved most, and which least: what the change of D rests on."""
    before, after = _ends(system)
    most, least = int((after - before).argmax()), int((after - before).argmin())
    values = {"name": words.heading(system.label), "most": system.parts[most].label, "least": system.parts[least].label}
    ends = {"a": _d(before[most]), "b": _d(after[most]), "c": _d(before[least]), "d": _d(after[least])}
    return words.label("report.coupling.risen", **values, **ends)


def _behind(system: System) -> Label:
    """How many regions' first subsystem lags by level, and how many by their place among the regions."""
    assert system.side is not None
    assert system.position is not None
    last = system.shown[1]
    side, place = system.side.values[:, last], system.position.values[:, last]
    first, second = system.parts
    values = {
        "name": words.heading(system.label),
        "first": first.label,
        "second": second.label,
        "number": int(np.isfinite(side).sum()),
    }
    counts = {"behind": int((side < 0).sum()), "before": int((side > 0).sum()), "even": int((side == 0).sum())}
    places = {"worse": int((place > 0).sum()), "better": int((place < 0).sum())}
    return words.label("report.coupling.behind", **values, **counts, **places)


def _ahead(m: Material, system: System) -> Label:
    """Whether one goes ahead of the other: the difference, its interval, and what it is without any one region."""
    assert system.lead is not None
    lead = system.lead
    low, high = (float(end) for end in lead.difference_interval[0])
    size = float(lead.difference[0])
    first, second = system.parts
    kind = "unclear" if low <= 0 <= high or abs(size) < APART else "ahead"
    ahead, behind = (first, second) if size > 0 else (second, first)
    values = {
        "name": words.heading(system.label),
        "ahead": ahead.label,
        "behind": behind.label,
        "regions": lead.regions,
    }
    values |= {"forward": words.signed(float(lead.forward[0]), 2), "backward": words.signed(float(lead.backward[0]), 2)}
    values |= {"first": first.label, "second": second.label}
    span = {"low": words.signed(low, 2), "high": words.signed(high, 2), "size": words.signed(size, 2)}
    span |= {
        "least": words.signed(float(lead.without[0].min()), 2),
        "most": words.signed(float(lead.without[0].max()), 2),
    }
    return words.label(f"report.coupling.lead_{kind}", **values, **span)


def _firm(found: CouplingEvidence) -> Label:
    """How far the ranking depends on the formula of C."""
    clauses = [
        words.label("report.coupling.agreement", name=system.label, value=_d(system.agreement))
        for system in found.systems
    ]
    values = {"variant": words.label(f"report.coupling.variant_{found.variant}")}
    other = words.label(f"report.coupling.variant_{found.other}")
    return words.label("report.coupling.firm", other=other, clauses=_joined(clauses, mark=True), **values)


def _notes(m: Material, found: CouplingEvidence) -> tuple[Label, ...]:
    named = [
        words.label("report.coupling.grade", level=grade.level, name=grade.label, low=f"{grade.low:g}")
        for grade in grade_table()
    ]
    weights = "; ".join(
        " : ".join(f"{weight:.3g}" for weight in weights)
        for weights in dict.fromkeys(tuple(system.weights.tolist()) for system in found.systems)
    )
    variant = words.label(f"report.coupling.variant_{found.variant}")
    notes = [words.label("report.note.coupling", variant=variant, weights=weights)]
    if any(system.side is not None for system in found.systems):
        notes.append(words.label("report.note.coupling_sides", low=f"{LAGS_BELOW:g}", high=f"{LEADS_ABOVE:g}"))
    return (*notes, words.label("report.note.coupling_grades", names=_joined(named)), *m.coverage)


def _side(system: System, i: int, t: int) -> Label:
    """The name of the subsystem that lags, or that the two keep pace."""
    assert system.side is not None
    side = system.side.values[i, t]
    if np.isnan(side):
        return Label(words.DASH, words.DASH)
    return words.label("report.coupling.in_pace") if side == 0 else system.parts[0 if side < 0 else 1].label


def _last(m: Material, found: CouplingEvidence) -> Table:
    """D, grade and lagging side of every region in the last year, the most coordinated of the first system on top."""
    columns: list[Column] = [column("region", shown=False), column("region_name", "label", head=True)]
    for system in found.systems:
        of = {"name": words.heading(system.label)}
        d, grade = (words.label(f"report.column.coupling_{word}", **of) for word in ("d", "grade"))
        columns.append(Column(f"{system.id}_d", d, "number", 3))
        columns.append(Column(f"{system.id}_grade", grade, "integer"))
        if system.side is not None:
            columns.append(Column(f"{system.id}_lags", words.label("report.column.coupling_lags", **of), "label"))
    first = found.systems[0].coordination
    codes = [str(code) for code in first["region"].values]
    score = first.values[:, found.systems[0].shown[1]]
    order = np.argsort(-np.where(np.isfinite(score), score, -1.0), kind="stable")
    rows = []
    for i in order:
        row: list[Cell] = [codes[i], m.index.regions.label(codes[i])]
        for system in found.systems:
            t = system.shown[1]
            row += [float(system.coordination.values[i, t]), int(system.grade.values[i, t]) or None]
            row += [_side(system, int(i), t)] if system.side is not None else []
        if any(isinstance(cell, float) and np.isfinite(cell) for cell in row):
            rows.append(tuple(row))
    year = int(first["year"].values[found.systems[0].shown[1]])
    title = words.label("report.table.coupling", year=year)
    return Table("coupling", title, tuple(columns), tuple(rows), _notes(m, found), ordered=len(rows))


def _years(m: Material, found: CouplingEvidence) -> Table:
    """Mean coordination degree of each system by year."""
    columns = [column("year", "year", head=True)]
    columns += [Column(f"{system.id}_d", words.heading(system.label), "number", 3) for system in found.systems]
    years = [int(year) for year in found.systems[0].coordination["year"].values]
    rows = [(year, *[float(system.mean[t]) for system in found.systems]) for t, year in enumerate(years)]
    seen = tuple(row for row in rows if np.isfinite(row[1:]).any())
    clauses = [
        words.label("report.coupling.regions", name=system.label, number=int(system.whole.sum()))
        for system in found.systems
    ]
    notes = (words.label("report.note.coupling_years", clauses=_joined(clauses, mark=True)), *m.coverage)
    return Table("coupling_years", words.label("report.table.coupling_years"), tuple(columns), seen, notes)


def _parts(m: Material, found: CouplingEvidence) -> Table:
    """What each subsystem rests on and its mean level in the first and the last year."""
    columns = (
        column("system", "label", span=True),
        column("subsystem", shown=False),
        column("subsystem_name", "label", head=True),
        column("indicators_used", "label", long=True),
        column("indicators_absent", "integer"),
        column("level_first", "number", 3),
        column("level_last", "number", 3),
    )
    rows: list[tuple[Cell, ...]] = []
    for system in found.systems:
        before, after = _ends(system)
        for k, part in enumerate(system.parts):
            first = float(before[k]) if found.comparable and system.shown[0] != system.shown[1] else None
            name = (words.heading(system.label), part.id, words.heading(part.label), _used(m, part), len(part.absent))
            rows.append((*name, first, float(after[k])))
    notes = (words.label("report.note.coupling_parts"), *m.coverage)
    return Table("coupling_parts", words.label("report.table.coupling_parts"), columns, tuple(rows), notes)


def _used(m: Material, part: Part) -> Label:
    named = [m.index.tree[name].label for name in part.indicators]
    return words.both(lambda locale: ("、" if locale == "zh" else "; ").join(name.text(locale) for name in named))


def _leads(m: Material, found: CouplingEvidence) -> Table:
    """Cross-lagged correlations with their intervals."""
    columns = (
        column("system", "label", span=True),
        column("lag", "integer"),
        column("direction", "label", head=True),
        column("correlation", "number", 2),
        column("interval_low", "number", 2),
        column("interval_high", "number", 2),
    )
    rows: list[tuple[Cell, ...]] = []
    for system in found.systems:
        if system.lead is None:
            continue
        lead, (first, second) = system.lead, system.parts
        directions = (
            (words.label("report.coupling.to", a=first.label, b=second.label), lead.forward, lead.forward_interval),
            (words.label("report.coupling.to", a=second.label, b=first.label), lead.backward, lead.backward_interval),
            (words.label("report.coupling.difference"), lead.difference, lead.difference_interval),
        )
        for k, lag in enumerate(lead.lags):
            for label, value, interval in directions:
                name = (words.heading(system.label), lag, words.heading(label))
                rows.append((*name, float(value[k]), float(interval[k, 0]), float(interval[k, 1])))
    notes = (words.label("report.note.coupling_leads"), *m.coverage)
    return Table("coupling_leads", words.label("report.table.coupling_leads"), columns, tuple(rows), notes)


def _cells(m: Material, found: CouplingEvidence) -> Table:
    """Every region, year and system."""
    columns = (
        column("system"),
        column("system_name", "label", label=words.label("report.column.system")),
        column("region"),
        column("region_name", "label"),
        column("year", "year"),
        column("coupling_c", "number", 3),
        column("coupling_t", "number", 3),
        column("coupling_dd", "number", 3),
        column("coupling_level", "integer"),
        column("coupling_ratio", "number", 3),
        column("coupling_position", "integer"),
    )
    rows: list[tuple[Cell, ...]] = []
    for system in found.systems:
        codes = [str(code) for code in system.coordination["region"].values]
        years = [int(year) for year in system.coordination["year"].values]
        for i, t in np.argwhere(np.isfinite(system.coordination.values)):
            values: list[Cell] = [
                float(x.values[i, t]) for x in (system.coupling, system.comprehensive, system.coordination)
            ]
            values.append(int(system.grade.values[i, t]))
            values.append(None if system.ratio is None else _finite(system.ratio.values[i, t]))
            values.append(None if system.position is None else int(system.position.values[i, t]))
            name = (system.id, system.label, codes[i], m.index.regions.label(codes[i]), years[t])
            rows.append((*name, *values))
    title = words.label("report.table.coupling_cells")
    return Table("coupling_cells", title, columns, tuple(rows), m.coverage)


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _figures(m: Material, found: CouplingEvidence, locale: Locale) -> tuple[Figure, ...]:
    """Mean coordination degree of each system by year; the band holds the middle half of the regions."""
    lines = [system for system in found.systems if system.shown[0] != system.shown[1]]
    years = np.array([int(year) for year in lines[0].coordination["year"].values])
    ends = [float(system.mean[system.shown[1]]) for system in lines]
    first, last = years[min(s.shown[0] for s in lines)], years[max(s.shown[1] for s in lines)]
    title = text("report.chart.coupling", locale, first=first, last=last)
    moved = [
        text("report.chart.from_to", locale, name=s.label, a=_d(s.mean[s.shown[0]]), b=_d(s.mean[s.shown[1]]))
        for s in lines
    ]
    alt = text("report.chart.trends_alt", locale, title=title, lines=("；" if locale == "zh" else "; ").join(moved))
    names = [f"{system.label.text(locale)}  {_d(end)}" for system, end in zip(lines, ends, strict=True)]
    with canvas(3.4, ["0.00"], names) as (figure, axes):
        axes.grid(axis="y", color=LINE, linewidth=0.6)
        axes.set_axisbelow(True)
        for k, system in enumerate(lines):
            colour = OKABE_ITO[k % len(OKABE_ITO)]
            axes.fill_between(years, *system.quartiles(), color=colour, alpha=0.12, linewidth=0)
            axes.plot(years, system.mean, color=colour, marker=MARKERS[k % len(MARKERS)], linewidth=1.8, markersize=4.5)
        axes.set_ylim(bottom=0)
        for name, at in zip(names, spread(ends, 0.07 * axes.get_ylim()[1]), strict=True):
            axes.annotate(name, (last, at), (9, 0), textcoords="offset points", va="center", annotation_clip=False)
        axes.set_xticks(years, [str(year) for year in years])
        axes.set_xlim(first - 0.25, last + 0.15)
        axes.set_ylabel(words.headline(text("report.axis.coordination", locale), locale))
        notes = (text("report.chart.coupling_band", locale), *[note.text(locale) for note in m.coverage])
        return (Figure("chart-coupling", title, alt, drawn(figure, "chart-coupling", alt), notes),)
