"""The first page in a browser: its marks are drawn, and on a phone nothing sticks out of the page."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from benchmarks.planted_claims import FRAMEWORK, panel
from browser.screenshot import chromium, shot
from browser.tofu import tofu_cells
from PIL import Image

from zhiyu.explain.of.claims import claims
from zhiyu.report.explain.ledger import first_page
from zhiyu.report.page import TEMPLATES

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(chromium() is None, reason="no Chromium: set CHROME or put chromium on PATH"),
]
MARKS = "●◐○◎◇–−∞≤²"


def test_the_marks_are_drawn(tmp_path):
    assert tofu_cells(MARKS, tmp_path) == []


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_the_page_fits_a_phone(tmp_path, locale):
    made = panel("C01", 1.0, 3)
    some = replace(FRAMEWORK, claims=type(FRAMEWORK.claims)([FRAMEWORK.claims[x] for x in ("C01", "C17", "C24")]))
    found = claims(made.index, made.panel, some, grouping="region4", draws=199, most=60, seed=3)
    known = {"index": made.index, "panel": made.panel, "framework": FRAMEWORK, "coverage": (), "digits": 1}
    known |= {"name": "china-provinces", "simulation": None, "designed": None}
    m = SimpleNamespace(evidence=SimpleNamespace(ledger=found), scale=made.index.recipe.normalise.scale, **known)
    style = (TEMPLATES / "report.css").read_text(encoding="utf-8")
    body = first_page(m, locale, ())  # type: ignore[arg-type]
    page = tmp_path / "page.html"
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><style>{style}</style>'
    page.write_text(f'<!doctype html><html lang="{locale}">{head}<main>{body}</main></html>', encoding="utf-8")
    wide = np.asarray(Image.open(shot(page, tmp_path / "page.png", 600, 4200)).convert("L"))
    assert (wide < 128).any(axis=1).sum() > 300, "hardly anything dark: no text"
    margin = wide[:, -13:]  # inside the padding of `main`: only its border may be dark
    assert not (margin[:, :-3] < 128).any(), "something sticks out of the page"
