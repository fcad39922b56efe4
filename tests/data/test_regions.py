"""Regions: every form of every name finds its code, and no form finds another's."""

from collections.abc import Callable
from pathlib import Path

import pytest
from support import CN, MAINLAND, refused

from zhiyu.data import regions
from zhiyu.data.regions import Region
from zhiyu.terms import Label, Place

EU = regions.load("eu-countries")
HEADER = "code,zh,en,zh_full,en_full,aliases,since,lon,lat,capital_zh,capital_en,col,row"


def forms(region: Region) -> list[str]:
    names = [region.code, region.label.zh, region.label.en, region.full.zh, region.full.en, *region.aliases]
    return [name for name in names if name]


def wide(name: str) -> str:
    """Full-width letters and digits, as Chinese input methods type them."""
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in name)


WAYS: list[Callable[[str], str]] = [
    str,
    str.upper,
    str.lower,
    wide,
    lambda name: f"  {name} ",
    lambda n: n.replace(" ", ""),
]


@pytest.mark.parametrize("known", [CN, EU], ids=lambda known: known.name)
def test_every_form_of_every_name(known: regions.Regions) -> None:
    tried = 0
    for region in known.rows:
        for form in forms(region):
            for way in WAYS:
                assert known.match(way(form)) == region.code, (form, way(form))
                tried += 1
    assert tried > 34 * 10 * len(WAYS) if known is CN else tried > 27 * 5 * len(WAYS)


def test_all_provinces_by_the_forms_of_yearbooks() -> None:
    assert len(MAINLAND) == 31
    for region in MAINLAND.rows:
        assert region.code.endswith("0000")
        assert region.code in {
            CN.match(region.code[:2]),
            CN.match(f"{region.code}.0"),
            CN.match(f"{region.code[:2]}.0"),
        }
        assert CN.match(f"{region.label.en} Province") == region.code
        assert CN.match(f"{region.label.en.replace(' ', '-')}") == region.code


def test_shaanxi_is_not_shanxi() -> None:
    for name in ("陕西", "陕西省", "陝西", "陕", "Shaanxi", "SHAANXI", "Shaanxi Province", "61", "610000"):
        assert CN.match(name) == "610000"
    for name in ("山西", "山西省", "晋", "Shanxi", "shan xi", "Shanxi Province", "14", "140000"):
        assert CN.match(name) == "140000"


@pytest.mark.parametrize("name", ["吉林市", "海南市", "吉林 市", "Jilin Municipality"])
def test_a_city_is_not_the_province_of_its_name(name: str) -> None:
    with refused("unknown_region"):
        CN.match(name)


def test_four_municipalities_are_cities() -> None:
    for name in ("北京市", "天津市", "上海市", "重庆市", "Chongqing Municipality"):
        assert CN.match(name) in ("110000", "120000", "310000", "500000")


def test_a_set_without_full_names_drops_the_common_endings() -> None:
    cities = regions.from_names(["苏州", "无锡"])
    assert cities.match("苏州市") == "苏州"


def test_a_retired_code_is_refused_with_its_successor() -> None:
    for code in ("510200", "510200.0", 510200):
        with refused("retired_code") as caught:
            CN.match(str(code), Place(file="panel.csv", row=7))
        assert caught.says("panel.csv, row 7", "510200", "1996", "500000")


@pytest.mark.parametrize(
    ("name", "hint"),
    [("广冬", None), ("Guandong", "Guangdong"), ("Zhejang", "Zhejiang"), ("全国", None), ("", None), ("nan", None)],
)
def test_an_unknown_name_is_refused_with_a_hint(name: str, hint: str | None) -> None:
    with refused("unknown_region") as caught:
        CN.match(name)
    if hint:
        assert caught.says("Did you mean", hint)


def test_sorted_by_code_whatever_the_file() -> None:
    for known in (CN, EU):
        assert list(known.codes) == sorted(known.codes)
    assert CN.select(["310000", "110000"]).codes == ("110000", "310000")


def test_a_files_order_is_not_kept(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("code,zh,en,belt\nB,乙,Beta,north\nA,甲,Alpha,south\n", encoding="utf-8")
    mine = regions.read(path)
    assert mine.codes == ("A", "B")
    assert mine["A"].full == Label("甲", "Alpha")
    assert [(group.id, codes) for group, codes in mine.grouping("belt").items()] == [
        ("north", ("B",)),
        ("south", ("A",)),
    ]


def test_groups_stand_in_their_own_order() -> None:
    groups = CN.grouping("region4")
    assert [group.label.en for group in groups] == ["East", "Central", "West", "Northeast"]
    assert sum(len(codes) for codes in groups.values()) == 31
    assert CN.match("北京") in next(iter(groups.values()))


def test_an_unknown_grouping_is_refused() -> None:
    with refused("unknown_grouping") as caught:
        CN.grouping("region5")
    assert caught.says("region4")


def test_an_unknown_set_is_refused() -> None:
    with refused("unknown_region_set") as caught:
        regions.load("cn-province")
    assert caught.says("cn-provinces")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_region_files_in_the_encodings_of_spreadsheets(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "mine.csv"
    path.write_bytes("code,zh,en\nA,陕西,Shaanxi\n".encode(encoding))
    assert regions.read(path).match("陕西") == "A"


BROKEN = {
    "region_set_columns": "code,name\nA,甲\n",
    "duplicate_region_code": "code,zh,en\nA,甲,Alpha\nA,乙,Beta\n",
    "number_expected": f"{HEADER}\nA,甲,Alpha,,,,,east,30,,,1,1\n",
}


@pytest.mark.parametrize(("key", "content"), BROKEN.items())
def test_broken_region_files(tmp_path: Path, key: str, content: str) -> None:
    path = tmp_path / "mine.csv"
    path.write_text(content, encoding="utf-8")
    with refused(key) as caught:
        regions.read(path)
    assert caught.says("mine.csv")


@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "12,5"])
def test_coordinates_are_numbers(tmp_path: Path, value: str) -> None:
    path = tmp_path / "mine.csv"
    path.write_text(f'{HEADER}\nA,甲,Alpha,,,,,"{value}",30,,,1,1\n', encoding="utf-8")
    with refused("number_expected") as caught:
        regions.read(path)
    assert caught.says("row 2", "lon", value)


def test_a_name_of_two_regions_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("code,zh,en,aliases\nA,甲,Alpha,x\nB,乙,Beta,X\n", encoding="utf-8")
    with refused("ambiguous_region_name") as caught:
        regions.read(path).match("甲")
    assert caught.says("X")


@pytest.mark.parametrize(
    ("beside", "content", "key"),
    [
        ("mine.groups.csv", "grouping,id,zh,en,order\nbelt,n,北,North,first\n", "number_expected"),
        ("mine.groups.csv", "grouping,id\nbelt,n\n", "missing_columns"),
        ("mine.retired.csv", "code,zh,en,until,successor\nB,乙,Beta,long ago,A\n", "number_expected"),
        ("mine.retired.csv", "code\nB\n", "missing_columns"),
    ],
)
def test_broken_files_beside(tmp_path: Path, beside: str, content: str, key: str) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("code,zh,en\nA,甲,Alpha\n", encoding="utf-8")
    (tmp_path / beside).write_text(content, encoding="utf-8")
    with refused(key) as caught:
        regions.read(path)
    assert caught.says(beside)
