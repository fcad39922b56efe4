"""Findings about a panel: small named checks, each with its place, what is odd, and what to do about it.

A check never changes anything. Errors stop a sound result, warnings cast doubt on one, notes are good to know.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from zhiyu.data.panel import Panel
from zhiyu.terms import Label, Locale, Message, Place, text

Severity = Literal["error", "warning", "note"]
FEW = 5  # findings of a kind that are told one by one
NAMED = 3  # places named of those that are not


@dataclass(frozen=True)
class Finding:
    """One thing found: the check's name, how grave it is, and the sentence with its place."""

    check: str
    severity: Severity
    message: Message


CHECKS: dict[str, tuple[Severity, Callable[[Panel], Iterator[Message]]]] = {}

Body = Callable[[Panel], Iterator[tuple[Place, dict[str, object]]]]


def finding(severity: Severity) -> Callable[[Body], Body]:
    """Register a check under its function's name; it yields a place and values for the catalogue's `check.NAME`."""

    def register(body: Body) -> Body:
        name = body.__name__

        def messages(panel: Panel) -> Iterator[Message]:
            for place, values in body(panel):
                yield Message(f"check.{name}", place, values)

        CHECKS[name] = (severity, messages)
        return body

    return register


def check(panel: Panel) -> list[Finding]:
    """All findings, errors first, in the order of the checks."""
    found = [Finding(name, severity, m) for name, (severity, run) in CHECKS.items() for m in run(panel)]
    return by_severity(found)


def told(found: Iterable[Finding], locale: Locale, every: bool = False) -> list[str]:
    """Findings as text, in their order: of a kind with many, unless `every` is asked for, one and how many others."""
    kinds: dict[tuple[Severity, str], list[Finding]] = {}
    for one in found:
        kinds.setdefault((one.severity, one.check), []).append(one)
    lines = []
    for (severity, _), same in kinds.items():
        shown = same if every or len(same) <= FEW else same[:1]
        lines += [f"{text(f'severity.{severity}', locale)} {one.message.text(locale)}" for one in shown]
        if len(shown) < len(same):
            places = [one.message.place.text(locale) for one in same[1 : NAMED + 1]]
            named = ("；" if locale == "zh" else "; ").join(place for place in places if place)
            key = "cli.check_more" if named else "cli.check_more_nowhere"
            lines[-1] += "\n" + text(key, locale, number=len(same) - 1, places=named)
    return lines


def by_severity(found: Iterable[Finding]) -> list[Finding]:
    """Errors first, then warnings, then notes; otherwise as they come."""
    return sorted(found, key=lambda finding: ("error", "warning", "note").index(finding.severity))


def _of(panel: Panel, name: str, i: int | None = None, t: int | None = None) -> Place:
    region = None if i is None else panel.regions.label(panel.codes[i])
    return Place(column=name, region=region, year=None if t is None else panel.years[t])


def _cells(panel: Panel) -> Iterator[tuple[str, np.ndarray]]:
    for name in panel.names:
        yield name, panel.values(name)


@finding("error")
def variable_empty(panel: Panel) -> Iterator[tuple[Place, dict[str, object]]]:
    """No observation at all."""
    for name, x in _cells(panel):
        if not np.isfinite(x).any():
            yield _of(panel, name), {}


@finding("error")
def share_outside(panel: Panel) -> Iterator[tuple[Place, dict[str, object]]]:
    """A share below 0 or above 1."""
    for name, x in _cells(panel):
        if panel.variables[name].unit == "share":
            for i, t in np.argwhere((x < 0) | (x > 1)):
                yield _of(panel, name, i, t), {"value": f"{x[i, t]:g}"}


@finding("error")
def negative_count(panel: Panel) -> Iterator[tuple[Place, dict[str, object]]]:
    """A count or a number of people below zero."""
    for name, x in _cells(panel):
        counted = panel.variables[name].unit.partition("/")[0]  # income a head may well be below zero
        if any(word in counted for word in ("count", "person", "人", "件", "个")):
            for i, t in np.argwhere(x < 0):
                yield _of(panel, name, i, t), {"value": f"{x[i, t]:g}"}


@finding("error")
def regions_identical(panel: Panel) -> Iterator[tuple[Place, dict[str, object]]]:
    """Two regions with the same numbers throughout: a row copied under another name."""
    stacked = np.concatenate([x for _, x in _cells(panel)], axis=1)
    seen: dict[bytes, int] = {}
    for i, row in enumerate(stacked):
        first = seen.setdefault(np.nan_to_num(row, nan=-1.25e300).tobytes(), i)
        if first != i and np.isfinite(row).any():
            yield Place(region=panel.regions.label(panel.codes[i])), {"other": panel.regions.label(panel.codes[first])}


@finding("warning")
def regions_absent(panel: Panel) -> Iterator[tuple[Place, dict[str, object]]]:
    """A region that has no observation at all."""
    stacked = np.concatenate([x for _, x in _cells(panel)], axis=1)
    for i in np.flatnonzero(~np.isfinite(stacked).any(axis=1)):
        yield Place(region=panel.regions.label(panel.codes[i])), {}


