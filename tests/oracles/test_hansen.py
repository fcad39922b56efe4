"""Investment and debt of 565 firms: the threshold of Hansen's paper, its sum of squares, its test and its interval."""

import json
from pathlib import Path

import numpy as np
import pytest

from zhiyu.explain.threshold import fit

HERE = Path(__file__).parent / "hansen"
EXPECTED = json.loads((HERE / "expected.json").read_text(encoding="utf-8"))
FULL, STATA = EXPECTED["full_search"], EXPECTED["xthreg_grid"]


def read() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """(565, 14) investment, (565, 14, 5) q, q^2, q^3, debt, q debt, then cash flow and debt, all of the year before."""
    table = np.loadtxt(HERE / "invest_565x15.csv", delimiter=",", skiprows=1)
    rows = table.reshape(565, 15, 6)
    assert (rows[:, :, 0] == rows[:, :1, 0]).all()
    assert (rows[:, :, 1] == np.arange(1973, 1988)).all()
    q, cash, debt = (rows[:, :-1, j] for j in (3, 4, 5))
    return rows[:, 1:, 2], np.stack([q, q**2, q**3, debt, q * debt], axis=-1), cash, debt


PANEL = read()


def test_a_full_search_finds_the_published_threshold():
    found = fit(*PANEL, grid="all")
    assert found.gamma == pytest.approx([FULL["gamma"]], abs=1e-12)
    assert found.ssr == pytest.approx(FULL["RSS"], abs=5e-7)
    assert found.f == pytest.approx([FULL["F_n(T-1)"]], abs=5e-4)
    # Wang's program counts t (n - 1) degrees of freedom where n (t - 1) are left
    assert found.f * (14 * 564) / (565 * 13) == pytest.approx([FULL["F_xthreg_df"]], abs=5e-4)
    assert found.p[0] < 0.01
    assert found.critical[0, 1] == pytest.approx(15, abs=1)


def test_a_grid_is_no_better_than_all_and_at_least_as_good_as_the_published_one():
    found = fit(*PANEL)
    assert len(found.candidates) == 400
    assert FULL["RSS"] < found.ssr <= STATA["RSS"]
    assert found.p[0] < 0.01


def test_at_the_published_grid_point_the_published_figures():
    found = fit(*PANEL, grid="all", bootstraps=0)
    at = np.flatnonzero(found.candidates <= STATA["gamma"])[-1]  # no firm's debt lies between: the same split
    ssr = found.ssr * (1 + found.lr[0, at] / (565 * 13))
    assert ssr == pytest.approx(STATA["RSS"], abs=5e-5)
    assert (found.ssr_by_count[0] - ssr) / ssr * (14 * 564) == pytest.approx(STATA["F"], abs=5e-3)
    # and its interval holds that point
    assert found.interval[0, 0] < STATA["gamma"] < found.interval[0, 1]


def test_drawing_single_observations_turns_the_decision_round():
    """Wild weights an observation, as another package draws: p beyond 5 % where Hansen's is below 1 %."""
    found, (y, x, regime, threshold) = fit(*PANEL), PANEL
    rng = np.random.default_rng(0)
    wild = [
        fit(found.residuals * rng.choice([-1.0, 1.0], y.shape), x, regime, threshold, bootstraps=0).f[0]
        for _ in range(199)
    ]
    assert (1 + np.sum(wild >= found.f[0])) / 200 > 0.05
    assert found.p[0] < 0.01
