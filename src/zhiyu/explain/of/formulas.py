"""The dialect of R and pyfixest: `y ~ x1 + log(x2 / x3) + lag(x4) + x1:x5 | region + year`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from zhiyu.explain.panel_ols import Effects
from zhiyu.terms import Refusal

EFFECTS: Mapping[frozenset[str], Effects] = {
    frozenset({"region", "year"}): "two-way",
    frozenset({"region"}): "region",
    frozenset({"year"}): "year",
    frozenset(): "none",
}


@dataclass(frozen=True)
class Model:
    """What is regressed on what: an outcome, regressors by the names that they are shown with, and effects.

    endogenous, instruments : names of regressors that are instrumented, and terms of the instruments
    """

    outcome: str
    regressors: Mapping[str, str]
    effects: Effects = "two-way"
    endogenous: tuple[str, ...] = ()
    instruments: tuple[str, ...] = ()


def parse(written: str) -> Model:
    """The model that a formula states.

    outcome ~ terms [| effects [| endogenous ~ instruments]]. A term is a name, log(...), share_of_total(...),
    lag(...), arithmetic in parentheses, or a product a:b. Effects are region, year, both, or 1 for none.

    Outside parentheses * / and - are refused: R's formulas give them meanings other than arithmetic.

    Raises
    ------
    Refusal
        For a formula of another shape, an unknown effect, or an operator that would be ambiguous.
    """
    parts = apart(written, "|")
    sides = apart(parts[0], "~")
    if len(sides) != 2 or len(parts) > 3 or not all(part.strip() for part in (*parts, *sides)):
        raise Refusal("model_shape", formula=written)
    names = {effect.strip() for effect in apart(parts[1], "+")} - {"1", "0"} if len(parts) > 1 else set()
    for name in sorted(names - {"region", "year"}):
        raise Refusal("model_effect", formula=written, name=name)
    terms = _terms(sides[1], written)
    endogenous: tuple[str, ...] = ()
    instruments: tuple[str, ...] = ()
    if len(parts) == 3:
        stage = apart(parts[2], "~")
        if len(stage) != 2:
            raise Refusal("model_shape", formula=written)
        endogenous, instruments = (_terms(side, written) for side in stage)
    if not (terms or endogenous):
        raise Refusal("model_shape", formula=written)
    regressors = {term: term for term in dict.fromkeys((*endogenous, *terms))}
    return Model(sides[0].strip(), regressors, EFFECTS[frozenset(names)], endogenous, instruments)


def _terms(side: str, written: str) -> tuple[str, ...]:
    found = []
    for term in (term.strip() for term in apart(side, "+")):
        if term == "1":
            continue
        if not term:
            raise Refusal("model_shape", formula=written)
        for operator in "*/-":
            if len(apart(term, operator)) > 1:
                raise Refusal("model_operator", formula=written, term=term, operator=operator)
        found.append(re.sub(r"^I(?=\()", "", term))
    return tuple(found)


def apart(written: str, mark: str) -> list[str]:
    """The text between marks that stand outside parentheses."""
    found, depth = [""], 0
    for letter in written:
        depth += (letter == "(") - (letter == ")")
        if letter == mark and depth == 0:
            found.append("")
        else:
            found[-1] += letter
    return found
