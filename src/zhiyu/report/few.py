"""Long lists cut short, with how much is not shown: names in a sentence, regions in a table, a figure or the cards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from zhiyu.terms import Locale, text

NAMES, NAMED = 32, 10  # a list of more names is cut to its first; every province of China still fits
ROWS, ENDS = 40, 10  # of more regions in an order, a page shows the first and the last


@dataclass(frozen=True)
class Ends:
    """What is shown of an order: its `rows`, at which `places` of it, and at which heights `y`.

    One height is left free where `hidden` others would be.
    """

    rows: tuple[int, ...]
    places: tuple[int, ...]
    y: np.ndarray
    hidden: int

    @property
    def lines(self) -> int:
        return len(self.rows) + bool(self.hidden)


def ends(order: Sequence[int]) -> Ends:
    """An order whole, or its first and last where there are more than `ROWS`."""
    number = len(order)
    if number <= ROWS:
        return Ends(tuple(order), tuple(range(number)), np.arange(number), 0)
    places = (*range(ENDS), *range(number - ENDS, number))
    y = np.concatenate([np.arange(ENDS), np.arange(ENDS) + ENDS + 1])
    return Ends(tuple(order[k] for k in places), places, y, number - 2 * ENDS)


def names(words: Sequence[str], locale: Locale) -> list[str]:
    """Names as they are, or the first of them and how many others there are."""
    if len(words) <= NAMES:
        return list(words)
    return [*words[:NAMED], text("report.others", locale, number=len(words) - NAMED)]


def between(hidden: int, locale: Locale) -> tuple[str, ...]:
    """How many regions are not shown, if any."""
    return (text("report.hidden", locale, number=hidden),) if hidden else ()
