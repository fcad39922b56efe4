"""The claims ledger of a study: every claim of the framework, and a user's own, with verdict and multiverse."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from zhiyu.data.events import Events
from zhiyu.data.neighbours import Neighbours
from zhiyu.data.panel import Panel
from zhiyu.explain import multiverse
from zhiyu.explain.choice import SpaceChoice
from zhiyu.explain.claims import asking, rules, specifications
from zhiyu.explain.claims.answers import answer
from zhiyu.explain.claims.gaps import OUTPUT
from zhiyu.explain.claims.inputs import Inputs
from zhiyu.explain.claims.plans import PLANS, Plan
from zhiyu.explain.claims.question import RATE, WORDS, Agreement, Asking, Implied, Verdict
from zhiyu.explain.claims.specifications import Ran, Task
from zhiyu.explain.telling import summary
from zhiyu.explain.weights import weights as neighbouring
from zhiyu.framework.framework import Framework
from zhiyu.measure.index import Index
from zhiyu.terms import LOCALES, Label, Locale, Place, Refusal, label, suggestion, text
from zhiyu.workers import mapped

if TYPE_CHECKING:
    import pandas as pd

MOST = 12_000  # specifications of one claim
PIECES = 4  # a claim's specifications are run in so many pieces
FEW = 64  # below which they are run as one


@dataclass(frozen=True)
class Ledger:
    """Verdicts in the framework's order, the user's own claims last.

    names : region code -> label; choices, levels : labels of the multiverse's choices, and of their values by
        "choice=value".
    rate : false discovery rate over the ledger; draws : of the wild cluster bootstrap; seed : of everything.
    """

    verdicts: tuple[Verdict, ...]
    names: Mapping[str, Label]
    choices: Mapping[str, Label] = field(default_factory=dict)
    levels: Mapping[str, Label] = field(default_factory=dict)
    rate: float = RATE
    draws: int = 9999
    seed: int = 0

    def __getitem__(self, name: str) -> Verdict:
        known = [one.id for one in self.verdicts]
        if name not in known:
            raise Refusal("claims_unknown", name=name, known=", ".join(known), hint=suggestion(name, known))
        return self.verdicts[known.index(name)]

    def filled(self, implied: Mapping[str, Implied]) -> Ledger:
        """The ledger with what the simulator says of claims, by id, in the rows that wait for it.

        Raises
        ------
        Refusal
            For a claim that is not there, or that is observed alone.
        """
        rows = {name: rules.filled(self[name], found) for name, found in implied.items()}
        return replace(self, verdicts=tuple(rows.get(one.id, one) for one in self.verdicts))

    @property
    def specifications(self) -> int:
        """Specifications that were run, over all claims."""
        return sum(one.agreement.number for one in self.verdicts if one.agreement is not None)

    @property
    def claims(self) -> pd.DataFrame:
        """A row a claim: id, claim, verdict, kind, estimate, low, high, p, q, agreeing share, specifications, why.

        test, test_p : the part that estimate, low and high are of, and its own p-value; p and q are of the claim.
        """
        import pandas as pd

        rows = [
            {
                "id": one.id,
                "section": one.section,
                "claim_zh": one.label.zh,
                "claim_en": one.label.en,
                "verdict": one.verdict,
                "kind": one.kind,
                "estimate": one.estimate,
                "low": one.low,
                "high": one.high,
                "p": one.p,
                "q": one.q,
                "stands_without_each": one.stands_without_each,
                "region": " ".join(one.region),
                "agreeing_share": np.nan if one.agreement is None else one.agreement.share,
                "specifications": 0 if one.agreement is None else one.agreement.number,
                "moved_by": "" if one.agreement is None else one.agreement.moves,
                "why_zh": one.why.zh,
                "why_en": one.why.en,
                "own": one.own,
                "test": "" if one.decides is None else one.decides.id,
                "test_p": np.nan if one.decides is None else one.decides.p,
            }
            for one in self.verdicts
        ]
        return pd.DataFrame(rows)

    def tidy(self) -> pd.DataFrame:
        """A row a part of a claim: the main specifications, broom's names, with both p-values."""
        import pandas as pd

        rows = [
            {
                "claim": one.id,
                "term": part.id,
                "method": part.how,
                "expected_sign": part.sign,
                "estimate": part.estimate,
                "std_error": part.std_error,
                "p_value": part.p,
                "p_clustered": part.p_cluster,
                "conf_low": part.low,
                "conf_high": part.high,
                "index_low": part.index_low,
                "index_high": part.index_high,
                "holds": part.expected,
                "stands_without_each": part.stands,
                "leans_on": part.leans_on[0],
                "estimate_without": part.leans_on[1],
                "observations": part.observations,
            }
            for one in self.verdicts
            for part in one.parts
        ]
        return pd.DataFrame(rows)

    def glance(self) -> pd.DataFrame:
        """One row: claims, how many of each verdict, specifications, and how it was decided."""
        import pandas as pd

        row: dict[str, object] = {"claims": len(self.verdicts)}
        row |= {word: sum(one.verdict == word for one in self.verdicts) for word in WORDS}
        row |= {"specifications": self.specifications, "false_discovery_rate": self.rate}
        return pd.DataFrame([row | {"draws": self.draws, "seed": self.seed}])

    def summary(self, locale: Locale = "en") -> str:
        """The ledger as plain text."""
        title = Label(*(text("explain.claims.title", one) for one in LOCALES))
        note = Label(*(text("explain.claims.note", one, rate=f"{self.rate:.0%}") for one in LOCALES))
        figures = ["estimate", "low", "high", "q", "agreeing_share"]
        shown = self.claims[["id", f"claim_{locale}", "verdict", "kind", *figures]]
        return summary(title, self.glance(), shown, (note, *self._waiting()), locale)

    def _waiting(self) -> list[Label]:
        """Which claims wait, and what to run."""
        waiting = [one for one in self.verdicts if one.verdict == "model"]
        by_why = {why: [one.id for one in waiting if one.why == why] for why in dict.fromkeys(x.why for x in waiting)}
        return [label("explain.claims.waiting", ids=", ".join(ids), why=why) for why, ids in by_why.items()]


