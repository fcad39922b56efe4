"""Every mistake a user can make is refused in one message: where, what, and the remedy, in the study's language.

`refusals.csv` says which command, on which broken study, is refused with which words. A broken study is
`inputs/_healthy` with the few files of `inputs/FOLDER` laid over it.
"""

from __future__ import annotations

import csv
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from zhiyu import cli, methods, replay, spec, terminal
from zhiyu.study import Study
from zhiyu.terms import LOCALES, Locale, Refusal, catalogue, text

HERE = Path(__file__).parent
INPUTS = HERE / "inputs"
HEALTHY = INPUTS / "_healthy"
# refused without a place: no language of a study, or what an aggregation finds in scores and knows no cell of
PLACELESS = {"unknown_language", "unknown_question"}
RUN = "import sys; from zhiyu.cli import main; sys.argv[0] = 'zhiyu'; main()"


@dataclass(frozen=True)
class Case:
    """A row of refusals.csv. speaks: whose language, the study's or the terminal's; en, zh: words between bars."""

    folder: str
    command: str
    speaks: str
    code: str
    key: str
    en: str
    zh: str

    @property
    def name(self) -> str:
        return self.folder or self.command.replace("STUDY", "study").replace("OUT", "out")

    def words(self, locale: Locale) -> list[str]:
        return (self.en if locale == "en" else self.zh).split("|")


with (HERE / "refusals.csv").open(encoding="utf-8", newline="") as file:
    CASES = [Case(**row) for row in csv.DictReader(file)]


@dataclass(frozen=True)
class Said:
    """What a command left behind."""

    code: int
    out: str
    err: str


@pytest.fixture(autouse=True)
def _as_if_started_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Each command sees no consent, no language and no plugin of the one before."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(terminal, "LANGUAGE", [])
    known = {kind: dict(named) for kind, named in methods.REGISTRY.items()}
    yield
    methods.REGISTRY.clear()
    methods.REGISTRY.update(known)
    for name in [name for name in sys.modules if name.startswith("zhiyu_plugin_")]:
        del sys.modules[name]


def lay(folder: str, locale: Locale, at: Path) -> Path:
    """The study `folder` in a language, and beside it the files that its forbidden paths lead to."""
    study = Path(shutil.copytree(HEALTHY, at / "study"))
    if folder:
        shutil.copytree(INPUTS / folder, study, dirs_exist_ok=True)
    content = (study / "study.toml").read_bytes()
    assert content.count(b'locale = "en"') == 1
    (study / "study.toml").write_bytes(content.replace(b'locale = "en"', f'locale = "{locale}"'.encode()))
    for outside in ("panel.csv", "plugin.py"):
        shutil.copy(HEALTHY / "panel.csv", at / outside)
    if b"link.csv" in content:
        (study / "link.csv").symlink_to(at / "panel.csv")
    return study


def argv(command: str, at: Path) -> list[str]:
    return [word.replace("STUDY", str(at / "study")).replace("OUT", str(at / "out")) for word in command.split()]


