"""Neighbours: small answers by eye, the borders of China, distances against a published table, and the refusals."""

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from support import CN, MAINLAND, refused

from zhiyu import store
from zhiyu.data import neighbours, regions
from zhiyu.data.distance import EARTH_RADIUS_KM, great_circle_km
from zhiyu.data.neighbours import Neighbours
from zhiyu.data.regions import Region, Regions
from zhiyu.terms import Label

CHINA = Path(__file__).parents[2] / "src" / "zhiyu" / "studies" / "china-provinces"
CONTIGUITY = CHINA / "contiguity.csv"
DISTANCES = CHINA / "capital_distance_km.csv"


def made(*points: tuple[str, float | None, float | None]) -> Regions:
    rows = [
        Region(code, Label(f"地{code}", f"Land {code}"), Label(f"地{code}", f"Land {code}"), lon=x, lat=y)
        for code, x, y in points
    ]
    return Regions("made", tuple(rows))


LINE = made(("A", 0.0, 0.0), ("B", 1.0, 0.0), ("C", 3.0, 0.0), ("D", 7.0, 0.0))
DEGREE = EARTH_RADIUS_KM * np.pi / 180  # of the equator, in km


def edges(folder: Path, content: str) -> Path:
    path = folder / "edges.csv"
    path.write_text(content, encoding="utf-8")
    return path


# edges


def test_an_undirected_list(tmp_path: Path) -> None:
    w = neighbours.from_edges(edges(tmp_path, "a,b\nA,B\nB,C\nLand D,地C\n"), LINE)
    assert w.codes == ("A", "B", "C", "D")
    assert w.matrix.tolist() == [[0, 1, 0, 0], [1, 0, 1, 0], [0, 1, 0, 1], [0, 0, 1, 0]]
    assert (w.kind, w.standardised, w.islands) == ("contiguity", False, ())
    assert w.of("B") == ("A", "C")


def test_a_list_with_every_pair_reversed_is_the_same(tmp_path: Path) -> None:
    once = neighbours.from_edges(edges(tmp_path, "a,b\nA,B\nB,C\nC,D\n"), LINE)
    both = neighbours.from_edges(edges(tmp_path, "a,b\nA,B\nB,C\nC,D\nD,C\nB,A\nC,B\n"), LINE)
    twice = neighbours.from_edges(edges(tmp_path, "a,b\nA,B\nB,C\nA,B\nC,D\n"), LINE)
    assert once.matrix.tolist() == both.matrix.tolist() == twice.matrix.tolist()


def test_weights_and_types(tmp_path: Path) -> None:
    w = neighbours.from_edges(edges(tmp_path, "a,b,type,weight\nA,B,land,2.5\nB,C,sea,0.5\nC,D,land,1\n"), LINE)
    assert w.matrix.tolist() == [[0, 2.5, 0, 0], [2.5, 0, 0.5, 0], [0, 0.5, 0, 1], [0, 0, 1, 0]]
    assert w.kind == "edges"


BROKEN_EDGES = [
    ("edges_half_reversed", "a,b\nA,B\nB,A\nB,C\nC,D\n", ("row 4", "Land B - Land C", "2")),
    ("edge_to_itself", "a,b\nA,B\nC,地C\n", ("row 3", "Land C")),
    ("edge_two_weights", "a,b,weight\nA,B,1\nB,A,2\n", ("row 3", "row 2")),
    ("edge_two_weights", "a,b,weight\nA,B,1\nA,B,2\n", ("row 3",)),
    ("edge_weight", "a,b,weight\nA,B,0\n", ('"0"',)),
    ("edge_weight", "a,b,weight\nA,B,-1\n", ('"-1"',)),
    ("edge_weight", "a,b,weight\nA,B,\n", ("row 2", "weight")),
    ("edge_weight", "a,b,weight\nA,B,nan\n", ('"nan"',)),
    ("edge_weight", "a,b,weight\nA,B,inf\n", ('"inf"',)),
    ("unknown_region", "a,b\nA,B\nC,Land Z\n", ("row 3", "Land Z")),
    ("unknown_region", "a,b\nA\n", ("row 2",)),
    ("edges_two_columns", "a\nA\n", ("row 1",)),
    ("edges_two_columns", "", ()),
    ("no_rows", "a,b\n", ()),
    ("islands", "a,b\nA,B\n", ("Land C", "Land D")),
]


@pytest.mark.parametrize(("key", "content", "words"), BROKEN_EDGES)
def test_broken_lists(key: str, content: str, words: tuple[str, ...], tmp_path: Path) -> None:
    with refused(key) as caught:
        neighbours.from_edges(edges(tmp_path, content), LINE)
    assert caught.says("edges.csv", *words)


