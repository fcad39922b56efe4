"""What no study file can provoke, the functions refuse in the same two sentences; and no refusal goes untried."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from support import CN, MAINLAND, recipe, small_panel, tree

import zhiyu
from zhiyu import framework
from zhiyu.data import neighbours
from zhiyu.data.regions import Region, Regions
from zhiyu.measure import measure
from zhiyu.measure.compensability import compensability
from zhiyu.measure.judgement import ahp_weights, bod_scores
from zhiyu.measure.obstacle import obstacle_degrees
from zhiyu.measure.robustness import replay
from zhiyu.measure.sobol import sobol_design
from zhiyu.measure.weighting import entropy_weights
from zhiyu.study import Study
from zhiyu.terms import LOCALES, Label, Refusal, catalogue

HERE = Path(__file__).parent
SOURCE = Path(zhiyu.__file__).parent
NAN = float("nan")


def land(names: str, lon: float | None = None, lat: float | None = None) -> Regions:
    """Regions of these letters, all at one point or at none."""
    labels = {name: Label(f"地{name}", f"Land {name}") for name in names}
    return Regions("made", tuple(Region(name, label, label, lon=lon, lat=lat) for name, label in labels.items()))


LAND = land("ABC")
ROUND = [["", "A", "B", "C"], ["A", "0", "1", "2"], ["B", "1", "0", "3"], ["C", "2", "3", "0"]]


def matrix(row: int, column: int, cell: str, size: int = 4) -> Callable[[Path], object]:
    """Reads a matrix of neighbours with one cell changed, cut to its first `size` columns."""

    def read(folder: Path) -> object:
        rows = [list(cells) for cells in ROUND]
        rows[row][column] = cell
        (folder / "w.csv").write_text("".join(",".join(cells[:size]) + "\n" for cells in rows), encoding="utf-8")
        return neighbours.from_matrix(folder / "w.csv", LAND)

    return read


def mainland_and_taiwan(folder: Path) -> object:
    return neighbours.from_coordinates(MAINLAND, k=4).select(CN)


def vary_nothing(folder: Path) -> object:
    panel = small_panel({"x": [[1.0], [2.0]]}, years=[2020])
    return replay(panel, tree("all - -", "a all x"), recipe(), {}, draws=2)


def z_scores(folder: Path) -> object:
    panel = small_panel({"x": [[1.0], [2.0], [4.0]], "y": [[3.0], [1.0], [2.0]]}, years=[2020])
    chosen = recipe(normalise={"method": "zscore"}, weight={"method": "equal"})
    return compensability(measure(panel, tree("all - -", "a all x", "b all y"), chosen))


class Call(NamedTuple):
    """A call that is refused with a key; en, zh: words of the message, between bars."""

    key: str
    call: Callable[[Path], object]
    en: str
    zh: str


CALLS = [
    Call("bod_bounds", lambda _: bod_scores(np.ones((2, 2)), 0.6), "0.6 and 1.0|at most 1/2", "0.6 与 1.0|1/2"),
    Call("bod_bounds", lambda _: bod_scores(np.ones((2, 3)), 0.0, 0.3), "0.0 and 0.3|at least 1/3", "0.0 与 0.3|1/3"),
    Call("bod_needs_positive", lambda _: bod_scores(np.array([[1.0, NAN]])), "complete|fill the gaps", "完整|补齐缺口"),
    Call(
        "bod_needs_positive", lambda _: bod_scores(np.zeros((2, 2))), "a positive one|minmax", "至少有一个正值|minmax"
    ),
    Call(
        "judgements_shape", lambda _: ahp_weights(np.ones((2, 3))), "2x3|15 rows|[[1, 2], [0.5, 1]]", "2x3|15 阶|逐行"
    ),
    Call("judgements_shape", lambda _: ahp_weights(np.ones((16, 16))), "16x16|15 rows|in full", "16x16|15 阶|逐行"),
    Call("judgements_not_reciprocal", lambda _: ahp_weights(-np.eye(2)), "row 1, column 1|1/3", "第 1 行第 1 列|1/3"),
    Call(
        "missing_value", lambda _: entropy_weights(np.array([[1, 2], [3, NAN]])), '"2"|entropy|Fill', "“2”|entropy|填补"
    ),
    Call(
        "scores_not_shares",
        lambda _: obstacle_degrees(np.array([[-1.5, 2.0]]), np.ones(2)),
        "-1.5 to 2|minmax",
        "-1.5 与 2|minmax",
    ),
    Call("sobol_samples", lambda _: sobol_design(1, 3), "1 samples|at least 2", "样本数 1 |至少为 2"),
    Call("vary_nothing", vary_nothing, 'Nothing is to vary|{"normalise.method"', '没有给出|{"normalise.method"'),
    Call(
        "no_out",
        lambda _: Study.open("europe-desi").write("tables", dict, []),
        "No folder|--out DIR",
        "没有指定|--out DIR",
    ),
    Call("unknown_framework", lambda _: framework.load("papper"), 'study.toml|"papper"|base = "none"', "“papper”|base"),
    Call(
        "neighbours_choice",
        lambda _: neighbours.from_coordinates(LAND),
        "Say k, band_km or decay|k = 4",
        "须给出 k|k = 4",
    ),
    Call("neighbours_bound", lambda _: neighbours.from_coordinates(MAINLAND, k=31), "k = 31|1-30", "k = 31|1-30"),
    Call(
        "neighbours_bound",
        lambda _: neighbours.from_coordinates(MAINLAND, decay=0.0),
        "decay = 0.0|> 0",
        "decay = 0.0|> 0",
    ),
    Call("no_coordinates", lambda _: neighbours.from_coordinates(LAND, k=1), "Land A|lon and lat", "地A|lon 与 lat"),
    Call(
        "same_point",
        lambda _: neighbours.from_coordinates(land("AB", 0.0, 0.0), decay=1.0),
        "Land A - Land B|leave decay out",
        "地A—地B|不用 decay",
    ),
    Call("neighbours_region_missing", mainland_and_taiwan, "Taiwan|Add these regions", "台湾|请补上"),
    Call(
        "matrix_asymmetric",
        matrix(1, 2, "5"),
        "w.csv|Land A - Land B|5 and 1|directed",
        "w.csv|地A—地B|5 与 1|directed",
    ),
    Call(
        "matrix_diagonal", matrix(2, 2, "1"), "w.csv|Land B|1, not 0|make the diagonal 0", "w.csv|地B|权重为 1|改为 0"
    ),
    Call(
        "matrix_negative", matrix(1, 3, "-2"), "w.csv, row 2|-2 is negative|zero or more", "w.csv，第 2 行|-2|不小于零"
    ),
    Call("matrix_not_a_number", matrix(3, 1, "x"), 'w.csv, row 4|"x"|write 0', "w.csv，第 4 行|“x”|请写 0"),
    Call("matrix_not_square", matrix(0, 0, "", size=3), "w.csv|Land C|List the same", "w.csv|地C|列出相同的地区"),
    Call(
        "compensability_negative",
        z_scores,
        "[measure] normalise|fall to -|minmax",
        "[measure] normalise|最低为 -|minmax",
    ),
]

# refusals that nothing provokes, with the reason; none so far
UNPROVOKED = {"bod_unsolved": "a guard against the solver: zero weights are always feasible, and scores bounded"}


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("case", CALLS, ids=lambda case: case.key)
def test_a_function_refuses_broken_arguments(case, locale, tmp_path):
    with pytest.raises(Refusal) as raised:
        case.call(tmp_path)
    assert raised.value.key == case.key, raised.value.text(locale)
    told = raised.value.text(locale)
    what, remedy = told.rsplit("\n", 1)
    assert what.strip()
    assert remedy.strip()
    for word in (case.en if locale == "en" else case.zh).split("|"):
        assert word in told, told
    assert not re.search(r"\{\w*\}", told), told
    assert not re.search(r"\b(None|nan|array\(|Label\()", told), told


def test_every_refusal_is_provoked():
    """By a broken study of refusals.csv, or by a call above; a new refusal comes with a broken input of its own."""
    with (HERE / "refusals.csv").open(encoding="utf-8", newline="") as file:
        tried = {row["key"] for row in csv.DictReader(file)} | {case.key for case in CALLS}
    raised = {
        key for path in SOURCE.rglob("*.py") for key in re.findall(r'\bRefusal\(\s*"(\w+)"', path.read_text("utf-8"))
    }
    # some are raised by a key handed on, which the catalogue knows and tests/test_terms.py finds in the code
    raised |= {key.split(".")[1] for key in catalogue() if key.startswith("refuse.")}
    assert len(raised) > 120
    assert sorted(raised - tried - set(UNPROVOKED)) == []
    assert sorted((tried | set(UNPROVOKED)) - raised) == []
    assert sorted(tried & set(UNPROVOKED)) == []
