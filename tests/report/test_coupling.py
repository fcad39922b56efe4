"""What the report says of coupling: findings in words, the tables behind them, silence where years cannot meet."""

from __future__ import annotations

import re

import numpy as np
import pytest
from support import recipe, small_panel, tree

from zhiyu import Study
from zhiyu.explain.evidence import Evidence
from zhiyu.explain.of.coupling import coupling
from zhiyu.measure import measure
from zhiyu.report.explain.coupling import question
from zhiyu.report.explain.question import Question
from zhiyu.report.material import Material
from zhiyu.terms import LOCALES


def asked(name: str) -> tuple[Material, Question]:
    study = Study.open(name)
    found = coupling(study.measure(), study.framework(), draws=99)
    regions = study.regions() or study.measure().regions
    parts = (name, study.choices, study.panel(), study.measure(), study.framework(), regions)
    material = Material(*parts, evidence=Evidence(coupling=found))
    answer = question(material)
    assert answer is not None
    return material, answer


@pytest.fixture(scope="module")
def china() -> tuple[Material, Question]:
    return asked("china-provinces")


def test_every_sentence_is_whole_in_both_languages(china: tuple[Material, Question]) -> None:
    for label in china[1].told:
        for locale in LOCALES:
            said = label.text(locale)
            assert said[:1].isupper() or locale == "zh", said
            assert not re.search(r"\{\w*\}|\bnan\b|Label\(", said), said


def test_the_first_sentence_is_the_means_of_the_table(china: tuple[Material, Question]) -> None:
    m, answer = china
    years = next(table for table in answer.tables if table.id == "coupling_years")
    for column in ("dual_wheel_d", "coevolution_d", "embedding_d"):
        first, last = (float(str(years.column(column)[k])) for k in (0, -1))
        assert f"from {first:.2f} in 2013 to {last:.2f} in 2022" in answer.told[0].en
    assert m.evidence is not None
    cells = m.evidence.coupling.tidy()
    wide = cells[cells["system"] == "embedding"].pivot(index="region", columns="year", values="coordination").dropna()
    assert float(str(years.column("embedding_d")[-1])) == pytest.approx(wide[2022].mean())
    assert f"fourfold embedding, {len(wide)}" in years.notes[0].en


def test_every_province_stands_once_the_most_coordinated_first(china: tuple[Material, Question]) -> None:
    table = china[1].tables[0]
    d = [float(str(cell)) for cell in table.column("dual_wheel_d")]
    assert len(d) == len(set(table.column("region"))) == 31
    assert d == sorted(d, reverse=True)
    assert table.column("region_name")[0].en == "Beijing"  # type: ignore[union-attr]


def test_the_lags_counted_in_words_are_those_of_the_table(china: tuple[Material, Question]) -> None:
    lags = [cell.en for cell in china[1].tables[0].column("dual_wheel_lags")]  # type: ignore[union-attr]
    counts = f"technology wheel lags in {lags.count('technology wheel')} of 31 regions"
    assert any(counts in label.en for label in china[1].told)


def test_the_figure_names_every_system(china: tuple[Material, Question]) -> None:
    for locale in LOCALES:
        (figure,) = china[1].figures(locale)
        assert figure.id == "chart-coupling"
        for name in ("dual_wheel", "coevolution", "embedding"):
            assert china[0].framework.logics[name].label.text(locale) in figure.svg


def test_one_year_says_nothing_of_change() -> None:
    _, answer = asked("asem")
    assert "No two years can be compared" in answer.told[0].en
    assert [table.id for table in answer.tables] == ["coupling", "coupling_parts"]
    assert answer.figures("en") == ()


def test_a_scale_of_each_year_says_nothing_of_change() -> None:
    study = Study.open("asem")
    x = np.random.default_rng(2).random((8, 6))
    framework = tree("r - -", "a r x", "b r y")
    chosen = recipe(weight={"method": "equal"}, normalise={"method": "minmax", "scope": "year"})
    panel = small_panel({"x": x, "y": x[::-1] + x})
    index = measure(panel, framework, chosen)
    found = Evidence(coupling=coupling(index, framework))
    answer = question(Material("made", study.choices, panel, index, framework, index.regions, evidence=found))
    assert answer is not None
    assert "No two years can be compared" in answer.told[0].en
    assert [table.id for table in answer.tables] == ["coupling", "coupling_parts"]


def test_no_evidence_is_no_question(china: tuple[Material, Question]) -> None:
    m = china[0]
    assert question(Material(m.name, m.choices, m.panel, m.index, m.framework, m.regions, evidence=Evidence())) is None
