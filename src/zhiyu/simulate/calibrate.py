"""Calibration of the core: each equation's posterior, from the observed states and the priors."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from zhiyu.simulate import hierarchy
from zhiyu.simulate.draws import Draws
from zhiyu.simulate.equations import CORE, Array
from zhiyu.simulate.hierarchy import Fit
from zhiyu.simulate.observe import STATES, Observed
from zhiyu.simulate.parameters import Parameter

DISCOUNT, ROUNDS, HUBER = 0.8, 5, 2.5
LEAST_SHARE = 0.001  # of output: capital that fell faster than it wears out had no investment, and no logarithm of it
INVESTMENT = "investment"  # ln s, the share of output that capital is built from: an identity's only free part


@dataclass(frozen=True, eq=False)
class Equation:
    """One state's posterior: its parameters in the order of `fit.mean`, their priors (k,), and the fit."""

    state: str
    names: tuple[str, ...]
    prior_mean: np.ndarray
    prior_sd: np.ndarray
    fit: Fit

    @property
    def mean(self) -> np.ndarray:
        """(k,) posterior means."""
        mean: np.ndarray = self.fit.mean[:-1]
        return mean

    @property
    def sd(self) -> np.ndarray:
        """(k,) posterior standard deviations."""
        return np.asarray(np.sqrt(np.diag(self.fit.covariance)[:-1]))

    @property
    def contraction(self) -> np.ndarray:
        """(k,) 1 - posterior sd / prior sd: 0 where the data say nothing of a parameter."""
        return np.asarray(1 - self.sd / self.prior_sd)


@dataclass(frozen=True, eq=False)
class Posterior:
    """What the observed states say of the core.

    equations : state -> posterior; `equations["investment"]` has no parameter: it holds drift and shocks of ln s;
    constants : parameters of which the prior is certain; codes : the regions.
    """

    equations: Mapping[str, Equation]
    constants: Mapping[str, float]
    codes: tuple[str, ...]

    def draw(self, n: int, seed: int) -> Draws:
        """n joint draws; each equation has a stream of its own, so that one more or less leaves the others' alone.

        The variances are scaled inverse chi-squared, with the weight of years (or cells) as their degrees of freedom.
        """
        found, own, sd = {}, {}, {}
        for state, equation in self.equations.items():
            rng, fit = stream(seed, "draw", state), equation.fit
            root = np.linalg.cholesky(fit.covariance)
            found[state] = fit.mean + np.einsum("jk,nk->nj", root, rng.standard_normal((n, len(fit.mean))))
            middle, spread = fit.intercepts(found[state][:, :-1])
            own[state] = middle + np.sqrt(spread) * rng.standard_normal(middle.shape)
            sd[state] = (
                _sizes(rng, n, fit.variances.national, fit.years + hierarchy.NATIONAL_YEARS),
                _sizes(rng, n, fit.variances.regional, fit.cells + hierarchy.REGIONAL_CELLS),
            )
        return self._draws(found, own, sd)

    def centre(self) -> Draws:
        """One draw, at the posterior's means."""
        fits = {state: equation.fit for state, equation in self.equations.items()}
        found = {state: fit.mean[None].copy() for state, fit in fits.items()}  # a draw is nobody else's
        own = {state: fit.intercepts(found[state][:, :-1])[0] for state, fit in fits.items()}
        both = {state: (fit.variances.national, fit.variances.regional) for state, fit in fits.items()}
        sd = {state: (np.sqrt([national]), np.sqrt([regional])) for state, (national, regional) in both.items()}
        return self._draws(found, own, sd)

    def tidy(self) -> pd.DataFrame:
        """One row a fitted parameter: prior against posterior, contraction, and how many cells were used."""
        return pd.DataFrame(
            [
                {
                    "parameter": name,
                    "state": state,
                    "prior_mean": equation.prior_mean[k],
                    "prior_sd": equation.prior_sd[k],
                    "mean": equation.mean[k],
                    "sd": equation.sd[k],
                    "contraction": equation.contraction[k],
                    "used": equation.fit.used,
                }
                for state, equation in self.equations.items()
                for k, name in enumerate(equation.names)
            ]
        )

    def _draws(
        self,
        found: dict[str, np.ndarray],
        own: dict[str, np.ndarray],
        sd: dict[str, tuple[np.ndarray, np.ndarray]],
    ) -> Draws:
        """From theta and drift (n, k + 1), the regions' intercepts (n, region) and both sizes of shocks (n,)."""
        n = len(next(iter(found.values())))
        theta = {name: np.full(n, value) for name, value in self.constants.items()}
        for state, equation in self.equations.items():
            theta |= dict(zip(equation.names, found[state][:, :-1].T, strict=True))
        return Draws(
            theta,
            {state: self.equations[state].fit.national(found[state])[:, None] + x for state, x in own.items()},
            {state: national for state, (national, _) in sd.items()},
            {state: regional for state, (_, regional) in sd.items()},
            self.codes,
        )


