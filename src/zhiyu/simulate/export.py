"""The model handed on: one member under one scenario, complete, as a Vensim model (.mdl) that others can run.

It is not written a second time. A year of the model (`model.step`) runs on symbols and leaves its formulas behind;
those become stocks, flows and auxiliaries with the regions as a subscript, and a year is the time step.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from zhiyu.framework import load
from zhiyu.framework.rows import Measure
from zhiyu.simulate import channels, model, parameters, satellite
from zhiyu.simulate.arguments import whole
from zhiyu.simulate.base import Base, base
from zhiyu.simulate.calibrate import Posterior
from zhiyu.simulate.channels import Policy
from zhiyu.simulate.ensemble import check_draws
from zhiyu.simulate.members import centre, members
from zhiyu.simulate.observe import Observed
from zhiyu.simulate.present import Present
from zhiyu.simulate.scenario import Plan, refuse_unknown
from zhiyu.simulate.symbols import Algebra, Expr, name, number, table
from zhiyu.simulate.vensim import TIME, Sheet
from zhiyu.terms import Refusal

Numbers = Mapping[str, Any]
PARTS = {"levels": "log of {}", "last": "last growth of {}", "memory": "{}", "sums": "sum of measures on {}"}


def exported(
    observed: Observed,
    posterior: Posterior,
    planned: Plan,
    scenario: str,
    *,
    member: int | None = None,
    draws: int = 1000,
    seed: int = 0,
    heads: np.ndarray | None = None,
    measures: Sequence[Measure] | None = None,
) -> str:
    """A study's model under one of its scenarios, as `export` writes it, to the plan's last year.

    Parameters
    ----------
    planned, draws, seed, heads, measures : as of `ensemble.simulate`, whose member `member` it is, with its shocks;
        None = posterior means, the middle of each assumed range, and no shocks but those that the scenario states

    Raises
    ------
    Refusal
        For a scenario that is not in the plan, a member that is none of the draws, and if hardly any draw is stable.
    """
    refuse_unknown([scenario], planned.names)
    assumed = parameters.satellite()
    if member is None:
        chosen = centre(posterior, assumed)
    else:
        check_draws(draws)
        if not whole(member) or not 0 <= member < draws:
            raise Refusal("unknown_member", member=member, last=draws - 1)
        chosen = members(posterior, assumed, draws, seed).take(np.array([member]))
    asked = planned.policy(measures or load().measures)
    start, years = base(observed, posterior, heads), len(planned.years)
    run = model.prepare(start, chosen, asked, years, planned.shocks, shocks=member is not None)
    return export(run, years, scenario=planned.names.index(scenario))


def export(of: model.Run, years: int, *, member: int = 0, scenario: int = 0) -> str:
    """A Vensim model of one member under one scenario, from the base year to `years` later, a year a step.

    Stocks are the logarithms of the core's states, their last growth, the satellite's states and the sums of measures;
    shocks, investment and what measures aim at are constants by region and year.

    Parameters
    ----------
    of : a run prepared for these years (`model.prepare`), with numpy; member, scenario : positions in it

    Returns
    -------
    Text to be kept as UTF-8 in a file named .mdl; a stock is called as `title_of` says, and the regions' subscripts are
    `code CODE`.
    """
    sheet = Sheet(of.base.codes, of.base.year, years)
    start = _begun(of, member, scenario)
    run, before = _symbolic(of, start, sheet, member, scenario)
    after = model.step(run, before, TIME)  # type: ignore[arg-type]
    _named(run, before, after, sheet)
    for part in PARTS:
        for key, new in getattr(after, part).items():
            sheet.stock(title_of(part, key), getattr(before, part)[key], new, getattr(start, part)[key])
    return sheet.text()


def title_of(part: str, key: str) -> str:
    """What a stock is called: `log of output` (levels), `last growth of output` (last), `risk` (memory)."""
    state, _, what = key.rpartition("_")
    if part == "memory" and state in satellite.STATES:  # a parameter may bear the plain name
        return {"growth": f"change of {state}", "base": f"{state} in the base year"}[what]
    return PARTS[part].format(_words(key))


@dataclass(frozen=True, eq=False)
class Series:
    """What is known beforehand by year: a year of it, whichever, is a symbol."""

    symbol: Expr

    def __getitem__(self, _: Any) -> Expr:
        return self.symbol


@dataclass(frozen=True, eq=False)
class Aims(Policy):
    """What measures aim at, as symbols."""

    aims: Mapping[str, Expr]

    def aim(self, channel: str, year: Any) -> Any:
        return self.aims[channel]


def _begun(of: model.Run, member: int, scenario: int) -> model.State:
    """The base year of one member under one scenario: (region,) or (1,) arrays."""
    begun = model.begin(of)
    parts = {part: {k: _cell(x, member, scenario) for k, x in getattr(begun, part).items()} for part in PARTS}
    return model.State(**parts)


def _symbolic(
    of: model.Run, start: model.State, sheet: Sheet, member: int, scenario: int
) -> tuple[model.Run, model.State]:
    """The run with symbols for its numbers, and a state of symbols."""

    def constants(words: str, numbers: Mapping[str, Any]) -> dict[str, Expr]:
        found = {key: _cell(x, member, scenario) for key, x in numbers.items()}
        return {key: sheet.constant(words.format(_words(key)), x) for key, x in found.items()}

    def series(words: str, numbers: Mapping[str, Any]) -> dict[str, Series]:
        found = {key: _path(x, member, scenario) for key, x in numbers.items() if key in start.levels}
        return {key: Series(sheet.series(words.format(_words(key)), x)) for key, x in found.items()}

    about = {parameter.name: parameter for parameter in parameters.read()}
    p = {
        key: sheet.constant(
            _words(key), _cell(x, member, scenario), about[key].unit, f"{about[key].label.en} ({about[key].grade})"
        )
        for key, x in of.p.items()
    }
    wanted = {key: _aims(of, key, sheet, scenario) for key in start.sums}
    aims = {key: sheet.series(f"aim of measures on {key}", x) for key, x in wanted.items()}
    intercept = {key: x for key, x in of.intercept.items() if key in start.levels}
    share = None if of.share is None else sheet.series("share of output invested", _path(of.share, member, scenario))
    run = replace(
        of,
        policy=Aims(of.policy.ids, {}, of.policy.first, aims),
        p=p,
        theta={key: p[key] for key in of.theta},
        held=constants("growth of {} by terms that are off", of.held),
        intercept=constants("intercept of {}", intercept),
        share=None if share is None else Series(share),
        shocks=series("shock of {}", of.shocks),
        shifts=series("stated shock of {}", of.shifts),
        xp=Algebra,
    )
    state = {part: {key: name(title_of(part, key), True) for key in getattr(start, part)} for part in PARTS}
    state["sums"] = {key: _sum_of_measures(key, aims[key], x) for key, x in start.sums.items()}
    return run, model.State(**state)


def _sum_of_measures(channel: str, aim: Expr, start: np.ndarray) -> Expr:
    """The symbol of a channel's sum; nought if no measure of the scenario moves the channel."""
    idle = aim is number(0.0) and not start.any()
    return number(0.0) if idle else name(title_of("sums", channel), aim.regional or start.size > 1)


