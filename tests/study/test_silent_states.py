"""A study that lacks states of the model still runs: what is silent is named, and nothing is said to move by nought."""

from __future__ import annotations

import csv
import re
import shutil
from pathlib import Path

import pytest

from zhiyu import Study
from zhiyu.folder import BUNDLED
from zhiyu.report import simulation as written
from zhiyu.report.material import Material
from zhiyu.report.simulate import chapter
from zhiyu.simulate import carried
from zhiyu.simulate.simulation import Simulation
from zhiyu.simulate.told import summary
from zhiyu.terms import text

CHINA = BUNDLED / "china-provinces"
with (CHINA / "states.csv").open(encoding="utf-8-sig", newline="") as file:
    EVERY = tuple(row["state"] for row in csv.DictReader(file))
FAST = "[simulate.hindcast]\nhorizon = 1\ndraws = 20\nknock_outs = false\n\n"
SCENARIOS = """[[simulate.scenario]]
name = "first"
measures = [{ id = "1", from = 2024 }, { id = "4", from = 2024 }]

"""
LACKING = {
    "skills": ("researchers", "students", "institutions"),
    "capability": ("patents", "papers"),
    "use": ("adoption", "data"),
    "output": ("output", "capital"),
    "all but Europe's": tuple(s for s in EVERY if s not in ("output", "patents", "broadband")),
    "all but carbon": tuple(s for s in EVERY if s != "carbon"),
    "all but students": tuple(s for s in EVERY if s != "students"),
}


def lay(folder: Path, lacking: tuple[str, ...], scenarios: str = SCENARIOS) -> Path:
    """China's study less some states, with few draws."""
    shutil.copytree(CHINA, folder)
    kept = (folder / "states.csv").read_text(encoding="utf-8-sig").splitlines()
    lines = [line for line in kept if line.split(",")[0] not in lacking]
    (folder / "states.csv").write_text("\n".join(lines), encoding="utf-8")
    before, _, rest = (folder / "study.toml").read_text(encoding="utf-8").partition("[[simulate.scenario]]")
    after = "[report]\n" + rest.partition("\n[report]\n")[2]
    before = before.replace("horizon = 2035\ndraws = 200", "horizon = 2026\ndraws = 20")
    (folder / "study.toml").write_text(before + FAST + scenarios + after, encoding="utf-8")
    return folder


def told(study: Study, monkeypatch: pytest.MonkeyPatch) -> tuple[Simulation, str]:
    """The simulation, and all that a terminal and a report say of it in English; Chinese and tables are made too."""
    for name, number in (("MEMBERS", 20), ("CUT", 8), ("CROSSED", 4)):
        monkeypatch.setattr(carried, name, number)
    made = study.simulate()
    material = Material(
        name="silent",
        choices=study.choices,
        panel=study.panel(),
        index=study.measure(),
        framework=study.framework(),
        regions=study.measure().regions,
        simulation=made,
        carried=carried.carried(made),
    )
    rooms = chapter.questions(material)
    for table in (table for room in rooms for table in (*room.tables, *room.files)):
        assert table.html("zh")
    assert all(table.csv() and table.parquet() for table in written.tables(made).values())
    assert summary(made, study.title, "zh")
    said = [summary(made, study.title, "en"), *(one.text("en") for one in chapter.finding(material))]
    return made, "\n".join([*said, *(one.text("en") for room in rooms for one in room.told)])


def runs(folder: Path, lacking: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, scenarios: str = SCENARIOS) -> str:
    made, said = told(Study.open(lay(folder, lacking, scenarios)), monkeypatch)
    assert set(lacking) <= set(made.silent)
    assert "0.0% [0.0, 0.0]" not in said
    assert re.search(r"\bnan\b", said) is None
    for logic in made.observed.silent_logics:
        assert text(f"simulate.logic.{logic}", "en") in said
    return said


@pytest.mark.parametrize("name", LACKING)
def test_a_study_without_several_states_runs(name, tmp_path, monkeypatch):
    runs(tmp_path / "study", LACKING[name], monkeypatch)


@pytest.mark.slow
@pytest.mark.parametrize("state", EVERY)
def test_a_study_without_a_state_runs(state, tmp_path, monkeypatch):
    runs(tmp_path / "study", (state,), monkeypatch)


def test_where_nothing_reaches_output_it_is_said(tmp_path, monkeypatch):
    alone = SCENARIOS.replace(', { id = "4", from = 2024 }', "")
    said = runs(tmp_path / "study", LACKING["all but Europe's"], monkeypatch, alone)
    assert "no scenario moves output" in said
    assert "these logics are silent" in said


def test_a_study_without_a_scenario_has_its_baseline(tmp_path, monkeypatch):
    made, said = told(Study.open(lay(tmp_path / "study", (), "")), monkeypatch)
    assert made.plan.names == ("baseline",)
    assert made.tidy().empty
    assert "Hindcast" in said
    assert "no scenario moves" not in said
