"""The indicator tree: any depth; inner nodes group, leaves are formulas over a panel's variables."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from zhiyu.data import formula, units
from zhiyu.data.panel import Panel
from zhiyu.data.tables import decode
from zhiyu.terms import Label, Place, Refusal, suggestion

DIRECTIONS = {"1": 1, "+1": 1, "1.0": 1, "-1": -1, "-1.0": -1}  # as spreadsheets write them


@dataclass(frozen=True)
class Node:
    """One node. A leaf has a formula; direction 1 = more is better, -1 = less is better; low and high are goalposts.

    weight is the node's weight among its siblings, where the framework gives one. file is the study's own file that the
    node stands in, empty for the paper's.
    """

    id: str
    parent: str
    label: Label
    formula: str = ""
    unit: str = ""
    direction: int = 1
    weight: float | None = None
    low: float | None = None
    high: float | None = None
    definition: Label = Label("", "")
    note: Label = Label("", "")
    proxy_for: Label = Label("", "")
    section: str = ""
    file: str = ""

    @property
    def is_leaf(self) -> bool:
        return bool(self.formula)

    @property
    def place(self) -> Place:
        return Place(file=self.file or None, key=self.id)


@dataclass(frozen=True)
class Tree:
    """Nodes of one rooted tree, in file order."""

    nodes: tuple[Node, ...]

    @classmethod
    def checked(cls, nodes: tuple[Node, ...], file: str) -> Tree:
        """A tree with one root, known parents, unique ids, leaves with formulas and inner nodes with children."""
        ids = [node.id for node in nodes]
        for node in nodes:
            place = Place(file=file, key=node.id)
            if ids.count(node.id) > 1:
                raise Refusal("node_twice", place, name=node.id)
            if node.parent and node.parent not in ids:
                raise Refusal("unknown_parent", place, name=node.parent, hint=suggestion(node.parent, ids))
        roots = [node.id for node in nodes if not node.parent]
        if len(roots) != 1:
            raise Refusal("not_one_root", Place(file=file), found=", ".join(roots) or "-")
        tree = cls(nodes)
        if len(nodes) == 1 and tree.root.is_leaf:
            raise Refusal("root_is_leaf", Place(file=file, key=roots[0]), name=roots[0])
        reached = {node.id for node in tree.below(roots[0])}
        for node in nodes:
            place = Place(file=file, key=node.id)
            if node.id not in reached:
                raise Refusal("node_unreachable", place, name=node.id)
            if node.is_leaf == bool(tree.children[node.id]):
                raise Refusal("node_without_formula" if not node.is_leaf else "leaf_with_children", place, name=node.id)
        return tree

    @cached_property
    def by_id(self) -> dict[str, Node]:
        return {node.id: node for node in self.nodes}

    def __getitem__(self, name: str) -> Node:
        return self.by_id[name]

    @cached_property
    def children(self) -> dict[str, tuple[Node, ...]]:
        return {node.id: tuple(child for child in self.nodes if child.parent == node.id) for node in self.nodes}

    @cached_property
    def root(self) -> Node:
        return next(node for node in self.nodes if not node.parent)

    @property
    def top(self) -> tuple[Node, ...]:
        """The root's children: the paper's attributes, DESI's dimensions."""
        return self.children[self.root.id]

    @cached_property
    def leaves(self) -> tuple[Node, ...]:
        return tuple(node for node in self.nodes if node.is_leaf)

    @cached_property
    def _below(self) -> dict[str, tuple[Node, ...]]:
        return {}

    def below(self, name: str) -> tuple[Node, ...]:
        """The node and all its descendants, parents first."""
        if name not in self._below:
            found = [self.by_id[name]]
            for node in found:
                found += self.children[node.id]
                if len(found) > len(self.nodes):  # a circle of parents
                    raise Refusal("node_unreachable", Place(key=name), name=name)
            self._below[name] = tuple(found)
        return self._below[name]

    @cached_property
    def _leaves_below(self) -> dict[str, tuple[Node, ...]]:
        return {node.id: tuple(below for below in self.below(node.id) if below.is_leaf) for node in self.nodes}

    def leaves_below(self, name: str) -> tuple[Node, ...]:
        """The indicators beneath a node, or the node itself if it is one."""
        return self._leaves_below[name]

    def above(self, name: str) -> tuple[Node, ...]:
        """The node's ancestors, parent first."""
        chain = []
        node = self.by_id[name]
        while node.parent:
            node = self.by_id[node.parent]
            chain.append(node)
        return tuple(chain)

    def attribute(self, name: str) -> Node:
        """The top-level node a node belongs to."""
        path = (self.by_id[name], *self.above(name))
        return path[-2] if len(path) > 1 else path[-1]

    def without(self, leaves: set[str]) -> Tree:
        """The tree less some leaves, and less the inner nodes that then have none."""
        kept = {node.id for leaf in self.leaves if leaf.id not in leaves for node in (leaf, *self.above(leaf.id))}
        return Tree(tuple(node for node in self.nodes if node.id in kept))

    def refuse_unknown(self, panel: Panel) -> None:
        """Refuse indicators of the study's own that read variables the panel does not have, or one another.

        The paper's are another matter: no data have all of their variables, and those without are left out by name.
        """
        own = [leaf for leaf in self.leaves if leaf.file]
        formulas = {leaf.id: leaf.formula for leaf in own}
        read = {name for expression in formulas.values() for name in formula.names(expression)}
        try:
            formula.order(formulas, {*panel.names, *(read - set(formulas))})  # refuses circles alone
        except Refusal as refusal:
            raise refusal.at(Place(file=own[0].file)) from refusal
        for leaf in own:
            try:
                formula.order({leaf.id: leaf.formula}, panel.names)
            except Refusal as refusal:
                raise refusal.at(leaf.place) from refusal

    def missing(self, panel: Panel) -> Mapping[str, tuple[str, ...]]:
        """Leaves whose formulas read variables the panel does not have, with those variables."""
        absent = {leaf.id: formula.names(leaf.formula) - set(panel.names) for leaf in self.leaves}
        return {name: tuple(sorted(lacking)) for name, lacking in absent.items() if lacking}


