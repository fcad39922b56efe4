"""Disparity in the report: how large the gap is by two readings, what it is made of, and where it is widest."""

from __future__ import annotations

from functools import partial

import numpy as np
import xarray as xr

from zhiyu.explain.of.disparity import DRIVER, OUTPUT, Disparity
from zhiyu.explain.of.gaps import BOUNDS
from zhiyu.report import words
from zhiyu.report.explain import disparity_charts, disparity_tables
from zhiyu.report.explain.question import Question
from zhiyu.report.material import Material
from zhiyu.terms import Label

DIGITS = 3  # of a Gini coefficient


def question(m: Material) -> Question | None:
    """The root by year, its groups in pairs, the top nodes and outcomes, concentration; densities and parts drawn."""
    found: Disparity | None = None if m.evidence is None else m.evidence.disparity
    if found is None:
        return None
    shown = (
        disparity_tables.years(m, found),
        *([disparity_tables.pairs(m, found), disparity_tables.theil(m, found)] if found.groups else []),
        disparity_tables.measures(m, found),
        *([disparity_tables.concentration(m, found)] if found.sizes else []),
    )
    files = (
        disparity_tables.parts(m, found),
        disparity_tables.densities(m, found),
        *([disparity_tables.all_pairs(m, found)] if found.groups else []),
    )
    return Question("disparity", _told(m, found), shown, files, partial(disparity_charts.figures, m, found))


def _told(m: Material, found: Disparity) -> tuple[Label, ...]:
    """Sentences, the first the one to take away."""
    moves = len(found.years(found.root)) > 1 and m.comparable
    gap = (_gap(m, found), _points(m, found))  # together: the one reading alone would mislead
    parts = [words.both(lambda locale: words.joined([part.text(locale) for part in gap], locale))] if moves else []
    parts += [] if moves else [_stands(m, found)]
    if found.groups:
        parts += [_made_of(found), *([_moved(found)] if moves else []), _farthest(found)]
    parts += [_widest(m, found)] if len(_tops(m, found)) > 1 else []
    parts += [_divide(m, found)] if found.groups and found.divide is not None else []
    parts += [_gathered(found)] if found.sizes else []
    parts.append(words.label("report.disparity.zero"))
    how = words.label("report.disparity.drawn_by_group" if found.groups else "report.disparity.drawn_from_all")
    level = words.percent(found.level, 0)
    parts.append(words.label("report.disparity.caveat", how=how, draws=found.draws, level=level))
    return tuple(parts)


def way(bounds: np.ndarray) -> str:
    """ "rose" or "fell" where the interval of a change leaves out zero, else "level"."""
    _, low, high = bounds
    return "rose" if low > 0 else "fell" if high < 0 else "level"


def at(cells: xr.DataArray, **place: object) -> np.ndarray:
    """(3,) estimate, low and high at a place."""
    return np.asarray(cells.sel(bound=list(BOUNDS), **place).values, dtype=float)  # type: ignore[arg-type]


def _span(bounds: np.ndarray, digits: int = DIGITS, percent: bool = False) -> dict[str, str]:
    """The three numbers of an interval in words."""
    show = words.percent if percent else words.number
    return {name: show(float(value), digits) for name, value in zip(("value", "low", "high"), bounds, strict=True)}


def _gap(m: Material, found: Disparity) -> Label:
    years, change = found.years(found.root), at(found.change, measure=found.root, part="total")
    first, last = (float(at(found.parts, measure=found.root, part="total", year=y)[0]) for y in (years[0], years[-1]))
    values = {"first": years[0], "last": years[-1], "before": words.number(first, DIGITS)}
    values |= {"after": words.number(last, DIGITS), "share": words.percent(abs(last / first - 1), 0), **_span(change)}
    return words.label(f"report.disparity.gini_{way(change)}", **values)


def _points(m: Material, found: Disparity) -> Label:
    years, change = found.years(found.root), at(found.change, measure=found.root, part="mean_difference")
    ends = (at(found.parts, measure=found.root, part="mean_difference", year=y)[0] for y in (years[0], years[-1]))
    before, after = (words.number(float(end), m.digits) for end in ends)
    values = {"first": years[0], "last": years[-1], "before": before, "after": after, **_span(change, m.digits)}
    return words.label(f"report.disparity.points_{way(change)}", **values)


def _stands(m: Material, found: Disparity) -> Label:
    year = found.years(found.root)[-1]
    points = float(at(found.parts, measure=found.root, part="mean_difference", year=year)[0])
    values = _span(at(found.parts, measure=found.root, part="total", year=year))
    return words.label("report.disparity.stands", year=year, points=words.number(points, m.digits), **values)


def _made_of(found: Disparity) -> Label:
    year = found.years(found.root)[-1]
    whole, within, crossing = (
        float(at(found.parts, measure=found.root, part=part, year=year)[0])
        for part in ("total", "within", "transvariation")
    )
    share = at(found.parts, measure=found.root, part="between_share", year=year)
    rest = {"within": words.percent(within / whole, 0), "crossing": words.percent(crossing / whole, 0)}
    return words.label("report.disparity.made_of", year=year, **rest, **_span(share, 0, percent=True))


