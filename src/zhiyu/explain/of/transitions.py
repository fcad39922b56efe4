"""Transitions of regions between the stages of an index's scales: moves, time to the top, and the neighbours' part."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from zhiyu.data.neighbours import Neighbours
from zhiyu.explain import transitions as kernel
from zhiyu.explain.false_discovery import adjusted
from zhiyu.explain.homogeneity import Homogeneity, homogeneity
from zhiyu.explain.mobility import Mobility, Moves, Passage, mobility, moves, passage, sign
from zhiyu.explain.transitions import Markov, SpatialMarkov
from zhiyu.measure.index import Index
from zhiyu.terms import LOCALES, Label, Locale, Place, Refusal, text

if TYPE_CHECKING:
    import pandas as pd

PERIODS = 2  # halves: with few years, finer spans leave too few transitions in each


@dataclass(frozen=True)
class StageChain:
    """The chain of one scale; classes 0 .. k - 1 of the kernels are stages 1 .. k here.

    markov : counts, probabilities, their standard errors, steady state, first passage and stay, in steps.
    moves : of all steps, up against down; the exact test takes steps as independent.
    regions : of regions, those that end above where they began against those below: one move a region at most.
    to_top : years until the top stage is first entered, from every stage below it.
    halves : whether the first and the second half of the years share their probabilities.
    neighbours : the chain by the neighbours' mean stage; None without weights.
    neighbours_q : its permutation p-value (of LR), adjusted for as many tests as there are scales (Benjamini-Hochberg).
    """

    node: str
    label: Label
    markov: Markov
    moves: Moves
    regions: Moves
    mobility: Mobility
    to_top: Passage
    halves: Homogeneity
    neighbours: SpatialMarkov | None = None
    neighbours_q: float | None = None


@dataclass(frozen=True)
class Transitions:
    """Chains of the root and of the top nodes, the root first.

    stage : (region, year, node) 1 .. k, 0 = none; aggregates are left out.
    step : years between two columns that make a transition.
    weights : how the neighbours' weights were made; empty without.
    alone : regions without neighbours, which enter no chain by neighbours.
    draws, permutations, level, seed : of the intervals and tests.
    """

    chains: tuple[StageChain, ...]
    stage: xr.DataArray
    step: int
    weights: str
    alone: tuple[str, ...]
    draws: int
    permutations: int
    level: float
    seed: int

    @property
    def root(self) -> StageChain:
        return self.chains[0]

    @property
    def stages(self) -> int:
        return len(self.root.markov.counts)

    def tidy(self) -> pd.DataFrame:
        """A row an estimate: probabilities, steady states, stays, years to the top, and the share of up-moves."""
        import pandas as pd

        return pd.concat([_tidy(chain, self.step) for chain in self.chains], ignore_index=True)

    def glance(self) -> pd.DataFrame:
        """One row, of the root: size, moves with their test, mobility, years to the top, homogeneity, neighbours."""
        import pandas as pd

        root, years = self.root, self.stage["year"].values
        row: dict[str, object] = {
            "node": root.node,
            "regions": self.stage.sizes["region"],
            "years": f"{years[0]}-{years[-1]}",
            "step": self.step,
            "transitions": int(root.markov.counts.sum()),
            "up": root.moves.up,
            "down": root.moves.down,
            "sign_p": root.moves.p,
            "regions_up": root.regions.up,
            "regions_down": root.regions.down,
            "regions_p": root.regions.p,
            "shorrocks": root.mobility.shorrocks,
            "shorrocks_error": root.mobility.shorrocks_error,
            "years_to_top": float(root.to_top.steps[0]),
            "years_low": float(root.to_top.low[0]),
            "years_high": float(root.to_top.high[0]),
            "halves_lr": root.halves.lr,
            "halves_dof": root.halves.dof,
            "halves_p": root.halves.lr_p,
        }
        if root.neighbours is not None:
            row |= {"neighbours_lr": root.neighbours.tests.lr, "neighbours_dof": root.neighbours.tests.dof}
            row |= {"neighbours_p": root.neighbours.lr_permuted, "neighbours_q": root.neighbours_q}
        return pd.DataFrame([row])

    def summary(self, locale: Locale = "en") -> str:
        """The root's chain as plain text; `tidy` has the others too."""
        from zhiyu.explain.telling import summary

        title = Label(*(text("explain.transitions.title", spoken, name=self.root.label) for spoken in LOCALES))
        note = Label(*(text("explain.transitions.note", spoken) for spoken in LOCALES))
        return summary(title, self.glance(), _tidy(self.root, self.step), (note,), locale)


