"""What a run of the model refuses: other data than planned for, names that there are not, loops that explode."""

from __future__ import annotations

from dataclasses import replace

from refusals.call import Call
from simulate.runs import SATELLITE, held, many, plan, posterior, seen, start

from zhiyu.simulate import model
from zhiyu.simulate.ensemble import simulate
from zhiyu.simulate.members import members


def later() -> object:
    asked = plan({})
    return replace(asked, years=tuple(year + 1 for year in asked.years))


def explosive() -> object:
    """Compute that returns a hundred times what it is given."""
    return [replace(p, low=100.0, high=200.0) if p.name == "compute_to_patents" else p for p in SATELLITE]


ENSEMBLE_CALLS = [
    Call(
        "unknown_coupling",
        lambda _: model.prepare(start(), many(), held(), 1, off=["warm_dta"]),
        '"warm_dta"|warm_data|Write one of',
        "“warm_dta”|warm_data|写其中之一",
    ),
    Call(
        "unknown_trajectory",
        lambda _: simulate(seen(), posterior(), plan({}), draws=2, kept=["outptu"]),
        '"outptu"|output|Write one of',
        "“outptu”|output|写其中之一",
    ),
    Call(
        "plan_other",
        lambda _: simulate(seen(), posterior(), later(), draws=2),
        "2011|2010|anew",
        "2011|2010|重新",
    ),
    Call(
        "ensemble_unstable",
        lambda _: members(posterior(), explosive(), 5, 0),
        "0.0%|adoption|compute_to_patents",
        "0.0%|应用|compute_to_patents",
    ),
]
