"""Differences, names and small multiples as every room of the chapter shows them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from matplotlib.figure import Figure as Canvas

from zhiyu.report import words
from zhiyu.report.charts import canvas
from zhiyu.report.figures import LINE, MUTED
from zhiyu.report.material import Material
from zhiyu.simulate.carried import Carried
from zhiyu.simulate.simulation import Simulation
from zhiyu.simulate.told import SEEN, decimals, outcome
from zhiyu.simulate.trajectories import RATIOS
from zhiyu.terms import Label, Locale

SMALL = 7.5  # points: letters of a small multiple

NOUGHT = 1e-9  # a relative difference below it is one of rounding


def labels(of: Simulation) -> dict[str, Label]:
    """Names of the scenarios but the baseline, in their order."""
    return dict(list(zip(of.plan.names, of.plan.labels, strict=True))[1:])


def widest(of: Simulation, found: Carried) -> Label:
    """The scenario that does most; the baseline where there is no other."""
    return labels(of).get(found.widest, of.plan.labels[0])


def last(of: Simulation, scenario: str, name: str, part: str = "nation") -> np.ndarray:
    """(band,) difference from the baseline in the last year, in hundredths."""
    found = of.compared.differences.sel(scenario=scenario, outcome=name, part=part).isel(time=-1)
    return np.asarray(100 * found.values)


def reached(of: Simulation, name: str) -> bool:
    """Whether any scenario moves an outcome at all; nothing does where the study lacks what would carry it there."""
    return bool((np.abs(of.compared.differences.sel(outcome=name).values) > NOUGHT).any())


def told(band: np.ndarray, name: str = "") -> Label:
    """A difference in hundredths with its band, `+8.5% [5.4, 14.2]`: of an index in points, without the sign."""
    if not np.isfinite(band).all():
        return Label(words.DASH, words.DASH)
    unit = "%" if name in RATIOS else ""
    values = [float(x) for x in band]
    low, middle, high = (signed(x, digits) for x, digits in zip(values, decimals(values), strict=True))
    return Label(*(f"{middle}{unit} [{low}, {high}]",) * 2)


def signed(x: float, digits: int = 1) -> str:
    """A number with its sign; what is shown as nought has none."""
    return words.signed(round(x, digits) + 0.0, digits)


def headed(name: str) -> Label:
    """An outcome's name at the head of a column."""
    return words.heading(outcome(name))


def quoted(some: Sequence[Label], why: Sequence[Label | None] = ()) -> Label:
    """Names of scenarios in quotation marks, behind each in brackets why, or that there is none."""
    if not some:
        return words.label("report.if.nobody")
    reasons = why or (None,) * len(some)
    return words.both(
        lambda locale: words.listed([_quoted(*pair, locale) for pair in zip(some, reasons, strict=True)], locale)
    )


def _quoted(name: Label, why: Label | None, locale: Locale) -> str:
    word = f"“{name.text(locale)}”"
    return word if why is None else word + (f"（{why.zh}）" if locale == "zh" else f" ({why.en})")


def short(name: str, locale: Locale) -> str:
    """An outcome's name without what stands in brackets."""
    return headed(name).text(locale).split(" (")[0].split("（")[0]


def clear(band: np.ndarray) -> bool:
    """Whether a band (low, middle, high) lies on one side of zero, and can be seen."""
    return bool((band[0] > 0 or band[2] < 0) and abs(band[1]) >= SEEN)


def notes(m: Material, locale: Locale, *own: str) -> tuple[str, ...]:
    return (*own, *(note.text(locale) for note in m.coverage))


@contextmanager
def multiples(
    rows: int, columns: int, height: float, left: Sequence[str] = (), apart: float = 0.22, above: float = 0.28
) -> Iterator[tuple[Canvas, list[list[Any]]]]:
    """Small axes in rows and columns, each `height` inches high, between the names at their left."""
    whole = rows * height
    with canvas(whole, left) as (figure, axes):
        box = axes.get_position()
        axes.remove()
        wide, high = box.width / columns, 1.0 / rows
        made = [
            [
                figure.add_axes((box.x0 + c * wide, 1 - (r + 1) * high, wide * (1 - apart), high * (1 - above)))
                for c in range(columns)
            ]
            for r in range(rows)
        ]
        for row in made:
            for one in row:
                one.tick_params(labelsize=SMALL, colors=MUTED, length=2, pad=1.5)
                one.grid(axis="y", color=LINE, linewidth=0.5)
                one.set_axisbelow(True)
        yield figure, made
