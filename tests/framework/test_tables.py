"""The theory's tables: complete, bilingual, and true to the paper's structure."""

import re
from collections import Counter
from dataclasses import fields
from itertools import product

import pytest

from zhiyu.data import formula
from zhiyu.framework import Framework, load
from zhiyu.framework.rows import Aspect, Row
from zhiyu.framework.tree import Node

PAPER = load("paper")

COUNTS = {
    "logics": 4,
    "embedding": 4,
    "attributes": 5,
    "mechanisms": 5,
    "strategies": 15,
    "measures": 45,
    "claims": 25,
    "stages": 25,
    "aspects": 15,
    "indicators": 30,
    "facts": 19,
    "subsystems": 8,
}
SECTION = re.compile(r"abstract|[1-4]|2\.[1-4]|3\.[1-5]|4\.[1-5](\.[1-3]){0,2}")
# Han, kana, full-width forms and Chinese quotation marks or dashes
CHINESE = re.compile("[\u3000-\u9fff\uff00-\uffef\u2014\u2018-\u201d]")
HALF_WIDTH = re.compile(r"[,;:?!()]|[\u4e00-\u9fff]\.")
OPTIONAL = {"note"}  # the only texts a row may lack, and then in both languages

# outcomes and controls the claims read beside the framework's own nodes, and the table of policy events
COLUMNS = {
    "gdp_real2011_100m",
    "gdp_100m",
    "capital_stock_real2011_100m",
    "population_10k",
    "disposable_income_pc_yuan",
    "trade_goods_100m",
    "rd_researchers_fte",
    "tech_market_output_10k",
    "tech_market_absorb_10k",
    "electricity_100m_kwh",
    "energy_10kt_sce",
    "co2_apparent_mt",
    "internet_users_pct",
    "broadband_per100",
    "e-gov-index",
    "hightech_exports_pct",
    "gdp_pc_ppp_wb",
    "policy_events",
}


def texts(row: object) -> dict[str, tuple[str, str]]:
    """The row's text columns as (zh, en) by name, whether it keeps them in column pairs or in labels."""
    names = [field.name for field in fields(row)]  # type: ignore[arg-type]
    if "label" in names:  # a node of the tree
        labels = {name: getattr(row, name) for name in ("label", "definition", "note", "proxy_for")}
        return {name: (label.zh, label.en) for name, label in labels.items()}
    stems = [name.removesuffix("_zh") for name in names if name.endswith("_zh")]
    pairs = {stem: (getattr(row, f"{stem}_zh"), getattr(row, f"{stem}_en")) for stem in stems}
    return {"label": (row.zh, row.en)} | pairs  # type: ignore[attr-defined]


def every_text() -> list[tuple[str, str, str, str, str]]:
    return [
        (table, row.id, name, zh, en)
        for table, rows in PAPER.tables
        for row in rows
        for name, (zh, en) in texts(row).items()
    ]


@pytest.mark.parametrize(("table", "count"), COUNTS.items())
def test_counts(table: str, count: int) -> None:
    assert len(getattr(PAPER, table)) == count


def test_every_table_is_loaded() -> None:
    assert {name for name, _ in PAPER.tables} == {*COUNTS, "glossary"}
    assert len(PAPER.glossary) >= 40


def test_ids_are_unique_in_each_table() -> None:
    for table, rows in PAPER.tables:
        twice = [name for name, times in Counter(row.id for row in rows).items() if times > 1]
        assert not twice, table


def test_every_text_stands_in_both_languages() -> None:
    lacking = [(table, row, name) for table, row, name, zh, en in every_text() if not (zh and en)]
    assert not [where for where in lacking if where[2] not in OPTIONAL]
    assert not [(row, name) for _, row, name, zh, en in every_text() if bool(zh) != bool(en)]


def test_english_has_no_chinese() -> None:
    assert not [(table, row, name, en) for table, row, name, _, en in every_text() if CHINESE.search(en)]


def test_chinese_is_chinese_with_full_width_punctuation() -> None:
    assert not [(table, row, name, zh) for table, row, name, zh, _ in every_text() if HALF_WIDTH.search(zh)]
    assert not [(table, row, zh) for table, row, _, zh, _ in every_text() if zh and not CHINESE.search(zh)]


def test_definitions_are_one_sentence() -> None:
    defined = [(zh, en) for _, _, name, zh, en in every_text() if name == "definition"]
    assert not [zh for zh, _ in defined if zh.count("。") != 1 or not zh.endswith("。")]
    assert not [en for _, en in defined if not en.endswith(".") or re.search(r"\.\s", en)]