def here(
    command: str, at: Path, spoken: Locale, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Said:
    """Run a command in this process."""
    monkeypatch.setattr(terminal, "SPOKEN", spoken)
    monkeypatch.setattr(sys, "argv", ["zhiyu", *argv(command, at)])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    captured = capsys.readouterr()
    return Said(int(ended.value.code or 0), captured.out, captured.err)


def alone(command: str, at: Path, spoken: Locale) -> Said:
    """Run a command in a process of its own."""
    environment = {"LANG": f"{spoken}.UTF-8", "PYTHONUTF8": "1", "XDG_CONFIG_HOME": str(at / "config")}
    done = subprocess.run(
        [sys.executable, "-c", RUN, *argv(command, at)],
        capture_output=True,
        encoding="utf-8",
        env=environment,
        cwd=at,
        check=False,
    )
    return Said(done.returncode, done.stdout, done.stderr)


def other(locale: Locale) -> Locale:
    return "zh" if locale == "en" else "en"


def pattern(key: str, locale: Locale) -> str:
    """A sentence of the catalogue as a pattern: what stands for a placeholder is free."""
    pieces = re.split(r"(\{\{|\}\}|\{\w+\})", catalogue()[key].text(locale))
    free = [".*" if re.fullmatch(r"\{\w+\}", piece) else re.escape(piece.replace("{{", "{")) for piece in pieces]
    return "".join(free)


def message(said: Said, case: Case, locale: Locale) -> str:
    """The one message: on stderr behind the lines that say what is being done, or the one error that `check` lists."""
    if case.code == "3":
        assert said.err == ""
        errors = [part for part in said.out.split("\n\n") if part.startswith(text("severity.error", locale))]
        assert len(errors) == 1, said.out
        return errors[0].removeprefix(text("severity.error", locale)).strip()
    assert said.out == ""
    progress = {entry.text(locale) for key, entry in catalogue().items() if key.startswith("stage.")}
    lines = said.err.splitlines()
    return "\n".join(line for line in lines if line not in progress)


def assert_refused(said: Said, case: Case, locale: Locale, at: Path) -> None:
    assert said.code == int(case.code), said
    assert "Traceback" not in said.out + said.err
    told = message(said, case, locale)
    what, remedy = (pattern(f"refuse.{case.key}.{part}", locale) for part in ("what", "remedy"))
    place = ".+" if case.speaks == "study" and case.key not in PLACELESS else ".*"
    assert re.fullmatch(rf"{place}{what}\n{remedy}", told), told
    for word in case.words(locale):
        assert word.replace("STUDY", str(at / "study")) in told, told
    assert not re.search(r"\{\w*\}", told)
    assert_nothing_begun(at)


def assert_nothing_begun(at: Path) -> None:
    """Nothing half-written, nothing that looks like a finished run, nothing the study's own text has run."""
    assert not [*at.rglob("*.part"), *at.rglob(".*.part"), *at.rglob("pwned")]
    out = at / "out"
    assert not [*out.rglob("manifest.json"), *out.rglob("report*"), *out.rglob("mine")]


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_refused(case, locale, tmp_path, monkeypatch, capsys):
    lay(case.folder, locale, tmp_path)
    terminal = other(locale) if case.speaks == "study" else locale
    assert_refused(here(case.command, tmp_path, terminal, monkeypatch, capsys), case, locale, tmp_path)


@pytest.mark.parametrize(
    ("folder", "locale"),
    [
        ("unknown-region", "zh"),
        ("toml-syntax", "en"),
        ("divide-by-zero", "zh"),
        ("corrupt-xlsx", "en"),
        ("plugin-exits", "zh"),
        ("island", "en"),
    ],
)
def test_refused_in_a_process_of_its_own(folder, locale, tmp_path):
    case = next(case for case in CASES if case.folder == folder)
    lay(folder, locale, tmp_path)
    assert_refused(alone(case.command, tmp_path, other(locale)), case, locale, tmp_path)


def test_the_healthy_study_is_not_refused(tmp_path, monkeypatch, capsys):
    """So that each case is refused for what is broken in it and for nothing else."""
    lay("", "en", tmp_path)
    said = here("run STUDY --out OUT", tmp_path, "en", monkeypatch, capsys)
    assert said.code == 0, said
    assert (tmp_path / "out/manifest.json").exists()
    assert not list(tmp_path.rglob("*.part"))
    assert here("check STUDY", tmp_path, "en", monkeypatch, capsys).code == 0


def test_every_broken_study_has_its_row_and_its_break():
    folders = {path.name for path in INPUTS.iterdir()} - {"_healthy"}
    assert folders == {case.folder for case in CASES} - {""}
    assert len({case.key for case in CASES}) >= 70
    for folder in folders:
        files = [path for path in (INPUTS / folder).rglob("*") if path.is_file()]
        assert any(not _same(path, HEALTHY / path.relative_to(INPUTS / folder)) for path in files), folder


def _same(one: Path, two: Path) -> bool:
    return two.exists() and one.read_bytes() == two.read_bytes()


@pytest.mark.parametrize("locale", LOCALES)
def test_lang_outweighs_the_study(locale, tmp_path, monkeypatch, capsys):
    case = next(case for case in CASES if case.folder == "unknown-region")
    lay(case.folder, other(locale), tmp_path)
    said = here(f"{case.command} --lang {locale}", tmp_path, locale, monkeypatch, capsys)
    assert_refused(said, case, locale, tmp_path)


def test_a_refused_check_still_tells_what_it_found(tmp_path, monkeypatch, capsys):
    """`check` lists the share outside [0, 1] once, as an error among its other findings, and so do machines read it."""
    lay("share-outside", "en", tmp_path)
    said = here("check STUDY --json", tmp_path, "en", monkeypatch, capsys)
    findings = json.loads(said.out)["findings"]
    errors = [f["message"] for f in findings if f["severity"] == "error"]
    assert said.code == 3
    assert len(errors) == 1
    assert errors[0].startswith("column online, Guangdong, 2020: The share 79")
    assert len(findings) > 1


@pytest.mark.parametrize("locale", LOCALES)
def test_replay_refuses_an_input_that_changed(locale, tmp_path, monkeypatch, capsys):
    study = lay("", locale, tmp_path)
    opened = Study.open(study, tmp_path / "first")
    opened.panel()
    opened.write_manifest({})
    with (study / "panel.csv").open("a", encoding="utf-8") as panel:
        panel.write("Sichuan,2022,56750,8374,1215,0.71\n")
    said = here("replay first", tmp_path, other(locale), monkeypatch, capsys)
    shutil.rmtree(tmp_path / "first")
    case = Case("", "", "study", "1", "input_changed", "panel.csv|Bring the old file", "panel.csv|请恢复当时的文件")
    assert_refused(said, case, locale, tmp_path)


@pytest.mark.parametrize("name", ["tables", ".cache"])
def test_a_file_in_the_way_of_a_folder(name, tmp_path, monkeypatch, capsys):
    lay("", "en", tmp_path)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / name).write_text("in the way")
    said = here("run STUDY --out OUT", tmp_path, "zh", monkeypatch, capsys)
    case = Case("", "", "study", "1", "cannot_write", f"out/{name}|move away any file", "")
    assert_refused(said, case, "en", tmp_path)
    assert (tmp_path / "out" / name).read_text() == "in the way"


