"""A study's stage of design: what it brings to a plan, and what is kept for another budget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from zhiyu.design import designing, objectives, response
from zhiyu.design.choice import DesignChoice
from zhiyu.design.evolve import available
from zhiyu.design.frame import Frame, Given, framed
from zhiyu.design.futures import futures
from zhiyu.design.objectives import Objective
from zhiyu.design.plan import Plan
from zhiyu.simulate.base import base
from zhiyu.simulate.simulation import heads
from zhiyu.store import canonical

if TYPE_CHECKING:
    from zhiyu.study import Study

STAGE = "design"


@dataclass(frozen=True, eq=False)
class Beside:
    """What a plan moves that it was not chosen by: outcomes (future, objective), larger is better."""

    objectives: tuple[Objective, ...]
    outcomes: np.ndarray


def otherwise(
    choice: DesignChoice,
    budget: float | None = None,
    wanted: Sequence[str] | None = None,
    members: int | None = None,
) -> DesignChoice:
    """The choices with another budget, other objectives or another number of futures, where they are given."""
    changed = choice.model_dump(mode="json")
    if budget is not None:
        changed["budget"] |= {"total": budget}
    if wanted:
        changed["objectives"] = list(wanted)
        for key in ("weights", "thresholds", "floors"):  # of an objective that is not asked for now
            changed[key] = {name: x for name, x in changed[key].items() if name in wanted}
    if members is not None:
        changed["futures"] = members
    return DesignChoice.model_validate(changed)


def given(study: Study) -> Given:
    """What a study brings to its design; its model is calibrated if it has not been."""
    observed, posterior = study.observed, study.calibration().posterior
    counted = heads(study.history(), study.simulating.heads, observed)
    return Given(
        base(observed, posterior, counted),
        posterior,
        study.history().regions.select(observed.codes),
        study.measures,
        study.simulating.horizon,
        study.choices.seed,
        study.choices.regions.groups,
    )


def frame(study: Study) -> Frame:
    """A study's choices for a plan, checked against what it has."""
    return framed(given(study), study.designing, study.inputs.get(study.designing.costs or ""))


def designed(study: Study) -> Plan:
    """The plan of a study, kept whole; responses are kept by themselves, also for plans that choose otherwise.

    While it is searched for, each piece is kept as soon as it is there, and a run that was stopped goes on from them.
    """
    choice, simulated = study.designing, study.simulating
    own = [study.key("calibration"), canonical(simulated.model_dump(mode="json", include={"heads", "horizon"}))]
    own += [study.choices.framework.base, str(study.choices.regions.groups), str(study.choices.seed)]
    parts = [*own, canonical(choice.model_dump(mode="json")), f"evolution {available()}"]
    alone, searched = study.pieces("response", own), study.pieces(STAGE, own)
    step = [designing.STEPS[0]]

    def found(name: str) -> np.ndarray | None:
        kept = (pieces.found(name) for pieces in (alone, searched) if pieces is not None)
        return next((piece for piece in kept if piece is not None), None)

    def keep(name: str, piece: np.ndarray) -> None:
        pieces = alone if step[0] == designing.STEPS[0] else searched
        if pieces is not None:
            pieces.keep(name, piece)

    def told(now: str, done: int, total: int) -> None:
        if now != step[0]:
            study.listen(now)
        step[0] = now

    return study.stage(
        STAGE,
        parts,
        lambda: designing.design(
            given(study),
            choice,
            study.inputs.get(choice.costs or ""),
            workers=study.compute.workers,
            cluster=study.compute.cluster,
            found=found,
            keep=keep,
            told=told,
        ),
    )


def beside(study: Study) -> Beside:
    """What the plan does to the bundled objectives that it was not asked to serve, in the same futures."""

    def simulated() -> Beside:
        plan, brought, choice = study.design(), given(study), study.designing
        own, there = {one.id for one in plan.objectives}, objectives.outcomes(brought.base)
        others = tuple(row for row in objectives.objectives() if row.id not in own and row.outcome in there)
        if not others:
            return Beside((), np.zeros((choice.futures, 0)))
        counts = objectives.year_weights(choice.when, plan.last_year - plan.base_year, choice.discount)
        members = futures(brought.posterior, choice.futures, brought.seed)
        evaluate = response.evaluator(brought.base, members, plan.options, others, counts)
        return Beside(others, evaluate(plan.chosen.levels)[0])

    return study.stage("beside", [study.key(STAGE)], simulated)
