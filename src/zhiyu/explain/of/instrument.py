"""Instruments in a study: `y ~ x | region + year | endogenous ~ instrument`, by label."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from zhiyu.data.panel import Panel
from zhiyu.explain.instrument import Instrumented, two_stage
from zhiyu.explain.of.formulas import Model, parse
from zhiyu.explain.of.regress import named, read
from zhiyu.explain.telling import summary
from zhiyu.measure.index import Index
from zhiyu.terms import Label, Locale, Refusal, text

if TYPE_CHECKING:
    import pandas as pd

WEAK = 10.0  # a first-stage F below which the second stage is not to be believed


@dataclass(frozen=True)
class InstrumentalRegression:
    """Two-stage least squares: names of all regressors, the endogenous first; fit : the kernel's result."""

    outcome: str
    outcome_label: Label
    names: tuple[str, ...]
    endogenous: tuple[str, ...]
    instruments: tuple[str, ...]
    effects: str
    fit: Instrumented

    def tidy(self) -> pd.DataFrame:
        """A coefficient a row; ols : the same without instruments."""
        import pandas as pd

        one = self.fit
        return pd.DataFrame(
            {
                "term": self.names,
                "estimate": one.beta,
                "std_error": one.std_errors,
                "statistic": one.t,
                "p_value": one.p,
                "conf_low": one.conf[:, 0],
                "conf_high": one.conf[:, 1],
                "ols": one.ols,
            }
        )

    def glance(self) -> pd.DataFrame:
        """The first stages' least F, and a test of no effect that weak instruments do not spoil, in one row."""
        import pandas as pd

        one = self.fit
        told = {
            "outcome": self.outcome,
            "effects": self.effects,
            "instruments": " + ".join(self.instruments),
            "n": one.regions,
            "observations": one.observations,
            "first_stage_f": min(stage.f for stage in one.first_stage),
            "anderson_rubin_f": one.anderson_rubin.f,
            "anderson_rubin_p": one.anderson_rubin.p,
        }
        return pd.DataFrame([told])

    def summary(self, locale: Locale = "en") -> str:
        """All of it as plain text."""
        notes = [_label("explain.regress.exclusion")]
        least = min(stage.f for stage in self.fit.first_stage)
        if least < WEAK:
            notes.append(_label("explain.regress.weak", f=f"{least:.1f}"))
        title = _label("explain.regress.title", outcome=self.outcome_label)
        return summary(title, self.glance(), self.tidy(), notes, locale)


def instrumental(panel: Panel, formula: str | Model, index: Index | None = None) -> InstrumentalRegression:
    """Two-stage least squares with effects, errors clustered by region.

    Parameters
    ----------
    formula : `y ~ x | region + year | endogenous ~ instrument1 + instrument2` (`y ~ 1 | ...` without other regressors)

    Raises
    ------
    Refusal
        For a formula without instruments, or as `two_stage`.
    """
    model = parse(formula) if isinstance(formula, str) else formula
    cells, labels = read(panel, model, index)
    m, k = len(model.endogenous), len(model.regressors)
    y, x = cells.values[0], np.moveaxis(cells.values[1:], 0, -1)
    order = (*model.endogenous, *(name for name in model.regressors if name not in model.endogenous))
    at = [list(model.regressors).index(name) for name in order]
    try:
        found = two_stage(y, x[..., at[:m]], x[..., at[m:]], x[..., k:], model.effects)
    except Refusal as refusal:
        raise named(refusal, (*model.instruments, *order)) from refusal
    return InstrumentalRegression(
        outcome=model.outcome,
        outcome_label=labels[0],
        names=order,
        endogenous=model.endogenous,
        instruments=model.instruments,
        effects=model.effects,
        fit=found,
    )


def _label(key: str, **told: object) -> Label:
    return Label(text(key, "zh", **told), text(key, "en", **told))
