"""Planted panels: the truth is what was planted, the same seed plants the same, and the statistics look real."""

import numpy as np
import pytest

from zhiyu import store
from zhiyu.data import neighbours, synthetic, units
from zhiyu.data.synthetic import POPULATION
from zhiyu.framework import of_rows


def test_shapes() -> None:
    made = synthetic.panel(regions=12, years=5, attributes=3, indicators=2, groups=4, seed=1)
    assert made.truth.attributes.shape == (12, 5, 3)
    assert made.truth.index.shape == (12, 5)
    assert made.panel.codes == tuple(made.truth.attributes["region"].values)
    assert made.panel.years == (2013, 2014, 2015, 2016, 2017)
    assert len(made.panel.names) == 3 * 2 + 1
    assert made.truth.loadings.shape == made.truth.directions.shape == (6,)
    assert len(made.panel.regions.grouping("planted")) == 4
    framework = of_rows(made.rows)
    assert (len(framework.tree.leaves), len(framework.tree.top)) == (6, 3)


def test_the_seed_decides_everything() -> None:
    one, same, other = (synthetic.panel(seed=seed, inside=0.1, ends=0.1) for seed in (7, 7, 8))
    assert one.panel.data.identical(same.panel.data)
    assert one.truth.attributes.identical(same.truth.attributes)
    assert one.rows == same.rows
    assert not one.panel.data.equals(other.panel.data)


def test_growth_and_gaps_are_as_stated() -> None:
    made = synthetic.panel(regions=3000, years=4, attributes=2, indicators=1, groups=3, gap=2.0, growth=0.3, seed=2)
    latent = made.truth.attributes
    assert np.allclose(latent.diff("year"), made.truth.growth)
    assert ((made.truth.growth >= 0.15) & (made.truth.growth <= 0.45)).all()
    assert made.truth.gaps.values.tolist() == [2.0, 1.0, 0.0]
    groups = [made.panel.regions[code].group("planted") for code in made.panel.codes]
    means = [float(latent[np.array(groups) == name, 0].mean()) for name in ("g1", "g2", "g3")]
    assert means[0] - means[1] == pytest.approx(1.0, abs=0.15)
    assert means[1] - means[2] == pytest.approx(1.0, abs=0.15)


def test_indicators_are_lines_in_their_attribute_without_noise() -> None:
    made = synthetic.panel(noise=0.0, convert=False, indicators=2, seed=3)
    for j, leaf in enumerate(made.truth.loadings["indicator"].values):
        attribute = made.truth.attributes.sel(attribute=str(leaf).split("_")[0]).values
        slope = float(made.truth.loadings[j] * made.truth.directions[j])
        shown = made.panel.values(str(leaf))
        assert np.allclose(shown - slope * attribute, shown[0, 0] - slope * attribute[0, 0])
        assert shown.min() == pytest.approx(1.0)


def test_noise_has_its_standard_deviation() -> None:
    made = synthetic.panel(regions=200, noise=0.5, convert=False, indicators=1, less_is_better=0.0, seed=4)
    for name in ("a1", "a5"):
        left = made.panel.values(f"{name}_1") - float(
            made.truth.loadings.sel(indicator=f"{name}_1")
        ) * made.truth.attributes.sel(attribute=name)
        assert float(left.std()) == pytest.approx(0.5, rel=0.05)


def test_totals_convert_to_what_was_planted() -> None:
    plain = synthetic.panel(noise=0.2, convert=False, seed=5)
    priced = synthetic.panel(noise=0.2, convert=True, seed=5)
    assert len({variable.unit for variable in priced.panel.variables.values()}) == 5
    for row in priced.rows:
        if row.get("formula"):
            leaf = row["id"].removeprefix("i_")
            factor = 100.0 if priced.panel.variables[leaf].unit == "1" else 1.0  # a fraction shown in %
            computed = priced.panel.compute(row["formula"], row["unit"])
            assert np.allclose(computed, factor * plain.panel.values(leaf), rtol=1e-12)
    assert all(units.parse(variable.unit) for variable in priced.panel.variables.values())


def test_missing_cells() -> None:
    made = synthetic.panel(regions=60, years=12, inside=0.2, ends=0.3, seed=6)
    seen = np.stack([np.isfinite(made.panel.values(name)) for name in made.panel.names if name != POPULATION])
    assert 1 - seen[:, :, 1:-1].mean() == pytest.approx(0.2, abs=0.02)
    assert (~seen[:, :, [0, -1]]).any(axis=2).mean() == pytest.approx(0.3, abs=0.05)
    assert not (~seen[:, :, 0] & ~seen[:, :, -1]).any()
    whole = synthetic.panel(seed=6)
    assert all(np.isfinite(whole.panel.values(name)).all() for name in whole.panel.names)


@pytest.mark.parametrize(("share", "backwards"), [(0.0, 0), (0.3, 4), (0.5, 8), (1.0, 15)])
def test_directions(share: float, backwards: int) -> None:
    made = synthetic.panel(less_is_better=share)
    assert int((made.truth.directions == -1).sum()) == backwards
    stated = [row["direction"] for row in made.rows if "direction" in row]
    assert stated == [str(int(direction)) for direction in made.truth.directions.values]


def test_regions_have_places_so_that_space_can_be_taught() -> None:
    made = synthetic.panel(regions=9)
    w = neighbours.from_coordinates(made.panel.regions, k=2)
    assert w.matrix.sum(axis=1).tolist() == [2.0] * 9


def test_both_languages() -> None:
    made = synthetic.panel()
    for variable in made.panel.variables.values():
        assert variable.label.zh
        assert variable.label.en.isascii()
    assert all(row["zh"] and row["en"].isascii() for row in made.rows)


def test_planted_panels_can_be_kept() -> None:
    arrays: dict[str, np.ndarray] = {}
    made = synthetic.panel(regions=4, years=3)
    again = store.decode(store.encode(made, arrays), arrays)
    assert again.panel.data.identical(made.panel.data)
    assert again.truth.attributes.identical(made.truth.attributes)


@pytest.mark.parametrize("choices", [{"regions": 1}, {"years": 1}, {"years": 2}, {"groups": 1}, {"indicators": 1}])
def test_the_smallest(choices: dict[str, int]) -> None:
    made = synthetic.panel(**choices, inside=0.5, ends=1.0)  # type: ignore[arg-type]
    assert np.isfinite(made.truth.index.values).all()
