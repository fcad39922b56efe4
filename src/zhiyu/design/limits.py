"""What every portfolio keeps to: budgets, shares, start years, what must or must not be done, floors on outcomes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from zhiyu.terms import LOCALES, Label, text

EVERYTHING = 1.0  # a measure done in full
SLACK = 1e-6  # what rounding in the solver may take from a limit, in levels, or from a floor, in shares of it


@dataclass(frozen=True)
class Limit:
    """Rows that hold together under one name: rows (r, option) times levels <= most (r,)."""

    name: Label
    rows: np.ndarray
    most: np.ndarray


@dataclass(frozen=True)
class Floor:
    """An objective or watched outcome at least so large: its mean over futures, or over the worst `tail` of them."""

    name: Label
    objective: int
    least: float
    tail: float | None = None


@dataclass(frozen=True)
class Rules:
    """All that a portfolio of `options` options keeps to, beside levels between 0 and 1."""

    options: int
    limits: tuple[Limit, ...] = ()
    floors: tuple[Floor, ...] = ()

    def bounds(self) -> tuple[np.ndarray, np.ndarray]:
        """(option,) least and greatest level of each, where a limit speaks of one option alone."""
        lower, upper = np.zeros(self.options), np.full(self.options, EVERYTHING)
        for limit in self.limits:
            for row, most in zip(limit.rows, limit.most, strict=True):
                (at,) = np.nonzero(row)
                if len(at) == 1 and row[at[0]] > 0:
                    upper[at] = np.minimum(upper[at], most / row[at])
                elif len(at) == 1:
                    lower[at] = np.maximum(lower[at], most / row[at])
        return lower, upper

    def excess(self, levels: np.ndarray) -> np.ndarray:
        """(k,) by how much levels (k, option) pass the limit that they pass most, as a share of its greatest
        coefficient, and so in levels; 0 if none."""
        worst = np.maximum(0.0, np.maximum(-levels, levels - EVERYTHING).max(axis=1))
        for limit in self.limits:
            size = np.abs(limit.rows).max(axis=1, initial=0.0)
            passed = np.einsum("ri,ki->kr", limit.rows, levels) - limit.most
            worst = np.maximum(worst, (passed / np.where(size > 0, size, 1.0)).max(axis=1, initial=0.0))
        return np.asarray(worst)


def shown(x: float) -> str:
    """A number as a sentence holds it: four digits, or whole with its thousands apart."""
    return f"{x:,.0f}" if abs(x) >= 1000 else f"{x:.4g}"


def _said(key: str, **values: object) -> Label:
    return Label(*(text(key, locale, **values) for locale in LOCALES))


def budget(costs: np.ndarray, most: float, among: np.ndarray | None = None, of: Label | None = None) -> Limit:
    """sum of cost x level <= most, over the options `among` (option,) bool: those of a region, a group or a year.

    costs : (option,) each option's cost in full, in the user's unit; of : what the budget is for, as it is named.
    """
    row = costs if among is None else np.where(among, costs, 0.0)
    name = _said("design.limit.budget", most=shown(most))
    if of is not None:
        name = _said("design.limit.budget_of", most=shown(most), of=of)
    return Limit(name, row[None, :].astype(float), np.array([float(most)]))


def one_start(lever: np.ndarray, place: np.ndarray) -> Limit:
    """Levels of one lever in one place sum to 1 at most, whatever the year they start in.

    lever, place : (option,) codes of any kind.
    """
    _, group = np.unique([f"{a}\n{b}" for a, b in zip(lever, place, strict=True)], return_inverse=True)
    rows = (group[None, :] == np.arange(group.max(initial=-1) + 1)[:, None]).astype(float)
    rows = rows[rows.sum(axis=1) > 1]
    return Limit(_said("design.limit.one_start"), rows, np.full(len(rows), EVERYTHING))


def fair_share(costs: np.ndarray, place: np.ndarray, least: float) -> Limit:
    """No place gets less than the share `least` of its equal part of what is spent.

    sum of cost x level in p >= least x (sum of cost x level) / P, for each of P places; place (option,) codes.
    """
    places = np.unique(place)
    own = np.where(place[None, :] == places[:, None], costs, 0.0)
    name = _said("design.limit.fair_share", least=shown(least))
    return Limit(name, least / len(places) * costs[None, :] - own, np.zeros(len(places)))


def required(options: int, option: int, of: Label, level: float = EVERYTHING) -> Limit:
    """An option is done, at this level or more."""
    row = np.zeros((1, options))
    row[0, option] = -1.0
    return Limit(_said("design.limit.required", of=of, level=shown(level)), row, np.array([-float(level)]))


def forbidden(options: int, option: int, of: Label) -> Limit:
    """An option is not done."""
    row = np.zeros((1, options))
    row[0, option] = 1.0
    return Limit(_said("design.limit.forbidden", of=of), row, np.zeros(1))


def floor(objective: int, least: float, of: Label, tail: float | None = None) -> Floor:
    """An outcome's mean, or that of its worst `tail` of futures, is `least` or more; 0 = no worse than nothing done."""
    if tail is None:
        return Floor(_said("design.limit.floor", of=of, least=shown(least)), objective, least)
    name = _said("design.limit.floor_tail", of=of, least=shown(least), share=f"{tail:.0%}")
    return Floor(name, objective, least, tail)


def brought_within(levels: np.ndarray, rules: Rules) -> np.ndarray:
    """(k, option) levels scaled down into every limit whose coefficients are all >= 0; others are left as they are.

    One pass is enough: levels only fall, and no such limit is broken by a fall. What is required stays.
    """
    lower, upper = rules.bounds()
    extra = np.clip(levels, lower, np.maximum(lower, upper)) - lower
    for limit in rules.limits:
        for row, most in zip(limit.rows, limit.most, strict=True):
            if (row < 0).any():
                continue
            used = np.einsum("i,ki->k", row, extra)
            room = max(0.0, float(most - (row * lower).sum()))
            factor = np.where(used > room, room / np.where(used > 0, used, 1.0), 1.0)
            extra = np.where(row > 0, extra * factor[:, None], extra)
    return np.asarray(lower + extra)
