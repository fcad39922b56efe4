"""The shipped region sets and study data: complete, bilingual, without ambiguity, true to their own documents.

Reads the CSV files with the csv module and pandas alone, so that a fault in our own reader cannot hide one in the data.
"""

import csv
import re
import unicodedata
from collections import Counter, defaultdict
from pathlib import Path

import pandas as pd
import pytest

ROOT = Path(__file__).parents[2] / "src" / "zhiyu"
SETS = ROOT / "data" / "sets"
CHINA = ROOT / "studies" / "china-provinces"
EUROPE = ROOT / "studies" / "europe-desi"
ASEM = ROOT / "studies" / "asem"
FILES = sorted(path for folder in (SETS, CHINA, EUROPE, ASEM) for path in folder.glob("*.csv"))
REGION_SETS = ["cn-provinces", "eu-countries"]

QUALITIES = {"A", "A-", "B+", "B", "B-", "C"}
NAMES = ("zh", "en", "zh_full", "en_full")
FIXED = ["code", *NAMES, "aliases", "since", "lon", "lat", "capital_zh", "capital_en", "col", "row", "aggregate"]
ISO = "BJ TJ HE SX NM LN JL HL SH JS ZJ AH FJ JX SD HA HB HN GD GX HI CQ SC GZ YN XZ SN GS QH NX XJ TW HK MO"
SOUTH_CHINA_SEA = (6, 7)  # the tile that figures draw; no province may stand there
OUTSIDE_MAINLAND = {"710000", "810000", "820000"}
CJK = re.compile("[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]")
HALF_WIDTH = re.compile("[\u4e00-\u9fff][,;:?!()]|[,;:?!()][\u4e00-\u9fff]")
UNIT = re.compile(r"(10k |100m |1k |1m |100 )?(yuan2011|yuan|person_year|person|count|km|tce|kWh|t_CO2|W|index|1|%)")

# Published sub-dimension scores (European Commission, DESI 2022, edition 2017, Austria), where no input is missing
AUSTRIA_2017 = {"1b": 44.2723, "2b": 20.591146699074176, "3c": 29.39527676767677}


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def region_set(name: str) -> list[dict[str, str]]:
    return rows(SETS / f"{name}.csv")


def header(path: Path) -> list[str]:
    return list(pd.read_csv(path, nrows=0, dtype=str).columns)


