"""Slopes of a study's formulas in units that need no statistics: for so many points more, so many per cent."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from zhiyu.report import formulas, words
from zhiyu.report.material import Material
from zhiyu.terms import Label

SCORE = re.compile(r"(\w+)(?:\s*/\s*(\d+(?:\.\d+)?))?")


def logs(outcome: str) -> bool:
    """Whether log(...) stands around the whole of a formula."""
    written = outcome.strip()
    return written.startswith("log(") and written.endswith(")") and formulas.closes(written[4:-1])


def plain(m: Material, outcome: str) -> Label:
    """The outcome itself, not its logarithm, whose changes are told in per cent."""
    return formulas.told(outcome.strip()[4:-1] if logs(outcome) else outcome, m)


def percent(value: float, digits: int = 1) -> str:
    """A change of a logarithm as per cent of the thing itself."""
    if np.isinf(value):
        return "∞" if value > 0 else "−∞"
    return words.signed(100.0 * float(np.expm1(value)), digits) + "%"


@dataclass(frozen=True)
class Step:
    """How much more of a regressor a figure is told for: `name` without what it is divided by, `units` of the formula
    as written, `more` in words: `10 points`, or `one unit` where it is no score."""

    name: Label
    units: float
    more: Label


def step(m: Material, regressor: str) -> Step:
    """A tenth of the scale of a score, however it is divided; one unit of anything else."""
    written = regressor.strip()
    lagged = written.startswith("lag(") and written.endswith(")")
    found = SCORE.fullmatch(written[4:-1].strip() if lagged else written)
    if found is None or not _scored(m, found[1]):
        return Step(formulas.told(written, m), 1.0, words.label("report.step.unit"))
    tenth = m.scale / 10.0
    name = formulas.told(f"lag({found[1]})" if lagged else found[1], m)
    points = words.label("report.step.points", step=words.number(tenth, 0 if tenth >= 1 else 1))
    return Step(name, tenth / float(found[2] or 1.0), points)


def _scored(m: Material, name: str) -> bool:
    """Whether a name stands for scores: a node of the index, which no variable of the panel is called."""
    return name in m.index.tree.by_id and name not in m.panel.names


def size(outcome: str, value: float) -> str:
    """A change of the outcome: per cent of a logarithm, else as it is."""
    if logs(outcome):
        return percent(value)
    return words.signed(value, 3)
