"""The room of the five levels: what it says, in both languages, with and without neighbours."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from zhiyu.explain.of.transitions import Transitions, transitions
from zhiyu.report import Material
from zhiyu.report.explain.transitions import p_value, question
from zhiyu.terms import LOCALES


def asked(m: Material, found: Transitions | None) -> Material:
    return replace(m, evidence=SimpleNamespace(transitions=found))


@pytest.fixture(scope="module")
def found(small: Material) -> Transitions:
    return transitions(small.index, draws=99)


def test_no_evidence_no_room(small):
    assert question(replace(small, evidence=None)) is None
    assert question(asked(small, None)) is None


def test_the_finding_leads_with_its_numbers(small, found):
    room = question(asked(small, found))
    assert room is not None
    moved = found.root.moves
    for locale in LOCALES:
        lead = room.told[0].text(locale)
        for number in (moved.up, moved.down, int(found.root.markov.counts.sum()), found.root.regions.up):
            assert str(number) in lead
        assert "{" not in "".join(sentence.text(locale) for sentence in room.told)
        assert "nan" not in "".join(sentence.text(locale) for sentence in room.told)
    assert "climb more often" in room.told[0].en


def test_tables_hold_the_counts(small, found):
    room = question(asked(small, found))
    assert room is not None
    matrix, scales = room.tables
    counts = np.array([matrix.column(f"count_{j}") for j in range(1, 6)]).T
    assert (counts == found.root.markov.counts).all()
    assert scales.column("moves_up") == [chain.moves.up for chain in found.chains]
    assert len(room.files[0].rows) == 25 * len(found.chains)
    assert room.files[1].rows == ()  # no neighbours, no rows


def test_drawings_name_themselves_in_both_languages(small, found):
    room = question(asked(small, found))
    assert room is not None
    for locale in LOCALES:
        drawn = room.figures(locale)
        assert [figure.id for figure in drawn] == ["chart-transitions", "chart-transitions_years"]
        assert all(figure.alt and str(figure.svg).startswith("<svg") for figure in drawn)
        assert str(drawn[0].svg) == str(room.figures(locale)[0].svg)


def test_moves_down_and_none_are_told_as_such(small, found):
    fewer = replace(found.root.moves, up=1, down=9, share=0.1, p=0.01)
    turned = replace(found, chains=(replace(found.root, moves=fewer), *found.chains[1:]))
    assert "slip more often" in question(asked(small, turned)).told[0].en  # type: ignore[union-attr]
    even = replace(found, chains=(replace(found.root, moves=replace(fewer, p=0.3)), *found.chains[1:]))
    assert "cannot be told apart" in question(asked(small, even)).told[0].en  # type: ignore[union-attr]
    still = replace(found, chains=(replace(found.root, moves=replace(fewer, up=0, down=0)), *found.chains[1:]))
    assert "no region changed" in question(asked(small, still)).told[0].en  # type: ignore[union-attr]


def test_a_top_out_of_reach_is_told_as_such(small, found):
    away = replace(found.root.to_top, steps=np.full(4, np.inf))
    never = replace(found, chains=(replace(found.root, to_top=away), *found.chains[1:]))
    assert any("no way led" in sentence.en for sentence in question(asked(small, never)).told)  # type: ignore[union-attr]


def test_p_values_are_never_nought():
    assert p_value(0.0004) == "< 0.001"
    assert p_value(0.0312) == "= 0.031"
