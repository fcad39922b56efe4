"""The document: one self-contained HTML page a language, from the material's tables, figures and words."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from markupsafe import Markup

from zhiyu.measure.index import DOMINANT
from zhiyu.report import altered, charts, compensability, diagnosis, methods, moves, results, robust, sources, words
from zhiyu.report.design import chapter as designed
from zhiyu.report.explain.chapter import questions
from zhiyu.report.explain.ledger import first_page
from zhiyu.report.explain.question import Question
from zhiyu.report.figures import Figure
from zhiyu.report.findings import findings
from zhiyu.report.material import Material
from zhiyu.report.page import TEMPLATES, fill
from zhiyu.report.profiles import profiles
from zhiyu.report.simulate import chapter as simulated
from zhiyu.report.tables import Table
from zhiyu.report.tilemap import tile_maps
from zhiyu.store import canonical
from zhiyu.terms import Label, Locale, text

FONT = Path(__file__).parent / "fonts" / "ZhiyuSansSC-Regular.woff2"
SHORT = 12  # characters of a hash that are printed
SECTIONS = (
    "findings",
    "data",
    "ranking",
    "map",
    "trends",
    "robustness",
    "profiles",
    "obstacles",
    "compensability",
)
LAST_SECTIONS = (
    "weights",
    "moves",
    "left_out",
    "methods",
    "glossary",
    "limits",
    "reproduce",
)
SHOWN = (
    "data_quality",
    "repairs",
    "treatment",
    "ranking",
    "trends",
    "robustness",
    "sensitivity",
    "drop_one",
    "levels",
    "obstacles",
    "compensability",
)
SHOWN_LAST = (
    "weights",
    "consistency",
    "item_correlations",
    "moves",
    "left_out",
    "methods",
    "glossary",
    "proxies",
)


@dataclass(frozen=True)
class Section:
    id: str
    title: str


@dataclass(frozen=True)
class Room:
    """A question of the chapter in one language, its tables and files by id."""

    id: str
    asked: str
    told: tuple[str, ...]
    tables: tuple[str, ...]
    files: tuple[str, ...]
    figures: tuple[Figure, ...]

    @classmethod
    def of(cls, question: Question, locale: Locale) -> Room:
        told = tuple(sentence.text(locale) for sentence in question.told)
        names = [tuple(table.id for table in kept) for kept in (question.tables, question.files)]
        asked = text(f"report.explain.{question.id}", locale)
        return cls(question.id, asked, told, names[0], names[1], question.figures(locale))


def chapters(m: Material) -> tuple[Question, ...]:
    """Why, what follows if, and what to do: the rooms of all three in order."""
    return (*questions(m), *simulated.questions(m), *designed.questions(m))


def tables(m: Material) -> dict[str, Table]:
    """Every table of a report by id, in the order of the document; those kept in files only come last."""
    chapter = chapters(m)
    made = (
        sources.data_quality(m),
        sources.repairs(m),
        altered.treatment(m),
        results.ranking(m),
        results.trends(m),
        robust.intervals(m),
        robust.shares(m),
        robust.drop_one(m),
        results.levels(m),
        diagnosis.obstacles(m),
        compensability.compensability(m),
        *[table for question in chapter for table in question.tables],
        sources.weights(m),
        *diagnosis.consistencies(m),
        moves.moves(m),
        sources.left_out(m),
        methods.methods(m),
        methods.glossary(m),
        sources.proxies(m),
        results.scores(m),
        results.values(m),
        results.groups(m),
        diagnosis.obstacle_degrees(m),
        robust.regional_shares(m),
        sources.changes(m),
        altered.imputed(m),
        altered.treated(m),
        *[table for question in chapter for table in question.files],
    )
    return {table.id: table for table in made}


def document(m: Material, made: Mapping[str, Table], locale: Locale) -> bytes:
    """The report in one language as UTF-8 HTML; the same material gives the same bytes."""
    maps, cards = tile_maps(m, locale), profiles(m, locale)
    chapter = [Room.of(question, locale) for question in chapters(m)]
    drawn = [
        charts.ranking(m, locale),
        *([maps[-1][1]] if maps else []),
        charts.trends(m, locale),
        charts.intervals(m, locale),
        *[figure for room in chapter for figure in room.figures],
        charts.weights(m, locale),
    ]
    figures = {figure.id: figure for figure in drawn if figure is not None}
    anchors = {figure.id for room in chapter for figure in room.figures}
    anchors |= {anchor for table in made.values() for anchor in table.anchors() if anchor}
    ledger = first_page(m, locale, anchors)
    names = (*(("ledger",) if ledger else ()), *SECTIONS, *[room.id for room in chapter], *LAST_SECTIONS)
    sections = [Section(name, text(f"report.section.{name}", locale)) for name in names if _told(name, m, made, maps)]
    shown = (*SHOWN, *[table for room in chapter for table in room.tables], *SHOWN_LAST)
    page = fill(
        "report.html",
        m=m,
        locale=locale,
        other="en" if locale == "zh" else "zh",
        title=m.choices.title.label.text(locale),
        root=words.headline(m.root.label.text(locale), locale),
        sections=sections,
        present={section.id for section in sections},
        ledger=ledger,
        findings=findings(m, locale),
        facts=_facts(m, locale),
        compensated=words.joined(compensability.told(m, locale), locale),
        chapter=chapter,
        silent=_silent(m, locale),
        tables=numbered([made[name] for name in shown], locale),
        figures=captioned(figures, locale),
        maps=maps,
        tops=words.names([node.label for node in m.top], locale),
        profiles=cards,
        uncarded=len(m.order) - len(cards),
        data_sources=[source.text(locale) for source in sources.cited(m)],
        limits=[limit.text(locale) for limit in _limits(m, made)],
        hashes=[(name, found[:SHORT]) for name, found in sorted(m.hashes.items())],
        choices=_choices(m) if m.replayed else "",
        say=lambda key, **values: text(f"report.{key}", locale, **values),
        limit=words.percent(DOMINANT, 0),
        font=font(),
        style=Markup((TEMPLATES / "report.css").read_text(encoding="utf-8")),
        script=Markup((TEMPLATES / "report.js").read_text(encoding="utf-8")),
    )
    return page.encode()


def _told(name: str, m: Material, made: Mapping[str, Table], maps: tuple[tuple[int, Figure], ...]) -> bool:
    """Whether a section has anything to say in this study."""
    empty = {
        "map": not maps,
        "trends": not m.several,
        "robustness": not made["robustness"].rows,
        "obstacles": not made["obstacles"].rows,
        "compensability": not made["compensability"].rows,
        "left_out": not made["left_out"].rows,
        "glossary": not made["glossary"].rows,
    }
    return not empty.get(name, False)


def _silent(m: Material, locale: Locale) -> list[tuple[str, str]]:
    """Questions that this study cannot answer, by name, and why."""
    found = {} if m.evidence is None else m.evidence.silent
    return [(text(f"report.section.{name}", locale), why.text(locale)) for name, why in found.items()]


def numbered(made: Iterable[Table], locale: Locale) -> dict[str, Markup]:
    """The shown tables, numbered in the order of the document; empty ones are left out."""
    shown = [table for table in made if table.rows]
    headings = (text("report.table_number", locale, number=number) for number in range(1, len(shown) + 1))
    return {table.id: table.html(locale, heading) for table, heading in zip(shown, headings, strict=True)}


def captioned(figures: Mapping[str, Figure], locale: Locale) -> dict[str, tuple[str, Figure]]:
    """Figures by kind with their number."""
    kinds = ["map" if name.startswith("map-") else name.removeprefix("chart-") for name in figures]
    return {
        kind: (text("report.figure_number", locale, number=number), figure)
        for number, (kind, figure) in enumerate(zip(kinds, figures.values(), strict=True), start=1)
    }


def _facts(m: Material, locale: Locale) -> list[tuple[str, str]]:
    """The data in a few numbers: (number, what it counts)."""
    total = max(1, sum(m.cells.values()))
    found = {mark.name.lower(): number / total for mark, number in m.cells.items()}
    years = f"{m.years[0]}–{m.years[-1]}" if len(m.years) > 1 else str(m.years[0])
    shown = [
        (str(int(m.judged.sum())), "regions"),
        (years, "years"),
        (str(len(m.leaves)), "indicators"),
        (str(len(m.index.left_out)), "left_out"),
        (words.percent(found["observed"]), "observed"),
        (words.percent(found["interpolated"]), "interpolated"),
    ]
    shown += [(words.percent(found[name]), name) for name in ("absent", "adjusted", "missing") if found[name] > 0]
    return [(number, text(f"report.fact.{name}", locale)) for number, name in shown]


def _limits(m: Material, made: Mapping[str, Table]) -> list[Label]:
    """What a reader must not take from the report."""
    keys = ["scale", "no_cause", "weights", "levels"]
    if not m.comparable:
        keys.insert(0, "not_comparable")
    if m.obstacles is None:
        keys.append("obstacles")
    if m.compensability is None and len(m.top) > 1:
        keys.append("compensability")
    if made["repairs"].rows:
        keys.append("repairs")
    if made["proxies"].rows:
        keys.append("proxies")
    return [*m.coverage, *[words.label(f"report.limit.{key}") for key in keys]]


def _choices(m: Material) -> str:
    return json.dumps(json.loads(canonical(m.choices.model_dump(mode="json"))), ensure_ascii=False, indent=1)


@cache
def font() -> str:
    return base64.b64encode(FONT.read_bytes()).decode()
