"""What a claim asks of data, and what was found: tests, their answers, and verdicts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from zhiyu.terms import Label

Word = Literal["supported", "mixed", "contradicted", "untestable", "model"]
Kind = Literal["observed", "model-implied", "both"]
Need = Literal["all", "any"]
WORDS: tuple[Word, ...] = ("supported", "mixed", "contradicted", "untestable", "model")
RATE = 0.10  # false discovery rate over the ledger


@dataclass(frozen=True)
class Asking:
    """One regression that a claim asks for, as a row of a table: formulas over variables, index nodes and subsystems.

    forms : of the outcome, the first is the claim's own and the others it allows: "level", "log", or "growth" (of the
        logarithm where all values are above zero).
    lags : years by which the driver is late; effects : "two-way", "region", "year", "group-year", "trend"; the first is
        the claim's own, and one of the first three.
    controls : terms; `own` = the outcome of the year before; `@term` is as late as the driver.
    sign : +1 or -1, what the claim expects of the driver's coefficient.
    """

    id: str
    claim: str
    label: Label
    outcome: str
    forms: tuple[str, ...]
    driver: str
    lags: tuple[int, ...]
    controls: tuple[str, ...]
    effects: tuple[str, ...]
    sign: int


@dataclass(frozen=True)
class Test:
    """A regression ready to run: y (n, t), x (n, t, k) with the driver first; nan = missing."""

    __test__ = False  # not one of pytest's

    y: np.ndarray
    x: np.ndarray
    effects: str
    sign: int
    regions: tuple[str, ...]
    years: tuple[int, ...]


@dataclass(frozen=True)
class Found:
    """The answer to one part of a claim.

    sign : what the claim expects; estimate, low, high : with its 95 % interval; p : two-sided, nan for a condition.
    how : "regression" (p the larger of `p_wild` and `p_jackknife`), "resampled" (regions drawn anew), or "condition",
        which holds or does not (`holds`) and can keep a claim from being supported but cannot contradict it.
    without : (n,) the estimate without each of `regions`; nan where it cannot be had, empty for a condition.
    index_low, index_high : interval that also carries the uncertainty of the index, nan where it does not apply.
    std_error, p_cluster : clustered by region, for comparison with what papers print; nan where there is none.
    p_wild, p_jackknife : of a regression, by wild cluster bootstrap and by jackknife over regions (CRV3).
    years : that it looks at; ends : of a trend, what stood in the first and in the last of them; at : of a threshold,
        where it lies, in the unit of what it parts.
    """

    id: str
    label: Label
    how: str
    sign: int
    estimate: float
    low: float
    high: float
    p: float
    regions: tuple[str, ...] = ()
    without: np.ndarray = field(default_factory=lambda: np.zeros(0))
    holds: bool = True
    observations: int = 0
    years: tuple[int, ...] = ()
    std_error: float = float("nan")
    p_cluster: float = float("nan")
    p_wild: float = float("nan")
    p_jackknife: float = float("nan")
    index_low: float = float("nan")
    index_high: float = float("nan")
    note: Label = field(default_factory=lambda: Label("", ""))
    ends: tuple[float, float] = (float("nan"), float("nan"))
    at: float = float("nan")

    @property
    def expected(self) -> bool:
        """Whether the estimate has the sign that the claim expects."""
        return self.holds if self.how == "condition" else bool(self.sign * self.estimate > 0)

    @property
    def carried_by(self) -> tuple[str, ...]:
        """Regions without which the sign is another."""
        seen = np.isfinite(self.without)
        turned = seen & (np.sign(np.where(seen, self.without, 0.0)) != np.sign(self.estimate))
        return tuple(code for code, flips in zip(self.regions, turned, strict=False) if flips)

    @property
    def stands(self) -> bool:
        """Whether the sign is the same whichever region is left out."""
        return not self.carried_by

    @property
    def leans(self) -> bool:
        """Whether some region's absence moves the estimate by half of itself or more, where it is near to a finding."""
        return self.moved and min(self.p, self.p_cluster if np.isfinite(self.p_cluster) else 1.0) <= RATE

    @property
    def moved(self) -> bool:
        """Whether some region's absence moves the estimate by half of itself or more."""
        return bool(abs(self.leans_on[1] - self.estimate) >= 0.5 * abs(self.estimate))

    @property
    def leans_on(self) -> tuple[str, float]:
        """The region whose absence moves the estimate most, and the estimate without it."""
        if not np.isfinite(self.without).any():
            return "", float("nan")
        i = int(np.nanargmax(np.abs(self.without - self.estimate)))
        return self.regions[i], float(self.without[i])


@dataclass(frozen=True)
class Agreement:
    """What other defensible choices say of a claim: s specifications.

    share : of those that could be run, how many reach the verdict themselves.
    words : (s,) 1 supports, -1 contradicts, 0 neither; -9 could not be run.
    effect : (s,) partial correlation of the first part's driver and outcome, or the statistic where there is no
        regression; agrees with `words` in order. low, high : (s,) its 95 % bounds.
    choices : names, levels : of each choice its values, picks : (s, c) which value.
    shares : (c,) share of the variance of `effect` that a choice answers for alone.
    full : whether every combination was run, or a sample of them.
    """

    share: float
    words: np.ndarray
    effect: np.ndarray
    low: np.ndarray
    high: np.ndarray
    choices: tuple[str, ...]
    levels: tuple[tuple[str, ...], ...]
    picks: np.ndarray
    shares: np.ndarray
    full: bool
    main: int  # position of the specification the verdict rests on, -1 if it is not among them

    @property
    def number(self) -> int:
        """Specifications that could be run."""
        return int((self.words != -9).sum())

    @property
    def moves(self) -> str:
        """The choice that answers for most of the variance; empty where nothing varies."""
        known = np.nan_to_num(self.shares)
        return self.choices[int(known.argmax())] if known.size and known.max() > 0 else ""


@dataclass(frozen=True)
class Verdict:
    """A claim's row of the ledger.

    estimate, low, high : of the part that decides (`rules.judge`); p : of the claim as a whole, that part's where all
        parts are needed; q : p after false discovery control over the ledger. p and q are nan where the parts point
        different ways: there is then no test of the whole to give a p-value.
    stands_without_each : the parts that speak for the claim keep their sign whichever region is left out: all of them
        where all are needed, the one that decides where any one does. region : those that carry a part which is near
        to a finding.
    why, needs, caveat : why the verdict, what data would tell more, and what to bear in mind; implied : what the
        simulator adds to what is observed.
    tables : ids of tables that show more.
    """

    id: str
    section: str
    label: Label
    definition: Label
    verdict: Word
    kind: Kind
    parts: tuple[Found, ...]
    estimate: float
    low: float
    high: float
    p: float
    q: float
    stands_without_each: bool
    region: tuple[str, ...]
    why: Label
    needs: Label
    rule: Label
    caveat: Label
    agreement: Agreement | None = None
    own: bool = False
    tables: tuple[str, ...] = ()
    implied: Label = Label("", "")

    @property
    def decides(self) -> Found | None:
        """The part that the row's figures are of; None without any."""
        return next((part for part in self.parts if part.estimate == self.estimate), next(iter(self.parts), None))


@dataclass(frozen=True)
class Implied:
    """What the simulator says of a claim: an estimate with its 95 % interval over draws of the parameters, a verdict by
    the claim's rule, and why."""

    estimate: float
    low: float
    high: float
    verdict: Word
    why: Label
    kind: Kind = "model-implied"
