"""Planted truths of sensitivity: what changes nothing has no share, what alone varies has all of it."""

import numpy as np
from numpy.testing import assert_allclose, assert_array_equal
from support import recipe

from zhiyu.data import synthetic
from zhiyu.framework import of_rows
from zhiyu.measure.sobol import Sensitivity, sensitivity

PLANTED = synthetic.panel(regions=20, years=3, attributes=3, indicators=3, noise=1.0, seed=2)


def shares(vary: dict[str, object], **more: object) -> Sensitivity:
    return sensitivity(PLANTED.panel, of_rows(PLANTED.rows), recipe(), vary, **{"n": 256, **more})  # type: ignore[arg-type]


def test_a_choice_between_twins_has_no_share() -> None:
    found = shares({"normalise.method": ["minmax", "minmax"], "weight.method": ["entropy", "equal"], "weights": 0.3})
    assert_array_equal(found.first.sel(factor="normalise.method"), 0.0)
    assert_array_equal(found.total.sel(factor="normalise.method"), 0.0)
    assert (found.first_low.sel(factor="normalise.method") <= 0).all()
    assert (found.first_high.sel(factor="normalise.method") >= 0).all()
    for one in (found.first, found.total, found.first_low, found.total_high):
        assert np.isfinite(one).all()
    assert float(found.total.sel(factor="weights").max()) > 0.1


def test_what_alone_varies_has_all_of_the_share() -> None:
    found = shares({"weights": 0.5, "normalise.scale": [100.0, 100.0]}, n=512)
    varies = found.variance.values > 0
    assert varies.sum() > 5
    assert_allclose(found.total.sel(factor="weights").values[varies], 1.0, atol=0.25)
    assert (found.first_high.sel(factor="weights").values[varies] >= 0.9).all()
    assert_allclose(found.overall.sel(share="total", factor="weights"), 1.0, atol=0.05)
    assert_array_equal(found.total.sel(factor="normalise.scale"), 0.0)
    assert_array_equal(found.first.values[:, ~varies], 0.0)


def test_the_order_of_alternatives_does_not_matter_and_the_seed_decides() -> None:
    one = shares({"normalise.method": ["minmax", "rank"], "weights": 0.3})
    other = shares({"weights": 0.3, "normalise.method": ["rank", "minmax"]})
    assert one.total.identical(other.total)
    assert one.first_low.identical(other.first_low)
    assert not one.total.equals(shares({"weights": 0.3, "normalise.method": ["rank", "minmax"]}, seed=1).total)


def test_first_shares_of_scores_that_add_up() -> None:
    found = shares({"normalise.method": ["minmax", "rank"], "weight.method": ["entropy", "equal"]}, of="score", n=512)
    assert (found.first.sum("factor") <= 1.1).all()
    assert (found.total + 0.1 >= found.first).all()
