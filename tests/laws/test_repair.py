"""What no repair may ever do: touch an observation, fill an end, or invent a value beyond its neighbours."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from support import small_panel

from zhiyu.data import repair
from zhiyu.data.panel import Mark, Panel

cell = st.one_of(st.just(np.nan), st.floats(-1e12, 1e12, allow_subnormal=False))


@st.composite
def series(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """(n, t) values with holes, and t increasing years, some of them missing from the calendar."""
    t = draw(st.integers(1, 9))
    years = np.cumsum(draw(st.lists(st.integers(1, 3), min_size=t, max_size=t))) + 2000
    return draw(npst.arrays(float, (draw(st.integers(1, 4)), t), elements=cell)), years


longest = st.one_of(st.none(), st.integers(1, 6))


@given(series(), longest)
def test_interpolation(drawn: tuple[np.ndarray, np.ndarray], limit: int | None) -> None:
    x, years = drawn
    filled = repair.interpolate_inside(x, years, limit)
    seen = ~np.isnan(x)
    assert np.array_equal(filled[seen], x[seen])
    for row, out, there in zip(x, filled, seen, strict=True):
        known = np.flatnonzero(there)
        if not len(known):
            assert np.isnan(out).all()
            continue
        assert np.isnan(out[: known[0]]).all()
        assert np.isnan(out[known[-1] + 1 :]).all()
        for t in np.flatnonzero(~there):
            if not known[0] < t < known[-1]:
                continue
            before, after = known[known < t][-1], known[known > t][0]
            short = limit is None or years[after] - years[before] - 1 <= limit
            assert np.isfinite(out[t]) == short
            if short:
                ends = sorted([row[before], row[after]])
                slack = 1e-12 * max(abs(ends[0]), abs(ends[1]))
                assert ends[0] - slack <= out[t] <= ends[1] + slack


@given(series(), longest)
def test_filling_twice_is_filling_once(drawn: tuple[np.ndarray, np.ndarray], limit: int | None) -> None:
    x, years = drawn
    once = repair.interpolate_inside(x, years, limit)
    assert np.array_equal(repair.interpolate_inside(once, years, limit), once, equal_nan=True)


def panel_of(drawn: tuple[np.ndarray, np.ndarray]) -> Panel:
    x, years = drawn
    return small_panel({"x": x, "index": np.full(x.shape, 103.0)}, [int(year) for year in years])


def assert_honest(before: Panel, after: Panel, mark: Mark) -> None:
    """Changes and marks say exactly what happened."""
    old, new = before.values("x"), after.values("x")
    differs = ~((old == new) | (np.isnan(old) & np.isnan(new)))
    assert len(after.changes) == differs.sum()
    assert {(c.region, c.year) for c in after.changes} == {
        (before.codes[i], before.years[t]) for i, t in np.argwhere(differs)
    }
    for change in after.changes:
        i, t = before.codes.index(change.region), before.years.index(change.year)
        assert np.array_equal([change.before, change.after], [old[i, t], new[i, t]], equal_nan=True)
    marks, were = after.marks["x"].values, before.marks["x"].values
    assert (marks[~differs] == were[~differs]).all()
    assert (marks[differs] == mark).all()
    assert ((marks == Mark.MISSING) == np.isnan(new)).all()


@given(series(), longest)
def test_filling_is_honest(drawn: tuple[np.ndarray, np.ndarray], limit: int | None) -> None:
    before = panel_of(drawn)
    assert_honest(before, repair.fill_gaps(before, "linear-inside", limit), Mark.INTERPOLATED)


@given(series(), st.integers(1999, 2030))
def test_absence_is_honest(drawn: tuple[np.ndarray, np.ndarray], year: int) -> None:
    before = panel_of(drawn)
    after = repair.absent_until(before, "x", year)
    assert_honest(before, after, Mark.ABSENT)
    early = np.array(before.years) <= year
    assert np.isfinite(after.values("x")[:, early]).all()
    assert np.array_equal(after.values("x")[:, ~early], before.values("x")[:, ~early], equal_nan=True)


@given(series(), st.dictionaries(st.integers(2000, 2030), st.floats(0.1, 20.0), max_size=3))
def test_splicing_is_honest(drawn: tuple[np.ndarray, np.ndarray], breaks: dict[int, float]) -> None:
    before = panel_of(drawn)
    assert_honest(before, repair.splice(before, "x", breaks), Mark.ADJUSTED)


@given(npst.arrays(float, st.tuples(st.integers(1, 4), st.integers(1, 8)), elements=cell), st.data())
def test_deflating_is_honest_and_leaves_the_base_year(x: np.ndarray, data: st.DataObject) -> None:
    before = panel_of((x, np.arange(2010, 2010 + x.shape[1])))
    base = data.draw(st.sampled_from(before.years))
    after = repair.deflate(before, "x", "index", base, f"yuan{base}")
    assert_honest(before, after, Mark.ADJUSTED)
    t = before.years.index(base)
    assert np.array_equal(after.values("x")[:, t], before.values("x")[:, t], equal_nan=True)
