"""Question: what a room of the chapter shows: its finding in words, its tables and its figures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from zhiyu.report.figures import Figure
from zhiyu.report.tables import Table
from zhiyu.terms import Label, Locale


def _none(locale: Locale) -> tuple[Figure, ...]:
    return ()


@dataclass(frozen=True)
class Question:
    """One question and its answer.

    id : names the section (`report.section.ID` is its heading, `report.explain.ID` what is asked and how).
    told : the finding, a sentence or two each, the first the one a reader should take away.
    tables : shown in this order; files : kept as files only; figures : drawn in one language.
    """

    id: str
    told: tuple[Label, ...]
    tables: tuple[Table, ...] = ()
    files: tuple[Table, ...] = ()
    figures: Callable[[Locale], tuple[Figure, ...]] = _none


def together(name: str, several: Sequence[Question]) -> Question:
    """Several answers to one question as one: later ones have their tables numbered, and nothing is said twice."""

    def numbered(tables: Sequence[Table], k: int) -> tuple[Table, ...]:
        return tuple(table if not k else replace(table, id=f"{table.id}_{k + 1}") for table in tables)

    return Question(
        name,
        tuple(dict.fromkeys(sentence for one in several for sentence in one.told)),
        tuple(table for k, one in enumerate(several) for table in numbered(one.tables, k)),
        tuple(table for k, one in enumerate(several) for table in numbered(one.files, k)),
        lambda locale: tuple(figure for one in several for figure in one.figures(locale)),
    )
