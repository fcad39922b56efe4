"""Evidence: what the questions of a study found, one field a question; None where the study cannot answer it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zhiyu import workers
from zhiyu.data.events import Events
from zhiyu.data.neighbours import Neighbours
from zhiyu.data.panel import Panel
from zhiyu.explain.choice import ExplainChoice
from zhiyu.framework.framework import Framework
from zhiyu.measure.index import Index
from zhiyu.store import Pieces
from zhiyu.terms import Label, Refusal

if TYPE_CHECKING:
    import pandas as pd

    from zhiyu.explain.claims.question import Implied


@dataclass(frozen=True)
class Asked:
    """All that a question may look at.

    grouping : names a grouping of the regions; w, happened : None where the study has no weights, or no events
    own_claims, own_alternatives : files that the study names; workers, cluster, pieces : who computes, and where pieces
        of a long answer are kept until it is whole, None = nowhere
    """

    index: Index
    panel: Panel
    framework: Framework
    w: Neighbours | None
    grouping: str | None
    choice: ExplainChoice
    seed: int
    happened: Events | None = None
    own_claims: Path | None = None
    own_alternatives: Path | None = None
    workers: int = 1
    cluster: str = ""
    pieces: Pieces | None = None

    @property
    def files(self) -> frozenset[str]:
        """Names of the files that are the user's own say on what is asked: a fault in them is refused."""
        own = (self.own_claims, self.own_alternatives)
        return frozenset({"study.toml", *(path.name for path in own if path is not None)})


@dataclass(frozen=True)
class Answer:
    """A labelled result, or why there is none."""

    result: Any = None
    silent: Label | None = None


@dataclass(frozen=True)
class Evidence:
    """The labelled result of each question; None where it was not asked or the study cannot answer it.

    The ledger rests on data alone until it is `filled`. silent : question -> why this study cannot answer it.
    """

    ledger: Any = None
    coupling: Any = None
    disparity: Any = None
    convergence: Any = None
    transitions: Any = None
    space: Any = None
    spatial_panel: Any = None
    productivity: Any = None
    mechanism: Any = None
    threshold: Any = None
    events: Any = None
    silent: Mapping[str, Label] = field(default_factory=dict)

    @property
    def claims(self) -> pd.DataFrame | None:
        """The ledger as a table, a row a claim; None where it was not asked for. See `filled` for rows that wait."""
        return None if self.ledger is None else self.ledger.claims

    def filled(self, implied: Mapping[str, Implied]) -> Evidence:
        """The same with what the model implies of claims, by id, in the ledger's rows that wait for it.

        `Study.implied` has them. Claims that are not in the ledger, or that data alone answer, stay as they are.
        """
        waiting = () if self.ledger is None else [one.id for one in self.ledger.verdicts if one.kind != "observed"]
        told = {name: one for name, one in implied.items() if name in waiting}
        return replace(self, ledger=self.ledger.filled(told)) if told else self

    def of(self, question: str) -> Any:
        """The labelled result of a question by its name in the study file."""
        return getattr(self, FIELDS.get(question, question))


FIELDS = {"claims": "ledger"}  # the field of a question whose name says something else


def collected(answers: Mapping[str, Answer]) -> Evidence:
    """Answers by question as one."""
    silent = {name: found.silent for name, found in answers.items() if found.silent is not None}
    return Evidence(**{FIELDS.get(name, name): found.result for name, found in answers.items()}, silent=silent)


def answer(name: str, asked: Asked) -> Answer:
    """The answer to a question; data that cannot bear it silence it, with the reason, and end nothing else.

    What the study file, or a file of claims or alternatives that it names, asks for in vain is refused: it names the
    file. So is what says nothing about the data: a cluster that does not answer, a cache that cannot be written.
    """
    try:
        return Answer(QUESTIONS[name](asked))
    except Refusal as refusal:
        if refusal.message.place.file in asked.files or refusal.key in workers.MACHINERY:
            raise
        return Answer(silent=Label(refusal.text("zh"), refusal.text("en")))


def _claims(asked: Asked) -> Any:
    from zhiyu.explain.of.claims import claims

    if not asked.framework.claims and asked.own_claims is None:
        raise Refusal("no_claims")
    return claims(
        asked.index,
        asked.panel,
        asked.framework,
        asked.w,
        grouping=asked.grouping,
        events=asked.happened,
        own=asked.own_claims,
        table=asked.own_alternatives,
        most=asked.choice.specifications,
        seed=asked.seed,
        workers=asked.workers,
        cluster=asked.cluster,
        found=None if asked.pieces is None else asked.pieces.found,
        keep=None if asked.pieces is None else asked.pieces.keep,
    )


