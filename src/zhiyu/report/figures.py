"""Figure: a drawing as inline SVG with its title, its words for those who cannot see it, and the page's colours."""

from __future__ import annotations

import re
from dataclasses import dataclass

from markupsafe import Markup, escape

OKABE_ITO = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
MARKERS = ("o", "s", "^", "D", "v", "P")
MAP_CLASSES = 7
INK, MUTED, LINE, ACCENT, PAPER = "#010203", "#040506", "#070809", "#0a0b0c", "#0d0e0f"  # stand for the page's colours
THEME = {INK: "var(--ink)", MUTED: "var(--muted)", LINE: "var(--line)", ACCENT: "var(--accent)", PAPER: "var(--paper)"}
THEME |= {colour: f"var(--s{k})" for k, colour in enumerate(OKABE_ITO)}  # lighter shades of the same hues in the dark


@dataclass(frozen=True)
class Figure:
    """A drawing in one language. `alt` says what a reader sees in it."""

    id: str
    title: str
    alt: str
    svg: Markup
    notes: tuple[str, ...] = ()


def opening(name: str, alt: str, width: float, height: float, kind: str) -> Markup:
    """The beginning of an SVG that is one image with a name."""
    return Markup(
        '<svg id="{0}" class="{1}" role="img" aria-label="{2}" viewBox="0 0 {3:g} {4:g}" '
        'xmlns="http://www.w3.org/2000/svg"><title>{2}</title>'
    ).format(name, kind, escape(alt), width, height)


def lean(svg: str) -> str:
    """The same drawing in fewer bytes: places to a thousandth of a point, a style that all marks of a group share once.

    A scatter of hundreds of regions over years would otherwise be most of a page.
    """
    short = re.sub(r'\b(?:d|x|y)="[^"]*"', lambda found: re.sub(r"(\.\d{3})\d+", r"\1", found[0]), svg)
    return re.sub(r"(<g [^>]*)>((?:\s*<use [^>]*/>)+)", _shared, short)


def _shared(found: re.Match[str]) -> str:
    styles = set(re.findall(r' style="[^"]*"', found[2]))
    if len(styles) != 1 or " style=" in found[1] or found[2].count(" style=") != found[2].count("<use "):
        return found[0]
    style = styles.pop()
    return f"{found[1]}{style}>{found[2].replace(style, '')}"


def embedded(svg: str, name: str, alt: str) -> Markup:
    """A matplotlib SVG made fit to stand in a page: no prologue, ids of its own, page colours, a name.

    Several drawings in one page would otherwise share ids such as `patch_1`, and a clip path would cut the wrong one.
    """
    body = svg[svg.index("<svg") :]
    body = re.sub(r"<metadata>.*?</metadata>", "", body, flags=re.DOTALL)
    body = re.sub(r'\bid="([^"]+)"', rf'id="{name}-\1"', body)
    body = re.sub(r'(href=")#', rf"\1#{name}-", body)
    body = re.sub(r"url\(#", f"url(#{name}-", body)
    body = lean(body)
    for stand_in, colour in THEME.items():
        body = body.replace(stand_in, colour)
    box = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', body)
    assert box is not None
    inner = body[body.index(">") + 1 :]
    inner = re.sub(r"\s*\n\s*", "\n", inner)
    head = opening(name, alt, float(box[1]), float(box[2]), "chart")
    linked = head.replace("<svg ", Markup('<svg xmlns:xlink="http://www.w3.org/1999/xlink" '), 1)
    return linked + Markup(inner)
