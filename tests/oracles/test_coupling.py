"""The modified coupling degree against the paper that brought it: 91 pairs of C by the original and the modified model.

The paper prints no levels, but two figures of C give them: the original C = 2 sqrt(r) / (1 + r) has the ratio r of the
two levels, and the modified C = sqrt((1 - U (1 - r)) r) then the greater level U. Under the right formulas every U is a
level, between 0 and 1.
"""

import csv
from pathlib import Path

import numpy as np
from numpy.testing import assert_allclose

from zhiyu.explain.coupling import coupling_coordination

with (Path(__file__).parent / "coupling" / "wang2021_table8.csv").open(encoding="utf-8", newline="") as file:
    ROWS = [row for row in csv.DictReader(file) if row["original"] != "1.0000"]  # equal levels: U cannot be told
ORIGINAL, MODIFIED = (np.array([float(row[name]) for row in ROWS]) for name in ("original", "modified"))
RATIO = ((1 - np.sqrt(1 - ORIGINAL**2)) / ORIGINAL) ** 2


def test_the_levels_behind_the_published_pairs_give_both_figures_back() -> None:
    greater = (1 - MODIFIED**2 / RATIO) / (1 - RATIO)
    assert len(ROWS) == 90
    assert greater.min() > 0.1
    assert greater.max() < 0.7
    u = np.column_stack([greater, RATIO * greater])
    assert_allclose(coupling_coordination(u, variant="standard").coupling, ORIGINAL, atol=1e-12)
    assert_allclose(coupling_coordination(u).coupling, MODIFIED, atol=1e-12)


def test_without_the_outer_root_the_published_pairs_would_have_no_levels() -> None:
    greater = (1 - MODIFIED / RATIO) / (1 - RATIO)
    assert ((greater < 0) | (greater > 1)).all()
