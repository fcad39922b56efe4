"""Who moves whom: the causal graph of the model and its loops, taken from the equations themselves.

An arrow is there where an equation looks at another state; its sign is that of the equation's derivative, at the
priors' middle and in a year in which all parts of the theory are at work. An arrow that multiplies a coefficient has no
sign of its own: it lets another arrow act more or less strongly.
"""

from __future__ import annotations

import csv
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from math import cos, pi, sin
from pathlib import Path
from typing import Any

import numpy as np

from zhiyu.simulate import looks
from zhiyu.simulate.base import PAIRS
from zhiyu.simulate.channels import channels
from zhiyu.simulate.looks import Look
from zhiyu.simulate.observe import COUPLINGS, STATES
from zhiyu.simulate.parameters import GRADES, Parameter, read
from zhiyu.simulate.satellite import COUPLINGS as OF_THEORY
from zhiyu.simulate.satellite import STATES as THEORY
from zhiyu.simulate.symbols import Expr, evaluate, name, names
from zhiyu.terms import Label, label

TABLE = Path(__file__).parent / "states.csv"
LONGEST = 4  # arrows of a loop that is listed
STEP = 1e-6
MEASURES = "measures."  # before a channel's name, which may be a state's
# a year in which every part of the theory acts: use and exposure rise, skills lag behind the need of them
YEARLY = {"growth": 0.05, "grown": 0.05, "level": 0.5, "gap": 0.1, "spill": 0.1, "since": 0.05, "index": 0.6}
YEARLY |= {"parted": 0.1, "pace": 0.05, "lead": 0.5, "lever": 0.2, "lever_before": 0.1, "years": 5.0, "share": 0.4}
KEPT = {"compute": 0.3, "energy": 0.02, "exposure": 0.2, "risk": 0.3, "incidents": 0.3, "governance": 0.4}
KEPT |= {"mismatch": 0.2, "use": 0.36}


@dataclass(frozen=True)
class Node:
    """A state of the core or of the satellite, or a channel of measures (layer "lever", id `measures.NAME`).

    logic : of the theory's four, "" for none
    """

    id: str
    layer: str
    logic: str
    label: Label


@dataclass(frozen=True)
class Edge:
    """source moves target.

    coupling : term by which, which can be switched off by this name, "" within the satellite; parameters : in the term;
    grade : the weakest of theirs; sign : of the effect, 0 where it has none of its own; neighbours : it comes from the
    neighbours; logic : of the theory's four that the arrow stands for, "" for none
    """

    source: str
    target: str
    coupling: str
    parameters: tuple[str, ...]
    layer: str
    grade: str
    sign: int
    neighbours: bool
    logic: str


@dataclass(frozen=True)
class Loop:
    """A way around: nodes in order; sign 1 reinforces, -1 balances, 0 is not determined; logics on the way."""

    nodes: tuple[str, ...]
    sign: int
    logics: tuple[str, ...]


@dataclass(frozen=True)
class Graph:
    """The causal graph."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]

    def loops(self, longest: int = LONGEST) -> tuple[Loop, ...]:
        """Ways around of two to `longest` arrows, each once, the shortest first."""
        known = {node.id: k for k, node in enumerate(self.nodes)}
        between: dict[tuple[str, str], list[Edge]] = {}
        for edge in self.edges:
            between.setdefault((edge.source, edge.target), []).append(edge)
        ahead: dict[str, list[str]] = {}
        for source, target in between:
            ahead.setdefault(source, []).append(target)
        found = [way for start in known for way in _ways(start, ahead, known, longest)]
        return tuple(sorted((_loop(way, between) for way in found), key=lambda loop: len(loop.nodes)))

    def plain(self) -> dict[str, list[dict[str, Any]]]:
        """Nodes, edges and loops as plain data, ready for JSON."""
        return {
            "nodes": [asdict(node) for node in self.nodes],
            "edges": [asdict(edge) for edge in self.edges],
            "loops": [asdict(loop) for loop in self.loops()],
        }

    def layout(self) -> Mapping[str, tuple[float, float]]:
        """Node -> place, from -1 to 1: the core on the outer ring by logic, the satellite on the inner.

        Without measures, and without states that nothing moves and that move nothing but themselves.
        """
        joined = {end for edge in self.edges if edge.source != edge.target for end in (edge.source, edge.target)}
        drawn = [node for node in self.nodes if node.id in joined]
        order = list(dict.fromkeys(node.logic for node in drawn))
        core = sorted((node for node in drawn if node.layer == "core"), key=lambda node: order.index(node.logic))
        rings = ((1.0, core), (0.5, [node for node in drawn if node.layer == "satellite"]))
        return {
            node.id: (radius * sin(2 * pi * k / len(ring)), radius * cos(2 * pi * k / len(ring)))
            for radius, ring in rings
            for k, node in enumerate(ring)
        }


@cache
def causal() -> Graph:
    """The causal graph of core, satellite and measures."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = {row["id"]: row for row in csv.DictReader(file)}
    nodes = [Node(state, "core", rows[state]["logic"], Label(rows[state]["zh"], rows[state]["en"])) for state in STATES]
    nodes += [Node(state, "satellite", "", label(f"simulate.outcome.{state}")) for state in THEORY]
    nodes += [Node(MEASURES + channel.id, "lever", "", channel.label) for channel in channels()]
    return Graph(tuple(nodes), tuple(dict.fromkeys((*_core(), *_theory(), *_couplings()))))


