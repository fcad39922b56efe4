"""Units as people write them, the factors they stand for, and what does not go together."""

import pytest
from support import refused

from zhiyu.data import units

SAME = [  # what is written, what it is in base units, the factor
    ("1", "1", 1.0),
    ("%", "1", 0.01),
    ("％", "1", 0.01),
    ("index", "1", 1.0),
    ("share", "1", 1.0),
    ("yuan", "yuan", 1.0),
    ("元", "yuan", 1.0),
    ("1k yuan", "yuan", 1e3),
    ("千元", "yuan", 1e3),
    ("10k yuan", "yuan", 1e4),
    ("10k  yuan", "yuan", 1e4),
    ("万元", "yuan", 1e4),
    ("1m yuan", "yuan", 1e6),
    ("百万元", "yuan", 1e6),
    ("100m yuan", "yuan", 1e8),
    ("亿元", "yuan", 1e8),
    ("1e8 yuan", "yuan", 1e8),
    ("100m yuan2011", "yuan2011", 1e8),
    ("亿元2011", "yuan2011", 1e8),
    ("亿美元", "dollar", 1e8),
    ("1m euro2015", "euro2015", 1e6),
    ("person", "person", 1.0),
    ("人", "person", 1.0),
    ("百人", "person", 1e2),
    ("千人", "person", 1e3),
    ("10k person", "person", 1e4),
    ("万人", "person", 1e4),
    ("person_year", "person", 1.0),
    ("人年", "person", 1.0),
    ("万人年", "person", 1e4),
    ("万件", "count", 1e4),
    ("个", "count", 1.0),
    ("10k count", "count", 1e4),
    ("yuan/person", "yuan/person", 1.0),
    ("元/人", "yuan/person", 1.0),
    ("元／人", "yuan/person", 1.0),
    ("10k yuan/person", "yuan/person", 1e4),
    ("count/(10k person)", "count/person", 1e-4),
    ("count/10k person", "count/person", 1e-4),
    ("count / 10k person", "count/person", 1e-4),
    ("件/万人", "count/person", 1e-4),
    ("亿元/万人", "yuan/person", 1e4),
    ("yuan/（10k person）", "yuan/person", 1e-4),
    ("person_year/(10k person)", "1", 1e-4),
    ("person/km2", "person/(km*km)", 1.0),
    ("人/平方公里", "person/(km*km)", 1.0),
    ("km", "metre", 1e3),
    ("公里", "km", 1.0),
    ("1m t_CO2", "t_CO2", 1e6),
    ("kWh", "joule", 3.6e6),
    ("100m kWh", "kWh", 1e8),
    ("亿千瓦时", "kWh", 1e8),
    ("10k tce", "tce", 1e4),
    ("万吨标准煤", "tce", 1e4),
    ("1k W", "W", 1e3),
]


@pytest.mark.parametrize(("written", "base", "factor"), SAME)
def test_factor(written: str, base: str, factor: float) -> None:
    assert units.factor(units.parse(written), units.parse(base)) == pytest.approx(factor, rel=1e-14)


def test_ten_thousand_over_a_hundred_million_is_a_ten_thousandth() -> None:
    share = units.parse("10k yuan") / units.parse("100m yuan")
    assert units.factor(share, units.parse("1")) == pytest.approx(1e-4, rel=1e-14)
    assert units.factor(share, units.parse("%")) == pytest.approx(0.01, rel=1e-14)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("yuan", "yuan2011"),
        ("yuan2011", "yuan2015"),
        ("yuan", "dollar"),
        ("yuan", "person"),
        ("count", "person"),
        ("yuan/person", "yuan"),
        ("tce", "t_CO2"),
        ("1", "yuan"),
    ],
)
def test_different_things_are_not_converted(one: str, other: str) -> None:
    with refused("unit_mismatch"):
        units.factor(units.parse(one), units.parse(other))


@pytest.mark.parametrize(
    "word",
    [
        *("furlong", "个百分点", "Yuan", "per100", "yuan/", "(yuan", "yuan person)", "10K person", "mega yuan"),
        *("nan", "inf", "0 yuan", "-1 yuan", "e", "pi", "__import__('os')", "yuan.__class__", "lambda: 1", "[yuan]"),
        *("yuan!", "{yuan}", "yuan person", "yuan + yuan", "yuan 3", "km**2", "yuan//person", "yuan^2", "yuan,person"),
    ],
)
def test_unreadable_units_are_refused(word: str) -> None:
    with refused("unknown_unit") as caught:
        units.parse(word)
    assert caught.says(word)


def test_physical_units_we_do_not_use_do_not_creep_in() -> None:
    for name in ("m", "meter", "mole", "kilogram", "Pa", "degC", "yen"):
        with refused("unknown_unit"):
            units.parse(name)
