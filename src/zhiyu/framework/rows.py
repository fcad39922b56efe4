"""The kinds of rows: one class a table, one field a CSV column. Text columns come in pairs, `_zh` and `_en`."""

from __future__ import annotations

from dataclasses import dataclass

from zhiyu.terms import Label


@dataclass(frozen=True)
class Row:
    """What every row has: an id, and its name in both languages."""

    id: str
    section: str
    zh: str
    en: str
    definition_zh: str
    definition_en: str

    @property
    def label(self) -> Label:
        return Label(self.zh, self.en)

    @property
    def definition(self) -> Label:
        return Label(self.definition_zh, self.definition_en)


@dataclass(frozen=True)
class Concept(Row):
    """A glossary term, or one of the four dimensions AI embeds in."""


@dataclass(frozen=True)
class Logic(Row):
    """One of the four logics, with the structure that makes it testable."""

    structure_zh: str
    structure_en: str


@dataclass(frozen=True)
class Attribute(Row):
    """One of the five attributes: a scale from one state to another."""

    from_zh: str
    from_en: str
    to_zh: str
    to_en: str


@dataclass(frozen=True)
class Aspect(Row):
    """A group of indicators of one attribute (`parent`)."""

    parent: str


@dataclass(frozen=True)
class Mechanism(Row):
    """One of the five mechanisms; `slug` is its name in code."""

    slug: str


@dataclass(frozen=True)
class Strategy(Row):
    """One of the three strategies of a mechanism."""

    mechanism: str


@dataclass(frozen=True)
class Measure(Row):
    """One of the 45 measures: the channels of the model it moves (`RD:1.0;comp:0.3`) and the measures it overlaps."""

    strategy: str
    channels: str
    overlaps: str
    grade: str
    note_zh: str
    note_en: str

    @property
    def weights(self) -> dict[str, float]:
        """Channel -> weight."""
        pairs = (part.split(":") for part in self.channels.split(";") if part)
        return {name: float(weight) for name, weight in pairs}

    @property
    def overlapping(self) -> tuple[str, ...]:
        return tuple(self.overlaps.split(";")) if self.overlaps else ()


@dataclass(frozen=True)
class Claim(Row):
    """A row of the claims ledger: what is claimed, on which variables, by which method and decision rule."""

    variables: str
    method_zh: str
    method_en: str
    rule_zh: str
    rule_en: str
    needs_zh: str
    needs_en: str
    kind: str


@dataclass(frozen=True)
class Fact:
    """A figure the paper cites, with its year, unit, scope and source."""

    id: str
    section: str
    zh: str
    en: str
    value: str
    unit: str
    year: str
    scope_zh: str
    scope_en: str
    source_zh: str
    source_en: str
    note_zh: str
    note_en: str

    @property
    def label(self) -> Label:
        return Label(self.zh, self.en)


@dataclass(frozen=True)
class Stage(Row):
    """A step of an attribute's scale, 1 (its `from`) to 5 (its `to`)."""

    attribute: str
    level: str


@dataclass(frozen=True)
class Subsystem(Row):
    """One of the sides of a logic (`logic`), read off the indicators that stand for it."""

    logic: str
    indicators: str

    @property
    def leaves(self) -> tuple[str, ...]:
        return tuple(self.indicators.split(";"))
