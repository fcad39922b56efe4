"""Make the bundled font "Zhiyu Sans SC" from Noto Sans CJK SC and Source Sans 3; the results are reproducible.

Run: .venv/bin/python scripts/subset_font.py --source NotoSansCJK-Regular.ttc --latin SourceSans3_400Regular.ttf
(fontTools with brotli: dependency group `fonts`). Steps: subset the CFF font; turn its cubic outlines into quadratic
ones; add the letters and signs it lacks from Source Sans 3, on whose Latin design Noto Sans CJK's Latin is built; name
it; write TTF, WOFF2 and README.
"""

import argparse
import hashlib
import sys
import unicodedata
from pathlib import Path

from font_characters import wanted
from fontTools import subset
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.pens.transformPen import TransformPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTCollection, TTFont, newTable

ROOT = Path(__file__).resolve().parent.parent
FONTS = ROOT / "src" / "zhiyu" / "report" / "fonts"
FAMILY = "Zhiyu Sans SC"
POSTSCRIPT = "ZhiyuSansSC-Regular"
SOURCE_FAMILY = "Noto Sans CJK SC"
MAX_ERROR = 1.0  # units of the 1000-unit em
LATIN_SCALE = 733 / 656  # height of H in Noto Sans CJK over that in Source Sans 3
MARK_SHIFT = -280  # a combining accent stands over the small letter before it, without a `mark` feature
# ccmp joins the two halves of ——; halt closes gaps between neighbouring full-width signs; pwid: narrow ’ in English
FEATURES = ["ccmp", "halt", "kern", "pwid"]
PACKAGES = {  # sha256 -> where the file comes from
    "b76b0433203017ca80401b2ee0dd69350349871c4b19d504c34dbdd80541690a": (
        "Debian 12 `fonts-noto-cjk` 1:20220127+repack1-1 (Noto CJK 2.004)"
    ),
    "393fb5b878ceed04aebc34b097e853ae5138c51d0c34b496ce8e2b47e0d0b94a": (
        "npm `@expo-google-fonts/source-sans-3` 0.4.1 (Source Sans 3.052)"
    ),
}


def face_number(path: Path) -> int:
    """Return the number of the face named `SOURCE_FAMILY` in the collection at `path`; LookupError without one."""
    with TTCollection(path, lazy=True) as collection:
        for number, face in enumerate(collection.fonts):
            if face["name"].getDebugName(1) == SOURCE_FAMILY:
                return number
    raise LookupError(f"{path}: no face named {SOURCE_FAMILY}")


def subset_cff(path: Path, characters: set[str]) -> TTFont:
    """Return the Simplified Chinese face with `characters` only, still with CFF outlines, hints and tables dropped."""
    font = TTFont(path, fontNumber=face_number(path))
    options = subset.Options()
    options.hinting = False
    options.notdef_outline = True
    options.layout_features = FEATURES
    options.drop_tables = [*options.drop_tables, "BASE", "VORG", "vhea", "vmtx", "GDEF"]
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=[ord(character) for character in characters])
    subsetter.subset(font)
    return font


def quadratic_glyphs(font: TTFont) -> dict[str, object]:
    """Return glyph name -> TrueType glyph of a CFF font, within `MAX_ERROR` of its cubic outlines."""
    outlines = font.getGlyphSet()
    glyphs = {}
    for name in font.getGlyphOrder():
        pen = TTGlyphPen(None)
        outlines[name].draw(Cu2QuPen(pen, MAX_ERROR, reverse_direction=True))
        glyphs[name] = pen.glyph()
    return glyphs


def supplement(latin: TTFont, missing: set[str]) -> dict[str, tuple[str, object, int]]:
    """Return character -> (glyph name, scaled TrueType glyph, advance) for those of `missing` that `latin` has."""
    outlines, names = latin.getGlyphSet(), latin.getBestCmap()
    found = {}
    for character in sorted(missing):
        if ord(character) not in names:
            continue
        source = names[ord(character)]
        flat, pen = DecomposingRecordingPen(outlines), TTGlyphPen(None)
        outlines[source].draw(flat)
        shift = MARK_SHIFT if unicodedata.combining(character) else 0
        flat.replay(TransformPen(pen, (LATIN_SCALE, 0, 0, LATIN_SCALE, shift, 0)))
        found[character] = (f"u{ord(character):04X}", pen.glyph(), round(outlines[source].width * LATIN_SCALE))
    return found


def to_truetype(font: TTFont, extra: dict[str, tuple[str, object, int]]) -> None:
    """Give `font` TrueType outlines in place of CFF ones, with the glyphs of `extra` after its own."""
    glyphs = quadratic_glyphs(font)
    advances = {name: font["hmtx"][name][0] for name in glyphs}
    characters = dict(font.getBestCmap())
    for character, (name, glyph, advance) in extra.items():
        glyphs[name], advances[name], characters[ord(character)] = glyph, advance, name
    del font["CFF "]
    font.sfntVersion = "\x00\x01\x00\x00"
    builder = FontBuilder(font=font)
    builder.isTTF = True
    builder.setupGlyphOrder(list(glyphs))
    builder.setupMaxp()
    builder.setupGlyf(glyphs)
    builder.setupHorizontalMetrics({name: (advances[name], getattr(glyphs[name], "xMin", 0)) for name in glyphs})
    builder.setupCharacterMap(characters)
    builder.setupPost(keepGlyphNames=False)
    builder.updateHead(glyphDataFormat=0)
    font["gasp"] = newTable("gasp")
    font["gasp"].version, font["gasp"].gaspRange = 1, {0xFFFF: 0x000F}  # smooth at every size: there are no hints
    font["OS/2"].recalcUnicodeRanges(font)
    font.recalcTimestamp = False