@pytest.mark.parametrize("command", ["rnu STUDY", "run", "run STUDY --outt x", "run STUDY extra", "replay", "new"])
def test_a_misspelt_command_ends_with_2(command, tmp_path, monkeypatch, capsys):
    lay("", "en", tmp_path)
    said = here(command, tmp_path, "en", monkeypatch, capsys)
    assert said.code == 2
    assert said.out == ""
    assert "Traceback" not in said.err
    assert "Error: " in said.err
    assert_nothing_begun(tmp_path)


def test_the_kernel_refuses_a_negative_value_by_its_position():
    """`negative-into-entropy` reaches it through a plugin's z-score, since the shipped normalisers give none."""
    import numpy as np

    from zhiyu.measure.weighting import entropy_weights

    with pytest.raises(Refusal) as refused:
        entropy_weights(np.array([[1.0, 2.0], [1.0, -2.0]]))
    assert refused.value.key == "negative_value"
    assert refused.value.message.values["position"] == 1


def test_the_language_is_read_from_a_study_file_that_cannot_be_read():
    assert spec.spoken_in(INPUTS / "toml-syntax") == "en"
    assert spec.spoken_in(INPUTS / "study-file-in-gbk") == "en"


def test_a_manifest_of_another_language_is_still_a_manifest(tmp_path):
    (tmp_path / "manifest.json").write_bytes(b"\xff\xfe{}")
    with pytest.raises(Refusal) as refused:
        replay.read_manifest(tmp_path)
    assert refused.value.key == "manifest_damaged"
