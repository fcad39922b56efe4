"""The figures that the paper cites, and what the model can say of them: mostly nothing, and why."""

from __future__ import annotations

from zhiyu.report import words
from zhiyu.report.explain.question import Question
from zhiyu.report.material import Material
from zhiyu.report.tables import Cell, Table, column
from zhiyu.simulate.carried import Carried
from zhiyu.simulate.facts import WORDS, Judged, judge
from zhiyu.simulate.simulation import Simulation
from zhiyu.simulate.told import outcome
from zhiyu.terms import Label, Locale

OF = "cn-provinces"  # the set of regions whose nation the figures are of


def question(m: Material, of: Simulation, found: Carried) -> Question | None:
    """Each figure with the model's own, where it has one."""
    if m.choices.regions.set != OF or not m.framework.facts:
        return None
    judged = judge(tuple(m.framework.facts), found.pace)
    counts = {word: sum(one.word == word for one in judged) for word in WORDS}
    columns = (
        column("if_fact", "label", head=True),
        column("if_cited", "label"),
        column("year", "year"),
        column("if_model", "label"),
        column("if_judged", "label"),
        column("if_reason", "label", long=True),
    )
    rows = tuple(_row(one) for one in judged)
    note = words.label("report.note.simulate_facts", level=words.percent(of.hindcast.level, 0))
    table = Table("simulate_facts", words.label("report.table.simulate_facts"), columns, rows, (note, *m.coverage))
    return Question("simulate_facts", (words.label("report.if.facts", number=len(judged), **counts),), (table,))


def _row(one: Judged) -> tuple[Cell, ...]:
    said = Label(words.DASH, words.DASH)
    if one.low is not None and one.middle is not None and one.high is not None:
        ends = [words.signed(x, 0) for x in (one.middle, one.low, one.high)]
        said = Label(*(f"{ends[0]}% [{ends[1]}, {ends[2]}]",) * 2)
    reason = (
        words.label(f"report.if.reason.{one.reason}", name=outcome(one.state))
        if one.state
        else words.label(f"report.if.reason.{one.reason}")
    )
    cited = words.both(lambda locale: _cited(one, locale))
    return (
        words.heading(one.fact.label),
        cited,
        int(one.fact.year),
        said,
        words.label(f"report.if.word.{one.word}"),
        reason,
    )


def _cited(one: Judged, locale: Locale) -> str:
    """A figure with its unit: `7,000亿元`, `61.5%`, `280 EFLOPS`."""
    number = words.number(float(one.fact.value), len(one.fact.value.partition(".")[2]))
    unit = words.unit(one.fact.unit, locale)
    if unit == "%":
        return number + unit
    return f"{number}{'' if locale == 'zh' and not unit.isascii() else ' '}{unit}"
