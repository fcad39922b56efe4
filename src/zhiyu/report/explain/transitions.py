"""How regions move on the five levels: up against down, where they stay, how long to the top, and who stands beside."""

from __future__ import annotations

import math

import numpy as np

from zhiyu.explain.mobility import sign
from zhiyu.explain.of.transitions import StageChain, Transitions
from zhiyu.report import words
from zhiyu.report.explain import transitions_figures as figures
from zhiyu.report.explain.question import Question
from zhiyu.report.material import Material
from zhiyu.report.tables import Cell, Table, column
from zhiyu.terms import Label

CLEAR = 0.05


def question(m: Material) -> Question | None:
    """The room of the five levels; None where no region was seen on a level in two successive years."""
    found: Transitions | None = None if m.evidence is None else m.evidence.transitions
    if found is None:
        return None
    told = (_climb(m, found), _stuck(m, found), _time(found), _beside(found), _scales(m, found))
    return Question(
        "transitions",
        tuple(sentence for sentence in told if sentence is not None),
        (matrix(m, found), scales(m, found)),
        (cells(m, found), beside(m, found)),
        lambda locale: (figures.heat(m, found, locale), figures.shares(m, found, locale)),
    )


def p_value(p: float) -> str:
    """`= 0.032`, and `< 0.001` below that."""
    return "< 0.001" if p < 0.001 else f"= {words.number(p, 3)}"


def _climb(m: Material, found: Transitions) -> Label:
    root, number = found.root, int(found.root.markov.counts.sum())
    if not root.moves.up + root.moves.down:
        return words.label("report.transitions.still", name=root.label, number=number)
    clear = root.moves.p < CLEAR
    way = ("climb" if root.moves.share > 0.5 else "slip") if clear else "even"
    counted = {"up": root.moves.up, "down": root.moves.down, "number": number, "name": root.label}
    regions = {"rose": root.regions.up, "fell": root.regions.down, "regions": _judged(found)}
    caveat = words.label(f"report.transitions.{'shared' if m.comparable else 'relative'}")
    return words.label(f"report.transitions.{way}", caveat=caveat, **counted, **regions, **_interval(found))


def _interval(found: Transitions) -> dict[str, object]:
    moved = found.root.moves
    ends = {name: words.percent(getattr(moved, name), 0) for name in ("share", "low", "high")}
    return {**ends, "level": words.percent(found.level, 0)}


def _judged(found: Transitions) -> int:
    moved = found.root.regions
    return moved.up + moved.down + moved.stay


def _stuck(m: Material, found: Transitions) -> Label | None:
    """The level below the top that is least often left upward, among those from which anybody was seen to step."""
    counts = found.root.markov.counts
    left, up = counts.sum(axis=1)[:-1], np.triu(counts, 1).sum(axis=1)[:-1]
    if not left.any():
        return None
    share = np.divide(up, left, out=np.full(len(left), np.inf), where=left > 0)
    worst = int(share.argmin())
    ends = sign(int(up[worst]), int(left[worst] - up[worst]), level=found.level)
    told = words.label(
        "report.transitions.stuck",
        rung=worst + 1,
        up=int(up[worst]),
        left=int(left[worst]),
        share=words.percent(float(share[worst]), 0),
        low=words.percent(ends.low, 0),
        high=words.percent(ends.high, 0),
        level=words.percent(found.level, 0),
        years=_years(float(found.root.markov.sojourn[worst]) * found.step),
    )
    return words.both(lambda locale: words.joined([told.text(locale), _wide(m, worst).text(locale)], locale))


def _wide(m: Material, worst: int) -> Label:
    """That a level is hard to leave for being wide, where it is the widest below the top; the lowest has no lower end
    but the least score seen."""
    root = m.root.id
    least = float(np.nanmin(m.score(m.root)[m.judged]))
    wide = np.diff([least, *m.index.thresholds.sel(node=root).values])
    if not np.isfinite(wide).all() or int(wide.argmax()) != worst:
        return Label("", "")
    narrow = int(wide.argmin())
    values = {"wide": words.number(float(wide[worst]), m.digits), "narrow": words.number(float(wide[narrow]), m.digits)}
    return words.label("report.transitions.wide", other=narrow + 1, **values)


