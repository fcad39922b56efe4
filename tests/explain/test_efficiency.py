"""DEA against its multiplier form solved one by one, against enumeration, and by what its words say."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.optimize import linprog
from support import refused

from zhiyu.explain.efficiency import distance, efficiency, malmquist


def made(n: int, m: int, s: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.uniform(1, 10, (n, m)), rng.uniform(1, 10, (n, s))


def by_prices(x: np.ndarray, y: np.ndarray, rx: np.ndarray, ry: np.ndarray, variable: bool) -> np.ndarray:
    """The dual, written on its own: least cost v x + w at prices (u, v) that make u y = 1 and no one profitable."""
    found = []
    for one, out in zip(x, y, strict=True):
        m, s = len(one), len(out)
        cost = np.concatenate([np.zeros(s), one, [1.0, -1.0] if variable else [0.0, 0.0]])
        free = np.ones((len(rx), 1)) * ([-1.0, 1.0] if variable else [0.0, 0.0])
        told = linprog(
            cost,
            A_ub=np.hstack([ry, -rx, free]),
            b_ub=np.zeros(len(rx)),
            A_eq=[[*out, *np.zeros(m + 2)]],
            b_eq=[1.0],
            method="highs-ipm",
        )
        found.append(1.0 / told.fun if told.status == 0 else np.nan)
    return np.array(found)


@pytest.mark.parametrize(("m", "s"), [(1, 1), (2, 1), (2, 2), (3, 2)])
@pytest.mark.parametrize("returns", ["constant", "variable"])
def test_equals_the_multiplier_form(m: int, s: int, returns: str):
    x, y = made(25, m, s, seed=m + s)
    expected = by_prices(x, y, x, y, returns == "variable")
    assert_allclose(efficiency(x, y, returns), expected, atol=1e-7)  # type: ignore[arg-type]


@pytest.mark.parametrize("returns", ["constant", "variable"])
def test_distances_to_another_frontier_equal_the_multiplier_form(returns: str):
    x, y = made(20, 2, 1, seed=4)
    rx, ry = made(15, 2, 1, seed=5)
    found = distance(x, y, rx, ry, returns)  # type: ignore[arg-type]
    expected = by_prices(x, y, rx, ry, returns == "variable")
    assert (np.isnan(found) == np.isnan(expected)).all()
    assert_allclose(found, expected, rtol=1e-7)
    assert (np.nan_to_num(found) > 1).any()


def test_one_input_one_output_is_the_best_ratio():
    x, y = made(40, 1, 1)
    ratio = (y / x)[:, 0]
    assert_allclose(efficiency(x, y), ratio / ratio.max(), rtol=1e-12)


def test_two_inputs_by_enumeration():
    """With one output and constant returns the best mixture is of one or two others: try them all."""
    x, y = made(12, 2, 1, seed=8)
    per = x / y  # input a unit of output
    best = []
    for a in per * y:
        most = max((a / b).min() for b in per)
        for b in per:
            for c in per:
                # the weight at which both inputs run out together
                top, bottom = a[1] * b[0] - a[0] * b[1], (a[0] * (c[1] - b[1]) - a[1] * (c[0] - b[0]))
                if bottom and 0 <= top / bottom <= 1:
                    w = top / bottom
                    most = max(most, float((a / ((1 - w) * b + w * c)).min()))
        best.append(most)
    assert_allclose(efficiency(x, y), y[:, 0] / np.array(best), rtol=1e-9)


def test_a_step_without_a_distance_is_nan_and_counted():
    """Region 0 does with less input than any region did the year before: no frontier of that year reaches it."""
    x = np.array([[[4.0], [1.0]], [[3.0], [3.0]], [[5.0], [5.0]]])
    y = np.array([[[3.0], [2.0]], [[3.0], [4.0]], [[6.0], [6.0]]])
    variable = malmquist(x, y, "variable")
    assert variable.infeasible[:, 0].tolist() == [True, False, False]
    assert np.isnan(variable.index[0, 0])
    assert np.isfinite(variable.efficiency_change).all()
    constant = malmquist(x, y)
    assert not constant.infeasible.any()
    assert np.isfinite(constant.index).all()


def test_the_index_is_its_definition_and_its_parts_multiply():
    rng = np.random.default_rng(6)
    x, y = rng.uniform(1, 5, (15, 4, 2)), rng.uniform(1, 5, (15, 4, 1))
    found = malmquist(x, y)
    for t in range(3):
        old, new = (x[:, t], y[:, t]), (x[:, t + 1], y[:, t + 1])
        by_old, by_new = (distance(*new, *ref) / distance(*old, *ref) for ref in (old, new))
        assert_allclose(found.index[:, t], np.sqrt(by_old * by_new), rtol=1e-10)
    assert (found.index == found.efficiency_change * found.technical_change).all()
    assert_allclose(found.pure_change * found.scale_change, found.efficiency_change, rtol=1e-14)


def test_a_frontier_that_remembers_never_falls_back():
    rng = np.random.default_rng(7)
    x, y = rng.uniform(1, 5, (12, 5, 2)), rng.uniform(1, 5, (12, 5, 1))
    assert (malmquist(x, y).technical_change < 1).any()
    kept = malmquist(x, y, reference="sequential")
    assert (kept.technical_change >= 1 - 1e-9).all()
    assert_allclose(kept.scores[:, 0], malmquist(x, y).scores[:, 0], rtol=1e-12)


def test_what_cannot_be_is_refused():
    x, y = made(5, 2, 1)
    for bad in (0.0, -1.0, np.nan):
        broken = x.copy()
        broken[3, 1] = bad
        with refused("production_cell") as caught:
            efficiency(broken, y)
        assert caught.says("Input number 1", "region 3")
    with refused("production_cell") as caught:
        efficiency(x, 0 * y)
    assert caught.says("Output number 0", "region 0")
    with refused("production_shapes"):
        efficiency(x, y[:4])
    with refused("production_years"):
        malmquist(x[:, None], y[:, None])
    with refused("efficiency_option"):
        malmquist(np.stack([x, x], axis=1), np.stack([y, y], axis=1), reference="global")  # type: ignore[arg-type]
