"""A Dask cluster of real processes on loopback, started by the commands of docs/howto/cluster.md."""

from __future__ import annotations

import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from distributed import Client

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "howto" / "cluster.md"
PORT = "8786"
PATIENCE = 60
LEFT_BEHIND = ("--idle-timeout", "300 s")  # if the tests are killed, the cluster ends by itself


def commands(page: str, program: str) -> list[str]:
    """The commands of a page's shell blocks that start with `program`."""
    lines = "\n".join(re.findall(r"```sh\n(.*?)```", page, re.DOTALL)).splitlines()
    return [line for line in lines if line.startswith(program)]


def exported(page: str) -> dict[str, str]:
    """The variables that a page's shell blocks export."""
    return dict(line.removeprefix("export ").split("=", 1) for line in commands(page, "export "))


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@dataclass
class Dask:
    """A scheduler and workers, each of these a group of processes: the one that computes, and the one that minds it."""

    folder: Path
    port: int = field(default_factory=free_port)
    certificates: bool = False
    scheduler: subprocess.Popen[bytes] | None = None
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"{'tls' if self.certificates else 'tcp'}://127.0.0.1:{self.port}"

    def start(self, workers: int = 2) -> None:
        """The scheduler, if it is not there, and workers until there are so many."""
        if self.scheduler is None:
            self.scheduler = self._run("dask scheduler", more=LEFT_BEHIND)
            wait_for_port(self.port)
        self.workers = [one for one in self.workers if one.poll() is None]
        while len(self.workers) < workers:
            self.worker()
        if not self.certificates:
            self.wait(workers)

    def worker(self, *first: Path) -> None:
        """One more; `first` : folders in which it looks for packages before any other."""
        self.workers.append(self._run("dask worker", *first))

    def wait(self, workers: int) -> None:
        with Client(self.address, timeout=PATIENCE, set_as_default=False) as client:
            client.wait_for_workers(workers, timeout=PATIENCE)

    def computing(self) -> dict[str, int]:
        """Process ids of the workers that compute, by their address."""
        with Client(self.address, timeout=PATIENCE, set_as_default=False) as client:
            return dict(client.run(os.getpid))

    def stop(self) -> None:
        for one in [*self.workers, *([self.scheduler] if self.scheduler else [])]:
            end(one)
        self.workers, self.scheduler = [], None

    def _run(self, program: str, *first: Path, more: tuple[str, ...] = ()) -> subprocess.Popen[bytes]:
        page = PAGE.read_text(encoding="utf-8")
        command = next(one for one in commands(page, program) if ("--tls-key" in one) == self.certificates)
        arguments = shlex.split(command.replace(PORT, str(self.port)))[1:]
        path = os.pathsep.join(map(str, (*first, ROOT / "src", ROOT / "tests")))
        # its own group of processes: a machine that fails takes worker and minder with it
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "dask", *arguments, *more],
                stdout=log,
                stderr=log,
                cwd=self.folder,
                env={**os.environ, "PYTHONPATH": path},
                start_new_session=True,
            )


def end(process: subprocess.Popen[bytes]) -> None:
    """kill -9 of a whole group of processes."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def wait_for_port(port: int) -> None:
    until = time.monotonic() + PATIENCE
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
