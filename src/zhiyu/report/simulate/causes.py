"""Who moves whom: the causal graph of the model, drawn from the equations."""

from __future__ import annotations

from typing import Any

from zhiyu.report import words
from zhiyu.report.charts import canvas, drawn
from zhiyu.report.figures import INK, LINE, MUTED, OKABE_ITO, PAPER, Figure
from zhiyu.simulate.graph import Edge, Node, causal
from zhiyu.simulate.told import outcome
from zhiyu.terms import Locale, text

HEIGHT = 6.4  # inches
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
        axes.set_xlim(-1.3, 1.3)
        axes.set_ylim(-1.12, 1.12)
        axes.axis("off")
        for edge in graph.edges:
            if edge.source in places and edge.target in places:
                _arrow(axes, edge, places)
        for node in graph.nodes:
            if node.id in places:
                _box(axes, node, places[node.id], locale)
        svg = drawn(canvas_, NAME, alt)
    named = [f"{LETTERS[logic]} {text(f'simulate.logic.{logic}', locale)}" for logic in LOGICS]
    key = text("report.note.simulate_causes", locale, logics=words.listed(named, locale))
    return Figure(NAME, title, alt, svg, (key,))


def _arrow(axes: Any, edge: Edge, places: Any) -> None:
    (x, y), (to_x, to_y) = places[edge.source], places[edge.target]
    if edge.source == edge.target:
        if edge.logic:  # from the neighbours' same state
            axes.annotate(LETTERS[edge.logic], (x * 1.0, y + 0.085), ha="center", color=COLOURS[edge.sign])
        return
    thick = 1.8 if edge.logic else 0.8
    how = {"arrowstyle": "-|>", "color": COLOURS[edge.sign], "linewidth": thick, "linestyle": DASHES[edge.layer]}
    how |= {"shrinkA": 14, "shrinkB": 14, "connectionstyle": "arc3,rad=0.12", "mutation_scale": 9}
    axes.annotate("", (to_x, to_y), (x, y), arrowprops=how)
    if edge.logic:
        # beside the arrow's middle, which bends to the right of its way
        middle = ((x + to_x) / 2 + 0.06 * (to_y - y), (y + to_y) / 2 - 0.06 * (to_x - x))
        axes.annotate(LETTERS[edge.logic], middle, ha="center", va="center", color=INK, zorder=4)


def _box(axes: Any, node: Node, at: tuple[float, float], locale: Locale) -> None:
    edge = INK if node.layer == "core" else LINE
    box = {"boxstyle": "round,pad=0.3", "facecolor": PAPER, "edgecolor": edge, "linewidth": 0.8}
    name = "\n".join(words.wrapped(outcome(node.id).text(locale), 16))
    axes.annotate(name, at, ha="center", va="center", color=INK, bbox=box, zorder=3)
