"""The command line as a user types it: exit codes, languages, answers for machines."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest


def zhiyu(*words: str, lang: str = "C.UTF-8", cwd=None) -> subprocess.CompletedProcess[str]:
    code = "from zhiyu.cli import main; main()"
    env = {**os.environ, "LANG": lang, "LC_ALL": lang}
    return subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, text=True, env=env, cwd=cwd, check=False
    )


def test_version_and_help():
    assert zhiyu("--version").stdout.startswith("zhiyu 0.")
    english, chinese = zhiyu("--help").stdout, zhiyu("--help", lang="zh_CN.UTF-8").stdout
    for verb in ("new", "check", "measure", "report", "run", "show", "replay"):
        assert verb in english
    assert "Exit codes" in english
    assert "退出码" in chinese


@pytest.mark.slow
def test_run_replay_and_check_from_a_terminal(tmp_path):
    ran = zhiyu("run", "europe-desi", "--out", "here", "--json", cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    answer = json.loads(ran.stdout)
    assert {"report.zh.html", "report.en.html", "tables/index.csv"} <= set(answer["files"])
    header = (tmp_path / "here/tables/index.csv").read_text(encoding="utf-8-sig").splitlines()[0].split(",")
    assert {"region", "year", "node", "score"} <= set(header)
    replayed = zhiyu("replay", "here/manifest.json", "--lang", "en", cwd=tmp_path)
    assert replayed.returncode == 0, replayed.stdout + replayed.stderr
    assert "bit for bit" in replayed.stdout
    again = zhiyu("run", "europe-desi", "--out", "here", cwd=tmp_path)
    assert "Nothing has changed" in again.stdout
    checked = zhiyu("check", "europe-desi", "--json")
    assert {"check", "severity", "message"} <= set(json.loads(checked.stdout)["findings"][0])


def test_less_than_one_worker_is_a_misspelt_command():
    none = zhiyu("run", "europe-desi", "--workers", "0")
    assert none.returncode == 2
    assert "--workers" in none.stderr


def test_a_misspelt_command_is_exit_code_two():
    assert zhiyu("rn", "europe-desi").returncode == 2


def test_a_refusal_is_exit_code_one_in_the_language_asked_for():
    english, chinese = zhiyu("run", "europe-desl", "--lang", "en"), zhiyu("run", "europe-desl", "--lang", "zh")
    assert english.returncode == chinese.returncode == 1
    assert 'Did you mean "europe-desi"?' in english.stderr
    assert "您是否想写“europe-desi”？" in chinese.stderr
    assert "Traceback" not in english.stderr + chinese.stderr


@pytest.mark.parametrize("what", ["studies", "methods", "measures", "claims", "facts", "glossary", "regions"])
def test_show_lists_any_table(what):
    shown = zhiyu("show", what, "--json")
    rows = json.loads(shown.stdout)
    assert len(rows) >= 2
    assert all(row["id"] and row["zh"] and row["en"] for row in rows)


def test_show_one_row_in_either_language():
    assert "Data rights" in zhiyu("show", "measures", "2.1.1", "--lang", "en").stdout
    assert "数据确权" in zhiyu("show", "measures", "2.1.1", "--lang", "zh").stdout
