"""The stages of a simulation: a scenario changed redoes no hindcast; what is found is told, written, deviated from."""

from __future__ import annotations

import csv
import io
import json
import sys
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from refusals.test_refusals import HEALTHY
from support import refused

from zhiyu import Study, cli, spec, terminal
from zhiyu.data.panel import Mark
from zhiyu.report import simulation as written
from zhiyu.simulate.choice import Applied, Scenario
from zhiyu.simulate.deviation import Deviation, difference, only
from zhiyu.simulate.draws import Draws
from zhiyu.simulate.hindcast import forecast
from zhiyu.simulate.observe import STATES
from zhiyu.simulate.told import summary

YEARS = range(2010, 2022)
REGIONS = ("Beijing", "Shanghai", "Jiangsu", "Guangdong", "Sichuan")
STATES_CSV = """state,formula,unit,first,zh,en
output,gdp,,,产出,output
adoption,online,,,上网率,people online
data,rd / gdp,,,研发强度,R&D intensity
patents,rd / population,,,人均研发,R&D per head
"""
SIMULATE = """
[simulate]
states = "states.csv"
heads = "population"
horizon = 2024
draws = 20

[simulate.hindcast]
horizon = 2
chosen_until = 2017
draws = 20
knock_outs = false

[[simulate.scenario]]
name = "pull"
title = { zh = "拉动", en = "Pull" }
measures = [{ id = "1.2.1", from = 2022, where = ["East", "四川"] }]

[[simulate.scenario]]
name = "schools"
measures = [{ id = "1.3.2", from = 2023 }]

[[simulate.scenario]]
name = "slump"
shocks = [{ state = "output", where = "江苏", year = 2023, size = -0.1 }]
"""


