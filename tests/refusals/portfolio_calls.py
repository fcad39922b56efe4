"""What the search for portfolios refuses: rules that clash, floors that are not reached, gaps in a table."""

from __future__ import annotations

import numpy as np
from refusals.call import Call

from zhiyu.design.limits import Rules, budget, floor
from zhiyu.design.portfolio import best, table
from zhiyu.design.robust import Aim
from zhiyu.design.search import Effort, search
from zhiyu.terms import Label

GROWTH = Label("增长", "growth")
ONES = np.ones((3, 2, 1))
RULES = Rules(3, (budget(np.ones(3), 1.0),), (floor(0, 2.0, GROWTH),))
LOOSE = Rules(3, (budget(np.ones(3), 3.0),), (floor(0, 2.0, GROWTH),))


def half_as_much(levels: np.ndarray) -> np.ndarray:
    """A simulator that gives half of what its response table says."""
    return np.repeat(levels.sum(axis=1)[:, None, None] / 2, 2, axis=1)


PORTFOLIO_CALLS = [
    Call(
        "design_infeasible",
        lambda _: best(table(ONES), RULES, Aim(np.ones(1))),
        "budget 1; mean of growth at least 2|(by 1)",
        "预算 1；增长的均值不低于 2|需放宽 1",
    ),
    Call(
        "design_response",
        lambda _: table(np.full((2, 2, 1), np.nan)),
        "4 numbers",
        "4 个数",
    ),
    Call(
        "design_floors",
        lambda _: search(half_as_much, ONES, LOOSE, 1, Effort(1, 0, 1, 1, 4, 2)),
        "mean of growth at least 2 (the nearest reaches 1.5)",
        "增长的均值不低于 2（最接近的达到 1.5）",
    ),
]
