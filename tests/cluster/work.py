"""Work for the cluster's tests that a worker can import."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import numpy as np


def slow_product(about: dict[str, Any], task: int) -> np.ndarray:
    """A piece that takes a while."""
    time.sleep(about["seconds"])
    return np.asarray(about["x"] * task)


def gated(about: Path, task: int) -> int:
    """A piece that waits, unless it is the first, until there is a file."""
    until = time.monotonic() + 60
    while task and not about.exists():
        assert time.monotonic() < until
        time.sleep(0.05)
    return task


def poison(about: None, task: int) -> int:
    """A piece that ends whoever does it, as one that needs more memory than there is."""
    if task == 1:
        os._exit(1)
    return task


def fails(about: None, task: int) -> None:
    raise FileNotFoundError("a fault of the work itself")


def in_memory(dask_scheduler: Any) -> int:
    """How many results the workers hold."""
    return sum(task.state == "memory" for task in dask_scheduler.tasks.values())
