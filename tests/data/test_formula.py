"""Formulas: arithmetic and nothing else, with units that travel along."""

import numpy as np
import pytest
from support import refused, small_panel

from zhiyu.data import formula, units
from zhiyu.data.formula import Value

X = np.array([[1.0, 2.0], [3.0, 6.0]])
Y = np.array([[2.0, 4.0], [8.0, 0.5]])


def answer(text: str) -> list[list[float]]:
    result = formula.evaluate(text, {"x": Value(X, None), "y": Value(Y, None)})
    numbers: list[list[float]] = np.broadcast_to(result.numbers, X.shape).tolist()
    return numbers


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("x", [[1.0, 2.0], [3.0, 6.0]]),
        ("-x", [[-1.0, -2.0], [-3.0, -6.0]]),
        ("+x", [[1.0, 2.0], [3.0, 6.0]]),
        ("x + y * 2", [[5.0, 10.0], [19.0, 7.0]]),
        ("(x + y) * 2", [[6.0, 12.0], [22.0, 13.0]]),
        ("x - y - 1", [[-2.0, -3.0], [-6.0, 4.5]]),
        ("x / y / 2", [[0.25, 0.25], [0.1875, 6.0]]),
        ("8 / x", [[8.0, 4.0], [8 / 3, 8 / 6]]),
        ("share_of_total(x)", [[0.25, 0.25], [0.75, 0.75]]),
        ("share_of_total(x) / share_of_total(y)", [[1.25, 0.25 / (4 / 4.5)], [0.9375, 0.75 / (0.5 / 4.5)]]),
        ("log(x)", np.log(X).tolist()),
        ("1e3 * x", [[1e3, 2e3], [3e3, 6e3]]),
        ("x / y  # a note", [[0.5, 0.5], [0.375, 12.0]]),
    ],
)
def test_answers(text: str, wanted: list[list[float]]) -> None:
    assert np.allclose(answer(text), wanted, rtol=1e-15, atol=0)


def test_names() -> None:
    assert formula.names("a / (b + share_of_total(c)) - log(a) * 2") == {"a", "b", "c"}
    assert formula.names("log / share_of_total") == {"log", "share_of_total"}  # variables may bear a function's name


@pytest.mark.parametrize(
    "text",
    [
        *("a.b", "f(a)", "log()", "log(a, b)", "log(x=a)", "log(*a)", "share_of_total(a, b)", "(log)(a)(b)"),
        *("lambda: 1", "[a for a in b]", "{a for a in b}", "(a for a in b)", "{a: b}", "[a]", "(a, b)", "a[0]"),
        *("'x'", "f'{a}'", "b'x'", "True", "None", "...", "1j", "a ** 2", "a // b", "a % b", "a @ b", "~a"),
        *("a < b", "not a", "a and b", "a if b else c", "(a := 1)", "await a", "*a", "a; b", "a = b", "import os"),
        *("__import__('os')", "().__class__", "a.__class__.__bases__", "exec('1')", "", "(", "a +", "\x00", "a\nb"),
        *("1e999", "9" * 400, "9" * 5000, "(" * 300 + "a" + ")" * 300, "-" * 20000 + "a", "+".join(["a"] * 20000)),
    ],
)
def test_nothing_but_arithmetic(text: str) -> None:
    with refused("formula_syntax"):
        formula.evaluate(text, {"a": Value(X, None), "b": Value(Y, None), "c": Value(Y, None)})


def test_long_sums_are_read_or_refused_but_never_crash() -> None:
    assert formula.evaluate(" + ".join(["x"] * 200), {"x": Value(X, None)}).numbers.tolist() == (200 * X).tolist()
    with refused("formula_syntax"):
        formula.evaluate(" + ".join(["x"] * 990), {"x": Value(X, None)})


def test_units_convert_to_the_indicators_own() -> None:
    panel = small_panel({"tech": [[150.0]], "gdp": [[30.0]]}, units={"tech": "10k yuan", "gdp": "100m yuan"})
    assert panel.compute("tech / gdp", "%")[0, 0] == pytest.approx(5 * 0.01)
    assert panel.compute("tech / gdp", "1")[0, 0] == pytest.approx(5e-4)
    assert panel.compute("tech / gdp", "")[0, 0] == 5.0
    assert panel.compute("tech + gdp", "10k yuan")[0, 0] == pytest.approx(300_150.0)
    assert panel.compute("gdp - tech", "100m yuan")[0, 0] == pytest.approx(29.985)
    assert panel.compute("1 - tech / gdp", "%")[0, 0] == pytest.approx(99.95)


