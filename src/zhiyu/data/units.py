"""Units of statistics: `100m yuan`, `10k person`, `count/(10k person)`, 亿元, 万人, %.

Multipliers of the trade (10k, 100m, 万, 亿) become factors; the algebra is pint's, over a registry of our few units.
Current and constant prices are different units, so a nominal value divided by a real one is refused, not reported.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, cast

from zhiyu.terms import Refusal

if TYPE_CHECKING:
    from pint import Quantity as PintQuantity
    from pint import UnitRegistry as PintRegistry

    Quantity = PintQuantity[float]
    UnitRegistry = PintRegistry[float]

BASE_UNITS = (
    "person = [people]",
    "yuan = [money]",
    "euro = [money_euro]",
    "dollar = [money_dollar]",
    "count = [count]",
    "day = [time]",
    "year = 365.25 * day",
    "person_year = person",  # full-time equivalents are heads at work, so that they divide by population
    "metre = [length]",
    "km = 1000 * metre",
    "km2 = km ** 2",
    "joule = [energy]",
    "kWh = 3.6e6 * joule",
    "tce = 2.93076e10 * joule",  # tonne of coal equivalent, GB/T 2589
    "W = joule / day * 86400",
    "t_CO2 = [carbon]",
    "index = []",  # a score: a pure number whose scale is its maker's
    "share = []",  # a pure number bound to [0, 1]
    "percent = 0.01",
)
CHINESE = {
    "亿": "1e8*",
    "百万": "1e6*",
    "万": "1e4*",
    "千": "1e3*",
    "百": "1e2*",
    "元": "yuan",
    "美元": "dollar",
    "人": "person",
    "户": "count",
    "件": "count",
    "个": "count",
    "家": "count",
    "项": "count",
    "篇": "count",
    "公里": "km",
    "千米": "km",
    "平方公里": "km2",
    "吨标准煤": "tce",
    "千瓦时": "kWh",
    "人年": "person_year",
}
# products and quotients of names and numbers; pint would read "yuan!", "[yuan]" and "yuan person" too
BEYOND_GRAMMAR = re.compile(r"[^\w.*/() ]|\*\*|[\w)] +[\w(]")
MULTIPLIER = re.compile(r"\b(\d+)(k|m)\b\s*")


@cache
def registry() -> UnitRegistry:
    """Our base units and nothing else. Money of a base year (`yuan2011`) is defined when first met."""
    from pint import UnitRegistry as Registry

    units: UnitRegistry = Registry(None, cache_folder=None)
    for line in BASE_UNITS:
        units.define(line)
    return units


def spell(unit: str) -> str:
    """A unit as written by people, as an expression pint reads: `100m yuan` -> `100*1e6*yuan`, 亿元 -> `1e8*yuan`."""
    expression = unit.strip().replace("（", "(").replace("）", ")").replace("／", "/").replace("％", "%")
    for word in sorted(CHINESE, key=len, reverse=True):
        expression = expression.replace(word, CHINESE[word])
    expression = MULTIPLIER.sub(lambda found: f"{found[1]}*{'1e3' if found[2] == 'k' else '1e6'}*", expression)
    expression = re.sub(r"(\d)\s+(?=[A-Za-z])", r"\1*", expression)
    return re.sub(r"\*(?=$|[)/])", "", expression.replace("%", "percent"))


@cache
def parse(unit: str) -> Quantity:
    """The unit as a pint quantity (its factor and its base units), or a refusal if it cannot be read."""
    units = registry()
    expression = spell(unit)
    if BEYOND_GRAMMAR.search(expression):
        raise Refusal("unknown_unit", unit=unit)
    for name in re.findall(r"\b(?:yuan|euro|dollar)\d{4}\b", expression):
        if name not in units:
            units.define(f"{name} = [money_{name}]")
    try:
        # every multiplier binds to the unit behind it, also after a division: yuan/10k person is yuan per 10k person
        bound = re.sub(r"/\s*(\d[\de.*]*\*\w+)", r"/(\1)", expression)
        found = cast("Quantity", 1.0 * units.parse_expression(bound))
        positive = 0 < found.to_base_units().magnitude < float("inf")
    except Exception as trouble:  # pint raises many kinds, from tokenizer errors to AttributeError
        raise Refusal("unknown_unit", unit=unit) from trouble
    if not positive:  # pint reads "nan", "0 yuan" and "-1 yuan" too
        raise Refusal("unknown_unit", unit=unit)
    return found


def factor(source: Quantity, target: Quantity) -> float:
    """The number that turns values in `source` units into `target` units; refuses units of different things."""
    ratio = source / target
    if not ratio.dimensionless:
        raise Refusal("unit_mismatch", found=f"{source.units:~}" or "1", wanted=f"{target.units:~}" or "1")
    return float(ratio.to_base_units().magnitude)
