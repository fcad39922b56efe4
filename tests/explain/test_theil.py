"""Theil's indices: by hand, and their split over nested groupings."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from zhiyu.explain.theil import theil


def written_out(y: np.ndarray, w: np.ndarray, index: str) -> float:
    p, s = w / w.sum(), w * y / (w * y).sum()
    return float((s * np.log(s / p)).sum() if index == "T" else (p * np.log(p / s)).sum())


@pytest.mark.parametrize("index", ["T", "L"])
def test_the_parts_are_those_of_the_cells_means(index: str) -> None:
    rng = np.random.default_rng(1)
    y, w = rng.lognormal(size=80), rng.uniform(0.5, 2, 80)
    coarse, fine = rng.choice(["north", "south", "west"], 80), rng.integers(0, 2, 80)  # fine labels repeat in each
    found = theil(y, w, (coarse, fine), index)
    cells = [np.flatnonzero((coarse == a) & (fine == b)) for a in np.unique(coarse) for b in (0, 1)]
    blocks = [np.flatnonzero(coarse == a) for a in np.unique(coarse)]

    def among(groups: list[np.ndarray]) -> float:
        weight = np.array([w[g].sum() for g in groups])
        return written_out(np.array([(w * y)[g].sum() for g in groups]) / weight, weight, index)

    assert found.parts[0] == pytest.approx(among(blocks), abs=1e-13)
    assert found.parts[:2].sum() == pytest.approx(among(cells), abs=1e-13)
    assert found.total == pytest.approx(written_out(y, w, index), abs=1e-13)
    assert found.total == found.parts.sum()
    assert found.between + found.within == pytest.approx(found.total, abs=1e-15)
    assert found.inside.sum() == pytest.approx(found.within, abs=1e-14)
    assert_array_equal(found.groups, ["north", "south", "west"])
    share = [w[b].sum() / w.sum() if index == "L" else (w * y)[b].sum() / (w * y).sum() for b in blocks]
    assert_allclose(found.inside, [a * written_out(y[b], w[b], index) for a, b in zip(share, blocks, strict=True)])


def test_all_in_one_hand() -> None:
    found = theil(np.array([0.0, 0, 0, 5]), groups=(np.array([0, 0, 1, 1]),))
    assert found.total == pytest.approx(np.log(4))
    assert_allclose(found.parts, [np.log(2), np.log(2)])


def test_without_groups_there_is_one_part() -> None:
    found = theil(np.array([1.0, 3]))
    assert found.parts.shape == (1,)
    assert (found.between, found.within) == (0.0, found.total)
    assert len(found.groups) == len(found.inside) == 0


def test_a_level_that_divides_nothing_adds_nothing() -> None:
    rng = np.random.default_rng(0)
    y, groups = rng.lognormal(size=20), rng.integers(0, 3, 20)
    assert theil(y, groups=(groups, groups)).parts[1] == 0.0
