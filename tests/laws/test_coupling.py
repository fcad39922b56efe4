"""What must hold of coupling coordination whatever the levels."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from support import tables

from zhiyu.explain.coupling import VARIANTS, coupling_coordination, grades

levels = tables(rows=(1, 8), columns=(2, 6), high=1.0)
each = pytest.mark.parametrize("variant", VARIANTS)


@each
@given(u=levels)
def test_everything_is_within_zero_and_one(variant: str, u: np.ndarray) -> None:
    found = coupling_coordination(u, variant=variant)
    for x in (found.coupling, found.comprehensive, found.coordination):
        assert ((x >= 0) & (x <= 1)).all()
    assert_allclose(found.coordination**2, found.coupling * found.comprehensive, atol=1e-12)
    assert ((grades(found.coordination) >= 1) & (grades(found.coordination) <= 10)).all()


@each
@given(level=st.integers(0, 1000), m=st.integers(2, 7))
def test_equal_levels_couple_fully(variant: str, level: int, m: int) -> None:
    found = coupling_coordination(np.full(m, level / 1000), variant=variant)
    assert_allclose(found.coupling, 1.0)
    assert_allclose(found.coordination, np.sqrt(level / 1000))


@each
@given(u=levels, random=st.randoms(use_true_random=False))
def test_the_order_of_subsystems_does_not_matter(variant: str, u: np.ndarray, random: object) -> None:
    order = list(range(u.shape[1]))
    random.shuffle(order)  # type: ignore[attr-defined]
    one, other = (coupling_coordination(x, variant=variant) for x in (u, u[:, order]))
    assert_allclose(one.coordination, other.coordination, atol=1e-12)


@given(u=levels, share=st.floats(0.01, 1.0))
def test_levels_shrunk_alike_leave_the_standard_alone_and_bring_the_modified_nearer(
    u: np.ndarray, share: float
) -> None:
    for variant in ("standard", "liao1999"):
        one, other = (coupling_coordination(x, variant=variant).coupling for x in (u, share * u))
        assert_allclose(one, other, atol=1e-9)
    assert (coupling_coordination(share * u).coupling >= coupling_coordination(u).coupling - 1e-9).all()


@given(u=tables(rows=(1, 8), columns=(2, 2), high=1.0))
def test_of_two_subsystems_the_modified_never_exceeds_the_standard(u: np.ndarray) -> None:
    modified, standard = (coupling_coordination(u, variant=name).coupling for name in ("wang2021", "standard"))
    assert (modified <= standard + 1e-12).all()


@each
@given(u=levels)
def test_a_gap_takes_its_cell_and_no_other(variant: str, u: np.ndarray) -> None:
    holed = np.vstack([u, u[:1]])
    holed[-1, 0] = np.nan
    found = coupling_coordination(holed, variant=variant)
    assert np.isnan([found.coupling[-1], found.comprehensive[-1], found.coordination[-1]]).all()
    assert_allclose(found.coordination[:-1], coupling_coordination(u, variant=variant).coordination)
