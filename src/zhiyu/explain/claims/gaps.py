"""What claims read off gaps between regions: how wide they are, how that changes, whether regions form one club."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np

from zhiyu.explain import disparity, log_t
from zhiyu.explain.claims.inputs import Inputs, Sample
from zhiyu.explain.claims.question import Found
from zhiyu.explain.claims.resample import TAILS, of_years, p_value, resampled, slope
from zhiyu.explain.claims.spread import spread
from zhiyu.terms import Label, Refusal

OUTPUT, PEOPLE = "gdp_real2011_100m / population_10k", "population_10k"


def complete(sample: Sample, *terms: str) -> tuple[list[np.ndarray], tuple[str, ...], np.ndarray]:
    """Terms (m, t) over the same complete regions and years, the regions' codes, and the years.

    Years in which fewer than half of the regions have every term fall away, then regions that lack one of the rest.
    """
    values = [sample.cut(sample.variables.term(term)) for term in terms]
    seen = np.all([np.isfinite(x) for x in values], axis=0)
    years = seen.mean(axis=0) >= 0.5
    rows = seen[:, years].all(axis=1) if years.any() else np.zeros(len(seen), dtype=bool)
    if years.sum() < 4 or rows.sum() < 8:
        raise Refusal("claim_incomplete", name=", ".join(terms), years=int(years.sum()), number=int(rows.sum()))
    codes = tuple(code for code, kept in zip(sample.codes, rows, strict=True) if kept)
    return [x[rows][:, years] for x in values], codes, np.array(sample.variables.years)[years]


def group_of(inputs: Inputs, codes: tuple[str, ...]) -> np.ndarray:
    """(n,) number of each region's group in the study's grouping; refused where one has none."""
    if inputs.grouping is None:
        raise Refusal("claim_no_groups")
    groups = inputs.index.regions.grouping(inputs.grouping)
    place = {code: k for k, members in enumerate(groups.values()) for code in members}
    if any(code not in place for code in codes):
        raise Refusal("claim_no_groups")
    return np.array([place[code] for code in codes])


def dispersion(term: str, sign: int, stated: str) -> Callable[..., Found]:
    """Yearly trend of how far apart regions are; "herfindahl" is n times the sum of squared shares, 1 if all alike."""

    def run(name: str, told: Label, inputs: Inputs, sample: Sample, draws: int) -> Found:
        (x, people), codes, years = complete(sample, term, PEOPLE if sample.people else "1")
        measure = sample.measure or stated

        def apart(rows: np.ndarray) -> np.ndarray:
            found = spread(x[rows], people[rows], "cv" if measure == "herfindahl" else measure)
            return 1.0 + found**2 if measure == "herfindahl" else found

        figure = lambda rows: slope(apart(rows), years)  # noqa: E731
        found = resampled(name, told, sign, figure, codes, draws, inputs.seed)
        return of_years(found, apart(np.arange(len(codes))[None])[0], years)

    return run


def _between(inputs: Inputs, y: np.ndarray, member: np.ndarray, draws: int) -> tuple[np.ndarray, np.ndarray]:
    """(n + 1, t) part of Dagum's Gini between groups of (n, t), with all regions and without each, and (draws, t) with
    regions drawn anew within groups; a year's figures serve all that look at it."""
    part = disparity.PARTS.index("between")

    def year(column: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        drawn = disparity.bootstrap(column, member, None, draws, inputs.seed)
        return disparity.without_each(column, member).parts[:, 0, part], drawn.parts[:, 0, part]

    found = [
        inputs.once(("between", column.tobytes(), member.tobytes(), draws), partial(year, column)) for column in y.T
    ]
    left, drawn = (np.stack([one[k] for one in found], axis=-1) for k in (0, 1))
    return left, drawn


def _group_gap(
    name: str,
    told: Label,
    sign: int,
    series: list[np.ndarray],
    figure: Callable[[list[np.ndarray]], np.ndarray],
    inputs: Inputs,
    codes: tuple[str, ...],
    draws: int,
) -> Found:
    """A figure of the between-group Gini (..., t) of some series (n, t), with regions drawn anew within groups."""
    member = group_of(inputs, codes)
    left, drawn = (
        figure(list(found)) for found in zip(*(_between(inputs, y, member, draws) for y in series), strict=True)
    )
    low, high = (float(end) for end in np.quantile(drawn, TAILS))
    p, size = p_value(drawn), series[0].size
    return Found(
        name, told, "resampled", sign, float(left[0]), low, high, p, codes, left[1:], observations=size
    )  # fmt: skip


def between_trend(term: str, sign: int) -> Callable[..., Found]:
    """Yearly trend of the part of Dagum's Gini that lies between groups."""

    def run(name: str, told: Label, inputs: Inputs, sample: Sample, draws: int) -> Found:
        (x,), codes, years = complete(sample, term)
        found = _group_gap(name, told, sign, [x], lambda gini: slope(gini[0], years), inputs, codes, draws)
        return of_years(found, _between(inputs, x, group_of(inputs, codes), draws)[0][0], years)

    return run


def divide(name: str, told: Label, inputs: Inputs, sample: Sample, draws: int) -> Found:
    """Between-group Gini of AI nativeness less that of output per head, the mean over years."""
    (one, other), codes, years = complete(sample, "ai_native", OUTPUT)
    apart = lambda gini: (gini[0] - gini[1]).mean(axis=-1)  # noqa: E731
    found = _group_gap(name, told, 1, [one, other], apart, inputs, codes, draws)
    return replace(found, years=tuple(int(year) for year in years))


def one_club(term: str) -> Callable[..., Found]:
    """Whether all regions form one club, by the log t test of `log_t`."""

    def run(name: str, told: Label, inputs: Inputs, sample: Sample, draws: int) -> Found:
        (x,), codes, _ = complete(sample, term)
        found = log_t.log_t(x)
        bounds = (found.b - 1.96 * found.se, found.b + 1.96 * found.se)
        return Found(
            name, told, "condition", 1, found.b, *bounds, float("nan"), codes, holds=found.converges,
            observations=x.size,
        )  # fmt: skip

    return run


def lagging(name: str, told: Label, inputs: Inputs, sample: Sample, draws: int) -> Found:
    """Yearly trend of the share of researchers in the regions that were poorer in the first year."""
    (x, y), codes, years = complete(sample, "rd_researchers_fte", OUTPUT)
    poor = y[:, 0] <= np.quantile(y[:, 0], sample.lagging)

    def share(rows: np.ndarray) -> np.ndarray:
        drawn = x[rows]
        return np.asarray((drawn * poor[rows][..., None]).sum(axis=1) / drawn.sum(axis=1))

    figure = lambda rows: slope(share(rows), years)  # noqa: E731
    found = resampled(name, told, -1, figure, codes, draws, inputs.seed, strata=poor)
    return of_years(found, share(np.arange(len(codes))[None])[0], years)
