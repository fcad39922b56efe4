"""`./dev bench`: run every benchmark and write docs/benchmarks.md."""

from __future__ import annotations

import platform
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from zhiyu import Study
from zhiyu.measure.weighting import entropy_weights

PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"


def best(work: Callable[[], object], times: int = 7) -> float:
    """Least wall time of some runs, in seconds."""
    found = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        found.append(time.perf_counter() - began)
    return min(found)


def entropy_by_loops(x: np.ndarray) -> np.ndarray:
    """Entropy weights as the field's scripts write them: a loop over indicators, a loop over observations."""
    n, p = x.shape
    divergence = []
    for j in range(p):
        total = sum(x[i, j] for i in range(n))
        entropy = 0.0
        for i in range(n):
            share = x[i, j] / total
            if share > 0:
                entropy -= share * np.log(share)
        divergence.append(1 - entropy / np.log(n))
    return np.array(divergence) / sum(divergence)


def imported(module: str) -> float:
    """Least wall time of a fresh interpreter that imports a module, less one that imports nothing."""

    def start(code: str) -> float:
        return best(lambda: subprocess.run([sys.executable, "-c", code], check=True), 5)

    return start(f"import {module}") - start("pass")


def main() -> None:
    x = np.random.default_rng(0).lognormal(size=(300 * 15, 50))
    assert np.allclose(entropy_weights(x), entropy_by_loops(x), atol=1e-12)
    ours, loops = best(lambda: entropy_weights(x)), best(lambda: entropy_by_loops(x), 3)
    zhiyu_import, pandas_import = imported("zhiyu"), imported("pandas")
    china = best(lambda: Study.open("china-provinces").measure(), 3)
    lines = [
        "# Benchmarks",
        "",
        f"Written by `./dev bench` (Python {platform.python_version()}, NumPy {np.__version__}, {platform.machine()}). "
        "Times are the least of several runs of one process; ratios are what carries over to other machines.",
        "",
        "| job | ours | peer or reference | ratio |",
        "|---|---|---|---|",
        f"| entropy weights, 300 regions x 15 years x 50 indicators | {ours * 1e3:.2f} ms "
        f"| plain loops, {loops * 1e3:.0f} ms | {loops / ours:.0f} |",
        f"| `import zhiyu` | {zhiyu_import * 1e3:.0f} ms | `import pandas`, {pandas_import * 1e3:.0f} ms "
        f"| {pandas_import / max(zhiyu_import, 1e-4):.0f} |",
        f"| China study, from files to index, in memory | {china * 1e3:.0f} ms | - | - |",
        "",
    ]
    PAGE.write_text("\n".join(lines), encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