def folded(name: str) -> str:
    """What people vary is taken away: width, case, spaces and punctuation."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", name).casefold())


def forms(region: dict[str, str]) -> set[str]:
    return {folded(form) for form in (region["code"], *(region[n] for n in NAMES), *region["aliases"].split("|"))}


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_file_is_plain_csv(path: Path) -> None:
    data = path.read_bytes()
    assert not data.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in data
    assert data.endswith(b"\n")
    with path.open(encoding="utf-8", newline="") as file:
        lines = list(csv.reader(file))
    assert {len(line) for line in lines} == {len(lines[0])}
    assert len(set(lines[0])) == len(lines[0])
    assert all(cell == cell.strip() for line in lines for cell in line)


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_texts_are_in_both_languages_and_in_their_own_script(path: Path) -> None:
    for row in rows(path):
        for column, cell in row.items():
            if column == "en" or column.endswith("_en") or column.startswith("en_"):
                assert not CJK.search(cell), (column, cell)
                other = "".join(["zh" if part == "en" else part for part in re.split("(_)", column)])
                assert bool(cell) == bool(row.get(other, cell)), (column, row)
            if column == "zh" or column.endswith("_zh") or column.startswith("zh_"):
                assert not HALF_WIDTH.search(cell), (column, cell)
        assert all(row[column] for column in ("zh", "en") if column in row), row


@pytest.mark.parametrize(("name", "members", "aggregates"), [("cn-provinces", 34, 0), ("eu-countries", 27, 1)])
def test_set_is_complete(name: str, members: int, aggregates: int) -> None:
    regions = region_set(name)
    codes = [region["code"] for region in regions]
    assert list(regions[0])[: len(FIXED)] == FIXED
    assert len(codes) == len(set(codes)) == members + aggregates
    assert [region["aggregate"] for region in regions].count("1") == aggregates
    for region in regions:
        assert all(region[column] for column in (*NAMES, "aliases"))
        if not region["aggregate"]:
            assert all(region[column] for column in ("lon", "lat", "capital_zh", "capital_en", "col", "row"))


@pytest.mark.parametrize("name", REGION_SETS)
def test_no_name_belongs_to_two_regions(name: str) -> None:
    owners = defaultdict(set)
    for region in region_set(name):
        for form in forms(region):
            owners[form].add(region["code"])
    assert "" not in owners
    assert {form: codes for form, codes in owners.items() if len(codes) > 1} == {}


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ("Shaanxi", "610000"),
        ("Shanxi", "140000"),
        ("陕", "610000"),
        ("晋", "140000"),
        ("内蒙古自治区", "150000"),
        ("Nei Mongol", "150000"),
        ("Xizang", "540000"),
        ("Ningxia Hui", "640000"),
        ("Xinjiang Uygur", "650000"),
        ("Hong Kong SAR", "810000"),
        ("Aomen", "820000"),
        ("CN-HA", "410000"),
        ("GR", "EL"),
        ("DEU", "DE"),
        ("Czech Republic", "CZ"),
        ("奥地利", "AT"),
    ],
)
def test_forms_seen_in_practice_are_known(form: str, code: str) -> None:
    [found] = {r["code"] for name in REGION_SETS for r in region_set(name) if folded(form) in forms(r)}
    assert found == code


def test_every_province_has_its_iso_code() -> None:
    aliases = [region["aliases"].split("|") for region in region_set("cn-provinces")]
    found = [next(alias for alias in names if re.fullmatch("CN-[A-Z]{2}", alias)) for names in aliases]
    assert found == [f"CN-{letters}" for letters in ISO.split()]


@pytest.mark.parametrize("name", REGION_SETS)
def test_groups_are_named_and_used(name: str) -> None:
    regions, groups = region_set(name), rows(SETS / f"{name}.groups.csv")
    groupings = list(regions[0])[len(FIXED) :]
    assert set(groupings) == {group["grouping"] for group in groups}
    for grouping in groupings:
        mine = [group for group in groups if group["grouping"] == grouping]
        assert {region[grouping] for region in regions} - {""} == {group["id"] for group in mine}
        assert [int(group["order"]) for group in mine] == list(range(1, len(mine) + 1))
        without = {region["code"] for region in regions if not region[grouping]}
        assert without == (OUTSIDE_MAINLAND if name == "cn-provinces" else {"EU"})


def test_retired_codes_have_a_living_successor() -> None:
    codes = {region["code"] for region in region_set("cn-provinces")}
    for old in rows(SETS / "cn-provinces.retired.csv"):
        assert old["code"] not in codes
        assert old["successor"] in codes
        assert int(old["until"]) < 2000


def tiles(name: str) -> dict[str, tuple[int, int]]:
    return {r["code"]: (int(r["col"]), int(r["row"])) for r in region_set(name) if not r["aggregate"]}


@pytest.mark.parametrize("name", REGION_SETS)
def test_tiles_do_not_collide(name: str) -> None:
    where = tiles(name)
    assert [tile for tile, count in Counter(where.values()).items() if count > 1] == []
    assert min(col for col, _ in where.values()) == min(row for _, row in where.values()) == 0


def test_tile_grid_resembles_china() -> None:
    where = tiles("cn-provinces")
    assert SOUTH_CHINA_SEA not in where.values()
    assert tuple(max(axis) for axis in zip(*where.values(), strict=True)) == SOUTH_CHINA_SEA  # the bottom right corner

    def touch(a: str, b: str) -> bool:
        return max(abs(where[a][0] - where[b][0]), abs(where[a][1] - where[b][1])) == 1

    pairs = rows(CHINA / "contiguity.csv")
    assert sum(touch(pair["a"], pair["b"]) for pair in pairs) >= 63
    fujian, taiwan = where["350000"], where["710000"]
    assert taiwan == (fujian[0] + 1, fujian[1])
    for southern in ("460000", "810000", "820000"):
        assert touch(southern, "440000")
        assert where[southern][1] > where["440000"][1]


@pytest.mark.parametrize(
    ("folder", "panels", "keys"),
    [
        (CHINA, ["panel.csv", "panel_academic.csv"], {"adcode", "province_cn", "year"}),
        (EUROPE, ["panel.csv"], {"geo", "year"}),
    ],
    ids=["china", "europe"],
)
def test_dictionary_covers_the_panel_and_nothing_else(folder: Path, panels: list[str], keys: set[str]) -> None:
    columns = [column for panel in panels for column in header(folder / panel) if column not in keys]
    meanings = rows(folder / "dictionary.csv")
    assert [meaning["variable"] for meaning in meanings] == columns
    for meaning in meanings:
        assert meaning["quality"] in QUALITIES
        assert meaning["source_zh"]
        parts = re.sub(r"[()]", "", meaning["unit"]).split("/")
        assert all(UNIT.fullmatch(part) for part in parts), meaning["unit"]


def test_china_panels_hold_each_province_each_year_once() -> None:
    names = {r["code"]: r["zh"] for r in region_set("cn-provinces") if r["code"] not in OUTSIDE_MAINLAND}
    wanted = {(code, str(year)) for code in names for year in range(2011, 2023)}
    for file in ("panel.csv", "panel_academic.csv"):
        panel = rows(CHINA / file)
        assert len(panel) == len(wanted) == 372
        assert {(row["adcode"], row["year"]) for row in panel} == wanted
        assert all(row["province_cn"] == names[row["adcode"]] for row in panel if "province_cn" in row)


@pytest.mark.parametrize(
    ("path", "keys"),
    [
        (CHINA / "panel.csv", ["adcode", "province_cn"]),
        (CHINA / "panel_academic.csv", ["adcode"]),
        (CHINA / "io_digital_linkages.csv", ["adcode", "province_cn"]),
        (EUROPE / "panel.csv", ["geo"]),
    ],
    ids=["panel", "academic", "io", "europe"],
)
def test_panel_cells_are_numbers(path: Path, keys: list[str]) -> None:
    values = pd.read_csv(path, dtype=dict.fromkeys(keys, str)).drop(columns=keys)
    assert all(pd.api.types.is_numeric_dtype(kind) for kind in values.dtypes)
    assert not values.isna().all().any()


def test_contiguity_is_symmetric_by_construction() -> None:
    pairs = [(row["a"], row["b"]) for row in rows(CHINA / "contiguity.csv")]
    mainland = {region["code"] for region in region_set("cn-provinces")} - OUTSIDE_MAINLAND
    assert len(pairs) == len(set(pairs)) == 69
    assert all(a < b for a, b in pairs)
    assert {code for pair in pairs for code in pair} == mainland
    assert [(r["a"], r["b"]) for r in rows(CHINA / "contiguity.csv") if r["type"] == "sea"] == [("440000", "460000")]


def test_capital_distances_are_a_metric_table() -> None:
    distances = pd.read_csv(CHINA / "capital_distance_km.csv", index_col="code", dtype={"code": str})
    assert list(distances.index) == list(distances.columns)
    assert set(distances.index) == {r["code"] for r in region_set("cn-provinces")} - OUTSIDE_MAINLAND
    assert (distances.to_numpy() == distances.to_numpy().T).all()
    assert (distances.to_numpy().diagonal() == 0).all()


def test_suspect_spikes_and_events_point_at_the_panel() -> None:
    panel = {row["adcode"] + row["year"]: row for row in rows(CHINA / "panel.csv")}
    spikes = rows(CHINA / "suspect_spikes.csv")
    assert len(spikes) == 61
    for spike in spikes:
        assert float(panel[spike["region"] + spike["year"]][spike["variable"]]) == pytest.approx(
            float(spike["value"]), rel=1e-6, abs=5e-4
        )
    names = {region["en"] for region in region_set("cn-provinces")}
    events = rows(CHINA / "policy_events.csv")
    assert len(events) == 47
    assert {event["province"] for event in events} <= names


def test_io_ratios_are_those_of_the_panel() -> None:
    panel = {row["adcode"] + row["year"]: row for row in rows(CHINA / "panel.csv")}
    shares = ["digital_va_share", *(f"digital_input_coef_{part}" for part in ("all", "manufacturing", "services"))]
    linkages = rows(CHINA / "io_digital_linkages.csv")
    assert len(linkages) == 62
    for row in linkages:
        cells = panel[row["adcode"] + row["year"]]
        assert [row[share] for share in shares] == [cells[f"io_{share}"] for share in shares]


def test_europe_panel_holds_each_country_each_edition_once() -> None:
    keys = Counter((row["geo"], row["year"]) for row in rows(EUROPE / "panel.csv"))
    codes = {region["code"] for region in region_set("eu-countries")}
    assert keys == Counter((code, str(year)) for code in codes for year in range(2017, 2023))


def test_tree_has_one_root_known_parents_and_weights() -> None:
    nodes = {row["id"]: row for row in rows(EUROPE / "tree.csv")}
    assert [name for name, node in nodes.items() if not node["parent"]] == ["DESI"]
    assert {node["parent"] for node in nodes.values()} - {""} <= set(nodes)
    assert len(nodes) == len(rows(EUROPE / "tree.csv")) == 1 + 4 + 10 + 33
    weights = defaultdict(list)
    for node in nodes.values():
        if node["parent"]:
            weights[node["parent"]].append(float(node["weight"]))
    assert all(weight > 0 for siblings in weights.values() for weight in siblings)
    for parent in ("DESI", "1", "2", "3", "4"):
        assert sum(weights[parent]) == pytest.approx(1)
    for name, node in nodes.items():
        assert node["definition_zh"]
        assert bool(node["formula"]) == (name not in weights)


def test_tree_leaves_are_the_columns_of_the_panel() -> None:
    units = {row["variable"]: row["unit"] for row in rows(EUROPE / "dictionary.csv")}
    leaves = [row for row in rows(EUROPE / "tree.csv") if row["formula"]]
    assert [leaf["formula"] for leaf in leaves] == header(EUROPE / "panel.csv")[2:]
    for leaf in leaves:
        assert leaf["formula"] == "i" + leaf["id"]
        assert leaf["unit"] == units[leaf["formula"]]
        assert leaf["direction"] == "1"
        assert float(leaf["low"]) < float(leaf["high"])


def test_goalposts_and_weights_give_the_published_scores() -> None:
    [austria] = [row for row in rows(EUROPE / "panel.csv") if (row["geo"], row["year"]) == ("AT", "2017")]
    leaves = [row for row in rows(EUROPE / "tree.csv") if row["formula"]]
    for name, published in AUSTRIA_2017.items():
        mine = [leaf for leaf in leaves if leaf["parent"] == name]
        scores = [
            (float(austria[leaf["formula"]]) - float(leaf["low"])) / (float(leaf["high"]) - float(leaf["low"]))
            for leaf in mine
        ]
        weights = [float(leaf["weight"]) for leaf in mine]
        score = 100 * sum(w * s for w, s in zip(weights, scores, strict=True)) / sum(weights)
        assert score == pytest.approx(published, abs=1e-9)


def test_asem_is_whole() -> None:
    """51 countries, 49 indicators and four denominators in one year; every column and every group is explained."""
    columns = header(ASEM / "panel.csv")
    panel, regions = rows(ASEM / "panel.csv"), rows(ASEM / "regions.csv")
    assert [row["geo"] for row in panel] == [region["code"] for region in regions]
    assert (len(panel), len(columns)) == (51, 2 + 49 + 4)
    assert {row["year"] for row in panel} == {"2018"}
    assert [meaning["variable"] for meaning in rows(ASEM / "dictionary.csv")] == columns[2:]
    groups = rows(ASEM / "regions.groups.csv")
    assert {(g["grouping"], g["id"]) for g in groups} == {
        (name, region[name]) for region in regions for name in region if name.endswith("_group")
    }
    nodes = rows(ASEM / "tree.csv")
    assert sum("/" in node["formula"] for node in nodes) == 17
    assert sum(bool(node["formula"]) for node in nodes) == 49
    assert all(node["definition_zh"] and node["definition_en"] for node in nodes)


@pytest.mark.parametrize("folder", [CHINA, EUROPE, ASEM], ids=["china", "europe", "asem"])
def test_provenance_names_every_file(folder: Path) -> None:
    text = (folder / "PROVENANCE.md").read_text(encoding="utf-8")
    assert [path.name for path in folder.iterdir() if path.is_file() and f"`{path.name}`" not in text] == []
    assert "中文摘要" in text