def lay(folder: Path) -> Path:
    """Five provinces over twelve years, which a model can be calibrated on; 2015 is without Sichuan's output."""
    folder.mkdir()
    rng = np.random.default_rng(0)
    walk = np.cumsum(rng.normal(0.05, 0.05, (4, len(REGIONS), len(YEARS))), axis=2)
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(["region", "year", "gdp", "population", "rd", "online"])
    for i, region in enumerate(REGIONS):
        for t, year in enumerate(YEARS):
            gdp, people, rd, online = np.exp(walk[:, i, t]) * (30000, 5000, 900, 0.2)
            gdp = "" if (region, year) == ("Sichuan", 2015) else f"{gdp:.3f}"
            writer.writerow([region, year, gdp, f"{people:.3f}", f"{rd:.3f}", f"{online:.4f}"])
    (folder / "panel.csv").write_text(table.getvalue(), encoding="utf-8")
    for name in ("dictionary.csv", "tree.csv"):
        (folder / name).write_bytes((HEALTHY / name).read_bytes())
    (folder / "states.csv").write_text(STATES_CSV, encoding="utf-8")
    (folder / "study.toml").write_text((HEALTHY / "study.toml").read_text("utf-8") + SIMULATE, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lay(tmp_path_factory.mktemp("simulate") / "study")


@pytest.fixture(scope="module")
def study(place: Path) -> Study:
    opened = Study.open(place, place / "out")
    opened.simulate()
    return opened


def test_history_has_all_years_and_its_gaps(study):
    history = study.history()
    assert history.years == tuple(YEARS)
    assert study.panel().years == (2019, 2020, 2021)
    assert np.isnan(history.values("gdp")).sum() == 1
    assert not any((history.marks[name] == Mark.INTERPOLATED).any() for name in history.names)


def test_trajectories_run_from_the_last_year_of_the_data(study):
    found = study.simulate().trajectories
    assert {name: found.sizes[name] for name in ("draw", "scenario", "region", "time")} == {
        "draw": 20,
        "scenario": 4,
        "region": 5,
        "time": 4,
    }
    assert found.scenario.values.tolist() == ["baseline", "pull", "schools", "slump"]
    assert found.time.values.tolist() == [2021, 2022, 2023, 2024]
    assert found.attrs == {"base_year": 2021, "seed": study.choices.seed, "study": study.name}
    assert found.data.attrs["formula"] == "rd / gdp"
    last = study.history().values("gdp")[:, -1]
    np.testing.assert_allclose(found["output"].sel(time=2021).values, np.broadcast_to(last, (20, 4, 5)), rtol=1e-6)


def test_differences_are_of_the_scenario_alone(study):
    found = study.simulate()
    table = found.tidy()
    assert set(table.year) == {2022, 2023, 2024}
    assert (table.low <= table.middle).all()
    assert (table.middle <= table.high).all()
    slump = table[(table.scenario == "slump") & (table.outcome == "output") & (table.part == "nation")]
    assert slump.middle.tolist()[0] == 0
    paths = found.trajectories["output"]
    fell = np.log(paths.sel(scenario="slump", time=2023) / paths.sel(scenario="baseline", time=2023))
    hit = [code == "320000" for code in paths.region.values]
    np.testing.assert_allclose(fell[:, hit], -0.1, atol=1e-6)
    np.testing.assert_allclose(fell[:, ~np.array(hit)], 0, atol=1e-6)


def test_what_the_study_lacks_is_said(study):
    found = study.simulate()
    assert set(found.silent) == set(STATES) - {"output", "adoption", "data", "patents"}
    assert found.idle == {"schools": ("1.3.2",)}
    told = {locale: summary(found, study.title, locale) for locale in ("zh", "en")}
    assert "no effect in this study" in told["en"]
    assert "between regions: 1.3.2" in told["en"]
    assert "没有作用对象" in told["zh"]
    assert "researchers, students" in told["en"]
    assert "Pull (pull)" in told["en"]


def test_a_scenario_changed_redoes_neither_calibration_nor_hindcast(study, place):
    content = (place / "study.toml").read_text("utf-8")
    other = content.replace('"1.2.1", from = 2022', '"1.2.2", from = 2023')
    assert other != content
    try:
        (place / "study.toml").write_text(other, encoding="utf-8")
        again = Study.open(place, place / "out")
        again.simulate()
    finally:
        (place / "study.toml").write_text(content, encoding="utf-8")
    kept = {stage: done.kept for stage, done in again.done.items()}
    assert kept == {"history": True, "calibration": True, "hindcast": True, "ensemble": False}


def test_what_is_kept_is_what_was_found(study, place):
    again = Study.open(place, place / "out")
    found, before = again.simulate(), study.simulate()
    assert all(done.kept for done in again.done.values())
    for name, table in found.tables().items():
        assert table.equals(before.tables()[name]), name
    assert found.trajectories.identical(before.trajectories)


def test_a_deviation_changes_the_scenarios_and_leaves_the_study(study):
    measures = [Applied(id="2", start=2022, level=0.5)]
    deviation = Deviation(horizon=2023, scenario=(Scenario(name="mine", measures=measures),), without=("pull",))
    changed = study.deviated(deviation)
    assert changed.simulate().plan.names == ("baseline", "schools", "slump", "mine")
    assert changed.simulate().trajectories.time.values[-1] == 2023
    assert study.simulate().plan.names == ("baseline", "pull", "schools", "slump")
    assert difference(study.simulating, changed.simulating) == deviation
    assert {changed.done[name].key == study.done[name].key for name in ("calibration", "hindcast")} == {True}
    assert changed.done["ensemble"].key != study.done["ensemble"].key


def test_idle_measures_are_those_that_change_nothing(study):
    """One scenario a measure: idle are those, and only those, whose differences are all nought to the last bit."""
    alone = [Scenario(name=name, measures=[Applied(id=name, start=2022)]) for name in study.measures.ids]
    found = study.deviated(Deviation(scenario=tuple(alone), without=("pull", "schools", "slump"))).simulate()
    apart = abs(found.compared.differences).max(["outcome", "part", "band", "time"], skipna=True)
    none = {str(name) for name in apart.scenario.values[apart.values == 0]}
    assert "5.3.1" in none, "openness to neighbours, without neighbours"
    assert len(none) < len(alone) / 2
    assert {name: (name,) for name in none} == found.idle


def test_a_deviation_that_contradicts_itself_or_the_study_is_refused_where_it_stands(study):
    with refused("scenario_left_out") as caught:
        study.deviated(Deviation(scenario=(Scenario(name="pull"),), without=("pull",)), "mine.toml")
    assert caught.says("mine.toml, without", "pull")
    assert study.deviated(Deviation(scenario=(Scenario(name="pull"),))).plan().names == (
        *("baseline", "pull", "schools", "slump"),
    )
    with refused("horizon_passed") as caught:
        study.deviated(Deviation(horizon=2020), "mine.toml")
    assert caught.says("mine.toml, horizon")


def test_a_horizon_of_the_study_file_is_refused_there(study):
    early = study.choices.model_copy(update={"simulate": study.simulating.model_copy(update={"horizon": 2020})})
    with refused("horizon_passed") as caught:
        Study.open(study.folder, choices=early).deviated(Deviation(draws=30), "mine.toml")
    assert caught.says("study.toml, [simulate] horizon")


def test_a_study_without_scenarios_has_its_baseline(study):
    alone = study.deviated(only(study.simulating, []))
    found = alone.simulate()
    assert found.trajectories.scenario.values.tolist() == ["baseline"]
    assert found.tidy().empty
    assert "Hindcast" in summary(found, alone.title, "en")
    assert written.tables(found)["differences"].rows == ()
    again = Study.open(study.folder, study.folder / "out", choices=alone.choices)
    assert again.simulate().tidy().empty
    assert again.done["ensemble"].kept


def test_a_study_cut_to_the_year_it_is_forecast_from_needs_no_later_one(tmp_path):
    """`[data] years`, 2019 to 2021, are of the index: whoever deletes all rows after 2018 has the same forecast."""
    folders = [lay(tmp_path / name) for name in ("whole", "cut")]
    for folder in folders:
        (folder / "borders.csv").write_text("a,b\nBeijing,Shanghai\nJiangsu,Shanghai\n", encoding="utf-8")
        toml = (folder / "study.toml").read_text("utf-8").replace("[data]", '[data]\nneighbours = "borders.csv"', 1)
        (folder / "study.toml").write_text(toml, encoding="utf-8")
    header, *rows = (folders[1] / "panel.csv").read_text("utf-8").splitlines()
    known = [row for row in rows if int(row.split(",")[1]) <= 2018]
    (folders[1] / "panel.csv").write_text("\n".join([header, *known]), encoding="utf-8")
    whole, cut = (Study.open(folder) for folder in folders)
    with refused("years_not_in_data"):
        cut.panel()
    assert cut.neighbours().of("110000") == ("310000",)
    assert forecast(cut, 2018, 2, draws=10).equals(forecast(whole, 2018, 2, draws=10))


def test_two_scenarios_of_one_name_are_not_made_one(study):
    twice = study.choices.model_copy(
        update={"simulate": study.simulating.model_copy(update={"scenario": study.simulating.scenario[:1] * 2})}
    )
    with refused("scenario_twice"):
        Study.open(study.folder, choices=twice).deviated(Deviation())


def test_files_hold_the_tables_and_the_members(study):
    hashes = written.write(study)
    assert set(hashes) == {
        "tables/members.parquet",
        *(f"tables/{name}.{kind}" for name in ("differences", "skill", "posterior") for kind in ("csv", "parquet")),
    }
    folder = study.folder / "out" / "tables"
    drawn = Draws.from_parquet((folder / "members.parquet").read_bytes())
    assert pq.read_schema(folder / "members.parquet").metadata[b"zhiyu.hash"].decode() == drawn.hash
    assert drawn.n == 20
    kept = pq.read_table(folder / "differences.parquet").to_pandas()
    found = study.simulate().tidy()
    assert kept[list(found.columns)].equals(found)
    skill = pq.read_table(folder / "skill.parquet").column_names
    assert {"observable", "horizon", "rmse_skill", "low", "high", "crps", "coverage"} <= set(skill)
    assert written.write(Study.open(study.folder, study.folder / "out")) == hashes


def test_a_forecast_of_a_study_knows_no_later_year(study):
    found = forecast(study, 2018, 2, draws=10)
    assert dict(found.sizes) == {"draw": 10, "region": 5, "time": 2}
    assert found.time.values.tolist() == [2019, 2020]


def test_the_command_tells_what_it_found(study, place, capsys, monkeypatch, tmp_path):
    monkeypatch.setattr(terminal, "LANGUAGE", [])
    saved, model = tmp_path / "mine.toml", tmp_path / "pull.mdl"
    asked = ["--scenario", "pull", "--until", "2023", "--draws", "20", "--lang", "zh"]
    asked += ["--save", str(saved), "--export", str(model)]
    monkeypatch.setattr(sys, "argv", ["zhiyu", "simulate", str(place), *asked])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    told = capsys.readouterr().out
    assert ended.value.code == 0
    assert "拉动 (pull)" in told
    assert "slump" not in told
    assert "horizon=2023" in told
    assert spec.read_deviation(str(saved)) == (Deviation(horizon=2023), "mine.toml")
    assert "FINAL TIME" in model.read_text(encoding="utf-8")
    assert "pull.mdl" in told


def test_the_command_exports_the_baseline_and_looks_for_room_before_it_runs(
    study, place, capsys, monkeypatch, tmp_path
):
    monkeypatch.setattr(terminal, "LANGUAGE", [])
    model = tmp_path / "new" / "baseline.mdl"
    asked = ["--scenario", "baseline", "--export", str(model), "--json"]
    monkeypatch.setattr(sys, "argv", ["zhiyu", "simulate", str(place), *asked])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 0
    assert json.loads(capsys.readouterr().out)["differences"] == []
    assert "effect of measures" not in model.read_text(encoding="utf-8")
    monkeypatch.setattr(Study, "simulate", None)  # never reached
    (tmp_path / "file").write_bytes(b"")
    for path in (tmp_path, tmp_path / "file" / "x.mdl"):
        monkeypatch.setattr(sys, "argv", ["zhiyu", "simulate", str(place), "--export", str(path)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        assert ended.value.code == cli.REFUSED
        assert str(path) in capsys.readouterr().err


def test_the_command_answers_machines(study, place, capsys, monkeypatch):
    monkeypatch.setattr(terminal, "LANGUAGE", [])
    address = "http://localhost/?measure=mine:2:all:2022::0.5"
    monkeypatch.setattr(sys, "argv", ["zhiyu", "simulate", str(place), "--deviation", address, "--json"])
    with pytest.raises(SystemExit):
        cli.main()
    answer = json.loads(capsys.readouterr().out)
    assert set(answer) == {"differences", "skill", "posterior", "deviation"}
    assert {row["scenario"] for row in answer["differences"]} == {"pull", "schools", "slump", "mine"}
    assert answer["deviation"] == "scenario=mine&measure=mine:2::2022::0.5"