@finding("warning")
def years_missing(panel: Panel) -> Iterator[tuple[Place, dict[str, object]]]:
    """A hole in the row of years."""
    for year in sorted(set(range(panel.years[0], panel.years[-1])) - set(panel.years)):
        yield Place(year=year), {}


@finding("warning")
def variable_constant(panel: Panel) -> Iterator[tuple[Place, dict[str, object]]]:
    """The same value everywhere and always."""
    for name, x in _cells(panel):
        seen = x[np.isfinite(x)]
        if len(seen) > 1 and seen.min() == seen.max():
            yield _of(panel, name), {"value": f"{seen[0]:g}"}


@finding("warning")
def variables_identical(panel: Panel) -> Iterator[tuple[Place, dict[str, object]]]:
    """Two columns with the same numbers: one fact counted twice."""
    seen: dict[bytes, str] = {}
    for name, x in _cells(panel):
        first = seen.setdefault(np.nan_to_num(x, nan=-1.25e300).tobytes(), name)
        if first != name and np.isfinite(x).any():
            yield _of(panel, name), {"other": first}


@finding("warning")
def unit_slip(panel: Panel) -> Iterator[tuple[Place, dict[str, object]]]:
    """A cell a hundred or ten thousand times its neighbours in time: 万 for 亿, per cent for a fraction."""
    for name, x in _cells(panel):
        with np.errstate(divide="ignore", invalid="ignore"):
            before, after = np.abs(x[:, 1:-1] / x[:, :-2]), np.abs(x[:, 1:-1] / x[:, 2:])
            steps = np.stack([np.log(before), np.log(after)])
        for size in (100.0, 10_000.0):
            above = (np.abs(steps - np.log(size)) < 0.35).all(axis=0)
            below = (np.abs(steps + np.log(size)) < 0.35).all(axis=0)
            for i, t in np.argwhere(above | below):
                yield _of(panel, name, i, t + 1), {"value": f"{x[i, t + 1]:g}", "size": f"{size:g}"}


@finding("warning")
def spike(panel: Panel) -> Iterator[tuple[Place, dict[str, object]]]:
    """A V in time: a cell at least 2.2 times, or at most 1/2.2 of, both its neighbours."""
    for name, x in _cells(panel):
        with np.errstate(divide="ignore", invalid="ignore"):
            up, down = x[:, 1:-1] / x[:, :-2], x[:, 1:-1] / x[:, 2:]
        high, low = (up > 2.2) & (down > 2.2), (up < 1 / 2.2) & (down < 1 / 2.2) & (up > 0) & (down > 0)
        for i, t in np.argwhere((high | low) & np.isfinite(up) & np.isfinite(down)):
            around: dict[str, object] = {
                "value": f"{x[i, t + 1]:g}",
                "before": f"{x[i, t]:g}",
                "after": f"{x[i, t + 2]:g}",
            }
            yield _of(panel, name, i, t + 1), around


@finding("warning")
def level_break(panel: Panel) -> Iterator[tuple[Place, dict[str, object]]]:
    """All regions jump together: the median growth of one year lies far from the other years' (a new price base)."""
    for name, x in _cells(panel):
        if x.shape[1] < 5 or not (x[np.isfinite(x)] > 0).all():
            continue
        steps = np.diff(np.log(x), axis=1)
        full = np.isfinite(steps).mean(axis=0) > 0.8
        if full.sum() < 4:
            continue
        growth = np.where(full, np.nanmedian(np.where(full, steps, 0.0), axis=0), np.nan)
        usual = np.nanmedian(growth)
        spread = np.nanmedian(np.abs(growth - usual)) + 0.02
        for t in np.flatnonzero(np.abs(growth - usual) > np.maximum(0.4, 8 * spread)):
            yield _of(panel, name, None, int(t) + 1), {"change": f"{np.expm1(growth[t]):+.0%}"}


@finding("warning")
def carried_forward(panel: Panel) -> Iterator[tuple[Place, dict[str, object]]]:
    """A series that repeats one value for three years or more where others move: filled by hand."""
    for name, x in _cells(panel):
        same = (x[:, 2:] == x[:, 1:-1]) & (x[:, 1:-1] == x[:, :-2]) & (x[:, 2:] != 0)
        if same.any() and same.any(axis=1).mean() < 0.5:
            for i in np.flatnonzero(same.any(axis=1)):
                t = int(np.flatnonzero(same[i])[0]) + 2
                yield _of(panel, name, int(i), t), {"value": f"{x[i, t]:g}"}


@finding("warning")
def percent_or_share(panel: Panel) -> Iterator[tuple[Place, dict[str, object]]]:
    """Said to be per cent, yet never above 1: probably a fraction."""
    for name, x in _cells(panel):
        seen = x[np.isfinite(x)]
        if panel.variables[name].unit in ("%", "％") and len(seen) and 0 < np.abs(seen).max() <= 1.0:
            yield _of(panel, name), {"value": f"{np.abs(seen).max():g}"}


