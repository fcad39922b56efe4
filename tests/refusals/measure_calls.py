"""What data, framework and measure refuse of arguments that no study file reaches."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from refusals.call import Call
from support import CN, MAINLAND, recipe, small_panel, tree

from zhiyu import framework
from zhiyu.data import economic, neighbours
from zhiyu.data.events import read_events
from zhiyu.data.regions import Region, Regions, load
from zhiyu.measure import measure
from zhiyu.measure.compensability import compensability
from zhiyu.measure.judgement import ahp_weights, bod_scores
from zhiyu.measure.obstacle import obstacle_degrees
from zhiyu.measure.robustness import replay
from zhiyu.measure.sobol import sobol_design
from zhiyu.measure.weighting import entropy_weights
from zhiyu.study import Study
from zhiyu.terms import Label

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


LIKE = small_panel(
    {"x": [[1.0, 2.0], [2.0, 2.0]], "y": [[1.0, 1.0], [1.0, 2.0]], "z": [[1.0, 1.0], [NAN, 2.0]]}, years=[2020, 2021]
)


def different_neighbours(folder: Path) -> object:
    w = neighbours.from_coordinates(MAINLAND, k=4)
    return economic.nested(w, w.select(MAINLAND.select(MAINLAND.codes[:-1])))


def flows(content: str) -> Callable[[Path], object]:
    """Reads a table of flows."""

    def read(folder: Path) -> object:
        (folder / "f.csv").write_text(content + "\n", encoding="utf-8")
        return economic.from_flows(folder / "f.csv", MAINLAND)

    return read


def happened(*lines: str, called: str = "events.csv") -> Callable[[Path], object]:
    """Reads a table of events."""

    def read(folder: Path) -> object:
        (folder / "events.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        return read_events(folder / called, load("eu-countries"))

    return read


MEASURE_CALLS = [
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
    Call(
        "economic_outcome",
        lambda _: economic.from_variable(LIKE, "x", 2020, outcome=["x / y"]),
        'Economic weights from "x"|initial income',
        "“x”|期初人均收入",
    ),
    Call("economic_varies", lambda _: economic.from_variable(LIKE, "x"), '"x" changes|base_year', "“x”|base_year"),
    Call("economic_late", lambda _: economic.from_variable(LIKE, "x", 2021), "2021|no later than 2020", "2021年|2020"),
    Call(
        "economic_tie",
        lambda _: economic.from_variable(LIKE, "y", 2020),
        "Beijing - Tianjin|Give least",
        "北京—天津|least",
    ),
    Call(
        "economic_missing",
        lambda _: economic.from_variable(LIKE, "z", 2020),
        'Tianjin|"z"|Fill these in',
        "天津|“z”|补上",
    ),
    Call("neighbours_differ", different_neighbours, "different regions: 650000|select", "不同：650000|select"),
    Call("flows_three_columns", flows("a,b\nBeijing,Hebei"), "f.csv, row 1|amount|Add", "f.csv，第 1 行|数额|补上"),
    Call(
        "flow_twice",
        flows("a,b,c\nBeijing,Hebei,1\n北京,河北,2"),
        "f.csv, row 3|Beijing - Hebei|row 2",
        "f.csv，第 3 行|北京—河北|第2行",
    ),
    Call("flow_amount", flows("a,b,c\nBeijing,Hebei,x"), 'f.csv, row 2|"x"|a number', "f.csv，第 2 行|“x”|填写数"),
    Call(
        "event_without_policy",
        happened("policy,country,first_year", ",Italy,2016"),
        "events.csv, row 2|names no policy",
        "events.csv，第 2 行|政策名称",
    ),
    Call(
        "event_in_aggregate",
        happened("policy,country,first_year", "a,EU,2016"),
        "row 2, column country|sum of regions",
        "第 2 行|若干地区之和",
    ),
    Call(
        "event_year",
        happened("policy,country,first_year", "a,Italy,16"),
        'row 2, column first_year|"16"|1900 to 2100',
        "第 2 行|“16”|1900 到 2100",
    ),
    Call(
        "event_two_attributes",
        happened("policy,country,first_year,attribute", "a,Italy,2016,x", "a,Spain,2016,y"),
        'row 3, column attribute|"x"|"y"',
        "第 3 行|“x”|“y”",
    ),
]
