"""`zhiyu new`: a study that runs as it is, from a bundled one or from a user's own table."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from zhiyu import Study, new
from zhiyu.terms import Refusal


def test_a_copy_of_a_bundled_study_gives_the_same_index(tmp_path):
    folder = new.from_bundled(tmp_path / "mine", "europe-desi")
    ours = Study.open(folder).measure()
    assert np.array_equal(ours.scores, Study.open("europe-desi").measure().scores, equal_nan=True)


def test_a_users_excel_file_becomes_a_study_that_runs(tmp_path):
    rows = [
        {
            "省份": name,
            "年份": year,
            "GDP（亿元）": 100.0 + i * year % 17,
            "5G基站（个）": i + year - 2019.0,
            "备注": "x",
            "恒定": 1.0,
        }
        for i, name in enumerate(["北京市", "上海", "广东省", "江苏"])
        for year in (2020, 2021, 2022)
    ]
    pd.DataFrame(rows).to_excel(tmp_path / "my.xlsx", index=False)
    study = Study.open(new.from_panel(tmp_path / "mine", tmp_path / "my.xlsx", "zh"))
    index = study.measure()
    assert study.choices.regions.set == "cn-provinces"
    assert index.codes == ("110000", "310000", "320000", "440000")
    assert [leaf.id for leaf in index.tree.leaves] == ["GDP", "_5G基站"]  # the constant column tells nothing
    assert study.panel().variables["GDP"].unit == "亿元"


def test_regions_no_shipped_set_knows_are_taken_as_they_stand(tmp_path):
    frame = pd.DataFrame({"region": list("abab"), "year": [2020, 2020, 2021, 2021], "x": [1.0, 2.0, 3.0, 5.0]})
    frame.to_csv(tmp_path / "t.csv", index=False)
    index = Study.open(new.from_panel(tmp_path / "mine", tmp_path / "t.csv", "en")).measure()
    assert index.codes == ("a", "b")
    assert float(index.scores.sel(region="b", year=2021, node="index")) == 100.0


def test_an_existing_folder_is_not_touched(tmp_path):
    (tmp_path / "mine").mkdir()
    with pytest.raises(Refusal) as refused:
        new.from_bundled(tmp_path / "mine", "europe-desi")
    assert refused.value.key == "folder_exists"
    assert list((tmp_path / "mine").iterdir()) == []
