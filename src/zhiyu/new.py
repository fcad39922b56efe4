"""A new study folder that runs: a copy of a bundled one, or one made around a user's own panel."""

from __future__ import annotations

import csv
import io
import shutil
from pathlib import Path

import numpy as np

from zhiyu import store
from zhiyu.data import read, regions
from zhiyu.data.panel import Panel
from zhiyu.data.regions import Regions
from zhiyu.folder import BUNDLED, bundled
from zhiyu.spec import FILE
from zhiyu.terms import Label, Locale, Place, Refusal, suggestion, text

ROOT = "index"
OURS = (FILE, "dictionary.csv", "tree.csv")


def from_bundled(folder: Path, name: str) -> Path:
    """A copy of a bundled study, to be edited."""
    if name not in bundled():
        raise Refusal("unknown_study", name=name, known=", ".join(bundled()), hint=suggestion(name, bundled()))
    _refuse_existing(folder)
    with store.writing(folder):
        part = _part(folder)
        shutil.copytree(BUNDLED / name, part)
        part.rename(folder)
    return folder


def from_panel(folder: Path, source: Path, locale: Locale) -> Path:
    """A study around a user's table: its regions and years as found, and one indicator a column, to be grouped later.

    The tree takes every column that varies, more counted as better; the user edits direction, unit and grouping in
    `tree.csv` and `dictionary.csv`.
    """
    _refuse_existing(folder)
    known, panel = _recognise(source)
    data = source.name if source.name not in OURS else f"panel{source.suffix}"
    files = {
        data: source.read_bytes(),
        "dictionary.csv": _table(
            ("variable", "unit", "zh", "en", "source_zh", "source_en", "quality", "note_zh", "note_en"),
            [(v.name, v.unit, v.label.zh, v.label.en, "", "", "", "", "") for v in panel.variables.values()],
        ),
        "tree.csv": _table(
            ("id", "parent", "zh", "en", "formula", "unit", "direction", "weight", "low", "high"),
            _tree(panel, source.name),
        ),
        FILE: _study_file(folder.name, data, known, panel, locale).encode(),
    }
    with store.writing(folder):
        part = _part(folder)
        for name, content in files.items():
            store.write(part / name, content)
        part.rename(folder)
    return folder


def _recognise(source: Path) -> tuple[Regions | None, Panel]:
    """The shipped region set that knows every region of the table, else the table's own names."""
    for name in regions.bundled():
        known = regions.load(name)
        try:
            return known, read.read_panel([source], known)
        except Refusal as refusal:
            if refusal.key not in ("unknown_region", "retired_code"):
                raise
    return None, read.read_panel([source], None)


def _tree(panel: Panel, source: str) -> list[tuple[str, ...]]:
    title = Label(text("new.root", "zh"), text("new.root", "en"))
    rows: list[tuple[str, ...]] = [(ROOT, "", title.zh, title.en, "", "", "", "", "", "")]
    for variable in panel.variables.values():
        values = panel.values(variable.name)
        seen = values[np.isfinite(values)]
        if len(seen) and seen.min() < seen.max():
            name = f"{variable.name}_" if variable.name == ROOT else variable.name
            label = variable.label
            rows.append((name, ROOT, label.zh, label.en, variable.name, variable.unit, "1", "", "", ""))
    if len(rows) == 1:
        raise Refusal("nothing_to_measure", Place(file=source), number=len(panel.names))
    return rows


def _study_file(name: str, source: str, known: Regions | None, panel: Panel, locale: Locale) -> str:
    lines = [
        f"title = {{ zh = {_quoted(name)}, en = {_quoted(name)} }}",
        f'locale = "{locale}"',
        "seed = 0",
        "",
        "[regions]",
        f'set = "{known.name if known else "panel"}"',
        *([f'groups = "{known.groupings[0]}"'] if known and known.groupings else []),
        "",
        "[data]",
        f"panel = [{_quoted(source)}]",
        'dictionary = "dictionary.csv"',
        f"years = [{panel.years[0]}, {panel.years[-1]}]",
        'gaps = "linear-inside"',
        "",
        "[framework]",
        'base = "none"',
        'tree = "tree.csv"',
        "",
        "[measure]",
        'normalise = { method = "minmax", scope = "pooled" }',
        'weight = { method = "entropy", scope = "pooled", within = "root" }',
        'aggregate = { method = "arithmetic" }',
        "",
        "[report]",
        'languages = ["zh", "en"]',
        "",
    ]
    return "\n".join(lines)


def _quoted(word: str) -> str:
    escaped = word.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _table(header: tuple[str, ...], rows: list[tuple[str, ...]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue().encode("utf-8-sig")


def _refuse_existing(folder: Path) -> None:
    if folder.exists():
        raise Refusal("folder_exists", Place(file=str(folder)))


def _part(folder: Path) -> Path:
    """Where the folder is made before it appears under its name."""
    part = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.parent.mkdir(parents=True, exist_ok=True)
    return part
