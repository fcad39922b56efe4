"""Productivity in the report: what growth came from, how far the answer hangs on the assumed share, who leads."""

from __future__ import annotations

from functools import partial

import numpy as np

from zhiyu.explain.of.productivity import GRID, Productivity
from zhiyu.report import words
from zhiyu.report.explain import productivity_charts, productivity_tables
from zhiyu.report.explain.question import Question
from zhiyu.report.material import Material
from zhiyu.terms import Label

LEADERS = 5
CLEAR = 0.05  # of a correlation over n regions, two-sided


def question(m: Material) -> Question | None:
    """The whole by period, shares tried, regions and trends; years and the frontier as files; both charts."""
    found: Productivity | None = None if m.evidence is None else m.evidence.productivity
    if found is None:
        return None
    shown = (
        productivity_tables.periods(m, found),
        *([productivity_tables.shares(m, found)] if found.sensitivity.size else []),
        productivity_tables.regions(m, found),
        productivity_tables.trends(m, found),
    )
    files = (productivity_tables.accounts(m, found), productivity_tables.frontier(m, found))
    return Question("productivity", _told(found), shown, files, partial(productivity_charts.figures, m, found))


def points(value: float, digits: int = 1) -> str:
    """A rate in percentage points."""
    return words.number(100.0 * value, digits)


def tried() -> dict[str, str]:
    """The ends of the shares tried."""
    return {"low": f"{GRID[0] / 100:.2f}", "high": f"{GRID[-1] / 100:.2f}"}


def _told(found: Productivity) -> tuple[Label, ...]:
    """Sentences, the first the one to take away: the figure with what it hangs on."""
    first = [_share(found), *_range(found)]
    parts = [words.both(lambda locale: words.joined([part.text(locale) for part in first], locale)), _trend(found)]
    parts += [_leads(found), _fastest(found)]
    parts += [_mirror(found)] if _clear(found.mirror, len(found.regions)) and found.mirror < 0 else []
    parts += [words.label("explain.productivity.doubt", name=n, grade=g, note=w) for n, g, w in found.doubts.values()]
    parts.append(_frontier(found))
    parts += [_beside(found)] if len(found.factors["factor"]) > len(found.inputs) else []
    proxy = words.label("explain.productivity.proxy") if found.proxied else Label("", "")
    residual = words.label("explain.productivity.residual")
    parts.append(words.label("report.productivity.caveat", residual=residual, proxy=_spaced(proxy)))
    return tuple(parts)


def _spaced(said: Label) -> Label:
    return Label(said.zh, f" {said.en}" if said.en else "")


def _share(found: Productivity) -> Label:
    growth, tfp = (float(found.periods.sel(period=found.spans[-1], part=part)) for part in ("growth", "tfp"))
    part = words.percent(tfp / growth if growth > 0 else None, 0)
    values = {"span": found.spans[-1], "growth": points(growth), "tfp": points(tfp), "part": part}
    return words.label("report.productivity.share", **values, shares=productivity_tables.stated(found))


def _range(found: Productivity) -> list[Label]:
    share = found.sensitivity.sel(figure="share").values
    if not share.size or not np.isfinite(share).all():
        return []
    values = {"most": words.percent(share.max(), 0), "least": words.percent(share.min(), 0), **tried()}
    key = "report.productivity.range" if share[0] > share[-1] else "report.productivity.range_up"
    told = [words.label(key, input=_input(found), **values)]
    even = found.break_even
    inside = np.isfinite(even) and 0 < even < 1
    return [*told, words.label("report.productivity.break_even", share=words.number(even, 2))] if inside else told


def _input(found: Productivity) -> Label:
    """The input whose share is varied."""
    return found.labels[next(iter(found.inputs))]


