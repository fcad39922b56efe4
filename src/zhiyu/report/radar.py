"""A region's profile drawn: a radar of the top nodes against the median region, or bars if these are fewer than 3."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from zhiyu.report import words
from zhiyu.report.figures import opening
from zhiyu.report.material import Material
from zhiyu.report.page import fill
from zhiyu.terms import Locale, text

WIDTH, HEIGHT, RADIUS, CENTRE = 400, 316, 96, (200.0, 146.0)
WIDE = 16  # letters of a name that fit one line
RINGS = 4
BAR, STEP = 200, 54


@dataclass(frozen=True)
class Spoke:
    """One axis: its end, and its name with where that stands."""

    x: float
    y: float
    name: tuple[str, ...]
    value: str
    text_x: float
    text_y: float
    anchor: str


def profile(m: Material, i: int, top: float, locale: Locale) -> Markup:
    """The drawing of region `i` in the last year, every drawing on one scale of 0 to `top`."""
    own = [float(m.score(node)[i, m.span[1]]) for node in m.top]
    median = medians(m)
    shown = [
        f"{node.label.text(locale)} {words.number(value, m.digits)}" for node, value in zip(m.top, own, strict=True)
    ]
    alt = text("report.radar.alt", locale, region=m.name_of(i), year=m.last, values=words.listed(shown, locale))
    name = f"profile-{m.codes[i]}"
    if len(m.top) < 3:
        return _bars(m, own, median, top, name, alt, locale)
    angles = [2 * math.pi * k / len(m.top) for k in range(len(m.top))]
    body = fill(
        "radar.svg",
        rings=[polygon([1.0] * len(angles), angles, RADIUS * (ring + 1) / RINGS) for ring in range(RINGS)],
        spokes=_spokes(m, own, angles, locale),
        centre=CENTRE,
        own=polygon([value / top for value in own], angles, RADIUS),
        median=polygon([value / top for value in median], angles, RADIUS),
        dots=[
            _point(value / top * RADIUS, angle) for value, angle in zip(own, angles, strict=True) if np.isfinite(value)
        ],
        region=m.name_of(i).text(locale),
        compared=text("report.median_region", locale),
        height=HEIGHT,
    )
    return opening(name, alt, WIDTH, HEIGHT, "radar") + body


def medians(m: Material) -> list[float]:
    """Median of the ranked regions' scores of each top node in the last year; 0 where none has one."""
    found = []
    for node in m.top:
        column = m.score(node)[m.judged, m.span[1]]
        found.append(float(np.nanmedian(column)) if np.isfinite(column).any() else 0.0)
    return found


def ceiling(m: Material) -> float:
    """The end of every axis: the greatest top-node score of the last year, rounded up to a tenth of the scale."""
    tops = np.stack([m.score(node)[:, m.span[1]] for node in m.top])
    greatest = float(np.nanmax(tops)) if np.isfinite(tops).any() else m.scale
    step = m.scale / 10
    return max(step, math.ceil(greatest / step - 1e-9) * step)


def polygon(shares: Sequence[float], angles: Sequence[float], radius: float) -> str:
    """SVG points of shares of the radius, the first straight up and on clockwise; a missing one falls to the centre."""
    points = [_point(0.0 if math.isnan(s) else s * radius, angle) for s, angle in zip(shares, angles, strict=True)]
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def _point(distance: float, angle: float) -> tuple[float, float]:
    return round(CENTRE[0] + distance * math.sin(angle), 1), round(CENTRE[1] - distance * math.cos(angle), 1)


def _spokes(m: Material, own: Sequence[float], angles: Sequence[float], locale: Locale) -> list[Spoke]:
    spokes = []
    for node, value, angle in zip(m.top, own, angles, strict=True):
        x, y = _point(RADIUS, angle)
        text_x, text_y = _point(RADIUS + 14, angle)
        side = math.sin(angle)
        anchor = "middle" if abs(side) < 0.2 else "start" if side > 0 else "end"
        name = words.headline(node.label.text(locale), locale)
        lines = words.wrapped(name, WIDE)
        up, down = -14 * len(lines) + 2, 6
        lift = up if math.cos(angle) > 0.9 else down if math.cos(angle) < -0.5 else 7 - 7 * len(lines)
        spokes.append(Spoke(x, y, lines, words.number(value, m.digits), text_x, text_y + lift, anchor))
    return spokes


def _bars(
    m: Material, own: Sequence[float], median: Sequence[float], top: float, name: str, alt: str, locale: Locale
) -> Markup:
    """A bar a top node, with a tick at the median."""
    bars = [
        {
            "y": 26 + STEP * k,
            "name": words.headline(node.label.text(locale), locale),
            "value": words.number(value, m.digits),
            "width": round(0.0 if math.isnan(value) else value / top * BAR, 1),
            "median": round(middle / top * BAR, 1),
        }
        for k, (node, value, middle) in enumerate(zip(m.top, own, median, strict=True))
    ]
    height = 26 + STEP * len(bars) + 24
    body = fill(
        "bars.svg",
        bars=bars,
        full=BAR,
        height=height,
        region=m.name_of(m.codes.index(name.removeprefix("profile-"))),
        locale=locale,
        compared=text("report.median_region", locale),
    )
    return opening(name, alt, WIDTH, height, "radar") + body
