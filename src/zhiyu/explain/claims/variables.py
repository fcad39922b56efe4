"""The ledger's variables: panel columns, index nodes and subsystems by name, and terms made of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

import numpy as np

from zhiyu.data import formula, units
from zhiyu.data.panel import Panel
from zhiyu.explain.coupling import coupling_coordination
from zhiyu.explain.mechanism import centred
from zhiyu.explain.of import cells
from zhiyu.explain.of.formulas import apart
from zhiyu.framework.framework import Framework
from zhiyu.measure.index import Index
from zhiyu.terms import Refusal

WRAPPED = re.compile(r"(lag|growth)\((.*)\)", re.DOTALL)
WITHOUT = re.compile(r"without\(\s*(\w+)((?:\s*,\s*\w+)+)\s*\)")


@dataclass
class Variables:
    """Values (n, t) of terms over n regions that are no aggregates and t years.

    A term is a formula over the panel's variables, the index's nodes and the framework's subsystems; lag(term) is the
    term of the year before, growth(term) its change since then, `a : b` the product of terms each less its mean of the
    year, and without(node, leaf, ...) a node's level from its other leaves. Scores and levels are in tenths of the
    index's scale, the same for nodes and subsystems. `year` is the year itself; a logic that has subsystems is the
    degree to which they are coordinated.

    factors : leaf -> what its weight is multiplied with, for draws of the index; inner nodes are then means of their
        leaves by those weights. None = the scores as they are.
    drawn_from : of a draw, what it shares all with that the factors do not move.
    even : subsystems weigh their indicators alike, as `of.coupling` does; else by the recipe's weights. A node's level
        without leaves is by the recipe's weights always.
    """

    index: Index
    panel: Panel
    framework: Framework
    even: bool = True
    factors: Mapping[str, float] | None = None
    drawn_from: Variables | None = None
    _kept: dict[str, np.ndarray] = field(default_factory=dict)

    def drawn(self, factors: Mapping[str, float]) -> Variables:
        """The same index with its indicators' weights multiplied."""
        return Variables(self.index, self.panel, self.framework, self.even, factors, self)

    @cached_property
    def _table(self) -> Table:
        return Table(self.index, self.panel, self.framework) if self.drawn_from is None else self.drawn_from._table

    @property
    def codes(self) -> tuple[str, ...]:
        return self._table.codes

    @property
    def years(self) -> tuple[int, ...]:
        return self.panel.years

    def missing(self, term: str) -> tuple[str, ...]:
        """Names in a term that nothing here is called by; a node of the framework that was not measured may be left
        out of another."""
        read, gone = _read(term)
        return tuple(sorted(read - self._table.names | gone - self._table.known))

    def made(self, term: str) -> frozenset[str]:
        """The names in a term that are made from the index: nodes, subsystems, logics."""
        return frozenset(_read(term)[0] - self._table.variables - {"year"})

    def term(self, written: str) -> np.ndarray:
        """(n, t) values of a term; nan where a value is missing, and in a year that no year before precedes.

        Raises
        ------
        Refusal
            For an unknown name, or a logarithm of what is not above zero.
        """
        written = written.strip()
        if written not in self._kept:
            own = self.drawn_from is None or self.made(written)
            self._kept[written] = (
                self._made(written) if own or self.drawn_from is None else self.drawn_from.term(written)
            )
        return self._kept[written]

    def _made(self, written: str) -> np.ndarray:
        wrapped = WRAPPED.fullmatch(written)
        if wrapped:
            inner = self.term(wrapped[2])
            before = self.back(inner, 1)
            return before if wrapped[1] == "lag" else inner - before
        parts = _factors(written)
        if len(parts) > 1:
            product = np.ones((len(self.codes), len(self.years)))
            for part in parts:
                values = self.term(part)
                product = product * centred(values, np.isfinite(values))
            return product
        return self._formula(written)

    def back(self, values: np.ndarray, years: int) -> np.ndarray:
        """(n, t) values of so many years before; nan where that year is not there."""
        return cells.before(values, self.years, years)

    def _formula(self, written: str) -> np.ndarray:
        read: dict[str, formula.Value] = {}

        def stripped(found: re.Match[str]) -> str:
            name = f"without_{len(read)}"
            read[name] = formula.Value(self._without(found[1], re.findall(r"\w+", found[2])), units.parse("1"))
            return name

        for name in self.missing(written):
            raise Refusal("claim_unknown_name", name=name, formula=written)
        expression = WITHOUT.sub(stripped, written)
        for name in formula.names(expression) - set(read):
            read[name] = self._value(name)
        values = formula.evaluate(expression, read, self.panel.judged).numbers
        values = np.broadcast_to(values, (len(self.panel.codes), len(self.years)))[self.panel.judged]
        return np.array(np.where(np.isfinite(values), values, np.nan))

    def _value(self, name: str) -> formula.Value:
        if name in self.panel.names:
            return self.panel.value(name)
        return formula.Value(self._named(name), units.parse("1"))

    def _named(self, name: str) -> np.ndarray:
        """(all regions, t) of a node, a subsystem, a logic's coordination degree, or the year."""
        table = self._table
        if name == "year":
            return np.broadcast_to(np.array(self.years, dtype=float), (len(self.panel.codes), len(self.years)))
        if name in table.subsystems:
            return self._level(table.subsystems[name], self.even)
        if name in table.logics:
            levels = np.stack([self._named(part) / 10.0 for part in table.logics[name]], axis=-1)
            return coupling_coordination(np.clip(levels, 0.0, 1.0)).coordination
        if self.factors is None or name in table.below.get(name, ()):
            return table.scores[name]
        return self._level(table.below[name], False)

    def _without(self, node: str, gone: list[str]) -> np.ndarray:
        """A node's level from its leaves other than those named, or below the nodes named."""
        below = self._table.below
        left_out = {leaf for name in gone for leaf in below.get(name, ())} | set(gone)
        return self._level(tuple(leaf for leaf in below[node] if leaf not in left_out), False)

    def _level(self, leaves: tuple[str, ...], even: bool) -> np.ndarray:
        """(all regions, t) mean of leaves that are there; nan where less weight than the recipe asks for is."""
        scores = np.stack([self._table.scores[leaf] for leaf in leaves], axis=-1)
        whole = np.array([self._table.weights[leaf] for leaf in leaves])
        weights = np.ones(len(leaves)) if even or not whole.sum() > 0 else whole
        if self.factors is not None:
            weights = weights * np.array([self.factors[leaf] for leaf in leaves])
        return level(scores, weights, self.index.recipe.coverage.node)