def test_a_share_of_the_total_has_no_unit_and_cancels_a_change_of_price_base() -> None:
    x = np.array([[1.0, 2.0], [3.0, 2.0]])
    panel = small_panel({"x": x * [1.0, 17.0]}, units={"x": "100m yuan"})
    assert np.allclose(panel.compute("share_of_total(x)", "1"), [[0.25, 0.5], [0.75, 0.5]])
    assert np.allclose(panel.compute("share_of_total(x)", "%"), [[25.0, 50.0], [75.0, 50.0]])


def test_nominal_and_real_do_not_mix() -> None:
    panel = small_panel({"a": [[1.0]], "b": [[2.0]]}, units={"a": "100m yuan", "b": "100m yuan2011"})
    with refused("unit_mismatch"):
        panel.compute("a / b", "%")
    with refused("unit_mismatch"):
        panel.compute("a + b")


def test_a_pure_number_does_not_add_to_money() -> None:
    panel = small_panel({"a": [[1.0]]}, units={"a": "yuan"})
    with refused("unit_mismatch"):
        panel.compute("a + 1")
    assert panel.compute("a * 2", "yuan")[0, 0] == 2.0


def test_an_unknown_unit_leaves_the_result_unknown() -> None:
    panel = small_panel({"a": [[6.0]], "b": [[2.0]]}, units={"a": "yuan"})
    assert panel.compute("a / b", "person")[0, 0] == 3.0  # nothing is known of b, so nothing can be refused
    assert formula.convert(Value(X, None), "yuan").tolist() == X.tolist()
    assert formula.convert(Value(X, units.parse("yuan")), "").tolist() == X.tolist()


def test_unknown_names_come_with_a_hint() -> None:
    panel = small_panel({"population_10k": [[1.0]], "gdp_100m": [[1.0]]})
    with refused("formula_unknown_variable") as caught:
        panel.compute("gdp_100m / populaton_10k")
    assert caught.says('"populaton_10k"', "population_10k", "Did you mean")


@pytest.mark.parametrize("zero", ["x / y", "y / y", "1 / y", "x / (y - y)", "1 / 0", "0 / 0"])
def test_a_zero_denominator_is_refused_with_its_cell(zero: str) -> None:
    panel = small_panel({"x": [[1.0, 2.0], [3.0, 4.0]], "y": [[1.0, 1.0], [1.0, 0.0]]})
    with refused("divide_by_zero") as caught:
        panel.compute(zero)
    if zero in ("x / y", "y / y", "1 / y"):
        assert caught.says("Tianjin", "2016")


def test_a_missing_cell_stays_missing() -> None:
    panel = small_panel({"x": [[1.0, np.nan]], "y": [[np.nan, 0.0]]})
    assert np.isnan(panel.compute("x / y")).all()


def test_logarithms_of_nothing_are_refused() -> None:
    panel = small_panel({"x": [[1.0, 0.0]]})
    with refused("log_of_nonpositive"):
        panel.compute("log(x)")


def test_order_puts_what_is_read_first() -> None:
    formulas = {"c": "a + b", "b": "a * x", "a": "x / y"}
    assert formula.order(formulas, ["x", "y"]) == ["a", "b", "c"]


@pytest.mark.parametrize(
    "formulas", [{"a": "b", "b": "a"}, {"a": "a + x"}, {"a": "b / x", "b": "c", "c": "log(a)"}], ids=str
)
def test_circles_are_refused(formulas: dict[str, str]) -> None:
    with refused("formula_cycle") as caught:
        formula.order(formulas, ["x"])
    assert caught.says("->")


def test_a_formula_may_bear_the_name_of_the_column_it_reads() -> None:
    assert formula.order({"rd": "rd / gdp"}, ["rd", "gdp"]) == ["rd"]


def test_order_refuses_unknown_names() -> None:
    with refused("formula_unknown_variable") as caught:
        formula.order({"a": "pupulation * 2"}, ["population"])
    assert caught.says("population")
