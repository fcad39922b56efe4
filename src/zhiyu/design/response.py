"""Responses: what portfolios change in every future, simulated against the baseline; larger is better throughout.

A portfolio is a level in [0, 1] of every option. All portfolios meet the same futures: parameters and shocks are a
future's own. Trajectories are never kept: each year of a run is reduced to the objectives where it is computed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pandas as pd

from zhiyu import store
from zhiyu import workers as labour
from zhiyu.design.levers import CHANNELS, Options
from zhiyu.design.objectives import SCALE, Objective, difference, regional, relative, value
from zhiyu.simulate import model
from zhiyu.simulate.base import Base
from zhiyu.simulate.channels import Policy
from zhiyu.simulate.ensemble import CELLS
from zhiyu.simulate.members import Members
from zhiyu.simulate.scenario import Timed
from zhiyu.terms import Refusal

Task = tuple[np.ndarray, int, int]  # levels, and the futures from one to another

FUTURES_AT_ONCE = 128
RUNS = 4096  # portfolios x futures of a piece: a second or two, after which it is kept and progress is told
WORTH_WORKERS = 4 * RUNS  # below which other processes would take longer to begin than the work takes


@dataclass(frozen=True, eq=False)
class Setting:
    """What all responses share.

    counts : (objective, year) what each year counts, see `objectives.year_weights`; reference : (objective, year,
    future) of the baseline, None before it is known
    """

    base: Base
    members: Members
    options: Options
    objectives: tuple[Objective, ...]
    counts: np.ndarray
    reference: np.ndarray | None = None

    @property
    def years(self) -> int:
        return int(self.counts.shape[1])


@dataclass(frozen=True, eq=False)
class Evaluator:
    """An `Evaluate`: simulates portfolios here, by workers or on a cluster, with the same figures.

    found, keep : pieces of a run before, by a name that holds the levels (see `workers.mapped`); whoever keeps them
        makes sure that they belong to this setting; told : is told how many runs of how many of a batch are done
    """

    setting: Setting
    workers: int = 1
    cluster: str = ""
    found: Callable[[str], np.ndarray | None] | None = None
    keep: Callable[[str, np.ndarray], None] | None = None
    told: Callable[[int, int], None] | None = None

    def __call__(self, levels: np.ndarray) -> np.ndarray:
        """(portfolio, future, objective) differences from the baseline.

        Parameters
        ----------
        levels : (portfolio, option) in [0, 1]

        Raises
        ------
        Refusal
            If levels are not that.
        """
        of = self.setting
        levels = _checked(levels, len(of.options))
        out = np.empty((len(levels), of.members.n, len(of.objectives)))
        places = dict(_pieces(levels, of.members.n))
        tasks = {name: (levels[rows], low, high) for name, (rows, low, high) in places.items()}
        done, total = 0, len(levels) * of.members.n

        def kept(name: str, piece: np.ndarray) -> None:
            nonlocal done
            done += piece.shape[0] * piece.shape[1]
            if self.keep is not None:
                self.keep(name, piece)
            if self.told is not None:
                self.told(done, total)

        workers = self.workers if total >= WORTH_WORKERS else 1
        for name, piece in labour.mapped(differences, of, tasks, workers, self.cluster, self.found, kept).items():
            rows, low, high = places[name]
            out[rows, low:high] = piece
        return out

    def regions(self, levels: np.ndarray) -> np.ndarray:
        """(outcome, future, region) difference of one portfolio in the last year: see `regional_differences`."""
        of = self.setting
        found = [
            regional_differences(of, (_checked(levels[None], len(of.options)), low, high))
            for low, high in _slices(of.members.n)
        ]
        return np.concatenate(found, axis=1)


@dataclass(frozen=True, eq=False)
class Response:
    """Every option alone and in full: values (option, future, objective)."""

    options: Options
    objectives: tuple[Objective, ...]
    values: np.ndarray

    def tidy(self, level: float = 0.9) -> pd.DataFrame:
        """A row an option and objective: the mean over the futures, and a band that holds `level` of them."""
        bounds = np.quantile(self.values, ((1 - level) / 2, (1 + level) / 2), axis=1)
        rows = [
            {
                "measure": option.lever,
                "place": option.place,
                "year": option.year,
                "objective": objective.id,
                "mean": self.values[k, :, j].mean(),
                "low": bounds[0, k, j],
                "high": bounds[1, k, j],
            }
            for k, option in enumerate(self.options.rows)
            for j, objective in enumerate(self.objectives)
        ]
        return pd.DataFrame(rows)


def evaluator(
    base: Base,
    members: Members,
    options: Options,
    objectives: tuple[Objective, ...],
    counts: np.ndarray,
    *,
    workers: int = 1,
    cluster: str = "",
    found: Callable[[str], np.ndarray | None] | None = None,
    keep: Callable[[str, np.ndarray], None] | None = None,
    told: Callable[[int, int], None] | None = None,
) -> Evaluator:
    """An `Evaluate` of these options in these futures, with the baseline run once.

    Parameters
    ----------
    counts : (year,) what each simulated year counts for every objective
    """
    over = np.broadcast_to(np.asarray(counts, dtype=float), (len(objectives), np.shape(counts)[-1]))
    setting = Setting(base, members, options, objectives, over)
    reference = np.concatenate([_reference(setting, low, high) for low, high in _slices(members.n)], axis=2)
    return Evaluator(replace(setting, reference=reference), workers, cluster, found, keep, told)


def table(of: Evaluator) -> Response:
    """Every option alone, in full."""
    return Response(of.setting.options, of.setting.objectives, of(np.eye(len(of.setting.options))))


def policy(of: Options, levels: np.ndarray, base_year: int, years: int) -> Timed:
    """Portfolios as what each channel ramps towards, year by year.

    sum_c = sum_levers w_lc min(1, sum_(options of the lever that have begun) level): a lever is done in full at most,
    whether at once or in steps.

    Parameters
    ----------
    levels : (portfolio, option)
    """
    calendar = np.arange(base_year + 1, base_year + 1 + years)
    starts = np.unique(of.year)
    phase = np.searchsorted(starts, calendar, side="right")  # how many of the first years have come
    phases = [_sums(of, levels, of.year <= start) for start in starts]
    aims = {}
    for channel in sorted({name for sums in phases for name in sums}):
        zero = np.zeros((len(levels), of.reach.shape[1]))
        steps = np.array([zero, *[sums.get(channel, zero) for sums in phases]])
        narrow = steps[..., :1] if (steps == steps[..., :1]).all() else steps
        aims[channel] = narrow[phase][:, None]
    ids = tuple(str(k) for k in range(len(levels)))
    last = {name: aim[-1] for name, aim in aims.items()}
    return Timed(ids, last, np.full(len(levels), base_year), base_year + 1, aims)


def _sums(of: Options, levels: np.ndarray, begun: np.ndarray) -> dict[str, np.ndarray]:
    """Channel -> (portfolio, region) sum of weight x level; of the channels that anything moves."""
    sums: dict[str, np.ndarray] = {}
    held: dict[int, np.ndarray] = {}
    for k in np.flatnonzero(begun & levels.any(axis=0)):
        lever = int(of.lever[k])
        held[lever] = held.get(lever, 0.0) + levels[:, k, None] * of.reach[k]
    for lever, level in held.items():
        for channel, weight in of.levers[lever].weights.items():
            sums[channel] = sums.get(channel, 0.0) + weight * np.minimum(1.0, level)
    return sums


def differences(of: Setting, task: Task) -> np.ndarray:
    """(portfolio, future, objective) of some portfolios in some futures."""
    levels, low, high = task
    assert of.reference is not None
    prepared = _prepared(of, low, high)
    out = np.zeros((len(levels), high - low, len(of.objectives)))
    size = max(1, CELLS // ((high - low) * len(of.base.codes)))
    for rows in _alike(of.options, levels, size):
        run = replace(prepared, policy=policy(of.options, levels[rows], of.base.year, of.years))
        for t, state in _counted(of, run):
            for j, objective in enumerate(of.objectives):
                apart = difference(objective, value(objective, state, of.base), of.reference[j, t, low:high, None])
                out[rows, :, j] += of.counts[j, t] * np.broadcast_to(apart, (high - low, len(rows))).T
    return out


def regional_differences(of: Setting, task: Task) -> np.ndarray:
    """(objective, future, region) of one portfolio's outcomes in the last year, in each region.

    100 x (x / x0 - 1) of states, 100 x (x - x0) of indices: as they are, not turned; nan where a region lacks one.
    """
    levels, low, high = task
    prepared = _prepared(of, low, high)
    *_, with_ = model.run(replace(prepared, policy=policy(of.options, levels, of.base.year, of.years)), of.years)
    *_, without = model.run(prepared, of.years)
    found = []
    for objective in of.objectives:
        x, x0 = (regional(objective.outcome, state) for state in (with_, without))
        apart = SCALE * (x / x0 - 1 if relative(objective.outcome) else x - x0)
        there = of.base.there.get(objective.outcome, np.ones(len(of.base.codes), dtype=bool))
        found.append(np.where(there, np.broadcast_to(apart, (high - low, 1, len(there)))[:, 0], np.nan))
    return np.array(found)


def _reference(of: Setting, low: int, high: int) -> np.ndarray:
    """(objective, year, future) of the baseline."""
    out = np.full((*of.counts.shape, high - low), np.nan)
    for t, state in _counted(of, _prepared(of, low, high)):
        for j, objective in enumerate(of.objectives):
            out[j, t] = value(objective, state, of.base)[:, 0]
    return out


def _prepared(of: Setting, low: int, high: int) -> model.Run:
    nothing = Policy(("baseline",), {}, np.zeros(1))
    return model.prepare(of.base, of.members.take(np.arange(low, high)), nothing, of.years)


def _counted(of: Setting, run: model.Run) -> Iterator[tuple[int, model.State]]:
    """The years of a run that count, from 0 for the first after the base year."""
    counted = np.asarray(of.counts.any(axis=0))
    for t, state in enumerate(model.run(run, of.years), start=-1):
        if t >= 0 and counted[t]:
            yield t, state


def _alike(of: Options, levels: np.ndarray, size: int) -> Iterator[np.ndarray]:
    """Rows of portfolios to be run together: what no channel of theirs moves has no portfolio axis and costs less."""
    touched = np.array([(levels[:, of.weights[:, c] != 0] > 0).any(axis=1) for c in range(len(CHANNELS))]).T
    kinds, kind = np.unique(touched, axis=0, return_inverse=True)
    kind = kind.reshape(-1) if 2 * len(kinds) <= len(levels) else np.zeros(len(levels), dtype=int)
    for k in np.unique(kind):
        rows = np.flatnonzero(kind == k)
        for first in range(0, len(rows), size):
            yield rows[first : first + size]


def _slices(futures: int) -> list[tuple[int, int]]:
    """Futures in even parts of at most `FUTURES_AT_ONCE`."""
    parts = -(-futures // FUTURES_AT_ONCE)
    cuts = [futures * part // parts for part in range(parts + 1)]
    return list(pairwise(cuts))


def _pieces(levels: np.ndarray, futures: int) -> Iterator[tuple[str, tuple[slice, int, int]]]:
    """Name -> rows and futures of each piece. A name holds the levels, so that a piece is known by what went in."""
    for low, high in _slices(futures):
        size = max(1, RUNS // (high - low))
        for first in range(0, len(levels), size):
            rows = slice(first, min(first + size, len(levels)))
            content = store.digest(np.ascontiguousarray(levels[rows]).tobytes())
            yield f"{first}-{content[:24]}-{low}-{high}", (rows, low, high)


def _checked(levels: np.ndarray, options: int) -> np.ndarray:
    found = np.asarray(levels, dtype=float)
    if found.ndim != 2 or found.shape[1] != options or not np.all((found >= 0) & (found <= 1)):
        raise Refusal("design_levels", shape=found.shape, options=options)
    return found
