"""What carries a result: loops cut one by one, parameters ranked, and the part that assumptions answer for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from zhiyu.explain.multiverse import first_order
from zhiyu.measure.sobol import sobol_indices
from zhiyu.simulate import model, satellite
from zhiyu.simulate.base import Base
from zhiyu.simulate.calibrate import Posterior
from zhiyu.simulate.channels import Policy
from zhiyu.simulate.members import Members, members, stable
from zhiyu.simulate.parameters import Parameter, read
from zhiyu.simulate.parameters import satellite as satellite_parameters

ASSUMED = "D"  # the grade of what no source supports
BINS = 10  # classes of a parameter, over whose means an outcome's variance is taken


@dataclass(frozen=True, eq=False)
class Question:
    """What is asked of the model: from which base year, under which scenarios (the first is the baseline), how far."""

    base: Base
    policy: Policy
    years: int
    shocks: bool = True

    def outcomes(self, of: Members, names: Sequence[str], off: Collection[str] = ()) -> dict[str, np.ndarray]:
        """name -> (draw, scenario) the regions' mean in the last year: logarithms of core states."""
        prepared = model.prepare(self.base, of, self.policy, self.years, shocks=self.shocks, off=off)
        *_, last = model.run(prepared, self.years)
        shape = (of.n, len(self.policy.ids), len(self.base.codes))
        found = {}
        for name in names:
            there = self.base.there.get(name, np.ones(shape[-1], dtype=bool))
            x = last.levels[name] if name in last.levels else last.memory[name]
            found[name] = np.broadcast_to(x, shape)[..., there].mean(axis=-1)
        return found


def couplings(base: Base) -> pd.DataFrame:
    """Every coupling of the model with its layer, the parameter that carries it, and that parameter's grade.

    A lever's effect is an assumption, whatever parameter of the core it passes through.
    """
    grades = {parameter.name: parameter.grade for parameter in read()}
    there = {parameter.name for parameter in read() if parameter.state in base.levels}
    rows: list[tuple[str, str, str, str]] = [
        (name, "core", name, grades[name]) for name in model.CORE_COUPLINGS if name in there
    ]
    rows += [(name, "satellite", carried, grades[carried]) for name, carried in satellite.COUPLINGS.items()]
    rows += [(name, "lever", name, ASSUMED) for name in model.LEVERS]
    return pd.DataFrame(rows, columns=["coupling", "layer", "parameter", "grade"])


def knock_outs(
    question: Question,
    of: Members,
    outcomes: Sequence[str],
    chosen: Collection[str] | None = None,
    told: Callable[[int, int], None] | None = None,
) -> pd.DataFrame:
    """Each coupling cut in turn, and all those of grade D at once: what becomes of the baseline and of each effect.

    A coupling that is cut stays as in the base year (see `model.prepare`). Levers that no scenario moves are left out.

    Returns
    -------
    a row a coupling, scenario and outcome: baseline = mean change of the baseline's outcome without the coupling;
    effect, without = mean difference of the scenario from its baseline with and without it; share = 1 - without /
    effect, nan where there is no effect; "grade D" is the coupling that stands for all of that grade
    """
    table = couplings(question.base)
    table = table[(table["layer"] != "lever") | table["coupling"].isin(list(question.policy.sums))]
    cut = {str(name): (str(name),) for name in table["coupling"] if chosen is None or name in chosen}
    assumed = table[(table["grade"] == ASSUMED) & (table["layer"] != "lever")]["coupling"]
    cut["grade D"] = tuple(assumed)
    whole = question.outcomes(of, outcomes)
    rows = []
    for done, (coupling, off) in enumerate(cut.items(), start=1):
        without = question.outcomes(of, outcomes, off)
        for name in outcomes:
            effect, left = ((x[name][:, 1:] - x[name][:, :1]).mean(axis=0) for x in (whole, without))
            moved = float((without[name][:, 0] - whole[name][:, 0]).mean())
            for s, scenario in enumerate(question.policy.ids[1:]):
                share = 1 - left[s] / effect[s] if abs(effect[s]) > 1e-12 else np.nan
                rows.append((coupling, scenario, name, moved, effect[s], left[s], share))
        if told is not None:
            told(done, len(cut))
    columns = ["coupling", "scenario", "outcome", "baseline", "effect", "without", "share"]
    return pd.DataFrame(rows, columns=columns).merge(table, on="coupling", how="left")