def _trend(found: Productivity) -> Label:
    """Productivity's part by period, its trend with interval, and what the first input added meanwhile."""
    spans = found.spans[:-1] or found.spans
    tfp = [(span, points(float(found.periods.sel(period=span, part="tfp")))) for span in spans]
    listed = [words.label("report.productivity.period", span=span, value=value) for span, value in tfp]
    slope, low, high = (float(found.trend.sel(part="tfp", figure=figure)) for figure in ("slope", "low", "high"))
    way = "rose" if low > 0 else "fell" if high < 0 else "level"
    values = {"value": words.signed(100 * slope, 2), "low": points(low, 2), "high": points(high, 2)}
    periods = words.both(lambda locale: words.names(listed, locale))
    told = [words.label(f"report.productivity.trend_{way}", periods=periods, **values)]
    if len(spans) > 1:
        name = next(iter(found.inputs))
        ends = [points(float(found.periods.sel(period=span, part=name))) for span in (spans[0], spans[-1])]
        told.append(words.label("report.productivity.slowing", input=_input(found), before=ends[0], after=ends[1]))
    rises = found.by_region.sel(period=found.spans[-1], part="tfp").values > 0
    told.append(words.label("report.productivity.rose_in", number=int(rises.sum()), total=len(rises)))
    return words.both(lambda locale: words.joined([part.text(locale) for part in told], locale))


def _leads(found: Productivity) -> Label:
    ranks = found.ranks.sel(kind="level")
    codes = list(found.regions)
    order = np.argsort(ranks.sel(bound="estimate").values, kind="stable")[: min(LEADERS, max(1, len(codes) // 3))]
    names = words.both(lambda locale: words.names([found.regions[codes[i]] for i in order], locale))
    best, worst = ranks.sel(bound="best").values[order].min(), ranks.sel(bound="worst").values[order].max()
    values = {"year": found.years[-1], "leaders": names, "best": f"{best:g}", "worst": f"{worst:g}"}
    return words.label("report.productivity.leads", input=_input(found), **values, **tried())


def _fastest(found: Productivity) -> Label:
    """Who grew fastest, beside its own and the mean growth of the first input."""
    ranks, whole = found.ranks.sel(kind="growth"), found.by_region.sel(period=found.spans[-1])
    i = int(np.argmin(ranks.sel(bound="estimate").values))
    best, worst = (f"{float(ranks.sel(bound=bound)[i]):g}" for bound in ("best", "worst"))
    name = next(iter(found.inputs))
    rate = found.input_growth
    values = {"tfp": points(float(whole.sel(part="tfp")[i])), "best": best, "worst": worst}
    values |= {"capital": points(float(rate[i])), "mean": points(float(rate.mean()))}
    code = list(found.regions)[i]
    return words.label("report.productivity.fastest", name=found.regions[code], input=found.labels[name], **values)


def _clear(correlation: float, n: int) -> bool:
    """Whether a correlation over n regions is beyond chance, taken as independent."""
    from scipy.special import stdtr

    if not np.isfinite(correlation) or n < 4 or abs(correlation) >= 1:
        return False
    t = abs(correlation) * np.sqrt((n - 2) / (1 - correlation**2))
    return bool(2 * stdtr(n - 2, -t) < CLEAR)


def _mirror(found: Productivity) -> Label:
    value = words.number(found.mirror, 2)
    return words.label("report.productivity.mirror_clear", input=_input(found), value=value)


def _frontier(found: Productivity) -> Label:
    """The Malmquist index beside the index number, and whether one input settles most scores."""
    mean = found.frontier_growth
    tfp = float(found.periods.sel(period=found.spans[-1], part="tfp"))
    key = "rose" if (mean["index"] > 0) == (tfp > 0) else "fell"
    values = {"index": mean["index"], "catching": mean["efficiency_change"], "moving": mean["technical_change"]}
    shown = {name: words.signed(100 * value, 1) for name, value in values.items()}
    told = [words.label(f"report.productivity.frontier_{key}", **shown)]
    last = found.alone.isel(year=-1)
    number, total = int(last.max()), len(found.regions)
    if 2 * number > total:
        name = found.labels[str(last["input"].values[int(last.values.argmax())])]
        said = {"year": found.years[-1], "total": total, "number": number, "input": name}
        told.append(words.label("report.productivity.alone", **said))
    return words.both(lambda locale: words.joined([part.text(locale) for part in told], locale))


def _beside(found: Productivity) -> Label:
    names = [str(name) for name in found.factors["factor"].values if name not in found.inputs]
    rates = [(found.labels[n], points(float(found.factors.sel(period=found.spans[-1], factor=n)))) for n in names]
    listed = [words.label("report.productivity.beside_one", name=name, value=value) for name, value in rates]
    return words.label("report.productivity.beside", factors=words.both(lambda locale: words.names(listed, locale)))
