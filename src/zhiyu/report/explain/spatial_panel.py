"""Spatial panel in the report: what neighbours' digital development goes with, how firmly, and the models beside."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from zhiyu.explain.of.spatial_panel import SpatialPanel, Z
from zhiyu.explain.spatial_panel import Fit
from zhiyu.report import formulas, words
from zhiyu.report.charts import canvas, drawn
from zhiyu.report.explain import sizes
from zhiyu.report.explain.question import Question
from zhiyu.report.figures import INK, LINE, MUTED, OKABE_ITO, Figure
from zhiyu.report.material import Material
from zhiyu.report.regressions import Estimate, Model, Regressions, facts
from zhiyu.report.tables import Cell, Table, column
from zhiyu.terms import Label, Locale, text

MODELS = ("ols", "lag", "error", "durbin")
KINDS = ("direct", "indirect", "total")


def question(m: Material) -> Question | None:
    """The finding; the models side by side, the effects, the tests; the effects with both their intervals drawn."""
    found: SpatialPanel | None = None if m.evidence is None else m.evidence.spatial_panel
    if found is None:
        return None
    tables = (_models(m, found), _effects(found), _tests(found))
    return Question(
        "spatial_panel", _told(m, found), tables, (_estimates(found), _without(m, found)), partial(_figures, found)
    )


def _bounds(found: SpatialPanel, kind: str) -> np.ndarray:
    """(2, k) the interval that decides: of errors resampled by regions where there is one, else of the draws."""
    return np.asarray(getattr(found.effects if found.resampled is None else found.resampled, f"{kind}_bounds"))


def _told(m: Material, found: SpatialPanel) -> tuple[Label, ...]:
    parts = [_effect(m, found, "indirect"), _effect(m, found, "direct"), _rho(found), _firm(m, found)]
    span = {"first": found.years[0], "last": found.years[-1], "regions": len(found.regions)}
    return (*parts, words.label("report.spatial_panel.caution", **span))


def _step(m: Material, found: SpatialPanel) -> sizes.Step:
    """What the first regressor's effect is told for, under the name that the study gives it where it is no score."""
    step = sizes.step(m, found.formulas[0])
    return replace(step, name=found.labels[0]) if step.more == words.label("report.step.unit") else step


def _effect(m: Material, found: SpatialPanel, kind: str) -> Label:
    """The first regressor's effect on all others or on the region itself, with the interval that decides."""
    at = float(getattr(found.effects, kind)[0])
    low, high = (float(bound) for bound in _bounds(found, kind)[:, 0])
    verdict = "unclear" if low <= 0.0 <= high else "more" if at > 0 else "less"
    step = _step(m, found)
    ends = {"effect": at, "low": low, "high": high}
    values = {name: sizes.size(found.outcome, step.units * value) for name, value in ends.items()}
    told = {"name": step.name, "more": step.more, "outcome": found.outcome_label}
    return words.label(f"report.spatial_panel.{kind}_{verdict}", **told, **values)


def _rho(found: SpatialPanel) -> Label:
    one = found.fit
    se = float(one.std_errors[-2])
    if not np.isfinite(se):
        return Label("", "")
    low, high = one.rho - Z * se, one.rho + Z * se
    verdict = "unclear" if low <= 0.0 <= high else "clear"
    values = {"rho": one.rho, "low": low, "high": high, "least": one.interval[0], "most": one.interval[1]}
    values["direct"] = found.uncorrected.rho
    return words.label(
        f"report.spatial_panel.rho_{verdict}", **{name: words.number(value, 2) for name, value in values.items()}
    )


def _firm(m: Material, found: SpatialPanel) -> Label:
    without = found.without[:, 0]
    kept = np.flatnonzero(np.isfinite(without))
    at = float(found.effects.indirect[0])
    shown = {"r": words.number(found.serial, 2), "none": words.number(found.serial_none, 2)}
    parts = [words.label("report.spatial_panel.serial", **shown)] if found.serial > found.serial_none + 0.1 else []
    if len(kept):
        most = kept[int(np.abs(without[kept] - at).argmax())]
        units = _step(m, found).units
        ends = {"effect": at, "other": float(without[most])}
        values = {name: sizes.size(found.outcome, units * value) for name, value in ends.items()}
        name = m.index.regions.label(found.regions[most])
        parts.append(words.label("report.spatial_panel.without", region=name, **values))
    return words.both(lambda locale: words.joined([part.text(locale) for part in parts], locale))


