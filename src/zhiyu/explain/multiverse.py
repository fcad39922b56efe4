"""The multiverse of a claim: every defensible choice as a table, all their combinations, and what moves the answer."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import zhiyu.measure  # noqa: F401  its methods are in the registry once it is there
from zhiyu.data.columns import FIRST_YEAR, LAST_YEAR
from zhiyu.data.tables import decode
from zhiyu.explain.claims.asking import FORMS
from zhiyu.explain.jackknife import EFFECTS
from zhiyu.methods import find
from zhiyu.terms import Label, Place, Refusal, suggestion

BUNDLED = Path(__file__).with_suffix(".csv")
CHOICES: tuple[str, ...] = (
    *("normalise", "weight", "form", "lag", "controls", "effects", "winsorise", "start", "leave_out"),
    *("measure", "people", "lagging", "groups", "neighbours"),
)
TABLED = CHOICES[:-1]  # definitions of neighbours are those that the study's data can make
COLUMNS = ("choice", "value", "detail", "zh", "en")
METHODS = {"normalise": "normalise", "weight": "weighting"}  # choice -> kind of method
MOST_DRAWN_IN = 0.5  # no more than half of the cells at either end can be winsorised


@dataclass(frozen=True)
class Alternative:
    """One value of one choice; `detail` is what it stands for: terms, codes of regions, a year, a share.

    row : where it stands in its table, 0 = nowhere
    """

    choice: str
    value: str
    detail: str
    label: Label
    row: int = 0


@dataclass(frozen=True)
class Space:
    """The combinations of c choices: names and, of each, its levels, the first of which is the stated one."""

    names: tuple[str, ...]
    levels: tuple[tuple[Alternative, ...], ...]

    @property
    def size(self) -> int:
        """Number of all combinations."""
        return int(np.prod([len(found) for found in self.levels], dtype=np.int64)) if self.names else 1

    def picks(self, most: int, seed: int) -> np.ndarray:
        """(s, c) which level of each choice: all combinations, or `most` of them without replacement, in order.

        The first is always the stated specification, all zeros.
        """
        shape = tuple(len(found) for found in self.levels)
        if self.size <= most:
            chosen = np.arange(self.size)
        else:
            others = np.random.default_rng(seed).choice(self.size - 1, size=most - 1, replace=False) + 1
            chosen = np.concatenate([[0], np.sort(others)])
        return np.stack(np.unravel_index(chosen, shape), axis=-1) if shape else np.zeros((1, 0), dtype=int)

    def specification(self, row: Sequence[int]) -> dict[str, Alternative]:
        """A row of picks as choice -> alternative."""
        return {name: found[int(k)] for name, found, k in zip(self.names, self.levels, row, strict=True)}


def read(path: Path = BUNDLED) -> tuple[Alternative, ...]:
    """The alternatives of a table with columns choice, value, detail, zh, en.

    Raises
    ------
    Refusal
        For a column that is not there, an unknown choice, a value named twice or one that the choice does not take.
    """
    rows = list(csv.DictReader(io.StringIO(decode(path.read_bytes(), path.name), newline="")))
    lacking = [name for name in COLUMNS if not rows or name not in rows[0]]
    if lacking:
        raise Refusal("multiverse_columns", Place(file=path.name), names=", ".join(lacking))
    found: dict[tuple[str, str], Alternative] = {}
    for number, row in enumerate(rows, start=2):
        place = Place(file=path.name, row=number)
        choice, value, detail, zh, en = ((row[name] or "").strip() for name in COLUMNS)
        if choice not in TABLED:
            hint = suggestion(choice, TABLED)
            raise Refusal("multiverse_choice", place, name=choice, known=", ".join(TABLED), hint=hint)
        if (choice, value) in found or not value:
            raise Refusal("multiverse_value", place, choice=choice, value=value)
        _refuse_unfit(choice, value, detail, place)
        found[choice, value] = Alternative(choice, value, detail, Label(zh or value, en or value), number)
    return tuple(found.values())


def _refuse_unfit(choice: str, value: str, detail: str, place: Place) -> None:
    """A value or detail that its choice can make nothing of."""
    words = {"form": FORMS, "effects": EFFECTS, "lag": tuple(map(str, range(10)))}.get(choice, (value,))
    if value not in words:
        known, hint = ", ".join(words), suggestion(value, words)
        raise Refusal("multiverse_word", place, choice=choice, value=value, known=known, hint=hint)
    if choice in METHODS:
        for part in value.split("+"):
            find(METHODS[choice], part, place, ("given",) if choice == "weight" else ())
    year, share = (choice == "start" and detail), (choice == "winsorise" and detail)
    if year and not (year.isdecimal() and FIRST_YEAR <= int(year) <= LAST_YEAR):
        raise Refusal("multiverse_detail", place, choice=choice, detail=detail)
    if share and not _share(share):
        raise Refusal("multiverse_detail", place, choice=choice, detail=detail)


def _share(written: str) -> bool:
    try:
        return 0.0 <= float(written) < MOST_DRAWN_IN
    except ValueError:
        return False


def of(alternatives: Sequence[Alternative], choice: str) -> tuple[Alternative, ...]:
    """The alternatives of one choice, in the table's order."""
    return tuple(one for one in alternatives if one.choice == choice)


def first_order(effect: np.ndarray, picks: np.ndarray) -> np.ndarray:
    """(c,) share of the variance of an effect (s,) that each choice answers for alone; nan where nothing varies.

    S_j = Var_l(mean of effect | choice j at level l) / Var(effect), levels weighted by how often they occur: the
    first-order Sobol index where all combinations were run, and one-way analysis of variance where a sample was.
    What the shares lack to one is interaction. Specifications without an effect (nan) are left out.

    Source: Sobol' (1993); Saltelli et al. (2008), Global sensitivity analysis: the primer.
    """
    seen = np.isfinite(effect)
    y, rows = effect[seen], picks[seen]
    total = float(y.var()) if len(y) else 0.0
    if not total > 1e-24:
        return np.full(picks.shape[1], np.nan)
    shares = []
    for column in rows.T:
        number = np.bincount(column)
        means = np.divide(np.bincount(column, y), number, out=np.zeros(len(number)), where=number > 0)
        shares.append(float((number * (means - y.mean()) ** 2).sum()) / len(y) / total)
    return np.array(shares)


def stated_shift(effect: np.ndarray, picks: np.ndarray) -> np.ndarray:
    """(c,) by how much the effect (s,) is greater, on average, where a choice is the stated one (level 0) than where it
    is another: which choice sets the stated specification apart. nan where only one of both occurs.

    D_j = mean(effect | choice j stated) - mean(effect | choice j another): the difference of means of a two-level
    factor, taken over all that the other choices may be. Specifications without an effect (nan) are left out.

    Source: Box, Hunter and Hunter (2005), Statistics for Experimenters, chapter 5 (main effects).
    """
    seen = np.isfinite(effect)
    y, stated = effect[seen], picks[seen] == 0
    number = stated.sum(axis=0)
    sums = np.where(stated, y[:, None], 0.0).sum(axis=0)
    both = (number > 0) & (number < len(y))
    own = sums / np.where(both, number, 1)
    other = (y.sum() - sums) / np.where(both, len(y) - number, 1)
    return np.asarray(np.where(both, own - other, np.nan))
