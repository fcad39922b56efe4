"""Disparity by label: who takes part, which years count, and that cells are those of the kernels."""

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr
from numpy.testing import assert_allclose, assert_array_equal
from support import MAINLAND, recipe, refused, small_panel, tree

from zhiyu import Study, store
from zhiyu.data.panel import Panel
from zhiyu.explain.density import densities
from zhiyu.explain.disparity import bootstrap, dagum
from zhiyu.explain.of.disparity import Disparity, disparity
from zhiyu.explain.rank_size import rank_size
from zhiyu.explain.theil import theil
from zhiyu.measure import Index, measure

NUMBER, YEARS = 14, 4
TREE = tree("all - -", "ai_native all -", "b all -", "x1 ai_native x", "y1 b y")


def panel(**more: np.ndarray) -> Panel:
    rng = np.random.default_rng(5)
    grown = np.linspace(1, 3, NUMBER)[:, None] + 0.3 * np.arange(YEARS)
    columns = {name: grown + rng.uniform(0, 2, (NUMBER, YEARS)) for name in ("x", "y", "gdp_real2011_100m")}
    columns |= {"population_10k": rng.uniform(1, 4, (NUMBER, YEARS)), "rd_researchers_fte": rng.pareto(1, (NUMBER, 4))}
    return small_panel(columns | more)


def measured(data: Panel) -> Index:
    return measure(data, TREE, recipe(weight={"method": "equal"}))


@pytest.fixture(scope="module")
def data() -> Panel:
    return panel()


@pytest.fixture(scope="module")
def index(data: Panel) -> Index:
    return measured(data)


@pytest.fixture(scope="module")
def found(data: Panel, index: Index) -> Disparity:
    return disparity(index, data, "region4", draws=60, seed=3)


def groups(codes: list[str]) -> np.ndarray:
    return np.array([MAINLAND[code].group("region4") for code in codes])


def test_cells_are_those_of_the_kernels(data: Panel, index: Index, found: Disparity) -> None:
    scores = index.scores.sel(node="ai_native").transpose("year", "region").values
    member = groups(list(index.codes))
    names = list(found.groups)
    draws = bootstrap(scores, np.array([names.index(g) for g in member]), draws=60, seed=3)
    for t, year in enumerate(index.years):
        split = dagum(scores[t], member)
        told = found.parts.sel(measure="ai_native", year=year)
        parts = ["total", "within", "between", "transvariation"]
        kernel = [split.total, split.within, split.between, split.transvariation]
        assert_allclose(told.sel(part=parts, bound="estimate"), kernel, atol=1e-13)
        assert told.sel(part="mean_difference", bound="estimate") == pytest.approx(2 * split.total * scores[t].mean())
        low, high = draws.interval()[:, t, 0]
        assert_allclose(told.sel(part="total", bound=["low", "high"]), [low, high], atol=1e-14)
        share = np.quantile(draws.parts[:, t, 2] / draws.parts[:, t, 0], [0.025, 0.975])
        assert_allclose(told.sel(part="between_share", bound=["low", "high"]), share, atol=1e-13)
        at = [split.groups.tolist().index(name) for name in names]
        assert_allclose(found.pairs.sel(measure="ai_native", year=year), split.pairs[np.ix_(at, at)], atol=1e-13)
        assert_allclose(
            found.affluence.sel(measure="ai_native", year=year), split.affluence[np.ix_(at, at)], atol=1e-13
        )
        whole = theil(scores[t], groups=(member,))
        here = found.theil.sel(measure="ai_native", year=year, index="T")
        assert_allclose(here, [whole.total, whole.between, whole.within], atol=1e-13)
        size = rank_size(data.values("rd_researchers_fte")[:, t])
        line = found.concentrated.sel(size="rd_researchers_fte", year=year)
        assert_allclose(line.sel(figure=["exponent", "std_error"]), [size.exponent, size.std_error])
    drawn = densities(scores.T)
    assert_allclose(found.density.sel(measure="ai_native"), drawn.density)
    assert float(found.bandwidth.sel(measure="ai_native")) == drawn.bandwidth


def test_changes_and_trends_are_taken_draw_by_draw(index: Index, found: Disparity) -> None:
    scores = index.scores.sel(node="all").transpose("year", "region").values
    names = list(found.groups)
    draws = bootstrap(scores, np.array([names.index(g) for g in groups(list(index.codes))]), draws=60, seed=3)
    total = draws.parts[:, :, 0]
    change = found.change.sel(measure="all", part="total").values
    assert_allclose(change[1:], np.quantile(total[:, -1] - total[:, 0], [0.025, 0.975]), atol=1e-13)
    slopes = np.polyfit(np.arange(YEARS), total.T, 1)[0]
    assert_allclose(
        found.trend.sel(measure="all", part="total").values[1:], np.quantile(slopes, [0.025, 0.975]), atol=1e-12
    )


def test_the_divide_is_a_difference_of_the_two(found: Disparity) -> None:
    assert found.divide is not None
    parts = found.parts.sel(part="between", bound="estimate")
    gap = parts.sel(measure="ai_native") - parts.sel(measure="output_per_head")
    assert_allclose(found.divide.sel(part="between", bound="estimate"), gap, atol=1e-14)
    low, high = (found.divide.sel(part="between", bound=bound).values for bound in ("low", "high"))
    assert (low < gap.values).all()
    assert (low < high).all()


