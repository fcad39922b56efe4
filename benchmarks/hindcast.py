"""The hindcast of China's provinces: its time and, by `python -m benchmarks.hindcast`, the tables of its page.

`python -m benchmarks.hindcast ets` scores statsmodels' damped exponential smoothing, one series at a time, beside it.
"""

from __future__ import annotations

import sys
import warnings

import numpy as np
import pandas as pd

from benchmarks.timing import Row, best
from zhiyu.data import read
from zhiyu.data.columns import Layout
from zhiyu.simulate.hindcast import Hindcast, hindcast
from zhiyu.simulate.naive import NAIVE
from zhiyu.simulate.observe import Observed, observe, read_columns
from zhiyu.simulate.origins import CORE, NAIVE_STACK, REFERENCE, SHOWN
from zhiyu.simulate.scores import crps, skill
from zhiyu.study import Study


def china() -> Observed:
    """The states of the bundled study, all years, nothing filled."""
    study = Study.open("china-provinces")
    data = study.choices.data
    assert data.dictionary is not None
    meanings = read.read_dictionary(study.inputs[data.dictionary])
    layout = Layout(data.region_column, data.year_column, data.missing)
    panel = read.read_panel([study.inputs[name] for name in data.panel], study.regions(), meanings, layout)
    return observe(panel, read_columns(study.folder / "states.csv"), study.neighbours())


def rows() -> list[Row]:
    """Lines of the page."""
    seen = china()
    rng = np.random.default_rng(0)
    draws, outcome = rng.normal(size=(1000, 31, 3)), rng.normal(size=(31, 3))

    def brute() -> np.ndarray:
        return (
            np.abs(draws - outcome).mean(axis=0)
            - np.array([np.abs(draws - one).mean(axis=0) for one in draws]).mean(axis=0) / 2
        )

    assert np.abs(crps(draws, outcome) - brute()).max() < 1e-12
    return [
        Row(
            "rolling hindcast, 16 states, 9 origins, 8 naive forecasts, core, 5 knock-outs, bands of 1,000 draws",
            best(lambda: hindcast(seen), 2),
        ),
        Row("exact CRPS of 1,000 draws, 93 cells", best(lambda: crps(draws, outcome)), "all pairs", best(brute, 3)),
    ]


def tables(done: Hindcast) -> str:
    """Three tables in Markdown: forecasters together, observables, observables by horizon."""
    parts = [_forecasters(done), *(_observables(done, later) for later in (True, False)), _horizons(done)]
    return "\n\n".join(parts)


def _headline(done: Hindcast, name: str, later: bool) -> pd.DataFrame:
    table = done.table(name, later)
    return table[table.headline & (table.horizon == 0)].set_index("observable")


def _forecasters(done: Hindcast) -> str:
    lines = _head(
        "forecast, to 2019: mean, > 0, worst, from 2020: mean, > 0, < 0, worst, beats best naive, deviation > 0"
    )
    knocked = [name for name in done.points if name.startswith("core_without")]
    for name in (SHOWN, CORE, *knocked, NAIVE_STACK, *(n for n in NAIVE if n != REFERENCE)):
        before, after = _headline(done, name, False), _headline(done, name, True)
        cells = [
            f"{100 * before.rmse_skill.mean():.1f}",
            str((before.low > 0).sum()),
            f"{100 * before.rmse_skill.min():.0f}",
            f"{100 * after.rmse_skill.mean():.1f}",
            str((after.low > 0).sum()),
            str((after.high < 0).sum()),
            f"{100 * after.rmse_skill.min():.0f}",
            str((after.best_low > 0).sum()),
            str((after.deviation_low > 0).sum()),
        ]
        lines.append(f"| {name.replace('_', ' ')} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _observables(done: Hindcast, later: bool) -> str:
    lines = _head(
        "observable, skill, interval, national, deviation, interval, best naive, against it, interval, coverage"
    )
    for state, row in _headline(done, SHOWN, later).iterrows():
        cells = [
            f"{100 * row.rmse_skill:.0f}",
            _interval(row.low, row.high),
            f"{100 * row.national_skill:.0f}",
            f"{100 * row.deviation_skill:.0f}",
            _interval(row.deviation_low, row.deviation_high),
            str(row.best_naive).replace("_", " "),
            f"{100 * row.skill_best:.0f}",
            _interval(row.best_low, row.best_high),
            f"{100 * row.coverage:.0f}",
        ]
        lines.append(f"| {state} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _horizons(done: Hindcast) -> str:
    lines = _head("observable, horizon, n, skill, interval, CRPS x 100, coverage")
    table = done.table(SHOWN, True)
    for row in table[table.headline & (table.horizon > 0)].itertuples():
        cells = [str(row.observable), str(row.horizon), str(row.n), f"{100 * row.rmse_skill:.0f}"]
        cells += [_interval(row.low, row.high), f"{100 * row.crps:.1f}", f"{100 * row.coverage:.0f}"]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _head(names: str) -> list[str]:
    columns = names.split(", ")
    return [f"| {' | '.join(columns)} |", "|" + "---|" * len(columns)]


def _interval(low: float, high: float) -> str:
    return f"{100 * low:.0f} to {100 * high:.0f}"


def smoothing() -> str:
    """Skill of statsmodels' damped exponential smoothing, fitted to each province's series alone, in the same cells."""
    from statsmodels.tsa.holtwinters import Holt

    seen = china()
    done = hindcast(seen, draws=10, bands=(), knock_outs=False)
    point = np.full(done.outcome.shape, np.nan)
    x = np.where(seen.real, seen.x, np.nan)
    for k, origin in enumerate(done.origins):
        for s, r in np.argwhere(np.isfinite(done.points[REFERENCE][k, ..., 0])):
            series = x[s, r, : seen.years.index(origin) + 1]
            there = np.flatnonzero(np.isfinite(series))
            whole = np.interp(np.arange(there[0], there[-1] + 1), there, series[there])
            age = len(series) - 1 - there[-1]
            started = {"initial_level": whole[0], "initial_trend": float(np.diff(whole)[:2].mean())}
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                fitted = Holt(whole, damped_trend=True, initialization_method="known", **started).fit()
            point[k, s, r] = fitted.forecast(done.horizon + age)[age:]
    lines = _head("observable, to 2019, from 2020")
    error, reference = np.moveaxis(point - done.outcome, 2, 3), done.errors(REFERENCE)
    for s, state in enumerate(done.states):
        cells = []
        for later in (False, True):
            e = np.where(done.targets(later)[..., None], error[:, s], np.nan)
            cells.append(f"{100 * skill(e, reference[:, s]):.0f}")
        lines.append(f"| {state} | {' | '.join(cells)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(smoothing() if "ets" in sys.argv else tables(hindcast(china())))
