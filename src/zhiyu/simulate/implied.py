"""What the simulator says of claims that no panel answers: verdicts by the ledger's rules, over draws of its members.

A share of members is no probability: it says in how much of what is assumed a claim holds. What grade-D parameters
carry by themselves is said to be so.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np

from zhiyu.explain.claims.question import Implied, Word
from zhiyu.explain.claims.rules import then
from zhiyu.simulate import model, satellite
from zhiyu.simulate.base import Base
from zhiyu.simulate.channels import Policy
from zhiyu.simulate.members import Members
from zhiyu.simulate.parameters import read
from zhiyu.simulate.trajectories import tails
from zhiyu.terms import Label, label

MOST = 2 / 3  # of the members: "most draws" in the ledger's rules, and "likely" in the IPCC's words (Mastrandrea 2010)
TAILS = tails(0.95)
EQUAL = 1e-9  # log points below which two runs do not differ
RULES = ("reactive", "foresight")
NOTHING = Policy(("baseline",), {}, np.zeros(1))
WIDER = Policy(("baseline", "wider"), {"pull": np.array([[[0.0], [1.0]]])}, np.zeros(2))  # a unit of demand pull


@dataclass(frozen=True, eq=False)
class World:
    """From which base year, with which members, how many years ahead."""

    base: Base
    members: Members
    years: int

    def paths(
        self,
        names: Collection[str],
        policy: Policy = NOTHING,
        assumed: Mapping[str, float] | None = None,
        off: Collection[str] = (),
    ) -> dict[str, np.ndarray]:
        """name -> (year, draw, scenario, region), the base year first; `assumed` holds a parameter at one value."""
        held = {name: np.full(self.members.n, value) for name, value in (assumed or {}).items()}
        some = replace(self.members, assumed={**self.members.assumed, **held})
        prepared = model.prepare(self.base, some, policy, self.years, off=off)
        shape = (some.n, len(policy.ids), len(self.base.codes))
        found: dict[str, list[np.ndarray]] = {name: [] for name in names}
        for state in model.run(prepared, self.years):
            for name, path in found.items():
                path.append(np.broadcast_to(state.levels[name] if name in state.levels else state.memory[name], shape))
        return {name: np.stack(path) for name, path in found.items()}

    def there(self, *states: str) -> bool:
        """Whether the study has these states."""
        return all(state in self.base.levels for state in states)


@dataclass(frozen=True, eq=False)
class Governed:
    """The two rules of governance, equally strong: (rule, band, year) of the regions' mean, the base year first."""

    incidents: np.ndarray
    governance: np.ndarray


def decided(claimed: np.ndarray, against: np.ndarray) -> Word:
    """Supported if most members (draw,) show what is claimed, contradicted if most show the opposite, else mixed."""
    if claimed.mean() >= MOST:
        return "supported"
    return "contradicted" if against.mean() >= MOST else "mixed"


def mismatch(world: World) -> Implied | None:
    """C22: output with the mismatch of skills against output without it, and whether wider use widens it."""
    if not world.there("output", "adoption", "patents") or not world.base.of("skills"):
        return None
    terms = ("mismatch_to_output", "mismatch_to_training")
    run = world.paths(("output", "mismatch"), WIDER)
    if np.isnan(run["mismatch"]).all():
        return None
    without = world.paths(("output",), off=terms)["output"][-1, :, 0]
    effect = _nation(run["output"][-1, :, 0]) - _nation(without)
    gap = run["mismatch"][-1].mean(axis=-1)
    wider = gap[:, 1] - gap[:, 0]
    claimed = (effect < -EQUAL) & (wider > EQUAL)
    alone = all(_grade(satellite.COUPLINGS[name]) == "D" for name in terms)
    word = "untestable" if alone else decided(claimed, effect > EQUAL)
    values = {
        "lower": f"{(effect < -EQUAL).mean():.0%}",
        "band": _percent(np.expm1(effect), 2),
        "wider": f"{(wider > EQUAL).mean():.0%}",
        "gap": f"{np.median(gap[:, 0]):.3f}",
    }
    why = reason("simulate.implied.mismatch", **values)
    return Implied(*_interval(np.expm1(effect)), word, then(why, reason("simulate.implied.alone")) if alone else why)


