"""Options over the small world of `simulate.runs`: six regions in two groups."""

from functools import cache

import numpy as np
from simulate.runs import MEASURES, YEARS, many, start

from zhiyu.data.regions import Group, Region, Regions
from zhiyu.design import levers, objectives, places, response
from zhiyu.design.levers import Lever, Options
from zhiyu.design.response import Evaluator
from zhiyu.terms import Label

GROUPS = ("left", "left", "left", "right", "right", "right")
FIRST = start().year + 1
LAGGING = np.array([True, False, False, True, False, False])


@cache
def regions() -> Regions:
    names = [Label(f"地区{code}", f"region {code}") for code in start().codes]
    rows = tuple(
        Region(code, name, name, groups=(("two", group),))
        for code, name, group in zip(start().codes, names, GROUPS, strict=True)
    )
    groups = (Group("two", "left", Label("左", "left"), 1), Group("two", "right", Label("右", "right"), 2))
    return Regions("small", rows, groups)


def lever(name: str = "own", overlaps: tuple[str, ...] = (), **weights: float) -> Lever:
    return Lever(name, Label(name, name), weights, "", "D", overlaps, True, Label("", ""))


def options(*of: Lever, how: str = "group", years: tuple[int, ...] = (FIRST,)) -> Options:
    return levers.options(of or levers.levers(MEASURES), places.sites(regions(), how, "two"), years, LAGGING)


def ask(of: Options, *names: str, futures: int = 12, years: int = YEARS, when: str = "horizon", **how) -> Evaluator:
    wanted = objectives.chosen(names or None, (), start())
    counts = objectives.year_weights(when, years)
    return response.evaluator(start(), many(futures, 3), of, wanted, counts, **how)


def level(of: Options, *held: tuple[str, str, float]) -> np.ndarray:
    """(1, option) levels of (lever, place, level)."""
    found = np.zeros((1, len(of)))
    for lever_, place, x in held:
        (k,) = [k for k, row in enumerate(of.rows) if (row.lever, row.place) == (lever_, place)]
        found[0, k] = x
    return found
