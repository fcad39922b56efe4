"""Regressions side by side as the field prints them: coefficients with stars, intervals or errors in brackets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from zhiyu.report import words
from zhiyu.report.tables import Cell, Table, column
from zhiyu.terms import Label

STARS = ((0.01, "***"), (0.05, "**"), (0.10, "*"))
DIGITS = 3  # significant, of a coefficient; its error or interval has as many decimals


@dataclass(frozen=True)
class Estimate:
    """A coefficient, its standard error, the p that its stars go by (nan = no stars), and the interval of that p.

    Where p does not come from the error, a reader who divides by it would meet another p: then low and high stand in
    brackets, and not the error. nan where p follows from the error.
    """

    value: float
    std_error: float
    p: float = float("nan")
    low: float = float("nan")
    high: float = float("nan")

    @property
    def stars(self) -> str:
        return next((stars for level, stars in STARS if self.p <= level), "")

    def shown(self) -> tuple[str, str]:
        """(coefficient with stars, its interval in square brackets or its error in round ones)."""
        digits = self._digits()
        return words.number(self.value, digits) + self.stars, self._brackets(digits)

    @property
    def bounded(self) -> bool:
        """Whether there is an interval."""
        return not (np.isnan(self.low) or np.isnan(self.high))

    def _brackets(self, digits: int) -> str:
        if self.bounded:
            both = (self.low, self.high)
            ends = (words.number(x, digits) if np.isfinite(x) else "∞" if x > 0 else "−∞" for x in both)
            return "[{}, {}]".format(*ends)
        return f"({words.number(self.std_error, digits)})" if np.isfinite(self.std_error) else ""

    def _digits(self) -> int:
        """Decimals, 3 to 6: DIGITS significant digits of what half the interval spans, which says how finely the
        coefficient is known; without one, of the smaller of the coefficient and its error."""
        shown = (self._reach(),) if self.bounded else (abs(self.value), abs(self.std_error))
        sizes = [x for x in shown if np.isfinite(x) and x]
        return min(6, max(3, DIGITS - 1 - int(np.floor(np.log10(min(sizes)))))) if sizes else 3

    def _reach(self) -> float:
        """Half the interval; what it spans on the one side where the other has no end."""
        sides = [abs(end - self.value) for end in (self.low, self.high) if np.isfinite(end)]
        return float(np.mean(sides)) if sides else self.std_error


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
        """Columns are models, numbered; a term takes two rows of the same name, coefficient and brackets."""
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
        column("conf_low", "value"),
        column("conf_high", "value"),
    )
    rows: list[tuple[Cell, ...]] = [
        (model.id, label, found.value, found.std_error, found.p, found.low, found.high)
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