def test_sections_are_the_papers() -> None:
    for table, rows in PAPER.tables:
        for row in rows:
            assert SECTION.fullmatch(row.section) or (table == "glossary" and row.section == ""), (table, row.id)


def test_sections_follow_ids() -> None:
    rows: list[Row] = [*PAPER.mechanisms, *PAPER.strategies, *PAPER.measures]
    assert [row.section for row in rows] == [f"4.{row.id}" for row in rows]


def test_nodes_cite_the_section_of_their_attribute() -> None:
    nodes: list[Aspect | Node] = [*PAPER.aspects, *PAPER.indicators]
    for node in nodes:
        assert node.section == PAPER.attributes[PAPER.tree.attribute(node.id).id].section


def test_every_attribute_has_two_to_four_aspects_and_every_aspect_indicators() -> None:
    aspects = Counter(aspect.parent for aspect in PAPER.aspects)
    assert set(aspects) == set(PAPER.attributes.ids)
    assert all(2 <= count <= 4 for count in aspects.values())
    assert {indicator.parent for indicator in PAPER.indicators} == set(PAPER.aspects.ids)


def test_three_strategies_a_mechanism_and_three_measures_a_strategy() -> None:
    assert [row.id for row in PAPER.mechanisms] == list("12345")
    assert [row.id for row in PAPER.strategies] == [f"{m}.{s}" for m, s in product("12345", "123")]
    assert [row.id for row in PAPER.measures] == [f"{m}.{s}.{n}" for m, s, n in product("12345", "123", "123")]
    assert all(row.id.rpartition(".")[0] == row.mechanism for row in PAPER.strategies)
    assert all(row.id.rpartition(".")[0] == row.strategy for row in PAPER.measures)


def test_mechanism_slugs() -> None:
    slugs = [row.slug for row in PAPER.mechanisms]
    assert slugs == ["innovation", "data_value", "industry_upgrading", "governance_capacity", "open_collaboration"]


def test_measure_names_are_the_theorys() -> None:
    named = {row.id: (row.zh, row.en) for row in PAPER.measures}
    assert named["1.1.1"] == (
        "强化原创性科技攻关",
        "Original core-technology breakthroughs (chips, algorithms, sensors)",
    )
    assert named["2.3.1"] == ("建设区域性数据枢纽", "Regional data / compute hubs")
    assert named["3.1.1"] == ("推动制造业数字化升级", "Manufacturing digital upgrade")
    assert named["5.3.3"] == ("推动公共数据与社会数据的有序开放", "Orderly opening of public and social data")


def test_overlaps_are_symmetric() -> None:
    groups = [
        {"1.2.1", "3.1.1"},
        {"1.2.2", "3.1.2"},
        {"1.2.3", "3.3.1"},
        {"2.2.2", "4.1.2", "5.3.3"},
        {"1.1.2", "5.3.2"},
    ]
    wanted = {name: group - {name} for group in groups for name in group}
    assert {row.id: set(row.overlapping) for row in PAPER.measures if row.overlaps} == wanted


@pytest.mark.parametrize(
    ("measure", "weights"),
    [
        ("1.1.1", {"RD": 1.0, "comp": 0.3}),
        ("1.1.3", {"RD": 0.4, "tal": 0.8, "oA": 0.2}),
        ("2.1.2", {"inst": 0.6, "oD": 0.5, "tc": 0.2}),
        ("2.1.3", {"inst": 0.5, "data": 0.4, "sec": -0.2}),
        ("2.2.1", {"sec": 1.0, "data": -0.2}),
        ("3.3.2", {"push": 0.6, "incl": 0.4, "plat": 0.4}),
        ("4.2.1", {"green": 0.8, "gov": 0.4}),
        ("4.1.3", {"fore": 1.0, "gov": 0.4}),
        ("5.2.3", {"oF": 0.6, "oD": 0.2, "sec": -0.1}),
        ("5.3.3", {"data": 0.6, "oD": 0.4, "plat": 0.3, "sec": -0.1}),
    ],
)
def test_channels(measure: str, weights: dict[str, float]) -> None:
    assert PAPER.measures[measure].weights == weights


def test_channels_are_the_models_and_all_assumed() -> None:
    capped = {"RD", "push", "pull", "data", "inst", "sec", "oD", "oA", "oF", "plat", "gov", "fore", "edu", "tal"}
    capped |= {"comp", "core", "tc", "incl", "green"}
    assert {name for row in PAPER.measures for name in row.weights} == capped
    assert {row.grade for row in PAPER.measures} == {"D"}
    negative = {(row.id, name) for row in PAPER.measures for name, weight in row.weights.items() if weight < 0}
    assert negative == {("2.1.3", "sec"), ("2.2.1", "data"), ("5.2.3", "sec"), ("5.3.3", "sec")}


