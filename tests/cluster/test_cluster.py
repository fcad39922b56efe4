"""Work on a cluster of real processes: the same figures, and nothing lost when any of them is killed."""

from __future__ import annotations

import operator
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from cluster.processes import PAGE, PATIENCE, Dask, commands, end, exported
from cluster.work import fails, gated, in_memory, poison, slow_product
from dask import config
from design import worlds
from distributed import Client
from study.ledgers import assert_same, europe, ledger
from support import refused

from zhiyu import Study, workers
from zhiyu.design import response
from zhiyu.simulate import ensemble
from zhiyu.simulate.simulation import heads
from zhiyu.simulate.trajectories import Trajectories
from zhiyu.store import Pieces
from zhiyu.workers import mapped

pytestmark = pytest.mark.slow

SHARED = {"x": np.random.default_rng(1).normal(size=1000), "seconds": 0.1}
TASKS = {str(k): k for k in range(16)}


@pytest.fixture(scope="module")
def dask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dask]:
    processes = Dask(tmp_path_factory.mktemp("dask"))
    try:
        yield processes
    finally:
        processes.stop()


@pytest.fixture
def cluster(dask: Dask) -> Dask:
    """A scheduler with two workers, whatever the test before left of them."""
    dask.start(workers=2)
    return dask


@pytest.fixture(name="europe")
def europe_fixture(tmp_path: Path) -> Path:
    return europe(tmp_path / "europe")


def after(number: int, act: Callable[[], object]) -> tuple[Callable[[str, object], None], list[str]]:
    """A `keep` that acts once, when so many results are there; and the keys it was told of."""
    keys: list[str] = []

    def keep(key: str, result: object) -> None:
        keys.append(key)
        if len(keys) == number:
            act()

    return keep, keys


def assert_products(found: dict[str, np.ndarray]) -> None:
    assert list(found) == list(TASKS)
    for key, task in TASKS.items():
        np.testing.assert_array_equal(found[key], SHARED["x"] * task, strict=True)


def test_a_ledger_is_bit_for_bit_the_same(cluster, europe):
    one = ledger(europe)
    assert one.specifications > 100
    assert_same(one, ledger(europe, cluster=cluster.address))


def china(**how: object) -> Trajectories:
    study = Study.open("china-provinces")
    at_base = heads(study.history(), study.simulating.heads, study.observed)
    posterior = study.calibration().posterior
    plan, measures = study.plan(), study.measures
    return ensemble.simulate(
        study.observed, posterior, plan, draws=200, seed=7, heads=at_base, measures=measures, **how
    )


def test_an_ensemble_is_bit_for_bit_the_same_also_when_a_worker_is_killed(cluster):
    victim = cluster.workers[0]
    keep, keys = after(1, lambda: end(victim))
    one, many = china(), china(cluster=cluster.address, keep=keep)
    assert len(keys) == len(set(keys)) > 2  # all, and none twice
    assert victim.poll() is not None
    assert one.trajectories.identical(many.trajectories)


def test_responses_are_bit_for_bit_the_same(cluster, monkeypatch):
    monkeypatch.setattr(response, "RUNS", 300)
    of, (keep, keys) = worlds.options(), after(0, lambda: None)
    here, there = (response.table(worlds.ask(of, **how)) for how in ({}, {"cluster": cluster.address, "keep": keep}))
    assert len(keys) > 2
    np.testing.assert_array_equal(here.values, there.values, strict=True)


def test_what_tasks_share_is_sent_again_when_all_workers_are_killed_and_come_back(cluster):
    pids = cluster.computing()

    def kill() -> None:
        for pid in pids.values():
            os.kill(pid, signal.SIGKILL)  # the minder, which is left, starts another

    keep, keys = after(3, kill)
    assert_products(mapped(slow_product, SHARED, TASKS, cluster=cluster.address, keep=keep))
    assert sorted(keys) == sorted(TASKS)
    cluster.wait(2)
    assert not set(cluster.computing().values()) & set(pids.values())


def test_a_run_that_lost_all_workers_is_refused_and_goes_on_later(cluster, monkeypatch):
    monkeypatch.setattr(workers, "PATIENCE", 1)
    kept: dict[str, np.ndarray] = {}

    def keep(key: str, result: np.ndarray) -> None:
        kept[key] = result
        if len(kept) == 3:
            for worker in cluster.workers:
                end(worker)

    with refused("workers_lost") as caught:
        mapped(slow_product, SHARED, TASKS, cluster=cluster.address, keep=keep)
    assert caught.says(cluster.address, "goes on")
    before = set(kept)
    assert 3 <= len(before) < len(TASKS)
    cluster.start(workers=1)
    again, keys = after(0, lambda: None)
    assert_products(mapped(slow_product, SHARED, TASKS, cluster=cluster.address, found=kept.get, keep=again))
    assert set(keys) == set(TASKS) - before


def test_work_that_ends_every_worker_is_refused(cluster, monkeypatch):
    monkeypatch.setattr(workers, "LIVES", 2)
    with refused("workers_lost"):
        mapped(poison, None, {"0": 0, "1": 1}, cluster=cluster.address)


def test_a_fault_of_the_work_is_not_laid_to_the_cluster(cluster):
    with pytest.raises(FileNotFoundError, match="a fault of the work itself"):
        mapped(fails, None, {"0": 0}, cluster=cluster.address)


def test_what_tasks_share_may_be_of_any_kind(cluster):
    for about in ((2, 3), [2, 3], {2: 3}, {"a": 3}, None):
        assert mapped(operator.eq, about, {"same": about, "other": 0}, cluster=cluster.address) == {
            "same": True,
            "other": False,
        }


