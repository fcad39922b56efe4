"""The same source on other arrays: JAX, where it is installed."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose
from simulate.runs import YEARS, held, many, start

from zhiyu.simulate import model


def test_jax_runs_the_same_source():
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)
    policy = held({"1.1.1": 1.0, "1.1.3": np.array([1, 0, 0, 0, 0, 0]), "5.2.1": 0.5})
    ours, theirs = (
        list(model.run(model.prepare(start(), many(), policy, YEARS, xp=xp), YEARS))[-1] for xp in (np, jax.numpy)
    )
    for part in ("levels", "memory"):
        for name, x in getattr(ours, part).items():
            assert_allclose(np.asarray(getattr(theirs, part)[name]), x, rtol=1e-9, atol=1e-11, err_msg=name)


def test_a_run_can_be_compiled_and_differentiated():
    """As a function of the size of the shocks: nothing in a step asks for a number."""
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)
    prepared = model.prepare(start(), many(), held({"1.1.1": 1.0}), 3, xp=jax.numpy)

    def output(size):
        shaken = replace(prepared, shocks={name: size * x for name, x in prepared.shocks.items()})
        *_, last = model.run(shaken, 3)
        return last.levels["output"].mean()

    compiled, step = jax.jit(output), 1e-4
    assert_allclose(compiled(1.0), output(1.0), rtol=1e-12)
    numeric = (output(1.0 + step) - output(1.0 - step)) / (2 * step)
    assert_allclose(jax.grad(output)(1.0), numeric, rtol=1e-4)
