"""The stage of design: found once and kept for another budget too, refused well, written and told."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from study.test_simulate import lay
from support import refused

import zhiyu
from zhiyu import Study, cli, planning
from zhiyu.design.choice import BudgetChoice, DesignChoice, ObjectiveChoice
from zhiyu.design.plan import Plan
from zhiyu.report.design import page
from zhiyu.report.design.summary import summary
from zhiyu.terms import LOCALES

ROOT = Path(__file__).parents[2]
MEASURES = ("1.2.1", "2.1.3", "3.1.1", "4.3.2")  # of the others nothing is left
DESIGN = """
[regions]
set = "cn-provinces"
groups = "region4"

[design]
objectives = ["growth", "data"]
population = 8
generations = 2
futures = 20

[[design.objective]]
id = "data"
outcome = "data"
title = { zh = "数据", en = "data" }

[design.budget]
total = 1.5
"""


def designing(folder: Path) -> Path:
    place = lay(folder)
    content = (place / "study.toml").read_text("utf-8")
    forbidden = sorted({row.id for row in Study.open(place).measures} - set(MEASURES))
    stated = DESIGN.replace("[design]\n", f"[design]\nforbidden = {json.dumps(forbidden)}\n")
    head, _, tail = content.partition("[simulate]")
    head = re.sub(r"\[regions\]\n(?:[^\[\n].*\n|\n)*", "", head)
    (place / "study.toml").write_text(f"{head}{stated}\n[simulate]{tail}", encoding="utf-8")
    return place


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return designing(tmp_path_factory.mktemp("design") / "study")


@pytest.fixture(scope="module")
def study(place: Path) -> Study:
    opened = Study.open(place, place / "out")
    opened.design()
    return opened


def otherwise(study: Study, **given: object) -> Study:
    heard: list[str] = []
    again = Study.open(study.folder, study.out, listen=heard.append)
    asked = planning.otherwise(again.designing, **given)  # type: ignore[arg-type]
    again.choices = again.choices.model_copy(update={"design": asked})
    return again


def test_a_plan_has_what_outside_checks_call(study):
    found = study.design()
    assert isinstance(found, zhiyu.Plan)
    assert {"measure", "place", "year", "level", "cost"} <= set(found.plan.columns)
    assert set(found.plan.measure) <= set(MEASURES)
    assert set(found.plan.place) <= {site.id for site in found.options.sites}
    assert found.plan.cost.sum() <= 1.5 + 1e-9
    assert len(found.frontier) >= 1
    assert [one.id for one in found.objectives] == ["growth", "data"]


def test_what_is_kept_is_what_was_found(study, place):
    again = Study.open(place, place / "out")
    found, before = again.design(), study.design()
    assert again.done["design"].kept
    assert "hindcast" not in again.done  # which a plan does not need
    for name, table in found.tables().items():
        pd.testing.assert_frame_equal(table, before.tables()[name])


def test_another_budget_starts_from_the_responses_that_are_there(study, monkeypatch):
    levels: list[np.ndarray] = []
    from zhiyu.design import response

    simulated = response.differences
    monkeypatch.setattr(response, "differences", lambda of, task: (levels.append(task[0]), simulated(of, task))[1])
    again = otherwise(study, budget=1.0)
    found = again.design()
    assert not again.done["design"].kept
    assert found.budget == 1.0
    assert levels
    alone = np.eye(len(found.options))
    assert not any(x.shape == alone.shape and (x == alone).all() for x in levels)
    np.testing.assert_array_equal(found.slopes, study.design().slopes)


def test_a_run_that_was_stopped_goes_on(place, tmp_path):
    heard: list[str] = []

    def stop(stage: str) -> None:
        heard.append(stage)
        if stage == "refine":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Study.open(place, tmp_path / "out", listen=stop).design()
    assert heard[-2:] == ["lp", "refine"]
    kept = sorted(p.name.partition(".")[0] for p in (tmp_path / "out/.cache").iterdir())
    assert {"response", "design"} <= {name.partition("-")[0] for name in kept}
    again = Study.open(place, tmp_path / "out")
    fresh = Study.open(place).design()
    pd.testing.assert_frame_equal(again.design().frontier, fresh.frontier)
    left = [p for p in (tmp_path / "out/.cache").iterdir() if p.name.startswith("design.")]
    assert left == []


def test_options_take_the_place_of_the_study_files(study):
    own = study.designing
    asked = planning.otherwise(own, 3.0, ["growth"], 40)
    assert (asked.budget.total, asked.objectives, asked.futures) == (3.0, ("growth",), 40)
    assert asked.budget.unit == own.budget.unit
    assert asked.forbidden == own.forbidden
    assert planning.otherwise(own) == own
    weighed = own.model_copy(update={"weights": {"growth": 2.0, "data": 1.0}})
    assert planning.otherwise(weighed, wanted=["growth"]).weights == {"growth": 2.0}


def test_no_budget_no_plan(study):
    found = otherwise(study, budget=0.0).design()
    assert found.plan.empty
    for locale in LOCALES:
        said = summary(found, study.title, locale)
        assert "0" in said
        assert "{" not in said


def test_what_does_not_fit_is_refused(study):
    for update, key in (
        ({"objectives": ("groth",)}, "objective_unknown"),
        ({"start": (1999,)}, "scenario_year"),
        ({"budget": BudgetChoice(groups={"nowhere": 1.0})}, "scenario_place"),
    ):
        again = Study.open(study.folder)
        asked = again.designing.model_copy(update=update)
        again.choices = again.choices.model_copy(update={"design": asked})
        with refused(key):
            planning.frame(again)


def test_a_plan_needs_a_simulation(study):
    alone = Study.open(study.folder, choices=study.choices.model_copy(update={"simulate": None}))
    with refused("no_simulation"):
        alone.design()


def test_costs_stand_in_a_file(study, tmp_path):
    folder = tmp_path / "study"
    place = designing(folder)
    rows = "\n".join(f"{row.id},,2.0" for row in study.measures)
    (place / "costs.csv").write_text(f"measure,place,cost\n{rows}\n", encoding="utf-8")
    content = (place / "study.toml").read_text("utf-8").replace("[design]\n", '[design]\ncosts = "costs.csv"\n')
    (place / "study.toml").write_text(content, encoding="utf-8")
    opened = Study.open(place)
    assert "costs.csv" in opened.input_hashes
    frame = planning.frame(opened)
    assert not frame.costs.assumed
    np.testing.assert_allclose(frame.costs.each, 2 * planning.frame(study).costs.each)
    (place / "costs.csv").unlink()
    with refused("file_not_found"):
        _ = Study.open(place).inputs


def test_what_nobody_asked_for_is_simulated_too(study):
    found, again = planning.beside(study), Study.open(study.folder, study.out)
    besides = {one.id for one in found.objectives}
    assert besides >= {"income", "adoption"}
    assert not besides & {one.id for one in study.design().objectives}
    assert found.outcomes.shape == (20, len(besides))
    np.testing.assert_array_equal(planning.beside(again).outcomes, found.outcomes)
    nothing = otherwise(study, budget=0.0)
    assert (planning.beside(nothing).outcomes == 0).all()
    asked = otherwise(study, wanted=["growth", "income"])
    assert "income" not in {one.id for one in planning.beside(asked).objectives}


def test_files_hold_the_plan(study):
    hashes = page.write(study)
    assert {"plan.en.html", "plan.zh.html"} <= set(hashes)
    named = ("plan", "plan_frontier", "plan_comparisons", "plan_response", "plan_regions", "design_plan")
    for name in named:
        assert f"tables/{name}.csv" in hashes, name
    written = pd.read_csv(study.out / "tables/plan.csv", encoding="utf-8-sig", dtype={"measure": str})
    np.testing.assert_array_equal(written.level, study.design().plan.level)
    assert written.measure.tolist() == study.design().plan.measure.tolist()
    assert page.write(study) == hashes
    linked = re.findall(r'href="(tables/[^"]+)"', (study.out / "plan.en.html").read_text("utf-8"))
    assert linked
    assert set(linked) <= set(hashes)


def test_one_page_tells_what_where_cost_and_that_it_is_assumed(study):
    found = study.design()
    for locale, assumed in (("zh", "假设：各措施成本相等"), ("en", "assumed: equal unit cost")):
        said = summary(found, study.title, locale)
        assert assumed in said
        assert "{" not in said
        assert re.search(r"\bnan\b", said) is None
        for measure in found.plan.measure:
            assert measure in said
    assert "linear" in summary(found, study.title, "en")


def test_the_command_prints_the_plan(place, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["zhiyu", "design", str(place), "--lang", "en", "--json"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 0
    told = json.loads(capsys.readouterr().out)
    assert {"plan", "frontier", "comparisons", "files"} <= set(told)
    assert told["comparisons"][0]["name"] == "plan"


def test_every_key_stands_in_the_docs():
    text = (ROOT / "docs/howto/study-file.md").read_text(encoding="utf-8")
    keys = [key for model in (DesignChoice, BudgetChoice, ObjectiveChoice) for key in model.model_fields]
    assert [key for key in keys if not re.search(rf"\b{key}\b", text)] == []


def test_the_china_study_asks_for_a_plan_that_fits():
    study = Study.open("china-provinces")
    frame = planning.frame(study)
    assert len(frame.options) == 45 * 4
    assert [one.id for one in frame.objectives] == ["growth", "equity", "carbon", "skills"]
    assert frame.costs.assumed
    np.testing.assert_allclose(frame.costs.each.sum(), 45)
    assert not study.choices.report.design
    assert Plan.__module__ == "zhiyu.design.plan"
