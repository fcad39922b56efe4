"""What no study file can provoke, the functions refuse in the same two sentences; and no refusal goes untried."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from refusals.claims_calls import CLAIM_CALLS
from support import CN, MAINLAND, recipe, small_panel, tree

import zhiyu
from zhiyu import framework
from zhiyu.data import economic, neighbours
from zhiyu.data.events import Event, Events, Policy, read_events
from zhiyu.data.regions import Region, Regions, load
from zhiyu.explain.choice import ExplainChoice, SpaceChoice
from zhiyu.explain.convergence import absolute_beta, clubs, hp_trend, log_t, sigma, spatial_beta
from zhiyu.explain.coupling import coupling_coordination
from zhiyu.explain.density import densities
from zhiyu.explain.disparity import bootstrap, dagum, gini
from zhiyu.explain.efficiency import efficiency, malmquist
from zhiyu.explain.evidence import QUESTIONS, Asked
from zhiyu.explain.getis_ord import getis_ord, local_getis_ord
from zhiyu.explain.group_time import callaway_santanna
from zhiyu.explain.instrument import two_stage
from zhiyu.explain.lead_lag import lead_lag
from zhiyu.explain.mechanism import shapley
from zhiyu.explain.of import events as events_module
from zhiyu.explain.of import mechanism as mechanism_module
from zhiyu.explain.of.convergence import convergence
from zhiyu.explain.of.coupling import coupling
from zhiyu.explain.of.disparity import disparity
from zhiyu.explain.of.events import events
from zhiyu.explain.of.formulas import parse as parse_model
from zhiyu.explain.of.mechanism import mechanism
from zhiyu.explain.of.productivity import productivity
from zhiyu.explain.of.regress import regress
from zhiyu.explain.of.space import space
from zhiyu.explain.of.spatial_panel import spatial_panel
from zhiyu.explain.of.transitions import transitions
from zhiyu.explain.panel_ols import fit as panel_fit
from zhiyu.explain.panel_tests import harris_tzavalis
from zhiyu.explain.productivity import growth_accounts
from zhiyu.explain.rank_size import rank_size
from zhiyu.explain.space import geary, local_moran, moran
from zhiyu.explain.spatial_panel import fit as spatial_fit
from zhiyu.explain.spatial_spectrum import spectrum
from zhiyu.explain.spatial_tests import all_models, durbin_tests
from zhiyu.explain.staggered import bacon
from zhiyu.explain.synthetic import synthetic_did
from zhiyu.explain.theil import theil
from zhiyu.explain.threshold import fit as threshold_fit
from zhiyu.explain.transitions import markov, spatial_markov
from zhiyu.explain.wild import wild_cluster
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


def couple_nothing(folder: Path) -> object:
    holed = {"x": [[1.0, NAN], [NAN, 2.0], [3.0, NAN]], "y": [[NAN, 1.0], [2.0, NAN], [NAN, 3.0]]}
    framework = tree("all - -", "a all x", "b all y")
    chosen = recipe(weight={"method": "equal"}, coverage={"indicator": 0.0})
    return coupling(measure(small_panel(holed), framework, chosen), framework)


def ring(values: np.ndarray, k: int, cuts: tuple[float, ...] | None = None) -> object:
    """A spatial chain of regions that stand in a ring."""
    return spatial_markov(values, np.roll(np.eye(len(values)), 1, axis=1), k, cuts)


def one_year_only(folder: Path) -> object:
    study = Study.open("europe-desi")
    return convergence(study.measure(), study.panel())


RISING = np.outer(np.arange(1.0, 8.0), np.arange(1.0, 10.0) ** 0.5)  # seven regions, nine years


def disparity_of(weights: str | None = None, normalise: str = "minmax", number: int = 4) -> object:
    """Disparity of so many provinces' scores in one year."""
    panel = small_panel({"x": [[float(k)] for k in range(number)]}, years=[2020])
    index = measure(
        panel, tree("all - -", "a all x"), recipe(normalise={"method": normalise}, weight={"method": "equal"})
    )
    return disparity(index, panel, None, draws=2, weights=weights)


RING = np.roll(np.eye(5), 1, axis=0)
LIKE = small_panel(
    {"x": [[1.0, 2.0], [2.0, 2.0]], "y": [[1.0, 1.0], [1.0, 2.0]], "z": [[1.0, 1.0], [NAN, 2.0]]}, years=[2020, 2021]
)


def space_without_panel(folder: Path) -> object:
    made = measure(small_panel({"x": np.arange(5.0)[:, None] + 1}), tree("all - -", "a all x"), recipe())
    return space(made, neighbours.from_coordinates(MAINLAND, k=4), permutations=9, variables=["x"])


