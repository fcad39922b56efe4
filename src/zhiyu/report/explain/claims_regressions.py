"""The claims' own regressions in three-line tables, one for each part of the theory, with all their coefficients."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from zhiyu.explain import panel_ols, wild
from zhiyu.explain.claims import asking
from zhiyu.explain.claims.inputs import Inputs, Sample
from zhiyu.explain.claims.question import Asking, Found
from zhiyu.explain.of.claims import Ledger
from zhiyu.report import formulas, words
from zhiyu.report.material import Material
from zhiyu.report.regressions import Estimate, Model, Regressions, facts
from zhiyu.report.tables import Cell
from zhiyu.terms import Label

WIDEST = 5  # models beside each other on a page
DRAWS = 1999  # of the bootstrap behind a control's interval
FEW = 3  # controls beyond which products of controls stand as one row
PARTS = {"2": "logics", "3": "attributes", "4": "mechanisms", "1": "aims", "abstract": "aims"}  # by section


def regressions(m: Material, found: Ledger) -> tuple[Regressions, ...]:
    """The tables, in the order of the theory; empty where no claim is a regression."""
    asked = {one.id: one for one in asking.paper()}
    sample = Sample.whole(Inputs(m.index, m.panel, m.framework, seed=found.seed).variables())
    groups: dict[str, list[tuple[Found, Asking | None]]] = {}
    for one in found.verdicts:
        name = "own" if one.own else PARTS.get(one.section.split(".")[0], "aims")
        parts = [(part, asked.get(part.id)) for part in one.parts if part.how == "regression"]
        groups.setdefault(name, []).extend(parts)
    made = []
    for name, parts in groups.items():
        for number, piece in enumerate(_split(parts), start=1):
            made.append(_table(m, found, sample, f"claims_{name}_{number}", name, piece))
    return tuple(made)


def _split(parts: Sequence[tuple[Found, Asking | None]]) -> list[Sequence[tuple[Found, Asking | None]]]:
    """Pieces of at most WIDEST, as even as can be."""
    pieces = -(-len(parts) // WIDEST)
    size = -(-len(parts) // pieces) if pieces else 1
    return [parts[k : k + size] for k in range(0, len(parts), size)]


def _table(
    m: Material,
    found: Ledger,
    sample: Sample,
    name: str,
    group: str,
    parts: Sequence[tuple[Found, Asking | None]],
) -> Regressions:
    terms: dict[str, Label] = {}
    controls: dict[str, Label] = {}
    models = []
    for part, asked in parts:
        fit = None if asked is None else _fit(sample, asked)
        estimates, mine, others = _estimates(m, part, asked, fit, sample, found.seed)
        terms |= mine
        controls |= others
        models.append(Model(part.id, _heading(m, part, asked), estimates, _facts(part, asked, fit)))
    title = words.label("report.table.claims_models", name=words.label(f"report.claims.models_{group}"))
    note = words.label(
        "report.note.claims_models", draws=words.number(found.draws, 0), step=words.number(m.scale / 10, 0)
    )
    notes = (note, *_productivity(m, parts), *m.coverage)
    return Regressions(name, title, tuple(models), {**terms, **controls}, facts(), notes)


def _productivity(m: Material, parts: Sequence[tuple[Found, Asking | None]]) -> tuple[Label, ...]:
    """What productivity is, where a column is headed by it."""
    spelt = (None if asked is None else formulas.productivity(asked.outcome, m) for _, asked in parts)
    found = dict.fromkeys(one for one in spelt if one is not None)
    return tuple(words.label("report.note.productivity_formula", formula=one) for one in found)


def _heading(m: Material, part: Found, asked: Asking | None) -> Label:
    """The claim and its outcome."""
    if asked is None:
        return part.label
    name = formulas.told(asked.outcome, m)
    form = words.label(f"report.regression.form_{asked.forms[0]}", name=name)
    return words.label("report.regression.outcome", id=part.id.split(".")[0], name=words.heading(form))


def _estimates(
    m: Material, part: Found, asked: Asking | None, fit: panel_ols.PanelFit | None, sample: Sample, seed: int
) -> tuple[dict[str, Estimate], dict[str, Label], dict[str, Label]]:
    """Coefficients by what they are of, and the labels of the driver and of the controls.

    Brackets hold intervals, of the driver that of the ledger, of a control made alike; stars are for the driver alone,
    by the p that the ledger shows: no question was asked of controls.
    """
    own = Estimate(part.estimate, part.std_error, part.p, part.low, part.high)
    if asked is None or fit is None:
        return {part.id: own}, {part.id: part.label}, {}
    driver = _late(m, asked.driver, asked.lags[0])
    estimates = {driver.en: own}
    shown, others, test = _shown(asked), dict[str, Label](), sample.test(asked)
    effects = cast(panel_ols.Effects, asked.effects[0])
    for k, term in enumerate(asked.controls, start=1):
        if term in shown:
            label = _control(m, asked, term)
            low, high = wild.wider_interval(test.y, test.x, k, effects, DRAWS, seed)
            estimates[label.en] = Estimate(float(fit.beta[k]), float(fit.std_errors[k]), low=low, high=high)
            others[label.en] = label
    return estimates, {driver.en: driver}, others


def _fit(sample: Sample, asked: Asking) -> panel_ols.PanelFit:
    test = sample.test(asked)
    return panel_ols.fit(test.y, test.x, cast(panel_ols.Effects, asked.effects[0]))


def _shown(asked: Asking) -> tuple[str, ...]:
    """Controls that get rows of their own: of many, those that are no products."""
    if len(asked.controls) <= FEW:
        return asked.controls
    return tuple(term for term in asked.controls if ":" not in term)


def _control(m: Material, asked: Asking, term: str) -> Label:
    if term == "own":
        return _late(m, asked.outcome, 1)
    return _late(m, term[1:], asked.lags[0]) if term.startswith("@") else formulas.told(term, m)


def _late(m: Material, term: str, lag: int) -> Label:
    return formulas.told(f"lag({term})" if lag == 1 else term, m)


def _facts(part: Found, asked: Asking | None, fit: panel_ols.PanelFit | None) -> Mapping[str, Cell]:
    if asked is None or fit is None:
        return {"observations": part.observations, "regions": len(part.regions)}
    folded = len(asked.controls) - len(_shown(asked))
    return {
        "controls": True if folded else None,
        "region_effects": asked.effects[0] in ("two-way", "region"),
        "year_effects": asked.effects[0] in ("two-way", "year"),
        "observations": fit.observations,
        "regions": fit.regions,
        "r2_within": fit.r2_within,
    }
