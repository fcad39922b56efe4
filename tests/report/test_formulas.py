"""Formulas in words, on the bundled China study."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from zhiyu import Study
from zhiyu.report.formulas import told


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
        ("unheard_of * 0.5", "unheard_of × 0.5", "unheard_of × 0.5"),
    ],
)
def test_names_become_labels(m, formula, zh, en):
    assert (told(formula, m).zh, told(formula, m).en) == (zh, en)
