"""Synthetic difference in differences with its placebo error, beside synthdid-py."""

from __future__ import annotations

import csv
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.timing import Row, best
from zhiyu.explain.synthetic import synthetic_did

DATA = Path(__file__).parents[1] / "tests/oracles/california/california_prop99.csv"
START, PLACEBOS = 19, 38
JOB = f"synthetic DID of California's tobacco tax, 39 x 31, with the error of all {PLACEBOS} placebos"


def peer() -> Any:
    """synthdid-py, None where the group `bench` is not installed."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import synthdid
    except ImportError:
        return None
    return synthdid


def rows() -> list[Row]:
    """Lines of the page."""
    with DATA.open(encoding="utf-8", newline="") as file:
        cells = list(csv.DictReader(file, delimiter=";"))
    names = sorted({row["State"] for row in cells}, key=lambda name: (name == "California", name))
    y = np.empty((len(names), 31))
    for row in cells:
        y[names.index(row["State"]), int(row["Year"]) - 1970] = float(row["PacksPerCapita"])
    treated = np.array([name == "California" for name in names])
    ours = best(lambda: synthetic_did(y, treated, START, draws=PLACEBOS), 3)
    found = peer()
    if found is None:
        return [Row(f"{JOB}; synthdid-py is not installed (./dev bench installs it)", ours)]
    one = synthetic_did(y, treated, START)
    estimate = found.synthdid_estimate(y, len(y) - 1, START)
    assert abs(float(estimate) - one.att) < 1e-9, "the two do not agree"

    def theirs() -> None:
        again = found.synthdid_estimate(y, len(y) - 1, START)
        found.placebo_se(again, replications=PLACEBOS)

    return [Row(JOB, ours, "synthdid-py, as many placebos drawn", best(theirs, 1))]