def different_neighbours(folder: Path) -> object:
    w = neighbours.from_coordinates(MAINLAND, k=4)
    return economic.nested(w, w.select(MAINLAND.select(MAINLAND.codes[:-1])))


def flows(content: str) -> Callable[[Path], object]:
    """Reads a table of flows."""

    def read(folder: Path) -> object:
        (folder / "f.csv").write_text(content + "\n", encoding="utf-8")
        return economic.from_flows(folder / "f.csv", MAINLAND)

    return read


def spatial(change: Callable[[np.ndarray, np.ndarray, np.ndarray], object] | None = None, **chosen: Any) -> Any:
    """A spatial panel of five regions in a row and six years, with one thing broken."""

    def call(_: Path) -> object:
        rng = np.random.default_rng(0)
        w = np.eye(5, k=1) + np.eye(5, k=-1)
        y, x = rng.standard_normal((5, 6)), rng.standard_normal((5, 6, 2))
        if change is not None:
            change(y, x, w)
        return spatial_fit(y, x, w / np.maximum(w.sum(axis=1, keepdims=True), 1.0), **chosen)

    return call


def put(array: np.ndarray, at: Any, value: Any) -> None:
    array[at] = value


def defective(_: Path) -> object:
    """Weights along a line in one direction and back to its start by one edge only: a Jordan block."""
    w = 2.0 * np.eye(4, k=1)
    w[3, 2] = 1.0
    rng = np.random.default_rng(0)
    return spatial_fit(rng.standard_normal((4, 6)), rng.standard_normal((4, 6, 1)), w)


def runaway(_: Path) -> object:
    """An outcome that is nothing but its neighbours' mean, doubled."""
    rng = np.random.default_rng(0)
    w = np.ones((4, 4)) / 3 - np.eye(4) / 3
    y = np.broadcast_to(rng.standard_normal((1, 6)), (4, 6)) + 1e-3 * rng.standard_normal((4, 6))
    return spatial_fit(y, rng.standard_normal((4, 6, 1)), w, "lag", "none")


def explode(_: Path) -> object:
    rng = np.random.default_rng(0)
    w = np.eye(5, k=1) + np.eye(5, k=-1)
    w /= w.sum(axis=1, keepdims=True)
    y = np.cumsum(np.cumsum(rng.standard_normal((5, 40)), axis=1), axis=1)
    found = spatial_fit(y, rng.standard_normal((5, 40, 1)), w, "lag", "none", dynamic=True)
    return found.effects(long_run=True)


def no_root(_: Path) -> object:
    """Outcomes that grow by half every year."""
    rng = np.random.default_rng(0)
    w = np.eye(5, k=1) + np.eye(5, k=-1)
    w /= w.sum(axis=1, keepdims=True)
    y = 1.6 ** np.arange(7) * rng.standard_normal((5, 1)) + 0.01 * rng.standard_normal((5, 7))
    return spatial_fit(y, rng.standard_normal((5, 7, 1)), w, dynamic=True)


def other_data(_: Path) -> object:
    rng = np.random.default_rng(0)
    w = np.eye(5, k=1) + np.eye(5, k=-1)
    w /= w.sum(axis=1, keepdims=True)
    models = all_models(rng.standard_normal((5, 9)), rng.standard_normal((5, 9, 1)), w)
    return durbin_tests(models["durbin"], models["lag"], models["lag"], models["slx"])


def spatial_question(**chosen: Any) -> Callable[[Path], object]:
    """The labelled face on a small panel with a hole in every year but two."""

    def call(_: Path) -> object:
        x = np.random.default_rng(0).uniform(1, 2, (6, 5))
        holes = x.copy()
        holes[1, 2] = NAN
        panel = small_panel({"x": x, "y": x**2, "z": holes})
        near = neighbours.from_coordinates(panel.regions, k=2)
        index = measure(panel, tree("all - -", "a all x"), recipe(weight={"method": "equal"}))
        return spatial_panel(index, panel, near, SpaceChoice(**chosen), draws=100)

    return call


def threshold(change: Callable[[dict[str, np.ndarray]], object] | None = None, **chosen: Any) -> Any:
    """A panel threshold of six regions and five years, with one thing broken."""

    def call(_: Path) -> object:
        rng = np.random.default_rng(0)
        given = {name: rng.standard_normal((6, 5)) for name in ("y", "regime", "threshold")}
        given["x"] = rng.standard_normal((6, 5, 2))
        if change is not None:
            change(given)
        return threshold_fit(**given, **chosen)

    return call


