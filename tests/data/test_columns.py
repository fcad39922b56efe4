"""The columns of a table: which row is the header, which column names regions, what a header says of its variable."""

import pandas as pd
import pytest

from zhiyu.data import columns
from zhiyu.data.columns import Layout
from zhiyu.data.tables import RawTable


@pytest.mark.parametrize(
    ("header", "name", "unit"),
    [
        ("GDP（亿元）", "GDP", "亿元"),
        ("GDP (100m yuan)", "GDP", "100m yuan"),
        ("R&D 经费(万元)", "R_D_经费", "万元"),
        ("每万人专利（件/万人）", "每万人专利", "件/万人"),
        ("gdp(2019)", "gdp_2019", ""),
        ("x (1)", "x_1", ""),
        ("growth (%)", "growth", "%"),
        ("人口（年末）", "人口_年末", ""),
        ("5G stations", "_5G_stations", ""),
        ("lambda", "_lambda", ""),
        ("in", "_in", ""),
        ("（亿元）", "亿元", ""),
        ("a-b", "a_b", ""),
    ],
)
def test_names_and_units_of_headers(header: str, name: str, unit: str) -> None:
    assert columns.variable_name(header) == (name, unit)


@pytest.mark.parametrize(
    ("header", "layout", "expected"),
    [
        (["省份", "年份", "x"], Layout(), True),
        (["Region", "YEAR"], Layout(), True),
        (["地区", "2019", "2020年"], Layout(), True),
        (["region", "x"], Layout(), False),
        (["year", "x"], Layout(), False),
        (["where", "when"], Layout(), False),
        (["where", "When"], Layout("Where", "when"), True),
        (["region", "year"], Layout("where"), False),
    ],
)
def test_a_header_names_regions_and_years(header: list[str], layout: Layout, expected: bool) -> None:
    assert columns.is_header(header, layout) is expected


def test_names_of_regions_as_they_stand_less_notes() -> None:
    cells = pd.DataFrame({"name": ["甲", " 乙", "注：见附录", None], "year": [2020, 2020, None, 2020]}, dtype=object)
    table = RawTable("p.csv", None, ("name", "year"), cells.where(cells.notna(), None), 2)
    assert columns.regions_named(table, Layout()) == {"甲", "乙"}
