"""The panel threshold of Hansen's firms, beside a plain loop, and pyxthreg where it is installed."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np

from benchmarks.timing import Row, best
from zhiyu.explain.threshold import fit

TABLE = Path(__file__).parents[1] / "tests" / "oracles" / "hansen" / "invest_565x15.csv"
Panel = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def firms() -> Panel:
    """(565, 14) investment, (565, 14, 5) what does not switch, then cash flow and debt."""
    table = np.loadtxt(TABLE, delimiter=",", skiprows=1).reshape(565, 15, 6)
    q, cash, debt = (table[:, :-1, j] for j in (3, 4, 5))
    return table[:, 1:, 2], np.stack([q, q**2, q**3, debt, q * debt], axis=-1), cash, debt


def plain(panel: Panel, candidates: np.ndarray) -> float:
    """Least sum of squares by one regression a candidate, as it is written in the paper."""
    y, x, cash, debt = (v - v.mean(axis=1, keepdims=True) if j < 2 else v for j, v in enumerate(panel))
    found = []
    for gamma in candidates:
        low = debt <= gamma
        parts = np.stack([cash * low, cash * ~low], axis=-1)
        z = np.concatenate([x, parts - parts.mean(axis=1, keepdims=True)], axis=-1).reshape(y.size, -1)
        found.append(((y.ravel() - z @ np.linalg.solve(z.T @ z, z.T @ y.ravel())) ** 2).sum())
    return float(min(found))


def peer(panel: Panel, bootstraps: int) -> tuple[float, float]:
    """pyxthreg: (sum of squares, seconds of a warm run); its first call compiles for more than a minute."""
    import contextlib
    import io

    import pandas as pd
    from pyxthreg import ThresholdPanel

    y, x, cash, debt = panel
    columns = {"y": y, "cash": cash, "debt": debt} | {f"x{j}": x[..., j] for j in range(x.shape[2])}
    firm, year = np.indices(y.shape)
    frame = pd.DataFrame({name: v.ravel() for name, v in columns.items()}).assign(firm=firm.ravel(), year=year.ravel())
    others = [f"x{j}" for j in range(x.shape[2])]
    model = ThresholdPanel(
        data=frame, dep="y", indep=others, rx=["cash"], qx="debt", entity_col="firm", time_col="year"
    )

    def run() -> None:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            model.fit(thnum=1, trim=0.01, grid=400, bs=bootstraps)

    run()
    seconds = best(run, 3)
    return float(model.results["ssrs"][-1]), seconds


def rows() -> list[Row]:
    """Lines of the page."""
    panel = firms()
    found = fit(*panel, bootstraps=0)
    assert abs(plain(panel, found.candidates) - found.ssr) < 1e-9
    search = best(lambda: fit(*panel, bootstraps=0))
    ours = best(lambda: fit(*panel))
    slow = best(lambda: plain(panel, found.candidates), 3)
    told = "panel threshold, 565 firms x 14 years, 400 candidates"
    lines = [
        Row(f"{told}: search", search, "a regression a candidate", slow),
        Row(f"{told}, 300 draws of both bootstraps", ours, "the same 601 times (reckoned)", slow * 601),
        Row("the same over all 6,667 distinct values", best(lambda: fit(*panel, grid="all"))),
    ]
    if importlib.util.find_spec("pyxthreg"):
        ssr, seconds = peer(panel, 300)
        assert abs(ssr - found.ssr) < 1e-9, (ssr, found.ssr)
        lines.append(Row(f"{told}, 300 draws of both bootstraps", ours, "pyxthreg, one bootstrap, warm", seconds))
    return lines
