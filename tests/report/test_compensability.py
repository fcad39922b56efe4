"""How far strength makes good for weakness: the table is the index's, the words are the table's."""

import re

import numpy as np
import pytest
from report.conftest import LINES, material
from support import tree

from zhiyu.measure.compensability import compensability
from zhiyu.report import Material, document, tables
from zhiyu.report.compensability import told
from zhiyu.terms import LOCALES


def test_ranks_without_compensation_are_those_of_the_index(small: Material):
    made, found = tables(small)["compensability"], compensability(small.index)
    assert made.column("region") == [small.codes[i] for i in small.ranked]
    assert made.column("rank_arithmetic") == tables(small)["ranking"].column("rank")
    for row in made.rows:
        at = {"region": row[0], "year": small.last}
        assert list(row[2:7]) == found.ranks.sel(at).values.tolist()
        assert row[7] == row[2] - row[6]  # type: ignore[operator]
        tops = small.index.scores.sel(at, drop=True).sel(node=["A", "B", "C"]).to_series()
        assert (row[9], row[13]) == (tops.idxmin(), tops.idxmax())
        raised = tops.where(tops.index != row[9], tops.mean())
        assert row[11] == pytest.approx(raised.mean() - tops.mean())
        assert row[16] == pytest.approx(tops.max() / tops.min()) if tops.min() > 0 else row[16] is None


def test_the_words_are_those_of_the_table(small: Material):
    made = tables(small)["compensability"]
    moves = [int(move) for move in made.column("moves_without")]  # type: ignore[arg-type]
    names = dict(zip(made.column("region_name"), moves, strict=True))
    said = told(small, "en")
    assert said[0].startswith(f"If the weakest {small.kind.en} alone counted, ")
    assert f"{sum(abs(move) > 3 for move in moves)} of {len(moves)} regions" in said[0]
    fell = [name.en for name, move in names.items() if move == min(moves)]  # type: ignore[union-attr]
    rose = [name.en for name, move in names.items() if move == max(moves)]  # type: ignore[union-attr]
    assert min(moves) < 0 < max(moves)
    assert all(name in said[1] for name in fell)
    assert said[1].endswith(f"down {-min(moves)}.")
    assert all(name in said[2] for name in rose)
    assert said[2].endswith(f"up {max(moves)}.")
    losses = np.array(made.column("imbalance_loss"), dtype=float)
    assert f"{100 * np.median(losses):.1f}%" in said[3]
    assert f"{100 * losses.max():.1f}%" in said[3]
    assert made.column("region_name")[int(losses.argmax())].en in said[3]  # type: ignore[union-attr]
    for locale in LOCALES:
        page = document(small, tables(small), locale).decode()
        section = re.search(r'<section id="compensability".*?</section>', page, re.DOTALL)[0]  # type: ignore[index]
        assert all(sentence in section for sentence in told(small, locale))


def test_regions_at_zero_are_counted_in_words(small: Material):
    flat = material(tree("r - -", "a r x", "c r z", "b r y"), normalise={"scope": "year"})  # every leaf has a zero
    zeros = [row for row in tables(flat)["compensability"].rows if row[16] is None]
    assert zeros
    assert told(flat, "en")[-1].startswith(f"In {len(zeros)} of them")
    assert "exactly 0" not in " ".join(told(small, "en"))


def test_negative_scores_leave_the_section_out_and_say_why():
    below = material(tree(*LINES), normalise={"method": "zscore"}, weight={"method": "equal"})
    made = tables(below)
    assert below.compensability is None
    assert made["compensability"].rows == ()
    assert told(below, "en") == []
    page = document(below, made, "en").decode()
    assert '<section id="compensability"' not in page
    assert "Some scores are negative, so a geometric mean means nothing" in page


def test_another_aggregation_is_said_to_rank_otherwise():
    powered = material(tree(*LINES), aggregate={"method": "geometric"})
    assert "may differ" in tables(powered)["compensability"].notes[1].en
    assert "may differ" not in tables(material(tree(*LINES)))["compensability"].notes[1].en