def _models(m: Material, found: SpatialPanel) -> Table:
    """The models a column each, as the field prints them."""
    return regressions(m, found).table()


def regressions(m: Material, found: SpatialPanel) -> Regressions:
    """Fixed effects alone, spatial lag, spatial error and Durbin, with what each rests on."""
    one = found.fit
    shown: dict[str, Cell] = {
        "region_effects": one.effects_of in ("two-way", "region"),
        "year_effects": one.effects_of in ("two-way", "year"),
        "observations": one.n * one.t,
        "regions": one.n,
    }
    models = []
    for name in MODELS:
        fit = found.models[name]
        fits: dict[str, Cell] = {"log_likelihood": words.number(fit.log_likelihood, 1), "r2_within": fit.r2_within}
        heading = words.label(f"report.column.model_{name}")
        models.append(Model(f"model_{name}", heading, _coefficients(found, fit), {**shown, **fits}))
    span: dict[str, Any] = {"first": found.years[0], "last": found.years[-1], "regions": len(found.regions)}
    span |= {"weights": _weights(found), "formula": formulas.told(found.outcome, m)}
    notes = [words.label("report.note.spatial_panel_models", outcome=found.outcome_label, **span)]
    corrected = one.correction == "lee-yu"
    notes.append(words.label("report.note.spatial_panel_lee_yu" if corrected else "report.note.spatial_panel_none"))
    title = words.label("report.table.spatial_panel_models", effects=words.label(_effects_key(one)))
    rows = {**facts(), "log_likelihood": words.label("report.spatial_panel.log_likelihood")}
    return Regressions("spatial_panel_models", title, tuple(models), dict(_terms(found)), rows, tuple(notes))


def _weights(found: SpatialPanel) -> Label:
    """How the weights were made, in words."""
    kind, _, standardised = found.weights.partition(", ")
    key = f"report.space.weights_{kind}"
    how = words.label(key) if words.has(key) else Label(kind, kind)
    more = words.label("report.spatial_panel.standardised") if standardised else Label("", "")
    return words.both(lambda locale: how.text(locale) + more.text(locale))


def _effects_key(one: Fit) -> str:
    return f"report.spatial_panel.effects_{one.effects_of.replace('-', '_')}"


def _terms(found: SpatialPanel) -> list[tuple[str, Label]]:
    own = list(zip(found.names, found.labels, strict=True))
    near = [(f"W {name}", words.label("report.spatial_panel.of_neighbours", name=label)) for name, label in own]
    return [*own, *near, ("rho", words.label("report.spatial_panel.rho"))]


def _coefficients(found: SpatialPanel, one: Fit) -> dict[str, Estimate]:
    """Term -> coefficient, of those that the model has."""
    cells = zip(found.terms(one), one.coefficients, one.std_errors, one.p_values, strict=True)
    return {term: Estimate(float(b), float(se), float(p)) for term, b, se, p in cells if np.isfinite(b)}


def _effects(found: SpatialPanel) -> Table:
    """Direct, indirect and total effects with both intervals."""
    columns = (
        column("regressor", shown=False),
        column("regressor_name", "label", head=True, span=True),
        column("effect_run", "label", shown=found.long_run is not None),
        column("effect_kind", "label"),
        column("effect", "number", 4),
        column("std_error", "number", 4),
        *[column(name, "number", 4) for name in ("draws_low", "draws_high", "resampled_low", "resampled_high")],
    )
    rows: list[tuple[Cell, ...]] = []
    for j, (name, label) in enumerate(zip(found.names, found.labels, strict=True)):
        for run, one in (("short", found.effects), ("long", found.long_run)):
            for kind in KINDS if one is not None else ():
                at, se, drawn_bounds = (getattr(one, kind + part)[..., j] for part in ("", "_se", "_bounds"))
                wide: list[Any] = [None, None]
                if found.resampled is not None:
                    wide = getattr(found.resampled, f"{kind}_bounds")[:, j].tolist()
                told = words.label(f"report.spatial_panel.run_{run}"), words.label(f"report.spatial_panel.kind_{kind}")
                rows.append((name, label, *told, float(at), float(se), *drawn_bounds.tolist(), *wide))
    draws = {"draws": found.effects.draws, "level": words.percent(found.level, 0)}
    notes = (words.label("report.note.spatial_panel_effects", **draws),)
    title = words.label(
        "report.table.spatial_panel_effects", model=words.label(f"report.column.model_{found.fit.model}")
    )
    return Table("spatial_panel_effects", title, columns, tuple(rows), notes)


