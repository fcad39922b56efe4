"""What coupling, disparity, convergence, transitions and space refuse."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from refusals.call import Call
from support import MAINLAND, recipe, small_panel, tree

from zhiyu.data import neighbours
from zhiyu.explain.choice import ExplainChoice, MechanismChoice
from zhiyu.explain.convergence import absolute_beta, clubs, hp_trend, log_t, sigma
from zhiyu.explain.coupling import coupling_coordination
from zhiyu.explain.density import densities
from zhiyu.explain.disparity import bootstrap, dagum, gini
from zhiyu.explain.evidence import QUESTIONS, Asked
from zhiyu.explain.getis_ord import getis_ord, local_getis_ord
from zhiyu.explain.lead_lag import lead_lag
from zhiyu.explain.of.convergence import convergence
from zhiyu.explain.of.coupling import coupling
from zhiyu.explain.of.disparity import disparity
from zhiyu.explain.of.space import space
from zhiyu.explain.of.transitions import transitions
from zhiyu.explain.rank_size import rank_size
from zhiyu.explain.space import geary, local_moran, moran
from zhiyu.explain.theil import theil
from zhiyu.explain.transitions import markov
from zhiyu.measure import measure
from zhiyu.study import Study

NAN = float("nan")


def couple_nothing(folder: Path) -> object:
    holed = {"x": [[1.0, NAN], [NAN, 2.0], [3.0, NAN]], "y": [[NAN, 1.0], [2.0, NAN], [NAN, 3.0]]}
    framework = tree("all - -", "a all x", "b all y")
    chosen = recipe(weight={"method": "equal"}, coverage={"indicator": 0.0})
    return coupling(measure(small_panel(holed), framework, chosen), framework)


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


def space_without_panel(folder: Path) -> object:
    made = measure(small_panel({"x": np.arange(5.0)[:, None] + 1}), tree("all - -", "a all x"), recipe())
    return space(made, neighbours.from_coordinates(MAINLAND, k=4), permutations=9, variables=["x"])


NO_WEIGHTS = Asked(None, None, None, None, None, ExplainChoice(), 0)  # type: ignore[arg-type]  # refused before it looks
UNGATED = MechanismChoice(name="a", driver="a", through="all")
NO_GATE = replace(NO_WEIGHTS, choice=ExplainChoice(mechanism=(UNGATED,)))

EXPLAIN_CALLS = [
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
    Call("no_gate", lambda _: QUESTIONS["threshold"](NO_GATE), "has a gate|Give a mechanism", "没有写 gate|写上 gate"),
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
]
