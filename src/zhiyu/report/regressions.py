"""Regressions side by side as the field prints them: coefficients with stars, errors in brackets, three rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from zhiyu.report import words
from zhiyu.report.tables import Cell, Table, column
from zhiyu.terms import Label

STARS = ((0.01, "***"), (0.05, "**"), (0.10, "*"))
DIGITS = 3  # significant, of a coefficient; its error has as many decimals


@dataclass(frozen=True)
class Estimate:
    """A coefficient, its standard error, and the p that its stars go by (nan = no stars)."""

    value: float
    std_error: float
    p: float = float("nan")

    @property
    def stars(self) -> str:
        return next((stars for level, stars in STARS if self.p <= level), "")

    def shown(self) -> tuple[str, str]:
        """(coefficient with stars, error in brackets)."""
        digits = self._digits()
        error = f"({words.number(self.std_error, digits)})" if np.isfinite(self.std_error) else ""
        return words.number(self.value, digits) + self.stars, error

    def _digits(self) -> int:
        """Decimals that show the smaller of the coefficient and its error to DIGITS significant digits, 3 to 6."""
        sizes = [abs(x) for x in (self.value, self.std_error) if np.isfinite(x) and x]
        return min(6, max(3, DIGITS - 1 - int(np.floor(np.log10(min(sizes)))))) if sizes else 3


@dataclass(frozen=True)
class Model:
    """One regression: what heads its column, its coefficients by term, and its facts (effects, sample, fit)."""

    id: str
    heading: Label
    estimates: Mapping[str, Estimate]
    facts: Mapping[str, Cell | Label]


@dataclass(frozen=True)
class Regressions:
    """Models of one table. terms, facts : rows in their order, name -> label; notes : which errors, which p."""

    id: str
    title: Label
    models: tuple[Model, ...]
    terms: Mapping[str, Label]
    facts: Mapping[str, Label]
    notes: tuple[Label, ...] = ()

    def table(self) -> Table:
        """Columns are models, numbered; a term takes two rows of the same name, coefficient and error."""
        heads = [column(one.id, "label", label=_headed(k, one.heading)) for k, one in enumerate(self.models, start=1)]
        rows: list[tuple[Cell, ...]] = []
        for term, label in self.terms.items():
            shown = [one.estimates[term].shown() if term in one.estimates else ("", "") for one in self.models]
            head = words.heading(label)
            rows.append((head, *(Label(b, b) for b, _ in shown)))
            rows.append((head, *(Label(se, se) for _, se in shown)))
        for fact, label in self.facts.items():
            if any(one.facts.get(fact) is not None for one in self.models):
                rows.append((label, *(_fact(one.facts.get(fact)) for one in self.models)))
        notes = (words.label("report.note.regression_stars"), *self.notes)
        columns = (column("regression_term", "label", head=True, span=True), *heads)
        return Table(self.id, self.title, columns, tuple(rows), notes, style="regression")


def numbers(name: str, title: Label, tables: Sequence[Regressions]) -> Table:
    """Every coefficient of every model as a number, a row each, for files."""
    columns = (
        column("model"),
        column("regression_term", "label"),
        column("coefficient", "value"),
        column("std_error", "value"),
        column("p_value", "number", 4),
    )
    rows: list[tuple[Cell, ...]] = [
        (model.id, label, found.value, found.std_error, found.p)
        for one in tables
        for model in one.models
        for term, label in one.terms.items()
        if (found := model.estimates.get(term)) is not None
    ]
    return Table(name, title, columns, tuple(rows))


def _headed(number: int, heading: Label) -> Label:
    """The model's number on a line of its own above what it explains."""
    over = words.label("report.regression.number", number=number)
    return words.both(lambda locale: f"{over.text(locale)}\n{words.headline(heading.text(locale), locale)}")


def _fact(value: Cell | Label) -> Label:
    if isinstance(value, Label):
        return value
    if isinstance(value, bool):
        return words.label("report.regression.yes" if value else "report.regression.no")
    if isinstance(value, int):
        shown = words.number(value, 0)
        return Label(shown, shown)
    if isinstance(value, float):
        shown = words.number(value, 3)
        return Label(shown, shown)
    return Label(str(value or ""), str(value or ""))


FACTS = ("controls", "region_effects", "year_effects", "observations", "regions", "r2_within")


def facts() -> dict[str, Label]:
    """The usual rows beneath coefficients."""
    return {name: words.label(f"report.regression.{name}") for name in FACTS}
