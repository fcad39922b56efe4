"""The catalogue of sentences: complete in both languages, spoken by the code, and holding nothing that nobody says."""

from __future__ import annotations

import ast
import csv
import re
import string
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import zhiyu
from zhiyu.data.check import CHECKS
from zhiyu.terms import LOCALES, Label, Message, Place, Refusal, as_locale, closest, default_locale, suggestion, text

SOURCE = Path(zhiyu.__file__).parent
CJK = re.compile(r"[　-〿㐀-鿿豈-﫿＀-￯]")
REFUSES = {"Refusal": 0, "_refuse_where": 1}  # functions that name a refusal, and which argument does
SPEAKS = ("text", "label", "Message")  # functions whose first argument is a key, or the beginning of one

with (SOURCE / "catalogue.csv").open(encoding="utf-8", newline="") as file:
    ROWS = list(csv.DictReader(file))
KEYS = {row["key"]: Label(row["zh"], row["en"]) for row in ROWS}
AS_IT_IS = ("report.unit.", "report.python")  # %, kWh, a name


@cache
def trees() -> dict[str, ast.Module]:
    return {str(path.relative_to(SOURCE)): ast.parse(path.read_text("utf-8")) for path in SOURCE.rglob("*.py")}


@cache
def calls() -> list[tuple[str, ast.Call]]:
    return [(file, node) for file, tree in trees().items() for node in ast.walk(tree) if isinstance(node, ast.Call)]


@cache
def constants() -> frozenset[str]:
    """Every string that stands in the code."""
    nodes = (node for tree in trees().values() for node in ast.walk(tree))
    return frozenset(n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str))