NO_WEIGHTS = Asked(None, None, None, None, None, ExplainChoice(), 0)  # type: ignore[arg-type]  # refused before it looks


class Call(NamedTuple):
    """A call that is refused with a key; en, zh: words of the message, between bars."""

    key: str
    call: Callable[[Path], object]
    en: str
    zh: str


WAVES = np.sin(np.arange(24.0)).reshape(4, 6)  # four regions, six years


def silent() -> np.ndarray:
    """A regressor of which no instrument knows anything."""
    z = np.stack([WAVES**2, WAVES**3], axis=-1)
    return np.nan_to_num(panel_fit(np.cos(np.arange(24.0) ** 2).reshape(4, 6), z).residuals)


def ols(y: np.ndarray = WAVES, *columns: np.ndarray, **chosen: Any) -> Callable[[Path], object]:
    """A panel regression on these regressors, or on one that can be had."""
    x = np.stack(columns or (np.cos(np.arange(24.0) ** 2).reshape(4, 6)[: len(y), : y.shape[1]],), axis=-1)
    return lambda _: panel_fit(y, x, **chosen)


def instrumented(instruments: np.ndarray) -> Callable[[Path], object]:
    """Two endogenous regressors."""
    x = np.stack([WAVES**2, WAVES**3], axis=-1)
    return lambda _: two_stage(WAVES, x, np.zeros((4, 6, 0)), instruments)


STARTS = np.array([1.0, 1.0, 3.0, 3.0, np.inf, np.inf])  # of six regions


