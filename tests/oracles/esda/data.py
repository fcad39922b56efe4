"""The data that esda and ours are asked about: incomes of the 48 states by their borders, and of China's provinces."""

import csv
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
CHINA = HERE.parents[2] / "src" / "zhiyu" / "studies" / "china-provinces"


def states() -> tuple[np.ndarray, np.ndarray]:
    """(48,) income per head in 2009 and (48, 48) borders."""
    with (HERE / "us_income_2009.csv").open(encoding="utf-8", newline="") as file:
        income = np.array([float(row["2009"]) for row in csv.DictReader(file)])
    lines = (HERE / "us_states48.gal").read_text(encoding="utf-8").split("\n")[1:]
    borders = np.zeros((48, 48))
    for head, near in zip(lines[0::2], lines[1::2], strict=False):
        if head.strip():
            borders[int(head.split()[0]), [int(code) for code in near.split()]] = 1.0
    return income, borders


def provinces() -> tuple[np.ndarray, np.ndarray]:
    """(31,) GDP per head in 2022 and (31, 31) borders."""
    with (CHINA / "panel.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["year"] == "2022"]
    codes = sorted(row["adcode"] for row in rows)
    per_head = {row["adcode"]: float(row["gdp_100m"]) / float(row["population_10k"]) for row in rows}
    borders = np.zeros((len(codes), len(codes)))
    with (CHINA / "contiguity.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            i, j = codes.index(row["a"]), codes.index(row["b"])
            borders[i, j] = borders[j, i] = 1.0
    return np.array([per_head[code] for code in codes]), borders


def cases() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    return {"states": states(), "provinces": provinces()}
