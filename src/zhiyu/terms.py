"""Words: bilingual labels, the message catalogue, and the one exception a user's mistake may raise.

Every sentence a person can read stands in `catalogue.csv` (key, zh, en); code names it by its key. This is the only
place that knows which language is spoken.
"""

from __future__ import annotations

import csv
import difflib
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

Locale = Literal["zh", "en"]
LOCALES: tuple[Locale, ...] = ("zh", "en")
UNPRINTABLE = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")


@dataclass(frozen=True)
class Label:
    """A name in both languages."""

    zh: str
    en: str

    def text(self, locale: Locale) -> str:
        return self.zh if locale == "zh" else self.en


@cache
def catalogue() -> dict[str, Label]:
    """All shipped sentences by key."""
    with (Path(__file__).parent / "catalogue.csv").open(encoding="utf-8", newline="") as file:
        return {row["key"]: Label(row["zh"], row["en"]) for row in csv.DictReader(file)}


def text(key: str, locale: Locale, **values: object) -> str:
    """The sentence `key` in `locale`, with its placeholders filled; labels among the values speak the same language."""
    shown = {name: value.text(locale) if isinstance(value, Label) else value for name, value in values.items()}
    return catalogue()[key].text(locale).format(**shown)


def label(key: str, **values: object) -> Label:
    """The sentence `key` in both languages."""
    return Label(text(key, "zh", **values), text(key, "en", **values))


def default_locale() -> Locale:
    """The language of the user's terminal: zh where LC_ALL, LC_MESSAGES or LANG says so, else en."""
    spoken = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    return "zh" if spoken.lower().startswith("zh") else "en"


def as_locale(word: str) -> Locale:
    """`word` as a locale, or a refusal."""
    if word not in LOCALES:
        raise Refusal("unknown_language", word=word)
    return word


def closest(word: str, candidates: Iterable[str]) -> str | None:
    """The candidate most like `word`, if any is like it at all: for "did you mean"."""
    known = {candidate.casefold(): candidate for candidate in candidates}
    found = difflib.get_close_matches(word.casefold(), known, n=1, cutoff=0.6)
    return known[found[0]] if found else None


@dataclass(frozen=True)
class Place:
    """Where something is: every part is optional, and only the parts known are said."""

    file: str | None = None
    sheet: str | None = None
    row: int | None = None
    column: str | None = None
    key: str | None = None
    region: Label | str | None = None
    year: int | None = None

    def text(self, locale: Locale) -> str:
        region = self.region.text(locale) if isinstance(self.region, Label) else self.region
        where = "，".join if locale == "zh" else ", ".join
        cell = where([str(part) for part in (region, self.year) if part is not None])
        parts = [
            self.file,
            self.sheet and text("place.sheet", locale, sheet=self.sheet),
            self.row and text("place.row", locale, row=self.row),
            self.column and text("place.column", locale, column=self.column),
            self.key,
            cell,
        ]
        return where([part for part in parts if part])


NOWHERE = Place()


@dataclass(frozen=True)
class Message:
    """A sentence with its place: catalogue key `KEY.what`, and `KEY.remedy` for what to do about it."""

    key: str
    place: Place = NOWHERE
    values: dict[str, Any] = field(default_factory=dict)

    def what(self, locale: Locale) -> str:
        return text(f"{self.key}.what", locale, **self.values)

    def remedy(self, locale: Locale) -> str:
        return text(f"{self.key}.remedy", locale, **self.values)

    def text(self, locale: Locale) -> str:
        place = self.place.text(locale)
        colon = "：" if locale == "zh" else ": "
        said = f"{place}{colon if place else ''}{self.what(locale)}\n{self.remedy(locale)}"
        return UNPRINTABLE.sub("?", said)  # words of a file may hold what would command a terminal


class Refusal(Exception):
    """A user's mistake: what is wrong, where, and the remedy, in the user's language. Never shown as a traceback.

    `Refusal("unknown_region", Place(file="panel.csv", row=3), name="广冬")` speaks the catalogue entries
    `refuse.unknown_region.what` and `refuse.unknown_region.remedy`.
    """

    def __init__(self, key: str, place: Place = NOWHERE, **values: Any) -> None:
        self.message = Message(f"refuse.{key}", place, values)
        super().__init__(key)

    @property
    def key(self) -> str:
        return self.message.key.removeprefix("refuse.")

    def text(self, locale: Locale) -> str:
        return self.message.text(locale)

    def at(self, place: Place) -> Refusal:
        """The same refusal, raised at a place that only the caller knows."""
        return Refusal(self.key, place, **self.message.values)

    def __str__(self) -> str:
        return self.text(default_locale())


def suggestion(word: str, candidates: Iterable[str]) -> Label:
    """'Did you mean X?' in both languages, or nothing."""
    found = closest(word, candidates)
    if found is None:
        return Label("", "")
    return label("did_you_mean", word=found)
