"""Framework: every noun of the theory as rows, read from CSV, checked, and looked up by id."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar, overload

from zhiyu.framework import rows
from zhiyu.framework.tree import Node, Tree, node, read_nodes
from zhiyu.terms import Label, Place, Refusal, suggestion

PAPER = Path(__file__).parent / "paper"


class Named(Protocol):
    """Anything with an id."""

    @property
    def id(self) -> str: ...


R = TypeVar("R", bound=Named)


class Rows(tuple[R, ...], Generic[R]):
    """Rows in file order; `rows["2.3.1"]` looks up by id, `rows[0]` by position."""

    @cached_property
    def _by_id(self) -> dict[str, R]:
        return {row.id: row for row in self}

    @overload  # type: ignore[override]
    def __getitem__(self, key: str | int) -> R: ...
    @overload
    def __getitem__(self, key: slice) -> tuple[R, ...]: ...
    def __getitem__(self, key: str | int | slice) -> R | tuple[R, ...]:
        if isinstance(key, str):
            if key not in self._by_id:
                raise Refusal("unknown_id", name=key, hint=suggestion(key, self._by_id))
            return self._by_id[key]
        return tuple.__getitem__(self, key)

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(row.id for row in self)

    def where(self, **wanted: str) -> tuple[R, ...]:
        """Rows whose columns have these values: `measures.where(strategy="1.1")`."""
        return tuple(row for row in self if all(getattr(row, name) == value for name, value in wanted.items()))


@dataclass(frozen=True)
class Framework:
    """The theory's tables and the indicator tree.

    logics (4), embedding (4 dimensions), attributes (5), aspects, indicators, mechanisms (5), strategies (15),
    measures (45), claims (25), facts, stages (5 an attribute), glossary, subsystems (8, of three logics): `Rows` of the
    classes in `rows.py`.
    tree: what is measured; the paper's is attributes -> aspects -> indicators under one root.
    """

    name: str
    tree: Tree
    logics: Rows[rows.Logic] = Rows()
    embedding: Rows[rows.Concept] = Rows()
    attributes: Rows[rows.Attribute] = Rows()
    aspects: Rows[rows.Aspect] = Rows()
    mechanisms: Rows[rows.Mechanism] = Rows()
    strategies: Rows[rows.Strategy] = Rows()
    measures: Rows[rows.Measure] = Rows()
    claims: Rows[rows.Claim] = Rows()
    facts: Rows[rows.Fact] = Rows()
    stages: Rows[rows.Stage] = Rows()
    glossary: Rows[rows.Concept] = Rows()
    subsystems: Rows[rows.Subsystem] = Rows()

    @property
    def indicators(self) -> Rows[Node]:
        """The leaves of the tree."""
        return Rows(self.tree.leaves)

    @property
    def tables(self) -> Iterator[tuple[str, Rows[Any]]]:
        """Every table that holds rows, by name."""
        for field in fields(self):
            table = getattr(self, field.name)
            if isinstance(table, Rows) and table:
                yield field.name, table
        yield "indicators", self.indicators


def load(name: str = "paper", override: Path | None = None, tree: Path | None = None) -> Framework:
    """The paper's framework (`paper`), or one with only a tree of its own (`none`).

    Parameters
    ----------
    override : CSV of indicator rows that replace those of the same id or add new ones under a known parent
    tree : CSV of a whole tree (id, parent, zh, en, formula, unit, direction, weight, low, high) instead of the paper's
    """
    if name not in ("paper", "none"):
        raise Refusal("unknown_framework", Place(file="study.toml", key="[framework] base"), name=name)
    if name == "none" and tree is None:
        raise Refusal("framework_without_tree", Place(file="study.toml", key="[framework] tree"))
    framework = _paper() if name == "paper" else Framework(name, Tree(()))
    if tree is not None:
        framework = replace(framework, tree=Tree.checked(_own(tree), tree.name))
    if override is not None:
        nodes = {node.id: node for node in framework.tree.nodes} | {node.id: node for node in _own(override)}
        framework = replace(framework, tree=Tree.checked(tuple(nodes.values()), override.name))
    return framework


def _own(path: Path) -> tuple[Node, ...]:
    """The nodes of a study's own file, which know that they are."""
    return tuple(replace(node, file=path.name) for node in read_nodes(path))


def of_rows(rows: Iterable[Mapping[str, str]], name: str = "rows") -> Framework:
    """A framework with only a tree, from rows held in memory; columns as in a tree's CSV."""
    return Framework(name, Tree.checked(tuple(node(row, name, n) for n, row in enumerate(rows, start=1)), name))


def _paper() -> Framework:
    def table(name: str, kind: Callable[..., R]) -> Rows[R]:
        with (PAPER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            return Rows(kind(**row) for row in csv.DictReader(file))

    attributes, aspects = table("attributes", rows.Attribute), table("aspects", rows.Aspect)
    root = Node("index", "", Label("区域数字经济智能化发展指数", "AI-driven regional digital economy index"))
    inner = [Node(row.id, "index", row.label, definition=row.definition, section=row.section) for row in attributes]
    inner += [Node(row.id, row.parent, row.label, definition=row.definition, section=row.section) for row in aspects]
    return Framework(
        name="paper",
        tree=Tree.checked((root, *inner, *read_nodes(PAPER / "indicators.csv")), "indicators.csv"),
        logics=table("logics", rows.Logic),
        embedding=table("embedding", rows.Concept),
        attributes=attributes,
        aspects=aspects,
        mechanisms=table("mechanisms", rows.Mechanism),
        strategies=table("strategies", rows.Strategy),
        measures=table("measures", rows.Measure),
        claims=table("claims", rows.Claim),
        facts=table("facts", rows.Fact),
        stages=table("stages", rows.Stage),
        glossary=table("glossary", rows.Concept),
        subsystems=table("subsystems", rows.Subsystem),
    )
