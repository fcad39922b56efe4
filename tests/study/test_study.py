"""The study: stages are kept by content, the manifest says everything, choices are replaceable."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from zhiyu import Study, spec
from zhiyu.folder import BUNDLED, bundled
from zhiyu.replay import replay
from zhiyu.report import write_tables
from zhiyu.terms import Refusal


@pytest.fixture
def china(tmp_path: Path) -> Path:
    """A copy of the bundled China study, to be changed; its ledger has few specifications, for time."""
    folder = Path(shutil.copytree(BUNDLED / "china-provinces", tmp_path / "china"))
    asked_for(folder, "specifications = 40")
    return folder


def asked_for(folder: Path, *lines: str) -> None:
    """Lines more in the table [explain] of a study file."""
    text = (folder / "study.toml").read_text(encoding="utf-8")
    assert text.count("[explain.events]") == 1
    (folder / "study.toml").write_text(
        text.replace("[explain.events]", "\n".join(["[explain]", *lines, "", "[explain.events]"])), encoding="utf-8"
    )


def test_the_bundled_studies_open_by_name():
    assert set(bundled()) >= {"china-provinces", "europe-desi"}
    assert Study.open("china-provinces").measure().scores.dims == ("region", "year", "node")


def test_without_out_nothing_is_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Study.open("china-provinces").measure()
    assert list(tmp_path.iterdir()) == []


def test_a_finished_stage_is_kept_and_equal_bit_for_bit(tmp_path):
    first = Study.open("china-provinces", tmp_path)
    index = first.measure()
    second = Study.open("china-provinces", tmp_path)
    again = second.measure()
    assert [done.kept for done in first.done.values()] == [False, False]
    assert [done.kept for done in second.done.values()] == [True, True]
    for name in ("scores", "coverage", "weights", "effective", "values", "marks", "ranks", "stage", "thresholds"):
        assert_array_equal(getattr(again, name).values, getattr(index, name).values, strict=True)
        assert getattr(again, name).dims == getattr(index, name).dims
    assert again.recipe == index.recipe
    assert again.tree == index.tree
    assert again.regions == index.regions
    assert again.left_out == index.left_out


@pytest.mark.parametrize(
    ("chosen", "ran"),
    [
        ({"draws": 0, "weights": 0.25}, []),
        ({"draws": 4}, ["drop_one"]),
        ({"draws": 4, "weights": 0.25, "samples": 4}, ["robustness", "sensitivity", "drop_one"]),
    ],
)
def test_a_recipe_is_tried_where_the_study_asks_for_it(chosen, ran):
    choices = spec.read(BUNDLED / "europe-desi" / spec.FILE)
    table = {**choices.measure.model_dump(), "robustness": chosen}
    measure = type(choices.measure).model_validate(table)
    study = Study.open("europe-desi", choices=choices.model_copy(update={"measure": measure}))
    found = {"robustness": study.robustness(), "sensitivity": study.sensitivity(), "drop_one": study.drop_one()}
    assert [name for name, result in found.items() if result is not None] == ran
    assert [name for name in study.done if name in found] == ran


def test_a_changed_choice_or_input_is_not_served_from_the_cache(china, tmp_path):
    out = tmp_path / "out"
    before = Study.open(china, out).measure()
    text = (china / "study.toml").read_text(encoding="utf-8")
    (china / "study.toml").write_text(text.replace('method = "entropy"', 'method = "equal"'), encoding="utf-8")
    equal = Study.open(china, out)
    assert not np.array_equal(equal.measure().effective, before.effective)
    assert equal.done["data"].kept
    assert not equal.done["measure"].kept
    panel = (china / "panel.csv").read_text(encoding="utf-8")
    (china / "panel.csv").write_text(panel.replace("17653.3", "17653.4", 1), encoding="utf-8")
    changed = Study.open(china, out)
    changed.measure()
    assert not changed.done["data"].kept


def test_a_repair_of_one_part_leaves_the_others_alone(tmp_path):
    """A recipe with one choice replaced: the road that robustness takes."""
    study = Study.open("china-provinces")
    recipe = study.choices.measure.replaced("weight.method", "equal")
    assert recipe.weight.method == "equal"
    assert recipe.normalise == study.choices.measure.normalise
    with pytest.raises(ValueError, match="Extra inputs"):
        recipe.replaced("weight.methd", "equal")


def test_the_manifest_says_what_is_needed_to_do_it_again(china, tmp_path):
    text = (china / "study.toml").read_text(encoding="utf-8")
    (china / "study.toml").write_text(text.replace("specifications = 40", "questions = []"), encoding="utf-8")
    study = Study.open(china, tmp_path / "out")
    path = study.write_manifest(write_tables(study))
    record = json.loads(path.read_text(encoding="utf-8"))
    assert record["seed"] == 20251201
    assert set(record["inputs"]) >= {"panel.csv", "panel_academic.csv", "dictionary.csv"}
    assert record["arguments"]["measure"]["weight"]["scope"] == "pooled"
    assert set(record["stages"]) >= {"data", "measure"}
    assert all(stage["seconds"] >= 0 for stage in record["stages"].values())
    assert "numpy" in record["versions"]
    assert all((tmp_path / "out" / name).exists() for name in record["outputs"])


@pytest.mark.slow
def test_the_china_study_gives_the_same_bytes_in_another_process_with_one_thread(china, tmp_path):
    """Sums that a threaded library orders as it likes would differ in the last bit."""
    ours = write_tables(Study.open(china, tmp_path / "first"))
    code = (
        "import sys, json; from zhiyu import Study; from zhiyu.report import write_tables;"
        "print(json.dumps(write_tables(Study.open(sys.argv[2], sys.argv[1]))))"
    )
    single = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    ran = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "second"), str(china)],
        capture_output=True,
        text=True,
        env=single,
        check=True,
    )
    assert json.loads(ran.stdout) == ours


def test_replay_is_identical_and_notices_a_changed_output(tmp_path):
    study = Study.open("europe-desi", tmp_path / "first")
    manifest = study.write_manifest(write_tables(study))
    assert replay(manifest, tmp_path / "second", write_tables).identical
    record = json.loads(manifest.read_text(encoding="utf-8"))
    record["outputs"]["tables/index.csv"] = "0" * 64
    manifest.write_text(json.dumps(record), encoding="utf-8")
    result = replay(manifest, tmp_path / "third", write_tables)
    assert result.different == ("tables/index.csv",)


def test_replay_refuses_a_changed_input(china, tmp_path):
    study = Study.open(china, tmp_path / "first")
    study.panel()
    manifest = study.write_manifest({})
    (china / "dictionary.csv").write_bytes((china / "dictionary.csv").read_bytes() + b"\n")
    with pytest.raises(Refusal) as refused:
        replay(manifest, tmp_path / "second", write_tables)
    assert refused.value.key == "input_changed"


def test_a_damaged_output_is_written_again(tmp_path):
    study = Study.open("europe-desi", tmp_path)
    hashes = write_tables(study)
    good = (tmp_path / "tables/index.csv").read_bytes()
    (tmp_path / "tables/index.csv").write_bytes(good[: len(good) // 2])
    assert write_tables(Study.open("europe-desi", tmp_path)) == hashes
    assert (tmp_path / "tables/index.csv").read_bytes() == good


def test_the_study_file_round_trips():
    choices = spec.read(BUNDLED / "china-provinces" / "study.toml")
    assert spec.check(choices.model_dump(mode="json"), "manifest.json") == choices