def foresight(world: World) -> tuple[Implied, Governed] | None:
    """C24: governance that answers what is expected against one that answers what happened, of one long-run strength.

    Incident-years are the sum over the years of the regions' mean incidents.
    """
    if not world.there("output", "adoption", "data", "patents"):
        return None
    names = ("incidents", "governance", "output")
    runs = [world.paths(names, assumed={"foresight": share}) for share in (0.0, 1.0)]
    mean = {name: [run[name][:, :, 0].mean(axis=-1) for run in runs] for name in names[:2]}  # (year, draw)
    before, after = (path[1:].sum(axis=0) for path in mean["incidents"])
    cut = after / before - 1
    output = _nation(runs[1]["output"][-1, :, 0]) - _nation(runs[0]["output"][-1, :, 0])
    word = decided((cut < -EQUAL) & (output > -EQUAL), cut > EQUAL)
    middle, low, high = _interval(cut)
    values = {
        "fewer": f"{(cut < -EQUAL).mean():.0%}",
        "band": _percent(cut, 0),
        "kept": f"{(output > -EQUAL).mean():.0%}",
        "output": f"{100 * np.expm1(np.median(output)):.2f}",
    }
    why = reason("simulate.implied.foresight", **values)
    alone = all(p.grade == "D" for p in read() if p.state in ("risk", "governance"))
    bands = [np.stack([_bands(path) for path in mean[name]]) for name in names[:2]]
    said = then(why, reason("simulate.implied.noted")) if alone else why
    return Implied(middle, low, high, word, said), Governed(*bands)


def rebound(world: World) -> Implied | None:
    """C21, the simulated half: energy that compute takes with the gain in efficiency, against none.

    Above zero the gain costs more energy than it saves, since demand answers it more than in proportion.
    """
    if not world.there("output"):
        return None
    runs = [world.paths(("energy", "output"), assumed=held) for held in ({}, {"efficiency_gain": 0.0})]
    used = [np.log((run["energy"][-1, :, 0] * np.exp(run["output"][-1, :, 0])).sum(axis=-1)) for run in runs]
    more = np.expm1(used[0] - used[1])
    word = decided(more > 0, more < 0)
    middle, low, high = _interval(more)
    values = {"share": f"{(more > 0).mean():.0%}", "band": _percent(more, 0)}
    return Implied(middle, low, high, word, reason("simulate.implied.rebound", **values), "both")


def complement(
    package: np.ndarray, singles: Mapping[str, np.ndarray], weights: np.ndarray, parts: np.ndarray
) -> Implied:
    """C25: a package over all mechanisms against the best single one, of equal cost and both split equally.

    Split equally, since the best of all packages cannot do worse than the best of some: it would prove nothing.

    Parameters
    ----------
    package : (draw, objective) what it changes, larger is better; singles : the same of each mechanism alone
    weights : (objective,) of the score; parts : (draw, objective) what its measures do alone, in proportion
    """
    score, single = (package * weights).sum(axis=1), {name: (x * weights).sum(axis=1) for name, x in singles.items()}
    best = max(single, key=lambda name: float(single[name].mean()))
    claimed = (score - single[best] > -EQUAL) & (package > singles[best] + EQUAL).any(axis=1)
    none_worse = {name: (x > package - EQUAL).all(axis=1) for name, x in singles.items()}
    beaten = {name: found & (singles[name] > package + EQUAL).any(axis=1) for name, found in none_worse.items()}
    word = decided(claimed, np.asarray(beaten[max(beaten, key=lambda name: float(beaten[name].mean()))]))
    apart = score - single[best]
    bands = np.quantile(apart, TAILS)
    values = {
        "share": f"{claimed.mean():.0%}",
        "best": best,
        "band": f"{bands[1]:+.2f} [{bands[0]:+.2f}, {bands[2]:+.2f}]",
        "together": f"{score.mean():+.2f}",
        "apart": f"{(parts * weights).sum(axis=1).mean():+.2f}",
    }
    return Implied(*_interval(apart), word, reason("simulate.implied.complement", **values))


def _nation(log: np.ndarray) -> np.ndarray:
    """(draw,) ln of the sum over regions of what (draw, region) are logarithms of."""
    return np.asarray(np.log(np.exp(log).sum(axis=-1)))


def _interval(x: np.ndarray) -> tuple[float, float, float]:
    """Median, low and high end."""
    low, middle, high = (float(value) for value in np.quantile(x, TAILS))
    return middle, low, high


FINEST = 4  # decimals at most


def _percent(x: np.ndarray, digits: int) -> str:
    """Median and interval in per cent, `-11% [-29%, -2%]`; what `digits` show as nought gets more, up to FINEST."""
    low, middle, high = (f"{_signed(100 * value, digits)}%" for value in np.quantile(x, TAILS))
    return f"{middle} [{low}, {high}]"


def _signed(value: float, digits: int) -> str:
    shown = next((n for n in range(digits, FINEST + 1) if round(value, n)), digits)
    return f"{round(value, shown) + 0.0:+.{shown}f}"


def _bands(path: np.ndarray) -> np.ndarray:
    """(band, year) of (year, draw)."""
    return np.asarray(np.quantile(path, TAILS, axis=1))


def _grade(parameter: str) -> str:
    return next(p.grade for p in read() if p.name == parameter)


def reason(key: str, **values: object) -> Label:
    """A sentence with its figures, minus signs as such."""
    return label(key, **{name: str(value).replace("-", "−") for name, value in values.items()})
