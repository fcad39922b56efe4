"""A simulation in words: what is shown as nought is nought, and a band that reaches it is told from others."""

from __future__ import annotations

import pytest
from simulate.simulated import simulation

from zhiyu.simulate.told import decimals, summary
from zhiyu.terms import Label


@pytest.mark.parametrize(
    ("band", "wanted"),
    [
        ((0.2, 0.4, 1.0), (1, 1, 1)),
        ((0.003, 0.1, 0.4), (3, 1, 1)),
        ((-0.0499, 0.1, 0.4), (2, 1, 1)),
        ((-1.0, -0.004, 0.02), (1, 1, 2)),  # the middle keeps one decimal
        ((0.0, 0.1, 0.4), (1, 1, 1)),
        ((1e-9, 0.1, 0.4), (1, 1, 1)),
        ((-0.01, 0.0, 0.04), (1, 1, 1)),  # nothing is to be seen
    ],
)
def test_an_end_takes_the_decimals_that_its_sign_needs(band, wanted):
    assert decimals(band) == wanted


def test_the_summary_says_draws_and_one_word_for_skill():
    title = Label("研究", "study")
    zh, en = (summary(simulation(), title, locale) for locale in ("zh", "en"))
    assert "30次抽样" in zh
    assert "成员" not in zh
    assert "预测技巧" in zh
    assert "30 draws each" in en
    assert "error reduction (skill" in en
    assert " %" not in en