def rename(font: TTFont) -> None:
    """Replace the name table: own family name, the sources' copyright, the licence."""
    version = font["name"].getDebugName(5).split(";")[0]
    adobe = "Adobe (http://www.adobe.com/), with Reserved Font Name 'Source'"
    font["name"].names = []
    names = {
        "copyright": f"Copyright 2014-2021 {adobe}. Copyright 2010-2023 {adobe}.",
        "familyName": FAMILY,
        "styleName": "Regular",
        "uniqueFontIdentifier": f"{POSTSCRIPT};{version}",
        "fullName": f"{FAMILY} Regular",
        "version": f"{version}; subset for Zhiyu of {SOURCE_FAMILY}, with letters of another OFL font",
        "psName": POSTSCRIPT,
        "licenseDescription": "This Font Software is licensed under the SIL Open Font License, Version 1.1.",
        "licenseInfoURL": "https://openfontlicense.org",
    }
    FontBuilder(font=font).setupNameTable(names, mac=False)


def write(font: TTFont) -> list[Path]:
    """Write the font as TTF and WOFF2 and return the paths."""
    ttf, woff2 = FONTS / f"{POSTSCRIPT}.ttf", FONTS / f"{POSTSCRIPT}.woff2"
    font.save(ttf)
    with TTFont(ttf, recalcTimestamp=False) as packed:
        packed.flavor = "woff2"
        packed.save(woff2)
    return [ttf, woff2]


def row(path: Path) -> str:
    """Return a Markdown table row: file, origin, bytes, sha256."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    origin = "made here" if path.parent == FONTS else PACKAGES.get(digest, "unknown file: say where it comes from")
    return f"| `{path.name}` | {origin} | {path.stat().st_size} | `{digest}` |"


def readme(sources: list[Path], results: list[Path], have: int) -> str:
    """Return the text of the fonts folder's README."""
    table = "\n".join(row(path) for path in [*sources, *results])
    return f"""# {FAMILY}

The font of Zhiyu's figures, documents and pages: an own subset of {SOURCE_FAMILY} Regular, {have} characters, under the
SIL Open Font License 1.1 (`OFL.txt`). This file is written by `scripts/subset_font.py`.

| file | origin | bytes | sha256 |
|---|---|---|---|
{table}

- **Characters**: all of GB 2312; characters beyond it in the names of provinces, prefectures, counties and townships;
  Latin with accents, Greek, Cyrillic, punctuation, arrows and signs as far as a source has them; every character in the
  repository's text when the script ran. `scripts/font_characters.py` lists them.
- **Changes**: cubic outlines made quadratic (error at most {MAX_ERROR:g}/1000 em), hints and vertical layout dropped,
  features kept: {", ".join(FEATURES)}. Letters and signs that {SOURCE_FAMILY} lacks (accented Latin, accented Greek,
  subscripts, combining accents) come from Source Sans 3, whose design its Latin follows, scaled by {LATIN_SCALE:.4f}.
- **Name**: the Google Fonts edition of Noto Sans SC and Source Sans 3 both reserve the font name "Source" and Noto is a
  trademark, so the subset has neither name.

## Make it again

```sh
apt-get install fonts-noto-cjk
npm pack @expo-google-fonts/source-sans-3@0.4.1 && tar xzf expo-google-fonts-source-sans-3-0.4.1.tgz
.uv/bin/uv sync --locked --group fonts
.venv/bin/python scripts/subset_font.py --source /usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc \\
  --latin package/400Regular/SourceSans3_400Regular.ttf
```
"""


def main() -> None:
    """Make the font; name on standard error the characters of the repository's text that no source has."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--source", type=Path, required=True, help="NotoSansCJK-Regular.ttc")
    parser.add_argument("--latin", type=Path, required=True, help="SourceSans3_400Regular.ttf (static, 1000 units)")
    paths = parser.parse_args()
    characters, text = wanted(ROOT)
    accents = {character for character in characters if unicodedata.combining(character)}  # Noto's are for ideographs
    font = subset_cff(paths.source, characters - accents)
    missing = {character for character in characters if ord(character) not in font.getBestCmap()}
    with TTFont(paths.latin) as latin:
        extra = supplement(latin, missing)
    to_truetype(font, extra)
    rename(font)
    results = write(font)
    have = len(font.getBestCmap())
    (FONTS / "README.md").write_text(readme([paths.source, paths.latin], results, have), encoding="utf-8", newline="\n")
    print(f"{have} characters,", ", ".join(f"{path.name} {path.stat().st_size} bytes" for path in results))
    absent = sorted(text & (missing - set(extra)))
    if absent:
        print("in the repository's text but in no source:", *(f"{c} U+{ord(c):04X}" for c in absent), file=sys.stderr)


if __name__ == "__main__":
    main()