@dataclass
class Table:
    """What is read off an index, a panel and a framework once for all draws."""

    index: Index
    panel: Panel
    framework: Framework

    @cached_property
    def codes(self) -> tuple[str, ...]:
        return tuple(c for c, judged in zip(self.panel.codes, self.panel.judged, strict=True) if judged)

    @cached_property
    def variables(self) -> frozenset[str]:
        return frozenset(self.panel.names)

    @cached_property
    def scores(self) -> dict[str, np.ndarray]:
        """Node -> (all regions, t) in tenths of the scale."""
        unit = 10.0 / self.index.recipe.normalise.scale
        return {name: found * unit for name, found in cells.scores(self.panel, self.index).items()}

    @cached_property
    def weights(self) -> dict[str, float]:
        """Node -> its weight in the index, averaged over years."""
        found = self.index.effective.mean("year")
        return dict(zip(map(str, found["node"].values), found.values.tolist(), strict=True))

    @cached_property
    def below(self) -> dict[str, tuple[str, ...]]:
        """Measured node -> the leaves below it; a leaf's is itself."""
        return {name: tuple(leaf.id for leaf in self.index.tree.leaves_below(name)) for name in self.scores}

    @cached_property
    def subsystems(self) -> dict[str, tuple[str, ...]]:
        """Subsystem -> its measured indicators; those with none are not there."""
        measured = {leaf.id for leaf in self.index.tree.leaves}
        found = {row.id: tuple(x for x in row.leaves if x in measured) for row in self.framework.subsystems}
        return {name: leaves for name, leaves in found.items() if leaves}

    @cached_property
    def logics(self) -> dict[str, tuple[str, ...]]:
        """Logic -> its subsystems."""
        logics = dict.fromkeys(row.logic for row in self.framework.subsystems)
        return {name: tuple(row.id for row in self.framework.subsystems.where(logic=name)) for name in logics}

    @cached_property
    def names(self) -> frozenset[str]:
        """All that a term may read."""
        found = {"year", *self.variables, *self.scores, *self.subsystems}
        return frozenset(found | {name for name, parts in self.logics.items() if set(parts) <= set(self.subsystems)})

    @cached_property
    def known(self) -> frozenset[str]:
        """All that a node may be without."""
        return frozenset(node.id for node in self.framework.tree.nodes)


def level(values: np.ndarray, weights: np.ndarray, need: float) -> np.ndarray:
    """(n, t) weighted mean of the indicators (n, t, p) that are there; nan where less than `need` of the weight is."""
    seen = np.isfinite(values)
    there = (seen * weights).sum(axis=-1)
    total = (np.where(seen, values, 0.0) * weights).sum(axis=-1)
    mean = np.divide(total, there, out=np.full(there.shape, np.nan), where=there > 0)
    return np.where(there >= need * weights.sum() - 1e-12, mean, np.nan)


def _bare(term: str) -> str:
    """What stands inside lag(...) and growth(...)."""
    wrapped = WRAPPED.fullmatch(term.strip())
    return _bare(wrapped[2]) if wrapped else term.strip()


@lru_cache(maxsize=4096)
def _read(term: str) -> tuple[frozenset[str], frozenset[str]]:
    """The names that a term reads, and those that it leaves out of a node."""
    read: set[str] = set()
    gone: set[str] = set()
    for part in _factors(_bare(term)):
        for node, leaves in WITHOUT.findall(part):
            read |= {node}
            gone |= set(re.findall(r"\w+", leaves))
        read |= formula.names(WITHOUT.sub("1", part))
    return frozenset(read), frozenset(gone)


def _factors(term: str) -> list[str]:
    return [part.strip() for part in apart(term, ":")]
