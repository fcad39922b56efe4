"""Formulas of a study in words: the names of variables, nodes and subsystems become their labels."""

from __future__ import annotations

import re

from zhiyu.report import words
from zhiyu.report.material import Material
from zhiyu.terms import Label, Locale, text

NAME = re.compile(r"(?<![\w.])[A-Za-z_]\w*")
LAG = re.compile(r"lag\((.*)\)", re.DOTALL)
WITHOUT = re.compile(r"without\(\s*(\w+)((?:\s*,\s*\w+)+)\s*\)")
GROWTH = re.compile(r"growth\((.*)\)", re.DOTALL)
HEADS = {  # what well-known parts of formulas are called, by the names their variables begin with
    "productivity": re.compile(
        r"log\(gdp_real\w*\) - [\d.]+ \* log\(capital_stock_real\w*\) - [\d.]+ \* log\((?:population|employ)\w*\)"
    ),
    "output_per_head": re.compile(r"gdp_real\w* / population\w*"),
    "capital_per_head": re.compile(r"capital_stock_real\w* / population\w*"),
}
SIGNS = (("log(", "ln("), (" * ", " × "), (" : ", " × "), (" - ", " − "))


def told(formula: str, m: Material) -> Label:
    """`lag(log(gdp / population_10k))` -> "ln(real GDP / population), last year"."""
    return words.both(lambda locale: _told(formula.strip(), m, locale))


def productivity(formula: str, m: Material) -> Label | None:
    """What a formula that is told as productivity holds, written out; None for any other."""
    found = HEADS["productivity"].search(formula)
    return None if found is None else words.both(lambda locale: _spelt(found[0], m, locale))


def _told(formula: str, m: Material, locale: Locale) -> str:
    for whole, key in ((LAG, "before"), (GROWTH, "growth")):
        inside = whole.fullmatch(formula)
        if inside and closes(inside[1]):
            return text(f"report.formula.{key}", locale, name=_told(inside[1], m, locale))
    without = WITHOUT.fullmatch(formula)
    if without:
        gone = [_named(name, m, locale) for name in re.findall(r"\w+", without[2])]
        name = _named(without[1], m, locale)
        return text("report.formula.without", locale, name=name, gone=words.listed(gone, locale))
    for name, pattern in HEADS.items():
        formula = pattern.sub(name, formula)
    return _spelt(formula, m, locale)


def _spelt(formula: str, m: Material, locale: Locale) -> str:
    """Names and signs as a reader writes them."""
    for written, shown in SIGNS:
        formula = formula.replace(written, shown)
    return NAME.sub(lambda found: _named(found[0], m, locale), formula)


def closes(inner: str) -> bool:
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
    if name in HEADS:
        return text(f"report.formula.{name}", locale)
    for rows in (m.index.tree.by_id, m.panel.variables):
        if name in rows:
            return _inside(rows[name].label.text(locale), locale)
    if name in m.framework.subsystems.ids:
        return m.framework.subsystems[name].label.text(locale)
    if name in m.framework.logics.ids:
        return text("report.formula.coordination", locale, name=m.framework.logics[name].label)
    return name


def _inside(name: str, locale: Locale) -> str:
    """A label within a line: an English one loses its capital, unless more capitals follow, as in GDP."""
    return name[:1].lower() + name[1:] if locale == "en" and name[1:2].islower() else name
