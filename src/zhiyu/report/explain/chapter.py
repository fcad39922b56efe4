"""The chapter's questions in the order of the study file, each with its answer; those without one are left out."""

from __future__ import annotations

from collections.abc import Callable

from zhiyu.report.explain import (
    claims,
    convergence,
    coupling,
    disparity,
    events,
    mechanism,
    productivity,
    space,
    spatial_panel,
    threshold,
    transitions,
)
from zhiyu.report.explain.question import Question
from zhiyu.report.material import Material

ROOMS: dict[str, Callable[[Material], Question | None]] = {
    "claims": claims.question,
    "coupling": coupling.question,
    "disparity": disparity.question,
    "convergence": convergence.question,
    "transitions": transitions.question,
    "space": space.question,
    "spatial_panel": spatial_panel.question,
    "productivity": productivity.question,
    "events": events.question,
    "mechanism": mechanism.question,
    "threshold": threshold.question,
}


def questions(m: Material) -> tuple[Question, ...]:
    """The questions that this study's data answer."""
    if m.evidence is None:
        return ()
    answered = [name for name in m.choices.explain.questions if m.evidence.of(name) is not None]
    asked = (ROOMS[name](m) for name in answered)
    return tuple(question for question in asked if question is not None)