def _time(found: Transitions) -> Label | None:
    """Years to the top from the lowest level and from the one below the top; what the projection rests on."""
    top = found.root.to_top
    known = np.flatnonzero(~np.isnan(top.steps))
    if not len(known):
        return None
    first, last = int(known[0]), int(known[-1])
    halves = found.root.halves
    rests = "untested" if math.isnan(halves.lr_p) else "changed" if halves.lr_p < CLEAR else "steady"
    projection = words.label(f"report.transitions.{rests}", p=p_value(halves.lr_p))
    values = {"top": found.stages, "level": words.percent(found.level, 0), "rests": projection}
    if not np.isfinite(top.steps[first]):
        return words.label("report.transitions.no_way", rung=first + 1, **values)
    low, high = _years(float(top.low[first])), _years(float(top.high[first]))
    near = {"near": last + 1, "near_years": _years(float(top.steps[last]))}
    years = _years(float(top.steps[first]))
    return words.label("report.transitions.time", rung=first + 1, years=years, low=low, high=high, **near, **values)


def _years(value: float) -> Label:
    return words.label("report.transitions.unbounded") if math.isinf(value) else _plain(words.number(value, 1))


def _plain(word: str) -> Label:
    return Label(word, word)


def _beside(found: Transitions) -> Label | None:
    root = found.root
    if root.neighbours is None or root.neighbours.lr_permuted is None or root.neighbours_q is None:
        return None
    p, q = root.neighbours.lr_permuted, root.neighbours_q
    way = "beside_clear" if q < CLEAR else "beside_weak" if p < CLEAR else "beside_none"
    steps, up, expected = root.neighbours.beside[2]
    values = {"steps": int(steps), "up": int(up), "expected": words.number(float(expected), 1)}
    tests = {"p": p_value(p), "q": p_value(q), "number": len(found.chains)}
    return words.label(f"report.transitions.{way}", **values, **tests)


def _scales(m: Material, found: Transitions) -> Label | None:
    """The top nodes with the shortest and the longest way up, and those where up and down are even."""
    below = [chain for chain in found.chains[1:] if np.isfinite(chain.to_top.steps[0])]
    even = [chain.label for chain in found.chains[1:] if not chain.moves.p < CLEAR]
    if len(below) < 2:
        return None
    fast, slow = (end(below, key=lambda chain: float(chain.to_top.steps[0])) for end in (min, max))
    named: dict[str, object] = {"kind": m.kind, "level": words.percent(found.level, 0)}
    for name, chain in (("fast", fast), ("slow", slow)):
        named |= {
            name: chain.label,
            f"{name}_years": words.number(float(chain.to_top.steps[0]), 1),
            f"{name}_low": _years(float(chain.to_top.low[0])),
            f"{name}_high": _years(float(chain.to_top.high[0])),
        }
    told = words.label("report.transitions.scales", **named)
    if not even:
        return told
    flat = words.both(lambda locale: words.names(even, locale))
    more = words.label("report.transitions.scales_even", names=flat)
    return words.both(lambda locale: words.joined([told.text(locale), more.text(locale)], locale))


def matrix(m: Material, found: Transitions) -> Table:
    """Of the root: the share of steps from each level to each, how often it was left, and years to the top."""
    markov, top, k = found.root.markov, found.root.to_top, found.stages
    columns = (
        column("from_level", "integer", head=True),
        column("steps", "integer"),
        *[column(f"to_{j}", "percent", 0, label=_to(j)) for j in range(1, k + 1)],
        *[column(f"count_{j}", "integer", shown=False, label=_to(j)) for j in range(1, k + 1)],
        column("years_of_stay", "number"),
        column("years_to_top", "number"),
        column("years_low", "number"),
        column("years_high", "number"),
    )
    rows: list[tuple[Cell, ...]] = []
    for i in range(k):
        times = [_finite(end[i]) if i < k - 1 else None for end in (top.steps, top.low, top.high)]
        counted = [int(n) for n in markov.counts[i]]
        stay = _finite(markov.sojourn[i] * found.step)
        rows.append((i + 1, sum(counted), *[_finite(p) for p in markov.probabilities[i]], *counted, stay, *times))
    notes = (_note(found), *m.coverage)
    title = words.label("report.table.transitions_matrix", name=found.root.label)
    return Table("transitions_matrix", title, columns, tuple(rows), notes)