def test_gaps_in_the_papers_measures_are_said() -> None:
    for measure, channel, word in (("4.2.1", "green", "carbon"), ("1.3.2", "edu", "skills")):
        assert [row.id for row in PAPER.measures if channel in row.weights] == [measure]
        assert word in PAPER.measures[measure].note_en
    assert "compute load" in PAPER.measures["2.3.1"].note_en


def test_claims_are_numbered_and_say_their_evidence() -> None:
    assert PAPER.claims.ids == tuple(f"C{number:02d}" for number in range(1, 26))
    kinds = {row.id: row.kind for row in PAPER.claims if row.kind != "observed"}
    assert kinds == {
        "C07": "model-implied",
        "C21": "both",
        "C22": "model-implied",
        "C24": "model-implied",
        "C25": "model-implied",
    }


def test_claims_name_variables_that_exist() -> None:
    known = {node.id for node in PAPER.tree.nodes} | {row.slug for row in PAPER.mechanisms} | COLUMNS
    for claim in PAPER.claims:
        variables = claim.variables.split(";")
        assert len(variables) == len(set(variables)), claim.id
        assert set(variables) <= known, claim.id


def test_stages_walk_five_steps_of_each_attribute() -> None:
    walked = [(row.attribute, row.level) for row in PAPER.stages]
    assert walked == list(product(PAPER.attributes.ids, "12345"))
    assert all(row.id == f"{row.attribute}.{row.level}" for row in PAPER.stages)
    assert all(2 <= len(row.zh) <= 4 for row in PAPER.stages)
    assert len({row.zh for row in PAPER.stages}) == len({row.en for row in PAPER.stages}) == 25


def test_facts_carry_number_year_and_source() -> None:
    for fact in PAPER.facts:
        assert float(fact.value) > 0
        assert fact.year in ("2020", "2023", "2024")
        assert re.search(r"\d{4}-\d\d-\d\d", fact.source_en)
        assert "http" not in fact.source_en
        assert fact.unit


def test_compute_facts_that_cannot_both_hold_are_flagged() -> None:
    total, share, intelligent = (
        PAPER.facts[name] for name in ("compute_total", "compute_intelligent_share", "compute_intelligent")
    )
    assert (total.value, share.value, intelligent.value) == ("280", "32", "725.3")
    assert float(total.value) * float(share.value) / 100 == pytest.approx(89.6)
    for fact in (total, share, intelligent):
        assert "annot both hold" in fact.note_en
        assert "precision" in fact.note_en
        assert "精度" in fact.note_zh


def test_policy_events_stay_out_of_the_index() -> None:
    read = {name for indicator in PAPER.indicators for name in formula.names(indicator.formula)}
    assert not read & {"compute_hub", "policy_events", "pilot_zones"}


def test_every_indicator_is_positive_with_no_weight_of_its_own() -> None:
    assert {indicator.direction for indicator in PAPER.indicators} == {1}
    assert {(indicator.weight, indicator.low, indicator.high) for indicator in PAPER.indicators} == {(None, None, None)}
    assert all(indicator.unit for indicator in PAPER.indicators)


def test_loading_twice_gives_the_same_rows() -> None:
    again: Framework = load("paper")
    assert [name for name, _ in again.tables] == [name for name, _ in PAPER.tables]
    assert again.measures == PAPER.measures


def test_subsystems_stand_under_their_logic_and_read_indicators_of_the_tree() -> None:
    sides = [(row.logic, row.id) for row in PAPER.subsystems]
    assert [logic for logic, _ in sides] == ["dual_wheel"] * 2 + ["coevolution"] * 2 + ["embedding"] * 4
    assert tuple(name for logic, name in sides if logic == "embedding") == PAPER.embedding.ids
    for row in PAPER.subsystems:
        assert row.section == PAPER.logics[row.logic].section
        assert set(row.leaves) <= set(PAPER.indicators.ids), row.id


def test_no_indicator_stands_on_two_sides_of_one_logic() -> None:
    for logic in ("dual_wheel", "coevolution", "embedding"):
        read = [leaf for row in PAPER.subsystems.where(logic=logic) for leaf in row.leaves]
        assert len(read) == len(set(read)), logic


def test_the_data_factor_is_read_off_its_own_attribute() -> None:
    below = {leaf.id for leaf in PAPER.tree.leaves_below("data_factor")}
    assert set(PAPER.subsystems["factor"].leaves) == below
