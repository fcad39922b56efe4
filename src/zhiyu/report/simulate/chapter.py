"""The chapter's rooms in order; those without anything to show are left out."""

from __future__ import annotations

from zhiyu.report.explain.question import Question
from zhiyu.report.material import Material
from zhiyu.report.simulate import assumed, coefficients, drivers, facts, gaps, scenarios, skill
from zhiyu.terms import Label

ROOMS = (
    skill.question,
    coefficients.question,
    scenarios.question,
    gaps.question,
    assumed.question,
    drivers.question,
    facts.question,
)


def questions(m: Material) -> tuple[Question, ...]:
    """The rooms of a study that simulates."""
    if m.simulation is None or m.carried is None:
        return ()
    made = (room(m, m.simulation, m.carried) for room in ROOMS)
    return tuple(room for room in made if room is not None)


def finding(m: Material) -> tuple[Label, ...]:
    """What the front page says of the chapter."""
    if m.simulation is None or m.carried is None:
        return ()
    return scenarios.finding(m.simulation, m.carried)
