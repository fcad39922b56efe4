"""Space: are neighbours' scores alike, year by year and region by region."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from zhiyu.data.neighbours import Neighbours, row_standardise
from zhiyu.data.panel import Panel
from zhiyu.data.regions import Regions
from zhiyu.explain import getis_ord, spatial_moments
from zhiyu.explain import space as kernel
from zhiyu.explain.telling import summary
from zhiyu.measure.index import Index
from zhiyu.terms import LOCALES, Label, Locale, Refusal, text

if TYPE_CHECKING:
    import pandas as pd

CLUSTERS = ("none", "high_high", "low_high", "low_low", "high_low")  # by quadrant
GLOBAL = (
    *("i", "expected", "variance", "z", "p", "p_normal", "c", "c_expected", "c_variance", "c_z", "c_p"),
    *("g", "g_expected", "g_variance", "g_z", "g_p"),
)
MEASURES = {"moran": "i", "geary": "c", "getis_ord": "g"}
LARGEST = 100  # regions up to which each is left out in turn
LOCAL = ("value", "lag", "i", "expected", "variance", "z", "p", "adjusted", "quadrant", "g_z", "g_p", "g_adjusted")


@dataclass(frozen=True)
class Space:
    """How alike neighbours are.

    clustering : (statistic, term, year) of the root, the top nodes and the variables asked for: Moran's i with its
        expectation, variance over all placements, z, p by permutation and p_normal; Geary's c; Getis and Ord's g. nan
        where a region lacks a value or all are equal; g also where a value is negative or only one is above 0.
    local : (statistic, year, region) of the root: standardised value and neighbours' lag, local Moran with p by
        permutation and adjusted over regions, quadrant 1 .. 4, and z, p and adjusted p of G*.
    without : (statistic, region) the root's i and p of the last year with one region left out, nan for maps of more
        than LARGEST regions; a region whose only neighbour is left out is then an island.
    terms, names : labels of the terms and the regions; root : the first term.
    left_out : regions without the root's score in some year, which take no part in any.
    kind : how the weights were made; rows sum to one.
    level : of the false discovery rate over regions.
    """

    clustering: xr.DataArray
    local: xr.DataArray
    without: xr.DataArray
    root: str
    terms: dict[str, Label]
    names: dict[str, Label]
    left_out: tuple[str, ...]
    kind: str
    permutations: int
    seed: int
    level: float

    @property
    def years(self) -> tuple[int, ...]:
        """Years in which the root has a statistic."""
        found = self.clustering.sel(statistic="i", term=self.root)
        return tuple(int(year) for year in found["year"].values[np.isfinite(found.values)])

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(str(code) for code in self.local["region"].values)

    def cluster(self, year: int, significant: bool = True) -> dict[str, str]:
        """Region -> its cluster in a year, one of CLUSTERS; "none" where not significant, unless all are asked for."""
        found = self.local.sel(year=year)
        quadrant, adjusted = found.sel(statistic="quadrant").values, found.sel(statistic="adjusted").values
        kept = adjusted <= self.level if significant else np.full(len(quadrant), True)
        return {
            code: CLUSTERS[int(q)] if keep else CLUSTERS[0]
            for code, q, keep in zip(self.codes, quadrant, kept, strict=True)
        }

    def tidy(self) -> pd.DataFrame:
        """A row a statistic: the whole map's by term and year, then every region's of the root by year."""
        import pandas as pd

        whole = [
            {"measure": measure, "term": term, "year": int(year), "region": "", **estimate}
            for term in self.terms
            for year in self.clustering["year"].values
            for measure, estimate in _estimates(self.clustering.sel(term=term, year=year)).items()
        ]
        return pd.DataFrame(whole + [row for year in self.years for row in self._regional(year)])

    def glance(self) -> pd.DataFrame:
        """One row: the size of the map, Moran's I of the root in the first and the last year, regions by cluster."""
        import pandas as pd

        first, last = self.years[0], self.years[-1]
        counts = list(self.cluster(last).values())
        row: dict[str, object] = {"n": len(self.codes), "first": first, "last": last, "weights": self.kind}
        row |= {"permutations": self.permutations, "seed": self.seed, "smallest_p": 2 / (self.permutations + 1)}
        for name, year in (("first", first), ("last", last)):
            found = self.clustering.sel(term=self.root, year=year)
            row |= {f"moran_{name}": float(found.sel(statistic="i")), f"p_{name}": float(found.sel(statistic="p"))}
        row |= {name: counts.count(name) for name in CLUSTERS}
        return pd.DataFrame([row])

    def summary(self, locale: Locale = "en") -> str:
        """Plain text: the root's statistics by year, and the regions of significant clusters in the last."""
        table = self.tidy()
        whole = (table["term"] == self.root) & (table["region"] == "")
        found = (table["year"] == self.years[-1]) & (table["region"] != "") & (table["p_adjusted"] <= self.level)
        notes = tuple(Label(*(text("space.note", one, level=f"{self.level:g}") for one in LOCALES)) for _ in "1")
        title = Label(*(text("space.title", one, name=self.terms[self.root]) for one in LOCALES))
        return summary(title, self.glance(), table[whole | found], notes, locale)

    def _regional(self, year: int) -> list[dict[str, object]]:
        cluster = self.cluster(year, significant=False)
        here = self.local.sel(year=year, statistic=["i", "expected", "variance", "z", "p", "adjusted"])
        rows: list[dict[str, object]] = []
        for code, figures in zip(self.codes, here.transpose("region", "statistic").values.tolist(), strict=True):
            head = {"measure": "local_moran", "term": self.root, "year": year, "region": code}
            rows.append({**head, **_row(*figures[:5]), "p_adjusted": figures[5], "cluster": cluster[code]})
        return rows


