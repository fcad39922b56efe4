"""Other widths of the hindcast's bands, scored on targets up to 2019 alone: the table on the page of the hindcast.

`python -m benchmarks.bands` prints, for each alternative, CRPS and interval score (means over the headline observables,
relative to the root mean square of the reference's errors, the CRPS per cent) and how many are covered 85-97 %.
"""

from __future__ import annotations

from contextlib import ExitStack
from unittest.mock import patch

import numpy as np

from benchmarks.hindcast import china
from zhiyu.simulate import bands
from zhiyu.simulate.hindcast import IDENTITIES, Hindcast, hindcast
from zhiyu.simulate.observe import Observed
from zhiyu.simulate.origins import REFERENCE, SHOWN

TRIED: dict[str, dict[str, float]] = {
    "adopted": {},
    "region's error grows as h": {"REGION_WIDENING": 1.0},
    "as h^.6": {"REGION_WIDENING": 0.6},
    "as h^.5": {"REGION_WIDENING": 0.5},
    "national error grows as h^.75": {"NATIONAL_WIDENING": 0.75},
    "prior of a national shock 4 %": {"SHOCK_SD": 0.04},
    "prior 3 %": {"SHOCK_SD": 0.03},
    "prior 2 %": {"SHOCK_SD": 0.02},
    "errors discounted by .6 an origin": {"DISCOUNT": 0.6},
    "errors not discounted": {"DISCOUNT": 1.0},
    "a region's own variance sooner (1 error)": {"REGION_WORTH": 1.0},
    "later (8 errors)": {"REGION_WORTH": 8.0},
    "t of 3 degrees of freedom": {"REGION_FREEDOM": 3.0},
    "nearly normal": {"REGION_FREEDOM": 30.0},
    "national growth worth no error": {"GROWTH_YEARS": 0.0},
}


def interval_score(low: np.ndarray, high: np.ndarray, outcome: np.ndarray, level: float) -> np.ndarray:
    """Width, and 2 / (1 - level) for each unit that the outcome lies outside. Source: Gneiting and Raftery (2007)."""
    outside = np.maximum(low - outcome, 0) + np.maximum(outcome - high, 0)
    return np.asarray(high - low + 2 / (1 - level) * outside)


def scores(done: Hindcast) -> tuple[float, float, int]:
    """Relative CRPS, relative interval score, observables covered 85-97 %, on targets up to `done.chosen_until`."""
    chosen = np.where(done.targets(later=False), 1.0, np.nan)[:, None, None, :]  # (origin, 1, 1, horizon)
    unit = np.sqrt(np.nanmean((chosen * (done.points[REFERENCE] - done.outcome)) ** 2, axis=(0, 2, 3)))
    band = interval_score(done.low[SHOWN], done.high[SHOWN], done.outcome, done.level)
    crps, width, within = (
        np.nanmean(chosen * found, axis=(0, 2, 3)) for found in (done.score[SHOWN], band, done.within[SHOWN])
    )
    headline = [s for s, state in enumerate(done.states) if state not in IDENTITIES]
    inside = (within >= 0.85) & (within <= 0.97)
    return float((crps / unit)[headline].mean()), float((width / unit)[headline].mean()), int(inside[headline].sum())


def tried(seen: Observed, constants: dict[str, float]) -> tuple[float, float, int]:
    """The scores with other constants of `zhiyu.simulate.bands`."""
    with ExitStack() as stack:
        for name, value in constants.items():
            stack.enter_context(patch.object(bands, name, value))
        return scores(hindcast(seen, bands=(SHOWN,), knock_outs=False))


def main() -> None:
    """Prints the table."""
    seen = china()
    print("| tried | CRPS | interval score | covered |\n|---|---|---|---|")
    for name, constants in TRIED.items():
        crps, width, covered = tried(seen, constants)
        print(f"| {name} | {100 * crps:.2f} | {width:.2f} | {covered} |", flush=True)


if __name__ == "__main__":
    main()