def _to(level: int) -> Label:
    return words.label("report.column.to_level", level=level)


def _note(found: Transitions) -> Label:
    values = {"step": found.step, "level": words.percent(found.level, 0), "draws": found.draws}
    return words.label("report.note.transitions_matrix", **values)


def scales(m: Material, found: Transitions) -> Table:
    """A row a scale: moves, regions, mobility, years to the top, and the two tests."""
    columns = (
        column("node", shown=False),
        column("node_name", "label", head=True),
        column("moves_up", "integer"),
        column("moves_down", "integer"),
        column("share_up", "percent", 0),
        column("regions_up", "integer"),
        column("regions_down", "integer"),
        column("mobility", "number", 2),
        column("mobility_error", "number", 3, shown=False),
        column("years_to_top", "number"),
        column("years_low", "number"),
        column("years_high", "number"),
        column("sign_p", "number", 3, shown=False),
        column("halves_p", "number", 3),
        column("neighbours_p", "number", 3, shown=False),
        column("neighbours_q", "number", 3),
    )
    rows = tuple(_scale(chain) for chain in found.chains)
    values = {"permutations": found.permutations, "level": words.percent(found.level, 0), "top": found.stages}
    notes = (words.label("report.note.transitions_scales", **values), *m.coverage)
    return Table("transitions_scales", words.label("report.table.transitions_scales"), columns, rows, notes)


def _scale(chain: StageChain) -> tuple[Cell, ...]:
    moved, top, mobile = chain.moves, chain.to_top, chain.mobility
    p = None if chain.neighbours is None else chain.neighbours.lr_permuted
    return (
        *(chain.node, words.heading(chain.label), moved.up, moved.down, moved.share),
        *(chain.regions.up, chain.regions.down, mobile.shorrocks, mobile.shorrocks_error),
        *(_finite(end[0]) for end in (top.steps, top.low, top.high)),
        *(moved.p, chain.halves.lr_p, p, chain.neighbours_q),
    )


def cells(m: Material, found: Transitions) -> Table:
    """Every cell of every matrix."""
    columns = (
        column("node"),
        column("node_name", "label"),
        column("from_level", "integer"),
        column("to_level_number", "integer"),
        column("transitions_counted", "integer"),
        column("probability", "number", 3),
        column("std_error", "number", 3),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            *(chain.node, chain.label, i + 1, j + 1, int(chain.markov.counts[i, j])),
            *(_finite(chain.markov.probabilities[i, j]), _finite(chain.markov.standard_errors[i, j])),
        )
        for chain in found.chains
        for i in range(found.stages)
        for j in range(found.stages)
    ]
    title = words.label("report.table.transitions_cells")
    return Table("transitions_cells", title, columns, tuple(rows), m.coverage)


def beside(m: Material, found: Transitions) -> Table:
    """Steps up by whether the neighbours stood below, level with or above the region; no rows without weights."""
    columns = (
        column("node"),
        column("node_name", "label"),
        column("neighbours_stand", "label"),
        column("steps", "integer"),
        column("moves_up", "integer"),
        column("moves_up_expected", "number", 1),
    )
    rows: list[tuple[Cell, ...]] = [
        (chain.node, chain.label, words.label(f"report.transitions.{side}"), int(steps), int(up), float(expected))
        for chain in found.chains
        if chain.neighbours is not None
        for side, (steps, up, expected) in zip(("lower", "same", "higher"), chain.neighbours.beside, strict=True)
    ]
    title = words.label("report.table.transitions_neighbours")
    return Table("transitions_neighbours", title, columns, tuple(rows), m.coverage)


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
