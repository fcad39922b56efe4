"""The table of big moves: which indicators changed, and whether the move may be one of the data alone."""

from __future__ import annotations

from functools import partial

from zhiyu.data.panel import Mark
from zhiyu.measure.moves import Driver, Move, big_moves
from zhiyu.report import words
from zhiyu.report.material import Material
from zhiyu.report.tables import Table, column
from zhiyu.terms import Locale, text

NAMED = 4  # cells that a move's remark names before it counts the rest


def moves(m: Material) -> Table:
    """Every move of more places in a year than the study's `jump`, with what went into it."""
    jump = m.choices.report.jump
    columns = (
        column("year", "year"),
        column("region", shown=False),
        column("region_name", "label", head=True),
        column("rank_before", "integer"),
        column("rank_after", "integer"),
        column("change", "movement"),
        column("drivers", "label", long=True),
        column("cells", "label", long=True),
    )
    rows = tuple(
        (
            move.year,
            move.region,
            m.index.regions.label(move.region),
            move.before,
            move.after,
            move.places,
            words.both(partial(drivers, m, move)),
            words.both(partial(remark, move)),
        )
        for move in big_moves(m.index, jump)
    )
    title = words.label("report.table.moves", jump=jump)
    return Table("moves", title, columns, rows, (words.label("report.note.moves"), *m.coverage))


def drivers(m: Material, move: Move, locale: Locale) -> str:
    """The indicators behind a move, with their points."""
    parts = [
        text("report.driver", locale, name=d.node.label, points=words.signed(d.change, max(1, m.digits)))
        for d in move.drivers
    ]
    return ("；" if locale == "zh" else "; ").join(parts)


def remark(move: Move, locale: Locale) -> str:
    """Whether a move may be one of the data: a change of coverage, cells that were not observed."""
    before, after = move.coverage
    parts = []
    if abs(after - before) > 0.005:
        shares = {"before": words.percent(before, 0), "after": words.percent(after, 0)}
        parts.append(text("report.move.coverage", locale, **shares))
    parts += [_state(driver, move, locale) for driver in move.weak[:NAMED]]
    if len(move.weak) > NAMED:
        parts.append(text("report.move.more", locale, number=len(move.weak) - NAMED))
    return ("；" if locale == "zh" else "; ").join(parts) if parts else text("report.move.observed", locale)


def _state(driver: Driver, move: Move, locale: Locale) -> str:
    def mark(mark: Mark) -> str:
        return text(f"report.mark.{mark.name.lower()}", locale)

    values = {"since": move.since, "year": move.year, "before": mark(driver.before), "after": mark(driver.after)}
    same = driver.before == driver.after
    return text("report.move.same" if same else "report.move.cell", locale, name=driver.node.label, **values)
