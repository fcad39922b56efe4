"""Who moves whom: the causal graph of the model, drawn from the equations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from matplotlib.patches import FancyBboxPatch

from zhiyu.report import words
from zhiyu.report.charts import SIZE, WIDTH, canvas, drawn
from zhiyu.report.figures import INK, MUTED, OKABE_ITO, PAPER, Figure
from zhiyu.simulate.graph import Edge, Node, causal
from zhiyu.simulate.told import outcome
from zhiyu.terms import Locale, text

HEIGHT = 6.4  # inches
WIDE, HIGH = 2.6, 2.24  # of the drawing, in units of the layout
BEND = 0.12  # of an arrow, as a share of its length
ALONG = 0.68  # where a logic's number stands, from an arrow's start to its end
Places = Mapping[str, tuple[float, float]]
COLOURS = {1: OKABE_ITO[0], -1: OKABE_ITO[1], 0: MUTED}
DASHES = {"core": "-", "satellite": (0, (4, 2))}
LOGICS = ("dual_wheel", "coevolution", "interaction", "embedding")
LETTERS = dict(zip(LOGICS, "①②③④", strict=True))
NAME = "chart-simulate-causes"


def figure(locale: Locale) -> Figure:
    """Core on the outer ring, satellite on the inner; arrows of the four logics are numbered and drawn thick."""
    graph = causal()
    places = graph.layout()
    title, alt = text("report.chart.simulate_causes", locale), text("report.chart.simulate_causes_alt", locale)
    with canvas(HEIGHT) as (canvas_, axes):
        axes.set_xlim(-WIDE / 2, WIDE / 2)
        axes.set_ylim(-HIGH / 2, HIGH / 2)
        axes.axis("off")
        boxes = {node.id: _box(axes, node, places[node.id], locale) for node in graph.nodes if node.id in places}
        for edge in _told(graph.edges):
            if edge.source in places and edge.target in places:
                _arrow(axes, edge, places, boxes)
        svg = drawn(canvas_, NAME, alt)
    named = [f"{LETTERS[logic]} {text(f'simulate.logic.{logic}', locale)}" for logic in LOGICS]
    key = text("report.note.simulate_causes", locale, logics=words.listed(named, locale))
    return Figure(NAME, title, alt, svg, (key,))


def _told(edges: tuple[Edge, ...]) -> list[Edge]:
    """One arrow where several go the same way in the same layer: the one of a logic, if there is one."""
    found: dict[tuple[object, ...], Edge] = {}
    for edge in sorted(edges, key=lambda edge: not edge.logic):
        found.setdefault((edge.source, edge.target, edge.sign, edge.layer), edge)
    return list(found.values())


def _arrow(axes: Any, edge: Edge, places: Places, boxes: dict[str, Any]) -> None:
    (x, y), (to_x, to_y) = places[edge.source], places[edge.target]
    if edge.source == edge.target:
        if edge.logic:  # from the neighbours' same state
            _mark(axes, edge, (x, y + 0.11))
        return
    thick = 1.8 if edge.logic else 0.8
    how = {"arrowstyle": "-|>", "color": COLOURS[edge.sign], "linewidth": thick, "linestyle": DASHES[edge.layer]}
    how |= {"patchA": boxes[edge.source], "patchB": boxes[edge.target], "shrinkA": 1, "shrinkB": 1}
    how |= {"connectionstyle": f"arc3,rad={BEND}", "mutation_scale": 9}
    axes.annotate("", (to_x, to_y), (x, y), arrowprops=how, zorder=2)
    if edge.logic:
        # on the arrow, a curve that bends to the right of its way, nearer to its head
        corner = ((x + to_x) / 2 + BEND * (to_y - y), (y + to_y) / 2 - BEND * (to_x - x))
        ends = ((1 - ALONG) ** 2, 2 * ALONG * (1 - ALONG), ALONG**2)
        points = zip((x, y), corner, (to_x, to_y), strict=True)
        across, up = (sum(share * at for share, at in zip(ends, axis, strict=True)) for axis in points)
        _mark(axes, edge, (across, up))


def _mark(axes: Any, edge: Edge, at: tuple[float, float]) -> None:
    box = {"boxstyle": "circle,pad=0.05", "facecolor": PAPER, "edgecolor": "none"}
    axes.annotate(LETTERS[edge.logic], at, ha="center", va="center", color=COLOURS[edge.sign], bbox=box, zorder=5)


def _box(axes: Any, node: Node, at: tuple[float, float], locale: Locale) -> Any:
    """The node's name in its box, at which arrows end."""
    lines = words.wrapped(outcome(node.id).text(locale), 16)
    wide = max(_length(line) for line in lines) * WIDE / WIDTH
    high = len(lines) * 1.25 * SIZE / 72 * HIGH / HEIGHT
    box = FancyBboxPatch(
        (at[0] - wide / 2, at[1] - high / 2),
        wide,
        high,
        boxstyle="round,pad=0.018",
        facecolor=PAPER,
        edgecolor=INK if node.layer == "core" else MUTED,
        linewidth=0.8,
        zorder=3,
    )
    axes.add_patch(box)
    axes.annotate("\n".join(lines), at, ha="center", va="center", color=INK, zorder=4)
    return box


def _length(name: str) -> float:
    """About how many inches a name takes."""
    return sum(1.0 if ord(letter) > 0x2E80 else 0.5 for letter in name) * SIZE / 72
