"""The report in a browser: Chinese without tofu, nothing asked of the network, readable on a phone and in the dark."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest
from browser.screenshot import chromium, shot
from browser.tofu import tofu_cells
from PIL import Image

from zhiyu import Study, report

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(
        chromium() is None, reason="no Chromium on this machine: apt-get install chromium, or set CHROME"
    ),
]


@pytest.fixture(scope="module")
def pages(tmp_path_factory) -> dict[str, Path]:
    """The China report in both languages."""
    out = tmp_path_factory.mktemp("china")
    report.write(Study.open("china-provinces", out))
    return {locale: out / f"report.{locale}.html" for locale in ("zh", "en")}


def visible(page: Path) -> str:
    """The page's text without styles, scripts and the embedded font."""
    content = re.sub(r"<(style|script)\b.*?</\1>", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    return html.unescape(re.sub(r"<[^>]+>", "", content))


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_every_character_of_the_report_is_drawn(pages, tmp_path, locale):
    characters = "".join(sorted({letter for letter in visible(pages[locale]) if not letter.isspace()}))
    assert len(characters) > 60
    assert tofu_cells(characters, tmp_path) == []


@pytest.mark.parametrize("locale", ["zh", "en"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_is_drawn_and_not_blank(pages, tmp_path, locale, width):
    picture = Image.open(shot(pages[locale], tmp_path / "page.png", width, 1600)).convert("L")
    shades = picture.histogram()
    assert sum(shades[:100]) > 0.005 * picture.width * picture.height, "hardly anything dark: no text"
    assert sum(shades[200:]) > 0.5 * picture.width * picture.height


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_nothing_is_asked_of_the_network(pages, locale):
    content = pages[locale].read_text(encoding="utf-8")
    for target in re.findall(r'(?:src|href|xlink:href|action|data)\s*=\s*"([^"]*)"', content):
        assert not re.match(r"(?:https?:)?//", target), target
    assert not re.search(r"url\(\s*['\"]?(?:https?:)?//", content)
    assert "@import" not in content
    assert "fetch(" not in content
