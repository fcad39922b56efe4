"""Openness and convergence: whether a scenario brings regions closer or drives them apart."""

from __future__ import annotations

from zhiyu.report import words
from zhiyu.report.explain.question import Question
from zhiyu.report.material import Material
from zhiyu.report.simulate.shown import clear, headed, labels, last, quoted, reached, told
from zhiyu.report.tables import Cell, Table, column
from zhiyu.simulate.carried import Carried
from zhiyu.simulate.simulation import GAP, Simulation
from zhiyu.simulate.told import outcome
from zhiyu.terms import Label

OUTCOMES = ("output", "patents", "adoption", "data", "researchers")


def question(m: Material, of: Simulation, found: Carried) -> Question | None:
    """The spread across regions of each outcome, under each scenario against the baseline."""
    names = [name for name in OUTCOMES if name in of.compared.differences.outcome]
    if not labels(of) or not names:
        return None
    told_ = [_sided(of, name) for name in names[:2] if reached(of, name)]
    columns = (
        column("if_scenario", "label", head=True),
        *(column(f"if_gap_{name}", "label", label=headed(name)) for name in names),
    )
    rows: list[tuple[Cell, ...]] = [
        (label, *(told(last(of, scenario, name, GAP)) for name in names)) for scenario, label in labels(of).items()
    ]
    note = words.label("report.note.simulate_gaps", level=words.percent(of.hindcast.level, 0))
    title = words.label("report.table.simulate_gaps", year=of.plan.years[-1])
    table = Table("simulate_gaps", title, columns, tuple(rows), (note, *m.coverage))
    return Question("simulate_gaps", (*told_, words.label("report.if.gaps_assumed")), (table,))


def _sided(of: Simulation, name: str) -> Label:
    """Scenarios whose band of the gap lies on one side of zero."""
    bands = {scenario: last(of, scenario, name, GAP) for scenario in labels(of)}
    sides = [
        [labels(of)[scenario] for scenario, band in bands.items() if clear(band) and (band[1] > 0) == wider]
        for wider in (False, True)
    ]
    narrower, wider = (quoted(some) for some in sides)
    return words.label("report.if.gap", name=outcome(name), narrower=narrower, wider=wider)
