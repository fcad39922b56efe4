"""What deviates from a study's own scenarios: a small file or the end of an address, so that a view can be shared.

Both say the same and can be read back. A file looks like the table `[simulate]` of a study file; it holds a hash of
what it says, so that a file that was cut short or altered is not taken for what was sent. In an address a measure is
`measure=SCENARIO:ID:PLACE,PLACE:FROM:UNTIL:LEVEL` and a shock `shock=SCENARIO:STATE:PLACE,PLACE:YEAR:SIZE`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any
from urllib.parse import parse_qsl, quote, unquote, urlencode

from pydantic import Field

from zhiyu.measure.recipe import Choice
from zhiyu.simulate.choice import Scenario, SimulateChoice, Word
from zhiyu.simulate.scenario import BASELINE, refuse_unknown
from zhiyu.store import canonical, digest
from zhiyu.terms import Place, Refusal

HASH = "hash"  # of a file's content, in the file
PARTS = {  # of an entry in an address, after the name of its scenario; "where" is a list
    "measure": ("id", "where", "from", "until", "level"),
    "shock": ("state", "where", "year", "size"),
}
TITLE = "title"
ESCAPED = "%:,"  # what an entry's words may not hold as they are


class Deviation(Choice):
    """What is otherwise than in the study: None or empty where nothing is.

    scenario : those that are new, or that take the place of the study's of the same name; without : the study's that
    are left out
    """

    horizon: int | None = None
    draws: Annotated[int, Field(ge=20)] | None = None
    scenario: tuple[Scenario, ...] = ()
    without: tuple[Word, ...] = ()

    @property
    def table(self) -> dict[str, Any]:
        """What it says, as a file's table; what it does not say is not there."""
        return self.model_dump(mode="json", exclude_defaults=True)

    @property
    def hash(self) -> str:
        """SHA-256 of what it says, however it is written."""
        return digest(canonical(self.table))

    def applied(self, study: SimulateChoice) -> SimulateChoice:
        """The study's choices with what deviates from them."""
        own = {scenario.name: scenario for scenario in study.scenario}
        merged = own | {scenario.name: scenario for scenario in self.scenario}
        changes: dict[str, Any] = {"scenario": tuple(s for name, s in merged.items() if name not in self.without)}
        changes |= {name: given for name in ("horizon", "draws") if (given := getattr(self, name)) is not None}
        return study.model_copy(update=changes)

    def refuse_contradiction(self, file: str) -> None:
        """Raises Refusal for a scenario that it states and leaves out; one that it states is the study's anew."""
        for scenario in self.scenario:
            if scenario.name in self.without:
                raise Refusal("scenario_left_out", Place(file=file, key="without"), name=scenario.name)

    def toml(self) -> str:
        """The file: the same deviation gives the same text."""
        table = self.table
        lines = [f"{HASH} = {_toml(self.hash)}"]
        lines += [f"{name} = {_toml(table[name])}" for name in ("horizon", "draws", "without") if name in table]
        for scenario in table.get("scenario", ()):
            lines += ["", "[[scenario]]"]
            lines += [f"{name} = {_toml(scenario[name])}" for name in ("name", "title") if name in scenario]
            for name in ("measures", "shocks"):
                if name in scenario:
                    lines += [f"{name} = [", *[f"  {_toml(row)}," for row in scenario[name]], "]"]
        return "\n".join(lines) + "\n"

    def query(self) -> str:
        """The end of an address, percent-encoded, always in the same order."""
        pairs = [(name, str(given)) for name in ("horizon", "draws") if (given := getattr(self, name)) is not None]
        pairs += [("without", name) for name in self.without]
        for scenario in self.table.get("scenario", ()):
            pairs.append(("scenario", scenario["name"]))
            if "title" in scenario:
                pairs.append((TITLE, _joined([scenario["name"], scenario["title"]["zh"], scenario["title"]["en"]])))
            for kind, parts in PARTS.items():
                for row in scenario.get(f"{kind}s", ()):
                    pairs.append((kind, _joined([scenario["name"], *[row.get(part, "") for part in parts]])))
        return urlencode(pairs, quote_via=quote, safe=":,")


