"""The same source on other arrays: JAX, where it is installed."""

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
