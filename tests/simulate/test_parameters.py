"""The table of parameters: what stands in it, and what is refused."""

import numpy as np
import pytest
from support import refused

from zhiyu.simulate import parameters
from zhiyu.simulate.equations import CORE
from zhiyu.simulate.observe import COUPLINGS, STATES, Observed
from zhiyu.terms import Label

HEADER = ",".join(parameters.COLUMNS)
ROW = "a,core,output,α,1,0.4,0.08,,,A,来源,source,甲,first"


def everything() -> Observed:
    n = len(STATES)
    return Observed(
        STATES, np.zeros((n, 3, 4)), np.ones((n, 3, 4), bool), ("a", "b", "c"), (1, 2, 3, 4), np.zeros((3, 3)), {}
    )


def test_every_term_of_an_equation_has_a_row_under_its_state_and_no_row_is_idle():
    now = everything().now
    terms = {(state, name) for state, equation in CORE.items() for name in equation(now)}
    rows = {(p.state, p.name) for p in parameters.core()}
    assert rows - terms == {("capital", "capital_depreciation")}
    assert terms <= rows
    assert {name for names in COUPLINGS.values() for name in names} <= {name for _, name in terms}


def test_rows_are_read_as_they_stand():
    alpha = next(p for p in parameters.core() if p.name == "capital_elasticity")
    assert (alpha.state, alpha.symbol, alpha.mean, alpha.sd, alpha.grade) == ("output", "α", 0.4, 0.08, "A")
    assert alpha.label == Label("产出对资本的弹性", "elasticity of output to capital")
    assert all(p.mean is not None and p.sd is not None for p in parameters.core())
    assert set(parameters.core()).isdisjoint(parameters.satellite())
    assert len(parameters.core()) + len(parameters.satellite()) == len(parameters.read())


@pytest.mark.parametrize(
    ("text", "key", "words"),
    [
        (HEADER.replace(",sd", "") + "\n" + ROW, "parameters_columns", ("sd",)),
        (f"{HEADER}\n{ROW}\n{ROW}", "parameter_twice", ('"a"',)),
        (f"{HEADER}\n{ROW.replace('core', 'crust')}", "parameter_unknown_word", ("row 2", "layer", "crust")),
        (f"{HEADER}\n{ROW.replace(',A,', ',E,')}", "parameter_unknown_word", ("row 2", "grade", '"E"')),
        (f"{HEADER}\n{ROW.replace('0.08', '-1')}", "parameter_prior", ("row 2", '"a"')),
        (f"{HEADER}\n{ROW.replace('0.4,0.08,,', ',,2,1')}", "parameter_prior", ("row 2",)),
        (f"{HEADER}\n{ROW.replace('0.4,0.08,,', ',,,')}", "parameter_prior", ("row 2",)),
        (f"{HEADER}\n{ROW.replace('0.4', 'much')}", "not_a_number", ("row 2", "column mean", "much")),
        (f"{HEADER}\n{ROW.replace('0.4', 'inf')}", "not_a_number", ("column mean",)),
    ],
)
def test_a_broken_row_is_refused_by_its_place(text, key, words, tmp_path):
    table = tmp_path / "parameters.csv"
    table.write_text(text + "\n", encoding="utf-8")
    with refused(key) as caught:
        parameters.read(table)
    assert caught.says("parameters.csv", *words)