def _aims(of: model.Run, channel: str, sheet: Sheet, scenario: int) -> np.ndarray:
    """(year, region or 1) what a channel's measures aim at."""
    ahead = range(sheet.base_year + 1, sheet.base_year + sheet.years + 1)
    return _path([of.policy.aim(channel, year) for year in ahead], 0, scenario)


def _named(run: model.Run, before: model.State, after: model.State, sheet: Sheet) -> None:
    """Names for formulas that a reader looks for; the first name that a formula is given stays."""
    for title, x in _constants(run.base):
        if table(x).op == "table":
            sheet.named.setdefault(table(x), title)
    effects, earlier = channels.effects(after.sums, Algebra), channels.effects(before.sums, Algebra)
    found = {f"growth of {_words(key)}": x for key, x in after.last.items()}
    found |= {f"next log of {_words(key)}": x for key, x in after.levels.items() if x.op != "+"}
    found |= {f"next {title_of('memory', key)}": x for key, x in after.memory.items()}
    for when, kept in (("", before.kept), ("next ", after.kept)):
        for (kind, *states), x in kept.items():
            found[f"{when}{LOOKS[kind]} {' over '.join(filter(None, states))}".strip()] = x
    found |= {f"effect of measures on {key}": x for key, x in effects.items()}
    found |= {f"last effect of measures on {key}": x for key, x in earlier.items()}
    if not run.alone:
        found |= _terms(run, before, effects, earlier)
    for title, x in found.items():
        sheet.call(title, x)


def _terms(run: model.Run, before: model.State, effects: Numbers, earlier: Numbers) -> dict[str, Expr]:
    """The terms by which satellite and measures move the core, by name."""
    now = Present(
        before.levels,
        before.last,
        run.base.observed.w,
        xp=Algebra,
        base=run.base,
        years=TIME,
        levers=effects,
        levers_before=earlier,
        kept=before.kept,
    )
    couplings = satellite.couple(now, before.memory, run.p)
    found = {**couplings.multipliers, **couplings.additions, **couplings.pulls}
    return {f"term {_words(key)}": x for key, (_, x) in found.items()}


LOOKS = {"gap": "deviation of", "spill": "neighbours above in", "capability": "deviation of capability"}
LOOKS |= {"since": "change since the base year of", "index": "index of", "parted": "parting of"}


def _constants(base: Base) -> Iterator[tuple[str, np.ndarray]]:
    """What is known of the base year, by name."""
    yield "heads", base.heads
    if base.lead is not None:
        yield "distance from the most capable region", base.lead
    parts = {"log of {} in the base year": base.levels, "index of {} in the base year": base.index}
    parts |= {"deviation of {} in the base year": base.centred, "there is {}": base.there}
    for words, found in parts.items():
        for state, x in found.items():
            yield words.format(state), np.asarray(x)
    for state, lag in base.spatial_lags.items():
        yield f"has neighbours in {state}", lag.beside


def _cell(x: Any, member: int, scenario: int) -> np.ndarray:
    """(region,) or (1,) of (draw or 1, scenario or 1, region or 1), or of a number."""
    whole = np.asarray(x, dtype=float)
    whole = whole.reshape((1,) * (3 - whole.ndim) + whole.shape)
    return np.array(whole[member if len(whole) > 1 else 0, scenario if whole.shape[1] > 1 else 0])


def _path(x: Any, member: int, scenario: int) -> np.ndarray:
    """(year, region or 1) of (year, draw or 1, scenario or 1, region or 1)."""
    return np.array([_cell(year, member, scenario) for year in x])


def _words(key: str) -> str:
    """A name as Vensim takes it."""
    return key.replace("_", " ").replace(".", " ")
