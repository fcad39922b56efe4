"""Mechanisms of the theory on a study: what the driver goes with, where it does more, and what four fields share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from zhiyu.data import formula
from zhiyu.data.panel import Panel
from zhiyu.explain.mechanism import Coefficient, Shapley, coefficient, effect_on_mechanism, moderation, shapley
from zhiyu.explain.of import factors
from zhiyu.explain.of.coupling import System, coupling
from zhiyu.explain.panel_ols import Effects
from zhiyu.explain.telling import summary
from zhiyu.framework.framework import Framework
from zhiyu.measure.index import Index
from zhiyu.terms import LOCALES, Label, Locale, Refusal, text

if TYPE_CHECKING:
    import pandas as pd

DRIVER = "ai_native"
MECHANISMS = (
    *("knowledge_output", "data_factor", "industry_convergence", "governance_foresight"),
    "technology_purchase_ratio",
)  # of claims C13-C17
MODERATOR = "governance_foresight"  # of claim C16
OUTCOME = "log(gdp_real2011_100m / population_10k)"
EMBEDDING = "embedding"


@dataclass(frozen=True)
class Path:
    """Driver -> mechanism. stripped : indicators taken out of the driver because they are the mechanism's too."""

    mechanism: str
    label: Label
    stripped: tuple[str, ...]
    effect: Coefficient


@dataclass(frozen=True)
class MechanismEvidence:
    """What the driver does to each mechanism, and two questions about the outcome; None where it cannot be asked.

    paths : coefficients in standard deviations of either, over the region-years that count.
    moderated : the coefficient of driver x moderator on the outcome, both in standard deviations, centred within years.
    embedding : R2 of the outcome, shared among `fields`, of which the last is all of them together: the product of the
        four levels, each less its year's mean; `together` : the coefficient of that product, beside the four.
    skipped : (what, why not).
    """

    driver: Label
    outcome: str
    paths: tuple[Path, ...]
    moderator: Label | None
    moderated: Coefficient | None
    fields: tuple[Label, ...]
    embedding: Shapley | None
    together: Coefficient | None
    effects: Effects
    skipped: tuple[tuple[Label, Label], ...]
    draws: int
    seed: int

    def tidy(self) -> pd.DataFrame:
        """A row an estimate: term, estimate, std_error, p_value, conf_low, conf_high, one_sign, n."""
        import pandas as pd

        named = [(f"path_{path.mechanism}", path.effect) for path in self.paths]
        named += [] if self.moderated is None else [("moderation", self.moderated)]
        named += [] if self.together is None else [("embedding_together", self.together)]
        rows: list[dict[str, object]] = [
            {
                "term": term,
                "estimate": one.estimate,
                "std_error": one.std_error,
                "p_value": one.p,
                "conf_low": one.low,
                "conf_high": one.high,
                "one_sign": one.one_sign,
                "n": one.observations,
            }
            for term, one in named
        ]
        if self.embedding is not None:
            e = self.embedding
            for k, label in enumerate(self.fields):
                told = {"estimate": e.parts[k], "conf_low": e.low[k], "conf_high": e.high[k], "n": e.observations}
                rows.append({"term": f"shapley_{label.en}", **told})
        columns = ["term", "estimate", "std_error", "p_value", "conf_low", "conf_high", "one_sign", "n"]
        return pd.DataFrame(rows, columns=columns)

    def glance(self) -> pd.DataFrame:
        """One row: driver, outcome, effects, how many paths, how many of them above zero at 5 %, R2 of the fields."""
        import pandas as pd

        clear = [path for path in self.paths if path.effect.p < 0.05 and path.effect.estimate > 0]
        row = {
            "driver": self.driver.en,
            "outcome": self.outcome,
            "effects": self.effects,
            "paths": len(self.paths),
            "clear": len(clear),
            "embedding_r2": float("nan") if self.embedding is None else self.embedding.total,
            "draws": self.draws,
            "seed": self.seed,
        }
        return pd.DataFrame([row])

    def summary(self, locale: Locale = "en") -> str:
        """The figures, every estimate, and what they are not."""
        title, note = (
            Label(*(text(f"explain.mechanism.{key}", spoken) for spoken in LOCALES)) for key in ("title", "note")
        )
        return summary(title, self.glance(), self.tidy(), (note,), locale)