def read_nodes(path: Path) -> tuple[Node, ...]:
    """Nodes from CSV rows; a refusal names the row and column of what cannot be read."""
    if not path.is_file():
        raise Refusal("file_not_found", Place(file=path.name), folder=str(path.parent))
    reader = csv.DictReader(io.StringIO(decode(path.read_bytes(), path.name), newline=""), restval="")
    lacking = {"id", "parent", "zh", "en"} - set(reader.fieldnames or ())
    if lacking:
        raise Refusal("missing_columns", Place(file=path.name, row=1), names=", ".join(sorted(lacking)))
    return tuple(node(row, path.name, reader.line_num) for row in reader if any(row.values()))


def node(row: Mapping[str, str], file: str = "tree", number: int | None = None) -> Node:
    """A node from the cells of its row, by column; a refusal names the row and the column."""

    def decimal(column: str) -> float | None:
        return _decimal(row, column, Place(file=file, row=number, column=column))

    def pair(name: str) -> Label:
        return Label(row.get(f"{name}_zh") or "", row.get(f"{name}_en") or "")

    place = Place(file=file, row=number)
    if not row["id"].strip():
        raise Refusal("node_without_id", Place(file=file, row=number, column="id"))
    direction = (row.get("direction") or "").strip() or "1"
    weight, low, high = decimal("weight"), decimal("low"), decimal("high")
    if direction not in DIRECTIONS:
        raise Refusal("bad_direction", Place(file=file, row=number, column="direction"), found=direction)
    if weight is not None and weight < 0:
        raise Refusal("negative_weight", Place(file=file, row=number, column="weight"), found=row["weight"])
    if low is not None and high is not None and low >= high:
        raise Refusal("goalposts_reversed", place, low=row["low"], high=row["high"])
    expression, unit = _expression(row, place)
    return Node(
        id=row["id"].strip(),
        parent=row["parent"].strip(),
        label=Label(row["zh"] or row["id"], row["en"] or row["id"]),
        formula=expression,
        unit=unit,
        direction=DIRECTIONS[direction],
        weight=weight,
        low=low,
        high=high,
        definition=pair("definition"),
        note=pair("note"),
        proxy_for=pair("proxy_for"),
        section=row.get("section") or "",
    )


def _decimal(row: Mapping[str, str], column: str, place: Place) -> float | None:
    try:
        value = float(row[column]) if row.get(column) else None
    except ValueError:
        value = math.nan
    if value is not None and not math.isfinite(value):
        raise Refusal("number_expected", place, text=row[column])
    return value


def _expression(row: Mapping[str, str], place: Place) -> tuple[str, str]:
    """Formula and unit, which can both be read."""
    expression, unit = (row.get("formula") or "").strip(), (row.get("unit") or "").strip()
    try:
        if expression:
            formula.parse(expression)
        if unit:
            units.parse(unit)
    except Refusal as refusal:
        raise refusal.at(place) from refusal
    return expression, unit
