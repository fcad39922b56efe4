"""Files to panels: the same numbers in any encoding, format and layout give the same panel, to the bit."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from support import CN, refused

from zhiyu.data import read
from zhiyu.data.columns import Layout
from zhiyu.data.panel import Panel, Variable
from zhiyu.terms import Label

REGIONS, YEARS = ["河北", "北京", "天津"], [2019, 2020, 2021]
GDP = [[1234.5, 2.0, 3.25], [4.0, np.nan, 6.0], [0.1, 8.0, -9.0]]
PEOPLE = [[10.0, 11.0, 12.0], [20.0, 21.0, 22.0], [1234567.0, 31.0, np.nan]]
DICTIONARY = {
    "GDP": Variable("GDP", Label("地区生产总值", "GDP"), "亿元", Label("统计局", "NBS"), "A"),
    "人口": Variable("人口", Label("人口", "population"), "10k person", quality="B"),
}


def long_rows(header: list[str]) -> list[list[object]]:
    cells = [
        [region, year, GDP[i][t], PEOPLE[i][t]] for i, region in enumerate(REGIONS) for t, year in enumerate(YEARS)
    ]
    return [list(header), *[["" if c != c else c for c in row] for row in cells]]


HEADER = ["省份", "年份", "GDP（亿元）", "人口（万人）"]


def text(rows: list[list[object]], separator: str = ",") -> str:
    return "".join(separator.join(str(cell) for cell in row) + "\n" for row in rows)


def write_text(encoding: str, separator: str = ",", suffix: str = ".csv", end: str = "\n") -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        path = folder / f"panel{suffix}"
        path.write_bytes(text(long_rows(HEADER), separator).replace("\n", end).encode(encoding))
        return path

    return write


def write_people_form(folder: Path) -> Path:
    """As people type: full-width digits, thousands separators, spaces, full region names, years with 年, blank rows."""
    path = folder / "typed.csv"
    lines = ["分省数据（初步）,,,", ",,,", "省份 ,年份,GDP（亿元）,人口(万人)"]
    for i, region in enumerate(["河北省", " 北京市", "天津"]):
        for t, year in enumerate(["２０１９年", "2020 年", "2021.0"]):
            gdp = "" if np.isnan(GDP[i][t]) else f'"{GDP[i][t]:,}"'
            people = "" if np.isnan(PEOPLE[i][t]) else f'"{PEOPLE[i][t]:,}"'.translate(str.maketrans("123", "１２３"))
            lines += [f"{region},{year},{gdp},{people}", ",,,"]
    path.write_text("\n".join([*lines, "注：数据来自年鉴。,,,"]), encoding="utf-8")
    return path


def frame() -> pd.DataFrame:
    rows = long_rows(["省份", "年份", "GDP", "人口"])
    made = pd.DataFrame(rows[1:], columns=[str(name) for name in rows[0]]).replace("", np.nan)
    return made.astype({"GDP": float, "人口": float, "年份": int})


def write_xlsx_long(folder: Path) -> Path:
    path = folder / "long.xlsx"
    book = openpyxl.Workbook()
    for row in long_rows(HEADER):
        book.active.append([None if cell == "" else cell for cell in row])
    book.save(path)
    return path


def write_xlsx_wide(folder: Path) -> Path:
    """A yearbook: one sheet a variable, a title above, years across, notes beneath; and an empty sheet."""
    path = folder / "wide.xlsx"
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, values in {"GDP（亿元）": GDP, "人口（万人）": PEOPLE}.items():
        sheet = book.create_sheet(name)
        sheet.append([f"各省{name}"])
        sheet.append([])
        sheet.append(["地区", *[f"{year}年" if name.startswith("人") else year for year in YEARS]])
        for region, row in zip(REGIONS, values, strict=True):
            sheet.append([region, *[None if np.isnan(value) else value for value in row]])
        sheet.append([])
        sheet.append(["注：本表按当年价格计算。"])
        sheet.append(["资料来源：统计年鉴"])
    book.create_sheet("空表")
    book.save(path)
    return path


def write_dta(folder: Path) -> Path:
    frame().to_stata(folder / "panel.dta", write_index=False, version=118)
    return folder / "panel.dta"


def write_dta_labelled(folder: Path) -> Path:
    """Regions as a labelled number, years as a Stata date."""
    made = frame()
    made["省份"] = pd.Categorical(made["省份"])
    made["年份"] = pd.to_datetime(made["年份"].astype(str) + "-01-01")
    made.to_stata(folder / "labelled.dta", write_index=False, version=118, convert_dates={"年份": "ty"})
    return folder / "labelled.dta"


def write_parquet(folder: Path) -> Path:
    frame().to_parquet(folder / "panel.parquet")
    return folder / "panel.parquet"


def write_parquet_indexed(folder: Path) -> Path:
    frame().set_index(["省份", "年份"]).to_parquet(folder / "indexed.parquet")
    return folder / "indexed.parquet"


FORMATS: dict[str, Callable[[Path], Path]] = {
    "utf-8 with BOM": write_text("utf-8-sig"),
    "utf-16": write_text("utf-16"),
    "gb18030": write_text("gb18030"),
    "semicolons": write_text("utf-8", ";"),
    "tsv": write_text("utf-8", "\t", ".tsv"),
    "txt in utf-16 with tabs": write_text("utf-16", "\t", ".txt"),
    "windows line ends": write_text("utf-8", end="\r\n"),
    "old mac line ends": write_text("utf-8", end="\r"),
    "as people type": write_people_form,
    "xlsx long": write_xlsx_long,
    "xlsx yearbook": write_xlsx_wide,
    "dta": write_dta,
    "dta with labels and dates": write_dta_labelled,
    "parquet": write_parquet,
    "parquet with an index": write_parquet_indexed,
}


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Panel:
    return read.read_panel([write_text("utf-8")(tmp_path_factory.mktemp("plain"))], CN, DICTIONARY)


def test_the_plain_file(plain: Panel) -> None:
    assert plain.codes == ("110000", "120000", "130000")
    assert plain.years == (2019, 2020, 2021)
    assert plain.names == ("GDP", "人口")
    order = [1, 2, 0]
    assert np.array_equal(plain.values("GDP"), np.array(GDP)[order], equal_nan=True)
    assert np.array_equal(plain.values("人口"), np.array(PEOPLE)[order], equal_nan=True)
    assert plain.marks["GDP"].values.tolist() == [[1, 0, 1], [1, 1, 1], [1, 1, 1]]
    assert plain.variables["GDP"] == DICTIONARY["GDP"]
    assert (plain.changes, plain.ignored) == ((), ())


@pytest.mark.parametrize("form", FORMATS)
def test_every_form_gives_the_same_panel(form: str, plain: Panel, tmp_path: Path) -> None:
    panel = read.read_panel([FORMATS[form](tmp_path)], CN, DICTIONARY)
    assert panel.data.identical(plain.data)
    assert panel.marks.identical(plain.marks)
    assert panel.variables == plain.variables
    assert panel.regions == plain.regions
    assert list(panel.names) == list(plain.names)


def test_footnotes_are_recorded_with_their_rows(tmp_path: Path) -> None:
    panel = read.read_panel([write_xlsx_wide(tmp_path)], CN)
    assert panel.ignored == (("wide.xlsx", "#8"), ("wide.xlsx", "#9")) * 2


def csv(folder: Path, content: str, name: str = "p.csv") -> Path:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


def read_csv(folder: Path, content: str, layout: Layout = Layout()) -> Panel:
    return read.read_panel([csv(folder, content)], CN, layout=layout)


def test_a_header_unit_that_contradicts_the_dictionary_is_refused(tmp_path: Path) -> None:
    path = csv(tmp_path, "省份,年份,GDP（万元）\n北京,2020,1\n")
    with refused("two_units") as caught:
        read.read_panel([path], CN, DICTIONARY)
    assert caught.says("p.csv", "亿元", "万元")


def test_code_and_name_that_agree_are_one_key(tmp_path: Path) -> None:
    panel = read_csv(
        tmp_path, "adcode,province,省份,year,x\n110000,Beijing,北京市,2020,1\n120000,Tianjin,天津,2020,2\n"
    )
    assert panel.names == ("x",)
    assert panel.ignored == ()


@pytest.mark.parametrize(
    "content",
    [
        "adcode,province,year,x\n110000,Beijing,2020,1\n610000,Shanxi,2020,2\n",
        "adcode,省份,2020,2021\n110000,北京,1,2\n610000,山西,3,4\n",
    ],
    ids=["long", "wide"],
)
def test_code_and_name_that_disagree_are_refused(tmp_path: Path, content: str) -> None:
    with refused("region_disagrees") as caught:
        read_csv(tmp_path, content)
    assert caught.says("row 3", "Shaanxi", "Shanxi")


def test_text_columns_are_left_out_and_recorded(tmp_path: Path) -> None:
    panel = read_csv(tmp_path, "省份,年份,x,备注,区\n北京,2020,1,好,East\n天津,2020,,,East\n")
    assert panel.names == ("x",)
    assert panel.ignored == (("p.csv", "备注"), ("p.csv", "区"))
    wide = read_csv(tmp_path, "省份,单位,2020,2021\n北京,亿元,1,—\n天津,亿元,2,—\n")
    assert wide.ignored == (("p.csv", "单位"), ("p.csv", "2021"))
    assert np.isnan(wide.values("p")[:, 1]).all()


def test_words_for_missing(tmp_path: Path) -> None:
    content = "省份,年份,x\n北京,2020,n.a.\n天津,2020,3\n河北,2020,…\n"
    with refused("not_a_number") as caught:
        read_csv(tmp_path, content)
    assert caught.says("row 2", "n.a.", "column x")
    panel = read_csv(tmp_path, content, Layout(missing=("n.a.", "…")))
    assert np.isnan(panel.values("x")[[0, 2], 0]).all()
    assert panel.values("x")[1, 0] == 3.0


def test_unusual_key_columns(tmp_path: Path) -> None:
    content = "地级单元,会计期,x\n北京,2020,1\n"
    with refused("missing_header"):
        read_csv(tmp_path, content)
    assert read_csv(tmp_path, content, Layout(region="地级单元", year="会计期")).values("x").tolist() == [[1.0]]


def test_regions_of_no_shipped_set(tmp_path: Path) -> None:
    panel = read.read_panel([csv(tmp_path, "city,year,x\nB,2020,1\nA,2020,2\n")], None)
    assert panel.codes == ("A", "B")
    assert panel.values("x").tolist() == [[2.0], [1.0]]


def test_files_join_by_region_and_year(tmp_path: Path) -> None:
    one = csv(tmp_path, "省份,年份,x\n北京,2020,1\n天津,2021,2\n", "one.csv")
    two = csv(tmp_path, "code,year,y\n12,2020,5\n", "two.csv")
    panel = read.read_panel([one, two], CN)
    assert (panel.codes, panel.years) == (("110000", "120000"), (2020, 2021))
    assert np.array_equal(panel.values("x"), [[1, np.nan], [np.nan, 2]], equal_nan=True)
    assert np.array_equal(panel.values("y"), [[np.nan, np.nan], [5, np.nan]], equal_nan=True)


def test_a_variable_in_two_files_is_refused(tmp_path: Path) -> None:
    files = [csv(tmp_path, "省份,年份,x\n北京,2020,1\n", name) for name in ("one.csv", "two.csv")]
    with refused("variable_twice") as caught:
        read.read_panel(files, CN)
    assert caught.says("one.csv", "two.csv")


BROKEN = [
    ("duplicate_region_year", "省份,年份,x\n北京,2020,1\n北京市,2020,2\n", ("row 3", "row 2", "Beijing", "2020")),
    ("duplicate_region", "省份,2020\n北京,1\n110000,2\n", ("row 3", "Beijing")),
    ("duplicate_column", "省份,年份,x,x\n北京,2020,1,2\n", ('"x"',)),
    ("duplicate_column", "省份,2020,2020年\n北京,1,2\n", ("2020",)),
    ("column_without_name", "省份,年份,x,\n北京,2020,1,2\n", ("4",)),
    ("column_without_name", "省份,年份,x\n北京,2020,1,7\n", ("4",)),
    ("missing_header", "a,b\n1,2\n", ("a, b",)),
    ("missing_header", "省份,x\n北京,2\n", ()),
    ("missing_header", "\n\n", ()),
    ("no_rows", "省份,年份,x\n", ()),
    ("empty_file", "", ()),
    ("empty_file", "\ufeff", ()),
    ("row_without_region", "省份,年份,x\n北京,2020,1\n,2020,2\n", ("row 3",)),
    ("unknown_region", "省份,年份,x\n北京,2020,1\n全国,2020,2\n", ("row 3", "全国")),
    ("retired_code", "code,year,x\n510200,1996,1\n", ("row 2", "500000")),
    ("not_a_year", "省份,年份,x\n北京,20,1\n", ('"20"', "row 2")),
    ("not_a_year", "省份,年份,x\n北京,,1\n", ("row 2",)),
    ("year_outside_range", "省份,年份,x\n北京,1066,1\n", ("1066",)),
    ("not_a_number", "省份,年份,x\n北京,2020,1\n天津,2020,1.2.3\n", ("row 3", "1.2.3")),
    ("not_a_number", "省份,年份,x\n北京,2020,1\n天津,2020,12%\n", ("12%",)),
    ("not_a_number", "省份,年份,x\n北京,2020,1\n天津,2020,1_000\n", ("1_000",)),
    ("not_a_number", '省份,年份,x\n北京,2020,1\n天津,2020,"1,00"\n', ("1,00",)),
    ("not_a_number", "省份,年份,x\n北京,2020,1\n天津,2020,inf\n", ("inf",)),
    ("not_a_number", "省份,年份,x\n北京,2020,1\n天津,2020,1e999\n", ("row 3",)),
]


@pytest.mark.parametrize(("key", "content", "words"), BROKEN)
def test_broken_files(key: str, content: str, words: tuple[str, ...], tmp_path: Path) -> None:
    with refused(key) as caught:
        read_csv(tmp_path, content)
    assert caught.says("p.csv", *words)


@pytest.mark.parametrize("suffix", [".xlsx", ".dta", ".parquet"])
@pytest.mark.parametrize("raw", [b"nonsense" * 100, b"PK\x03\x04", b"\x00" * 50, b"PAR1....PAR1", b"<stata_dta>"])
def test_damaged_files(suffix: str, raw: bytes, tmp_path: Path) -> None:
    path = tmp_path / f"p{suffix}"
    path.write_bytes(raw)
    with refused("unreadable_file"):
        read.read_panel([path], CN)


@pytest.mark.parametrize(
    "raw", [b"\x00\x01\x02", b"province,year,x\n\xff\xfe\x80,2020,1\n", "省,年,x".encode("utf-16-le")]
)
def test_undecodable_files(raw: bytes, tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_bytes(raw)
    with refused("wrong_encoding"):
        read.read_panel([path], CN)


def test_files_that_are_none(tmp_path: Path) -> None:
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "p.doc").write_text("x")
    for name, key in (("folder.csv", "file_not_found"), ("no.csv", "file_not_found"), ("p.doc", "unknown_format")):
        with refused(key):
            read.read_panel([tmp_path / name], CN)


DICTIONARY_HEADER = "variable,unit,zh,en,source_zh,source_en,quality,note_zh,note_en\n"


def test_dictionary(tmp_path: Path) -> None:
    path = csv(tmp_path, DICTIONARY_HEADER + "x,亿元,甲,X,年鉴,yearbook,A-,注,note\n\ny,,,,,,,,\n", "d.csv")
    meanings = read.read_dictionary(path)
    assert meanings["x"] == Variable(
        "x", Label("甲", "X"), "亿元", Label("年鉴", "yearbook"), "A-", Label("注", "note")
    )
    assert meanings["y"] == Variable("y", Label("y", "y"))


@pytest.mark.parametrize(
    ("key", "rows", "words"),
    [
        ("unknown_unit", "x,furlong,,,,,,,\n", ("row 2", "furlong")),
        ("unknown_quality", "x,,,,,,Z,,\n", ("row 2", '"Z"')),
        ("dictionary_twice", "x,元,,,,,,,\nx,元,,,,,,,\n", ("row 3",)),
        ("two_units", "x,元,,,,,,,\nx,万元,,,,,,,\n", ("row 3", "万元")),
    ],
)
def test_broken_dictionaries(key: str, rows: str, words: tuple[str, ...], tmp_path: Path) -> None:
    with refused(key) as caught:
        read.read_dictionary(csv(tmp_path, DICTIONARY_HEADER + rows, "d.csv"))
    assert caught.says("d.csv", *words)


def test_a_dictionary_of_several_sheets(tmp_path: Path) -> None:
    with pd.ExcelWriter(tmp_path / "d.xlsx") as book:
        for name, unit in (("x", "亿元"), ("y", "万人")):
            pd.DataFrame({"variable": [name], "unit": [unit], "zh": [None]}).to_excel(
                book, sheet_name=name, index=False
            )
    meanings = read.read_dictionary(tmp_path / "d.xlsx")
    assert {name: variable.unit for name, variable in meanings.items()} == {"x": "亿元", "y": "万人"}