def mechanism(
    index: Index,
    panel: Panel,
    framework: Framework,
    driver: str = DRIVER,
    mechanisms: Sequence[str] = MECHANISMS,
    moderator: str = MODERATOR,
    outcome: str = OUTCOME,
    effects: Effects = "two-way",
    draws: int = 9999,
    seed: int = 0,
) -> MechanismEvidence:
    """Effect of a driver on mechanisms, moderation, and the Shapley split of the framework's four fields.

    Parameters
    ----------
    driver, mechanisms, moderator : nodes of the index; outcome : a formula over the panel; draws : of the wild
        bootstrap, a tenth of them of the split's bounds

    A driver is compared with no part of itself: indicators that it shares with a mechanism or the moderator are taken
    out of the driver, and the mean of the rest by their weights stands for it. Where nothing is left, the question is
    skipped. So is what the index or the panel does not have. Aggregates take no part.

    Raises
    ------
    Refusal
        If the driver is no node of the index, or no question can be asked.

    Source: as `zhiyu.explain.mechanism`.
    """
    if driver not in index.tree.by_id:
        raise Refusal("mechanism_driver", name=driver)
    label = index.tree[driver].label
    skipped: list[tuple[Label, Label]] = []
    paths = []
    for name in mechanisms:
        try:
            paths.append(_path(index, driver, name, effects, draws, seed))
        except Refusal as refusal:
            skipped.append((_named(index, name), _why(refusal)))
    y = _outcome(index, panel, outcome)
    moderated = together = split = None
    fields: tuple[Label, ...] = ()
    try:
        x, _ = _stripped(index, driver, moderator)
        at = {"region": y["region"], "year": y["year"]}
        z = _node(index, moderator).reindex(at).values
        x = x.reindex(at)
        moderated = moderation(y.values, _standard(x.values), _standard(z), None, effects, draws, seed).interaction
    except Refusal as refusal:
        skipped.append((Label(*(text("explain.mechanism.moderation", spoken) for spoken in LOCALES)), _why(refusal)))
    try:
        fields, split, together = _embedding(index, framework, y, effects, draws, seed)
    except Refusal as refusal:
        skipped.append((Label(*(text("explain.mechanism.embedding", spoken) for spoken in LOCALES)), _why(refusal)))
    if not paths and moderated is None and split is None:
        raise Refusal("mechanism_none", why=Label(*(" ".join(one[1].text(s) for one in skipped) for s in LOCALES)))
    return MechanismEvidence(
        driver=label,
        outcome=outcome,
        paths=tuple(paths),
        moderator=_named(index, moderator) if moderated is not None else None,
        moderated=moderated,
        fields=fields,
        embedding=split,
        together=together,
        effects=effects,
        skipped=tuple(skipped),
        draws=draws,
        seed=seed,
    )


def _named(index: Index, name: str) -> Label:
    return index.tree[name].label if name in index.tree.by_id else Label(name, name)


def _why(refusal: Refusal) -> Label:
    return Label(*(refusal.message.what(spoken) for spoken in LOCALES))


def _node(index: Index, name: str) -> xr.DataArray:
    """(region, year) scores of a node, aggregates left out."""
    if name not in index.tree.by_id:
        raise Refusal("mechanism_node", name=name)
    judged = [code for code in index.codes if not index.regions[code].aggregate]
    return index.scores.sel(node=name, drop=True).transpose("region", "year").sel(region=judged)


def _leaves(index: Index, name: str) -> tuple[str, ...]:
    below = tuple(leaf.id for leaf in index.tree.leaves_below(name))
    return below or (name,)