def test_a_list_that_is_not_there(tmp_path: Path) -> None:
    with refused("file_not_found"):
        neighbours.from_edges(tmp_path / "no.csv", LINE)


def test_islands_are_kept_on_purpose(tmp_path: Path) -> None:
    w = neighbours.from_edges(edges(tmp_path, "a,b\nA,B\n"), LINE, islands="keep")
    assert w.islands == ("C", "D")
    even = neighbours.row_standardise(w)
    assert even.matrix.tolist() == [[0, 1, 0, 0], [1, 0, 0, 0], [0] * 4, [0] * 4]
    assert even.islands == ("C", "D")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_lists_from_spreadsheets(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "edges.csv"
    path.write_bytes("甲,乙\n地A,地B\n地C,地D\n".encode(encoding))
    assert neighbours.from_edges(path, LINE).matrix.sum() == 4


# China


@pytest.fixture(scope="module")
def china() -> Neighbours:
    return neighbours.from_edges(CONTIGUITY, MAINLAND)


def test_the_borders_of_china(china: Neighbours) -> None:
    assert china.codes == MAINLAND.codes
    assert int(china.matrix.sum()) == 2 * 69
    assert np.array_equal(china.matrix, china.matrix.T)
    assert not np.diag(china.matrix).any()
    names = {MAINLAND.label(code).en for code in china.of("110000")}
    assert names == {"Tianjin", "Hebei"}
    assert {MAINLAND.label(code).en for code in china.of("460000")} == {"Guangdong"}  # by sea
    assert len(china.of("150000")) == len(china.of("610000")) == 8


def test_regions_without_a_border_are_named() -> None:
    with refused("islands") as caught:
        neighbours.from_edges(CONTIGUITY, CN)
    assert caught.says("Hong Kong", "Macao", "Taiwan")
    kept = neighbours.from_edges(CONTIGUITY, CN, islands="keep")
    assert kept.islands == ("710000", "810000", "820000")


def test_select(china: Neighbours) -> None:
    some = MAINLAND.select(["110000", "120000", "130000", "440000", "460000"])
    cut = china.select(some)
    assert cut.matrix.tolist() == [[0, 1, 1, 0, 0], [1, 0, 1, 0, 0], [1, 1, 0, 0, 0], [0, 0, 0, 0, 1], [0, 0, 0, 1, 0]]
    even = neighbours.row_standardise(china).select(some)
    assert even.standardised
    assert np.allclose(even.matrix.sum(axis=1), 1.0)
    with refused("islands") as caught:
        china.select(MAINLAND.select(["110000", "120000", "460000"]))
    assert caught.says("Hainan")
    assert china.select(MAINLAND.select(["110000", "460000"]), islands="keep").islands == ("110000", "460000")
    with refused("neighbours_region_missing") as caught:
        china.select(CN)
    assert caught.says("Taiwan")


def published() -> np.ndarray:
    with DISTANCES.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    columns = [MAINLAND.match(name) for name in rows[0][1:]]
    table = {
        (MAINLAND.match(row[0]), code): float(cell)
        for row in rows[1:]
        for code, cell in zip(columns, row[1:], strict=True)
    }
    return np.array([[table[a, b] for b in MAINLAND.codes] for a in MAINLAND.codes])


def test_distances_against_the_published_table() -> None:
    lon, lat = (np.array([getattr(region, name) for region in MAINLAND.rows]) for name in ("lon", "lat"))
    ours, theirs = great_circle_km(lon, lat), published()
    off = ~np.eye(31, dtype=bool)
    assert np.abs(ours[off] / theirs[off] - 1).max() < 0.005
    assert not np.diag(ours).any()


def test_a_published_matrix_read_by_name() -> None:
    w = neighbours.from_matrix(DISTANCES, MAINLAND)
    assert np.array_equal(w.matrix, published())
    assert w.kind == "matrix"


# coordinates


def test_a_degree_of_the_equator() -> None:
    apart = great_circle_km(np.array([0.0, 1.0, 180.0, 0.0]), np.array([0.0, 0.0, 0.0, 90.0]))
    assert apart[0] == pytest.approx([0.0, 111.19508, 20015.11448, 10007.55724], abs=1e-4)


def test_beijing_to_shanghai() -> None:
    apart = great_circle_km(np.array([116.4053, 121.4726]), np.array([39.9050, 31.2317]))
    assert apart[0, 1] == pytest.approx(1067.3, abs=0.5)


def test_nearest() -> None:
    w = neighbours.from_coordinates(LINE, k=1)
    assert w.matrix.tolist() == [[0, 1, 0, 0], [1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]]
    assert w.kind == "nearest"
    assert neighbours.from_coordinates(LINE, k=3).matrix.tolist() == (1 - np.eye(4)).tolist()


def test_ties_go_to_the_first_code() -> None:
    square = made(("D", 1.0, 0.0), ("B", -1.0, 0.0), ("A", 0.0, 0.0), ("C", 0.0, 1.0))
    w = neighbours.from_coordinates(square, k=1)
    assert w.of("A") == ("B",)
    assert neighbours.from_coordinates(square, k=2).of("A") == ("B", "C")


def test_nearest_across_the_date_line() -> None:
    w = neighbours.from_coordinates(made(("A", 179.0, 0.0), ("B", -179.0, 0.0), ("C", 170.0, 0.0)), k=1)
    assert w.of("A") == ("B",)


def test_nearest_at_one_point() -> None:
    w = neighbours.from_coordinates(made(("A", 5.0, 5.0), ("B", 5.0, 5.0), ("C", 5.0, 5.0), ("D", 6.0, 5.0)), k=2)
    assert w.matrix.tolist() == [[0, 1, 1, 0], [1, 0, 1, 0], [1, 1, 0, 0], [1, 1, 0, 0]]


def test_a_distance_band() -> None:
    w = neighbours.from_coordinates(LINE, band_km=2.5 * DEGREE, islands="keep")
    assert w.matrix.tolist() == [[0, 1, 0, 0], [1, 0, 1, 0], [0, 1, 0, 0], [0, 0, 0, 0]]
    assert (w.kind, w.islands) == ("band", ("D",))
    with refused("islands") as caught:
        neighbours.from_coordinates(LINE, band_km=2.5 * DEGREE)
    assert caught.says("Land D")


def test_inverse_distance() -> None:
    w = neighbours.from_coordinates(LINE, decay=2.0)
    assert w.matrix[0] == pytest.approx([0.0, DEGREE**-2, (3 * DEGREE) ** -2, (7 * DEGREE) ** -2])
    assert w.kind == "decay"
    even = neighbours.row_standardise(neighbours.from_coordinates(LINE, decay=1.0))
    assert even.matrix[0] == pytest.approx(np.array([0, 1, 1 / 3, 1 / 7]) / (1 + 1 / 3 + 1 / 7))


def test_decay_within_a_neighbourhood() -> None:
    banded = neighbours.from_coordinates(LINE, band_km=2.5 * DEGREE, decay=1.0, islands="keep")
    assert banded.matrix[1] == pytest.approx([1 / DEGREE, 0, 1 / (2 * DEGREE), 0])
    nearest = neighbours.from_coordinates(LINE, k=1, decay=1.0)
    assert nearest.matrix[3] == pytest.approx([0, 0, 1 / (4 * DEGREE), 0])


def test_aggregates_border_nothing() -> None:
    europe = regions.load("eu-countries")
    w = neighbours.from_coordinates(europe, k=3)
    assert len(w.codes) == 27
    assert not set(w.codes) & {region.code for region in europe.rows if region.aggregate}


@pytest.mark.parametrize(
    ("key", "choices"),
    [
        ("neighbours_choice", {}),
        ("neighbours_choice", {"k": 1, "band_km": 100.0}),
        ("neighbours_bound", {"k": 0}),
        ("neighbours_bound", {"k": 4}),
        ("neighbours_bound", {"band_km": 0.0}),
        ("neighbours_bound", {"band_km": float("inf")}),
        ("neighbours_bound", {"decay": -1.0}),
        ("neighbours_bound", {"k": 2, "decay": float("nan")}),
    ],
)
def test_choices_that_do_not_fit(key: str, choices: dict[str, float]) -> None:
    with refused(key):
        neighbours.from_coordinates(LINE, **choices)  # type: ignore[arg-type]


def test_missing_coordinates_and_equal_points() -> None:
    with refused("no_coordinates") as caught:
        neighbours.from_coordinates(made(("A", 0.0, 0.0), ("B", None, 0.0), ("C", 0.0, None)), k=1)
    assert caught.says("Land B", "Land C")
    with refused("same_point") as caught:
        neighbours.from_coordinates(made(("A", 0.0, 0.0), ("B", 0.0, 0.0)), decay=1.0)
    assert caught.says("Land A", "Land B")


# matrices

THREE = made(("A", 0.0, 0.0), ("B", 1.0, 0.0), ("C", 2.0, 0.0))
GOOD: list[list[object]] = [["", "A", "B", "C"], ["A", 0, 1, 2], ["B", 1, 0, 3], ["C", 2, 3, 0]]


def as_csv(folder: Path, rows: list[list[object]]) -> Path:
    path = folder / "w.csv"
    path.write_text("".join(",".join(map(str, row)) + "\n" for row in rows), encoding="utf-8")
    return path


def as_xlsx(folder: Path, rows: list[list[object]]) -> Path:
    path = folder / "w.xlsx"
    pd.DataFrame(rows).replace("", None).to_excel(path, header=False, index=False)
    return path


@pytest.mark.parametrize("write", [as_csv, as_xlsx])
def test_a_matrix_by_name_in_any_order(write: Callable[[Path, list[list[object]]], Path], tmp_path: Path) -> None:
    wanted = [[0, 1, 2], [1, 0, 3], [2, 3, 0]]
    assert neighbours.from_matrix(write(tmp_path, GOOD), THREE).matrix.tolist() == wanted
    mixed: list[list[object]] = [["地区", "地C", "Land A", "b"], ["B", 3, 1, 0], ["Land C", 0, 2, 3], ["A", 2, 0, 1]]
    assert neighbours.from_matrix(write(tmp_path, mixed), THREE).matrix.tolist() == wanted


def with_cell(i: int, j: int, value: object) -> list[list[object]]:
    rows: list[list[object]] = [list(row) for row in GOOD]
    rows[i][j] = value
    return rows


BROKEN_MATRICES: list[tuple[str, list[list[object]], tuple[str, ...]]] = [
    ("matrix_asymmetric", with_cell(1, 2, 5), ("Land A - Land B", "5", "1")),
    ("matrix_diagonal", with_cell(2, 2, 1), ("Land B", "1")),
    ("matrix_negative", with_cell(1, 3, -2), ("row 2", "-2")),
    ("matrix_not_a_number", with_cell(3, 1, ""), ("row 4",)),
    ("matrix_not_a_number", with_cell(3, 1, "x"), ("row 4", '"x"')),
    ("matrix_not_square", [row[:3] for row in GOOD], ("Land C",)),
    ("neighbours_region_missing", [row[:3] for row in GOOD[:3]], ("Land C",)),
    ("unknown_region", with_cell(0, 3, "Land Z"), ("Land Z", "row 1")),
    ("unknown_region", with_cell(3, 0, "Land Z"), ("Land Z", "row 4")),
    ("duplicate_region", with_cell(3, 0, "B"), ("row 4", "Land B")),
    ("empty_file", GOOD[:2], ()),
    ("islands", [["", "A", "B", "C"], ["A", 0, 1, 0], ["B", 1, 0, 0], ["C", 0, 0, 0]], ("Land C",)),
]


@pytest.mark.parametrize(("key", "rows", "words"), BROKEN_MATRICES)
@pytest.mark.parametrize("write", [as_csv, as_xlsx])
def test_broken_matrices(
    key: str,
    rows: list[list[object]],
    words: tuple[str, ...],
    write: Callable[[Path, list[list[object]]], Path],
    tmp_path: Path,
) -> None:
    with refused(key) as caught:
        neighbours.from_matrix(write(tmp_path, rows), THREE)
    assert caught.says("w.", *words)


def test_flows_are_directed_on_purpose(tmp_path: Path) -> None:
    w = neighbours.from_matrix(as_csv(tmp_path, with_cell(1, 2, 5)), THREE, directed=True)
    assert w.matrix.tolist() == [[0, 5, 2], [1, 0, 3], [2, 3, 0]]


def test_matrix_files_that_are_none(tmp_path: Path) -> None:
    (tmp_path / "w.csv").write_text("")
    (tmp_path / "w.dta").write_text("x")
    for name, key in (("w.csv", "empty_file"), ("w.dta", "unknown_format"), ("no.csv", "file_not_found")):
        with refused(key):
            neighbours.from_matrix(tmp_path / name, THREE)


# the noun


def test_neighbours_are_frozen_and_kept_bit_for_bit(china: Neighbours, tmp_path: Path) -> None:
    for w in (china, neighbours.row_standardise(china)):
        with pytest.raises(ValueError, match="read-only"):
            w.matrix[0, 0] = 1.0
        cache = store.Cache(tmp_path / w.kind / str(w.standardised))
        cache.put("space", "k" * 64, w, 1.0)
        found = cache.get("space", "k" * 64)
        assert found is not None
        assert found[0].matrix.tobytes() == w.matrix.tobytes()
        assert (found[0].codes, found[0].islands, found[0].kind) == (w.codes, w.islands, w.kind)


def test_rows_sum_to_one(china: Neighbours) -> None:
    even = neighbours.row_standardise(china)
    assert even.standardised
    assert not china.standardised
    assert np.allclose(even.matrix.sum(axis=1), 1.0, rtol=1e-15)
    assert even.matrix[0].max() == 0.5
