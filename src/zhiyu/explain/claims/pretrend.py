"""Whether regions moved alike before a policy: shown, not merely not refuted."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from zhiyu.explain.claims.inputs import Inputs, Sample
from zhiyu.explain.claims.question import Found
from zhiyu.explain.claims.resample import positions
from zhiyu.explain.group_time import simple_att
from zhiyu.explain.staggered import starts
from zhiyu.terms import Label, Refusal

TAILS = (0.05, 0.95)  # two one-sided tests at 5 %
NAN = float("nan")
Series = Callable[[Sample], tuple[np.ndarray, tuple[str, ...], np.ndarray]]  # (n, t), codes, years


def drift(y: np.ndarray, start: np.ndarray) -> float:
    """What straight lines through the years before would have brought, in the average of `group_time.simple_att`.

    For each group the slope, before its start, of its mean less that of regions that start later or never, times the
    years from the last one before to each treated one, a line being carried no farther than it was seen; nan without
    two years before any start.

    Parameters
    ----------
    y : (n, t) outcome, complete; start : (n,) position of the first treated year, t = never
    """
    t = y.shape[1]
    total, size = 0.0, 0
    for g in np.unique(start[(start > 1) & (start < t)]).tolist():
        mine, later = start == g, start > g
        ahead = [min(s - g + 1, g - 1) for s in range(g, t) if (later & (start > s)).any()]
        if not ahead:
            continue
        gap = y[mine, :g].mean(axis=0) - y[later, :g].mean(axis=0)
        years = np.arange(g) - (g - 1) / 2.0
        total += int(mine.sum()) * sum(ahead) * float((gap * years).sum() / (years**2).sum())
        size += int(mine.sum()) * len(ahead)
    return total / size if size else NAN


def pretrend(policy: str, series: Series) -> Callable[..., Found]:
    """A condition: carried on, the trend before the policy would surely have moved less than the policy did.

    Surely: the 90 % interval of `drift`, by regions drawn anew within those that start together, lies within plus and
    minus the effect itself. Placebos of which none stands out show no flat trend: with few regions little stands out.

    Source: Bilinski and Hatfield (2018), Nothing to see here? Non-inferiority approaches to parallel trends; Dette and
    Schumann (2024), Journal of Business and Economic Statistics 42 (equivalence of trends before).
    """

    def run(name: str, told: Label, inputs: Inputs, sample: Sample, draws: int) -> Found:
        if inputs.events is None:
            raise Refusal("claim_no_event", name=policy)
        y, codes, years = series(sample)
        first = inputs.events.first(policy, codes)
        effect = simple_att(y, first, years, controls="not-yet")
        start = starts(y, first, years)
        strata = np.unique(start, return_inverse=True)[1]
        drawn = np.array([drift(y[row], start[row]) for row in positions(len(y), min(draws, 999), inputs.seed, strata)])
        if not np.isfinite(drawn).any():
            raise Refusal("claim_no_before", name=policy)
        low, high = (float(end) for end in np.nanquantile(drawn, TAILS))
        flat = bool(max(-low, high) < abs(effect))
        return Found(
            name, told, "condition", 1, drift(y, start), low, high, NAN, codes, holds=flat, observations=y.size
        )

    return run
