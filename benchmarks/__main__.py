"""`./dev bench`: run every benchmark and write docs/benchmarks.md; `./dev bench scale` only prints one of them."""

from __future__ import annotations

import importlib
import platform
import sys
from pathlib import Path

import numpy as np

from benchmarks.timing import Row

PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"
ALL = (
    "foundation",
    "criteria",
    "robustness",
    "sobol",
    "disparity",
    "space",
    "spatial_panel",
    "regress",
    "threshold",
    "events",
    "hindcast",
    "simulate",
    "design",
    "design_china",
    "scale",
)


def main(chosen: tuple[str, ...]) -> None:
    rows: list[Row] = []
    for name in chosen or ALL:
        rows += importlib.import_module(f"benchmarks.{name}").rows()
        print(f"{name}: done", file=sys.stderr)
    lines = [
        "# Benchmarks",
        "",
        f"Written by `./dev bench` (Python {platform.python_version()}, NumPy {np.__version__}, {platform.machine()}).",
        "Times are the least of several runs in one process, ours and the peer's side by side, after their numbers",
        "were shown to agree; the ratio is what carries over to other machines.",
        "",
        "| job | ours | peer or reference | ratio |",
        "|---|---|---|---|",
        *[row.markdown() for row in rows],
        "",
    ]
    print("\n".join(lines))
    if not chosen:
        PAGE.write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main(tuple(sys.argv[1:]))
