"""What benchmarks share: how they take a time, and the line that they give."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """A line of the page: a job, our seconds, and the peer's where there is one."""

    job: str
    ours: float
    peer: str = ""
    theirs: float | None = None

    def markdown(self) -> str:
        """As a row of the page's table."""
        beside = "-" if self.theirs is None else f"{self.peer}, {self.theirs * 1e3:,.0f} ms"
        ratio = (
            "-" if self.theirs is None else f"{self.theirs / self.ours:,.{0 if self.theirs > 10 * self.ours else 1}f}"
        )
        return f"| {self.job} | {self.ours * 1e3:,.{1 if self.ours < 0.1 else 0}f} ms | {beside} | {ratio} |"


def best(work: Callable[[], object], times: int = 7) -> float:
    """Least wall time of some runs, in seconds."""
    found = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        found.append(time.perf_counter() - began)
    return min(found)
