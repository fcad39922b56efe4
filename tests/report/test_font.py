"""The bundled font: every character of every shipped text is in it, and it is the file its README describes."""

import hashlib
import unicodedata
from pathlib import Path

import pytest
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.ft2font import FT2Font

ROOT = Path(__file__).resolve().parents[2]
FONTS = ROOT / "src" / "zhiyu" / "report" / "fonts"
TTF = FONTS / "ZhiyuSansSC-Regular.ttf"
WOFF2 = FONTS / "ZhiyuSansSC-Regular.woff2"
SHIPPED = ("src/**/*.csv", "src/**/*.toml", "src/**/*.py", "src/**/*.html", "src/**/*.md", "docs/*.md", "README.zh.md")
NEVER_DRAWN = {"Cc", "Cf", "Zl", "Zp"}
MEGABYTE = 1_000_000
SAMPLES = (
    "耦圳",
    "浉瀍鄠硚甪邗崃堽",
    "“”‘’—…·、。《》【】（）",
    "≤≥≠±×÷∑√∞−‰",
    "①⑳✓✗★▲●■◆",
    "²³₀₉āčłşάό",
)


@pytest.fixture(scope="module")
def font() -> FT2Font:
    return FT2Font(str(TTF))


def absent(text: str, font: FT2Font) -> set[str]:
    """Return the characters of `text` beyond ASCII that have a picture and are not in the font."""
    have = font.get_charmap()
    drawn = {c for c in text if not c.isascii() and unicodedata.category(c) not in NEVER_DRAWN}
    return {c for c in drawn if ord(c) not in have}


def shipped_files() -> list[Path]:
    return sorted(path for pattern in SHIPPED for path in ROOT.glob(pattern))


def test_every_character_of_every_shipped_text_is_in_the_font(font: FT2Font) -> None:
    files = shipped_files()
    assert files
    found = {
        f"{path.relative_to(ROOT)}: {character} U+{ord(character):04X}"
        for path in files
        for character in absent(path.read_text(encoding="utf-8"), font)
    }
    assert not found, f"not in the font; run scripts/subset_font.py again: {sorted(found)}"


def test_the_check_finds_a_character_that_is_not_there(font: FT2Font) -> None:
    assert absent("a耦\u9f98\U0010fffd\n", font) == {"\u9f98", "\U0010fffd"}


@pytest.mark.parametrize("text", SAMPLES)
def test_characters_that_common_subsets_lack(text: str, font: FT2Font) -> None:
    assert not absent(text, font)


def test_all_of_gb_2312_is_there(font: FT2Font) -> None:
    cells = (bytes((row, cell)) for row in range(0xB0, 0xF8) for cell in range(0xA1, 0xFF))
    ideographs = "".join(cell.decode("gb2312", errors="ignore") for cell in cells)
    assert len(ideographs) == 6763
    assert not absent(ideographs, font)


def test_family_name_is_our_own(font: FT2Font) -> None:
    assert (font.family_name, font.style_name) == ("Zhiyu Sans SC", "Regular")
    assert font.postscript_name == "ZhiyuSansSC-Regular"


@pytest.mark.parametrize(("path", "low", "high"), [(TTF, 2.0, 2.6), (WOFF2, 0.9, 1.2)])
def test_size(path: Path, low: float, high: float) -> None:
    assert low * MEGABYTE < path.stat().st_size < high * MEGABYTE


@pytest.mark.parametrize("path", [TTF, WOFF2])
def test_readme_describes_this_file(path: Path) -> None:
    assert hashlib.sha256(path.read_bytes()).hexdigest() in (FONTS / "README.md").read_text(encoding="utf-8")


def test_licence_lies_beside_the_font() -> None:
    licence = (FONTS / "OFL.txt").read_text(encoding="utf-8")
    assert "SIL OPEN FONT LICENSE Version 1.1 - 26 February 2007" in licence
    assert "Copyright 2014-2021 Adobe" in licence


@pytest.mark.parametrize("kind", ["png", "svg", "pdf"])
def test_matplotlib_draws_with_it(kind: str, tmp_path: Path) -> None:
    figure = Figure(figsize=(2, 1))  # a glyph that is missing is a warning, and warnings are errors
    figure.text(0.1, 0.5, "耦合协调度 D=0.62 tCO₂", fontproperties=FontProperties(fname=TTF))
    figure.savefig(tmp_path / f"figure.{kind}")
    assert (tmp_path / f"figure.{kind}").stat().st_size > 0
