"""What a study asks of `explain`: the table `[explain]` of the study file."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import Field

from zhiyu.measure.recipe import Choice

Topic = Literal[
    "claims",
    "coupling",
    "disparity",
    "convergence",
    "transitions",
    "space",
    "spatial_panel",
    "productivity",
    "mechanism",
    "threshold",
    "events",
]
TOPICS: tuple[Topic, ...] = get_args(Topic)


class SpaceChoice(Choice):
    """Who is whose neighbour, and the spatial panel model.

    weights : "contiguity" (the file of `[data] neighbours`), "nearest" (`k` nearest by coordinates), "distance"
        (d ** -decay), "economic" (likeness in the panel's first year of the variable or formula `by`), "nested"
        (distance x economic), "flows" (the file of `[data] flows`), or "auto": contiguity where the study names a file,
        else the k nearest, else none
    outcome, regressors : formulas over the panel's variables and the index's nodes; empty = the question that the
        study's variables allow
    """

    weights: Literal["auto", "contiguity", "nearest", "distance", "economic", "nested", "flows"] = "auto"
    k: Annotated[int, Field(ge=1)] = 5
    decay: Annotated[float, Field(gt=0)] = 1.0
    by: str = ""
    permutations: Annotated[int, Field(ge=99)] = 9999
    model: Literal["lag", "error", "durbin"] = "durbin"
    effects: Literal["region", "time", "two-way"] = "two-way"
    correction: Literal["lee-yu", "none"] = "lee-yu"
    dynamic: bool = False
    outcome: str = ""
    regressors: dict[str, str] = Field(default_factory=dict)


class MechanismChoice(Choice):
    """One way by which `driver` is said to work: it moves `through`, and does more where `gate` is strong.

    outcome : a formula over the panel, empty = the question that the study's variables allow
    driver, through, gate : nodes of the index; without a gate no threshold is sought, and governance stands for it
    """

    name: str
    outcome: str = ""
    driver: str
    through: str
    gate: str = ""


class ExplainChoice(Choice):
    """Which questions are put to the data, and how.

    draws : of every bootstrap; coupling : the variant of the coupling degree
    claims, multiverse : own files of claims and of alternatives; specifications : run of each claim at most,
        a sample of them where there are more, 0 = none
    mechanism : the questions "mechanism" and "threshold" ask about these; empty = those of the paper
    events : policy of the file `[data] events` -> outcomes, nodes of the index; empty = each policy's own attribute
    """

    questions: tuple[Topic, ...] = TOPICS
    draws: Annotated[int, Field(ge=99)] = 1000
    coupling: str = "wang2021"
    claims: str | None = None
    multiverse: str | None = None
    specifications: Annotated[int, Field(ge=0)] = 1000
    mechanism: tuple[MechanismChoice, ...] = ()
    events: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    space: SpaceChoice = SpaceChoice()
