"""The model run by PySD from what `export` wrote, beside our own run."""

from __future__ import annotations

import warnings
from contextlib import ExitStack
from pathlib import Path
from unittest import mock

import numpy as np
import pytest

from zhiyu.simulate import model
from zhiyu.simulate.export import export, title_of

SHOWN = ("levels", "memory")


def disagreement(prepared: model.Run, years: int, folder: Path, member: int = 0, scenario: int = 0) -> dict[str, float]:
    """Variable -> largest relative difference over regions and years: of levels, not logarithms; of yearly changes,
    which pass through nought, in points."""
    theirs = by_pysd(export(prepared, years, member=member, scenario=scenario), folder, stocks(prepared))
    ours = list(model.run(prepared, years))
    shape = (len(prepared.p["policy_lag"]), len(prepared.policy.ids), len(prepared.base.codes))
    found = {}
    for (part, key), paths in theirs.items():
        x = np.array([np.broadcast_to(getattr(state, part)[key], shape)[member, scenario] for state in ours])
        if part == "levels":
            found[key] = np.abs(np.expm1(paths - x)).max()
        elif key.endswith("_growth") or key == "compute":  # a change, and a logarithm
            found[key] = np.abs(paths - x).max()
        else:
            found[key] = (np.abs(paths - x) / np.maximum(np.abs(x), 1e-9)).max()
    return found


def stocks(prepared: model.Run) -> list[tuple[str, str]]:
    """Part and key of all that is compared."""
    begun = model.begin(prepared)
    return [(part, key) for part in SHOWN for key in getattr(begun, part)]


def by_pysd(text: str, folder: Path, wanted: list[tuple[str, str]]) -> dict[tuple[str, str], np.ndarray]:
    """Part and key -> (year, region)."""
    path = folder / "model.mdl"
    path.write_text(text, encoding="utf-8")
    titles = {key: title_of(*key) for key in wanted}
    # PySD writes arrays of constants as NumPy prints them, which is with eight digits unless it is told otherwise
    with np.printoptions(precision=17), warnings.catch_warnings(), ExitStack() as stack:
        warnings.simplefilter("ignore")  # PySD's own, and those of what it imports
        pysd = pytest.importorskip("pysd")
        stack.enter_context(mock.patch("black.format_file_contents", lambda text, **_: text))  # a third of the time
        loaded = pysd.read_vensim(str(path), encoding="utf-8")
        table = loaded.run(return_columns=list(titles.values()))
    # a single region is no array to PySD, and its columns say no code
    codes = ["".join(column.partition("[")[1:]) for column in table if column.startswith("log of ")]
    order = list(dict.fromkeys(codes))
    return {key: np.array([table[f"{title}{code}"] for code in order]).T for key, title in titles.items()}
