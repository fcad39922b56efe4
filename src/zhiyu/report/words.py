"""Numbers, units and lists as a reader of each language writes them."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from zhiyu.data.units import CHINESE
from zhiyu.report import few
from zhiyu.terms import LOCALES, Label, Locale, catalogue, text
from zhiyu.terms import label as label

DASH = "—"
PLAIN = {"1e8*": "100m ", "1e6*": "1m ", "1e4*": "10k ", "1e3*": "1k ", "1e2*": "100 "}
POWERS = {
    "10k": Label("万", "10,000 "),
    "100m": Label("亿", "100 million "),
    "1k": Label("千", "1,000 "),
    "1m": Label("百万", "million "),
    "100": Label("百", "100 "),
}


@dataclass(frozen=True)
class Listed(Label):
    """A list of names that files hold whole and a page, where there are many, cut short."""

    short: Label


def both(write: Callable[[Locale], str]) -> Label:
    """A label from a function that writes one language."""
    zh, en = (write(locale) for locale in LOCALES)
    return Label(zh, en)


def has(key: str) -> bool:
    return key in catalogue()


def number(value: float | None, digits: int = 1) -> str:
    """1234.56 -> `1,234.6`, a true minus sign, a dash where there is no number."""
    if value is None or math.isnan(value):
        return DASH
    shown = f"{value:,.{digits}f}"
    return shown.removeprefix("-") if float(shown.replace(",", "")) == 0.0 else shown.replace("-", "−")


def signed(value: float, digits: int = 1) -> str:
    shown = number(value, digits)
    return shown if shown.startswith("−") or value == 0 else f"+{shown}"


def percent(share: float | None, digits: int = 1) -> str:
    """0.123 -> `12.3%`."""
    return DASH if share is None or math.isnan(share) else f"{number(100.0 * share, digits)}%"


def significant(value: float | None, digits: int = 4) -> str:
    """A value of any size with about `digits` significant digits, and never fewer than its whole part."""
    if value is None or math.isnan(value):
        return DASH
    size = math.floor(math.log10(abs(value))) if value else 0
    return number(value, min(max(digits - 1 - size, 0), 6))


def listed(words: Sequence[str], locale: Locale) -> str:
    """`甲、乙和丙`; `a, b and c`; of very many the first, and how many others."""
    return conjoined(few.names(words, locale), locale)


def conjoined(words: Sequence[str], locale: Locale) -> str:
    """`甲、乙和丙`; `a, b and c`, however many."""
    if len(words) < 2:
        return "".join(words)
    comma, last = ("、", "和") if locale == "zh" else (", ", " and ")
    return comma.join(words[:-1]) + last + words[-1]


def sequence(words: Sequence[str], locale: Locale) -> str:
    """`甲、乙、丙`; `a, b, c`."""
    return ("、" if locale == "zh" else ", ").join(words)


def joined(sentences: Sequence[str], locale: Locale) -> str:
    """Sentences one after the other: English wants a space between them, Chinese none."""
    return ("" if locale == "zh" else " ").join(part for part in sentences if part)


def names(labels: Sequence[Label], locale: Locale) -> str:
    return listed([name.text(locale) for name in labels], locale)


def roll(labels: Sequence[Label], locale: Locale) -> str:
    """Names without an `and`, cut short where there are very many."""
    return sequence(few.names([name.text(locale) for name in labels], locale), locale)


def cell(labels: Sequence[Label], join: Callable[[Sequence[str], Locale], str] = sequence) -> Listed:
    """Names for a table."""
    whole = both(lambda locale: join([name.text(locale) for name in labels], locale))
    short = both(lambda locale: join(few.names([name.text(locale) for name in labels], locale), locale))
    return Listed(whole.zh, whole.en, short)


def headline(name: str, locale: Locale) -> str:
    """A label at the beginning of a line: an English one gets its capital, a sign or a function keeps its letter."""
    return name if locale == "zh" or not name[:1].isascii() or name.startswith("ln(") else name[:1].upper() + name[1:]


def heading(name: Label) -> Label:
    return both(lambda locale: headline(name.text(locale), locale))


def wrapped(name: str, wide: int) -> tuple[str, ...]:
    """A name on one line, or, beyond `wide` letters, on two parted at the space nearest its middle."""
    spaces = [k for k, letter in enumerate(name) if letter == " "]
    if len(name) <= wide or not spaces:
        return (name,)
    cut = min(spaces, key=lambda k: abs(2 * k - len(name)))
    return name[:cut], name[cut + 1 :]


def unit_label(name: str) -> Label:
    return both(lambda locale: unit(name, locale) or DASH)


def unit(unit: str, locale: Locale) -> str:
    """A unit in words: `count/(10k person)` is 个/万人 and `per 10,000 people`; a pure number has none."""
    if unit in ("", "1"):
        return ""
    plain = unit
    for word in sorted(CHINESE, key=len, reverse=True):
        plain = plain.replace(word, PLAIN.get(CHINESE[word], CHINESE[word]))
    above, _, below = plain.partition("/")
    parts = [_factor(part, locale, many=bool(below) and part is above) for part in (above, below) if part]
    if any(part is None for part in parts):
        return unit if locale == "zh" else plain
    top, bottom = str(parts[0]), str(parts[1]) if below else ""
    if not below:
        return top
    if locale == "zh":
        return f"{top}/{bottom}"
    return f"per {bottom}" if above.strip() == "count" else f"{top} per {bottom}"


def _factor(part: str, locale: Locale, many: bool) -> str | None:
    """`(10k person)` in words, or None where a word is not known; `many` asks for the plural, as a power does."""
    found = re.fullmatch(r"\(?\s*(?:(\d+[km]?)\s+)?([A-Za-z]\w*|%)\s*\)?", part.strip())
    if found is None or (found[1] and found[1] not in POWERS):
        return None
    power = POWERS[found[1]].text(locale) if found[1] else ""
    year = re.fullmatch(r"yuan(\d{4})", found[2])
    if year:
        return power + text("report.unit.real_yuan", locale, year=year[1])
    plural = "s" if (found[1] or many) and has(f"report.unit.{found[2]}s") else ""
    key = f"report.unit.{found[2]}{plural}"
    return power + text(key, locale) if has(key) else None
