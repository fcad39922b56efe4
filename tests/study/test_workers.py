"""Pieces of long work: the same whoever does them, kept as they come, refused where nobody can."""

from __future__ import annotations

import operator
import socket
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

import pytest
from distributed import KilledWorker
from study.ledgers import assert_same, europe, ledger
from support import refused

from zhiyu import Study, cli, methods, spec, workers
from zhiyu.explain.claims import specifications
from zhiyu.spec import Compute
from zhiyu.store import Cache, Pieces
from zhiyu.terms import Label, Place
from zhiyu.workers import mapped


@pytest.fixture(name="europe")
def europe_fixture(tmp_path: Path) -> Path:
    return europe(tmp_path / "europe")


@pytest.mark.parametrize("number", [1, 2])
def test_pieces_are_the_same_whoever_does_them(number):
    assert mapped(operator.mul, 3, {"a": 1, "b": 2, "c": 5}, number) == {"a": 3, "b": 6, "c": 15}


def test_a_run_goes_on_where_it_stopped():
    kept = {"a": 3}
    done: dict[str, int] = {}
    found = mapped(operator.mul, 3, {"a": 1, "b": 2}, found=kept.get, keep=done.__setitem__)
    assert (found, done) == ({"a": 3, "b": 6}, {"b": 6})


@pytest.mark.slow
def test_a_ledger_is_bit_for_bit_the_same_in_two_processes(europe):
    one = ledger(europe)
    assert one.specifications > 100
    assert_same(one, ledger(europe, workers=2))


def test_a_ledger_that_was_stopped_goes_on_from_its_pieces(europe, tmp_path, monkeypatch):
    whole, out = ledger(europe), tmp_path / "out"
    real, calls = specifications.run, []

    def stops_at(last: int | None):
        def run(inputs, task):
            if len(calls) == last:
                raise KeyboardInterrupt
            calls.append(task)
            return real(inputs, task)

        return run

    monkeypatch.setattr(specifications, "run", stops_at(None))
    ledger(europe)
    total = len(calls)
    calls.clear()
    monkeypatch.setattr(specifications, "run", stops_at(3))
    with pytest.raises(KeyboardInterrupt):
        ledger(europe, out)
    assert len(list((out / ".cache").glob("claims.*"))) == 3 < total
    calls.clear()
    monkeypatch.setattr(specifications, "run", stops_at(None))
    assert_same(whole, ledger(europe, out, workers=1))
    assert len(calls) == total - 3
    assert list((out / ".cache").glob("claims.*")) == []
    calls.clear()
    assert_same(whole, ledger(europe, out))
    assert calls == []


def test_pieces_of_other_choices_are_not_taken(europe, tmp_path, monkeypatch):
    out, real, calls = tmp_path / "out", specifications.run, []

    def run(inputs, task):
        calls.append(task)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return real(inputs, task)

    monkeypatch.setattr(specifications, "run", run)
    with pytest.raises(KeyboardInterrupt):
        ledger(europe, out)
    text = (europe / "study.toml").read_text(encoding="utf-8")
    (europe / "study.toml").write_text(text.replace("seed = 20251201", "seed = 1"), encoding="utf-8")
    calls[:] = [None] * 10
    found = ledger(europe, out)
    assert len(calls) - 10 >= 4
    monkeypatch.setattr(specifications, "run", real)
    assert_same(found, ledger(europe))


def test_a_piece_may_be_called_anything_and_more_are_kept_than_results_of_a_stage(tmp_path):
    cache = Cache(tmp_path)
    names = ["../../x", "a*", "主张 1", *map(str, range(20))]
    pieces, other = Pieces(cache, "claims", "k1"), Pieces(cache, "claims", "k2")
    for name in names:
        pieces.keep(name, (name, 1.5))
    assert [pieces.found(name) for name in names] == [(name, 1.5) for name in names]
    assert [other.found(name) for name in names] == [None] * len(names)
    cache.put("claims", "k3", (1,), 0.0)
    cache.forget_pieces("claims")
    assert [path.name.split("-")[0] for path in tmp_path.iterdir()] == ["claims"]


