"""What a run of the model refuses: other data than planned for, names that there are not, loops that explode."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pyarrow.parquet as pq
from refusals.call import Call
from simulate.runs import SATELLITE, YEARS, held, many, plan, posterior, seen, start

from zhiyu.simulate import model
from zhiyu.simulate.draws import Draws
from zhiyu.simulate.ensemble import simulate
from zhiyu.simulate.export import exported
from zhiyu.simulate.members import members


def later() -> object:
    asked = plan({})
    return replace(asked, years=tuple(year + 1 for year in asked.years))


def explosive() -> object:
    """Compute that returns a hundred times what it is given."""
    return [replace(p, low=100.0, high=200.0) if p.name == "compute_to_patents" else p for p in SATELLITE]


def altered() -> Draws:
    """Draws in a file that says another hash than theirs."""
    table = pq.read_table(io.BytesIO(posterior().draw(2, 1).parquet()))
    buffer = io.BytesIO()
    pq.write_table(table.replace_schema_metadata({**table.schema.metadata, b"zhiyu.hash": b"0" * 64}), buffer)
    return Draws.from_parquet(buffer.getvalue())


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
        "members_few",
        lambda _: simulate(seen(), posterior(), plan({}), draws=0),
        "0 members|one at least|1000",
        "成员数为0|至少要一个",
    ),
    Call(
        "members_many",
        lambda _: simulate(seen(), posterior(), plan({}), draws=10**10),
        "10000000000 members|GB|Lower `draws`",
        "10000000000个成员|GB|draws",
    ),
    Call(
        "trajectory_unbounded",
        lambda _: simulate(seen(), posterior(), plan({}, output=np.full((2, YEARS, 6), 100.0)), draws=2),
        "2011|states.csv|shocks",
        "2011年|states.csv|冲击",
    ),
    Call(
        "unknown_member",
        lambda _: exported(seen(), posterior(), plan({}), "baseline", member=20, draws=20),
        "no member 20|0 to 19",
        "编号为20|0至19",
    ),
    Call("draws_file", lambda _: Draws.from_parquet(b"abc"), "Zhiyu wrote|members.parquet", "Zhiyu|members.parquet"),
    Call("draws_altered", lambda _: altered(), "hash|altered", "校验值|改动"),
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