def called(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")


def literal(node: ast.expr | None) -> list[str]:
    """The strings an argument may be: one, or the two of `A if B else C`."""
    if isinstance(node, ast.IfExp):
        return [*literal(node.body), *literal(node.orelse)]
    return [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []


def spoken() -> Iterator[tuple[str, str, ast.Call]]:
    """(file, key of a sentence, the call that says it), wherever the key stands in the code as it is."""
    for file, call in calls():
        name, at = called(call), REFUSES.get(called(call), 0)
        for key in literal(call.args[at] if len(call.args) > at else None):
            if name in REFUSES:
                yield file, f"refuse.{key}.what", call
                yield file, f"refuse.{key}.remedy", call
            elif name == "Message":
                yield file, f"{key}.what", call
                yield file, f"{key}.remedy", call
            elif name == "_help":
                yield file, f"cli.{key}", call
            elif name in SPEAKS and re.fullmatch(r"[a-z]+(\.\w+)+", key):
                yield file, key, call


def in_templates() -> Iterator[tuple[str, str]]:
    """(file, key) of `say("...")`, which is a `report.` key, and of `text("...")`."""
    for path in (SOURCE / "report" / "templates").iterdir():
        content = path.read_text(encoding="utf-8")
        for word, key in re.findall(r'\b(say|text)\("([\w.]+)"', content):
            yield path.name, f"report.{key}" if word == "say" else key


@cache
def composed() -> tuple[re.Pattern[str], ...]:
    """Keys that are put together, such as f"report.column.{name}", as patterns: a family and what is free behind it."""
    return tuple(_composed())


def _composed() -> Iterator[re.Pattern[str]]:
    for tree in trees().values():
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
                first = str(node.values[0].value)
                if re.match(r"report\.\w+[._]", first) or re.match(
                    r"(expected|stage|severity|explain\.\w+|simulate\.\w+)\.", first
                ):
                    parts = [re.escape(str(v.value)) if isinstance(v, ast.Constant) else "(.*)" for v in node.values]
                    yield re.compile("".join(parts))


@cache
def words() -> frozenset[str]:
    """What may stand where a composed key is free: strings, names of the code, and words of its strings."""
    names = {
        str(getattr(node, "attr", getattr(node, "id", ""))) for tree in trees().values() for node in ast.walk(tree)
    }
    parts = {word for string in constants() for word in re.findall(r"\w+", string)}
    return frozenset({"", *constants(), *parts, *(name.lower() for name in names)})


def is_composed(key: str) -> bool:
    """Whether a composed key may be this one: two free parts may follow each other."""
    found = [pattern.fullmatch(key) for pattern in composed()]
    return any(all(_is_known(free) for free in match.groups()) for match in found if match)


def _is_known(free: str) -> bool:
    path = all(part in words() for part in free.split("."))  # such as normalise.method
    return path or any(free[:i] in words() and free[i:] in words() for i in range(len(free) + 1))


def fields(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


def test_keys_are_unique():
    twice = {row["key"] for row in ROWS if [r["key"] for r in ROWS].count(row["key"]) > 1}
    assert twice == set()


def test_every_sentence_is_there_in_both_languages():
    assert [key for key, label in KEYS.items() if not label.zh.strip() or not label.en.strip()] == []
    assert [row["key"] for row in ROWS if set(row) != {"key", "zh", "en"}] == []


def test_both_languages_hold_the_same_values():
    assert [key for key, label in KEYS.items() if fields(label.zh) != fields(label.en)] == []
    unnamed = [key for key, label in KEYS.items() if any(not name.isidentifier() for name in fields(label.en))]
    assert unnamed == []


def test_english_holds_no_chinese():
    assert [key for key, label in KEYS.items() if CJK.search(label.en)] == []


def test_chinese_is_chinese_and_punctuated_as_such():
    for key, label in KEYS.items():
        assert CJK.search(label.zh) or fields(label.zh) or key.startswith(AS_IT_IS), key
        assert not re.search(r"[一-鿿][,;?!]|[,;?!][一-鿿]", label.zh), key


def test_every_refusal_and_every_finding_says_what_and_the_remedy():
    families = {key.rpartition(".")[0] for key in KEYS if key.startswith(("refuse.", "check."))}
    assert [name for name in families if not {f"{name}.what", f"{name}.remedy"} <= set(KEYS)] == []
    assert [key for key in KEYS if key.startswith(("refuse.", "check.")) and key.count(".") != 2] == []


def test_every_key_the_code_says_is_there():
    said = {(file, key) for file, key, _ in spoken()} | set(in_templates())
    said |= {("data/check.py", f"check.{name}.{part}") for name in CHECKS for part in ("what", "remedy")}
    assert len(said) > 300
    assert sorted((file, key) for file, key in said if key not in KEYS) == []


def test_every_sentence_is_said_somewhere():
    exact = {key for _, key, _ in spoken()} | {key for _, key in in_templates()} | constants()

    def is_said(key: str) -> bool:
        family, name, *_ = [*key.split("."), ""]
        if family == "refuse":
            return name in constants()
        if family == "check":
            return name in CHECKS or f"check.{name}" in constants()
        return key in exact or is_composed(key)

    assert [key for key in KEYS if not is_said(key)] == []


def test_what_a_sentence_leaves_open_is_given_where_it_is_said():
    """A call that names its values one by one names all that its sentence holds; the kernels' get theirs from above."""
    lacking = []
    for file, key, call in spoken():
        given = {keyword.arg for keyword in call.keywords}
        if called(call) in ("Refusal", "text", "label") and None not in given and key in KEYS:
            lacking += [(file, call.lineno, key, name) for name in fields(KEYS[key].en) - given]
    assert lacking == []


# Places, languages, suggestions.


def test_a_place_says_what_is_known_and_no_more():
    place = Place(file="panel.csv", row=3, column="gdp", region=Label("广东", "Guangdong"), year=2016)
    assert place.text("en") == "panel.csv, row 3, column gdp, Guangdong, 2016"
    assert place.text("zh") == "panel.csv，第 3 行，列 gdp，广东，2016"
    assert Place(file="book.xlsx", sheet="GDP").text("en") == 'book.xlsx, sheet "GDP"'
    assert Place(key="[data] years").text("zh") == "[data] years"
    assert Place().text("en") == ""


def test_a_message_is_place_what_and_remedy():
    refusal = Refusal("not_a_year", Place(file="panel.csv", row=3), text="20l9")
    assert refusal.text("en") == 'panel.csv, row 3: "20l9" is not a year.\nWrite years with four digits, such as 2021.'
    assert refusal.text("zh") == "panel.csv，第 3 行：“20l9”不是年份。\n年份须写作四位数字，如 2021。"
    assert Refusal("not_a_year", text="x").text("en").startswith('"x" is not a year.')


def test_a_message_cannot_command_a_terminal():
    said = Message("refuse.not_a_year", values={"text": "\x1b[2J\x07\x9b1m"}).text("en")
    assert said.startswith('"?[2J??1m" is not a year.')


def test_a_value_that_looks_like_a_placeholder_stays_as_it_is():
    assert Refusal("not_a_year", text="{year}").text("en").startswith('"{year}" is not a year.')


def test_a_refusal_can_be_said_at_another_place():
    moved = Refusal("not_a_year", text="x").at(Place(file="b.csv"))
    assert (moved.key, moved.message.place, moved.message.values) == ("not_a_year", Place(file="b.csv"), {"text": "x"})


def test_labels_among_the_values_speak_the_language_of_the_sentence():
    region = Label("广东", "Guangdong")
    assert text("refuse.edge_to_itself.what", "zh", region=region).startswith("广东")
    assert text("refuse.edge_to_itself.what", "en", region=region).startswith("Guangdong")


@pytest.mark.parametrize(
    ("variables", "locale"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "en_US.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C.UTF-8"}, "en"),
        ({"LANG": "de_DE.UTF-8", "LC_MESSAGES": "zh_TW.UTF-8"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": ""}, "zh"),
        ({}, "en"),
    ],
)
def test_the_terminal_says_its_language(variables, locale, monkeypatch):
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert default_locale() == locale
    assert str(Refusal("no_out")) == Refusal("no_out").text(locale)


def test_a_language_is_one_of_two():
    assert [as_locale(word) for word in LOCALES] == list(LOCALES)
    with pytest.raises(Refusal) as refused:
        as_locale("fr")
    assert refused.value.key == "unknown_language"


def test_did_you_mean():
    assert closest("Beijng", ["Beijing", "Tianjin"]) == "Beijing"
    assert closest("BEIJNG", ["Beijing"]) == "Beijing"
    assert closest("Paris", ["Beijing", "Tianjin"]) is None
    assert closest("x", []) is None
    assert suggestion("Beijng", ["Beijing"]) == Label("您是否想写“Beijing”？", ' Did you mean "Beijing"?')
    assert suggestion("Paris", ["Beijing"]) == Label("", "")
