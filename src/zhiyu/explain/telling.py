"""Results as plain text, for a terminal, a notebook or a paper's appendix."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from zhiyu.terms import Label, Locale

if TYPE_CHECKING:
    import pandas as pd


def summary(
    title: Label, glance: pd.DataFrame, tidy: pd.DataFrame, notes: Sequence[Label] = (), locale: Locale = "en"
) -> str:
    """Title, the figures of the fit one a line, the estimates as a table, notes.

    Parameters
    ----------
    glance : one row; columns are the figures' names
    tidy : a row an estimate
    """
    told = glance.iloc[0]
    width = max((len(str(name)) for name in glance.columns), default=0)
    lines = [title.text(locale), ""]
    lines += [f"{name!s:<{width}}  {_shown(told[name])}" for name in glance.columns]
    lines += ["", tidy.to_string(index=False, float_format=_shown, na_rep="-")]
    lines += ["", *[note.text(locale) for note in notes]] if notes else []
    return "\n".join(lines)


def _shown(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