def space(
    index: Index,
    w: Neighbours,
    panel: Panel | None = None,
    permutations: int = 9999,
    seed: int = 0,
    variables: Sequence[str] = (),
    level: float = 0.05,
) -> Space:
    """Moran, Geary and Getis-Ord statistics of an index by year, and local Moran and G* of its root.

    Weights are matched to regions by code and their rows divided by their sums. Aggregates such as "EU" take no part,
    nor do regions that lack the root's score in a year in which others have it: every year looks at the same map.

    Parameters
    ----------
    w : covers at least the regions of the index
    variables : formulas over the panel's variables, tested beside the index

    Raises
    ------
    Refusal
        If weights lack a region, a region's neighbours all take no part, or no year can be tested.
    """
    judged = [code for code in index.codes if not index.regions[code].aggregate]
    scores = index.scores.sel(region=judged)
    root = scores.sel(node=index.tree.root.id).transpose("region", "year").values
    seen = np.isfinite(root).any(axis=0)
    kept = [code for code, row in zip(judged, root, strict=True) if np.isfinite(row[seen]).all()]
    weights = row_standardise(w.select(index.regions.select(kept)))
    if not seen.any() or len(kept) < spatial_moments.FEWEST:
        raise Refusal("space_few", number=len(kept) if seen.any() else 0, least=spatial_moments.FEWEST)
    terms = {node.id: node.label for node in (index.tree.root, *index.tree.top)}
    order = list(weights.codes)
    values = {name: scores.sel(node=name, region=order).transpose("region", "year").values for name in terms}
    for name in variables:
        if panel is None:
            raise Refusal("space_no_panel", names=", ".join(variables))
        data = xr.DataArray(panel.compute(name), {"region": list(panel.codes), "year": list(panel.years)})
        values[name] = data.sel(region=order).reindex(year=list(index.years)).values
        terms[name] = Label(name, name)
    whole = np.stack(
        [[_whole(x, weights.matrix, permutations, seed) for x in values[name].T] for name in terms]
    ).transpose(2, 0, 1)
    base = values[index.tree.root.id].T
    if not np.isfinite(whole[0, 0]).any():
        raise Refusal("space_constant", value=f"{base[seen][0, 0]:g}")
    regional = np.stack([_regional(x, weights.matrix, permutations, seed, level) for x in base], axis=1)
    tested = np.flatnonzero(np.isfinite(whole[0, 0]))
    without = _without(base[tested[-1]], weights, index.regions, permutations, seed)
    years = np.asarray(index.years)
    return Space(
        xr.DataArray(whole, {"statistic": list(GLOBAL), "term": list(terms), "year": years}),
        xr.DataArray(regional, {"statistic": list(LOCAL), "year": years, "region": order}),
        xr.DataArray(without, {"statistic": ["i", "p"], "region": order}),
        index.tree.root.id,
        terms,
        {code: index.regions.label(code) for code in judged},
        tuple(code for code in judged if code not in kept),
        w.kind,
        permutations,
        seed,
        level,
    )


