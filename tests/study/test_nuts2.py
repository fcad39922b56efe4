"""The bundled panel of Europe's NUTS 2 regions: true to its source, and what it can say it says."""

from __future__ import annotations

import csv

import numpy as np
import pytest
from scipy.sparse.csgraph import connected_components

from zhiyu import Study
from zhiyu.data import neighbours, regions
from zhiyu.data.neighbours import Neighbours
from zhiyu.folder import BUNDLED
from zhiyu.simulate import parameters
from zhiyu.simulate.calibrate import calibrate
from zhiyu.simulate.ensemble import simulate
from zhiyu.simulate.hindcast import Hindcast, forecast, hindcast
from zhiyu.simulate.observe import Observed, observe, read_columns
from zhiyu.simulate.origins import REFERENCE, SHOWN
from zhiyu.terms import Refusal

FOLDER = BUNDLED / "europe-nuts2"
ISLANDS = (
    *("CY00", "EL41", "EL42", "EL43", "EL62", "ES53", "ES63", "ES64", "ES70", "FI20", "FRM0"),
    *("FRY1", "FRY2", "FRY3", "FRY4", "FRY5", "IS00", "ITG1", "ITG2", "MT00", "PT20", "PT30"),
)


@pytest.fixture(scope="module")
def study() -> Study:
    return Study.open("europe-nuts2")


@pytest.fixture(scope="module")
def borders() -> Neighbours:
    return neighbours.from_edges(FOLDER / "contiguity.csv", regions.load("eu-nuts2"), islands="keep")


@pytest.fixture(scope="module")
def observed(study: Study, borders: Neighbours) -> Observed:
    return observe(study.history(), read_columns(FOLDER / "states.csv"), borders)


@pytest.fixture(scope="module")
def tried(observed: Observed) -> Hindcast:
    return hindcast(observed, draws=100, seed=1, bands=(SHOWN,), knock_outs=False)


def rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_region_stands_in_every_year_once():
    panel = rows("panel.csv")
    codes = regions.load("eu-nuts2").codes
    assert [(row["nuts2"], row["year"]) for row in panel] == [
        (code, str(year)) for code in dict.fromkeys(row["nuts2"] for row in panel) for year in range(2007, 2019)
    ]
    assert {row["nuts2"] for row in panel} == set(codes)
    assert len(codes) == 332


def test_figures_are_those_that_eurostat_publishes(study):
    """Luxembourg's and Vienna's GDP of 2015 and Île-de-France's patents, read off the source by hand."""
    history = study.history()

    def value(name: str, code: str, year: int) -> float:
        return float(history.values(name)[history.codes.index(code), history.years.index(year)])

    assert value("region_gdp", "LU00", 2015) == pytest.approx(52065.81)
    assert value("region_gdp", "AT13", 2015) == pytest.approx(87284.43)
    assert value("patents", "FR10", 2007) == 270.457
    assert value("region_population", "LU00", 2015) == 562958


def test_regions_have_names_in_both_languages_a_point_and_both_groups():
    chosen = regions.load("eu-nuts2")
    assert all(any("\u4e00" <= letter <= "\u9fff" for letter in region.label.zh) for region in chosen.rows)
    assert all(region.lon is not None and region.lat is not None for region in chosen.rows)
    assert [len(chosen.grouping(name)) for name in ("region4", "country")] == [4, 37]
    assert all(region.group("country") == region.code[:2] for region in chosen.rows)
    for written, code in (("Северозападен", "BG31"), ("Αττική", "EL30"), ("维也纳", "AT13"), ("İstanbul", "TR10")):
        assert chosen.match(written) == code


def test_a_code_of_nuts_2013_names_the_one_that_took_its_place():
    chosen = regions.load("eu-nuts2")
    with pytest.raises(Refusal) as raised:
        chosen.match("FR71")
    assert raised.value.key == "retired_code"
    assert raised.value.message.values["now"] == "FRK2"
    assert all(old.successor in chosen.codes and old.code not in chosen.codes for old in chosen.retired)


def test_islands_are_kept_and_the_continent_hangs_together(borders):
    assert borders.islands == ISLANDS
    assert (borders.matrix == borders.matrix.T).all()
    _, part = connected_components(borders.matrix)
    sizes = sorted(np.bincount(part), reverse=True)
    assert sizes[0] > 230
    assert part[borders.codes.index("PT15")] == part[borders.codes.index("TRC3")]  # the Algarve to the Tigris
    assert part[borders.codes.index("NO04")] == part[borders.codes.index("SE11")] != part[borders.codes.index("DK01")]
    assert {"HU22", "RS12", "SI03"} <= set(borders.of("HR04"))  # borders of the three regions it was cut into


def test_the_index_scores_only_what_is_whole(study):
    index = study.measure()
    scores = index.scores.sel(node="regions")
    assert scores.notnull().sum("region").values.tolist() == [216, 216, 228, 230, 230, 249, 256, 282, 283, 278]
    assert {gone.node.id for gone in index.left_out} == {"patents_per_million", "broadband"}
    last = scores.sel(year=2017).to_series().sort_values(ascending=False).dropna()
    assert {"UKI3", "LU00", "DE21", "SE11", "FR10"} <= set(last.index[:8])
    assert {"FRY5", "BG31"} <= set(last.index[-5:])
    assert not set(last.index) & {"CH04", "TR10", "NO01"}  # without incomes


def test_patents_and_broadband_come_back_with_the_years(study):
    data = study.choices.data.model_copy(update={"years": (2008, 2012)})
    coverage = study.choices.measure.coverage.model_copy(update={"indicator": 0.4, "node": 0.7})
    measure = study.choices.measure.model_copy(update={"coverage": coverage})
    index = Study.open(
        "europe-nuts2", choices=study.choices.model_copy(update={"data": data, "measure": measure})
    ).measure()
    assert {"patents_per_million", "broadband"} <= {leaf.id for leaf in index.tree.leaves}


def test_three_states_are_seen_and_the_silent_logics_named(observed):
    assert observed.states == ("patents", "broadband", "output")
    assert observed.silent_logics == ("dual_wheel", "coevolution", "embedding")
    assert len(observed.silent) == 13
    assert all(why.zh and why.en for why in observed.silent.values())
    assert len(observed.codes) == 332
    assert observed.dropped == ()
    assert not observed.w[[observed.codes.index(code) for code in ISLANDS]].any()


def test_broadband_is_held_at_all_households(study, observed, tried):
    assert observed.ceilings == {"broadband": 100.0}
    s = observed.states.index("broadband")
    for x in (*tried.points.values(), *tried.high.values()):
        assert np.nanmax(x[:, s]) <= np.log(100.0)
    assert np.nanmax(tried.points[REFERENCE][:, s]) == np.log(100.0)  # the ceiling binds
    assert forecast(study, 2018, 3, draws=50).broadband.max() == 100.0
    posterior = calibrate(study.observed, parameters.core())
    ahead = simulate(study.observed, posterior, study.plan([]), draws=20).trajectories.broadband
    assert ahead.max() == 100.0
    assert ahead.attrs["ceiling"] == 100.0


def test_the_hindcast_runs_on_332_regions_and_beats_a_drift(tried):
    pooled = tried.skill[tried.skill.horizon == 0].set_index("observable")
    assert list(pooled.index) == ["patents", "broadband", "output"]
    assert pooled.reason["patents"] == "no_target"  # they end in 2012: all their targets served for choices
    pooled = pooled.drop("patents")
    assert (pooled.low > 0).all()
    assert (pooled.n > 500).all()
    assert pooled.coverage.between(0.75, 0.97).all()