def test_who_computes_enters_neither_keys_nor_choices_but_the_manifest(europe, tmp_path):
    text = (europe / "study.toml").read_text(encoding="utf-8")
    plain = Study.open(europe, tmp_path / "out")
    plain.explain()
    (europe / "study.toml").write_text(text + "\n[compute]\nworkers = 2\n", encoding="utf-8")
    two = Study.open(europe, tmp_path / "out")
    two.explain()
    assert two.compute.workers == 2
    assert {name: done.key for name, done in two.done.items()} == {name: done.key for name, done in plain.done.items()}
    assert all(done.kept for done in two.done.values())
    assert "compute" not in two.choices.model_dump()
    record = two.manifest({})
    assert (record["compute"]["workers"], record["arguments"]["compute"]["workers"]) == (2, 2)
    assert spec.check(record["arguments"], "manifest.json") == two.choices


def test_the_command_line_outweighs_the_study_file(europe):
    with (europe / "study.toml").open("a", encoding="utf-8") as file:
        file.write('\n[compute]\nworkers = 2\ncluster = "tcp://here:1"\n')
    for asked, expected in (
        ((None, None), Compute(workers=2, cluster="tcp://here:1")),
        ((3, None), Compute(workers=3, cluster="tcp://here:1")),
        ((None, ""), Compute(workers=2, cluster="")),
    ):
        assert cli._open(str(europe), None, False, lambda stage: None, asked).compute == expected


def test_a_grouping_is_part_of_what_an_answer_hangs_on(europe, tmp_path):
    first = Study.open(europe, tmp_path / "out")
    first.explain()
    text = (europe / "study.toml").read_text(encoding="utf-8")
    (europe / "study.toml").write_text(text.replace('groups = "region4"\n', ""), encoding="utf-8")
    second = Study.open(europe, tmp_path / "out")
    second.explain()
    assert second.done["measure"].kept
    assert not second.done["claims"].kept


def test_a_cluster_that_is_not_there_is_refused_not_passed_over(europe, tmp_path):
    with refused("cluster_silent") as caught:
        ledger(europe, tmp_path / "out", cluster="tcp://127.0.0.1:1")
    assert caught.says("tcp://127.0.0.1:1", "refused")


def test_a_worker_without_the_package_is_refused():
    with refused("cluster_other_code") as caught:
        workers._refuse_other_code({"tcp://w": ModuleNotFoundError("No module named 'zhiyu'")}, Place())
    assert caught.says("No module named 'zhiyu'")


def test_an_address_where_something_else_listens_is_refused(monkeypatch):
    monkeypatch.setattr(workers, "PATIENCE", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as server, refused("cluster_silent") as caught:
        mapped(operator.mul, 3, {"a": 1}, cluster=f"tcp://127.0.0.1:{server.getsockname()[1]}")
    assert caught.says("timed out")


@pytest.mark.slow
def test_a_worker_that_dies_is_refused(tmp_path):
    with refused("workers_lost"):
        mapped(dies, 0, {"a": 1, "b": 2}, 2)


def dies(about: int, task: int) -> None:
    import os

    os._exit(1)


def test_a_piece_that_ended_one_worker_after_the_other_is_refused():
    trouble = KilledWorker("piece-1", SimpleNamespace(address="tcp://w:1"), 3)
    future = mock.Mock(status="error", **{"exception.return_value": trouble, "result.side_effect": trouble})
    with refused("workers_lost") as caught:
        workers._result(future, Place())
    assert caught.says("piece-1", "4 different workers")


def test_a_plugin_s_method_stays_in_this_process(monkeypatch):
    def function() -> None: ...

    function.__module__ = "zhiyu_plugin_0123"
    mine = methods.Method("weighting", "mine", Label("", ""), function)
    monkeypatch.setitem(methods.REGISTRY["weighting"], "mine", mine)
    assert mapped(operator.mul, 3, {"a": 1, "b": 2}) == {"a": 3, "b": 6}
    for asked in ({"workers": 2}, {"cluster": "tcp://127.0.0.1:1"}):
        with refused("workers_plugins") as caught:
            mapped(operator.mul, 3, {"a": 1, "b": 2}, **asked)
        assert caught.says("weighting.mine", "workers = 1")