def _core() -> Iterator[Edge]:
    for state, terms in looks.core().items():
        for parameter, term in terms.items():
            whole = name(parameter) * term if parameter else term
            yield from _arrows(whole, state, parameter, "core")


def _theory() -> Iterator[Edge]:
    for state, whole in looks.theory().items():
        yield from _arrows(whole, state, "", "satellite")


def _couplings() -> Iterator[Edge]:
    found = looks.couplings()
    states = {parameter.name: parameter.state for parameter in read()}
    for coupling, (parameter, factor) in found.multipliers.items():
        yield from _arrows(factor, states[parameter], coupling, "satellite", signed=False)
    for coupling, (state, added) in {**found.additions, **found.pulls}.items():
        if coupling in OF_THEORY:
            yield from _arrows(added, state, coupling, "satellite")
        else:  # what a measure acts through has an arrow already
            yield from _arrows(added, state, coupling, "lever")


def _arrows(whole: Expr, target: str, coupling: str, layer: str, signed: bool = True) -> Iterator[Edge]:
    """Arrows to `target` from all that a formula looks at."""
    about = {parameter.name: parameter for parameter in read()}
    used = [about[what] for what in names(whole) if isinstance(what, str) and what in about]
    carried = about.get(OF_THEORY.get(coupling, coupling))
    grade = carried.grade if carried else max((one.grade for one in used), key=GRADES.index, default="D")
    found: dict[tuple[str, bool], float] = {}
    for look in _seen(whole, bool(coupling)):
        slope = _slope(whole, look)
        for source, way in _sources(look):
            key = (source, look.kind == "spill")
            found[key] = found.get(key, 0.0) + way * slope
    for (source, neighbours), slope in found.items():
        sign = int(np.sign(slope)) if signed and abs(slope) > STEP else 0
        logic = next((logic for logic, terms in COUPLINGS.items() if coupling in terms), "")
        parameters = tuple(one.name for one in used)
        if source.startswith(MEASURES):
            yield Edge(source, target, coupling, parameters, "lever", "D", sign, False, "")
        elif layer != "lever":
            yield Edge(source, target, coupling, parameters, layer, grade, sign, neighbours, logic)


def _seen(whole: Expr, coupling: bool) -> list[Look]:
    """What an arrow can come from: not the level a change starts from, nor what a state of the satellite scales."""
    there = [look for look in names(whole) if isinstance(look, Look)]
    held = [look for look in there if look.kind != "lever_before" or Look("lever", look.state) not in there]
    return [look for look in held if look.kind == "memory"] or held if coupling else held


def _sources(look: Look) -> Iterator[tuple[str, int]]:
    """States that a look sees, and whether it rises or falls in them; nothing is seen in what the base year fixed."""
    if look.kind in ("years", "share", "pace", "lead") or look.of == "base" or look.state.endswith("_base"):
        return
    if look.kind.startswith("lever"):
        yield MEASURES + look.state, 1
        return
    state = look.state.removesuffix("_growth") if look.kind == "memory" else look.state
    for one in PAIRS.get(state, (state,)):
        yield one, 1
    if look.kind == "gap" and look.of:
        yield look.of, -1


def _slope(whole: Expr, look: Look) -> float:
    """Change of a formula with what it looks at, in the typical year."""
    at = {what: _typical(what) for what in names(whole)}
    up, down = (float(np.asarray(evaluate(whole, {**at, look: at[look] + step}))) for step in (STEP, -STEP))
    return (up - down) / (2 * STEP)


def _typical(what: Hashable) -> float:
    if isinstance(what, Look):
        if what.kind != "memory":
            return YEARLY[what.kind] - 0.1 * (what.of == "base")
        state = what.state.removesuffix("_base").removesuffix("_growth")
        if what.state.endswith("_growth"):
            return 0.02
        return KEPT[state] * (1.1 if what.of == "next" else 0.9 if what.state.endswith("_base") else 1.0)
    return _middle({parameter.name: parameter for parameter in read()}[str(what)])


def _middle(parameter: Parameter) -> float:
    """Of the prior; one that may have either sign has none."""
    if parameter.mean is not None:
        return parameter.mean
    return ((parameter.low or 0.0) + (parameter.high or 0.0)) / 2


def _ways(
    start: str, ahead: Mapping[str, list[str]], known: Mapping[str, int], longest: int
) -> Iterator[tuple[str, ...]]:
    """Ways from a node back to itself on which it stands first of all nodes."""
    open_ways: list[tuple[str, ...]] = [(start,)]
    while open_ways:
        way = open_ways.pop()
        for target in ahead.get(way[-1], ()):
            if target == start and len(way) > 1:
                yield way
            elif known[target] > known[start] and target not in way and len(way) < longest:
                open_ways.append((*way, target))


def _loop(way: tuple[str, ...], between: Mapping[tuple[str, str], list[Edge]]) -> Loop:
    sign, logics = 1, []
    for pair in zip(way, (*way[1:], way[0]), strict=True):
        edges = between[pair]
        signs = {edge.sign for edge in edges if edge.sign}
        sign *= signs.pop() if len(signs) == 1 else 0
        logics += [edge.logic for edge in edges if edge.logic]
    return Loop(way, sign, tuple(dict.fromkeys(logics)))
