"""Formulas in words, on the bundled China study."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from zhiyu import Study
from zhiyu.report.formulas import productivity, told


@pytest.fixture(scope="module")
def m() -> Any:
    study = Study.open("china-provinces")
    return SimpleNamespace(index=study.measure(), panel=study.panel(), framework=study.framework())


@pytest.mark.parametrize(
    ("formula", "zh", "en"),
    [
        ("data_factor", "数据要素化", "data as a factor"),
        ("lag(data_factor)", "数据要素化（上年）", "data as a factor, last year"),
        (
            "lag(log(gdp_real2011_100m / population_10k))",
            "ln(人均实际产出)（上年）",
            "ln(real output per head), last year",
        ),
        ("log(capital_stock_real2011_100m / population_10k)", "ln(人均资本)", "ln(capital per head)"),
        ("data_factor : institutions", "数据要素化 × 制度供给", "data as a factor × institutions"),
        (
            "without(ai_native, rd_intensity)",
            "智能原生化（不计研发经费投入强度）",
            "AI nativeness without R&D intensity",
        ),
        ("dual_wheel", "技术与产业双轮的协调度", "coordination of the technology-industry dual wheel"),
        (
            "lag(technology) - lag(industry)",
            "lag(技术之轮) − lag(产业之轮)",
            "lag(technology wheel) − lag(industry wheel)",
        ),
        ("year", "年份", "year"),
        (
            "growth(log(gdp_real2011_100m) - 0.5 * log(capital_stock_real2011_100m) - 0.5 * log(population_10k))",
            "全要素生产率（对数）的增长",
            "growth of total factor productivity (log)",
        ),
        ("growth(data_factor)", "数据要素化的增长", "growth of data as a factor"),
        ("unheard_of * 0.5", "unheard_of × 0.5", "unheard_of × 0.5"),
    ],
)
def test_names_become_labels(m, formula, zh, en):
    assert (told(formula, m).zh, told(formula, m).en) == (zh, en)


def test_a_short_name_can_be_written_out(m):
    inner = "log(gdp_real2011_100m) - 0.5 * log(capital_stock_real2011_100m) - 0.5 * log(population_10k)"
    spelt = productivity(f"growth({inner})", m)
    assert spelt is not None
    assert spelt.en.startswith("ln(real GDP")
    assert spelt.en.count("− 0.5 × ln(") == 2
    assert productivity("log(gdp_real2011_100m / population_10k)", m) is None
