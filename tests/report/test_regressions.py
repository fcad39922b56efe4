"""Three-line regression tables: stars by the stated p, errors beneath, the same decimals, facts in words."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from zhiyu.report.regressions import Estimate, Model, Regressions, facts, numbers
from zhiyu.terms import LOCALES, Label

X, Z = Label("甲", "a thing"), Label("ln(乙)", "ln(b)")
ONE = Model(
    "one", Label("产出", "output"), {"x": Estimate(1.25, 0.5, 0.012)}, {"observations": 1310, "r2_within": 0.25}
)
TWO = Model("two", Label("收入", "income"), {"z": Estimate(-0.0004, 0.0001, 0.001)}, {"region_effects": True})
MADE = Regressions("r", Label("回归", "Regressions"), (ONE, TWO), {"x": X, "z": Z}, facts(), (Label("注。", "Note."),))


@pytest.mark.parametrize(
    ("p", "stars"), [(0.01, "***"), (0.011, "**"), (0.05, "**"), (0.1, "*"), (0.101, ""), (np.nan, "")]
)
def test_stars_go_by_p(p, stars):
    assert Estimate(1.0, 0.5, p).stars == stars


def test_coefficient_and_error_have_the_same_decimals():
    assert Estimate(1.25, 0.5, 0.012).shown() == ("1.250**", "(0.500)")
    assert Estimate(-0.0004, 0.0001, 0.001).shown() == ("−0.000400***", "(0.000100)")
    assert Estimate(12.5, np.nan).shown() == ("12.500", "")


def test_an_interval_takes_the_place_of_an_error_that_p_does_not_follow_from():
    assert Estimate(0.5929, 0.0539, 0.012, 0.265, 1.39).shown() == ("0.593**", "[0.265, 1.390]")
    assert Estimate(0.001113, 0.0004, 0.775, -0.00675, 0.00898).shown() == ("0.00111", "[−0.00675, 0.00898]")
    assert Estimate(0.5, 0.1, 0.2, -np.inf, 1.5).shown() == ("0.500", "[−∞, 1.500]")
    assert Estimate(0.5, 0.01, 0.2, -np.inf, np.inf).shown() == ("0.5000", "[−∞, ∞]")
    assert Estimate(0.5, 0.1, 0.2, 0.4).shown() == ("0.500", "(0.100)")  # half an interval is none


def test_a_term_takes_two_rows_and_a_model_without_it_stays_empty():
    table = MADE.table()
    assert [[cell.en for cell in row] for row in table.rows[:4]] == [
        ["A thing", "1.250**", ""],
        ["A thing", "(0.500)", ""],
        ["ln(b)", "", "−0.000400***"],
        ["ln(b)", "", "(0.000100)"],
    ]
    assert [column.label.en for column in table.columns] == ["Variable", "(1)\nOutput", "(2)\nIncome"]


def test_facts_are_words_and_those_of_no_model_are_left_out():
    told = {row[0].en: [cell.en for cell in row[1:]] for row in MADE.table().rows[4:]}
    assert told == {"Region effects": ["", "yes"], "Observations": ["1,310", ""], "Within R²": ["0.250", ""]}


def test_the_note_says_what_stars_mean_first():
    assert "*** p ≤ 0.01" in MADE.table().notes[0].zh


@pytest.mark.parametrize("locale", LOCALES)
def test_on_a_page_a_name_stands_once_beside_its_two_rows(locale):
    page = str(MADE.table().html(locale))
    assert page.count('rowspan="2"') == 2
    assert page.count(X.text(locale)[:1].upper() + X.text(locale)[1:]) == 1
    assert 'class="table regression"' in page


def test_numbers_for_files_keep_full_precision():
    table = numbers("n", Label("数", "Numbers"), (MADE,))
    assert [row[:5] for row in table.rows] == [("one", X, 1.25, 0.5, 0.012), ("two", Z, -0.0004, 0.0001, 0.001)]
    bounded = replace(ONE, estimates={"x": Estimate(1.25, 0.5, 0.012, 0.2, 2.1)})
    (row,) = numbers("n", Label("数", "Numbers"), (replace(MADE, models=(bounded,)),)).rows
    assert row == ("one", X, 1.25, 0.5, 0.012, 0.2, 2.1)
