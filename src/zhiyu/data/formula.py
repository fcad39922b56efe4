"""Derived indicators by arithmetic on variables: `tech_market_output_10k / gdp_100m`.

A formula is parsed, never evaluated as Python: numbers, names, + - * / ( ), and the functions of `FUNCTIONS`. Units
travel with the values, so that 万元 over 亿元 is a share and nominal over real money is refused.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

import numpy as np

from zhiyu.data import units
from zhiyu.terms import Refusal, suggestion

if TYPE_CHECKING:
    from zhiyu.data.units import Quantity

Array = np.ndarray[tuple[int, ...], np.dtype[np.float64]]
Counted = np.ndarray | slice  # which regions totals run over
EVERY = slice(None)


@dataclass(frozen=True)
class Value:
    """Numbers (region, year), or one number, with their unit; unit None = not stated, which no rule can check."""

    numbers: Array
    unit: Quantity | None


def share_of_total(value: Value, counted: Counted) -> Value:
    """x_it / sum_i x_it: each region's share of the year's total, so that a change of price base cancels."""
    return Value(value.numbers / np.nansum(value.numbers[counted], axis=0, keepdims=True), units.parse("1"))


def logarithm(value: Value, counted: Counted) -> Value:
    """ln x: natural logarithm; not defined at or below zero, which is refused."""
    for cell in np.argwhere(value.numbers <= 0):
        raise Refusal("log_of_nonpositive", cell=tuple(int(i) for i in cell))
    return Value(np.log(value.numbers), units.parse("1"))


ARITHMETIC = (
    *(ast.BinOp, ast.UnaryOp, ast.Name, ast.Load),
    *(ast.Add, ast.Sub, ast.Mult, ast.Div, ast.USub, ast.UAdd),
)
FUNCTIONS: dict[str, Callable[[Value, Counted], Value]] = {"share_of_total": share_of_total, "log": logarithm}


@lru_cache(maxsize=4096)
def parse(formula: str) -> ast.expr:
    """The formula's syntax tree, or a refusal naming what is not arithmetic."""
    try:
        tree = ast.parse(formula.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as trouble:
        raise Refusal("formula_syntax", formula=formula[:200], part=formula[:200]) from trouble
    for node in ast.walk(tree):
        if not _is_arithmetic(node):
            part = node if isinstance(node, ast.expr) else tree
            raise Refusal("formula_syntax", formula=formula, part=ast.unparse(part))
    return tree


def _is_arithmetic(node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        known = isinstance(node.func, ast.Name) and node.func.id in FUNCTIONS
        return known and len(node.args) == 1 and not node.keywords
    if isinstance(node, ast.Constant):
        number = node.value
        plain = isinstance(number, int | float) and not isinstance(number, bool)
        return plain and abs(number) < 1e300  # type: ignore[arg-type]  # 1e999 reads as inf
    return isinstance(node, ARITHMETIC)


@lru_cache(maxsize=4096)
def names(formula: str) -> frozenset[str]:
    """The variables a formula reads."""
    tree = parse(formula)
    functions = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    return frozenset(node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and id(node) not in functions)


def order(formulas: Mapping[str, str], variables: Iterable[str]) -> list[str]:
    """The formulas' names so that each stands after those it reads; refuses circles and unknown variables."""
    known = set(variables)
    graph: dict[str, set[str]] = {}
    for name, formula in formulas.items():
        for read in sorted(names(formula) - known - set(formulas)):
            raise Refusal(
                "formula_unknown_variable", formula=formula, name=read, hint=suggestion(read, known | set(formulas))
            )
        # a variable that has the formula's own name is the raw column, not the formula again
        graph[name] = {read for read in names(formula) if read in formulas and read not in known}
    try:
        return list(TopologicalSorter(graph).static_order())
    except CycleError as trouble:
        raise Refusal("formula_cycle", circle=" -> ".join(trouble.args[1])) from trouble


def evaluate(formula: str, variables: Mapping[str, Value], counted: Counted = EVERY) -> Value:
    """The formula's numbers and unit. A division by zero gives inf, for the caller, who knows the cell, to refuse.

    counted : (region,) the regions that totals run over, which an aggregate such as the EU is not
    """
    try:
        with np.errstate(divide="ignore", invalid="ignore"):
            return _walk(parse(formula), variables, counted)
    except RecursionError as trouble:
        raise Refusal("formula_syntax", formula=formula[:200], part=formula[:200]) from trouble


def convert(value: Value, unit: str) -> Array:
    """The numbers in `unit`; untouched where they are in it already or nothing is known of their unit."""
    if not unit or value.unit is None:
        return value.numbers
    wanted = units.parse(unit)
    by = 1.0 if value.unit is wanted else units.factor(value.unit, wanted)
    return value.numbers if by == 1.0 else value.numbers * by


def _walk(node: ast.AST, variables: Mapping[str, Value], counted: Counted) -> Value:
    if isinstance(node, ast.Constant):
        return Value(np.asarray(node.value, dtype=float), units.parse("1"))
    if isinstance(node, ast.Name):
        return variables[node.id]
    if isinstance(node, ast.UnaryOp):
        inner = _walk(node.operand, variables, counted)
        return Value(-inner.numbers, inner.unit) if isinstance(node.op, ast.USub) else inner
    if isinstance(node, ast.Call):
        return FUNCTIONS[ast.unparse(node.func)](_walk(node.args[0], variables, counted), counted)
    assert isinstance(node, ast.BinOp)
    left, right = (_walk(side, variables, counted) for side in (node.left, node.right))
    return _combine(node.op, left, right)


def _combine(operator: ast.operator, left: Value, right: Value) -> Value:
    """Two values by + - * /; what is computed from a value of unknown unit has no known unit either."""
    a, b = left.unit, right.unit
    if isinstance(operator, ast.Mult):
        return Value(left.numbers * right.numbers, None if a is None or b is None else a * b)
    if isinstance(operator, ast.Div):
        return Value(left.numbers / right.numbers, None if a is None or b is None else a / b)
    by = 1.0 if a is None or b is None else units.factor(b, a)
    sign = 1.0 if isinstance(operator, ast.Add) else -1.0
    return Value(left.numbers + sign * by * right.numbers, None if a is None or b is None else a)