def test_a_run_that_is_interrupted_leaves_nothing_waiting(cluster):
    def interrupt() -> None:
        raise KeyboardInterrupt

    keep, _ = after(1, interrupt)
    with pytest.raises(KeyboardInterrupt):
        mapped(slow_product, SHARED, TASKS, cluster=cluster.address, keep=keep)
    assert_idle(cluster)


def assert_idle(cluster: Dask) -> None:
    """No task is left at the scheduler a moment later."""
    with Client(cluster.address, set_as_default=False) as client:
        for _ in range(50):
            left = client.run_on_scheduler(lambda dask_scheduler: len(dask_scheduler.tasks))
            if not left:
                break
            time.sleep(0.1)
    assert left == 0


def test_results_that_were_fetched_are_no_longer_kept_by_workers(cluster):
    held = []
    with Client(cluster.address, set_as_default=False) as client:

        def keep(key: str, result: object) -> None:
            if not held:
                time.sleep(1)  # the workers get ahead of this process
            held.append(client.run_on_scheduler(in_memory))

        mapped(slow_product, SHARED, TASKS, cluster=cluster.address, keep=keep)
    assert held[0] > 3
    assert held[-1] <= 3  # what is shared, the last, and one that is being let go


def test_workers_with_other_code_or_none_that_join_late_move_no_figure(cluster, tmp_path):
    gate, other, none = (tmp_path / name for name in ("gate", "other", "none"))
    ignored = shutil.ignore_patterns("studies", "__pycache__")
    shutil.copytree(Path(workers.__file__).parent, other / "zhiyu", ignore=ignored)
    (other / "zhiyu" / "more.py").write_text("MORE = 1\n")
    (none / "zhiyu").mkdir(parents=True)
    (none / "zhiyu" / "__init__.py").write_text("raise ModuleNotFoundError('no zhiyu here')\n")

    def join() -> None:
        cluster.worker(none)
        cluster.workers.pop().wait(PATIENCE)  # it cannot read a task
        cluster.worker(other)
        cluster.wait(3)
        gate.touch()

    keep, keys = after(1, join)
    try:
        with refused("cluster_other_code") as caught:
            mapped(gated, gate, TASKS, cluster=cluster.address, keep=keep)
        assert caught.says("worker tcp://127.0.0.1", "zhiyu")
        assert len(keys) < len(TASKS)
    finally:
        end(cluster.workers.pop())


def test_workers_with_other_code_are_refused_before_they_are_given_work(cluster, monkeypatch):
    theirs = workers.code()
    monkeypatch.setattr(workers, "version", lambda name: "0.1")
    with refused("cluster_other_code") as caught:
        mapped(operator.mul, 3, {"a": 1, "b": 2}, cluster=cluster.address)
    assert caught.says("worker tcp://127.0.0.1", f"numpy {theirs['numpy']}")


KILLED = """
import os, signal, sys
from zhiyu import cli, store

real, kept = store.Pieces.keep, []

def keep(self, name, value):
    real(self, name, value)
    kept.append(name)
    if len(kept) == 3:
        os.kill(os.getpid(), signal.SIGKILL)

store.Pieces.keep = keep
sys.argv = ["zhiyu", "explain", *sys.argv[1:]]
cli.main()
"""


def test_a_run_that_is_killed_goes_on_from_its_pieces(cluster, europe, tmp_path, monkeypatch):
    out, real = tmp_path / "out", Pieces.keep
    fresh: list[str] = []

    def keep(pieces: Pieces, name: str, value: object) -> None:
        fresh.append(name)
        real(pieces, name, value)

    monkeypatch.setattr(Pieces, "keep", keep)
    whole = ledger(europe, tmp_path / "other")
    total = len(fresh)
    asked = [str(europe), "--question", "claims", "--cluster", cluster.address, "--out", str(out)]
    run = subprocess.run([sys.executable, "-c", KILLED, *asked], capture_output=True, check=False)
    assert run.returncode == -signal.SIGKILL, run.stderr.decode()
    assert_idle(cluster)  # nobody waits for what it had asked for
    assert len(list((out / ".cache").glob("claims.*"))) == 3 < total
    fresh.clear()
    assert_same(whole, ledger(europe, out, cluster=cluster.address))
    assert len(fresh) == total - 3


def test_a_scheduler_that_is_killed_is_a_refusal(cluster, monkeypatch):
    monkeypatch.setattr(workers, "PATIENCE", 3)
    keep, keys = after(2, lambda: end(cluster.scheduler))
    try:
        with refused("workers_lost") as caught:
            mapped(slow_product, SHARED, TASKS, cluster=cluster.address, keep=keep)
        assert caught.says(cluster.address)
        assert len(keys) < len(TASKS)
    finally:
        cluster.stop()


def test_a_cluster_with_certificates_works_as_the_page_says(tmp_path):
    secured = Dask(tmp_path, certificates=True)
    made = commands(PAGE.read_text(encoding="utf-8"), "openssl")[0]
    subprocess.run(shlex.split(made), cwd=tmp_path, check=True, capture_output=True)
    named = {name: str(tmp_path / file) for name, file in exported(PAGE.read_text(encoding="utf-8")).items()}
    try:
        secured.start(workers=1)
        with config.set(config.merge(config.config, config.collect_env(named))):
            assert mapped(operator.mul, 3, {"a": 1, "b": 2}, cluster=secured.address) == {"a": 3, "b": 6}
        with refused("cluster_silent") as caught:
            mapped(operator.mul, 3, {"a": 1}, cluster=secured.address)
        assert caught.says("TLS: no certificate")
    finally:
        secured.stop()
