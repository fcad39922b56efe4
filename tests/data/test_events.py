"""Events read from tables: names in any form, the earliest year, what does not fit."""

from pathlib import Path

import numpy as np
import pytest
from support import CN, refused

from zhiyu import Study
from zhiyu.data.events import Events, read_events
from zhiyu.data.regions import load


def table(folder: Path, *lines: str) -> Path:
    (folder / "events.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder / "events.csv"


def test_the_china_study_names_its_pilots():
    found = read_events(Study.open("china-provinces").folder / "policy_events.csv", CN)
    assert [one.label.zh for one in found.policies][:2] == ["国家大数据综合试验区", "国家新一代人工智能创新发展试验区"]
    zones = found.first("国家大数据综合试验区", CN.codes)
    assert np.isfinite(zones).sum() == 10
    assert set(zones[np.isfinite(zones)]) == {2016.0}
    pilots = dict(zip(CN.codes, found.first(found.policies[1].id, CN.codes), strict=True))
    assert pilots["440000"] == 2019  # Guangdong stands twice, 2019 and 2020
    assert sorted(year for year in pilots.values() if year < np.inf) == [2019.0] * 6 + [2020.0] * 5 + [2021.0] * 5
    assert pilots["540000"] == np.inf


def test_regions_in_any_form_and_one_column_of_policies(tmp_path):
    found = read_events(
        table(tmp_path, "policy,region,first_year,scope", "Pilot,广东省,2019,Shenzhen", "Pilot,44,2018,", ",,,"), CN
    )
    assert found.policies[0].label.zh == found.policies[0].label.en == "Pilot"
    assert found.first("pilot", ["440000", "110000"]).tolist() == [2018.0, np.inf]
    assert [row.scope for row in found.rows] == ["Shenzhen", ""]
    assert found.rows[1].row == 3


def test_a_policy_by_id_and_by_name_in_both_languages(tmp_path):
    found = read_events(table(tmp_path, "policy_cn,policy_en,省份,year", "试点,Big Pilot,北京,2016"), CN)
    assert {found.policy(name).id for name in ("big_pilot", "Big Pilot", "试点", "BIG-PILOT")} == {"big_pilot"}
    with refused("unknown_event") as caught:
        found.policy("Bug Pilot")
    assert caught.says("Bug Pilot", 'Did you mean "Big Pilot"?', "Write one of: Big Pilot")


@pytest.mark.parametrize(
    ("lines", "key", "words"),
    [
        (("policy,province", "a,Beijing"), "missing_columns", ("events.csv, row 1", "first_year")),
        (("policy,province,first_year",), "no_rows", ("events.csv",)),
        (("policy,province,first_year", "a,Beijng,2016"), "unknown_region", ("row 2", "Beijng", "Beijing")),
        (("policy,province,first_year", "a,Beijing,2016", ",Beijing,2016"), "event_without_policy", ("row 3",)),
        (("policy,province,first_year", "a,Beijing,16"), "event_year", ("row 2", "first_year", '"16"')),
        (("policy,province,first_year", "a,Beijing,2999"), "event_year", ("2999", "1900 to 2100")),
        (
            ("policy,province,first_year,attribute", "a,Beijing,2016,x", "a,Hebei,2016,y"),
            "event_two_attributes",
            ("row 3", '"x"', '"y"'),
        ),
    ],
)
def test_what_does_not_fit_is_refused_with_its_place(tmp_path, lines, key, words):
    with refused(key) as caught:
        read_events(table(tmp_path, *lines), CN)
    assert caught.says(*words)


def test_sums_of_regions_and_missing_files_are_refused(tmp_path):
    with refused("event_in_aggregate") as caught:
        read_events(table(tmp_path, "policy,country,first_year", "a,EU,2016"), load("eu-countries"))
    assert caught.says("row 2", "country")
    with refused("file_not_found"):
        read_events(tmp_path / "none.csv", CN)
    assert Events((), ()).rows == ()
