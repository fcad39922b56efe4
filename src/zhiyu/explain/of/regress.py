"""A panel regression of a study: a formula, regions and years by label, and which figure a few regions can carry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from zhiyu.data.panel import Panel
from zhiyu.explain.of.cells import term_label, values, with_nodes
from zhiyu.explain.of.formulas import Model, parse
from zhiyu.explain.panel_ols import Effects, Errors, PanelFit, fit
from zhiyu.explain.panel_tests import Joint, Spread, UnitRoot, harris_tzavalis, mundlak, spread, vif
from zhiyu.explain.telling import summary
from zhiyu.explain.wild import leave_one_out, wild_cluster, wild_interval
from zhiyu.measure.index import Index
from zhiyu.terms import Label, Locale, Refusal, text

if TYPE_CHECKING:
    import pandas as pd

LONG = 20  # years from which Driscoll-Kraay errors begin to be worth something


@dataclass(frozen=True)
class Regression:
    """A panel regression with what stands beside it. k regressors, in the order of `names`.

    outcome, names, terms, labels : of the outcome and of the regressors, as written and as told.
    cells : (variable, region, year) all numbers read, the outcome first; nan where missing.
    fit : the regression with the errors asked for; beside : the same with each kind of errors that can be had.
    wild_p (k,), wild_bounds (k, 2) : of the wild cluster bootstrap, the figure to decide on; nan where not asked for.
    draws, seed : of that bootstrap.
    without : (k, n) coefficients with one region left out, by region in the regression.
    spread : of outcome and regressors; vif (k,) : within the effects.
    mundlak : whether region effects go with the regressors; None without region effects or where it cannot be had.
    unit_roots : of outcome and regressors; None where a variable has gaps or too few years.
    """

    outcome: str
    outcome_label: Label
    names: tuple[str, ...]
    terms: tuple[str, ...]
    labels: tuple[Label, ...]
    effects: Effects
    cells: xr.DataArray
    fit: PanelFit
    beside: dict[str, PanelFit]
    wild_p: np.ndarray
    wild_bounds: np.ndarray
    draws: int
    seed: int
    without: xr.DataArray
    spread: Spread
    vif: np.ndarray
    mundlak: Joint | None
    unit_roots: tuple[UnitRoot | None, ...]

    @property
    def regions(self) -> tuple[str, ...]:
        """Codes of the regions in the regression."""
        return tuple(str(code) for code in self.without["region"].values)

    @property
    def years(self) -> tuple[int, ...]:
        """Years in the regression."""
        used = self.fit.used.any(axis=0)
        return tuple(int(year) for year in self.cells["year"].values[used])

    @property
    def sign_kept(self) -> np.ndarray:
        """(k,) whether a coefficient keeps its sign whichever region is left out."""
        return np.asarray((np.sign(self.without.values) == np.sign(self.fit.beta)[:, None]).all(axis=1))

    @property
    def carried_by(self) -> tuple[str, ...]:
        """(k,) the region without which each coefficient changes most."""
        moved = np.nan_to_num(np.abs(self.without.values - self.fit.beta[:, None]), nan=np.inf)
        return tuple(self.regions[i] for i in moved.argmax(axis=1))

    def tidy(self) -> pd.DataFrame:
        """A coefficient a row.

        p_value, conf_low, conf_high : of the errors asked for; wild_* : of the wild cluster bootstrap; p_* : of each
        kind of errors; without_low, without_high : its range over regions left out; carried_by : the region without
        which it changes most; sign_kept : over all of these.
        """
        import pandas as pd

        one = self.fit
        columns: dict[str, Any] = {
            "term": self.names,
            "estimate": one.beta,
            "std_error": one.std_errors,
            "statistic": one.t,
            "p_value": one.p,
            "conf_low": one.conf[:, 0],
            "conf_high": one.conf[:, 1],
            "wild_p": self.wild_p,
            "wild_low": self.wild_bounds[:, 0],
            "wild_high": self.wild_bounds[:, 1],
        }
        columns |= {"p_" + name.replace("-", "_"): other.p for name, other in self.beside.items()}
        columns |= {
            "without_low": self.without.min("region").values,
            "without_high": self.without.max("region").values,
            "carried_by": self.carried_by,
            "sign_kept": self.sign_kept,
            "vif": self.vif,
        }
        return pd.DataFrame(columns)

    def glance(self) -> pd.DataFrame:
        """The regression and its data in one row. left_out : cells that lack a number or whose effect explains them."""
        import pandas as pd

        one = self.fit
        told = {
            "outcome": self.outcome,
            "effects": one.effects,
            "errors": one.errors,
            "n": one.regions,
            "t": one.years,
            "years": f"{self.years[0]}-{self.years[-1]}",
            "observations": one.observations,
            "left_out": one.used.size - one.observations,
            "freedom": one.freedom,
            "factor": one.factor,
            "r2_within": one.r2_within,
            "mundlak_f": self.mundlak.f if self.mundlak else np.nan,
            "mundlak_p": self.mundlak.p if self.mundlak else np.nan,
        }
        return pd.DataFrame([told])

    def statistics(self) -> pd.DataFrame:
        """Mean and spread of the outcome and the regressors over the cells used, with unit root tests.

        sd : of all cells; sd_between : of regions' means; sd_within : of what varies over time. rho : of a variable on
        its value of the year before with region effects and year means out, rho_null what that is under a unit root.
        """
        import pandas as pd

        own = self.spread
        nothing = UnitRoot(np.nan, np.nan, np.nan, np.nan)
        roots = [root or nothing for root in self.unit_roots]
        return pd.DataFrame(
            {
                "term": (self.outcome, *self.names),
                "cells": own.cells,
                "mean": own.mean,
                "sd": own.overall,
                "sd_between": own.between,
                "sd_within": own.within,
                "min": own.least,
                "max": own.greatest,
                "rho": [root.rho for root in roots],
                "rho_null": [root.rho_null for root in roots],
                "unit_root_p": [root.p for root in roots],
            }
        )

    def frame(self) -> pd.DataFrame:
        """The data as a long table of region, year, y, x0, x1, ...: to hand to pyfixest, linearmodels, R or Stata."""
        import pandas as pd

        n, t = self.fit.used.shape
        names = ("y", *(f"x{j}" for j in range(len(self.names))))
        place = {"region": np.repeat(self.cells["region"].values, t), "year": np.tile(self.cells["year"].values, n)}
        return pd.DataFrame(place | {name: x.ravel() for name, x in zip(names, self.cells.values, strict=True)})

    def summary(self, locale: Locale = "en") -> str:
        """All of it as plain text."""
        left = self.fit.used.size - self.fit.observations
        notes = [_label("explain.regress.association"), _label("explain.regress.wild", draws=self.draws)]
        if left:
            notes.append(_label("explain.regress.left_out", left=left, cells=self.fit.used.size))
        if "driscoll-kraay" in self.beside and self.fit.years < LONG:
            notes.append(_label("explain.regress.driscoll_kraay", years=self.fit.years))
        title = _label("explain.regress.title", outcome=self.outcome_label)
        return summary(title, self.glance(), self.tidy(), notes if self.draws else notes[:1] + notes[2:], locale)


def regress(
    panel: Panel,
    formula: str | Model,
    index: Index | None = None,
    errors: Errors = "cluster",
    wild: bool = True,
    draws: int = 9999,
    seed: int = 0,
) -> Regression:
    """Least squares with effects, and beside it what the number of regions allows to be said.

    Regions and years are matched by label; aggregates take no part. A cell that lacks a number of the model is left out
    and counted. With few regions decide on the wild bootstrap's p and on what no single region carries; the others are
    shown so that the difference is seen.

    Parameters
    ----------
    formula : `log(gdp / population) ~ x1 + lag(x2) + x1:x3 | region + year`, or a `Model` with names of its own
    index : whose nodes may be named like variables
    errors : of p_value and of the interval
    wild : whether to run the bootstrap; draws, seed : its own

    Raises
    ------
    Refusal
        For a formula that cannot be read, or as `panel_ols.fit`, by name.
    """
    model = parse(formula) if isinstance(formula, str) else formula
    if model.instruments:
        raise Refusal("model_instruments")
    cells, labels = read(panel, model, index)
    y, x = cells.values[0], np.moveaxis(cells.values[1:], 0, -1)
    names = tuple(model.regressors)
    try:
        found = fit(y, x, model.effects, errors)
    except Refusal as refusal:
        raise named(refusal, names) from refusal
    beside = {str(kind): fit(y, x, model.effects, kind) for kind in _kinds(found)}
    each = range(len(names))
    wild_p, bounds = np.full(len(names), np.nan), np.full((len(names), 2), np.nan)
    if wild:
        wild_p = np.array([wild_cluster(y, x, j, model.effects, draws, seed=seed).p for j in each])
        bounds = np.array([wild_interval(y, x, j, model.effects, draws, seed=seed) for j in each])
    taken = found.used.any(axis=1)
    without = np.stack([leave_one_out(y, x, j, model.effects)[taken] for j in each])
    return Regression(
        outcome=model.outcome,
        outcome_label=labels[0],
        names=names,
        terms=tuple(model.regressors.values()),
        labels=labels[1:],
        effects=model.effects,
        cells=cells,
        fit=found,
        beside=beside,
        wild_p=wild_p,
        wild_bounds=bounds,
        draws=draws if wild else 0,
        seed=seed,
        without=xr.DataArray(without, {"term": list(names), "region": cells["region"].values[taken]}),
        spread=spread(np.moveaxis(cells.values, 0, -1), found.used),
        vif=vif(y, x, model.effects),
        mundlak=_mundlak(y, x, model.effects),
        unit_roots=tuple(_unit_root(one) for one in cells.values),
    )


def read(panel: Panel, model: Model, index: Index | None = None) -> tuple[xr.DataArray, tuple[Label, ...]]:
    """(variable, region, year) numbers of a model's outcome, regressors and instruments, and their labels; aggregates
    left out."""
    wide = with_nodes(panel, index)
    terms = {"y": model.outcome} | {f"x {name}": term for name, term in model.regressors.items()}
    terms |= {f"z {term}": term for term in model.instruments}
    cells = np.stack([values(wide, term)[panel.judged] for term in terms.values()])
    codes = [code for code, judged in zip(panel.codes, panel.judged, strict=True) if judged]
    coords = {"variable": list(terms), "region": codes, "year": list(panel.years)}
    written = {name: Label(name, name) for name in model.regressors if model.regressors[name] != name}
    labels = [written.get(key[2:]) or term_label(wide, term) for key, term in terms.items()]
    return xr.DataArray(cells, coords), tuple(labels)


def named(refusal: Refusal, names: tuple[str, ...]) -> Refusal:
    """A kernel's refusal of a position with the regressor's own name."""
    if refusal.key != "collinear_regressor":
        return refusal
    return Refusal("regressor_explained", name=names[refusal.message.values["position"]])


def _kinds(found: PanelFit) -> tuple[Errors, ...]:
    return ("cluster", "hc1", "driscoll-kraay") if found.years >= 3 else ("cluster", "hc1")


def _mundlak(y: np.ndarray, x: np.ndarray, effects: Effects) -> Joint | None:
    if effects not in ("region", "two-way"):
        return None
    try:
        return mundlak(y, x, effects)
    except Refusal:  # a regressor without variation between regions, or fewer regions than means
        return None


def _unit_root(x: np.ndarray) -> UnitRoot | None:
    seen = np.flatnonzero(np.isfinite(x).all(axis=0))  # a lag has no first year
    try:
        return harris_tzavalis(x[:, seen[0] : seen[-1] + 1]) if len(seen) else None
    except Refusal:
        return None


def _label(key: str, **told: object) -> Label:
    return Label(text(key, "zh", **told), text(key, "en", **told))
