"""Symbols in the place of arrays: what computes with them leaves the formula behind, as a tree of what was done.

The equations of the model are written once, for whatever adds and multiplies. Run on symbols they print themselves
(`told`), show who moves whom (`graph`), and are handed on to another simulator (`export`).

Equal formulas are one object, so that what is computed twice is known to be the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any
from weakref import WeakValueDictionary

import numpy as np

Numbers = Mapping[Hashable, Any]
BINDING = {"+": 1, "-": 1, "*": 2, "/": 2, "neg": 2, "^": 3}  # how tightly an operator holds its operands
FUNCTIONS = ("exp", "log", "maximum", "minimum", "abs", "where", "sum", "max")


@dataclass(frozen=True, eq=False)
class Expr:
    """A formula.

    op : number, name, table, an operator of `BINDING`, or a function: exp, log, maximum, minimum, abs, where; sum and
    max over the regions; spread, a matrix times the regions. args : what it is of; what : the number, the name, or the
    array; regional : whether regions differ in it.
    """

    op: str
    args: tuple[Expr, ...] = ()
    what: Any = None
    regional: bool = False

    __array_ufunc__ = None  # an array on the left leaves the operation to the symbol

    @property
    def shape(self) -> tuple[Expr, ...]:
        """Arrays are asked how many regions they hold; a symbol has a symbol for it."""
        return (REGIONS,)

    def __add__(self, other: Any) -> Expr:
        return _sum(self, lift(other))

    def __radd__(self, other: Any) -> Expr:
        return _sum(lift(other), self)

    def __sub__(self, other: Any) -> Expr:
        return _difference(self, lift(other))

    def __rsub__(self, other: Any) -> Expr:
        return _difference(lift(other), self)

    def __mul__(self, other: Any) -> Expr:
        return _product(self, lift(other))

    def __rmul__(self, other: Any) -> Expr:
        return _product(lift(other), self)

    def __truediv__(self, other: Any) -> Expr:
        return _ratio(self, lift(other))

    def __rtruediv__(self, other: Any) -> Expr:
        return _ratio(lift(other), self)

    def __pow__(self, other: Any) -> Expr:
        return made("^", self, lift(other))

    def __neg__(self) -> Expr:
        return self.args[0] if self.op == "neg" else number(-self.what) if self.op == "number" else made("neg", self)

    def __abs__(self) -> Expr:
        return made("abs", self)

    def __invert__(self) -> Expr:
        return number(1.0 - self.what)  # only of numbers: whether a cell is there is no formula

    def __or__(self, other: Expr) -> Expr:
        return number(max(self.what, other.what))

    def __getitem__(self, _: Any) -> Expr:
        return self  # axes are added and dropped without a trace

    def sum(self, axis: int = -1, keepdims: bool = True) -> Expr:
        """Sum over the regions."""
        return made("sum", self) if self.regional else self * REGIONS


_MADE: WeakValueDictionary[Hashable, Expr] = WeakValueDictionary()


def made(op: str, *args: Expr, what: Any = None, regional: bool | None = None, key: Hashable = None) -> Expr:
    """The one formula of these parts."""
    over = op in ("sum", "max")
    there = (any(arg.regional for arg in args) and not over) if regional is None else regional
    identity = (op, args, what if key is None else key, there)
    if identity not in _MADE:
        new = Expr(op, args, what, there)
        _MADE[identity] = new
        return new
    return _MADE[identity]


def number(x: float) -> Expr:
    """A constant."""
    return made("number", what=float(x))


def name(what: Hashable, regional: bool = False) -> Expr:
    """A symbol."""
    return made("name", what=what, regional=regional)


def table(x: np.ndarray) -> Expr:
    """Constants (region,), or a number where they are all the same."""
    if x.size != x.shape[-1]:
        raise TypeError(f"no constants of regions: shape {x.shape}")
    flat = np.asarray(x, dtype=float).reshape(-1)
    if (flat == flat[0]).all():
        return number(flat[0])
    return made("table", what=flat, regional=True, key=flat.tobytes())


def lift(x: Any) -> Expr:
    """A symbol of whatever an equation computes with."""
    if isinstance(x, Expr):
        return x
    if isinstance(x, np.ndarray) and x.ndim:
        return table(x)
    return number(float(x))


REGIONS = name("regions")  # how many there are


class Algebra:
    """The functions of numpy that equations use, on symbols."""

    @staticmethod
    def asarray(x: Any) -> Expr:
        return lift(x)

    @staticmethod
    def exp(x: Any) -> Expr:
        return number(1.0) if _is(lift(x), 0.0) else made("exp", lift(x))

    @staticmethod
    def log(x: Any) -> Expr:
        return made("log", lift(x))

    @staticmethod
    def maximum(x: Any, y: Any) -> Expr:
        return made("maximum", lift(x), lift(y))

    @staticmethod
    def minimum(x: Any, y: Any) -> Expr:
        return made("minimum", lift(x), lift(y))

    @staticmethod
    def isfinite(_: Any) -> Expr:
        return number(1.0)  # a run holds a number in every cell

    @staticmethod
    def where(there: Any, x: Any, y: Any) -> Expr:
        chosen, yes, no = lift(there), lift(x), lift(y)
        if chosen.op == "number":
            return yes if chosen.what else no
        return made("where", chosen, yes, no)

    @staticmethod
    def max(x: Any, axis: int = -1, keepdims: bool = True) -> Expr:
        return made("max", lift(x)) if lift(x).regional else lift(x)

    @staticmethod
    def einsum(how: str, x: Any, matrix: np.ndarray | None = None) -> Expr:
        if how == "...i->...":
            return lift(x).sum()
        if how == "...j,ij->...i" and matrix is not None:
            return made("spread", lift(x), what=matrix, regional=True, key=matrix.tobytes())
        raise TypeError(f"no symbol for {how}")


def evaluate(of: Expr, numbers: Numbers) -> Any:
    """The formula's value: arrays (..., region) or numbers for its names.

    Raises
    ------
    KeyError
        For a name without a number.
    """
    known: dict[Expr, Any] = {}

    def value(expr: Expr) -> Any:
        if expr not in known:
            known[expr] = _value(expr, [value(arg) for arg in expr.args], numbers)
        return known[expr]

    return value(of)


def names(of: Expr) -> list[Hashable]:
    """The names in a formula, in order of appearance, each once."""
    return list(dict.fromkeys(expr.what for expr in uses(of) if expr.op == "name"))


def uses(of: Expr) -> Counter[Expr]:
    """How often each formula within a formula is used."""
    found: Counter[Expr] = Counter()

    def count(expr: Expr) -> None:
        found[expr] += 1
        if found[expr] == 1:
            for arg in expr.args:
                count(arg)

    count(of)
    return found


def infix(of: Expr, leaf: Callable[[Expr], str | None], signs: Mapping[str, str], least: int = 0) -> str:
    """A formula as text.

    Parameters
    ----------
    leaf : text of what is not looked into, None for the rest; signs : operator or function -> how it is written;
        least : how tightly what stands around it holds it
    """
    text = leaf(of)
    if text is not None:
        return text
    if of.op not in BINDING:
        return f"{signs[of.op]}({', '.join(infix(arg, leaf, signs) for arg in of.args)})"
    hold = BINDING[of.op]
    if of.op == "neg":
        text = f"{signs['-'].strip()}{infix(of.args[0], leaf, signs, hold)}"
        hold = 1  # a leading minus is as loose as a difference
    else:
        # a chain reads from the left; powers do not chain
        left, right = of.args
        head = infix(left, leaf, signs, hold + (of.op == "^"))
        text = f"{head}{signs[of.op]}{infix(right, leaf, signs, hold + (of.op in '-/^'))}"
    return f"({text})" if hold < least else text


def _value(expr: Expr, args: list[Any], numbers: Numbers) -> Any:
    if expr.op == "name":
        return numbers[expr.what]
    if expr.op in ("number", "table"):
        return expr.what
    if expr.op == "spread":
        return np.einsum("...j,ij->...i", args[0], expr.what)
    return _DOES[expr.op](*args)


_DOES: dict[str, Callable[..., Any]] = {
    "+": lambda x, y: x + y,
    "-": lambda x, y: x - y,
    "*": lambda x, y: x * y,
    "/": lambda x, y: x / y,
    "^": lambda x, y: x**y,
    "neg": lambda x: -x,
    "exp": np.exp,
    "log": np.log,
    "abs": np.abs,
    "maximum": np.maximum,
    "minimum": np.minimum,
    "where": np.where,
    "sum": lambda x: np.sum(x, axis=-1, keepdims=True),
    "max": lambda x: np.max(x, axis=-1, keepdims=True),
}


def _is(x: Expr, value: float) -> bool:
    return x.op == "number" and x.what == value


def _folded(op: str, x: Expr, y: Expr) -> Expr | None:
    return number(_DOES[op](x.what, y.what)) if x.op == y.op == "number" else None


def _sum(x: Expr, y: Expr) -> Expr:
    if _is(x, 0.0) or _is(y, 0.0):
        return y if _is(x, 0.0) else x
    if y.op == "neg":
        return made("-", x, y.args[0])
    return _folded("+", x, y) or made("+", x, y)


def _difference(x: Expr, y: Expr) -> Expr:
    if _is(x, 0.0) or _is(y, 0.0):
        return -y if _is(x, 0.0) else x
    if x is y:
        return number(0.0)
    if y.op == "neg":
        return made("+", x, y.args[0])
    return _folded("-", x, y) or made("-", x, y)


def _product(x: Expr, y: Expr) -> Expr:
    if _is(x, 0.0) or _is(y, 0.0):
        return number(0.0)
    if _is(x, 1.0) or _is(y, 1.0):
        return y if _is(x, 1.0) else x
    if (x.op == "neg") != (y.op == "neg"):
        return -_product(*(part.args[0] if part.op == "neg" else part for part in (x, y)))
    return _folded("*", x, y) or made("*", x, y)


def _ratio(x: Expr, y: Expr) -> Expr:
    if _is(x, 0.0) or _is(y, 1.0):
        return x
    return _folded("/", x, y) or made("/", x, y)
