"""Question: what a room of the chapter shows: its finding in words, its tables and its figures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

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
