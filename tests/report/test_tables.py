"""Tables: what a cell looks like, what a file holds, and that files and pages say the same as the index."""

import csv
import io
import math
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from zhiyu.measure.consistency import consistency
from zhiyu.measure.obstacle import obstacles
from zhiyu.report import Material, tables, words
from zhiyu.report.tables import Column, Table, column, display, guarded
from zhiyu.terms import Label

NAME = Label("名称", "name")


def example() -> Table:
    columns = (
        Column("id", Label("编号", "Id"), head=True),
        Column("name", NAME, "label"),
        Column("year", Label("年", "Year"), "year"),
        Column("score", Label("得分", "Score"), "number", 2),
        Column("share", Label("占比", "Share"), "percent"),
        Column("move", Label("变动", "Move"), "movement"),
        Column("hidden", Label("暗", "Hidden"), shown=False),
    )
    rows = (
        ("=1+1", Label("甲", "A & B"), 2022, 1234.5678, 0.25, 3, "x"),
        ("-2", Label("+乙", "@c"), 2021, -0.1, math.nan, -2, "y"),
        ("c", Label("丙", "C"), 2020, math.nan, None, None, "z"),
    )
    return Table(
        "example", Label("例", "Example"), columns, rows, (Label("注一。", "One."),), (Label("甲局", "Office A"),)
    )