def _stripped(index: Index, driver: str, other: str) -> tuple[xr.DataArray, tuple[str, ...]]:
    """(region, year) the driver without what it shares with another node, and what that is."""
    if other not in index.tree.by_id:
        raise Refusal("mechanism_node", name=other)
    own, theirs = _leaves(index, driver), set(_leaves(index, other))
    shared = tuple(leaf for leaf in own if leaf in theirs)
    if not shared:
        return _node(index, driver), ()
    rest = [leaf for leaf in own if leaf not in theirs]
    if not rest:
        raise Refusal("mechanism_same", name=index.tree[driver].label, other=index.tree[other].label)
    judged = [code for code in index.codes if not index.regions[code].aggregate]
    x = index.scores.sel(node=rest, region=judged).transpose("region", "year", "node")
    weight = index.effective.sel(node=rest).transpose("year", "node").values
    seen = np.isfinite(x.values)
    held = (seen * weight).sum(axis=-1)
    mean = (np.where(seen, x.values, 0.0) * weight).sum(axis=-1) / np.where(held > 0, held, 1.0)
    enough = held >= index.recipe.coverage.node * weight.sum(axis=-1) - 1e-12
    return x.isel(node=0, drop=True).copy(data=np.where(enough & (held > 0), mean, np.nan)), shared


def _path(index: Index, driver: str, name: str, effects: Effects, draws: int, seed: int) -> Path:
    x, shared = _stripped(index, driver, name)
    m = _node(index, name)
    both = np.isfinite(x.values) & np.isfinite(m.values)
    x_, m_ = (_standard(np.where(both, one.values, np.nan)) for one in (x, m))
    return Path(name, index.tree[name].label, shared, effect_on_mechanism(m_, x_, None, effects, draws, seed))


def _standard(x: np.ndarray) -> np.ndarray:
    """In standard deviations over all cells that are there."""
    there = x[np.isfinite(x)]
    spread = float(there.std()) if len(there) else 0.0
    if not spread > 0:
        raise Refusal("mechanism_flat")
    return np.asarray((x - there.mean()) / spread)


def _outcome(index: Index, panel: Panel, outcome: str) -> xr.DataArray:
    """(region, year) over the index's years and the regions that count."""
    codes = [code for code, counts in zip(panel.codes, panel.judged, strict=True) if counts]
    missing = sorted(formula.names(outcome) - set(panel.names) - set(index.tree.by_id))
    if missing:
        empty = np.full((len(codes), len(index.years)), np.nan)
        return xr.DataArray(empty, {"region": codes, "year": list(index.years)}, ("region", "year"))
    return factors.read(panel, index, outcome).reindex(region=codes, year=list(index.years))


def _embedding(
    index: Index, framework: Framework, y: xr.DataArray, effects: Effects, draws: int, seed: int
) -> tuple[tuple[Label, ...], Shapley, Coefficient]:
    if EMBEDDING not in framework.logics.ids:
        raise Refusal("mechanism_no_fields")
    found: System | None = next((s for s in coupling(index, framework, draws=9).systems if s.id == EMBEDDING), None)
    if found is None:
        raise Refusal("mechanism_no_fields")
    levels = found.levels.reindex(region=y["region"], year=y["year"]).transpose("region", "year", "part").values
    whole = np.isfinite(levels).all(axis=-1) & np.isfinite(y.values)
    if not whole.any():
        raise Refusal("mechanism_flat")
    levels = np.where(whole[..., None], levels, np.nan)
    off = levels - np.nanmean(np.where(whole.any(axis=0)[:, None], levels, 0.0), axis=0)
    four = [_standard(off[..., k]) for k in range(levels.shape[-1])]
    product = np.prod(np.stack(four), axis=0)
    blocks = [*four, _standard(product)]
    split = shapley(y.values, blocks, effects, draws // 10, seed)
    last = len(blocks) - 1
    together = coefficient(y.values, np.stack(blocks, axis=-1), last, effects, draws, seed)
    name = Label(*(text("explain.mechanism.together", spoken) for spoken in LOCALES))
    return (*(part.label for part in found.parts), name), split, together
