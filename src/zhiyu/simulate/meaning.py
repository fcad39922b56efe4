"""What the numbers of a state are, told with a dataset: unit, names, formula, ceiling."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from zhiyu.data import formula
from zhiyu.terms import Label, label

if TYPE_CHECKING:
    from zhiyu.data.panel import Variable
    from zhiyu.simulate.observe import Observed

PLAIN = "1"  # the unit of a pure number


def unit_of(expression: str, variables: Mapping[str, Variable]) -> str:
    """The unit of a variable, of the quotient of two, or of a function of one; "" where it is not as simple."""
    return _unit(formula.parse(expression), variables)


def attributes(observed: Observed, name: str) -> dict[str, Any]:
    """What a variable of the model is: `long_name` in English and `long_name_zh`; of a state of the study's also its
    `units`, `formula` and `ceiling`, where these are known."""
    column = observed.columns.get(name)
    own = label(f"simulate.outcome.{name}")
    named = own if column is None else Label(column.label.zh or own.zh, column.label.en or own.en)
    found: dict[str, Any] = {"long_name": named.en, "long_name_zh": named.zh}
    if column is not None:
        found |= {"units": column.unit, "formula": column.formula, "ceiling": column.ceiling}
    elif name not in observed.states:
        found["units"] = PLAIN  # the satellite's: shares, indices, and compute over that of the base year
    return {key: value for key, value in found.items() if value not in ("", None)}


def as_shown(data: xr.Dataset, observed: Observed, seed: int) -> xr.Dataset:
    """Trajectories in which no state is above its ceiling, each with its attributes; changed in place, being large."""
    for name, ceiling in observed.ceilings.items():
        if name in data:
            values = data[name].values
            np.minimum(values, values.dtype.type(ceiling), out=values)
    for variable in data.values():
        variable.attrs |= attributes(observed, str(variable.name))
    data.attrs |= {"base_year": observed.years[-1], "seed": seed}
    return data


def _unit(tree: ast.expr, variables: Mapping[str, Variable]) -> str:
    if isinstance(tree, ast.Name):
        return variables[tree.id].unit
    if isinstance(tree, ast.Call):
        return PLAIN
    if isinstance(tree, ast.BinOp) and isinstance(tree.op, ast.Div):
        above, below = (_unit(side, variables) for side in (tree.left, tree.right))
        if not (above and below):
            return ""
        if above == below:
            return PLAIN
        return f"{above}/{below}" if below.isidentifier() else f"{above}/({below})"
    return ""