def _coupling(asked: Asked) -> Any:
    from zhiyu.explain.of.coupling import coupling

    return coupling(asked.index, asked.framework, variant=asked.choice.coupling, seed=asked.seed)


def _disparity(asked: Asked) -> Any:
    from zhiyu.explain.of.disparity import disparity

    return disparity(asked.index, asked.panel, asked.grouping, draws=asked.choice.draws, seed=asked.seed)


def _convergence(asked: Asked) -> Any:
    from zhiyu.explain.of.convergence import convergence

    return convergence(asked.index, asked.panel, asked.grouping, asked.w, seed=asked.seed, draws=asked.choice.draws)


def _transitions(asked: Asked) -> Any:
    from zhiyu.explain.of.transitions import transitions

    return transitions(asked.index, asked.w, draws=asked.choice.draws, seed=asked.seed)


def _space(asked: Asked) -> Any:
    from zhiyu.explain.of.space import space

    if asked.w is None:
        raise Refusal("no_neighbours")
    return space(asked.index, asked.w, asked.panel, asked.choice.space.permutations, asked.seed)


def _spatial_panel(asked: Asked) -> Any:
    from zhiyu.explain.of.spatial_panel import spatial_panel

    if asked.w is None:
        raise Refusal("no_neighbours")
    return spatial_panel(asked.index, asked.panel, asked.w, asked.choice.space, asked.seed)


def _productivity(asked: Asked) -> Any:
    from zhiyu.explain.of.productivity import productivity

    return productivity(asked.panel, asked.index)


def _mechanism(asked: Asked) -> Any:
    """The mechanisms of the paper, or an answer for each of the study file's."""
    from zhiyu.explain.of.mechanism import MODERATOR, mechanism

    about, draws, seed = (asked.index, asked.panel, asked.framework), asked.choice.draws, asked.seed
    if not asked.choice.mechanism:
        return mechanism(*about, draws=draws, seed=seed)
    return tuple(
        mechanism(
            *about,
            one.driver,
            (one.through,),
            one.gate or MODERATOR,
            one.outcome or _output(asked),
            draws=draws,
            seed=seed,
        )
        for one in asked.choice.mechanism
    )


def _threshold(asked: Asked) -> Any:
    """Whether the slope of output on a driver switches with its gate: the paper's, or the study file's gates."""
    from zhiyu.explain.of.spatial_panel import default_question
    from zhiyu.explain.of.threshold import threshold_panel

    def one(outcome: str, driver: str, gate: str, controls: Mapping[str, str]) -> Any:
        for node in (driver, gate):
            if node not in asked.index.tree.by_id:
                raise Refusal("mechanism_node", name=node)
        terms = (outcome, f"lag({driver})", f"lag({gate})", controls)
        return threshold_panel(
            asked.index, asked.panel, *terms, trim=0.1, bootstraps=asked.choice.draws, seed=asked.seed
        )

    if not asked.choice.mechanism:
        usual = default_question(asked.index, asked.panel)
        return one(usual.outcome, *GATED, {"capital": usual.regressors["capital"]})
    gated = tuple(one for one in asked.choice.mechanism if one.gate)
    if not gated:
        raise Refusal("no_gate")
    return tuple(one(found.outcome or _output(asked), found.driver, found.gate, {}) for found in gated)


def _output(asked: Asked) -> str:
    """Output per head in logarithms, by the study's own names."""
    from zhiyu.explain.of.spatial_panel import default_question

    return default_question(asked.index, asked.panel).outcome


GATED = ("data_factor", "governance_foresight")  # claim C05: what data yield depends on institutions


def _events(asked: Asked) -> Any:
    from zhiyu.explain.of.events import events

    if asked.happened is None:
        raise Refusal("no_events")
    chosen = asked.choice.events or None
    return events(asked.index, asked.panel, asked.happened, chosen, draws=asked.choice.draws, seed=asked.seed)


QUESTIONS: dict[str, Callable[[Asked], Any]] = {
    "claims": _claims,
    "coupling": _coupling,
    "disparity": _disparity,
    "convergence": _convergence,
    "transitions": _transitions,
    "space": _space,
    "spatial_panel": _spatial_panel,
    "productivity": _productivity,
    "mechanism": _mechanism,
    "threshold": _threshold,
    "events": _events,
}
