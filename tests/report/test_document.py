"""The document without a browser: whole, labelled, self-contained, alike in both languages, the same every time."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise

import numpy as np
import pytest
from report.conftest import LINES, material
from support import tree

from zhiyu import framework as frameworks
from zhiyu.data.regions import from_names
from zhiyu.report import Material, document, render, tables
from zhiyu.report.charts import spread
from zhiyu.report.findings import findings
from zhiyu.report.tilemap import breaks
from zhiyu.terms import LOCALES, Locale

CJK = re.compile("[\u2e80-\u9fff\uff00-\uffef]")
VOID = {"meta", "link", "br", "input", "img", "hr", "wbr"}


class Page(HTMLParser):
    """What the tests ask of a page: its tags with their attributes in order, and the text outside styles and code."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.open: list[str] = []
        self.feed(content.decode())
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> closes another"

    def handle_data(self, data: str) -> None:
        if not {"style", "script", "pre"} & set(self.open):
            self.text.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]

    @property
    def ids(self) -> list[str]:
        return [attributes["id"] or "" for _, attributes in self.tags if "id" in attributes]


@pytest.fixture(scope="module")
def pages(small: Material) -> dict[Locale, Page]:
    return {locale: Page(document(small, tables(small), locale)) for locale in LOCALES}


def test_language_title_and_landmarks(pages):
    assert pages["zh"].all("html")[0]["lang"] == "zh-Hans"
    assert pages["en"].all("html")[0]["lang"] == "en"
    for page in pages.values():
        assert not page.open
        names = [name for name, _ in page.tags]
        assert [names.count(tag) for tag in ("h1", "main", "nav", "header", "footer")] == [1, 1, 1, 1, 1]
        levels = [int(name[1]) for name in names if re.fullmatch("h[1-6]", name)]
        assert all(after <= before + 1 for before, after in pairwise(levels))


def test_ids_are_unique_and_every_inner_link_leads_somewhere(pages):
    for page in pages.values():
        assert len(page.ids) == len(set(page.ids))
        for link in page.all("a"):
            if (link["href"] or "").startswith("#"):
                assert (link["href"] or "")[1:] in page.ids
        inside = [a.get("aria-labelledby") for _, a in page.tags if a.get("aria-labelledby")]
        assert set(inside) <= set(page.ids)


def test_every_figure_is_an_image_with_words(pages, small):
    for page in pages.values():
        drawings = page.all("svg")
        assert len(drawings) == 3 + len(small.years) + len(small.codes)
        assert all(drawing["role"] == "img" and drawing["aria-label"] for drawing in drawings)
        assert len(page.all("title")) == 1 + len(drawings)


def test_the_page_asks_nothing_of_the_outside(small):
    for locale in LOCALES:
        content = document(small, tables(small), locale).decode()
        for target in re.findall(r'\b(?:src|href|xlink:href|action|data|poster)="([^"]*)"', content):
            assert not re.match(r"(?:https?:)?//", target), target
        assert not re.search(r"url\((?!data:|#)", content)
        assert "@import" not in content
        assert "default-src 'none'" in content


def test_no_chinese_in_the_english_page(pages):
    found = {letter for letter in "".join(pages["en"].text) if CJK.match(letter)}
    assert not found
    spoken = [value for _, attributes in pages["en"].tags for value in attributes.values() if value]
    assert not [value for value in spoken if CJK.search(value)]


def test_both_languages_have_the_same_parts(pages):
    zh, en = pages["zh"], pages["en"]
    drawn = re.compile("chart-[a-z]+-")  # matplotlib's own ids follow the lengths of the words
    assert [name for name in zh.ids if not drawn.match(name)] == [name for name in en.ids if not drawn.match(name)]
    for tag in ("section", "h2", "h3", "table", "tr", "th", "td", "figure", "details", "svg", "a", "dt"):
        assert len(zh.all(tag)) == len(en.all(tag)), tag


def test_no_placeholder_is_left_open(pages):
    for page in pages.values():
        text = "".join(page.text)
        assert not re.search(r"\{\w+\}|report\.\w+|Undefined|\bnan\b|\bNone\b|Label\(", text)


def test_the_same_material_gives_the_same_bytes(small):
    again = material(tree(*LINES))
    assert render(small) == render(again)


def test_files_are_the_languages_asked_for_and_every_table_twice(small):
    asked = small.choices.report.model_copy(update={"languages": ("en",)})
    files = render(replace(small, choices=small.choices.model_copy(update={"report": asked})))
    assert [name for name in files if name.endswith(".html")] == ["report.en.html"]
    stems = {name.rsplit(".", 1)[0] for name in files if name.startswith("tables/")}
    assert {"tables/index", "tables/ranking", "tables/weights", "tables/moves", "tables/left_out"} <= stems
    assert {f"{stem}.{kind}" for stem in stems for kind in ("csv", "parquet")} <= set(files)


def test_without_the_script_the_last_year_stands(pages, small):
    years = [(f.get("data-year"), "hidden" in f) for f in pages["en"].all("figure") if "data-year" in f]
    assert years == [(str(year), year != small.last) for year in small.years]


