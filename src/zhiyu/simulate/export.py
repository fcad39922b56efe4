"""The model handed on: one member under one scenario, complete, as a Vensim model (.mdl) that others can run.

It is not written a second time. A year of the model (`model.step`) runs on symbols and leaves its formulas behind;
those become stocks, flows and auxiliaries with the regions as a subscript, and a year as the time step.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from zhiyu.simulate import channels, model, satellite
from zhiyu.simulate.base import Base
from zhiyu.simulate.calibrate import INVESTMENT
from zhiyu.simulate.channels import Policy
from zhiyu.simulate.present import Present
from zhiyu.simulate.symbols import REGIONS, Algebra, Expr, infix, lift, made, name, table

SIGNS = {"+": " + ", "-": " - ", "*": " * ", "/": " / ", "^": " ^ "}
SIGNS |= {"exp": "EXP", "log": "LN", "maximum": "MAX", "minimum": "MIN", "abs": "ABS"}
TIME = name("years since the base year")
REGION, NEIGHBOUR, YEAR = "region", "neighbour", "year ahead"
LEAF = ("name", "number", "table")
WIDTH = 110  # of a line


def export(of: model.Run, years: int, *, member: int = 0, scenario: int = 0) -> str:
    """A Vensim model of one member under one scenario, from the base year to `years` later, a year a step.

    Stocks are the logarithms of the core's states, their last growth, the satellite's states and the sums of measures;
    shocks, investment and what measures aim at are constants by region and year.

    Parameters
    ----------
    of : a run prepared for these years (`model.prepare`), with numpy; member, scenario : positions in it

    Returns
    -------
    Text to be kept as UTF-8 in a file named .mdl; a variable is found by its name, such as `log of output` (a core
    state), `risk` (a satellite's), each with [region], whose elements are `code CODE`.
    """
    sheet = Sheet(of.base.codes, of.base.year, years)
    now = begin(of, member, scenario)
    run, before = _symbolic(of, now, sheet, member, scenario)
    after = model.step(run, before, TIME)  # type: ignore[arg-type]
    _name(run, before, after, sheet)
    for part in _PARTS:
        for key, new in getattr(after, part).items():
            sheet.stock(title_of(part, key), getattr(before, part)[key], new, getattr(now, part)[key])
    return sheet.text()


def begin(of: model.Run, member: int, scenario: int) -> model.State:
    """The base year of one member under one scenario: (region,) or (1,) arrays."""
    start = model.begin(of)
    parts = {part: {k: _cell(x, member, scenario) for k, x in getattr(start, part).items()} for part in _PARTS}
    return model.State(**parts)


_PARTS = {"levels": "log of {}", "last": "last growth of {}", "memory": "{}", "sums": "sum of measures on {}"}


@dataclass(frozen=True, eq=False)
class Series:
    """What is known beforehand, by year: a year of it, whichever, is a symbol."""

    symbol: Expr

    def __getitem__(self, _: Any) -> Expr:
        return self.symbol


@dataclass(frozen=True, eq=False)
class Aims(Policy):
    """What measures aim at, as symbols."""

    aims: Mapping[str, Expr]

    def aim(self, channel: str, year: Any) -> Any:
        return self.aims[channel]


@dataclass(eq=False)
class Sheet:
    """The model as it is written: entries in order, and the names of formulas."""

    codes: tuple[str, ...]
    base_year: int
    years: int
    entries: dict[str, str] = field(default_factory=dict)
    named: dict[Expr, str] = field(default_factory=dict)
    stocks: list[tuple[str, Expr, Expr, np.ndarray]] = field(default_factory=list)
    matrices: dict[bytes, str] = field(default_factory=dict)
    uses: Counter[Expr] = field(default_factory=Counter)

    def constant(self, title: str, x: np.ndarray) -> Expr:
        """A named constant: a number, or by region."""
        flat = np.asarray(x, dtype=float).reshape(-1)
        symbol = name(title, regional=not bool((flat == flat[0]).all()))
        self.entries[self._head(title, symbol.regional)] = _listed(flat if symbol.regional else flat[:1])
        return symbol

    def series(self, title: str, x: np.ndarray) -> Expr:
        """A named constant by (year, region or 1), and the year of it that is the next: a number if it never changes."""
        if (x == x.flat[0]).all():
            return lift(float(x.flat[0]))
        regional = not bool((x == x[:, :1]).all())
        if regional:
            self.entries[f"{title} by year[{REGION}, {YEAR}]"] = ";\n\t".join(map(_listed, x.T)) + ";"
        else:
            self.entries[f"{title} by year[{YEAR}]"] = _listed(x[:, 0])
        place = f"{REGION}, {YEAR}!" if regional else f"{YEAR}!"
        self.entries[self._head(title, regional)] = f"SUM({title} by year[{place}] * coming[{YEAR}!])"
        return name(title, regional=regional)

    def call(self, title: str, of: Expr) -> None:
        """Names a formula, if it has no name yet and is none itself."""
        if of.op not in LEAF and of not in self.named and title not in self.named.values():
            self.named[of] = title

    def stock(self, title: str, old: Expr, new: Expr, start: np.ndarray) -> None:
        """A stock that becomes `new` within a year; a constant where nothing changes it."""
        if new is old:
            self.entries[self._head(title, old.regional)] = _listed(start)
        else:
            self.stocks.append((title, old, new, start))

    def text(self) -> str:
        """The whole model."""
        flows = [(title, old, _flow(new, old), start) for title, old, new, start in self.stocks]
        for _, _, flow, _ in flows:
            self._count(flow)
        written = []
        for title, old, flow, start in flows:
            regional = old.regional
            initial = f"initial {title}"
            self.entries[self._head(initial, regional)] = _listed(start if regional else start[:1])
            place = f"[{REGION}]" if regional else ""
            written.append((self._head(title, regional), f"INTEG({self._told(flow)}, {initial}{place})"))
        self.entries |= dict(written)
        return "\n".join([*self._opening(), *[_entry(head, body) for head, body in self.entries.items()], *self._end()])

    def _count(self, of: Expr) -> None:
        """How often each formula is used; those used twice, or over the regions, are given a name."""
        self.uses[of] += 1
        if self.uses[of] > 1:
            return
        for arg in of.args:
            self._count(arg)

    def _told(self, of: Expr, place: str = REGION, whole: bool = False) -> str:
        """A formula as text; `whole` : spelt out even if it has a name."""
        signs = SIGNS

        def leaf(expr: Expr) -> str | None:
            if expr.op == "number":
                return repr(expr.what) if expr.what >= 0 else f"({expr.what!r})"
            if expr.op == "name" and expr is not REGIONS:
                return f"{expr.what}[{place}]" if expr.regional else str(expr.what)
            if expr is REGIONS:
                return "number of regions"
            if not (whole and expr is of) and self._apart(expr):
                title = self._defined(expr)
                return f"{title}[{place}]" if expr.regional else title
            return self._special(expr)

        return infix(of, leaf, signs)

    def _apart(self, expr: Expr) -> bool:
        """Whether a formula has an entry of its own."""
        return expr in self.named or expr.op in ("table", "sum", "max", "spread") or self.uses[expr] > 1

    def _special(self, expr: Expr) -> str | None:
        """What Vensim writes in another way."""
        if expr.op == "where":
            there, yes, no = (self._told(arg) for arg in expr.args)
            return f"IF THEN ELSE({there} > 0.5, {yes}, {no})"
        if expr.op in ("sum", "max"):
            return f"{'SUM' if expr.op == 'sum' else 'VMAX'}({self._told(expr.args[0], f'{REGION}!')})"
        if expr.op == "spread":
            known = self._matrix(expr.what)
            return f"SUM({known}[{REGION}, {NEIGHBOUR}!] * {self._told(expr.args[0], f'{NEIGHBOUR}!')})"
        return None

    def _defined(self, expr: Expr) -> str:
        """The name of a formula, whose entry is written first."""
        if expr not in self.named:
            kind = {"table": "constants", "sum": "total", "max": "largest", "spread": "around"}.get(expr.op, "part")
            of = self.named.get(expr.args[0]) if expr.op in ("sum", "max", "spread") else None
            if expr.args and expr.args[0].op == "name":
                of = str(expr.args[0].what)
            count = sum(title.startswith(f"{kind} ") for title in self.named.values()) + 1
            self.named[expr] = f"{kind} of {of}" if of and f"{kind} of {of}" not in self.named.values() else f"{kind} {count}"
        title = self.named[expr]
        head = self._head(title, expr.regional)
        if head not in self.entries:
            self.entries[head] = _listed(expr.what) if expr.op == "table" else self._told(expr, whole=True)
        return title

    def _matrix(self, w: np.ndarray) -> str:
        key = w.tobytes()
        if key not in self.matrices:
            title = "weight of neighbours" + (f" {len(self.matrices) + 1}" if self.matrices else "")
            self.matrices[key] = title
            self.entries[f"{title}[{REGION}, {NEIGHBOUR}]"] = ";\n\t".join(map(_listed, w)) + ";"
        return self.matrices[key]

    def _head(self, title: str, regional: bool) -> str:
        return f"{title}[{REGION}]" if regional else title

    def _opening(self) -> list[str]:
        ahead = range(self.base_year + 1, self.base_year + self.years + 1)
        return [
            "{UTF-8}",
            _entry(f"{REGION}", ", ".join(f"code {code}" for code in self.codes), ":"),
            f"{NEIGHBOUR} <-> {REGION}\n\t~\n\t~\t\n\t|\n",
            _entry(YEAR, ", ".join(f"year {year}" for year in ahead), ":"),
            _entry(f"calendar[{YEAR}]", _listed(np.array(ahead))),
            _entry(f"coming[{YEAR}]", f"IF THEN ELSE(ABS(calendar[{YEAR}] - Time - 1) < 0.5, 1, 0)"),
            _entry("number of regions", str(len(self.codes))),
            _entry(str(TIME.what), f"Time - {self.base_year}"),
        ]

    def _end(self) -> list[str]:
        last = self.base_year + self.years
        times = {"INITIAL TIME": self.base_year, "FINAL TIME": last, "TIME STEP": 1, "SAVEPER": 1}
        return [_entry(title, str(value), unit="Year") for title, value in times.items()]


def _symbolic(
    of: model.Run, start: model.State, sheet: Sheet, member: int, scenario: int
) -> tuple[model.Run, model.State]:
    """The run with symbols for its numbers, and its state."""
    p = {key: sheet.constant(_words(key), _cell(x, member, scenario)) for key, x in of.p.items()}
    constant = lambda words, x: sheet.constant(words, _cell(x, member, scenario))  # noqa: E731
    timed = lambda words, x: Series(sheet.series(words, _path(x, member, scenario)))  # noqa: E731
    aims = {}
    for channel in start.sums:
        path = [of.policy.aim(channel, sheet.base_year + year + 1) for year in range(sheet.years)]
        aims[channel] = sheet.series(f"aim of measures on {channel}", _path(np.stack(path), 0, scenario))
    run = replace(
        of,
        policy=Aims(of.policy.ids, {}, of.policy.first, aims),
        p=p,
        theta={key: p[key] for key in of.theta},
        held={key: constant(f"held growth of {_words(key)}", x) for key, x in of.held.items()},
        intercept={key: constant(f"intercept of {_words(key)}", x) for key, x in of.intercept.items() if key in start.levels},
        share=None if of.share is None else timed("share invested", of.share),
        shocks={key: timed(f"shock of {_words(key)}", x) for key, x in of.shocks.items() if key != INVESTMENT},
        shifts={key: timed(f"stated shock of {_words(key)}", x) for key, x in of.shifts.items()},
        xp=Algebra,
    )
    parts = {
        part: {
            # all levels and growth differ by region, whether they do in the base year or not
            key: name(title_of(part, key), regional=part != "sums" or _regional(aims[key], x))
            for key, x in getattr(start, part).items()
        }
        for part in _PARTS
    }
    return run, model.State(**parts)


def _name(run: model.Run, before: model.State, after: model.State, sheet: Sheet) -> None:
    """Names for formulas that a reader looks for."""
    for title, x in _constants(run.base):
        if not (x == x[0]).all():
            sheet.named.setdefault(table(x), title)
    for key, new in after.last.items():
        sheet.call(f"growth of {_words(key)}", new)
    for key, new in after.levels.items():
        if new.op != "+":
            sheet.call(f"next log of {_words(key)}", new)
    for key, new in after.memory.items():
        sheet.call(f"next {title_of('memory', key)}", new)
    for when, kept in (("", before.kept), ("next ", after.kept)):
        for (kind, *states), x in kept.items():
            sheet.call(f"{when}{_WORDS[kind]} {_words(' over '.join(filter(None, states)))}".strip(), x)
    effects, earlier = channels.effects(after.sums, Algebra), channels.effects(before.sums, Algebra)
    for words, held in (("effect of measures on {}", effects), ("last effect of measures on {}", earlier)):
        for key, x in held.items():
            sheet.call(words.format(key), x)
    if run.alone:
        return
    now = Present(
        before.levels, before.last, run.base.observed.w, xp=Algebra, base=run.base, years=float(TIME),
        levers=effects, levers_before=earlier, kept=before.kept,
    )  # fmt: skip
    couplings = satellite.couple(now, before.memory, run.p)
    for key, (_, x) in {**couplings.multipliers, **couplings.additions, **couplings.pulls}.items():
        sheet.call(f"term {_words(key)}", x)


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
    for state, spread in base.spreads.items():
        yield f"has neighbours in {state}", spread.beside


_WORDS = {"gap": "deviation of", "spill": "neighbours above in", "capability": "deviation of capability"}
_WORDS |= {"since": "change since the base year of", "index": "index of", "parted": "parting of"}


def _flow(new: Expr, old: Expr) -> Expr:
    """What a stock gains within a year."""
    return new.args[1] if new.op == "+" and new.args[0] is old else made("-", new, old)


def _regional(aim: Expr, start: np.ndarray) -> bool:
    return aim.regional or start.size > 1


def _cell(x: Any, member: int, scenario: int) -> np.ndarray:
    """(region,) or (1,) of (draw or 1, scenario or 1, region or 1), or a number."""
    whole = np.asarray(x, dtype=float)
    whole = whole.reshape((1,) * (3 - whole.ndim) + whole.shape)
    return np.array(whole[member if len(whole) > 1 else 0, scenario if whole.shape[1] > 1 else 0])


def _path(x: Any, member: int, scenario: int) -> np.ndarray:
    """(year, region or 1) of (year, draw or 1, scenario or 1, region or 1)."""
    return np.array([_cell(year, member, scenario) for year in np.asarray(x)])


def _words(key: str) -> str:
    """A name as Vensim takes it."""
    return key.replace("_", " ").replace(".", " ")


def title_of(part: str, key: str) -> str:
    """The name of a stock: of `levels`, `last`, `memory` or `sums`."""
    state, _, what = key.rpartition("_")
    if part == "memory" and state in satellite.STATES:  # a parameter may bear the plain name
        return {"growth": f"change of {state}", "base": f"{state} in the base year"}[what]
    return _PARTS[part].format(_words(key))


def _listed(x: np.ndarray) -> str:
    """Numbers that read back as themselves."""
    return ",".join(repr(float(value)) for value in np.asarray(x).reshape(-1))


def _entry(head: str, body: str, sign: str = "=", unit: str = "") -> str:
    return f"{head}{sign}\n\t{body}\n\t~\t{unit}\n\t~\t\n\t|\n"