def drivers(of: Members, effect: np.ndarray) -> pd.DataFrame:
    """Parameters by how far an effect (draw,) follows them, the strongest first.

    rank_correlation is Spearman's; first_order the share of variance between tenths of the parameter, less what chance
    gives to so many classes: (B - 1) / (n - 1).

    Source: Saltelli et al. (2008), Global sensitivity analysis: the primer; Spearman (1904).
    """
    rows = {parameter.name: parameter for parameter in read()}
    drawn = {name: x for name, x in {**of.draws.theta, **of.assumed}.items() if np.ptp(x) > 0}
    ranks = {name: np.argsort(np.argsort(x, kind="stable"), kind="stable") for name, x in drawn.items()}
    own = np.argsort(np.argsort(effect, kind="stable"), kind="stable")
    varies = np.ptp(effect) > 0
    correlation = [float(np.corrcoef(own, rank)[0, 1]) if varies else np.nan for rank in ranks.values()]
    classes = np.stack([rank * BINS // of.n for rank in ranks.values()], axis=1)
    chance = (BINS - 1) / (of.n - 1)
    share = np.maximum((first_order(effect, classes) - chance) / (1 - chance), 0.0)
    table = pd.DataFrame(
        {
            "parameter": list(drawn),
            "layer": [rows[name].layer for name in drawn],
            "grade": [rows[name].grade for name in drawn],
            "rank_correlation": correlation,
            "first_order": share,
        }
    )
    return table.sort_values("first_order", ascending=False, kind="stable", ignore_index=True)


def variance_shares(
    question: Question, posterior: Posterior, outcomes: Sequence[str], n: int = 256, seed: int = 0
) -> pd.DataFrame:
    """Share of each effect's variance that the core's posterior, the satellite's sources and its assumptions carry.

    Three independent groups of parameters: those that were calibrated (with intercepts and shocks), the satellite's of
    grades A to C, and those of grade D. Each is drawn anew with the others held (Saltelli's design on two samples).
    Combinations whose loops would explode are left out.

    Returns
    -------
    a row a group, scenario and outcome: first = its share alone, total = with its interactions

    Source: `measure.sobol.sobol_indices`.
    """
    assumed = satellite_parameters()
    both = members(posterior, assumed, 2 * n, seed)
    a, b = both.take(np.arange(n)), both.take(np.arange(n, 2 * n))
    groups = _groups(assumed)
    crossed = [_crossed(a, b, names) for names in groups.values()]
    good = np.flatnonzero(np.all([stable(one) for one in crossed], axis=0))
    runs = [question.outcomes(one.take(good), outcomes) for one in (a, b, *crossed)]
    rows = []
    for name in outcomes:
        y = [run[name][:, 1:] - run[name][:, :1] for run in runs]
        first, total = sobol_indices(y[0], y[1], np.stack(y[2:]))
        for g, group in enumerate(groups):
            for s, scenario in enumerate(question.policy.ids[1:]):
                rows.append((group, scenario, name, float(first[g, s]), float(total[g, s])))
    return pd.DataFrame(rows, columns=["group", "scenario", "outcome", "first", "total"])


def _groups(assumed: Sequence[Parameter]) -> Mapping[str, tuple[str, ...] | None]:
    """Group -> the satellite's parameters in it; None is all that was calibrated."""
    return {
        "calibrated": None,
        "supported": tuple(p.name for p in assumed if p.grade != ASSUMED),
        "assumed": tuple(p.name for p in assumed if p.grade == ASSUMED),
    }


def _crossed(a: Members, b: Members, names: tuple[str, ...] | None) -> Members:
    """a with one group from b."""
    if names is None:
        return replace(a, draws=b.draws, ids=b.ids)
    return replace(a, assumed={**a.assumed, **{name: b.assumed[name] for name in names}})
