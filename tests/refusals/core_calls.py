"""What the core of the model refuses: its table of parameters, a study's table of states, and years without data."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from refusals.call import Call
from support import small_panel

from zhiyu.simulate import parameters
from zhiyu.simulate.observe import Column, observe, read_columns
from zhiyu.terms import Label

HEADER = ",".join(parameters.COLUMNS)
ROW = "a,core,output,α,1,0.4,0.08,,,A,来源,source,甲,first"
PANEL = small_panel({"gdp": np.ones((2, 3))}, range(2010, 2013))


def table(*lines: str) -> object:
    def read(folder: Path) -> object:
        path = folder / "parameters.csv"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return parameters.read(path)

    return read


def states(*lines: str) -> object:
    def read(folder: Path) -> object:
        path = folder / "states.csv"
        path.write_text("\n".join(("state,formula,unit,first,ceiling", *lines)) + "\n", encoding="utf-8")
        return read_columns(path)

    return read


def seen(formula: str, until: int | None = None) -> object:
    return lambda _: observe(PANEL, [Column("output", formula, "", None, Label("甲", "a"))], until=until)


def capped(_: Path) -> object:
    """A state above its ceiling."""
    return observe(PANEL, [Column("output", "gdp", "", None, Label("甲", "a"), ceiling=0.5)])


CORE_CALLS = [
    Call("parameters_columns", table(HEADER.replace(",sd", ""), ROW), "parameters.csv|sd", "parameters.csv|sd"),
    Call("parameter_twice", table(HEADER, ROW, ROW), '"a"|Remove one', "“a”|删去"),
    Call("parameter_unknown_word", table(HEADER, ROW.replace(",A,", ",E,")), 'row 2|"E"|A, B', "第 2 行|“E”|A, B"),
    Call("parameter_prior", table(HEADER, ROW.replace("0.08", "-1")), 'row 2|"a"|not negative', "第 2 行|“a”|非负"),
    Call("unknown_state", states("outptu,gdp,,,"), "states.csv|outptu|output", "states.csv|outptu|output"),
    Call("state_twice", states("output,gdp,,,", "output,gdp,,,"), '"output"|remove one', "“output”|删去"),
    Call("bad_ceiling", states("output,gdp,,,-1"), 'states.csv|ceiling|"-1"|100 for', "states.csv|ceiling|“-1”|100"),
    Call("above_ceiling", capped, '2010|"output" is 1, above its ceiling of 0.5', "2010|高于其上限0.5"),
    Call(
        "states_none",
        seen("nothing"),
        "no state of the model|output: The panel lacks these variables: nothing|carbon",
        "任何状态|output：面板没有这些变量：nothing|carbon",
    ),
    Call("states_no_year", seen("gdp", 2009), "2009|2010", "2009|2010"),
]
