"""Formulas of a study in words: the names of variables, nodes and subsystems become their labels."""

from __future__ import annotations

import re

from zhiyu.report import words
from zhiyu.report.material import Material
from zhiyu.terms import Label, Locale, text

NAME = re.compile(r"(?<![\w.])[A-Za-z_]\w*")
LAG = re.compile(r"lag\((.*)\)", re.DOTALL)
WITHOUT = re.compile(r"without\(\s*(\w+)((?:\s*,\s*\w+)+)\s*\)")
SIGNS = (("log(", "ln("), (" * ", " × "), (" : ", " × "), (" - ", " − "))


def told(formula: str, m: Material) -> Label:
    """`lag(log(gdp / population_10k))` -> "ln(real GDP / population), last year"."""
    return words.both(lambda locale: _told(formula.strip(), m, locale))


def _told(formula: str, m: Material, locale: Locale) -> str:
    lagged = LAG.fullmatch(formula)
    if lagged and _closes(lagged[1]):
        return text("report.formula.before", locale, name=_told(lagged[1], m, locale))
    without = WITHOUT.fullmatch(formula)
    if without:
        gone = [_named(name, m, locale) for name in re.findall(r"\w+", without[2])]
        name = _named(without[1], m, locale)
        return text("report.formula.without", locale, name=name, gone=words.listed(gone, locale))
    for written, shown in SIGNS:
        formula = formula.replace(written, shown)
    return NAME.sub(lambda found: _named(found[0], m, locale), formula)


def _closes(inner: str) -> bool:
    """Whether brackets within are closed in their order, so that lag(...) stood around the whole."""
    depth = 0
    for letter in inner:
        depth += (letter == "(") - (letter == ")")
        if depth < 0:
            return False
    return depth == 0


def _named(name: str, m: Material, locale: Locale) -> str:
    """The label of a variable, node, subsystem or logic; what is none of them stays as it is."""
    if name == "year":
        return text("report.formula.year", locale)
    for rows in (m.index.tree.by_id, m.panel.variables):
        if name in rows:
            return rows[name].label.text(locale)
    kept = [row for rows in (m.framework.subsystems, m.framework.logics) for row in rows if row.id == name]
    return kept[0].label.text(locale) if kept else name