def _testable(x: np.ndarray) -> bool:
    return bool(np.isfinite(x).all() and np.ptp(x) > 0)


def _whole(x: np.ndarray, w: np.ndarray, permutations: int, seed: int) -> list[float]:
    """Statistics of the whole map, in the order of GLOBAL."""
    if not _testable(x):
        return [np.nan] * len(GLOBAL)
    m, c = kernel.moran(x, w, permutations, seed), kernel.geary(x, w, permutations, seed)
    found = [m.i, m.expected, m.variance_random, m.z, m.p, m.p_normal]
    found += [c.c, c.expected, c.variance_normal, c.z, c.p]
    if not getis_ord.readable(x):
        return [*found, *[np.nan] * 5]
    g = getis_ord.getis_ord(x, w, permutations, seed)
    return [*found, g.g, g.expected, g.variance_random, g.z, g.p]


def _regional(x: np.ndarray, w: np.ndarray, permutations: int, seed: int, level: float) -> np.ndarray:
    """(statistic, region) in the order of LOCAL."""
    found = np.full((len(LOCAL), len(x)), np.nan)
    if not _testable(x):
        return found
    m = kernel.local_moran(x, w, permutations, seed, level)
    found[:9] = m.value, m.lag, m.i, m.expected, m.variance, m.z, m.p, m.adjusted, m.quadrant
    if getis_ord.readable(x):
        g = getis_ord.local_getis_ord(x, w, True, permutations, seed, level)
        found[9:] = g.z, g.p, g.adjusted
    return found


def _without(x: np.ndarray, w: Neighbours, regions: Regions, permutations: int, seed: int) -> np.ndarray:
    """(2, region) Moran's i and p with one region left out."""
    found = np.full((2, len(x)), np.nan)
    for k in range(len(x) if spatial_moments.FEWEST < len(x) <= LARGEST else 0):
        rest = np.delete(x, k)
        others = w.select(regions.select([code for code in w.codes if code != w.codes[k]]), islands="keep")
        if _testable(rest) and others.matrix.any():
            m = kernel.moran(rest, others.matrix, permutations, seed)
            found[:, k] = m.i, m.p
    return found


def _estimates(found: xr.DataArray) -> dict[str, dict[str, object]]:
    """Rows of a term and year by measure; none where nothing was tested."""
    rows = {}
    for measure, name in MEASURES.items():
        head = "" if name == "i" else f"{name}_"
        parts = (name, *[f"{head}{part}" for part in ("expected", "variance", "z", "p")])
        rows[measure] = _row(*found.sel(statistic=list(parts)).values.tolist())
    return {measure: row for measure, row in rows.items() if row["estimate"] == row["estimate"]}


def _row(estimate: float, expected: float, variance: float, z: float, p: float) -> dict[str, object]:
    error = float(np.sqrt(variance))
    return {
        "estimate": estimate,
        "expected": expected,
        "std_error": error,
        "statistic": z,
        "p_value": p,
        "p_adjusted": np.nan,
        "cluster": "",
    }
