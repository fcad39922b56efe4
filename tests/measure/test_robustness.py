"""Replays: each draw is a measurement of its own, whatever is missing, and the same arguments give the same draws."""

import os
import subprocess
import sys

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from support import recipe, refused, small_panel, tree

from zhiyu.data import synthetic
from zhiyu.framework import Framework, of_rows
from zhiyu.measure import Recipe, draws, hierarchy, index, measure
from zhiyu.measure.drop_one import drop_one
from zhiyu.measure.robustness import EACH_ALONE, Robustness, replay

PLANTED = synthetic.panel(regions=14, years=4, attributes=3, indicators=3, inside=0.1, ends=0.1, seed=5)
FRAMEWORK = of_rows(PLANTED.rows)
LOOSE = {"indicator": 0.3, "node": 0.8}
CHOICES = {"normalise.method": ["minmax", "rank"], "weight.method": ["entropy", "equal"]}


def chosen(base: Recipe, choice: dict[str, object]) -> Recipe:
    for path, value in choice.items():
        base = base.replaced(path, value)
    return base


def by_hand(panel: synthetic.Planted, framework: Framework, made: Recipe, factors: np.ndarray) -> np.ndarray:
    """(n, t) scores of the root under perturbed weights, by the steps of `measure` and weights of one draw."""
    ready = index.prepare(panel.panel, framework, made)
    z = index.normalised(panel.panel, ready, made)
    weights, _ = index.weighed(panel.panel, ready, z, made, framework.tree)
    leaves = [leaf.id for leaf in framework.tree.leaves]
    whole = hierarchy.effective(ready.tree, weights)
    local = dict(weights)
    pools = {"root": [ready.tree.root], "top": list(ready.tree.top)}.get(made.weight.within, [])
    for pool in pools:
        mass = {
            node.id: sum(whole[leaf.id] * factors[leaves.index(leaf.id)] for leaf in ready.tree.leaves_below(node.id))
            for node in ready.tree.below(pool.id)
        }
        local |= {node.id: mass[node.id] / mass[node.parent] for node in ready.tree.below(pool.id)[1:]}
    if not pools:
        for parent in ready.tree.nodes:
            children = ready.tree.children[parent.id]
            mass = {c.id: weights[c.id] * (factors[leaves.index(c.id)] if c.is_leaf else 1.0) for c in children}
            local |= {name: one / sum(mass.values()) for name, one in mass.items()}
    shown, _ = index.combined(ready.tree, z, local, made)
    return shown[ready.tree.root.id]


def test_each_draw_of_choices_is_a_measurement() -> None:
    base = recipe(coverage=LOOSE)
    vary = {**CHOICES, "aggregate.method": ["arithmetic", "geometric", "topsis"]}
    made = replay(PLANTED.panel, FRAMEWORK, base, vary, 40, seed=3)
    assert len({tuple(choice.items()) for choice in made.choices}) == 12
    for d, choice in enumerate(made.choices):
        wanted = measure(PLANTED.panel, FRAMEWORK, chosen(base, choice))
        assert_allclose(made.scores[d], wanted.scores.sel(node="index"), atol=1e-12)
        assert_array_equal(made.ranks[d], wanted.ranks.sel(node="index"))
    assert_array_equal(made.base, measure(PLANTED.panel, FRAMEWORK, base).ranks.sel(node="index"))


@pytest.mark.parametrize("scope", ["pooled", "year"])
@pytest.mark.parametrize("within", ["root", "top", "parent"])
@pytest.mark.parametrize("method", [*EACH_ALONE, "copeland", "topsis", "bod"])
def test_each_draw_of_weights_is_a_measurement(method: str, within: str, scope: str) -> None:
    base = recipe(
        coverage=LOOSE, aggregate={"method": method}, weight={"within": within, "scope": scope, "method": "cv"}
    )
    vary = {"normalise.method": ["minmax", "rank"], "weights": 0.4}
    made = replay(PLANTED.panel, FRAMEWORK, base, vary, 6, seed=1)
    assert np.isnan(made.scores).any()
    assert made.factors is not None
    for d, choice in enumerate(made.choices):
        wanted = by_hand(PLANTED, FRAMEWORK, chosen(base, choice), made.factors.values[d])
        assert_allclose(made.scores[d], wanted, atol=1e-12 * 100)
        assert_array_equal(made.ranks[d], index.rank(wanted, np.ones(14, dtype=bool)))