def transitions(
    index: Index,
    w: Neighbours | None = None,
    *,
    draws: int = 1000,
    permutations: int = 999,
    seed: int = 0,
    level: float = 0.95,
) -> Transitions:
    """How regions move between the stages of the root and of each top node.

    Stages are those of the index. Their thresholds are the same in every year, so that growth which all regions share
    shows as moves up: going up is not overtaking, and a steady state at the top says only that scores have risen.
    Expected years hold if the probabilities of the years seen go on; `halves` tests whether they did so far.

    A cell without a stage breaks the region's chain. Years that stand further apart than the least step do too. A
    top node without a single transition is left out. Intervals draw whole regions; the test of neighbours places
    regions anew on the map, since the chi-square would take a rise common to all for dependence on neighbours.

    Parameters
    ----------
    w : weights whose codes hold the index's regions, in any order; rows need not sum to one
    draws : of whole regions, for the interval of years to the top
    permutations : of the regions over the map

    Raises
    ------
    Refusal
        If the root has no transition (one year, or no region with a stage in two successive ones), or a region is
        missing from the weights.
    """
    judged = [i for i, code in enumerate(index.codes) if not index.regions[code].aggregate]
    stage = index.stage.isel(region=judged).astype(int)
    years, k = index.years, index.thresholds.sizes[index.thresholds.dims[1]] + 1
    step = min(np.diff(years), default=0)
    matrix = None if w is None else _matched(w, [str(code) for code in stage["region"].values], index)
    names = [str(name) for name in stage["node"].values]
    chains = []
    for name in (index.tree.root.id, *[name for name in names if name != index.tree.root.id]):
        classes = _spaced(stage.sel(node=name).values, years, int(step))
        counts = kernel.region_counts(classes, k, 1) if classes.shape[1] > 1 else np.zeros((1, k, k), dtype=int)
        if counts.any():
            chains.append(_chain(index, name, classes, counts, int(step), matrix, draws, permutations, seed, level))
        elif not chains:
            raise Refusal("no_transitions", name=index.tree.root.label)
    alone = () if matrix is None else _alone(matrix, stage)
    kind = "" if w is None else w.kind
    return Transitions(_corrected(chains), stage, int(step), kind, alone, draws, permutations, level, seed)


def _chain(
    index: Index,
    name: str,
    classes: np.ndarray,
    counts: np.ndarray,
    step: int,
    matrix: np.ndarray | None,
    draws: int,
    permutations: int,
    seed: int,
    level: float,
) -> StageChain:
    k, whole = counts.shape[1], counts.sum(axis=0)
    steps = passage(counts, k - 1, draws, seed, level)
    below = slice(0, k - 1)  # on the top itself there is no time to it
    years = Passage(
        steps.steps[below] * step, steps.low[below] * step, steps.high[below] * step, steps.undefined[below]
    )
    around = None
    if matrix is not None:
        values = np.where(classes > 0, classes, np.nan)
        around = kernel.spatial_markov(values, matrix, k, np.arange(1, k) + 0.5, None, permutations, seed)
    return StageChain(
        node=name,
        label=index.tree[name].label,
        markov=kernel.chain(whole),
        moves=moves(whole, level),
        regions=_net(classes, level),
        mobility=mobility(whole),
        to_top=years,
        halves=homogeneity(kernel.period_counts(classes, k, PERIODS, 1)),
        neighbours=around,
    )


def _net(classes: np.ndarray, level: float) -> Moves:
    """Regions by the last stage that they had against the first."""
    seen = classes > 0
    rows = np.flatnonzero(seen.any(axis=1))
    first = classes[rows, seen[rows].argmax(axis=1)]
    last = classes[rows, classes.shape[1] - 1 - seen[rows, ::-1].argmax(axis=1)]
    return sign(int((last > first).sum()), int((last < first).sum()), int((last == first).sum()), level)


def _spaced(classes: np.ndarray, years: tuple[int, ...], step: int) -> np.ndarray:
    """Classes with an empty column wherever two years stand further apart than the step."""
    gaps = [t + 1 for t, apart in enumerate(np.diff(years)) if apart != step]
    return np.insert(classes, gaps, 0, axis=1)


def _matched(w: Neighbours, codes: list[str], index: Index) -> np.ndarray:
    """The weights among these regions, in their order."""
    position = {code: i for i, code in enumerate(w.codes)}
    for code in codes:
        if code not in position:
            region = index.regions.label(code)
            raise Refusal("neighbours_region_missing", Place(region=region), names=region)
    rows = [position[code] for code in codes]
    return np.asarray(w.matrix[np.ix_(rows, rows)])


def _alone(matrix: np.ndarray, stage: xr.DataArray) -> tuple[str, ...]:
    return tuple(str(code) for code, row in zip(stage["region"].values, matrix, strict=True) if not row.any())


def _corrected(chains: list[StageChain]) -> tuple[StageChain, ...]:
    """With the neighbours' p-values adjusted for their number."""
    found = [None if chain.neighbours is None else chain.neighbours.lr_permuted for chain in chains]
    q = adjusted(np.array([np.nan if p is None else p for p in found]))
    return tuple(
        chain if p is None else replace(chain, neighbours_q=float(value))
        for chain, p, value in zip(chains, found, q, strict=True)
    )


def _tidy(chain: StageChain, step: int) -> pd.DataFrame:
    import pandas as pd

    m, nan = chain.markov, float("nan")
    k, left = len(m.counts), m.counts.sum(axis=1)
    rows: list[tuple[object, ...]] = [
        (
            "probability",
            i + 1,
            j + 1,
            int(m.counts[i, j]),
            m.probabilities[i, j],
            m.standard_errors[i, j],
            nan,
            nan,
            nan,
        )
        for i in range(k)
        for j in range(k)
    ]
    rows += [("steady_state", None, i + 1, None, m.steady_state[i], nan, nan, nan, nan) for i in range(k)]
    rows += [("years_of_stay", i + 1, None, int(left[i]), m.sojourn[i] * step, nan, nan, nan, nan) for i in range(k)]
    top = chain.to_top
    rows += [
        ("years_to_top", i + 1, k, int(left[i]), top.steps[i], nan, top.low[i], top.high[i], nan) for i in range(k - 1)
    ]
    up = chain.moves
    rows.append(("share_of_up_moves", None, None, up.up + up.down, up.share, nan, up.low, up.high, up.p))
    columns = ("term", "from", "to", "n", "estimate", "std_error", "conf_low", "conf_high", "p_value")
    table = pd.DataFrame(rows, columns=list(columns)).astype({"from": "Int64", "to": "Int64", "n": "Int64"})
    table.insert(0, "node", chain.node)
    return table
