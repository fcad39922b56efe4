"""What benchmarks share: how they take a time, and the line that they give."""

from __future__ import annotations

import time
from collections.abc import Callable

Row = tuple[str, float, str, float | None]  # job, our seconds, the peer and its seconds (None: there is no peer)


def best(work: Callable[[], object], times: int = 7) -> float:
    """Least wall time of some runs, in seconds."""
    found = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        found.append(time.perf_counter() - began)
    return min(found)


def line(row: Row) -> str:
    """The row of the page's table."""
    job, ours, peer, seconds = row
    beside = "-" if seconds is None else f"{peer}, {seconds * 1e3:,.0f} ms"
    ratio = "-" if seconds is None else f"{seconds / ours:.0f}"
    return f"| {job} | {ours * 1e3:,.1f} ms | {beside} | {ratio} |"
