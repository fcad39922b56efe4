"""Panel least squares: effects out exactly whatever the gaps, errors by region, what is left out or refused."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from support import refused

from zhiyu.explain.panel_ols import Effects, absorb, fit
from zhiyu.explain.panel_tests import harris_tzavalis, joint, mundlak, spread, vif

EFFECTS: tuple[Effects, ...] = ("two-way", "region", "year", "none")


def drawn(n: int, t: int, k: int = 2, seed: int = 0, gaps: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((n, t, k)) + rng.standard_normal((n, 1, k)) + 50.0
    y = 100.0 + x.sum(axis=-1) + rng.standard_normal((n, 1)) + rng.standard_normal((1, t)) + rng.standard_normal((n, t))
    y[rng.random((n, t)) < gaps] = np.nan
    return y, x


def dummies(used: np.ndarray, effects: Effects) -> np.ndarray:
    region, year = np.nonzero(used)
    columns = [np.ones(len(region))]
    if effects in ("region", "two-way"):
        columns += [(region == i).astype(float) for i in np.unique(region)]
    if effects in ("year", "two-way"):
        columns += [(year == s).astype(float) for s in np.unique(year)]
    return np.stack(columns, axis=1)


def test_the_answer_by_hand():
    """Region means out of y and x: (-1, 1), (-2, 2) on (-1, 1), (-1, 1): slope 1.5, residuals (.5, -.5), (-.5, .5)."""
    y, x = np.array([[0.0, 2.0], [5.0, 9.0]]), np.array([[0.0, 2.0], [3.0, 5.0]])[..., None]
    found = fit(y, x, "region")
    assert_allclose(found.beta, [1.5])
    assert_allclose(found.residuals, [[0.5, -0.5], [-0.5, 0.5]], atol=1e-14)
    # scores -1 and 1, sum of squares 2, x'x = 4; factor 2/1 * 3/2
    assert found.factor == pytest.approx(3.0)
    assert_allclose(found.covariance, [[3.0 * 2 / 16]])
    assert found.r2_within == pytest.approx(1 - 1 / 10)
    # t with one degree of freedom is Cauchy
    assert found.p[0] == pytest.approx(1 - 2 / np.pi * np.arctan(found.t[0]))


@pytest.mark.parametrize("effects", EFFECTS)
@pytest.mark.parametrize(("n", "t"), [(9, 5), (5, 9)])
@pytest.mark.parametrize("gaps", [0.0, 0.3])
def test_it_is_least_squares_with_dummies(effects, n, t, gaps):
    y, x = drawn(n, t, gaps=gaps)
    found = fit(y, x, effects)
    design = np.column_stack([x[found.used], dummies(found.used, effects)])
    beta, *_ = np.linalg.lstsq(design, y[found.used], rcond=None)
    assert_allclose(found.beta, beta[:2], rtol=1e-10)
    assert_allclose(found.residuals[found.used], y[found.used] - design @ beta, atol=1e-10)
    assert found.parameters == np.linalg.matrix_rank(design)
    assert np.isnan(found.residuals[~found.used]).all()


def test_a_panel_in_two_pieces():
    """Regions that share no year with others have a constant less than regions and years together."""
    y, x = drawn(8, 6, gaps=0.0)
    y[:4, 3:], y[4:, :3] = np.nan, np.nan
    found = fit(y, x)
    design = np.column_stack([x[found.used], dummies(found.used, "two-way")])
    assert found.parameters == np.linalg.matrix_rank(design) == 2 + 8 + 6 - 2
    assert_allclose(found.beta, np.linalg.lstsq(design, y[found.used], rcond=None)[0][:2], rtol=1e-10)


def test_what_an_effect_of_its_own_explains_is_left_out():
    y, x = drawn(8, 5)
    y[2, 1:] = np.nan  # one year of region 2
    y[:, 4] = np.nan
    y[2:4, 4] = 1.0, 1.0
    x[2, 4] = np.nan  # year 4 has region 3 alone
    found = fit(y, x)
    assert not found.used[2].any()
    assert not found.used[:, 4].any()
    assert (found.observations, found.regions, found.years) == (28, 7, 4)
    assert fit(y, x, "none").observations == 30


@pytest.mark.parametrize("effects", EFFECTS)
def test_a_large_level_costs_no_digits(effects):
    y, x = drawn(9, 5, gaps=0.2)
    assert_allclose(fit(y + 1e7, x + 1e7, effects).beta, fit(y, x, effects).beta, rtol=1e-6)


def test_driscoll_kraay_with_no_lag_is_clustering_by_year():
    y, x = drawn(12, 8)
    found = fit(y, x, errors="driscoll-kraay", lags=0)
    turned = fit(y.T, x.swapaxes(0, 1))
    assert_allclose(found.covariance / found.factor, turned.covariance / turned.factor, rtol=1e-10)
    assert found.freedom == 7
    assert not np.allclose(fit(y, x, errors="driscoll-kraay").std_errors, found.std_errors)


def test_errors_within_regions_are_seen_by_clusters_alone():
    y, x = drawn(40, 8, k=1)
    y, x = np.repeat(y, 4, axis=1), np.repeat(x, 4, axis=1)
    cluster, single = fit(y, x, "region"), fit(y, x, "region", "hc1")
    assert cluster.std_errors[0] > 1.5 * single.std_errors[0]


def test_refusals():
    y, x = drawn(6, 5)
    for position, column in ((0, np.arange(6.0)[:, None]), (1, np.arange(5.0)[None] ** 2), (2, 2 * x[..., 0] + 3)):
        wide = np.insert(x, position, np.broadcast_to(column, y.shape), axis=-1)
        with refused("collinear_regressor") as caught:
            fit(y, wide)
        assert caught.value.message.values["position"] == position
    with refused("panel_infinite"):
        fit(np.where(y == y.max(), np.inf, y), x)
    with refused("panel_regions_few"):
        fit(np.where(np.arange(6)[:, None] > 0, np.nan, y), x)
    with refused("panel_too_small"):
        fit(y[:2, :3], x[:2, :3])
    with refused("panel_years_few"):
        fit(y[:, :2], x[:, :2], errors="driscoll-kraay")


def test_the_projection_shared_by_regions():
    """left_g'right_h is x_g'P x_h with P of the dummies, less the block of the region's own effect."""
    rng = np.random.default_rng(1)
    used = rng.random((6, 5)) > 0.2
    for effects in EFFECTS:
        space = absorb(used, effects)
        u, w = (space.remove(rng.standard_normal(used.shape)) for _ in range(2))
        if effects == "year":  # not zero within regions, so that their means matter
            u, w = u + space.used, w + space.used
        left, _ = space.shared(u)
        _, right = space.shared(w)
        design = dummies(space.used, effects)
        projection = design @ np.linalg.pinv(design)
        region = np.nonzero(space.used)[0]
        for g in range(6):
            for h in range(6):
                block = projection[np.ix_(region == g, region == h)]
                assert u[g][space.used[g]] @ block @ w[h][space.used[h]] == pytest.approx(left[g] @ right[h], abs=1e-10)


