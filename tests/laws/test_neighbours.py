"""What must hold of spatial weights: they follow their names, whatever the order of regions, rows and columns."""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from zhiyu.data import neighbours
from zhiyu.data.distance import EARTH_RADIUS_KM, great_circle_km
from zhiyu.data.regions import Region, Regions
from zhiyu.terms import Label

N = 8
grid = st.lists(st.tuples(st.integers(-6, 6), st.integers(-6, 6)), min_size=N, max_size=N, unique=True)
orders = st.permutations(range(N))


def made(points: list[tuple[int, int]], order: list[int] | None = None) -> Regions:
    """Regions at whole degrees, where ties abound, in some order."""
    rows = [
        Region(f"R{i}", Label(f"地{i}", f"Land {i}"), Label(f"地{i}", f"Land {i}"), lon=float(x), lat=float(y))
        for i, (x, y) in enumerate(points)
    ]
    return Regions("made", tuple(rows[i] for i in (order or range(N))))


CHOICES: list[dict[str, float]] = [
    {"k": 1},
    {"k": 3},
    {"k": 7},
    {"band_km": 400.0},
    {"decay": 1.0},
    {"k": 2, "decay": 2.0},
    {"band_km": 600.0, "decay": 0.5},
]


@pytest.mark.parametrize("choice", CHOICES, ids=str)
@given(points=grid, order=orders)
def test_permuting_regions_permutes_the_matrix(
    choice: dict[str, float], points: list[tuple[int, int]], order: list[int]
) -> None:
    for standardise in (False, True):
        one, other = (
            neighbours.from_coordinates(made(points, o), **choice, islands="keep")  # type: ignore[arg-type]
            for o in (None, order)
        )
        if standardise:
            one, other = neighbours.row_standardise(one), neighbours.row_standardise(other)
        assert other.codes == tuple(one.codes[i] for i in order)
        assert_allclose(other.matrix, one.matrix[np.ix_(order, order)], rtol=1e-12, atol=0)
        assert set(other.islands) == set(one.islands)


@given(points=grid, k=st.integers(1, N - 1))
def test_k_nearest_against_all_distances(points: list[tuple[int, int]], k: int) -> None:
    regions = made(points)
    w = neighbours.from_coordinates(regions, k=k)
    assert (w.matrix.sum(axis=1) == k).all()
    apart = great_circle_km(*(np.array(column, dtype=float) for column in zip(*points, strict=True)))
    for i in range(N):
        inside = apart[i, w.matrix[i] > 0].max()
        outside = [apart[i, j] for j in range(N) if j != i and w.matrix[i, j] == 0]
        assert not outside or inside <= min(outside) + 1e-6


@given(points=grid)
def test_distances_are_a_metric(points: list[tuple[int, int]]) -> None:
    apart = great_circle_km(*(np.array(column, dtype=float) for column in zip(*points, strict=True)))
    assert (np.diag(apart) == 0).all()
    assert_allclose(apart, apart.T, rtol=1e-12)
    assert (apart[~np.eye(N, dtype=bool)] > 0).all()
    assert (apart[:, :, None] <= apart[:, None, :] + apart[None, :, :] + 1e-6).all()
    assert apart.max() <= np.pi * EARTH_RADIUS_KM + 1e-6


@given(points=grid, band=st.floats(50.0, 3000.0))
def test_bands_and_decay_are_symmetric(points: list[tuple[int, int]], band: float) -> None:
    for choice in ({"band_km": band}, {"decay": 1.5}, {"band_km": band, "decay": 1.0}):
        w = neighbours.from_coordinates(made(points), **choice, islands="keep")  # type: ignore[arg-type]
        assert_allclose(w.matrix, w.matrix.T, rtol=1e-12)
        assert not np.diag(w.matrix).any()


pairs = st.sets(
    st.tuples(st.integers(0, N - 1), st.integers(0, N - 1)).filter(lambda pair: pair[0] < pair[1]), min_size=1
)


@given(pairs=pairs, order=orders, random=st.randoms(use_true_random=False))
def test_edges_follow_their_names(pairs: set[tuple[int, int]], order: list[int], random: object) -> None:
    points = [(i, i) for i in range(N)]
    rows = [pair if i % 2 else pair[::-1] for i, pair in enumerate(pairs)]
    random.shuffle(rows)  # type: ignore[attr-defined]
    with TemporaryDirectory() as folder:
        once, both = Path(folder) / "once.csv", Path(folder) / "both.csv"
        once.write_text("a,b\n" + "".join(f"R{a},地{b}\n" for a, b in rows), encoding="utf-8")
        both.write_text("a,b\n" + "".join(f"R{a},R{b}\nR{b},R{a}\n" for a, b in rows), encoding="utf-8")
        w = neighbours.from_edges(once, made(points), islands="keep")
        same = neighbours.from_edges(both, made(points, order), islands="keep")
    assert {(i, j) for i, j in np.argwhere(w.matrix) if i < j} == pairs
    assert np.array_equal(same.matrix, w.matrix[np.ix_(order, order)])


@given(pairs=pairs)
def test_rows_of_all_but_islands_sum_to_one(pairs: set[tuple[int, int]]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "edges.csv"
        path.write_text("a,b,weight\n" + "".join(f"R{a},R{b},{1 + a}\n" for a, b in pairs), encoding="utf-8")
        w = neighbours.from_edges(path, made([(i, i) for i in range(N)]), islands="keep")
    even = neighbours.row_standardise(w)
    islands = np.array([code in w.islands for code in w.codes])
    assert_allclose(even.matrix.sum(axis=1), np.where(islands, 0.0, 1.0))
    assert_allclose(neighbours.row_standardise(even).matrix, even.matrix, rtol=1e-14)
    assert (islands == (w.matrix.sum(axis=1) == 0)).all()
