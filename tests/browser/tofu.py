"""A detector of tofu (boxes in place of characters) that looks at pixels.

Each character gets a cell of its own, drawn with the bundled font. A browser replaces a missing glyph by one of the
system's fonts, which would hide it on a machine that has Chinese fonts; so the second family is a font made here that
has every character shown and draws a crossed box for each: no character ever reaches the system's fonts.
"""

import base64
import html
import io
import unicodedata
from pathlib import Path

from browser.screenshot import shot
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from PIL import Image, ImageChops, ImageStat

WOFF2 = Path(__file__).resolve().parents[2] / "src" / "zhiyu" / "report" / "fonts" / "ZhiyuSansSC-Regular.woff2"
SURELY_ABSENT = "\U0010fffd"  # private use
CELL = 48  # CSS pixels
COLUMNS = 50
SAME = 1.0  # mean difference of grey (0..255) below which two cells show the same picture
NO_PICTURE = {"Cc", "Cf", "Zl", "Zp", "Zs"}

PAGE = """<!doctype html><meta charset="utf-8"><style>
@font-face {{ font-family: "Zhiyu Sans SC"; src: url(data:font/woff2;base64,{font}); font-display: block }}
@font-face {{ font-family: "Boxes"; src: url(data:font/ttf;base64,{boxes}); font-display: block }}
html, body {{ margin: 0; background: #fff; color: #000 }}
i {{ position: absolute; width: {cell}px; height: {cell}px; overflow: hidden; text-align: center;
     font: normal 32px/{cell}px "Zhiyu Sans SC", "Boxes" }}
i.alone {{ font-family: "Zhiyu Sans SC" }}
</style>{cells}"""


def box_font(characters: str) -> bytes:
    """Return a TrueType font that draws the same crossed box for each of `characters`."""
    pen = TTGlyphPen(None)
    for corners in (
        ((40, -100), (40, 860), (960, 860), (960, -100)),
        ((100, -40), (900, -40), (500, 340)),
        ((100, 800), (500, 420), (900, 800)),
    ):
        pen.moveTo(corners[0])
        for corner in corners[1:]:
            pen.lineTo(corner)
        pen.closePath()
    box = pen.glyph()
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder([".notdef", "box"])
    builder.setupCharacterMap({ord(character): "box" for character in characters})
    builder.setupGlyf({".notdef": box, "box": box})
    builder.setupHorizontalMetrics({".notdef": (1000, 40), "box": (1000, 40)})
    builder.setupHorizontalHeader(ascent=1160, descent=-288)
    builder.setupNameTable({"familyName": "Boxes", "styleName": "Regular"})
    builder.setupOS2()
    builder.setupPost()
    file = io.BytesIO()
    builder.save(file)
    return file.getvalue()


def page(characters: str, font: bytes) -> str:
    """Return the page: one cell a character, row by row; then U+10FFFD with the boxes behind, and once without."""
    cells = []
    for number, character in enumerate(characters + SURELY_ABSENT * 2):
        row, column = divmod(number, COLUMNS)
        alone = ' class="alone"' if number == len(characters) + 1 else ""
        place = f"left:{column * CELL}px;top:{row * CELL}px"
        cells.append(f'<i{alone} style="{place}">{html.escape(character)}</i>')
    encoded = [base64.b64encode(data).decode() for data in (font, box_font(characters + SURELY_ABSENT))]
    return PAGE.format(font=encoded[0], boxes=encoded[1], cell=CELL, cells="".join(cells))


def cell_pictures(picture: Image.Image, count: int) -> list[Image.Image]:
    """Cut `count` cells out of the page's picture."""
    corners = [(number % COLUMNS * CELL, number // COLUMNS * CELL) for number in range(count)]
    return [picture.crop((left, top, left + CELL, top + CELL)) for left, top in corners]


def same(one: Image.Image, other: Image.Image) -> bool:
    """Whether two cells show the same picture."""
    return bool(ImageStat.Stat(ImageChops.difference(one, other)).mean[0] < SAME)


def tofu_cells(characters: str, workdir: Path, font: Path = WOFF2) -> list[str]:
    """Return those of `characters` (each once, in order) that the font shows as a box, as .notdef or not at all.

    Spaces and format characters, which have no picture, are passed over. `workdir` gets tofu.html and tofu.png.
    """
    shown = "".join(c for c in dict.fromkeys(characters) if unicodedata.category(c) not in NO_PICTURE)
    (workdir / "tofu.html").write_text(page(shown, font.read_bytes()), encoding="utf-8")
    count = len(shown) + 2
    height = (count // COLUMNS + 4) * CELL  # more than the rows: a window may lose some height to its own frame
    png = shot(workdir / "tofu.html", workdir / "tofu.png", width=COLUMNS * CELL, height=height)
    with Image.open(png) as picture:
        *cells, box, notdef = cell_pictures(picture.convert("L"), count)
    blank = Image.new("L", (CELL, CELL), 255)
    if blank in (box, notdef):
        raise AssertionError("the page shows no reference boxes: it was not drawn")
    return [
        character
        for character, cell in zip(shown, cells, strict=True)
        if cell == blank or same(cell, box) or same(cell, notdef)
    ]
