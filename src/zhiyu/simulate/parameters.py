"""The parameters of the model: symbol, unit, prior, grade and source, one row each, in `parameters.csv` beside this."""

from __future__ import annotations

import csv
import math
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, cast

from zhiyu.terms import Label, Place, Refusal

TABLE = Path(__file__).parent / "parameters.csv"
COLUMNS = (
    *("name", "layer", "state", "symbol", "unit", "mean", "sd", "low", "high", "grade"),
    *("source_zh", "source_en", "zh", "en"),
)
LAYERS = ("core", "satellite")
GRADES = ("A", "B", "C", "D")  # a number in the literature; form and sign; stylised fact; assumed
Grade = Literal["A", "B", "C", "D"]


@dataclass(frozen=True)
class Parameter:
    """One row: the prior is Gaussian, mean and sd, or uniform between low and high; sd 0 is a constant."""

    name: str
    layer: str
    state: str
    symbol: str
    unit: str
    mean: float | None
    sd: float | None
    low: float | None
    high: float | None
    grade: Grade
    source: Label
    label: Label


def read(path: Path = TABLE) -> tuple[Parameter, ...]:
    """All rows of a table of parameters, in order.

    Raises
    ------
    Refusal
        For a column that is missing, a name that stands twice, an unknown layer or grade, text where a number belongs,
        a negative sd, low above high, or a row that states neither kind of prior.
    """
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    lacking = [column for column in COLUMNS if not rows or column not in rows[0]]
    if lacking:
        raise Refusal("parameters_columns", Place(file=path.name), names=", ".join(lacking))
    found = tuple(_parameter(row, Place(file=path.name, row=number)) for number, row in enumerate(rows, start=2))
    twice = [name for name, times in Counter(parameter.name for parameter in found).items() if times > 1]
    if twice:
        raise Refusal("parameter_twice", Place(file=path.name), name=twice[0])
    return found


@cache
def core() -> tuple[Parameter, ...]:
    """Parameters of the observed core: each is fitted."""
    return tuple(parameter for parameter in read() if parameter.layer == "core")


@cache
def satellite() -> tuple[Parameter, ...]:
    """Parameters of the assumed satellite: none is fitted."""
    return tuple(parameter for parameter in read() if parameter.layer == "satellite")


def _parameter(row: dict[str, str], place: Place) -> Parameter:
    for column, known in (("layer", LAYERS), ("grade", GRADES)):
        if row[column] not in known:
            at = Place(place.file, row=place.row, column=column)
            raise Refusal("parameter_unknown_word", at, word=row[column], known=", ".join(known))
    mean, sd, low, high = (_number(row, column, place) for column in ("mean", "sd", "low", "high"))
    gaussian = mean is not None and sd is not None and sd >= 0
    uniform = low is not None and high is not None and low <= high
    if (
        not (gaussian or uniform)
        or (sd is not None and sd < 0)
        or (low is not None and high is not None and low > high)
    ):
        raise Refusal("parameter_prior", place, name=row["name"])
    return Parameter(
        row["name"],
        row["layer"],
        row["state"],
        row["symbol"],
        row["unit"],
        mean,
        sd,
        low,
        high,
        cast(Grade, row["grade"]),
        Label(row["source_zh"], row["source_en"]),
        Label(row["zh"], row["en"]),
    )


def _number(row: dict[str, str], column: str, place: Place) -> float | None:
    if not row[column].strip():
        return None
    try:
        number = float(row[column])
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise Refusal("not_a_number", Place(place.file, row=place.row, column=column), text=row[column])
    return number
