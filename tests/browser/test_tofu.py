"""No tofu: the bundled font shows the shipped texts' characters in a real browser, and the detector can fail."""

import random
from pathlib import Path

import pytest
from browser.screenshot import chromium
from browser.tofu import SURELY_ABSENT, box_font, tofu_cells

SOURCE = Path(__file__).resolve().parents[2] / "src"
SAMPLE = 200
NOT_IN_FONT = "\u9f98\u4dae"  # Chinese characters that the system's fonts may have and the bundled font has not

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(chromium() is None, reason="no Chromium: set CHROME or put chromium on PATH"),
]


def shipped_chinese() -> list[str]:
    """Return the Chinese characters of the shipped tables, and of the code, sorted."""
    files = [*SOURCE.rglob("*.csv"), *SOURCE.rglob("*.py"), *SOURCE.rglob("*.html")]
    text = "".join(path.read_text(encoding="utf-8") for path in files)
    return sorted({character for character in text if "\u4e00" <= character <= "\u9fff"})


def test_shipped_characters_are_drawn(tmp_path: Path) -> None:
    found = shipped_chinese()
    sample = random.Random(20240101).sample(found, min(SAMPLE, len(found)))
    assert tofu_cells("".join([*sample, *"耦圳浉瀍鄠硚"]), tmp_path) == []


def test_punctuation_signs_and_letters_are_drawn(tmp_path: Path) -> None:
    assert tofu_cells("Aa0“”‘’—…·、。《》【】（）←→≤≥≠±×÷−‰①⑳✓✗★▲●■◆²³₀₉āčłşαβάό", tmp_path) == []


def test_absent_characters_are_found(tmp_path: Path) -> None:
    assert tofu_cells(f"耦{NOT_IN_FONT}圳{SURELY_ABSENT}州", tmp_path) == [*NOT_IN_FONT, SURELY_ABSENT]


def test_a_font_that_draws_boxes_is_found(tmp_path: Path) -> None:
    boxes = tmp_path / "boxes.ttf"
    boxes.write_bytes(box_font("耦圳"))
    assert tofu_cells("耦圳", tmp_path, font=boxes) == ["耦", "圳"]