def test_perturbed_weights_are_given_weights() -> None:
    """The same through the front door: a framework whose own weights are the perturbed ones."""
    rows = ("r - -", "A r -", "B r -", "a A x", "b A y", "c B z")
    rng = np.random.default_rng(2)
    panel = small_panel({name: rng.random((6, 3)) for name in "xyz"})
    made = replay(panel, tree(*rows), recipe(weight={"method": "equal"}), {"weights": 0.5}, 5, seed=9)
    assert made.factors is not None
    for d, (a, b, _) in enumerate(made.factors.values):
        stated = ("r - -", "A r - weight=0.5", "B r - weight=0.5", f"a A x weight={a / (a + b)!r}")
        framework = tree(
            *[row.replace("np.float64(", "").replace(")", "") for row in stated],
            f"b A y weight={float(b / (a + b))!r}",
            "c B z weight=1",
        )
        wanted = measure(panel, framework, recipe(weight={"method": "given"}))
        assert_allclose(made.scores[d], wanted.scores.sel(node="r"), atol=1e-12 * 100)


def test_chunks_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    base = recipe(coverage=LOOSE)
    for method in ("arithmetic", "geometric"):
        vary = {"weights": 0.3, "aggregate.method": [method]}
        whole = replay(PLANTED.panel, FRAMEWORK, base, vary, 50)
        monkeypatch.setattr(draws, "CELLS", 400)
        assert_allclose(replay(PLANTED.panel, FRAMEWORK, base, vary, 50).scores, whole.scores, rtol=1e-13)
        monkeypatch.undo()


WIDE = """
import hashlib
from zhiyu.data import synthetic
from zhiyu.framework import of_rows
from zhiyu.measure import Recipe
from zhiyu.measure.robustness import replay
planted = synthetic.panel(300, 1, attributes=5, indicators=10, convert=False)
made = replay(planted.panel, of_rows(planted.rows), Recipe(), {"weights": 0.25}, 500)
print(hashlib.sha256(made.scores.values.tobytes()).hexdigest())
"""


