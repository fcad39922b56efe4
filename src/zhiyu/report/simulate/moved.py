"""Which measures and couplings move output and emissions most under each scenario, for and against."""

from __future__ import annotations

import numpy as np
import pandas as pd

from zhiyu.report import words
from zhiyu.report.material import Material
from zhiyu.report.simulate.drivers import WHOLE, coupling
from zhiyu.report.simulate.shown import labels, last, quoted, reached, signed
from zhiyu.report.tables import Cell, Table, column
from zhiyu.simulate.carried import MOVED, Carried
from zhiyu.simulate.simulation import Simulation
from zhiyu.simulate.told import SEEN, outcome
from zhiyu.terms import Label

SIDES = {"up": 1, "down": -1}
WAYS = ("data_elasticity", "adoption_elasticity")  # by which alone patents and compute can raise output


def most(found: Carried, scenario: str, name: str, side: str) -> Label | None:
    """What moves an outcome most to one side, with how far, in log points of 100; None where nothing does visibly."""
    rows = found.moves[(found.moves.outcome == name) & (found.moves.scenario == scenario)]
    rows = rows[rows.coupling != WHOLE]
    if rows.empty:
        return None
    moved = 100 * (rows.effect - rows.without).to_numpy(dtype=float)
    k = int(np.argmax(SIDES[side] * moved))
    if SIDES[side] * moved[k] < SEEN:
        return None
    return words.label("report.if.moved_by", name=coupling(str(rows.coupling.iloc[k])), size=signed(moved[k]))


def fallen(of: Simulation, found: Carried, name: str) -> tuple[Label, ...]:
    """Scenarios under which an outcome lies below the baseline, each with what lowers it most."""
    if name not in set(found.moves.outcome):
        return ()
    below = [one for one in labels(of) if last(of, one, name)[1] <= -SEEN]
    names = quoted([labels(of)[one] for one in below], [most(found, one, name, "down") for one in below])
    return (words.label("report.if.fallen", name=outcome(name), names=names),) if below else ()


def output(of: Simulation, found: Carried) -> tuple[Label, ...]:
    """Why output falls where it does, where it does not move at all, and by what it could."""
    if "output" not in set(found.moves.outcome) or not reached(of, "output"):
        return ()
    still = [
        label
        for scenario, label in labels(of).items()
        if all(most(found, scenario, "output", side) is None for side in SIDES)
    ]
    told = (words.label("report.if.still", names=quoted(still)),) if still else ()
    return (*fallen(of, found, "output"), *told, *_ways(of.posterior))


def _ways(posterior: pd.DataFrame) -> tuple[Label, ...]:
    """By what small elasticities output answers data and adoption, as the panel has left them."""
    mean = posterior.set_index("parameter")["mean"]
    if not set(WAYS) <= set(mean.index):
        return ()
    return (words.label("report.if.ways", **{name: words.number(float(mean[name]), 3) for name in WAYS}),)


def table(m: Material, of: Simulation, found: Carried) -> Table | None:
    """A row a scenario: what raises and what lowers output and emissions most."""
    names = [name for name in MOVED if name in set(found.moves.outcome)]
    if not names:
        return None
    columns = [column("if_scenario", "label", head=True)]
    for name in names:
        for side in SIDES:
            label = words.label(f"report.if.moved_{side}", name=outcome(name))
            columns.append(column(f"if_{side}_{name}", "label", label=words.heading(label)))
    none = Label(words.DASH, words.DASH)
    rows: list[tuple[Cell, ...]] = [
        (label, *(words.heading(most(found, scenario, name, side) or none) for name in names for side in SIDES))
        for scenario, label in labels(of).items()
    ]
    title = words.label("report.table.simulate_moved", year=of.plan.years[-1])
    note = words.label("report.note.simulate_moved")
    return Table("simulate_moved", title, tuple(columns), tuple(rows), (note, *m.coverage))
