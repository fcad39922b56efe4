"""How firm each coefficient is: prior against posterior, and whether its sign survives the loss of any one year."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from zhiyu.simulate.calibrate import DISCOUNT, HUBER, ROUNDS, Posterior, calibrate
from zhiyu.simulate.observe import Observed
from zhiyu.simulate.parameters import Parameter

NEUTRAL = 10.0  # a neutral prior is centred on 0 and this many times as wide, so that the sign is the data's


@dataclass(frozen=True, eq=False)
class Stability:
    """Posterior of the core, and again without each year of targets.

    years : (t,) those left out; means : (t, p) posterior means without each, p parameters in the order of
    `posterior.tidy()`; neutral : (p,) means under a prior that favours no sign; neutral_means : (t, p) those without
    each year.
    """

    posterior: Posterior
    parameters: tuple[Parameter, ...]
    years: tuple[int, ...]
    means: np.ndarray
    neutral: np.ndarray
    neutral_means: np.ndarray

    def tidy(self) -> pd.DataFrame:
        """One row a coefficient.

        lowest, highest : posterior mean over the years left out; same_sign, data_same_sign : share of those years in
        which the posterior mean, or the mean under the neutral prior, keeps its sign; supported : the neutral mean has
        the sign of the prior mean, and keeps it whichever year is left out; never where the prior mean is 0.
        """
        table = self.posterior.tidy()
        grades = {parameter.name: parameter.grade for parameter in self.parameters}
        mean, prior = table["mean"].to_numpy(), table["prior_mean"].to_numpy()
        kept = np.sign(self.neutral_means) == np.sign(self.neutral)
        agree = (np.sign(self.neutral) == np.sign(prior)) & (prior != 0)
        return table.assign(
            grade=[grades[name] for name in table["parameter"]],
            lowest=self.means.min(axis=0),
            highest=self.means.max(axis=0),
            same_sign=(np.sign(self.means) == np.sign(mean)).mean(axis=0),
            data_mean=self.neutral,
            data_same_sign=kept.mean(axis=0),
            supported=agree & kept.all(axis=0),
        )


def stability(
    observed: Observed,
    parameters: Sequence[Parameter],
    *,
    discount: float = DISCOUNT,
    rounds: int = ROUNDS,
    huber: float = HUBER,
) -> Stability:
    """Calibrates once with all years and once without each, under the parameters' priors and under a neutral one.

    A year left out is no target; its levels remain what the next year starts from.
    """

    def fitted(seen: Observed, prior: Sequence[Parameter]) -> Posterior:
        return calibrate(seen, prior, discount=discount, rounds=rounds, huber=huber)

    def means(posterior: Posterior) -> np.ndarray:
        return np.concatenate([equation.mean for equation in posterior.equations.values()])

    neutral = [_neutral(parameter) for parameter in parameters]
    used = np.flatnonzero(observed.target.any(axis=(0, 2)))
    years = tuple(observed.years[1 + t] for t in used)
    without = [observed.without(year) for year in years]
    return Stability(
        fitted(observed, parameters),
        tuple(parameters),
        years,
        np.array([means(fitted(seen, parameters)) for seen in without]),
        means(fitted(observed, neutral)),
        np.array([means(fitted(seen, neutral)) for seen in without]),
    )


def _neutral(parameter: Parameter) -> Parameter:
    if parameter.mean is None or not parameter.sd:
        return parameter
    return replace(parameter, mean=0.0, sd=NEUTRAL * parameter.sd)
