"""`zhiyu show`: any table of the product as rows, and as lines for a terminal."""

from __future__ import annotations

import unicodedata
from dataclasses import asdict, is_dataclass
from typing import Any

from zhiyu import framework, methods, plugins
from zhiyu.data import regions
from zhiyu.folder import BUNDLED, bundled
from zhiyu.framework.tree import Node
from zhiyu.measure import index
from zhiyu.spec import FILE
from zhiyu.terms import LOCALES, Label, Locale, Refusal, suggestion

Rows = list[dict[str, str]]
TABLES = (
    *("logics", "embedding", "attributes", "aspects", "indicators", "mechanisms", "strategies", "measures"),
    *("claims", "facts", "stages", "glossary", "subsystems"),
)
KINDS = ("studies", "regions", "methods", *TABLES)


def rows(what: str, row: str | None = None) -> Rows:
    """Rows of a table (`methods`, `claims`, ...), or the one row with an id."""
    if what not in KINDS:
        raise Refusal("unknown_table", name=what, known=", ".join(KINDS), hint=suggestion(what, KINDS))
    found = {"studies": _studies, "regions": _regions, "methods": _methods}.get(what, lambda: _table(what))()
    if row is None:
        return found
    ids = [one["id"] for one in found]
    if row not in ids:
        raise Refusal("unknown_id", name=row, hint=suggestion(row, ids))
    return [found[ids.index(row)]]


def as_text(found: Rows, locale: Locale) -> str:
    """One line a row (id, name, definition), or all columns of a single row, in one language."""
    if len(found) == 1:
        other = next(spoken for spoken in LOCALES if spoken != locale)
        kept = {k: v for k, v in found[0].items() if v and k != other and not k.endswith(f"_{other}")}
        return "\n".join(f"{name.removesuffix(f'_{locale}')}: {value}" for name, value in kept.items())
    ids = max((_width(row["id"]) for row in found), default=0)
    names = min(40, max((_width(row[locale]) for row in found), default=0))
    lines = []
    for row in found:
        more = row.get(f"definition_{locale}") or row.get("value", "")
        lines.append(f"{_pad(row['id'], ids)}  {_pad(row[locale], names)}  {more}".rstrip())
    return "\n".join(lines)


def _studies() -> Rows:
    from zhiyu import spec

    return [{"id": name, **spec.read(BUNDLED / name / FILE).title.model_dump()} for name in bundled()]


def _regions() -> Rows:
    sets = {name: regions.load(name) for name in regions.bundled()}
    return [{"id": r.code, "set": name, **asdict(r.full)} for name, known in sets.items() for r in known.rows]


def _methods() -> Rows:
    plugins.load_installed()
    assert index.HOMES  # importing the rooms fills the registry
    return [
        {"id": f"{kind}.{name}", "zh": method.label.zh, "en": method.label.en, "source": method.source}
        for kind, known in sorted(methods.REGISTRY.items())
        for name, method in sorted(known.items())
    ]


def _table(what: str) -> Rows:
    table = getattr(framework.load("paper"), what)
    return [_flat(row) for row in table]


def _flat(row: Any) -> dict[str, str]:
    """A row's columns as text; labels spread over their two languages."""
    assert is_dataclass(row)
    flat: dict[str, str] = {}
    for name in row.__dataclass_fields__:
        value = getattr(row, name)
        if isinstance(value, Label):
            prefix = "" if name == "label" else f"{name}_"
            flat |= {f"{prefix}zh": value.zh, f"{prefix}en": value.en}
        elif not (isinstance(row, Node) and (value is None or name == "file")):
            flat[name] = str(value)
    return flat


def _width(word: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in word)


def _pad(word: str, width: int) -> str:
    return word + " " * max(0, width - _width(word))