def test_the_findings_say_who_leads(small):
    rank = small.index.ranks.sel(node="r", year=small.last).to_series()
    leader = small.index.regions.label(str(rank.idxmin()))
    for locale in LOCALES:
        told = findings(small, locale)
        assert [finding.id for finding in told] == ["lead", "moved", "gap", "carries", "cannot"]
        assert leader.text(locale) in told[0].body[0]


def test_scores_scaled_within_years_are_not_compared_over_years():
    yearly = material(tree(*LINES), normalise={"scope": "year"})
    assert not yearly.comparable
    told = {finding.id: " ".join(finding.body) for finding in findings(yearly, "en")}
    assert "do not compare" in told["gap"]
    assert "widened from" not in told["gap"]
    assert "score higher" not in told["moved"]
    assert "change_points" not in [column.id for column in tables(yearly)["trends"].columns]


def test_every_card_names_where_the_score_is_lost_and_blames_nothing(pages, small):
    for locale, sentence in (("zh", "距满分的差距中占比最大的是"), ("en", "The largest shares of its distance")):
        told = "".join(pages[locale].text)
        assert told.count(sentence) == len(small.ranked)
        section = (
            document(small, tables(small), locale).decode().split('<section id="obstacles"')[1].split("</section>")[0]
        )
        assert not re.search(r"导致|造成|原因是|阻碍|制约|\bcause[sd]?\b|because|hinder|hamper|due to", section)


def test_without_a_full_score_there_are_no_obstacles_and_the_limits_say_so(small):
    beyond = material(tree(*LINES), normalise={"scope": "base", "base": small.first}, weight={"method": "equal"})
    for locale, limit in (("zh", "不给出障碍度"), ("en", "obstacle degrees are not given")):
        page = Page(document(beyond, tables(beyond), locale))
        assert "obstacles" not in page.ids
        assert limit in "".join(page.text)
        assert limit not in document(small, tables(small), locale).decode()


VARIANTS = {
    "no groups": lambda: material(tree(*LINES), grouped=False),
    "two top nodes": lambda: material(tree("r - -", "A r -", "B r -", "a A x", "b A y", "c B z")),
    "a flat tree": lambda: material(tree("r - -", "a r x", "c r z", "b r y")),
    "scaled by year": lambda: material(tree(*LINES), normalise={"scope": "year"}),
    "weights by year": lambda: material(tree(*LINES), weight={"scope": "year"}),
    "fixed levels": lambda: material(tree(*LINES), stages={"method": "fixed", "levels": [20, 40, 60, 80]}),
    "natural levels": lambda: material(tree(*LINES), stages={"method": "natural"}),
    "a base year": lambda: material(
        tree(*LINES), normalise={"scope": "base", "base": 2015}, weight={"method": "equal"}
    ),
    "a scale of one": lambda: material(tree(*LINES), normalise={"scale": 1}),
    "nothing scored": lambda: material(
        tree("r - -", "A r -", "a A x", "b A w"), coverage={"indicator": 0.4, "node": 1}
    ),
}


@pytest.mark.parametrize("name", VARIANTS)
def test_other_studies_make_whole_pages_too(name):
    made = VARIANTS[name]()
    for locale in LOCALES:
        page = Page(document(made, tables(made), locale))
        assert not page.open
        assert len(page.ids) == len(set(page.ids))
        assert not re.search(r"\{\w+\}|\bnan\b", "".join(page.text))


def test_regions_without_tiles_make_a_report_without_a_map(small):
    bare = replace(small, regions=from_names(["a", "b"]))
    page = Page(document(bare, tables(bare), "en"))
    assert "map" not in page.ids
    assert "ranking" in page.ids


def test_a_study_without_any_score_says_so(small):
    empty = small.index.scores.where(small.index.scores["node"] != "r")
    none = small.index.ranks.where(small.index.ranks["node"] != "r")
    stage = small.index.stage.where(small.index.stage["node"] != "r", 0)
    mute = replace(small, index=replace(small.index, scores=empty, ranks=none, stage=stage))
    for locale in LOCALES:
        assert Page(document(mute, tables(mute), locale)).ids
    assert "No region has enough data" in findings(mute, "en")[0].body[0]


def test_the_paper_brings_its_stages_and_terms(small):
    paper = replace(small, framework=replace(frameworks.load("paper"), tree=small.framework.tree))
    assert "glossary" in Page(document(paper, tables(paper), "zh")).ids
    assert "definition" in [column.id for column in tables(paper)["levels"].columns]


def test_classes_of_the_map_hold_equal_numbers_of_all_years():
    scores = np.arange(70.0).reshape(10, 7)
    kinds = np.searchsorted(breaks(scores), scores.ravel(), side="right")
    assert np.bincount(kinds).tolist() == [10] * 7


def test_labels_at_the_ends_of_lines_do_not_overlap():
    placed = spread([5.0, 5.1, 9.0, 5.05], 1.0)
    assert sorted(range(4), key=lambda k: placed[k]) == [0, 3, 1, 2]
    assert np.diff(sorted(placed)).min() >= 1.0 - 1e-6
