"""The room of the spatial panel: what it tells follows the interval that decides, and its tables hold together."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from zhiyu import Study
from zhiyu.explain.choice import SpaceChoice
from zhiyu.explain.of.spatial_panel import SpatialPanel, spatial_panel
from zhiyu.explain.weights import weights
from zhiyu.report.explain.spatial_panel import question
from zhiyu.terms import LOCALES, Label


@pytest.fixture(scope="module")
def found() -> SpatialPanel:
    study = Study.open("china-provinces")
    near = weights(SpaceChoice(), study.panel(), study.neighbours())
    assert near is not None
    return spatial_panel(study.measure(), study.panel(), near, draws=200)


def asked(found):
    study = Study.open("china-provinces")
    known = {"index": study.measure(), "panel": study.panel(), "framework": study.framework(), "scale": 100.0}
    return question(SimpleNamespace(evidence=SimpleNamespace(spatial_panel=found), **known))


def test_the_finding_is_told_for_a_tenth_of_the_scale_however_the_study_writes_it(found):
    at = found.effects.indirect[0]
    told = asked(found).told[0].en
    assert "with 10 points more" in told
    assert f"moves by {100 * np.expm1(at):+.1f}%".replace("-", "−") in told
    root = Study.open("china-provinces").measure().tree.root.id
    whole = replace(found, formulas=(f"lag({root})", *found.formulas[1:]))
    assert f"moves by {100 * np.expm1(10 * at):+.1f}%".replace("-", "−") in asked(whole).told[0].en
    other = replace(found, formulas=("log(gdp_100m)", *found.formulas[1:]), labels=(Label("甲", "a thing"),) * 2)
    assert 'with one unit more of "a thing"' in asked(other).told[0].en


def test_the_note_is_in_words_in_either_language(found):
    note = asked(found).tables[0].notes[1]
    assert "陆地相邻" in note.zh
    assert "每行权重之和为1" in note.zh
    assert "ln(人均实际产出)" in note.zh
    assert not any(word in note.zh for word in ("row-standardised", "contiguity", "log(gdp"))


def test_without_an_answer_there_is_no_room():
    assert question(SimpleNamespace(evidence=None)) is None
    assert question(SimpleNamespace(evidence=SimpleNamespace(spatial_panel=None))) is None


def test_the_finding_follows_the_interval_that_decides(found):
    assert asked(found).told[0].en.startswith("No spill-over is detectable")
    narrow = np.array([[-0.05, 0.0], [-0.01, 0.1]])
    sure = replace(found, resampled=replace(found.resampled, indirect_bounds=narrow))
    assert asked(sure).told[0].en.startswith("Neighbours'")
    assert "less" in asked(sure).told[0].en
    model = asked(replace(found, resampled=None)).told[0].en  # the model's own interval would have been sure
    assert model.startswith("Neighbours'")


def test_what_makes_it_weak_is_said(found):
    told = " ".join(label.en for label in asked(found).told)
    for words in ("residuals of successive years correlate", "without Tianjin", "31 regions", "not cause and effect"):
        assert words in told


def test_tables_show_estimates_with_their_errors_beneath(found):
    room = asked(found)
    models = room.tables[0]
    assert [column.id for column in models.columns][1:] == ["model_ols", "model_lag", "model_error", "model_durbin"]
    first, beneath = models.rows[0], models.rows[1]
    assert first[0] == beneath[0]
    assert all(cell.en.startswith("(") for cell in beneath[1:])
    assert not any(cell.en.startswith("(") for cell in first[1:])
    facts = {row[0].en: [cell.en for cell in row[1:]] for row in models.rows}
    assert facts["Regions"] == ["31"] * 4
    assert facts["Region effects"] == ["yes"] * 4
    effects = room.tables[1]
    assert len(effects.rows) == 6
    assert len(room.tables[2].rows) == 9
    for table in (*room.tables, *room.files):
        for locale in LOCALES:
            assert table.html(locale)
        assert table.csv()


def test_the_figure_says_in_words_what_it_shows(found):
    for locale in LOCALES:
        (figure,) = asked(found).figures(locale)
        assert "−0.032" in figure.alt
        assert figure.svg.startswith("<svg")
        assert (figure.svg, figure.alt) == (asked(found).figures(locale)[0].svg, figure.alt)
