"""The bundled study asem against a second computation: plain loops over COINr's own two files, no line shared."""

import csv
import math
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from zhiyu.data.panel import Mark
from zhiyu.measure import Index
from zhiyu.study import Study

HERE = Path(__file__).parent / "asem"
PILLARS = ("Physical", "ConEcFin", "Political", "Instit", "P2P", "Environ", "Social", "SusEcFin")
AGGREGATES = (*PILLARS, "Conn", "Sust", "Index")

Column = list[float | None]


def read(name: str) -> list[dict[str, str]]:
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def number(cell: str) -> float | None:
    return None if cell in ("", "NA", "NaN") else float(cell)


def shape(column: list[float]) -> tuple[float, float]:
    """Skewness and kurtosis by sums of powers, as a spreadsheet's SKEW and KURT define them."""
    n = len(column)
    mean = math.fsum(column) / n
    s = math.sqrt(math.fsum((v - mean) ** 2 for v in column) / (n - 1))
    third = math.fsum(((v - mean) / s) ** 3 for v in column)
    fourth = math.fsum(((v - mean) / s) ** 4 for v in column)
    skew = n / ((n - 1) * (n - 2)) * third
    kurt = n * (n + 1) / ((n - 1) * (n - 2) * (n - 3)) * fourth - 3 * (n - 1) ** 2 / ((n - 2) * (n - 3))
    return skew, kurt


def sound(column: list[float]) -> bool:
    skew, kurt = shape(column)
    return abs(skew) < 2 or kurt < 3.5


def treated(column: list[float]) -> tuple[list[float], str]:
    new, moved = list(column), 0
    while not sound(new) and moved < 5:
        end = max(new) if shape(new)[0] >= 0 else min(new)
        others = [v for v in new if v != end]
        then = max(others) if end == max(new) else min(others)
        new = [then if v == end else v for v in new]
        moved = sum(a != b for a, b in zip(new, column, strict=True))
    if sound(new):
        return new, f"winsorised {moved}" if moved else ""
    low, high = min(column), max(column)
    return [math.log(v - low + 0.01 * (high - low)) for v in column], "log"


class Again:
    """The whole chain again."""

    def __init__(self) -> None:
        self.rows, meta = read("iData.csv"), read("iMeta.csv")
        self.codes = [row["uCode"] for row in self.rows]
        self.indicators = [m for m in meta if m["Type"] == "Indicator"]
        self.denominated, self.imputed = 0, set()
        self.how: dict[str, str] = {}
        self.scores: dict[str, dict[str, float]] = {}
        for m in self.indicators:
            self.scores[m["iCode"]] = self.normalised(m, self.filled(m["iCode"], self.raw(m)))
        parents = [m for m in meta if m["Type"] == "Aggregate"]
        for level in ("2.0", "3.0", "4.0"):
            for m in [p for p in parents if p["Level"] == level]:
                children = [c["iCode"] for c in meta if c["Parent"] == m["iCode"]]
                self.scores[m["iCode"]] = {
                    code: sum(self.scores[child][code] for child in children) / len(children) for code in self.codes
                }

    def raw(self, m: dict[str, str]) -> Column:
        column = [number(row[m["iCode"]]) for row in self.rows]
        if m["Denominator"]:
            self.denominated += 1
            by = [number(row[m["Denominator"]]) for row in self.rows]
            column = [None if v is None or d is None else v / d for v, d in zip(column, by, strict=True)]
        return column

    def filled(self, name: str, column: Column) -> list[float]:
        full = []
        for row, value in zip(self.rows, column, strict=True):
            if value is None:
                self.imputed.add((name, row["uCode"]))
                same = zip(self.rows, column, strict=True)
                there = [v for r, v in same if v is not None and r["EurAsia_group"] == row["EurAsia_group"]]
                value = math.fsum(there) / len(there)
            full.append(value)
        return full

    def normalised(self, m: dict[str, str], column: list[float]) -> dict[str, float]:
        column, self.how[m["iCode"]] = treated(column)
        oriented = [float(m["Direction"]) * v for v in column]
        low, high = min(oriented), max(oriented)
        return {code: 100 * (v - low) / (high - low) for code, v in zip(self.codes, oriented, strict=True)}


@pytest.fixture(scope="module")
def again() -> Again:
    return Again()


@pytest.fixture(scope="module")
def index() -> Index:
    return Study.open("asem").measure()


def test_every_score_of_every_node(index: Index, again: Again) -> None:
    assert sorted(index.codes) == sorted(again.codes)
    assert len(again.codes) == 51
    assert {node.id for node in index.tree.nodes} == set(again.scores)
    assert {node.id for node in index.tree.nodes if not node.is_leaf} == set(AGGREGATES)
    for node, scores in again.scores.items():
        ours = index.scores.sel(node=node, year=2018)
        assert [float(ours.sel(region=code)) for code in again.codes] == pytest.approx(
            [scores[code] for code in again.codes], rel=0, abs=1e-9
        )


def test_denominators_and_missing_cells(index: Index, again: Again) -> None:
    assert again.denominated == sum("/" in leaf.formula for leaf in index.tree.leaves) == 17
    assert len(again.imputed) == len(index.imputed) == 65
    assert {(cell.indicator, cell.region) for cell in index.imputed} == again.imputed
    assert int((index.marks == int(Mark.IMPUTED)).sum()) == 65
    assert int((index.marks == int(Mark.OBSERVED)).sum()) == 51 * 49 - 65


def test_what_was_treated_and_how(index: Index, again: Again) -> None:
    counted = Counter((cell.indicator, cell.how) for cell in index.treated)
    ours = {name: f"{how} {number}" if how == "winsorised" else how for (name, how), number in counted.items()}
    assert ours == {name: how for name, how in again.how.items() if how}
    assert ours == TREATED


def test_nothing_is_missing_and_coverage_says_what_was_observed(index: Index, again: Again) -> None:
    assert np.isfinite(index.scores.values).all()
    lacking = Counter(code for _, code in again.imputed)
    rests = index.coverage.sel(node="Index", year=2018)
    assert all((float(rests.sel(region=code)) < 1 - 1e-9) == (lacking[code] > 0) for code in again.codes)


# the number is that of cells; five suffice for each indicator, so that none is logged
TREATED = {
    **dict.fromkeys(("Flights", "CostImpEx", "FemLab", "PubDebt"), "winsorised 1"),
    **dict.fromkeys(("FDI", "StMob", "Forest"), "winsorised 2"),
    **dict.fromkeys(("Bord", "Gas", "ForPort", "Tariff", "CultServ", "Poverty", "NGOs"), "winsorised 3"),
    "Services": "winsorised 4",
}
