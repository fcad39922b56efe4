"""A panel threshold of a study: outcome, switching regressor, threshold and controls by formula."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from zhiyu.data.panel import Panel
from zhiyu.explain.of.spatial_panel import _label, complete_years, read_term
from zhiyu.explain.telling import summary
from zhiyu.explain.threshold import Threshold, fit
from zhiyu.measure.index import Index
from zhiyu.terms import Locale, Refusal

if TYPE_CHECKING:
    import pandas as pd

LEAST = 4  # complete years in a row
LEVEL = 0.05


@dataclass(frozen=True)
class ThresholdPanel:
    """A panel threshold under its labels. m thresholds, k controls in the order of `names`.

    outcome, regime, threshold : formulas; regime is the regressor whose slope switches
    names, formulas : of the controls. effects : taken out.
    regions, years : in the model; years_of : those of the panel, so that what was left out can be told
    fit : the model; its beta begins with the t - 1 year effects where `effects` is two-way
    """

    outcome: str
    regime: str
    threshold: str
    names: tuple[str, ...]
    formulas: tuple[str, ...]
    effects: str
    regions: tuple[str, ...]
    years: tuple[int, ...]
    years_of: tuple[int, ...]
    fit: Threshold

    def tidy(self) -> pd.DataFrame:
        """Thresholds with their likelihood-ratio intervals, tests, then coefficients with t intervals, n - 1 degrees.

        kind : "threshold", "test" (j thresholds against j - 1: F, p by Hansen's bootstrap and by signs of regions, what
            F exceeds by chance in 10, 5 and 1 %), "coefficient". `observations` : of a slope's regime.
        """
        import pandas as pd
        from scipy.special import stdtr, stdtrit

        one = self.fit
        rows: list[dict[str, Any]] = [
            {"kind": "threshold", "term": f"gamma{j + 1}", "estimate": gamma, "conf_low": low, "conf_high": high}
            for j, (gamma, (low, high)) in enumerate(zip(one.gamma, one.interval, strict=True))
        ]
        for j, (f, p, (ten, five, hundredth)) in enumerate(zip(one.f, one.p, one.critical, strict=True)):
            told = {
                "kind": "test",
                "term": f"{j + 1} against {j}",
                "statistic": f,
                "p_value": p,
                "p_wild": one.p_wild[j],
            }
            rows.append(told | {"critical_10": ten, "critical_5": five, "critical_1": hundredth})
        names = [*self.names, *(f"regime, part {j + 1}" for j in range(len(one.regimes)))]
        values, errors = np.concatenate([one.beta, one.regimes]), one.std_errors
        reach = float(stdtrit(one.n - 1, 0.975))
        counts = [None] * len(self.names) + [int(number) for number in one.observations]
        of_years = len(values) - len(names)
        for name, b, se, number in zip(names, values[of_years:], errors[of_years:], counts, strict=True):
            t = b / se if se > 0 else np.nan
            p = 2.0 * float(stdtr(one.n - 1, -abs(t)))
            row = {"kind": "coefficient", "term": name, "estimate": b, "std_error": se, "statistic": t, "p_value": p}
            rows.append(row | {"conf_low": b - reach * se, "conf_high": b + reach * se, "observations": number})
        columns = ["kind", "term", "estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high"]
        return pd.DataFrame(
            rows, columns=[*columns, "p_wild", "critical_10", "critical_5", "critical_1", "observations"]
        )

    def glance(self) -> pd.DataFrame:
        """The model, its data, how it was sought, and how many thresholds the tests support at 5 %, in one row."""
        import pandas as pd

        one = self.fit
        told = {
            "outcome": self.outcome,
            "regime": self.regime,
            "threshold": self.threshold,
            "effects": self.effects,
            "n": one.n,
            "t": one.t,
            "years": f"{self.years[0]}-{self.years[-1]}",
            "thresholds": len(one.gamma),
            "supported": one.supported(LEVEL) if one.bootstraps else None,
            "supported_wild": one.supported(LEVEL, wild=True) if one.bootstraps else None,
            "ssr": one.ssr,
            "ssr_without": float(one.ssr_by_count[0]),
            "trim": one.trim,
            "grid": one.grid,
            "candidates": len(one.candidates),
            "bootstrap": "whole regions",
            "bootstraps": one.bootstraps,
            "seed": one.seed,
        }
        return pd.DataFrame([told])

    def curve(self) -> pd.DataFrame:
        """Likelihood ratio of every candidate in the place of each threshold: threshold, candidate, lr, inside."""
        import pandas as pd

        one = self.fit
        m, count = one.lr.shape
        return pd.DataFrame(
            {
                "threshold": np.repeat([f"gamma{j + 1}" for j in range(m)], count),
                "candidate": np.tile(one.candidates, m),
                "lr": one.lr.ravel(),
                "inside": (one.lr <= one.cut).ravel(),
            }
        )

    def summary(self, locale: Locale = "en") -> str:
        """All of it as plain text."""
        span = {
            "first": self.years[0],
            "last": self.years[-1],
            "asked_first": self.years_of[0],
            "asked_last": self.years_of[-1],
        }
        notes = [_label("explain.threshold.years", **span), _label("explain.threshold.bootstrap")]
        if self.fit.bootstraps and self.fit.supported(LEVEL) < len(self.fit.gamma):
            notes.append(_label("explain.threshold.unsupported", number=self.fit.supported(LEVEL)))
        if self.fit.bootstraps and self.fit.supported(LEVEL, wild=True) < self.fit.supported(LEVEL):
            notes.append(_label("explain.threshold.variance", number=self.fit.supported(LEVEL, wild=True)))
        title = _label("explain.threshold.title", regime=self.regime, outcome=self.outcome, threshold=self.threshold)
        return summary(title, self.glance(), self.tidy(), notes, locale)


def threshold_panel(
    index: Index,
    panel: Panel,
    outcome: str,
    regime: str,
    threshold: str,
    controls: Mapping[str, str] | None = None,
    effects: Literal["two-way", "region"] = "two-way",
    count: int = 1,
    trim: float = 0.01,
    grid: int | Literal["all"] = "all",
    bootstraps: int = 999,
    seed: int = 0,
) -> ThresholdPanel:
    """The slope of `regime` on `outcome`, switching where `threshold` crosses values found in the data.

    Formulas are over the panel's variables and the index's nodes; lag(...) around a whole formula is the year before.
    Regions and years are matched by label; aggregates take no part. No gap is filled: the model takes the longest run
    of years in which every region has every variable (of equal ones the last).

    Parameters
    ----------
    controls : name -> formula of regressors that do not switch
    effects : "two-way" adds year effects to Hansen's region effects: of variables that all rise over the years, a
        threshold is otherwise found where time itself breaks
    count, trim, grid, bootstraps, seed : as in `zhiyu.explain.threshold.fit`; every distinct value is tried

    Raises
    ------
    Refusal
        For a formula with an unknown name, fewer than four complete years in a row, or what `fit` refuses.

    Source: Hansen (1999), Journal of Econometrics 93, 345-368.
    """
    asked = dict(controls or {})
    codes = tuple(code for code, judged in zip(panel.codes, panel.judged, strict=True) if judged)
    written = (outcome, regime, threshold, *asked.values())
    whole = {one: read_term(index, panel, one, codes) for one in written}
    span = complete_years(whole, panel, codes, LEAST)
    cells = {one: values[:, span] for one, values in whole.items()}
    n, t = cells[outcome].shape
    years = np.broadcast_to(np.eye(t)[:, 1:], (n, t, t - 1)) if effects == "two-way" else np.empty((n, t, 0))
    x = np.concatenate([years, *(cells[one][..., None] for one in asked.values())], axis=-1)
    try:
        found = fit(cells[outcome], x, cells[regime], cells[threshold], count, trim, grid, bootstraps, seed)
    except Refusal as refusal:
        raise _named(refusal, regime, tuple(asked), years.shape[2]) from refusal
    return ThresholdPanel(
        outcome=outcome,
        regime=regime,
        threshold=threshold,
        names=tuple(asked),
        formulas=tuple(asked.values()),
        effects=effects,
        regions=codes,
        years=panel.years[span],
        years_of=panel.years,
        fit=found,
    )


def _named(refusal: Refusal, regime: str, controls: tuple[str, ...], dummies: int) -> Refusal:
    """A kernel's refusal with the study's own names."""
    told = dict(refusal.message.values)
    name = str(told.get("name", ""))
    own = re.fullmatch(r"x(\d+)", name)
    if own and int(own[1]) >= dummies:
        told["name"] = controls[int(own[1]) - dummies]
    elif name.startswith("regime"):
        told["name"] = regime
    return Refusal(refusal.key, refusal.message.place, **told)