def claims(
    index: Index,
    panel: Panel,
    framework: Framework,
    w: Neighbours | None = None,
    *,
    weights: Mapping[str, Neighbours] | None = None,
    grouping: str | None = None,
    events: Events | None = None,
    own: Path | None = None,
    table: Path | None = None,
    draws: int = 9999,
    most: int = MOST,
    seed: int = 0,
    workers: int = 1,
    cluster: str = "",
    found: Callable[[str], Ran | None] | None = None,
    keep: Callable[[str, Ran], None] | None = None,
) -> Ledger:
    """Every claim put to a study's data, and to every defensible way of looking at them.

    A claim is decided by its own specification: wild cluster bootstrap p-values (or regions drawn anew, where it is no
    regression), adjusted over the ledger so that among the verdicts that say something a tenth are expected to be
    chance at most; the sign must hold whichever region is left out. The multiverse then says how many of all defensible
    specifications reach the same verdict by themselves, and which choice moves the answer.

    Parameters
    ----------
    w : neighbours, for claims about space; weights : name -> other definitions of neighbours, None =
        those that the regions' coordinates and the panel's output per head give
    grouping : name of a grouping of the regions; events : policies and when they began
    own : CSV of the user's claims (`claims.asking.own`); table : CSV of alternatives in place of the bundled one
    draws : of the wild cluster bootstrap; most : specifications of one claim, above which a sample of them is run; 0
        leaves the multiverse out
    workers : local processes; cluster : address of a Dask scheduler: figures do not depend on either
    found, keep : a piece of the multiverse done before, by its key, and what to do with one that is done now

    Raises
    ------
    Refusal
        For a table of claims or alternatives that cannot be read, with its row; for a cluster that cannot be used. What
        the data cannot answer is untestable, not refused.

    Source: Steegen, Tuerlinckx, Gelman and Vanpaemel (2016), Perspectives on Psychological Science 11 (multiverse);
    Simonsohn, Simmons and Nelson (2020), Nature Human Behaviour 4 (specification curve).
    """
    others = _other_weights(panel, w) if weights is None else dict(weights)
    inputs = Inputs(index, panel, framework, w, others, grouping, events, seed)
    mine, more = asking.own(own) if own is not None else ((), ())
    alternatives = multiverse.read() if table is None else multiverse.read(table)
    if own is not None:
        _refuse_unreadable(_own_terms(own, more), inputs)
    if table is not None:
        _refuse_unreadable(_own_controls(table, alternatives), inputs)
    asked = {one.id: one for one in (*asking.paper(), *more)}
    plans = {**PLANS, **{claim.id: Plan((claim.id,)) for claim in mine}}
    answered = [answer(claim, plans.get(claim.id), asked, inputs, draws) for claim in framework.claims]
    answered += [answer(claim, plans[claim.id], asked, inputs, draws, own=True) for claim in mine]
    names = {region.code: region.label for region in index.regions.rows}
    verdicts = rules.ledger(answered, names)
    spaces: dict[str, multiverse.Space] = {}
    if most:
        testable = [one.id for one in verdicts if one.parts]
        spaces = {name: specifications.space(plans[name], asked, inputs, alternatives) for name in testable}
        tasks = _tasks(spaces, plans, asked, most, seed)
        ran = mapped(specifications.run, inputs.bare(), tasks, workers, cluster, found, keep)
        verdicts = tuple(_agreement(one, spaces, ran, most, seed) for one in verdicts)
    used = {one for space in spaces.values() for level in space.levels for one in level}
    return Ledger(
        verdicts,
        names,
        {name: _word(name) for name in multiverse.CHOICES if any(one.choice == name for one in used)},
        {f"{one.choice}={one.value}": one.label for one in sorted(used, key=lambda one: (one.choice, one.value))},
        RATE,
        draws,
        seed,
    )