def happened(*lines: str, called: str = "events.csv") -> Callable[[Path], object]:
    """Reads a table of events."""

    def read(folder: Path) -> object:
        (folder / "events.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        return read_events(folder / called, load("eu-countries"))

    return read


def pilots(asked: dict[str, list[str]] | None) -> Callable[[Path], object]:
    """The face on a policy that began in every region at once."""

    def call(_: Path) -> object:
        panel = small_panel({"x": 2.0 + np.sin(np.arange(24.0)).reshape(4, 6)})
        index = measure(panel, tree("all - -", "a all x"), recipe(weight={"method": "equal"}))
        rows = tuple(Event("p", code, 2017) for code in panel.codes)
        return events(index, panel, Events((Policy("p", Label("试点", "Pilot"), "a"),), rows), asked)

    return call


def mechanisms(driver: str = "a", other: str = "b") -> Callable[[Path], object]:
    """The face on a tree of two indicators, both of the driver's where that is the root."""

    def call(_: Path) -> object:
        cells = 2.0 + np.sin(np.arange(24.0)).reshape(4, 6)
        panel = small_panel({"x": cells, "y": cells**2})
        framework = tree("all - -", "a all x", "b all y")
        index = measure(panel, framework, recipe(weight={"method": "equal"}))
        return mechanism(index, panel, framework, driver, [other], other, "y", draws=9)

    return call


def few_whole() -> object:
    """Events on an outcome that no three regions have in every year."""
    holes = np.where(np.eye(4, 6, dtype=bool), NAN, 2.0 + np.sin(np.arange(24.0)).reshape(4, 6))
    panel = small_panel({"x": holes})
    chosen = recipe(weight={"method": "equal"}, coverage={"indicator": 0.0})
    index = measure(panel, tree("all - -", "a all x"), chosen)
    label = index.tree["a"].label
    happened = Events((Policy("p", label, "a"),), (Event("p", panel.codes[0], 2017),))
    return events_module._effect(index, panel, happened, happened.policies[0], "a", label, 9, 0)


def mechanism_part(name: str, *given: Any) -> object:
    """A part of the face, which turns its refusals into reasons."""
    cells = 2.0 + np.sin(np.arange(24.0)).reshape(4, 6)
    framework = tree("all - -", "a all x", "b all y")
    index = measure(small_panel({"x": cells, "y": cells**2}), framework, recipe(weight={"method": "equal"}))
    return getattr(mechanism_module, name)(index, *given)


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
    Call("convergence_shape", lambda _: log_t(np.ones(5)), "the shape 5|rows", "形状为 5|行"),
    Call("convergence_shape", lambda _: hp_trend(np.ones((3, 2))), "3x2|four years", "3x2|四年"),
    Call(
        "convergence_missing",
        lambda _: clubs(np.where(np.arange(9) == 4, NAN, RISING)),
        "Row 1, column 5|fill the gap",
        "第 1 行第 5 列|补齐",
    ),
    Call("convergence_not_positive", lambda _: sigma(-RISING), "Row 1, column 1 is -1|above zero", "为 -1|大于零"),
    Call("convergence_too_short", lambda _: log_t(RISING[:, :6]), "Of 6 years 4|at least 7", "6 年|只剩 4|7 年"),
    Call("convergence_too_few", lambda _: absolute_beta(RISING[:3]), "3 regions and 9|4 regions", "3 个地区|4 个"),
    Call("convergence_no_spread", lambda _: log_t(np.ones((3, 9))), "year number 1|Leave", "第 1 年|去掉"),
    Call("convergence_discard", lambda _: log_t(RISING, discard=1.5), "1.5|1/3", "1.5|1/3"),
    Call(
        "convergence_option",
        lambda _: clubs(RISING, merging="all"),  # type: ignore[arg-type]
        '"all"|phillips-sul, von',
        "“all”|phillips-sul, von",
    ),
    Call(
        "convergence_controls",
        lambda _: absolute_beta(RISING, np.ones((6, 1))),
        "6x1|7xk|a row a region",
        "6x1|7xk|每个地区一行",
    ),
    Call("convergence_weights", lambda _: spatial_beta(RISING, np.zeros((7, 7))), "7x7|sum to one", "7×7|之和为一"),
    Call("convergence_collinear", lambda _: absolute_beta(np.ones((7, 3))), "combination|differ", "组合|差异"),
    Call("convergence_nothing", one_year_only, "1 consecutive years|pooled", "1 个连续年份|pooled"),
    Call("coupling_one_system", lambda _: coupling_coordination(np.ones(1)), "too few|two or more", "只有 1 个|两个"),
    Call("coupling_outside", lambda _: coupling_coordination(np.array([55.0, 0.4])), "0.4 to 55|100", "0.4 与 55|100"),
    Call(
        "coupling_variant",
        lambda _: coupling_coordination(np.ones(2), variant="wang2020"),
        '"wang2020"|wang2021, standard',
        "“wang2020”|wang2021, standard",
    ),
    Call(
        "coupling_weights",
        lambda _: coupling_coordination(np.ones(2), weights=np.ones(3) / 3),
        "3 weights for 2|equal weights",
        "3 个权重|等权",
    ),
    Call("coupling_no_level", couple_nothing, "60%|[measure.coverage] node", "60%|[measure.coverage] node"),
    Call("lead_lag_shapes", lambda _: lead_lag(np.ones((6, 5)), np.ones((6, 4))), "(6, 5)|(6, 4)|same", "(6, 5)|形状"),
    Call(
        "lead_lag_short",
        lambda _: lead_lag(np.ones((4, 5)), np.ones((4, 5))),
        "4 complete regions, 5 years|at least 5",
        "4 个，年份 5 个|至少需要 5 个",
    ),
    Call(
        "lead_lag_flat",
        lambda _: lead_lag(np.eye(6), np.ones((6, 6))),
        "does not move|regions differ",
        "没有任何变动|走势不同",
    ),
    Call(
        "markov_shape", lambda _: markov(np.ones(4), 2), "at least two years|this is 4|one row a region", "现为4|每行"
    ),
    Call("markov_shape", lambda _: markov(np.ones((3, 1)), 2), "this is 3 x 1", "现为3 x 1"),
    Call("markov_k", lambda _: markov(np.zeros((2, 2)), 1), "k = 1|two classes", "k = 1|至少为两类"),
    Call(
        "markov_class", lambda _: markov(np.array([[0, 1.5]]), 3), "1.5 is none|0 to 2|1 to 3", "1.5不是|0 至 2|1 至 3"
    ),
    Call("markov_class", lambda _: markov(np.array([[0, 7]]), 3), "7 is none", "7不是"),
    Call("markov_class", lambda _: markov(np.array([[1, 3]]), 3, first=0), "3 is none", "3不是"),
    Call("markov_first", lambda _: markov(np.array([[0, 3]]), 3), "both 0 and 3|first=1", "0 与 3|first=1"),
    Call("markov_first", lambda _: markov(np.array([[1, 2]]), 3), "or neither|first=0", "都未出现|first=0"),
    Call(
        "markov_few_values",
        lambda _: ring(np.ones((4, 2)), 3),
        "3 quantile classes|only 1 differ",
        "3 个分位|只有 1 个",
    ),
    Call("markov_cuts", lambda _: ring(np.ones((4, 2)), 3, (2.0, 1.0)), "[2, 1]|2 increasing", "[2, 1]|2 个递增"),
    Call(
        "markov_weights_shape",
        lambda _: spatial_markov(np.ones((4, 2)), np.ones((3, 3)), 2),
        "3 x 3|4 regions",
        "3 x 3|4 个地区",
    ),
    Call(
        "markov_weights",
        lambda _: spatial_markov(np.ones((2, 2)), np.eye(2), 2),
        "diagonal that is not zero|own neighbour",
        "对角线不为零|自己的邻居",
    ),
    Call(
        "no_transitions",
        lambda _: transitions(Study.open("asem").measure()),
        "two successive years|more years",
        "前后两年|更多年份",
    ),
    Call("disparity_shape", lambda _: gini(np.ones((2, 3))), "2x3, not n|one length", "2x3|等长"),
    Call("disparity_shape", lambda _: dagum(np.ones(3), np.ones(2)), "shape 2, not 3", "为 2，应为 3"),
    Call("disparity_shape", lambda _: gini(np.ones(3), np.ones(4)), "shape 4, not 3", "为 4，应为 3"),
    Call("disparity_values", lambda _: gini(np.array([1.0, -2.0])), "number 2 is -2|z-scores", "第 2 个值为 -2|z 得分"),
    Call("disparity_values", lambda _: gini(np.array([NAN, 1.0])), "number 1 is -|Drop or fill", "第 1 个值|补齐"),
    Call("disparity_weights", lambda _: gini(np.ones(2), np.array([1.0, -1.0])), "number 2 is -1", "第 2 个权重为 -1"),
    Call("disparity_zero_mean", lambda _: gini(np.zeros(3)), "All values are zero|above zero", "所有值均为零|正值"),
    Call("disparity_groups", lambda _: dagum(np.ones(2), np.array(["a", ""])), "number 2 has no group", "第 2 个地区"),
    Call("disparity_groups", lambda _: dagum(np.ones(2), np.array([NAN, 1.0])), "number 1 has no group", "第 1 个地区"),
    Call(
        "disparity_groups", lambda _: dagum(np.ones(2), np.array(["a", None])), "number 2 has no group", "第 2 个地区"
    ),
    Call(
        "disparity_group_weightless",
        lambda _: dagum(np.ones(3), np.array(["a", "b", "b"]), np.array([0.0, 1.0, 1.0])),
        '"a"|without weight',
        "“a”|没有权重",
    ),
    Call("disparity_draws", lambda _: bootstrap(np.ones((1, 2)), np.ones(2), draws=1), "1 draws|1000", "次数为 1|1000"),
    Call("disparity_few", lambda _: disparity_of(number=2), "node all|three regions|coverage", "节点all|三个|覆盖率"),
    Call("disparity_negative_index", lambda _: disparity_of(normalise="zscore"), "node all|minmax", "节点all|minmax"),
    Call("disparity_weight_variable", lambda _: disparity_of("people"), '"people"|population', "“people”|人口"),
    Call("disparity_weight_variable", lambda _: disparity_of("x"), '"x"|not above zero', "“x”|不大于零"),
    Call("theil_index", lambda _: theil(np.ones(2), index="G"), '"G"|"T" or "L"', '“G”|"T" 或 "L"'),
    Call(
        "theil_zero", lambda _: theil(np.array([1.0, 0.0]), index="L"), "number 2 is zero|Theil's T", "第 2 个值|泰尔 T"
    ),
    Call("rank_size_zero", lambda _: rank_size(np.array([3.0, 2.0, 0.0])), "number 3 is zero|Drop", "第 3 个规模|去掉"),
    Call("rank_size_few", lambda _: rank_size(np.full(5, 2.0)), "only 1 different|three", "只有 1 个|三个"),
    Call("density_missing", lambda _: densities(np.array([[1.0, NAN]])), "1 values are missing", "1 个缺失值"),
    Call("density_bandwidth", lambda _: densities(np.ones((4, 2))), "bandwidth is 0|above zero", "带宽为 0|大于零"),
    Call(
        "space_weights_shape",
        lambda _: moran(np.arange(5.0), np.ones((4, 4))),
        "4x4|5 regions|5 rows",
        "4x4|5个地区|5行",
    ),
    Call(
        "space_weights_values", lambda _: moran(np.arange(5.0), np.eye(5)), "diagonal|at least one", "对角线|一对邻居"
    ),
    Call("space_weights_values", lambda _: moran(np.arange(5.0), -RING), "negative|zero or more", "负数|不小于零"),
    Call("space_weights_values", lambda _: moran(np.arange(5.0), 0 * RING), "but zeros|at least one", "全部为零|一对"),
    Call("permutations", lambda _: moran(np.arange(5.0), RING, 0), "0 permutations|999", "0，至少|999"),
    Call("permutations", lambda _: local_moran(np.arange(5.0), RING, 0), "0 permutations|999", "0，至少|999"),
    Call("space_missing", lambda _: geary(np.array([1, 2, 3, NAN, 5]), RING), "1 values|Fill the gaps", "1个值|填补"),
    Call(
        "no_events",
        lambda _: QUESTIONS["events"](NO_WEIGHTS),
        "no policy events|first year",
        "没有给出政策事件|起始年份",
    ),
    Call(
        "no_neighbours",
        lambda _: QUESTIONS["space"](NO_WEIGHTS),
        "no spatial weights|lon and lat",
        "没有空间权重|lon与lat",
    ),
    Call("space_few", lambda _: moran(np.arange(3.0), np.ones((3, 3))), "at least 4|there are 3", "只有3个|需要4个"),
    Call("space_constant", lambda _: local_moran(np.ones(5), RING), "have the value 1|differs", "都是1|有差异"),
    Call("space_negative", lambda _: getis_ord(np.arange(5.0) - 1, RING), "the least is -1|Moran", "最小值为-1|莫兰"),
    Call(
        "space_negative",
        lambda _: local_getis_ord(np.array([0.0, 0, 0, 0, 2]), RING),
        "least is 0, and 1 are above|Moran",
        "最小值为0，大于零的有1个|莫兰",
    ),
    Call("space_no_panel", space_without_panel, "variables x|Give the panel", "变量x|panel"),
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
    Call("weights_shape", lambda _: spectrum(np.ones((2, 2))), "2x2|same regions", "2x2|同一批地区"),
    Call("weights_cell", lambda _: spectrum(np.eye(3, k=1) - np.eye(3)), "Row 0, column 0|is -1", "第 0 行第 0 列|-1"),
    Call("weights_diagonal", lambda _: spectrum(np.ones((3, 3))), "Entry 0|1, not 0", "第 0 个|应为 0"),
    Call("weights_islands", spatial(lambda y, x, w: put(w, 2, 0.0)), "positions 2|sea link", "位置为 2|跨海"),
    Call("weights_defective", defective, "eigenvectors|Row-standardise", "特征向量|行标准化"),
    Call("rho_at_bound", runaway, "end of the admissible|two-way", "可取区间|双向效应"),
    Call(
        "regressors_too_many",
        lambda _: spatial_fit(np.ones((3, 2)), np.ones((3, 2, 4)), np.ones((3, 3)) - np.eye(3)),
        "8 regressors|6 observations",
        "8 个|6 个",
    ),
    Call(
        "regressor_explained",
        spatial(lambda y, x, w: put(x, (..., 1), np.arange(6.0))),
        '"x1"|year effects',
        "“x1”|年份效应",
    ),
    Call("outcome_explained", spatial(lambda y, x, w: put(y, ..., x[..., 0])), "wholly|no variation", "完全解释|变动"),
    Call("dynamic_no_root", no_root, "on a panel of 6 years|growth", "6 年|增长率"),
    Call("dynamic_model", spatial(model="error", dynamic=True), "not error|durbin", "error|durbin"),
    Call("effects_explode", explode, "do not die out|static", "不会消退|静态"),
    Call("effects_draws", lambda path: spatial()(path).effects(draws=10), "10 draws|at least 100", "10 次|100 次"),
    Call(
        "spatial_shapes",
        lambda _: spatial_fit(np.ones((3, 4)), np.ones((3, 5, 1)), np.ones((3, 3)) - np.eye(3)),
        "y is 3x4, x is 3x5x1|(regions, years)",
        "3x4|3x5x1",
    ),
    Call(
        "spatial_years",
        lambda _: spatial_fit(np.ones((3, 1)), np.ones((3, 1, 1)), np.ones((3, 3)) - np.eye(3)),
        "1 years|at least 2",
        "1 个年份|至少需要 2 个",
    ),
    Call("spatial_cell", spatial(lambda y, x, w: put(x, (3, 2, 1), NAN)), "x1|region 3, year 2", "x1|地区 3、年份 2"),
    Call("tests_fits", other_data, "error is not one|all_models", "error 不是|all_models"),
    Call(
        "spatial_incomplete",
        spatial_question(outcome="y", regressors={"of_z": "z"}),
        "2017|of_z|fewer than 4",
        "2017|of_z|连续 4 年",
    ),
    Call("spatial_no_question", spatial_question(), "gdp_real|[explain.space]", "gdp_real|[explain.space]"),
    Call(
        "spatial_no_regressors",
        spatial_question(outcome="y"),
        "no regressors|regressors = {",
        "没有自变量|regressors = {",
    ),
    Call("panel_infinite", ols(np.where(WAVES.max() == WAVES, np.inf, WAVES)), "infinite value", "无穷大"),
    Call("panel_regions_few", ols(np.where(np.arange(4)[:, None] > 0, NAN, WAVES)), "Only 1 region", "只有 1 个"),
    Call("panel_years_few", ols(WAVES[:, :2], errors="driscoll-kraay"), "only 2 years|cluster", "只有 2 年|cluster"),
    Call("panel_too_small", ols(WAVES[:2, :2]), "only 4 complete|for 4", "只有 4 个|共 4 个"),
    Call("collinear_regressor", ols(WAVES, WAVES**2, WAVES**2), "Regressor 1", "第 1 个自变量"),
    Call("no_such_regressor", lambda _: wild_cluster(WAVES, WAVES[..., None], 2), "no regressor 2", "没有第 2 个"),
    Call("draws_few", lambda _: wild_cluster(WAVES, (WAVES**2)[..., None], draws=0), "0 draws", "次数为 0"),
    Call("unit_root_cells", lambda _: harris_tzavalis(WAVES[:, :2]), "without gaps|3 years", "没有缺口|3 年"),
    Call("instruments_few", instrumented(WAVES[..., None]), "2 endogenous|only 1", "2 个|只有 1 个"),
    Call(
        "instruments_silent",
        lambda _: two_stage(
            WAVES,
            np.stack([WAVES**2, 2 * WAVES**2 + silent()], axis=-1),
            np.zeros((4, 6, 0)),
            np.stack([WAVES**2, WAVES**3], axis=-1),
        ),
        "cannot tell",
        "不足以",
    ),
    Call("model_shape", lambda _: parse_model("y x"), "y x|outcome ~ regressor", "y x|结果 ~ 自变量"),
    Call("model_effect", lambda _: parse_model("y ~ x | province"), "province|region, year", "province|region、year"),
    Call("model_operator", lambda _: parse_model("y ~ a / b"), "a / b|parentheses", "a / b|括号"),
    Call(
        "model_instruments",
        lambda _: regress(small_panel({"y": WAVES}), "y ~ 1 | region | a ~ z"),
        "has instruments|instrumental",
        "有工具变量|instrumental",
    ),
    Call(
        "production_shapes",
        lambda _: growth_accounts(np.ones((3, 2)), np.ones((2, 2, 1)), np.ones(1)),
        "output (3, 2), inputs (2, 2, 1)|A row a region",
        "产出(3, 2)|每行一个地区",
    ),
    Call(
        "production_years",
        lambda _: malmquist(np.ones((3, 1, 1)), np.ones((3, 1, 1))),
        "1 years|at least 2|more years",
        "1个年份|2个|更多",
    ),
    Call(
        "production_cell",
        lambda _: efficiency(np.ones((3, 2)), np.array([[1.0], [-2.0], [1.0]])),
        "Output number 0 of region 1|is -2|leave out",
        "产出第0项在第1个地区|为-2|去掉",
    ),
    Call("production_cell", lambda _: efficiency(np.zeros((3, 2)), np.ones((3, 1))), "Input number 0|is 0", "投入|为0"),
    Call(
        "factor_shares",
        lambda _: growth_accounts(np.ones((3, 2)), np.ones((3, 2, 2)), np.array([0.5, 0.6])),
        "sum to 1.1|constant returns",
        "合计1.1|规模报酬不变",
    ),
    Call(
        "factor_shares_named",
        lambda _: productivity(LIKE, inputs={"capital": "x"}),
        "inputs are capital|stated for -",
        "投入为capital|写的是-",
    ),
    Call(
        "production_variables",
        lambda _: productivity(LIKE),
        "gdp_real2011_100m|other output and inputs",
        "gdp_real2011_100m|产出与投入",
    ),
    Call(
        "production_few",
        lambda _: productivity(LIKE, output="x", inputs={"one": "y"}, shares={"one": 1.0}),
        "2 regions over 2 years|4 years",
        "2个、年份有2个|4个年份",
    ),
    Call(
        "efficiency_option",
        lambda _: efficiency(np.ones((3, 1)), np.ones((3, 1)), "rising"),  # type: ignore[arg-type]
        '"rising"|constant, variable',
        "“rising”|constant, variable",
    ),
    Call(
        "threshold_shapes",
        threshold(lambda given: given.update(x=np.ones((6, 4, 1)))),
        "y is 6x5, x is 6x4x1|(regions, years)",
        "y 为 6x5|6x4x1",
    ),
    Call(
        "threshold_cell",
        threshold(lambda given: put(given["regime"], (3, 2), NAN)),
        "regime|region 3, year 2",
        "3、年份 2",
    ),
    Call(
        "threshold_cell", threshold(lambda given: put(given["x"], (0, 1, 1), NAN)), "x1|region 0, year 1", "x1|年份 1"
    ),
    Call(
        "threshold_constant", threshold(lambda given: put(given["threshold"], ..., 2.5)), "2.5 everywhere", "等于 2.5"
    ),
    Call(
        "threshold_few",
        threshold(lambda given: put(given["threshold"], ..., given["y"] > 0), count=2, trim=0.1),
        "2 distinct|2 thresholds|3 observations|Lower trim",
        "2 个不同|2 个门槛|3 个观测",
    ),
    Call(
        "threshold_few",
        threshold(
            lambda given: put(given["regime"], given["threshold"] < 9.0, 0.0) or put(given["regime"], (0, 0), 1.0)
        ),
        "30 distinct|a slope in every part",
        "30 个不同|斜率可估",
    ),
    Call("threshold_count", threshold(count=4), "4 thresholds|1 to 3", "为 4|1 至 3"),
    Call("threshold_trim", threshold(trim=0.25, count=2), "0.25|below 1/4", "0.25|小于 1/4"),
    Call("threshold_search", threshold(grid=1), "grid 1|2 or more", "grid 为 1|不小于 2"),
    Call("threshold_search", threshold(bootstraps=-1), "bootstraps -1|0 (no test)", "bootstraps 为 -1|0 表示不检验"),
    Call(
        "staggered_shape",
        lambda _: bacon(np.ones((6, 4)), STARTS[:4]),
        "(6, 4)|(4,)|one first year a region",
        "(6, 4)|(4,)|起始年份",
    ),
    Call(
        "staggered_incomplete",
        lambda _: bacon(np.full((6, 4), NAN), STARTS),
        "24 cells|Leave out",
        "24 个单元|删去缺值的地区",
    ),
    Call("staggered_alike", lambda _: bacon(np.ones((6, 4)), np.zeros(6)), "nothing to compare", "无从比较"),
    Call(
        "staggered_no_control",
        lambda _: callaway_santanna(np.ones((4, 4)), STARTS[:4]),
        'left to compare|controls="not-yet"',
        '可供比较|controls="not-yet"',
    ),
    Call(
        "staggered_single",
        lambda _: callaway_santanna(np.ones((5, 4)), STARTS[1:]),
        "1 groups|2 controls|synthetic_did",
        "1 组|2 个|synthetic_did",
    ),
    Call("staggered_few", lambda _: few_whole(), '"node a"|three regions', "“节点a”|三个地区"),
    Call(
        "synthetic_few",
        lambda _: synthetic_did(np.ones((5, 4)), np.arange(5) < 1, 1),
        "1 treated and 4 untreated|1 periods before",
        "1 个处理地区|4 个对照地区",
    ),
    Call("shapley_blocks", lambda _: shapley(WAVES, [WAVES] * 13), "13 blocks|one to 12", "13 块|一至 12"),
    Call(
        "unknown_event",
        pilots({"Pilt": ["a"]}),
        '"Pilt"|Did you mean "Pilot"|Write one of: Pilot',
        "“Pilt”|其中之一：试点",
    ),
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
    Call("events_none", pilots(None), "nothing to compare|[explain.events]", "无从比较|[explain.events]"),
    Call("unknown_outcome", pilots({"p": ["aa"]}), 'Neither|"aa"|a node of the tree', "“aa”|指标树的节点"),
    Call("mechanism_driver", mechanisms("q"), 'driver "q"|Write a node', "“q”|指标树中的节点"),
    Call("mechanism_none", mechanisms("a", "a"), "cannot explain itself|the outcome", "解释自身|结果变量"),
    Call(
        "mechanism_node",
        lambda _: mechanism_part("_node", "q"),
        'no "q"|was measured',
        "“q”|已测算",
    ),
    Call(
        "mechanism_same",
        lambda _: mechanism_part("_stripped", "a", "a"),
        '"node a" are in "node a"|another driver',
        "“节点a”|另选驱动",
    ),
    Call("mechanism_flat", lambda _: mechanism_module._standard(np.ones((2, 2))), "does not vary", "没有变动"),
    Call(
        "mechanism_no_fields",
        lambda _: mechanism_part("_embedding", tree("all - -", "a all x"), None, "two-way", 9, 0),
        "four fields|paper's framework",
        "四个嵌入领域|论文的框架",
    ),
    *(Call(*row) for row in CLAIM_CALLS),
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