def read(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize(
    ("value", "digits", "shown"),
    [(1234.56, 1, "1,234.6"), (-0.5, 1, "−0.5"), (-0.04, 1, "0.0"), (math.nan, 1, "—"), (None, 1, "—"), (7.0, 0, "7")],
)
def test_numbers_as_a_reader_writes_them(value, digits, shown):
    assert words.number(value, digits) == shown


@pytest.mark.parametrize(
    ("value", "shown"), [(0.123456, "0.1235"), (45.678, "45.68"), (12345.6, "12,346"), (0.0, "0.000"), (-3.5, "−3.500")]
)
def test_values_of_any_size(value, shown):
    assert words.significant(value) == shown


@pytest.mark.parametrize(
    ("unit", "zh", "en"),
    [
        ("%", "%", "%"),
        ("1", "", ""),
        ("count/(10k person)", "个/万人", "per 10,000 people"),
        ("person_year/(10k person)", "人年/万人", "person-years per 10,000 people"),
        ("person/(10k person)", "人/万人", "people per 10,000 people"),
        ("100m yuan", "亿元", "100 million yuan"),
        ("亿元", "亿元", "100 million yuan"),
        ("yuan2011/person", "元（2011年价）/人", "yuan at 2011 prices per person"),
        ("1m t_CO2", "百万吨二氧化碳", "million t CO₂"),
        ("furlong", "furlong", "furlong"),
    ],
)
def test_units_in_words(unit, zh, en):
    assert (words.unit(unit, "zh"), words.unit(unit, "en")) == (zh, en)


def test_lists_in_words():
    assert words.listed(["甲", "乙", "丙"], "zh") == "甲、乙和丙"
    assert words.listed(["a", "b", "c"], "en") == "a, b and c"
    assert words.listed([], "en") == ""


def test_cells_by_kind():
    kinds = {"integer": "1,000", "year": "1000", "percent": "100000.0%", "number": "1,000.0", "movement": "▲ 1000"}
    for kind, shown in kinds.items():
        assert display(1000, Column("x", NAME, kind), "en").replace("100,000.0%", "100000.0%") == shown  # type: ignore[arg-type]
    assert display(0, Column("x", NAME, "movement"), "en") == "0"
    assert display(-4, Column("x", NAME, "movement"), "en") == "▼ 4"


def test_a_table_refuses_a_row_of_another_length():
    with pytest.raises(ValueError, match="2 columns, but a row of 1"):
        Table("t", NAME, (column("region"), column("year", "year")), (("a",),))


def test_html_is_a_three_line_table_with_title_above_and_notes_below():
    page = example().html("en", "Table 1.")
    assert page.index("<caption>") < page.index("<thead>") < page.index("<tbody>") < page.index("Note: One.")
    assert "Source: Office A." in page
    assert '<th scope="row">=1+1</th>' in page
    assert "A &amp; B" in page
    assert '<td class="num">1,234.57</td>' in page
    assert "▲ 3" in page
    assert "Hidden" not in page
    assert "注：注一。" in example().html("zh")


def test_equal_cells_are_spanned():
    table = Table("t", NAME, (column("group", span=True), column("year", "year")), (("a", 1), ("a", 2), ("b", 3)))
    assert str(table.html("en")).count('<td class="span" rowspan="2">a</td>') == 1


def test_csv_has_ids_full_precision_empty_cells_and_no_formulas():
    content = example().csv()
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.splitlines()[0].decode("utf-8-sig") == "id,name_zh,name_en,year,score,share,move,hidden"
    first, second, third = read(content)
    assert (first["id"], second["id"], second["name_zh"], second["name_en"]) == ("'=1+1", "'-2", "'+乙", "'@c")
    assert (first["score"], second["score"], third["score"]) == ("1234.5678", "-0.1", "")  # numbers are not touched
    assert (second["share"], third["move"], first["year"]) == ("", "", "2022")
    assert read(example().csv("zh"))[0]["name"] == "甲"


@pytest.mark.parametrize("word", ["=A1", "+1", "-1", "@x", "\tx", "\rx"])
def test_a_text_that_looks_like_a_formula_gets_an_apostrophe(word):
    assert guarded(word) == f"'{word}"
    assert guarded(f"a{word}") == f"a{word}"


def test_parquet_keeps_types_and_bytes():
    table = pq.read_table(pa.BufferReader(example().parquet()))
    assert table.schema.field("year").type == pa.int64()
    assert table.schema.field("score").type == pa.float64()
    assert table.column("name_en").to_pylist() == ["A & B", "@c", "C"]
    assert table.column("score").to_pylist()[2] is None
    assert example().parquet() == example().parquet()


def test_the_long_table_is_the_index(small: Material):
    rows = read(tables(small)["index"].csv())
    assert {"region", "year", "node", "score", "rank", "coverage", "stage"} <= set(rows[0])
    nodes = len(small.index.tree.nodes)
    assert len(rows) == len(small.codes) * len(small.years) * nodes
    for row in rows:
        at = {"region": row["region"], "year": int(row["year"]), "node": row["node"]}
        score = float(small.index.scores.sel(at))
        assert row["score"] == ("" if np.isnan(score) else repr(score))
        assert row["rank"] == ("" if np.isnan(score) else str(int(small.index.ranks.sel(at))))


def test_ranks_and_movement_in_the_ranking_are_the_index(small: Material):
    table = tables(small)["ranking"]
    root = small.index.ranks.sel(node="r")
    first, last = (root.sel(year=year).to_series() for year in (small.first, small.last))
    codes = table.column("region")
    assert table.column("rank") == [int(last[code]) for code in codes] == sorted(int(rank) for rank in last)
    assert table.column("rank_first") == [int(first[code]) for code in codes]
    assert table.column("change") == [int(first[code] - last[code]) for code in codes]


def test_weights_sum_and_what_is_left_out_is_said(small: Material):
    made = tables(small)
    assert sum(made["weights"].column("weight")) == pytest.approx(1.0)  # type: ignore[arg-type]
    assert made["left_out"].column("indicator") == ["gone"]
    assert made["left_out"].rows[0][-2] == words.label("report.left_out.coverage", share="50%", least="90%")
    flags = zip(made["weights"].column("indicator"), made["weights"].column("flag"), strict=True)
    flagged = [name for name, flag in flags if flag]
    assert flagged == [leaf.id for leaf, _, _ in small.index.dominant]


def test_every_changed_cell_is_in_the_file_and_counted_by_rule(small: Material):
    made = tables(small)
    assert len(made["changed_cells"].rows) == len(small.panel.changes) == 1
    assert made["changed_cells"].rows[0][2:5:2] == (small.codes[3], 2016)
    assert made["repairs"].column("cells_changed") == [1]
    quality = dict(zip(made["data_quality"].column("variable"), made["data_quality"].rows, strict=True))
    assert quality["y"][4] == 1  # interpolated
    assert quality["z"][7] == 1  # missing


def test_group_means_are_means(small: Material):
    table = tables(small)["trends"]
    for row in table.rows:
        if row[0] != "all":
            members = [code for code in small.codes if small.index.regions[code].group("region4") == row[0]]
            expected = small.index.scores.sel(node="r", year=small.last, region=members).mean()
            assert row[-2] == pytest.approx(float(expected))


def test_the_coverage_note_stands_under_every_table_of_results(small: Material):
    for name, table in tables(small).items():
        if name not in ("methods", "glossary"):
            assert "只含十二省" in table.notes[-1].zh, name


def test_the_three_greatest_obstacles_are_those_of_the_index(small: Material):
    made = tables(small)
    degrees = obstacles(small.index).sel(year=small.last)
    assert made["obstacles"].column("region") == [small.codes[i] for i in small.ranked]
    for row in made["obstacles"].rows:
        of = degrees.sel(region=row[1]).to_series().dropna().sort_values(ascending=False)
        shown = [(row[3 + 3 * k], row[5 + 3 * k]) for k in range(3) if row[5 + 3 * k] is not None]
        assert [share for _, share in shown] == [share for share in of[:3] if share > 0]
        assert all(of[name] == share for name, share in shown)


def test_the_file_of_degrees_sums_to_one_by_indicator_and_by_attribute(small: Material):
    rows = [row for row in read(tables(small)["obstacle_degrees"].csv()) if row["year"] == str(small.last)]
    for code in small.codes:
        for nodes in (small.top, small.leaves):
            ids = {node.id for node in nodes}
            found = [float(row["degree"]) for row in rows if row["region"] == code and row["node"] in ids]
            assert sum(found) == pytest.approx(1.0), code


def test_a_region_that_loses_nothing_has_no_obstacle(small: Material):
    lossless = replace(small, index=replace(small.index, scores=small.index.scores * 0 + small.scale))
    made = tables(lossless)["obstacles"]
    assert made.column("degree_1") == [None] * len(made.rows)
    assert "—" in made.html("zh")


def test_alphas_and_correlations_of_the_page_are_those_of_the_index(small: Material):
    made, found = tables(small), consistency(small.index)
    assert made["consistency"].column("node") == ["r", "A", "B", "r"]
    assert made["consistency"].column("alpha")[:3] == [alpha.covariance for alpha in found.leaves]
    assert made["consistency"].column("items") == [5, 2, 2, 3]
    assert made["item_correlations"].column("indicator") == [leaf.id for leaf in small.leaves]
    flags = [words.label(f"report.flag.{item.flag}").en if item.flag else "" for item in found.items]
    assert [cell.en for cell in made["item_correlations"].column("remark")] == flags  # type: ignore[union-attr]
    assert "negative" in flags  # `d` is oriented against what grows
