"""Castle doctrine and minimum wages: published splits and group-time effects, and csdid's digits."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

from zhiyu.explain.group_time import callaway_santanna, simple_att
from zhiyu.explain.staggered import bacon, twfe

HERE = Path(__file__).parent / "staggered"
CSDID = json.loads((HERE / "csdid.json").read_text(encoding="utf-8"))


def read(name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    years = np.array([int(year) for year in header[2:]])
    first = np.array([float(row[1] or "inf") for row in rows])
    return np.array([[float(cell) for cell in row[2:]] for row in rows]), first, years


@pytest.fixture(scope="module")
def castle():
    return read("castle.csv")


@pytest.fixture(scope="module")
def wages():
    return read("mpdta.csv")


def test_the_published_split_of_castle_doctrine(castle):
    """bacondecomp's vignette: types with weights and means; "Two-way FE estimate = 0.0818116169306475"."""
    found = bacon(*castle)
    assert_allclose(found.estimate, 0.0818116169306475, rtol=1e-12)
    published = {
        "earlier_later": (0.05976, -0.00554),
        "later_earlier": (0.03190, 0.07032),
        "treated_never": (0.90834, 0.08796),
    }
    for name, (weight, mean) in published.items():
        assert_allclose(found.by_type()[name], (weight, mean), atol=5.1e-6)
    heaviest = int(found.weights.argmax())
    assert (found.treated[heaviest], found.control[heaviest]) == (2006, np.inf)
    assert_allclose(found.weights[heaviest], 0.5923947, atol=5e-8)
    assert_allclose(found.estimates[heaviest], 0.06823587, atol=5e-9)


def test_the_split_sums_to_the_two_way_coefficient(castle):
    found = bacon(*castle)
    assert_allclose(found.weights.sum(), 1.0, rtol=1e-14)
    assert_allclose(found.estimate, twfe(*castle), rtol=1e-12)


def test_the_published_group_time_effects(wages):
    """did's README: ATT(g, t) of a varying base, and the pre-test's p of 0.16812."""
    found = callaway_santanna(*wages, base="varying", draws=99, small_sample=False)
    published = [
        [np.nan, -0.0105, -0.0704, -0.1373, -0.1008],
        [np.nan, 0.0065, -0.0028, -0.0046, -0.0412],
        [np.nan, 0.0305, -0.0027, -0.0311, -0.0261],
    ]
    assert_allclose(found.att, published, atol=5.1e-5)
    assert found.groups.tolist() == [2004, 2006, 2007]
    assert round(found.wald_p, 5) == 0.16812


def test_the_published_averages(wages):
    found = callaway_santanna(*wages, base="varying", draws=99)
    assert [round(one.estimate, 4) for one in (found.simple, found.overall, found.exposure)] == [-0.04, -0.031, -0.0772]
    path = dict(zip(found.event.tolist(), found.dynamic.estimate.round(4), strict=True))
    published = {-3: 0.0305, -2: -0.0006, -1: -0.0245, 0: -0.0199, 1: -0.0510, 2: -0.1373, 3: -0.1008}
    assert path == pytest.approx(published, abs=1e-12)


def test_the_published_placebos_of_a_universal_base(wages):
    found = callaway_santanna(*wages, draws=99)
    assert_allclose(found.att[:, 0], [0.0, -0.0038, 0.0033], atol=5.1e-5)
    assert_allclose(found.att[1:, 1], [0.0028, 0.0338], atol=5.1e-5)


@pytest.mark.parametrize(("ours", "theirs"), [("never", "nevertreated"), ("not-yet", "notyettreated")])
def test_the_digits_of_csdid_with_its_errors(wages, ours, theirs):
    """Averages over cells, groups and event times, with the errors of the paper."""
    found = callaway_santanna(*wages, controls=ours, base="varying", draws=99, small_sample=False)
    for one, kind in ((found.simple, "simple"), (found.overall, "group"), (found.exposure, "dynamic")):
        told = CSDID[f"{theirs}_{kind}"]
        assert_allclose(one.estimate, told["att"], rtol=1e-10)
        assert_allclose(one.std_error, told["se"], rtol=1e-9)
    path = CSDID[f"{theirs}_dynamic"]
    assert found.event.tolist() == path["event"]
    assert_allclose(found.dynamic.estimate, path["path"], rtol=1e-10)
    assert_allclose(found.dynamic.std_error, path["path_se"], rtol=1e-9)


def test_the_short_way_to_the_simple_average(wages):
    for controls in ("never", "not-yet"):
        whole = callaway_santanna(*wages, controls=controls, draws=9).simple.estimate
        assert simple_att(*wages, controls=controls) == pytest.approx(whole, rel=1e-12)
