"""A model as a Vensim file (.mdl): symbols in, stocks, auxiliaries and constants with regions as a subscript out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from zhiyu.simulate.symbols import REGIONS, Expr, infix, lift, made, name, uses

SIGNS = {"+": " + ", "-": " - ", "*": " * ", "/": " / ", "^": " ^ "}
SIGNS |= {"exp": "EXP", "log": "LN", "maximum": "MAX", "minimum": "MIN", "abs": "ABS"}
TIME = name("years since the base year")
REGION, NEIGHBOUR, YEAR = "region", "neighbour", "year ahead"
LEAVES = ("name", "number", "table")
OVER = {"sum": "total", "max": "largest", "spread": "around"}  # what is taken over regions, and how it is called
WIDTH = 110  # of a line


@dataclass(frozen=True)
class Entry:
    """An equation, its unit, and what is said of it."""

    body: str
    unit: str = ""
    note: str = ""


@dataclass(frozen=True, eq=False)
class Stock:
    """What a stock is called, its symbol, what it gains within a year, and its start (region,) or (1,)."""

    title: str
    symbol: Expr
    flow: Expr
    start: np.ndarray


@dataclass(eq=False)
class Sheet:
    """A model that is being written.

    entries : left-hand side -> equation; given : symbol -> the entries of a constant, which are written if it is used;
    named : formula -> its name; stocks, matrices : those there are; uses : how often a formula is used
    """

    codes: tuple[str, ...]
    base_year: int
    years: int
    entries: dict[str, Entry] = field(default_factory=dict)
    given: dict[Expr, dict[str, Entry]] = field(default_factory=dict)
    named: dict[Expr, str] = field(default_factory=dict)
    stocks: list[Stock] = field(default_factory=list)
    matrices: dict[bytes, str] = field(default_factory=dict)
    uses: Counter[Expr] = field(default_factory=Counter)

    def constant(self, title: str, x: np.ndarray, unit: str = "", note: str = "") -> Expr:
        """A named constant: a number, or by region."""
        flat = np.asarray(x, dtype=float).reshape(-1)
        symbol = name(title, regional=not _even(flat))
        head = _head(title, symbol.regional)
        self.given[symbol] = {head: Entry(_listed(flat if symbol.regional else flat[:1]), unit, note)}
        return symbol

    def series(self, title: str, x: np.ndarray) -> Expr:
        """What is known beforehand by (year, region or 1), in the year to come: a number if it never changes."""
        if _even(x):
            return lift(float(x.flat[0]))
        regional = bool((x != x[:, :1]).any())
        place = f"{REGION}, {YEAR}" if regional else YEAR
        symbol = name(title, regional=regional)
        self.given[symbol] = {
            f"{title} by year[{place}]": Entry(_rows(x.T) if regional else _listed(x[:, 0])),
            _head(title, regional): Entry(self._over(YEAR, lambda year: _product(title, regional, year))),
        }
        return symbol

    def call(self, title: str, of: Expr) -> None:
        """Names a formula, if it has no name yet and is none itself."""
        if of.op not in LEAVES and of not in self.named and title not in self.named.values():
            self.named[of] = title

    def stock(self, title: str, old: Expr, new: Expr, start: np.ndarray) -> None:
        """A stock that becomes `new` within a year; a constant where nothing changes it."""
        if new is old and old.op == "name":
            self.entries[_head(title, old.regional)] = Entry(_listed(start))
        elif new is not old:
            gained = new.args[1] if new.op == "+" and new.args[0] is old else made("-", new, old)
            self.stocks.append(Stock(title, old, gained, start))

    def text(self) -> str:
        """The whole model."""
        for stock in self.stocks:  # what is used twice is written once, under a name
            self.uses.update(uses(stock.flow))
        for symbol, entries in self.given.items():
            self.entries |= entries if symbol in self.uses else {}
        written = {}
        for stock in self.stocks:
            initial = _head(f"initial {stock.title}", stock.symbol.regional)
            self.entries[initial] = Entry(_listed(stock.start if stock.symbol.regional else stock.start[:1]))
            head = _head(stock.title, stock.symbol.regional)
            written[head] = Entry(f"INTEG({self._told(stock.flow)}, {initial})")
        self.entries |= written
        body = [_written(f"{head}=", entry) for head, entry in self.entries.items()]
        return "\n".join([*self._opening(), *body, *self._closing()])

    def _told(self, of: Expr, place: str = REGION, whole: bool = False) -> str:
        """A formula as text; `whole` : spelt out, though it has a name."""

        def leaf(expr: Expr) -> str | None:
            if expr.op == "number":
                return repr(expr.what) if expr.what >= 0 else f"({expr.what!r})"
            if expr is REGIONS:
                return "number of regions"
            if expr.op == "name":
                return f"{expr.what}[{place}]" if expr.regional else str(expr.what)
            if self._apart(expr) and not (whole and expr is of):
                title = self._defined(expr)
                return f"{title}[{place}]" if expr.regional else title
            return self._special(expr)

        return infix(of, leaf, SIGNS)

    def _apart(self, expr: Expr) -> bool:
        """Whether a formula has an entry of its own."""
        return expr in self.named or expr.op == "table" or expr.op in OVER or self.uses[expr] > 1

    def _special(self, expr: Expr) -> str | None:
        """What Vensim writes in a way of its own."""
        if expr.op == "where":
            there, yes, no = (self._told(arg) for arg in expr.args)
            return f"IF THEN ELSE({there} > 0.5, {yes}, {no})"
        if expr.op in ("sum", "max"):
            function = "SUM" if expr.op == "sum" else "VMAX"
            return self._over(REGION, lambda place: self._told(expr.args[0], place), function)
        if expr.op == "spread":
            weight, of = self._matrix(expr.what), expr.args[0]
            return self._over(NEIGHBOUR, lambda place: f"{weight}[{REGION}, {place}] * {self._told(of, place)}")
        return None

    def _over(self, dimension: str, body: Callable[[str], str], function: str = "SUM") -> str:
        """A function over a dimension; what it is of where there is one element, whose array PySD makes a number."""
        elements = self._years() if dimension == YEAR else self._places()
        return f"({body(elements[0])})" if len(elements) == 1 else f"{function}({body(f'{dimension}!')})"

    def _places(self) -> list[str]:
        return [f"code {code}" for code in self.codes]

    def _years(self) -> list[str]:
        return [f"year {self.base_year + year}" for year in range(1, self.years + 1)]

    def _defined(self, expr: Expr) -> str:
        """The name of a formula, whose entry is written first."""
        if expr not in self.named:
            self.named[expr] = self._title(expr)
        head = _head(self.named[expr], expr.regional)
        if head not in self.entries:
            self.entries[head] = Entry(_listed(expr.what) if expr.op == "table" else self._told(expr, whole=True))
        return self.named[expr]

    def _title(self, expr: Expr) -> str:
        """A name for what nobody named: after what it is taken over, or numbered."""
        taken = set(self.named.values())
        kind = "constants" if expr.op == "table" else OVER.get(expr.op, "part")
        if expr.op in OVER:
            inner = expr.args[0]
            own = str(inner.what) if inner.op == "name" else self.named.get(inner)
            if own and f"{kind} of {own}" not in taken:
                return f"{kind} of {own}"
        return f"{kind} {sum(title.startswith(f'{kind} ') for title in taken) + 1}"

    def _matrix(self, w: np.ndarray) -> str:
        key = w.tobytes()
        if key not in self.matrices:
            number = f" {len(self.matrices) + 1}" if self.matrices else ""
            self.matrices[key] = f"weight of neighbours{number}"
            self.entries[f"{self.matrices[key]}[{REGION}, {NEIGHBOUR}]"] = Entry(_rows(w))
        return self.matrices[key]

    def _opening(self) -> list[str]:
        ahead = range(self.base_year + 1, self.base_year + self.years + 1)
        coming = f"IF THEN ELSE(ABS(calendar[{YEAR}] - Time - 1) < 0.5, 1, 0)"
        return [
            "{UTF-8}",
            _written(f"{REGION}:", Entry(", ".join(self._places()))),
            f"{NEIGHBOUR} <-> {REGION}\n\t~\n\t~\t\n\t|\n",
            _written(f"{YEAR}:", Entry(", ".join(self._years()))),
            _written(f"calendar[{YEAR}]=", Entry(_listed(np.array(ahead)), "Year")),
            _written(f"coming[{YEAR}]=", Entry(coming, note="one for the year that this step leads to")),
            _written("number of regions=", Entry(str(len(self.codes)))),
            # a stock without regions: PySD takes stocks that are all of one shape for one array, and stumbles
            _written(f"{TIME.what}=", Entry("INTEG(1, 0)", "Year")),
        ]

    def _closing(self) -> list[str]:
        last = self.base_year + self.years
        times = {"INITIAL TIME": self.base_year, "FINAL TIME": last, "TIME STEP": 1, "SAVEPER": 1}
        return [_written(f"{title}=", Entry(str(value), "Year")) for title, value in times.items()]


def _even(x: np.ndarray) -> bool:
    """Whether all numbers are the same."""
    return bool((x == x.flat[0]).all())


def _product(title: str, regional: bool, year: str) -> str:
    """What is known beforehand of a year, if it is the one to come."""
    place = f"{REGION}, {year}" if regional else year
    return f"{title} by year[{place}] * coming[{year}]"


def _head(title: str, regional: bool) -> str:
    return f"{title}[{REGION}]" if regional else title


def _listed(x: np.ndarray) -> str:
    """Numbers that read back as themselves."""
    return ",".join(repr(float(value)) for value in np.asarray(x).reshape(-1))


def _rows(x: np.ndarray) -> str:
    return "".join(f"{_listed(row)};" for row in x)


def _written(head: str, entry: Entry) -> str:
    lines, line = [], ""
    for piece in re.split(r"(?<=[,;])|(?= [-+*/^] )", entry.body):
        if line and len(line) + len(piece) > WIDTH:
            lines.append(line)
            line = ""
        line += piece
    body = "\\\n\t\t".join([*lines, line])
    return f"{head}\n\t{body}\n\t~\t{entry.unit}\n\t~\t{entry.note}\n\t|\n"