def _own_terms(path: Path, asked: Iterable[Asking]) -> Iterator[tuple[Place, str]]:
    """The terms that a table of claims writes, and where."""
    for row, one in enumerate(asked, start=2):
        for column, terms in (("outcome", (one.outcome,)), ("driver", (one.driver,)), ("controls", one.controls)):
            place = Place(file=path.name, row=row, column=column)
            yield from ((place, term.removeprefix("@")) for term in terms if term != "own")


def _own_controls(path: Path, table: Iterable[multiverse.Alternative]) -> Iterator[tuple[Place, str]]:
    """The terms that a table of alternatives writes, and where."""
    for one in multiverse.of(tuple(table), "controls"):
        place = Place(file=path.name, row=one.row, column="detail")
        yield from ((place, term) for term in one.detail.split(";") if term.strip())


def _refuse_unreadable(written: Iterable[tuple[Place, str]], inputs: Inputs) -> None:
    """Refuses a term that is no formula; one that names what the study lacks makes a claim untestable, no more."""
    variables = inputs.variables()
    for place, term in written:
        try:
            variables.missing(term)
        except Refusal as fault:
            raise fault.at(place) from fault


def _other_weights(panel: Panel, w: Neighbours | None) -> dict[str, Neighbours]:
    """Nearest, by distance, by economy, and by both, where the study has what they need."""
    found: dict[str, Neighbours] = {}
    for kind in OTHERS if w is not None else ():
        try:
            made = neighbouring(SpaceChoice(weights=kind, by=OUTPUT), panel, None)
        except Refusal:
            continue
        if made is not None:
            found[kind] = made
    return found


OTHERS: tuple[Literal["nearest", "distance", "economic", "nested"], ...] = ("nearest", "distance", "economic", "nested")


def _tasks(
    spaces: Mapping[str, multiverse.Space],
    plans: Mapping[str, Plan],
    asked: Mapping[str, Asking],
    most: int,
    seed: int,
) -> dict[str, Task]:
    """Pieces of each claim's specifications by a key that says what they are."""
    tasks = {}
    for name, space in spaces.items():
        picks, parts = space.picks(most, seed), {part: asked[part] for part in plans[name].parts if part in asked}
        pieces = np.array_split(picks, PIECES if len(picks) >= FEW else 1)
        about = repr((plans[name], parts, space)).encode()
        for k, piece in enumerate(pieces):
            code = hashlib.sha256(about + piece.tobytes()).hexdigest()[:12]
            tasks[f"{name}_{k}_{code}"] = Task(plans[name], parts, space, piece)
    return tasks


def _agreement(
    one: Verdict, spaces: Mapping[str, multiverse.Space], ran: Mapping[str, Ran], most: int, seed: int
) -> Verdict:
    if one.id not in spaces:
        return one
    space, pieces = spaces[one.id], [result for key, result in ran.items() if key.rsplit("_", 2)[0] == one.id]
    words, effect, low, high = (np.concatenate([getattr(x, name) for x in pieces]) for name in PARTS)
    picks = space.picks(most, seed)
    agreement = Agreement(
        share=rules.agreeing(one, words),
        words=words.astype(np.int8),
        effect=effect,
        low=low,
        high=high,
        choices=space.names,
        levels=tuple(tuple(x.value for x in levels) for levels in space.levels),
        picks=picks.astype(np.int8),
        shares=multiverse.first_order(effect, picks),
        full=len(picks) == space.size,
        main=0,
    )
    return rules.settled(one, agreement)


PARTS = ("words", "effect", "low", "high")


def _word(choice: str) -> Label:
    return Label(*(text(f"explain.choice.{choice}", one) for one in LOCALES))