def _tests(found: SpatialPanel) -> Table:
    columns = (
        column("test", shown=False),
        column("test_name", "label", head=True),
        column("test_statistic", "number", 2),
        column("test_df", "integer"),
        column("test_p", "number", 3),
    )
    both = {**vars(found.multiplier), **vars(found.durbin)}
    rows: list[tuple[Cell, ...]] = []
    for name, test in both.items():
        key = name if "_" in name and not name.startswith("robust") else f"lm_{name}"
        rows.append((test.name, words.label(f"report.spatial_panel.test_{key}"), test.statistic, test.df, test.p))
    notes = (words.label("report.note.spatial_panel_tests"),)
    return Table("spatial_panel_tests", words.label("report.table.spatial_panel_tests"), columns, tuple(rows), notes)


def _estimates(found: SpatialPanel) -> Table:
    """Every coefficient of every model, as numbers."""
    columns = (
        column("model"),
        column("spatial_term_id"),
        column("coefficient", "number", 4),
        column("std_error", "number", 4),
        column("test_p", "number", 3),
    )
    rows: list[tuple[Cell, ...]] = []
    named = {**found.models, "uncorrected": found.uncorrected}
    for model, one in named.items():
        cells = zip(found.terms(one), one.coefficients, one.std_errors, one.p_values, strict=True)
        rows += [(model, term, float(b), float(se), float(p)) for term, b, se, p in cells if np.isfinite(b)]
    return Table("spatial_panel_estimates", words.label("report.table.spatial_panel_estimates"), columns, tuple(rows))


def _without(m: Material, found: SpatialPanel) -> Table:
    """Indirect effects with one region left out."""
    columns = (
        column("region"),
        column("region_name", "label"),
        *[_named(n, one) for n, one in zip(found.names, found.labels, strict=True)],
    )
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (code, m.index.regions.label(code), *row.tolist())
        for code, row in zip(found.regions, found.without, strict=True)
    )
    return Table("spatial_panel_without", words.label("report.table.spatial_panel_without"), columns, rows)


def _named(name: str, label: Label) -> Any:
    return column(f"indirect_{name}", "number", 4, label=label)


def _figures(found: SpatialPanel, locale: Locale) -> tuple[Figure, ...]:
    """Effects of the first regressor with the intervals of draws (thick) and of resampled regions (thin)."""
    names = [text(f"report.spatial_panel.kind_{kind}", locale) for kind in KINDS]
    at = np.array([getattr(found.effects, kind)[0] for kind in KINDS])
    inner = np.array([getattr(found.effects, f"{kind}_bounds")[:, 0] for kind in KINDS])
    outer = np.array([_bounds(found, kind)[:, 0] for kind in KINDS])
    title = words.headline(text("report.chart.spatial_panel_effects", locale, name=found.labels[0]), locale)
    clauses = [
        text(
            "report.spatial_panel.alt_one",
            locale,
            name=name,
            **{key: words.signed(float(value), 3) for key, value in (("effect", b), ("low", low), ("high", high))},
        )
        for name, b, (low, high) in zip(names, at, outer, strict=True)
    ]
    alt = title + ("：" if locale == "zh" else ": ") + ("；" if locale == "zh" else "; ").join(clauses)
    y = np.arange(len(names))
    with canvas(1.7, names) as (figure, axes):
        axes.grid(axis="x", color=LINE, linewidth=0.6)
        axes.set_axisbelow(True)
        axes.axvline(0.0, color=INK, linewidth=0.8)
        axes.hlines(y, outer[:, 0], outer[:, 1], color=MUTED, linewidth=1.2)
        axes.hlines(y, inner[:, 0], inner[:, 1], color=OKABE_ITO[0], linewidth=3.2, alpha=0.5)
        axes.scatter(at, y, s=30, color=OKABE_ITO[0], zorder=4)
        axes.set_yticks(y, names)
        axes.set_ylim(len(names) - 0.4, -0.6)
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        axes.set_xlabel(text("report.axis.spatial_panel_effect", locale))
        svg = drawn(figure, "chart-spatial-panel-effects", alt)
    note = text("report.spatial_panel.two_intervals", locale)
    return (Figure("chart-spatial-panel-effects", title, alt, svg, (note,)),)
