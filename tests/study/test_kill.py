"""kill -9 at any moment of a run: nothing half-written, and the next run gives what an uninterrupted one gives."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

RUN = "from zhiyu.cli import main; import sys; sys.argv = ['zhiyu', 'run', 'europe-desi', '--out', sys.argv[1]]; main()"


def outputs(folder: Path) -> dict[str, str]:
    """Hash of every output but the manifest, which holds seconds."""
    files = [p for p in folder.rglob("*") if p.is_file() and ".cache" not in p.parts and p.name != "manifest.json"]
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def start(folder: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", RUN, str(folder)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env={**os.environ}
    )


@pytest.mark.slow
def test_ten_kills_leave_nothing_half_written_and_the_same_result(tmp_path):
    began = time.monotonic()
    whole = start(tmp_path / "whole")
    assert whole.wait() == 0, whole.stderr.read().decode()  # type: ignore[union-attr]
    whole.stderr.close()  # type: ignore[union-attr]
    length = time.monotonic() - began
    expected = outputs(tmp_path / "whole")
    assert "report.en.html" in expected

    killed = tmp_path / "killed"
    struck = 0
    for k in range(10):
        process = start(killed)
        time.sleep(length * (k + 0.5) / 10)
        process.send_signal(signal.SIGKILL)
        struck += process.wait() == -signal.SIGKILL
        process.stderr.close()  # type: ignore[union-attr]
        # what stands there under its final name is whole: it is what the uninterrupted run wrote
        finished = {name: found for name, found in outputs(killed).items() if not name.endswith(".part")}
        assert finished.items() <= expected.items()
    assert struck >= 3, "the kills came after the run had ended: they test nothing"
    final = start(killed)
    assert final.wait() == 0, final.stderr.read().decode()  # type: ignore[union-attr]
    final.stderr.close()  # type: ignore[union-attr]
    assert outputs(killed) == expected
    assert not list(killed.rglob("*.part"))
