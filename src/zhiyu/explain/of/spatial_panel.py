"""A spatial panel model of a study: outcome and regressors by formula, regions and years by label."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from zhiyu.data.neighbours import Neighbours
from zhiyu.data.panel import Panel
from zhiyu.explain.choice import SpaceChoice
from zhiyu.explain.of.cells import values, with_nodes
from zhiyu.explain.spatial_checks import Resampled, resample_regions, serial_correlation, without_each
from zhiyu.explain.spatial_effects import Effects
from zhiyu.explain.spatial_panel import Fit, fit
from zhiyu.explain.spatial_tests import DurbinTests, MultiplierTests, all_models, durbin_tests, lm_tests
from zhiyu.explain.telling import summary
from zhiyu.measure.index import Index
from zhiyu.terms import Label, Locale, Place, Refusal, text

if TYPE_CHECKING:
    import pandas as pd

Z = 1.959963984540054  # the normal distribution's 97.5 %
DRAWS = 1999  # as many as behind the claims ledger's interval of the same model: one model, one interval


@dataclass(frozen=True)
class Specification:
    """What is regressed on what: formulas over the panel's variables and the index's nodes, with their labels.

    A formula written lag(...) as a whole stands for its value of the year before.
    """

    outcome: str
    regressors: Mapping[str, str]
    outcome_label: Label
    labels: Mapping[str, Label]


@dataclass(frozen=True)
class SpatialPanel:
    """A spatial panel model with all that stands beside it. k regressors, in the order of `names`.

    names, labels, formulas : of the regressors; outcome, outcome_label : of the outcome.
    regions, years : in the model, by label; years_of : those of the index, so that what was left out can be told.
    weights : how the weights were made. level : of all intervals.
    fit : the model asked for; models : ols, slx, lag, error and durbin, static, with its effects and correction.
    uncorrected : the same as `fit` without correction.
    effects : average effects of `fit`, of the short run where it is dynamic; long_run : of the long run, None in a
        static model and where the dynamics do not die out.
    multiplier, durbin : tests that lead to a model.
    resampled : intervals of the effects from refits to errors resampled by whole regions; None where it is dynamic.
    without : (n, k) indirect effects with one region left out, in the order of `regions`; nan where that cannot be.
    serial, serial_none : correlation of residuals of successive years, and what it is on average where there is none.
    """

    names: tuple[str, ...]
    labels: tuple[Label, ...]
    formulas: tuple[str, ...]
    outcome: str
    outcome_label: Label
    regions: tuple[str, ...]
    years: tuple[int, ...]
    years_of: tuple[int, ...]
    weights: str
    level: float
    fit: Fit
    models: dict[str, Fit]
    uncorrected: Fit
    effects: Effects
    long_run: Effects | None
    multiplier: MultiplierTests
    durbin: DurbinTests
    resampled: Resampled | None
    without: np.ndarray
    serial: float
    serial_none: float

    def terms(self, one: Fit) -> tuple[str, ...]:
        """Names of a fit's coefficients, with the regressors' own."""
        own = [
            re.sub(r"x(\d+)$", lambda found: self.names[int(found[1])], name) if "x" in name else name
            for name in one.names
        ]
        return tuple(own)

    def tidy(self) -> pd.DataFrame:
        """Coefficients of the model, then its direct, indirect and total effects, one a row.

        resampled_low, resampled_high : bounds from errors resampled by whole regions, which suppose less
        """
        import pandas as pd

        one = self.fit
        rows: list[tuple[Any, ...]] = [
            ("coefficient", term, b, se, b / se, p, b - Z * se, b + Z * se, np.nan, np.nan)
            for term, b, se, p in zip(self.terms(one), one.coefficients, one.std_errors, one.p_values, strict=True)
            if np.isfinite(b) and term != "sigma2"
        ]
        for run, found in (("", self.effects), ("long-run ", self.long_run)):
            for kind in ("direct", "indirect", "total") if found is not None else ():
                at, se, p, (low, high) = (getattr(found, kind + part) for part in ("", "_se", "_p", "_bounds"))
                wide = np.full((2, len(self.names)), np.nan)
                if self.resampled is not None:
                    wide = getattr(self.resampled, kind + "_bounds")
                for j, name in enumerate(self.names):
                    ratio = at[j] / se[j] if se[j] > 0 else np.nan
                    rows.append((run + kind, name, at[j], se[j], ratio, p[j], low[j], high[j], *wide[:, j]))
        columns = ["kind", "term", "estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high"]
        columns += ["resampled_low", "resampled_high"]
        return pd.DataFrame(rows, columns=columns)

    def glance(self) -> pd.DataFrame:
        """The model, its data and the figures of the fit, with the tests, in one row."""
        import pandas as pd

        one = self.fit
        told: dict[str, Any] = {
            "model": one.model,
            "effects": one.effects_of,
            "correction": one.correction,
            "dynamic": one.dynamic,
            "weights": self.weights,
            "n": one.n,
            "t": one.t,
            "years": f"{self.years[0]}-{self.years[-1]}",
            "rho": one.rho,
            "rho_from": one.interval[0],
            "rho_to": one.interval[1],
            "rho_uncorrected": self.uncorrected.rho,
            "log_likelihood": one.log_likelihood,
            "sigma2": one.sigma2,
            "r2": one.r2,
            "r2_within": one.r2_within,
            "serial_correlation": self.serial,
            "serial_correlation_if_none": self.serial_none,
        }
        for test in (*vars(self.multiplier).values(), *vars(self.durbin).values()):
            name = test.name.replace(" ", "_").lower()
            told |= {name: test.statistic, f"{name}_p": test.p}
        return pd.DataFrame([told])

    def summary(self, locale: Locale = "en") -> str:
        """All of it as plain text."""
        notes = [_label("explain.spatial_panel.years", **self._span())]
        if self.fit.dynamic:
            notes.append(_label("explain.spatial_panel.dynamic"))
        if self.fit.one_step:
            notes.append(_label("explain.spatial_panel.one_step"))
        title = _label("explain.spatial_panel.title", outcome=self.outcome_label)
        return summary(title, self.glance(), self.tidy(), notes, locale)

    def _span(self) -> dict[str, Any]:
        return {
            "first": self.years[0],
            "last": self.years[-1],
            "asked_first": self.years_of[0],
            "asked_last": self.years_of[-1],
        }


def default_question(index: Index, panel: Panel) -> Specification:
    """Does income go with the neighbours' digital development? Two regressors, for 31 regions carry few.

    Outcome: ln real output per head. Regressors: the whole index of the year before (per tenth of its scale), since
    this year's contains what income buys; and ln capital per head, without which any investment boom would be read as
    the index's. More controls would mostly be parts of the index itself. Variables are known by how they are named:
    gdp_real..., population..., capital_stock_real....

    Raises
    ------
    Refusal
        If the panel lacks one of the three.
    """
    found = {}
    for start in ("gdp_real", "population", "capital_stock_real"):
        named = sorted(name for name in panel.names if name.startswith(start))
        if not named:
            raise Refusal("spatial_no_question", name=start)
        found[start] = named[0]
    root, people = index.tree.root, found["population"]
    tenth = f"{index.recipe.normalise.scale / 10:g}"
    return Specification(
        outcome=f"log({found['gdp_real']} / {people})",
        regressors={
            "index_before": f"lag({root.id} / {tenth})",
            "capital": f"log({found['capital_stock_real']} / {people})",
        },
        outcome_label=_label("explain.outcome.output_per_head"),
        labels={
            "index_before": _label("explain.spatial_panel.index_before", name=root.label, tenth=tenth),
            "capital": _label("explain.spatial_panel.capital"),
        },
    )


def spatial_panel(
    index: Index, panel: Panel, w: Neighbours, choice: SpaceChoice = SpaceChoice(), seed: int = 0, draws: int = DRAWS
) -> SpatialPanel:
    """The spatial panel model of `[explain.space]`, or the default question where it names no outcome.

    Regions and years are matched by label; aggregates take no part. Of years with a missing cell in any region none is
    filled: the model takes the longest run of complete years (of equal ones the last), and says which.

    Parameters
    ----------
    w : weights among at least the panel's regions
    choice : model, effects, correction, dynamic, outcome, regressors

    Raises
    ------
    Refusal
        For a formula with an unknown name, fewer than four complete years in a row (with the first missing cell), a
        region without neighbours, or what `fit` refuses.
    """
    asked = _asked(choice) if choice.outcome else default_question(index, panel)
    codes = tuple(code for code, judged in zip(panel.codes, panel.judged, strict=True) if judged)
    cells = {name: read_term(index, panel, asked.regressors[name], codes) for name in asked.regressors}
    outcome = read_term(index, panel, asked.outcome, codes)
    span = complete_years({asked.outcome: outcome, **cells}, panel, codes)
    y = outcome[:, span]
    x = np.stack([values[:, span] for values in cells.values()], axis=-1)
    near = w.select(panel.regions.select(codes))
    run = partial(fit, y, x, near.matrix, choice.model, choice.effects)
    try:
        found = run(choice.correction, choice.dynamic)
        uncorrected = run("none", choice.dynamic)
        models = all_models(y, x, near.matrix, choice.effects, choice.correction)
    except Refusal as refusal:
        raise _named(refusal, tuple(cells)) from refusal
    serial, serial_none = serial_correlation(found.residuals)
    durbin = durbin_tests(models["durbin"], models["lag"], models["error"], models["slx"])
    years = panel.years[span]
    return SpatialPanel(
        names=tuple(cells),
        labels=tuple(asked.labels[name] for name in cells),
        formulas=tuple(asked.regressors[name] for name in cells),
        outcome=asked.outcome,
        outcome_label=asked.outcome_label,
        regions=codes,
        years=years[1:] if choice.dynamic else years,
        years_of=panel.years,
        weights=f"{near.kind}, row-standardised" if near.standardised else near.kind,
        level=0.95,
        fit=found,
        models={str(name): one for name, one in models.items()},
        uncorrected=uncorrected,
        effects=found.effects(draws, seed),
        long_run=_long_run(found, draws, seed),
        multiplier=lm_tests(y, x, near.matrix, choice.effects, choice.correction),
        durbin=durbin,
        resampled=None if choice.dynamic else resample_regions(x, near.matrix, found, draws, seed),
        without=without_each(y, x, near.matrix, found),
        serial=serial,
        serial_none=serial_none,
    )


def _long_run(found: Fit, draws: int, seed: int) -> Effects | None:
    try:
        return found.effects(draws, seed, long_run=True) if found.dynamic else None
    except Refusal:
        return None


def _asked(choice: SpaceChoice) -> Specification:
    if not choice.regressors:
        raise Refusal("spatial_no_regressors", Place(file="study.toml", key="[explain.space] regressors"))
    labels = {name: Label(name, name) for name in choice.regressors}
    return Specification(choice.outcome, dict(choice.regressors), Label(choice.outcome, choice.outcome), labels)


def read_term(index: Index, panel: Panel, written: str, codes: tuple[str, ...]) -> np.ndarray:
    """(region, year) values of a formula over variables and nodes; of the year before if it is lag(...)."""
    return values(with_nodes(panel, index), written)[[panel.codes.index(code) for code in codes]]


def complete_years(cells: Mapping[str, np.ndarray], panel: Panel, codes: tuple[str, ...], least: int = 4) -> slice:
    """The longest run of years one after the other without a missing cell, the last of equals."""
    whole = np.all([np.isfinite(values).all(axis=0) for values in cells.values()], axis=0)
    best, start = slice(0, 0), 0
    for t, year in enumerate(panel.years):
        if not whole[t]:
            start = t + 1
            continue
        if t > start and year != panel.years[t - 1] + 1:
            start = t
        if t + 1 - start >= best.stop - best.start:
            best = slice(start, t + 1)
    if best.stop - best.start < least:
        name, i, t = next(((n, i, t) for n, x in cells.items() for i, t in np.argwhere(~np.isfinite(x))), ("", 0, 0))
        if not name:
            raise Refusal("spatial_years", t=len(panel.years), least=least)
        raise Refusal("spatial_incomplete", _place(panel, codes[i], int(t)), name=name, least=least)
    return best


def _named(refusal: Refusal, names: tuple[str, ...]) -> Refusal:
    """A kernel's refusal with the regressors' own names."""
    told = dict(refusal.message.values)
    if isinstance(told.get("name"), str):
        told["name"] = re.sub(r"x(\d+)$", lambda found: names[int(found[1])], told["name"])
    return Refusal(refusal.key, refusal.message.place, **told)


def _place(panel: Panel, code: str, t: int) -> Place:
    return Place(region=panel.regions.label(code), year=panel.years[t])


def _label(key: str, **values: object) -> Label:
    return Label(text(key, "zh", **values), text(key, "en", **values))
