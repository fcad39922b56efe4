"""Equations on symbols: the formula that is left behind computes what the arrays do, and reads as it computes."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from simulate.runs import held, many, start

from zhiyu.simulate import looks, model, printed, satellite
from zhiyu.simulate.equations import CORE
from zhiyu.simulate.looks import Look
from zhiyu.simulate.observe import COUPLINGS
from zhiyu.simulate.present import Present
from zhiyu.simulate.symbols import REGIONS, Algebra, evaluate, infix, lift, made, name, names, number

X, Y = name("x"), name("y")
POINT = {"x": 0.7, "y": -1.3}
PYTHON = {"+": " + ", "-": " - ", "*": " * ", "/": " / ", "^": " ** ", "neg": "-", "exp": "exp", "maximum": "max"}
DEEP = st.recursive(
    st.sampled_from([X, Y, number(2.0), number(-0.5), number(0.0), number(1.0)]),
    lambda inner: st.one_of(
        st.tuples(st.sampled_from("+-*"), inner, inner),
        st.tuples(st.just("/"), inner, st.sampled_from([X, Y, number(4.0)])),
        st.tuples(st.just("^"), inner, st.just(number(2.0))),
        st.tuples(st.sampled_from(["neg", "exp"]), inner),
        st.tuples(st.just("maximum"), inner, inner),
    ),
    max_leaves=12,
)
DOES = {
    "+": lambda x, y: x + y,
    "-": lambda x, y: x - y,
    "*": lambda x, y: x * y,
    "/": lambda x, y: x / y,
    "^": lambda x, y: x**y,
    "neg": lambda x: -x,
    "exp": lambda x: Algebra.exp(Algebra.minimum(x, 3.0)),
    "maximum": Algebra.maximum,
}


def built(of, numbers=None):
    """A formula, or the number it comes to by arithmetic alone."""
    if not isinstance(of, tuple):
        return of if numbers is None else of.what if of.op == "number" else numbers[of.what]
    parts = [built(part, numbers) for part in of[1:]]
    if numbers is None:
        return DOES[of[0]](*parts)
    if of[0] == "exp":
        return math.exp(min(parts[0], 3.0))
    return max(parts) if of[0] == "maximum" else DOES[of[0]](*parts)


@settings(deadline=None)
@given(DEEP)
def test_a_formula_computes_and_reads_as_what_was_done(plan):
    expected, formula = built(plan, POINT), built(plan)
    assert_allclose(evaluate(formula, POINT), expected, rtol=1e-9, atol=1e-9)
    leaf = lambda expr: f"({expr.what!r})" if expr.op == "number" else expr.what if expr.op == "name" else None  # noqa: E731
    text = infix(formula, leaf, {**PYTHON, "minimum": "min"})
    found = eval(text, {"exp": math.exp, "max": max, "min": min}, dict(POINT))
    assert_allclose(found, expected, rtol=1e-9, atol=1e-9)


def test_equal_formulas_are_one_and_trivial_ones_vanish():
    assert X * Y + 1 is X * Y + 1
    assert X * Y is not Y * X
    assert (0.0 + X * 1.0) / 1 is X
    assert 0.0 * X is number(0.0)
    assert X - X is number(0.0)
    assert X - (-Y) is X + Y


def test_an_array_leaves_the_operation_to_the_symbol():
    found = np.array([1.0, 2.0]) * X + np.float64(3.0)
    assert found.regional
    assert_allclose(evaluate(found, POINT), [3.7, 4.4])
    assert np.array([2.0, 2.0]) * X is 2.0 * X
    with pytest.raises(TypeError):
        lift(np.ones((2, 3)))


def test_a_symbol_is_no_number():
    with pytest.raises(TypeError):
        float(name("t") + 1)


def test_a_name_without_a_number_is_said():
    with pytest.raises(KeyError):
        evaluate(X + Y, {"x": 1.0})
    assert names(X + Y * X) == ["x", "y"]
    assert made("sum", name("z", regional=True)) is name("z", regional=True).sum()
    assert X.sum() is X * REGIONS


def seen():
    """A year of the small world in the middle of a run, and what the satellite keeps."""
    prepared = model.prepare(start(), many(), held({"1.1.1": 1.0, "2.2.1": 0.5, "4.1.1": 1.0, "4.1.3": 0.5}), 4)
    *_, state = model.run(prepared, 3)
    effects = model.channels.effects(state.sums)
    growing = {key: 0.7 * x for key, x in state.last.items()}
    w, base = prepared.base.observed.w, prepared.base
    levers = {"levers": effects, "levers_before": {key: 0.8 * x for key, x in effects.items()}}
    return prepared, state, Present(state.levels, state.last, w, growing, base=base, years=3.0, **levers)


def numbers(now, memory, p, new=None):
    """The value of everything that a symbol can stand for."""
    found = {}
    for look in {look for of in asked() for look in names(of)}:
        if not isinstance(look, Look):
            found[look] = p[look]
        elif look.kind == "memory":
            found[look] = (new if look.of else memory)[look.state]
        elif look.kind.startswith("lever"):
            found[look] = {"lever": now.levers, "lever_before": now.levers_before}[look.kind].get(look.state, 0.0)
        elif look.kind == "years":
            found[look] = now.years
        elif look.kind == "lead":
            found[look] = now.lead()
        elif look.kind == "gap":
            found[look] = now.capability() if look.state == "capability" else now.gap(look.state, look.of or None)
        elif look.kind == "index":
            found[look] = now.index(look.state, bool(look.of))
        elif look.kind != "share":
            found[look] = getattr(now, look.kind)(look.state)
    return found


def asked():
    yield from (term for state, terms in looks.core().items() if state in CORE for term in terms.values())
    yield from looks.theory().values()
    found = looks.couplings()
    yield from (of for _, of in {**found.multipliers, **found.additions, **found.pulls}.values())


def test_symbols_of_the_core_and_of_the_couplings_give_what_arrays_give():
    prepared, state, now = seen()
    at = numbers(now, state.memory, prepared.p, state.memory)
    for of, equation in CORE.items():
        for parameter, term in equation(now).items():
            assert_allclose(evaluate(looks.core()[of][parameter], at), term, rtol=1e-12, err_msg=parameter)
    ours, theirs = looks.couplings(), satellite.couple(now, state.memory, prepared.p)
    for part in ("multipliers", "additions", "pulls"):
        for key, (target, x) in getattr(theirs, part).items():
            assert getattr(ours, part)[key][0] == target
            assert_allclose(evaluate(getattr(ours, part)[key][1], at) + 0 * x, x, rtol=1e-10, atol=1e-14, err_msg=key)


def test_symbols_of_the_satellite_give_what_a_year_gives():
    prepared, state, now = seen()
    new = satellite.advance(now, state.memory, prepared.p)
    at = numbers(now, state.memory, prepared.p, new)
    for key, of in looks.theory().items():
        assert_allclose(evaluate(of, at) + 0 * new[key], new[key], rtol=1e-10, err_msg=key)


def test_equations_are_printed_as_the_design_has_them():
    (patents,) = [one for one in printed.core() if one.of == "patents"]
    assert patents.lines == (
        "g(Pat) = hH·g(H) + hD·g(D) + aU·g₋₁(U) − c·d(Pat) + sP·d(W Pat − Pat) + r·g₋₁(Pat) + μ + μ_i + ε",
    )
    (risk,) = [one for one in printed.theory() if one.of == "risk"]
    assert risk.lines == ("R′ = R + h·x′·(1 − eG·G)·(1 − m₋₁_sec) − (r0 + r1·G)·R",)
    (incidents,) = [one for one in printed.theory() if one.of == "incidents"]
    assert incidents.lines == ("N′ = z₁ / (1 + z₁)", "z₁ = (R′ / Rc)^2")
    assert [row.name for row in patents.parameters[:2]] == ["research_to_patents", "data_to_patents"]


def test_everything_that_is_there_is_printed():
    core = {row.name for one in printed.core() for row in one.parameters}
    assert core == {*model.CORE_COUPLINGS, "capital_depreciation"}
    assert {one.of for one in printed.theory()} == set(satellite.STATES)
    assert {one.of for one in printed.couplings()} == set(satellite.COUPLINGS)
    assert {term for terms in COUPLINGS.values() for term in terms} <= core
