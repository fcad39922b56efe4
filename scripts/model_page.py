"""Fill the printed parts of docs/explanation/model.md from the model's own functions and tables.

Run: .venv/bin/python scripts/model_page.py
A part stands between `<!-- printed: NAME -->` and `<!-- end -->`; the rest of the page is written by hand.
tests/docs/test_model_page.py fails while the page is not what this writes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType

from zhiyu.simulate import calibrate, channels, equations, graph, hierarchy, members, printed, satellite
from zhiyu.simulate import core as forward
from zhiyu.simulate.observe import COUPLINGS
from zhiyu.simulate.parameters import Parameter, read
from zhiyu.simulate.printed import Printed

PAGE = Path(__file__).resolve().parents[1] / "docs" / "explanation" / "model.md"
PART = re.compile(r"(<!-- printed: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
LOGIC = {"dual_wheel": "dual wheel", "coevolution": "co-evolution", "interaction": "interaction"}
POLARITY = {1: "reinforcing", -1: "balancing", 0: "not determined"}


def filled(page: str) -> str:
    """The page with its parts as they should be."""
    return PART.sub(lambda found: f"{found[1]}\n{PARTS[found[2]]()}\n\n{found[3]}", page)


def core() -> str:
    """The core's equations, each with the column of states.csv that it is of."""
    labels = {node.id: node.label.en for node in graph.causal().nodes}
    rows = [[one.of, labels[one.of], code(one.lines), source(one.of)] for one in printed.core()]
    return table(("state", "what it is", "equation", "source of the form"), rows)


def theory() -> str:
    """The satellite's equations."""
    labels = {node.id: node.label.en for node in graph.causal().nodes}
    return table(
        ("state", "what it is", "after a year"), [[p.of, labels[p.of], code(p.lines)] for p in printed.theory()]
    )


def couplings() -> str:
    """The satellite's terms in the core."""
    grades = {parameter.name: parameter.grade for parameter in read()}
    rows = [[p.of, p.left, right(p), grades[satellite.COUPLINGS[p.of]]] for p in printed.couplings()]
    return table(("coupling", "what it does", "term", "grade"), rows)


def measures() -> str:
    """The channels of measures."""
    caps = {channel.id: channel for channel in channels.channels()}
    terms = {one.of: one for one in printed.levers()}
    rows = []
    for name, channel in caps.items():
        found = [one for key, one in terms.items() if key.split(".")[0] == name]
        how = [f"{one.left}: {right(one)}" for one in found] or ["in the satellite's equations, as `m₋₁`"]
        rows.append([name, channel.label.en, f"{channel.cap:g}", "<br>".join(how)])
    return table(("channel", "what it is", "cap", "how it acts"), rows)


def loops() -> str:
    """Loops of two and three arrows."""
    rows = [
        [" → ".join((*loop.nodes, loop.nodes[0])), POLARITY[loop.sign], ", ".join(LOGIC.get(x, x) for x in loop.logics)]
        for loop in graph.causal().loops(3)
    ]
    return table(("loop", "at the priors' middle", "logic"), rows)


def logics() -> str:
    """The four logics and their terms."""
    about = {parameter.name: parameter for parameter in read()}
    rows = [
        [
            LOGIC.get(logic, logic),
            "<br>".join(f"`{term}`: {about[term].label.en} ({about[term].grade})" for term in terms),
        ]
        for logic, terms in COUPLINGS.items()
    ]
    return table(("logic", "its terms in the core"), rows)


def parameters() -> str:
    """All parameters with priors, grades and sources."""
    rows = [
        [f"`{p.name}`", f"`{p.symbol}`", p.label.en, p.unit, prior(p), p.grade, p.source.en] for p in read()
    ]  # fmt: skip
    return table(("parameter", "symbol", "meaning", "unit", "prior", "grade", "source"), rows)


def numbers() -> str:
    """Numbers that no parameter's row holds: what is known before any data are seen, limits, and weights."""
    rows = [
        [f"`{module.__name__.removeprefix('zhiyu.')}.{name}`", f"{getattr(module, name):.3g}", unit, meaning]
        for module, name, unit, meaning in NUMBERS
    ]
    return table(("number", "value", "unit", "what it is"), rows)


def prior(of: Parameter) -> str:
    """Mean (sd), or the range that draws are uniform in; a constant is a number."""
    if of.mean is None:
        return f"{of.low:g} to {of.high:g}"
    return f"{of.mean:g} ({of.sd:g})" if of.sd else f"{of.mean:g}"


def source(state: str) -> str:
    """What the docstring of an equation says of its source."""
    found = re.search(r"Source: (.*?)\.?\s*$", (equations.CORE[state].__doc__ or "") if state in equations.CORE else "")
    return " ".join(found[1].split()) if found else "perpetual inventory" if state == "capital" else ""


def right(of: Printed) -> str:
    """The right-hand side as code."""
    return code((of.right, *of.where))


def code(lines: Iterable[str]) -> str:
    """Lines as code within a cell."""
    return "<br>".join(f"`{line}`" for line in lines)


def table(head: tuple[str, ...], rows: Iterable[Iterable[str]]) -> str:
    """A table."""
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


NUMBERS: tuple[tuple[ModuleType, str, str, str], ...] = (
    (hierarchy, "DRIFT_MEAN", "1/year", "prior mean of an equation's national growth at average regressors"),
    (hierarchy, "DRIFT_SD", "1/year", "its standard deviation"),
    (hierarchy, "REGIONAL_SD", "log points", "prior standard deviation of a region's yearly shock"),
    (hierarchy, "REGIONAL_CELLS", "cells", "what that prior is worth"),
    (hierarchy, "NATIONAL_SHARE", "1", "prior ratio of the national shock's standard deviation to the regional one's"),
    (hierarchy, "NATIONAL_YEARS", "years", "what that prior is worth"),
    (
        hierarchy,
        "INTERCEPT_SHARE",
        "1",
        "prior ratio of the regional intercepts' standard deviation to the shocks'",
    ),
    (hierarchy, "INTERCEPT_REGIONS", "regions", "what that prior is worth"),
    (calibrate, "DISCOUNT", "1", "weight of a year in the calibration against the year after it"),
    (calibrate, "HUBER", "1", "residual, in standard deviations, from which on a cell weighs less"),
    (calibrate, "ROUNDS", "1", "rounds of that reweighting"),
    (calibrate, "LEAST_SHARE", "share", "least share of output that counts as invested"),
    (forward, "DRIFT_KEPT", "1", "part of the national drift of the share invested that is kept in the first year"),
    (forward, "DAMPING", "1", "part of it that is kept from each year to the next"),
    (equations, "PLATFORM_CENTRE", "ln index", "level at which platforms have no pull of their own"),
    (satellite, "ENERGY_LIMIT", "1", "energy of compute, over all other, at which dear energy halves demand"),
    (satellite, "DISTRUST", "1", "part of trust that is lost where incidents are full"),
    (members, "FEEDBACK", "1", "most that a unit of capability may return to itself in a member that is kept"),
)
PARTS = {
    "core": core,
    "logics": logics,
    "theory": theory,
    "couplings": couplings,
    "measures": measures,
    "loops": loops,
    "parameters": parameters,
    "numbers": numbers,
}

if __name__ == "__main__":
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