def difference(study: SimulateChoice, other: SimulateChoice) -> Deviation:
    """What `other` changes of `study`: `difference(study, other).applied(study)` has the scenarios of `other`."""
    own = {scenario.name: scenario for scenario in study.scenario}
    names = {scenario.name for scenario in other.scenario}
    return Deviation(
        horizon=None if other.horizon == study.horizon else other.horizon,
        draws=None if other.draws == study.draws else other.draws,
        scenario=tuple(scenario for scenario in other.scenario if own.get(scenario.name) != scenario),
        without=tuple(name for name in own if name not in names),
    )


def only(study: SimulateChoice, names: Sequence[str]) -> Deviation:
    """What leaves nothing but the scenarios of these names, and the baseline, which is always there."""
    known = [scenario.name for scenario in study.scenario]
    refuse_unknown(names, [*known, BASELINE], Place(file="--scenario"))
    return Deviation(without=tuple(name for name in known if name not in names))


def checked(found: Deviation, table: Mapping[str, Any], file: str) -> Deviation:
    """A deviation as read from a file's table; refused if the file's hash is of something else."""
    stated = table.get(HASH)
    if stated is not None and stated != found.hash:
        raise Refusal("deviation_hash", Place(file=file, key=HASH), stated=str(stated)[:16], found=found.hash[:16])
    return found


def from_query(query: str) -> dict[str, Any]:
    """The table that the end of an address states; what stands before its first "?" or after "#" is left alone.

    Raises
    ------
    Refusal
        For a word that is none of an address's, one that stands twice where one is meant, an entry of another number of
        parts, or text where a number belongs.
    """
    table: dict[str, Any] = {}
    scenarios: dict[str, dict[str, Any]] = {}
    before, mark, after = query.partition("#")[0].partition("?")
    for key, value in parse_qsl(after if mark else before, keep_blank_values=True):
        if key in ("horizon", "draws"):
            _refuse_second(key, table, key)
            table[key] = _number(value, key)
        elif key == "without":
            table.setdefault(key, []).append(value)
        elif key == "scenario":
            scenarios.setdefault(value, {"name": value})
        elif key in (TITLE, *PARTS):
            name, row = _entry(key, value)
            scenario = scenarios.setdefault(name, {"name": name})
            if key == TITLE:
                _refuse_second(key, scenario, f"{TITLE}={name}")
                scenario[key] = row
            else:
                scenario.setdefault(f"{key}s", []).append(row)
        else:
            known = ", ".join(("horizon", "draws", "without", "scenario", TITLE, *PARTS))
            raise Refusal("deviation_word", Place(file="--deviation", key=key), known=known)
    return table | ({"scenario": list(scenarios.values())} if scenarios else {})


def _refuse_second(key: str, there: Mapping[str, Any], name: str) -> None:
    if key in there:
        raise Refusal("deviation_second", Place(file="--deviation", key=key), name=name)


def _entry(key: str, value: str) -> tuple[str, dict[str, Any]]:
    """Name of the scenario, and the row that an entry of an address states."""
    parts = ("zh", "en") if key == TITLE else PARTS[key]
    name, *cells = value.split(":")
    if len(cells) != len(parts):
        form = ":".join(("scenario", *parts))
        raise Refusal("deviation_entry", Place(file="--deviation", key=key), entry=value, form=form)
    row: dict[str, Any] = {}
    for part, cell in zip(parts, cells, strict=True):
        if part == "where":
            row[part] = [unquote(place) for place in cell.split(",")] if cell else []
        elif part in ("from", "until", "year", "level", "size"):
            row |= {part: _number(cell, key)} if cell else {}
        else:
            row[part] = unquote(cell)
    return unquote(name), {part: found for part, found in row.items() if found != []}


def _number(word: str, key: str) -> float:
    try:
        return int(word) if word.lstrip("+-").isdecimal() else float(word)
    except ValueError as trouble:
        raise Refusal("number_expected", Place(file="--deviation", key=key), text=word) from trouble


def _joined(parts: Iterable[Any]) -> str:
    return ":".join(",".join(map(_word, part)) if isinstance(part, list) else _word(part) for part in parts)


def _word(part: Any) -> str:
    if isinstance(part, float):
        return repr(part).removesuffix(".0")
    return "".join(f"%{ord(letter):02X}" if letter in ESCAPED else letter for letter in str(part))


def _toml(value: Any) -> str:
    """A value as TOML writes it, on one line."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{name} = {_toml(part)}" for name, part in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
