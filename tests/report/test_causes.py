"""The causal graph as a figure: every state that another moves is named, the four logics are numbered."""

import pytest

from zhiyu.report.simulate.causes import LETTERS, figure
from zhiyu.simulate.graph import causal
from zhiyu.simulate.told import outcome
from zhiyu.terms import LOCALES


@pytest.mark.parametrize("locale", LOCALES)
def test_the_causal_graph_is_drawn_with_its_names_and_logics(locale):
    found = figure(locale)
    for node in causal().layout():
        for word in outcome(node).text(locale).split():
            assert word in found.svg
    for letter in LETTERS.values():
        assert letter in found.svg
        assert letter in found.notes[0]
    assert figure(locale).svg == found.svg
