"""What a design refuses: costs that are none, objectives that no study can tell, places and years that are not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from design.worlds import ask, lever, options, regions
from refusals.call import Call
from simulate.runs import start

from zhiyu.design import levers, objectives, places
from zhiyu.design.choice import DesignChoice, ObjectiveChoice
from zhiyu.design.costs import stated
from zhiyu.design.frame import Given, framed

TWO = options(lever("a", RD=1.0), lever("b", sec=1.0))


def costs(*lines: str) -> Callable[[Path], object]:
    def read(folder: Path) -> object:
        path = folder / "costs.csv"
        path.write_text("\n".join(("measure,place,cost", *lines)) + "\n", encoding="utf-8")
        return stated(TWO, np.ones(6), path)

    return read


def wanted(*names: str, outcome: str = "") -> Callable[[Path], object]:
    own = (ObjectiveChoice(id="own", outcome=outcome).objective,) if outcome else ()
    return lambda _: objectives.chosen(names, own, start())


def budgeted(_: Path) -> object:
    given = Given(start(), None, regions(), (), start().year + 3, 0, "two")  # type: ignore[arg-type]
    return framed(given, DesignChoice(outside=True, budget={"years": {2099: 1.0}}))  # type: ignore[arg-type]


DESIGN_CALLS = [
    Call("cost_missing", costs("a,,1"), "costs.csv|b|Add a row", "costs.csv|b|补一行"),
    Call("cost_not_above_zero", costs("a,,-1"), "row 2|-1|above zero", "第 2 行|-1|大于零"),
    Call("cost_measure", costs("aa,,1"), 'row 2|"aa"|zhiyu show measures', "第 2 行|“aa”|zhiyu show measures"),
    Call("cost_place", costs("a,lfet,1"), '"lfet"|left, right', "“lfet”|left, right"),
    Call("cost_twice", costs("a,,1", "a,,1"), 'row 3|"a"|Remove one', "第 3 行|“a”|删去"),
    Call("objective_unseen", wanted("jobs"), '"jobs"|people at work|skills', "“jobs”|就业|skills"),
    Call("objective_unknown", wanted("groth"), '"groth"|growth, equity', "“groth”|growth, equity"),
    Call("objective_none", wanted(), "no objective|output", "没有任何|output"),
    Call("objective_outcome", wanted("own", outcome="jobs"), '"own"|"jobs"|output', "“own”|“jobs”|output"),
    Call("design_no_groups", lambda _: places.sites(regions(), "group"), "[regions] groups|State groups", "写明groups"),
    Call(
        "design_no_group",
        lambda _: places.sites(regions(), "group", "three"),
        '6 regions|"three"|region 00',
        "6个地区|“three”|地区00",
    ),
    Call("design_no_measures", lambda _: levers.levers(()), "no measures|outside = true", "不含措施|outside = true"),
    Call(
        "design_levels", lambda _: ask(TWO, "growth", futures=2)(np.ones((1, 3))), "(1, 3)|4 options", "(1, 3)|4个选项"
    ),
    Call("budget_year", budgeted, "2099|[design] start", "2099|[design] start"),
]
