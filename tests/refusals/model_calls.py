"""What panel regressions, spatial panels, thresholds, events and productivity refuse."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from refusals.call import Call
from support import recipe, small_panel, tree

from zhiyu.data import neighbours
from zhiyu.data.events import Event, Events, Policy, read_events
from zhiyu.data.regions import load
from zhiyu.explain.choice import SpaceChoice
from zhiyu.explain.convergence import spatial_beta
from zhiyu.explain.efficiency import efficiency, malmquist
from zhiyu.explain.group_time import callaway_santanna
from zhiyu.explain.instrument import two_stage
from zhiyu.explain.mechanism import shapley
from zhiyu.explain.of import events as events_module
from zhiyu.explain.of import mechanism as mechanism_module
from zhiyu.explain.of.events import events
from zhiyu.explain.of.formulas import parse as parse_model
from zhiyu.explain.of.mechanism import mechanism
from zhiyu.explain.of.productivity import productivity
from zhiyu.explain.of.regress import regress
from zhiyu.explain.of.spatial_panel import spatial_panel
from zhiyu.explain.panel_ols import fit as panel_fit
from zhiyu.explain.panel_tests import harris_tzavalis
from zhiyu.explain.productivity import growth_accounts
from zhiyu.explain.spatial_panel import fit as spatial_fit
from zhiyu.explain.spatial_spectrum import spectrum
from zhiyu.explain.spatial_tests import all_models, durbin_tests
from zhiyu.explain.staggered import bacon
from zhiyu.explain.synthetic import synthetic_did
from zhiyu.explain.threshold import fit as threshold_fit
from zhiyu.explain.transitions import spatial_markov
from zhiyu.explain.wild import wild_cluster
from zhiyu.measure import measure
from zhiyu.terms import Label

NAN = float("nan")


def ring(values: np.ndarray, k: int, cuts: tuple[float, ...] | None = None) -> object:
    """A spatial chain of regions that stand in a ring."""
    return spatial_markov(values, np.roll(np.eye(len(values)), 1, axis=1), k, cuts)


RISING = np.outer(np.arange(1.0, 8.0), np.arange(1.0, 10.0) ** 0.5)  # seven regions, nine years

LIKE = small_panel(
    {"x": [[1.0, 2.0], [2.0, 2.0]], "y": [[1.0, 1.0], [1.0, 2.0]], "z": [[1.0, 1.0], [NAN, 2.0]]}, years=[2020, 2021]
)


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


MODEL_CALLS = [
    Call("convergence_weights", lambda _: spatial_beta(RISING, np.zeros((7, 7))), "7x7|sum to one", "7×7|之和为一"),
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
]
