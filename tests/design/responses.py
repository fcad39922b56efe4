"""Simulators for the tests of the searches: linear ones, and ones that saturate in channels as the model's do."""

import numpy as np

from zhiyu.terms import Label

MEASURES, PLACES = 6, 3
OPTIONS = MEASURES * PLACES
SOME = Label("某项", "something")


def response(seed=0, options=OPTIONS, futures=8, objectives=2):
    """A response table (option, future, objective) in which most options help."""
    rng = np.random.default_rng(seed)
    return rng.normal(0.6, 1.0, (options, 1, objectives)) + 0.5 * rng.standard_normal((options, futures, objectives))


def linear(table):
    """A simulator that is its own response table."""
    return lambda levels: np.einsum("ki,ifo->kfo", levels, table)


def saturating(seed=0, options=OPTIONS, channels=5, futures=12, objectives=2):
    """Concave: caps (1 - exp(-sum of weight x level)), all weights and effects positive."""
    rng = np.random.default_rng(seed)
    weight = rng.uniform(0, 1.5, (options, channels)) * (rng.random((options, channels)) < 0.4)
    effect = rng.uniform(0.2, 1.0, (channels, objectives)) * rng.uniform(0.5, 1.5, (futures, channels, objectives))

    def evaluate(levels):
        return np.einsum("kc,fco->kfo", 1 - np.exp(-np.einsum("ki,ic->kc", levels, weight)), effect)

    return evaluate


def alone(evaluate, options=OPTIONS):
    """The response table of a simulator."""
    return evaluate(np.eye(options))
