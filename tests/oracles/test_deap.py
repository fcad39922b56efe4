"""The worked examples of DEAP 2.1 (Coelli 1996), to the three digits that it printed."""

import csv
from pathlib import Path

import numpy as np
from numpy.testing import assert_allclose

from zhiyu.explain.efficiency import distance, efficiency, malmquist

HERE = Path(__file__).parent / "deap"
PRINTED = 0.00051  # three digits, a half rounded either way


def columns(name: str) -> dict[str, np.ndarray]:
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {key: np.array([float(row[key] or "nan") for row in rows]) for key in rows[0]}


def test_two_inputs_constant_returns():
    eg1 = columns("eg1.csv")
    found = efficiency(np.stack([eg1["input1"], eg1["input2"]], axis=1), eg1["output"][:, None])
    assert_allclose(found, eg1["te"], atol=PRINTED)  # input and output sides agree under constant returns


def test_malmquist_of_five_firms_in_three_years():
    eg4 = {name: values.reshape(3, 5).T for name, values in columns("eg4.csv").items()}
    x, y = eg4["input"][..., None], eg4["output"][..., None]
    found = malmquist(x, y)
    assert_allclose(found.scores, eg4["same"], atol=PRINTED)
    assert_allclose(found.scores_variable, eg4["vrs"], atol=PRINTED)
    for t in range(2):
        assert_allclose(distance(x[:, t], y[:, t], x[:, t + 1], y[:, t + 1]), eg4["after"][:, t], atol=PRINTED)
        assert_allclose(distance(x[:, t + 1], y[:, t + 1], x[:, t], y[:, t]), eg4["before"][:, t + 1], atol=PRINTED)
    for name, values in (
        ("effch", found.efficiency_change),
        ("techch", found.technical_change),
        ("pech", found.pure_change),
        ("sech", found.scale_change),
        ("tfpch", found.index),
    ):
        assert_allclose(values, eg4[name][:, 1:], atol=PRINTED, err_msg=name)
