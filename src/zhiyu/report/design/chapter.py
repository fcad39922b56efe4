"""The chapter's rooms in order: what to do, the frontier, the rivals, who gains, what breaks it."""

from __future__ import annotations

from zhiyu.report.design import advice, breaks, frontier, gains, rivals
from zhiyu.report.explain.question import Question
from zhiyu.report.material import Material
from zhiyu.terms import Label

ROOMS = (advice.question, frontier.question, rivals.question, gains.question, breaks.question)


def questions(m: Material) -> tuple[Question, ...]:
    """The rooms of a study that has a plan."""
    if m.designed is None:
        return ()
    made = (room(m, m.designed) for room in ROOMS)
    return tuple(room for room in made if room is not None)


def finding(m: Material) -> tuple[Label, ...]:
    """What the front page says of the chapter."""
    return () if m.designed is None else (*advice.finding(m.designed), *advice.unasked(m.designed, m.beside))