def test_shuffled_rows_give_the_same_answer(data: Panel, index: Index, found: Disparity) -> None:
    order = np.random.default_rng(0).permutation(NUMBER)
    mixed = replace(data, data=data.data.isel(region=order), marks=data.marks.isel(region=order))
    again = disparity(index, mixed, "region4", draws=60, seed=3)
    xr.testing.assert_allclose(again.parts, found.parts, atol=1e-14)
    xr.testing.assert_allclose(again.concentrated, found.concentrated, atol=1e-14)


def test_a_region_without_a_year_takes_no_part_in_any(data: Panel) -> None:
    output = data.values("gdp_real2011_100m")
    output[2, 1] = np.nan
    short = panel(gdp_real2011_100m=output)
    found = disparity(measured(short), short, "region4", draws=5)
    assert found.left_out == {"output_per_head": (short.codes[2],)}
    kept = np.arange(NUMBER) != 2
    per_head = (output / short.values("population_10k"))[kept]
    member = groups(list(short.codes))[kept]
    told = found.parts.sel(measure="output_per_head", part="total", bound="estimate").values
    assert_allclose(told, [dagum(per_head[:, t], member).total for t in range(YEARS)], atol=1e-13)


def test_a_year_of_few_regions_is_left_out_and_not_its_regions(data: Panel) -> None:
    output = data.values("gdp_real2011_100m")
    output[5:, 0] = np.nan
    short = panel(gdp_real2011_100m=output)
    found = disparity(measured(short), short, None, draws=5)
    assert found.years("output_per_head") == short.years[1:]
    assert found.left_out == {}


def test_without_a_grouping_there_is_no_split(data: Panel, index: Index) -> None:
    found = disparity(index, data, None, draws=5)
    assert found.groups == {}
    assert np.isfinite(found.parts.sel(part=["total", "mean_difference"])).all()
    assert np.isnan(found.parts.sel(part=["within", "between", "transvariation", "between_share"])).all()
    assert set(found.tidy()["term"]).isdisjoint({"between", "transvariation"})


def test_weights_are_a_variable_by_year(data: Panel, index: Index) -> None:
    found = disparity(index, data, "region4", draws=5, weights="population_10k")
    scores, people = index.scores.sel(node="all").transpose("year", "region").values, data.values("population_10k").T
    told = found.parts.sel(measure="all", part="within", bound="estimate").values
    member = groups(list(index.codes))
    assert_allclose(told, [dagum(y, member, w).within for y, w in zip(scores, people, strict=True)], atol=1e-13)


def test_tidy_glance_and_summary(found: Disparity) -> None:
    tidy, glance = found.tidy(), found.glance()
    assert len(glance) == 1
    first = tidy[(tidy["measure"] == "all") & (tidy["year"] == 2015) & (tidy["term"] == "total")]
    assert first["estimate"].item() == glance["gini_first"].item()
    assert tidy["estimate"].notna().all()
    assert tidy.loc[tidy["term"] == "rank_size_exponent", "std_error"].notna().all()
    assert "gini_first" in found.summary("en")
    assert "自助" in found.summary("zh")


def test_it_can_be_kept_on_disk(found: Disparity, data: Panel, index: Index) -> None:
    for one in (found, disparity(index, small_panel({"x": data.values("x"), "y": data.values("y")}), None, draws=5)):
        arrays: dict[str, np.ndarray] = {}
        back = store.decode(store.encode(one, arrays), arrays)
        assert back.groups == one.groups
        xr.testing.assert_identical(back.parts, one.parts)


def test_one_year_has_levels_and_no_trend() -> None:
    study = Study.open("asem")
    found = disparity(study.measure(), study.panel(), "EurAsia_group", draws=20)
    assert found.years(found.root) == (2018,)
    assert np.isnan(found.trend).all()
    assert np.isnan(found.glance()["change"].item())
    assert found.divide is None


def test_aggregates_take_no_part() -> None:
    study = Study.open("europe-desi")
    found = disparity(study.measure(), study.panel(), None, draws=5)
    scores = study.measure().scores.sel(node="DESI", year=2022).drop_sel(region="EU").values
    told = found.parts.sel(measure="DESI", year=2022, part="total", bound="estimate")
    assert float(told) == pytest.approx(dagum(scores, np.zeros(27)).total, abs=1e-14)


def test_scores_below_zero_are_refused(data: Panel) -> None:
    below = measure(data, TREE, recipe(weight={"method": "equal"}, normalise={"method": "zscore"}))
    with refused("disparity_negative_index"):
        disparity(below, data, None, draws=5)


def test_the_same_seed_gives_the_same_bits(data: Panel, index: Index, found: Disparity) -> None:
    again = disparity(index, data, "region4", draws=60, seed=3)
    assert_array_equal(again.parts, found.parts)
    other = disparity(index, data, "region4", draws=60, seed=4)
    assert (other.parts.sel(bound="low") != found.parts.sel(bound="low")).any()