@finding("warning")
def order_of_rank(panel: Panel) -> Iterator[tuple[Place, dict[str, object]]]:
    """The ranking of regions turns round from one year to the next: rows out of order, or years reversed."""
    for name, x in _cells(panel):
        for t in range(1, x.shape[1]):
            both = np.isfinite(x[:, t]) & np.isfinite(x[:, t - 1])
            if both.sum() >= 8 and np.ptp(x[both, t]) > 0 and np.ptp(x[both, t - 1]) > 0:
                a, b = (np.argsort(np.argsort(x[both, k])) for k in (t - 1, t))
                agreement = float(np.corrcoef(a, b)[0, 1])
                if agreement < 0.2:
                    yield _of(panel, name, None, t), {"agreement": f"{agreement:.2f}"}


@finding("warning")
def coupling_wrong(panel: Panel) -> Iterator[tuple[Place, dict[str, object]]]:
    """A coupling degree of m systems that crowds below 1 / m: the formula printed without its factor m."""
    for name, seen in _coupling_degrees(panel):
        for m in (2, 3, 4):
            if seen.max() <= 1 / m + 1e-9 and np.median(seen) >= 0.8 / m:
                yield _of(panel, name), {"cap": f"{1 / m:.3g}", "number": m}


def _coupling_degrees(panel: Panel) -> Iterator[tuple[str, np.ndarray]]:
    """Columns of at least eight values whose name or label says that they are a coupling degree."""
    for name, x in _cells(panel):
        said = f"{name} {panel.variables[name].label.zh} {panel.variables[name].label.en}".lower().replace("_", " ")
        seen = x[np.isfinite(x)]
        if ("耦合度" in said or "coupling degree" in said) and len(seen) >= 8 and seen.min() >= 0:
            yield name, seen


@finding("note")
def gaps_at_ends(panel: Panel) -> Iterator[tuple[Place, dict[str, object]]]:
    """Regions whose series begins late or ends early: nothing is extrapolated."""
    for name, x in _cells(panel):
        seen = np.isfinite(x)
        years = seen.any(axis=0)
        if not years.any() or seen.all():
            continue
        first, last = np.flatnonzero(years)[[0, -1]]
        short = [i for i in range(len(x)) if not (seen[i, first] and seen[i, last])]
        if short:
            codes = [panel.codes[i] for i in short]
            names = Label(panel.regions.names(codes, "zh"), panel.regions.names(codes, "en"))
            yield _of(panel, name), {"number": len(short), "regions": names}


@finding("note")
def variable_short(panel: Panel) -> Iterator[tuple[Place, dict[str, object]]]:
    """A variable that covers only some of the years."""
    for name, x in _cells(panel):
        years = np.flatnonzero(np.isfinite(x).any(axis=0))
        if 0 < len(years) < x.shape[1]:
            yield _of(panel, name), {"years": len(years), "of": x.shape[1], "first": panel.years[years[0]]}


@finding("note")
def gaps_filled(panel: Panel) -> Iterator[tuple[Place, dict[str, object]]]:
    """Cells that a repair changed."""
    for name in dict.fromkeys(change.variable for change in panel.changes):
        changed = [change for change in panel.changes if change.variable == name]
        yield _of(panel, name), {"number": len(changed), "rule": ", ".join(dict.fromkeys(c.rule for c in changed))}


@finding("note")
def unit_unknown(panel: Panel) -> Iterator[tuple[Place, dict[str, object]]]:
    """No unit stated, so none can be checked."""
    for name in panel.names:
        if not panel.variables[name].unit:
            yield _of(panel, name), {}


@finding("note")
def source_unknown(panel: Panel) -> Iterator[tuple[Place, dict[str, object]]]:
    """No source stated."""
    for name in panel.names:
        if not panel.variables[name].source.en and not panel.variables[name].source.zh:
            yield _of(panel, name), {}


@finding("note")
def quality_low(panel: Panel) -> Iterator[tuple[Place, dict[str, object]]]:
    """Quality C: compiled, repaired or unclear at the source."""
    for name in panel.names:
        if panel.variables[name].quality == "C":
            yield _of(panel, name), {}


@finding("note")
def column_ignored(panel: Panel) -> Iterator[tuple[Place, dict[str, object]]]:
    """Text columns and footnote rows that were left out."""
    for file, what in panel.ignored:
        place = Place(file=file, row=int(what[1:])) if what.startswith("#") else Place(file=file, column=what)
        yield place, {}


@finding("note")
def few_observations(panel: Panel) -> Iterator[tuple[Place, dict[str, object]]]:
    """Too few region-years for data-driven weights to mean much."""
    number = len(panel.codes) * len(panel.years)
    if number < 30:
        yield Place(), {"number": number}


@finding("note")
def coupling_crowded(panel: Panel) -> Iterator[tuple[Place, dict[str, object]]]:
    """A coupling degree of which three values in four are 0.9 or more, and none above 1."""
    for name, seen in _coupling_degrees(panel):
        if np.quantile(seen, 0.25) >= 0.9 and seen.max() <= 1:
            yield _of(panel, name), {"value": f"{np.quantile(seen, 0.25):.2f}"}
