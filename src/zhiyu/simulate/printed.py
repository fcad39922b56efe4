"""The model's equations as text, printed from the functions that compute them: no formula is written a second time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from typing import Any

from zhiyu.simulate import looks
from zhiyu.simulate.looks import Look
from zhiyu.simulate.parameters import Parameter, read
from zhiyu.simulate.satellite import COUPLINGS
from zhiyu.simulate.symbols import Expr, infix, name, names, uses

STATE = {
    "researchers": "H",
    "students": "S",
    "institutions": "I",
    "data": "D",
    "patents": "Pat",
    "papers": "EI",
    "adoption": "U",
    "platform": "P",
    "telecom": "Tel",
    "mobile": "Mob",
    "broadband": "BB",
    "capital": "K",
    "output": "Y",
    "hightech": "Xh",
    "software": "Xs",
    "carbon": "CO₂",
    "capability": "A",
    "skills": "HS",
    "compute": "C",
    "energy": "e",
    "exposure": "x",
    "risk": "R",
    "incidents": "N",
    "governance": "G",
    "mismatch": "M",
    "use": "u",
}
LOOKS = {
    "growth": "g({})",
    "grown": "g₋₁({})",
    "level": "{}",
    "gap": "d({})",
    "spill": "d(W {0} − {0})",
    "since": "Δ({})",
    "index": "σ({})",
    "parted": "d(Δ({}))",
    "pace": "ḡ({})",
    "lead": "lead",
    "lever": "m_{}",
    "lever_before": "m₋₁_{}",
    "years": "t",
    "share": "s",
}
SIGNS = {"+": " + ", "-": " − ", "*": "·", "/": " / ", "^": "^", "neg": "−"}
SIGNS |= {"exp": "exp", "log": "ln", "maximum": "max", "minimum": "min", "abs": "abs"}

CHANGE = {"compute": "g(C)", "energy": "g(1 / (1 − e))"}  # of all energy, by compute's part in it
LEAVES, SUBSCRIPTS = ("name", "number", "table"), "₁₂₃₄₅₆₇₈₉"


@dataclass(frozen=True)
class Printed:
    """An equation: what it is of (a state or coupling), both its sides as text, and the parameters in it."""

    of: str
    layer: str
    left: str
    right: str
    where: tuple[str, ...]
    parameters: tuple[Parameter, ...]

    @property
    def lines(self) -> tuple[str, ...]:
        """left = right, and what stands for a part that occurs more than once."""
        return (f"{self.left} = {self.right}", *self.where)


def core() -> tuple[Printed, ...]:
    """Growth of each state of the core; μ national, μ_i a region's intercept, ε both shocks."""
    found = []
    for state, terms in looks.core().items():
        whole: Any = 0.0
        for parameter, term in terms.items():
            whole = whole + (name(parameter) * term if parameter else term)
        rest = "" if "" in terms else " + μ + μ_i + ε"
        found.append(_printed(state, "core", f"g({STATE[state]})", whole, rest))
    return tuple(found)


def theory() -> tuple[Printed, ...]:
    """Each state of the satellite after a year."""
    return tuple(_printed(state, "satellite", f"{_memory(state)}′", of) for state, of in looks.theory().items())


def couplings() -> tuple[Printed, ...]:
    """The terms by which the satellite moves the core: growth that is added, factors, and pulls on heads."""
    return tuple(one for one in _terms() if one.of in COUPLINGS)


def levers() -> tuple[Printed, ...]:
    """The terms by which measures move the core."""
    return tuple(one for one in _terms() if one.of not in COUPLINGS)


def symbol(parameter: str) -> str:
    """A parameter's symbol; it is unique within an equation."""
    return {row.name: row.symbol for row in read()}[parameter]


def written(of: Expr) -> tuple[str, ...]:
    """A formula as text, and below it what stands for each part that occurs more than once."""
    count = uses(of)
    parts = [expr for expr in count if count[expr] > 1 and expr.args and not all(arg.op in LEAVES for arg in expr.args)]
    titles = {expr: f"z{SUBSCRIPTS[k]}" for k, expr in enumerate(parts)}

    def leaf(expr: Expr, whole: Expr) -> str | None:
        return titles[expr] if expr in titles and expr is not whole else _leaf(expr)

    lines = [infix(one, partial(leaf, whole=one), SIGNS) for one in (of, *parts)]
    return (lines[0], *(f"{titles[one]} = {line}" for one, line in zip(parts, lines[1:], strict=True)))


def _terms() -> list[Printed]:
    found = looks.couplings()
    kinds = {}
    for key, (parameter, of) in found.multipliers.items():
        kinds[key] = (f"factor on {symbol(parameter)} of g({STATE[_state(parameter)]})", of)
    kinds |= {key: (f"added to g({STATE[state]})", of) for key, (state, of) in found.additions.items()}
    kinds |= {key: (f"pull on {STATE[state]}", of) for key, (state, of) in found.pulls.items()}
    return [_printed(key, "satellite", left, of) for key, (left, of) in kinds.items()]


def _state(parameter: str) -> str:
    return {row.name: row.state for row in read()}[parameter]


def _printed(of: str, layer: str, left: str, right: Expr, rest: str = "") -> Printed:
    used = [what for what in names(right) if isinstance(what, str)]
    rows = {row.name: row for row in read()}
    text, *where = written(right)
    return Printed(of, layer, left, text + rest, tuple(where), tuple(rows[what] for what in used))


def _leaf(expr: Expr) -> str | None:
    if expr.op == "number":
        return f"{expr.what:g}".replace("-", "−")
    if expr.op != "name":
        return None
    return _look(expr.what) if isinstance(expr.what, Look) else symbol(str(expr.what))


def _look(look: Look) -> str:
    if look.kind == "memory":
        return _memory(look.state) + ("′" if look.of else "")
    state = look.state if look.kind.startswith("lever") else STATE.get(look.state, "")
    if look.kind == "index" and look.of:
        return f"σ₀({state})"
    return LOOKS[look.kind].format(f"{state} − {STATE[look.of]}" if look.of else state)


def _memory(key: str) -> str:
    """ln C is what the model keeps of compute; others are kept as they are."""
    state = re.sub("_(growth|base)$", "", key)
    plain = "ln C" if state == "compute" else STATE[state]
    if key.endswith("_growth"):
        return CHANGE.get(state, f"Δ{plain}")
    return f"{plain}₀" if key.endswith("_base") else plain