def _moved(found: Disparity) -> Label:
    """Whether the share between groups has a trend, and how much of the change of the whole lay between them."""
    trend = at(found.trend, measure=found.root, part="between_share")
    whole, between = (float(at(found.change, measure=found.root, part=part)[0]) for part in ("total", "between"))
    shown = [words.signed(100 * float(value), 1) for value in trend]
    values = dict(zip(("value", "low", "high"), shown, strict=True))
    change = {"whole": words.signed(whole, DIGITS), "between": words.signed(between, DIGITS)}
    return words.label(f"report.disparity.share_{way(trend)}", **values, **change)


def _farthest(found: Disparity) -> Label:
    """The pair of groups with the greatest Gini between them."""
    year = found.years(found.root)[-1]
    pairs, affluence = (x.sel(measure=found.root, year=year).values for x in (found.pairs, found.affluence))
    names = list(found.groups.values())
    if len(names) < 2:
        return words.label("report.disparity.one_group", name=names[0])
    apart = np.where(np.triu(np.ones_like(pairs), 1) > 0, np.nan_to_num(pairs), -1.0)
    j, h = np.unravel_index(int(apart.argmax()), apart.shape)
    values = {"gini": words.number(float(pairs[j, h]), DIGITS), "affluence": words.number(float(affluence[j, h]), 2)}
    return words.label("report.disparity.farthest", year=year, one=names[j], other=names[h], **values)


def _tops(m: Material, found: Disparity) -> list[str]:
    return [node.id for node in m.top if node.id in found.measures]


def _widest(m: Material, found: Disparity) -> Label:
    """The top nodes with the widest and the narrowest gap in the last year that all of them have."""
    tops = _tops(m, found)
    year = min(found.years(top)[-1] for top in tops)
    gini = [float(at(found.parts, measure=top, part="total", year=year)[0]) for top in tops]
    most, least = int(np.nanargmax(gini)), int(np.nanargmin(gini))
    values = {"most": found.measures[tops[most]], "least": found.measures[tops[least]]}
    numbers = {"high": words.number(gini[most], DIGITS), "low": words.number(gini[least], DIGITS)}
    return words.label("report.disparity.widest", year=year, kind=m.kind, **values, **numbers)


def _divide(m: Material, found: Disparity) -> Label:
    """Claim C23: the gap between groups in AI nativeness beside that in output, by level and by share."""
    assert found.divide is not None
    assert found.divide_trend is not None
    year = int(found.divide["year"].values[-1])
    gap, trend = at(found.divide, part="between", year=year), at(found.trend, measure=DRIVER, part="between")
    here = [float(at(found.parts, measure=name, part="between", year=year)[0]) for name in (DRIVER, OUTPUT)]
    shares = [float(at(found.parts, measure=name, part="between_share", year=year)[0]) for name in (DRIVER, OUTPUT)]
    values = {"year": year, "driver": found.measures[DRIVER], "output": found.measures[OUTPUT], **_span(gap)}
    values |= {"ours": words.number(here[0], DIGITS), "theirs": words.number(here[1], DIGITS)}
    values |= {"our_share": words.percent(shares[0], 0), "their_share": words.percent(shares[1], 0)}
    key = {"rose": "wider", "fell": "narrower", "level": "alike"}[way(gap)]
    moved = words.label(f"report.disparity.divide_{way(trend)}")
    said = words.label(f"report.disparity.divide_{key}", moved=moved, **values)
    return words.both(lambda locale: words.joined([said.text(locale), _over_years(found).text(locale)], locale))


def _over_years(found: Disparity) -> Label:
    """The same difference as the ledger takes it, the mean over years; empty for a single year."""
    assert found.divide is not None
    years = [int(year) for year in found.divide["year"].values]
    if len(years) < 2:
        return Label("", "")
    mean = float(np.mean([at(found.divide, part="between", year=year)[0] for year in years]))
    return words.label("report.disparity.divide_mean", first=years[0], last=years[-1], mean=words.number(mean, DIGITS))


def _gathered(found: Disparity) -> Label:
    """Claim C10: what the three largest regions hold of each total, and whether any rank-size line turned."""
    clauses, turned = [], []
    for size, name in found.sizes.items():
        told = found.concentrated.sel(size=size)
        seen = [int(y) for y in told["year"].values[np.isfinite(told.sel(figure="leading").values)]]
        ends = [told.sel(year=year) for year in (seen[0], seen[-1])]
        values = {"name": name, "first": seen[0], "last": seen[-1]}
        before, after = (words.percent(float(end.sel(figure="leading")), 0) for end in ends)
        key = "report.disparity.held" if len(seen) > 1 else "report.disparity.holds"
        clauses.append(words.label(key, before=before, after=after, **values))
        steep, error = ([float(end.sel(figure=figure)) for end in ends] for figure in ("exponent", "std_error"))
        if abs(steep[1] - steep[0]) > max(error):
            turned.append(name)
    joined = words.both(lambda locale: ("；" if locale == "zh" else "; ").join(one.text(locale) for one in clauses))
    names = words.both(lambda locale: words.names(turned, locale))
    slopes = words.label("report.disparity.turned", names=names) if turned else words.label("report.disparity.straight")
    return words.label("report.disparity.gathered", clauses=joined, slopes=slopes)