def test_one_coefficient_jointly_is_its_t_squared():
    y, x = drawn(10, 6)
    found = fit(y, x)
    assert joint(found, [1]).f == pytest.approx(found.t[1] ** 2)
    assert joint(found, [1]).p == pytest.approx(found.p[1])


def test_mundlak_sees_effects_that_go_with_the_regressor():
    y, x = drawn(40, 6, k=1)
    assert mundlak(y, x).p > 0.05
    assert mundlak(y + 3 * x.mean(axis=1), x).p < 0.001
    with refused("panel_too_small"):
        mundlak(y[:3], x[:3])


def test_variance_inflation_is_of_what_the_effects_leave():
    rng = np.random.default_rng(4)
    common, own = rng.standard_normal((20, 8)), rng.standard_normal((20, 8))
    x = np.stack([common, common + 0.5 * own], axis=-1)
    found = vif(common, x)
    within = absorb(np.ones((20, 8), dtype=bool), "two-way").remove(x).reshape(-1, 2)
    r2 = np.corrcoef(within.T)[0, 1] ** 2  # of columns whose mean is zero
    assert_allclose(found, 1 / (1 - r2))
    alike = x + 1e3 * np.arange(20.0)[:, None, None]
    assert_allclose(vif(common, alike), found, rtol=1e-8)


def test_spread_splits_the_variance():
    y, x = drawn(7, 6, gaps=0.2)
    used = np.isfinite(y)
    found = spread(np.where(used[..., None], x, np.nan), used)
    cells = x[used]
    assert_allclose(found.overall, cells.std(axis=0, ddof=1))
    assert_allclose(found.mean, cells.mean(axis=0))
    whole = spread(x, np.ones_like(used))
    between = x.mean(axis=1).var(axis=0) * 7 * 6
    assert_allclose(whole.overall**2 * 41, whole.within**2 * 41 + between)


def test_unit_root_by_hand_and_refused():
    """One region that moves and one that does not."""
    x = np.array([[0.0, 1.0, 2.0, 0.0], [5.0, 5.0, 5.0, 5.0]])
    found = harris_tzavalis(x, common=False)
    # before less its mean (-1, 0, 1), after (0, 1, -1): products sum to -1, squares to 2
    assert found.rho == pytest.approx(-0.5)
    assert found.rho_null == pytest.approx(1 - 3 / 4)
    with refused("unit_root_cells"):
        harris_tzavalis(np.where(x == 2.0, np.nan, x))
    with refused("unit_root_cells"):
        harris_tzavalis(x[:, :3], trend=True)
    with refused("unit_root_cells"):
        harris_tzavalis(np.ones((3, 5)))