def calibrate(
    observed: Observed,
    parameters: Sequence[Parameter],
    *,
    discount: float = DISCOUNT,
    rounds: int = ROUNDS,
    huber: float = HUBER,
    off: Collection[str] = (),
) -> Posterior:
    """The posterior of every equation whose state is observed.

    Growth is a target where it is observed at both its ends; interpolated cells are regressors only. A regressor that
    is missing is set to the others' mean. A parameter whose prior sd is 0 is a constant.

    Parameters
    ----------
    parameters : of the core; discount : what a year weighs against the year after it; rounds, huber : of the
        reweighting; off : parameters whose terms are knocked out
    """
    prior = {parameter.name: parameter for parameter in parameters if parameter.mean is not None}
    constants = {name: p.mean for name, p in prior.items() if p.sd == 0 and p.mean is not None and name not in off}
    targets = dict(zip(observed.states, np.where(observed.target, observed.growth, np.nan), strict=True))
    terms = {state: CORE[state](observed.now) for state in observed.states if state in CORE}
    if "capital" in observed.states:
        changes = np.diff(investment(observed, constants["capital_depreciation"]), axis=0)
        targets[INVESTMENT] = np.where(_invested(observed), changes, np.nan)
        terms[INVESTMENT] = {}
    equations: dict[str, Equation] = {}
    for state, regressors in terms.items():
        regressors = {name: _bridged(term) for name, term in regressors.items()}
        fixed = sum(constants[name] * term for name, term in regressors.items() if name in constants)
        free = {name: term for name, term in regressors.items() if name not in constants and name not in off}
        mean, sd = (np.array([getattr(prior[name], part) for name in free], dtype=float) for part in ("mean", "sd"))
        found = hierarchy.fit(
            targets[state] - fixed, _stacked(free, targets[state]), (mean, sd), discount, rounds, huber
        )
        equations[state] = Equation(state, tuple(free), mean, sd, found)
    return Posterior(equations, constants, observed.codes)


def investment(observed: Observed, depreciation: float) -> np.ndarray:
    """(year - 1, region) ln s, s = (K' - (1 - delta) K) / Y the share of output invested, .001 at the least.

    Source: perpetual inventory.
    """
    capital, output = np.exp(observed.of("capital").T), np.exp(observed.of("output").T)
    share = (capital[1:] - (1 - depreciation) * capital[:-1]) / output[:-1]
    return np.asarray(np.log(np.maximum(share, LEAST_SHARE)))


def _invested(observed: Observed) -> np.ndarray:
    """(year - 2, region) whether capital and output behind a change of s are observed, and not interpolated."""
    capital, output = (observed.real[observed.states.index(state)].T for state in ("capital", "output"))
    share = capital[1:] & capital[:-1] & output[:-1]
    return np.asarray(share[1:] & share[:-1])


def stream(seed: int, use: str, state: str) -> np.random.Generator:
    """Random numbers of one state for one use, the same whatever other states there are."""
    uses, states = ("draw", "shock"), (*STATES, INVESTMENT)
    return np.random.default_rng([seed, uses.index(use), states.index(state)])


def _bridged(term: Array) -> np.ndarray:
    """(year, region) a regressor whose missing cells are set to the others' mean of the year, or of all years.

    So they say nothing of their own coefficient, and the cell still counts for the others.
    """
    there = np.isfinite(term)
    count = there.sum(axis=1, keepdims=True)
    known = np.where(there, term, 0.0)
    overall = known.sum() / max(int(count.sum()), 1)
    mean = np.where(count > 0, known.sum(axis=1, keepdims=True) / np.maximum(count, 1), overall)
    return np.asarray(np.where(there, term, mean))


def _stacked(terms: dict[str, Array], target: np.ndarray) -> np.ndarray:
    """(year, region, k) regressors."""
    return np.stack(list(terms.values()), axis=-1) if terms else np.zeros((*target.shape, 0))


def _sizes(rng: np.random.Generator, n: int, variance: float, freedom: float) -> np.ndarray:
    """n draws of a standard deviation known from `freedom` squares."""
    return np.asarray(np.sqrt(variance * freedom / rng.chisquare(freedom, n)))