def test_the_number_of_threads_does_not_show() -> None:
    """BLAS shares large products out among its threads, and their last digits then hang on how many there are."""
    told = [
        subprocess.run(
            [sys.executable, "-c", WIDE],
            env={**os.environ, "OPENBLAS_NUM_THREADS": number},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for number in ("1", "2")
    ]
    assert told[0] == told[1]


def test_each_draw_is_ranked_on_its_own_scale() -> None:
    """A tie is what differs by less than rounding errors do on the scale of the draw."""
    rows = ("r - -", "A r -", "B r -", "a A x", "b A y", "c B z")
    values = np.random.default_rng(6).random((6, 3))
    values[3] = values[2] + 1e-10  # apart where the scale is 1 and where it is 1e6, in every indicator
    values[5] = values[4]
    panel = small_panel(dict.fromkeys("xyz", values))
    made = replay(panel, tree(*rows), recipe(), {"normalise.scale": [1.0, 1e6], "weights": 0.3}, 12)
    assert {choice["normalise.scale"] for choice in made.choices} == {1.0, 1e6}
    assert (made.ranks[:, 3] < made.ranks[:, 2]).all()
    assert (made.ranks[:, 5] == made.ranks[:, 4]).all()


def test_the_seed_and_nothing_else_decides() -> None:
    base = recipe(coverage=LOOSE)
    vary = {**CHOICES, "weights": 0.2}
    turned = {name: found[::-1] if isinstance(found, list) else found for name, found in reversed(vary.items())}
    first, second = (replay(PLANTED.panel, FRAMEWORK, base, one, 30, seed=4) for one in (vary, turned))
    assert first.scores.identical(second.scores)
    assert first.choices == second.choices
    assert not first.scores.equals(replay(PLANTED.panel, FRAMEWORK, base, vary, 30, seed=5).scores)


def test_intervals() -> None:
    made = replay(PLANTED.panel, FRAMEWORK, recipe(coverage=LOOSE), {**CHOICES, "weights": 0.2}, 400)
    bounds = made.interval()
    ranked = np.isfinite(made.base.values)
    low, median, high = (bounds.sel(bound=name).values[ranked] for name in ("low", "median", "high"))
    assert ((low <= median) & (median <= high)).all()
    assert np.mean((low <= made.base.values[ranked]) & (made.base.values[ranked] <= high)) > 0.85
    inside = (made.ranks >= bounds.sel(bound="low")) & (made.ranks <= bounds.sel(bound="high"))
    assert (inside.mean("draw").values[np.isfinite(made.ranks).all("draw").values] >= 0.9).all()
    top = made.share_in_top(1)
    settled = np.isfinite(made.ranks).all(("draw", "region")).values
    assert_allclose(top.sum("region").values[settled], 1.0, atol=1e-12)
    assert_array_equal(np.isnan(top), ~np.isfinite(made.ranks).any("draw"))
    assert (np.nan_to_num(made.share_in_top(14).values, nan=1.0) > 0).all()


def test_aggregates_and_what_is_never_scored_have_no_interval() -> None:
    made = replay(PLANTED.panel, FRAMEWORK, recipe(coverage={"indicator": 0.3, "node": 1.0}), {"weights": 0.1}, 10)
    never = ~np.isfinite(made.ranks.values).any(axis=0)
    assert never.any()
    assert np.isnan(made.interval().values[:, never]).all()
    scores = np.array([[3.0, np.nan, 5.0, 3.0, 1.0]])
    found = draws.ranked(scores, np.array([True, True, False, True, True]))
    assert_array_equal(found, [[1, np.nan, np.nan, 1, 3]])


def test_whole_tables_vary_together() -> None:
    tables = [{"method": "minmax", "scope": "base", "base": 2014}, {"method": "minmax"}]
    made = replay(
        PLANTED.panel, FRAMEWORK, recipe(coverage=LOOSE, weight={"method": "equal"}), {"normalise": tables}, 8
    )
    assert isinstance(made, Robustness)
    assert {choice["normalise"].get("base") for choice in made.choices} == {2014, None}


@pytest.mark.parametrize(
    ("vary", "key", "words"),
    [
        ({}, "vary_nothing", ()),
        ({"normalize.method": ["minmax"]}, "vary_unknown", ('"normalise.method"',)),
        ({"normalise.method": []}, "vary_empty", ("normalise.method",)),
        ({"normalise.method": "rank"}, "vary_empty", ("normalise.method",)),
        ({"normalise.method": ["minmax", "rnk"]}, "unknown_method", ("rank",)),
        ({"normalise.scope": ["base"]}, "vary_value", ("normalise.scope = base",)),
        (
            {"normalise.method": ["zscore"], "weight.method": ["entropy"]},
            "vary_refused",
            ("normalise.method = zscore",),
        ),
        ({"weights": 1.5}, "vary_weights", ("1.5",)),
    ],
)
def test_what_cannot_vary(vary: dict[str, object], key: str, words: tuple[str, ...]) -> None:
    with refused(key) as caught:
        replay(PLANTED.panel, FRAMEWORK, recipe(coverage=LOOSE), vary, 20)  # type: ignore[arg-type]
    assert caught.says(*words)


def test_drop_one() -> None:
    x = np.array([[1.0, 2.0], [2.0, 3.0], [3.0, 5.0]])
    panel = small_panel({"x": x, "y": x[::-1] * 3, "z": x})
    framework = tree("r - -", "A r -", "B r -", "a A x", "b B y", "c B z")
    base = recipe(weight={"method": "equal"})
    change = drop_one(panel, framework, base)
    assert change.dims == ("left_out", "region", "year")
    full, without = measure(panel, framework, base), tree("r - -", "A r -", "B r -", "a A x", "c B z")
    less = measure(panel, without, base).ranks.sel(node="r") - full.ranks.sel(node="r")
    assert_array_equal(change.sel(left_out="b"), less)
    tops = drop_one(panel, framework, base, "top")
    assert list(tops["left_out"].values) == ["A", "B"]
    assert_array_equal(
        tops.sel(left_out="A"),
        measure(panel, tree("r - -", "B r -", "b B y", "c B z"), base).ranks.sel(node="r") - full.ranks.sel(node="r"),
    )
