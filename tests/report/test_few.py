"""Long lists cut short: what a page leaves out it counts, and files hold everything."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest

from zhiyu.report import few, words
from zhiyu.report.figures import lean
from zhiyu.report.tables import Table, column
from zhiyu.terms import Label


def regions(number: int) -> list[Label]:
    return [Label(f"地{k}", f"R{k}") for k in range(number)]


def table(number: int, ordered: int) -> Table:
    columns = (column("rank", "integer"), column("region_name", "label", head=True))
    rows = tuple((k + 1 if k < ordered else None, name) for k, name in enumerate(regions(number)))
    return Table("few", Label("表", "table"), columns, rows, ordered=ordered)


@pytest.mark.parametrize("number", [0, 1, few.ROWS, few.ROWS + 1, 332])
def test_an_order_is_shown_whole_or_at_both_ends(number):
    found = few.ends(range(100, 100 + number))
    assert len(found.rows) + found.hidden == number
    assert found.rows == tuple(100 + k for k in found.places)
    assert len(found.y) == len(found.rows)
    if number <= few.ROWS:
        assert found.rows == tuple(range(100, 100 + number))
    else:
        assert found.rows[: few.ENDS] == tuple(range(100, 100 + few.ENDS))
        assert found.rows[-1] == 99 + number
        assert (np.diff(found.y) == [1] * (few.ENDS - 1) + [2] + [1] * (few.ENDS - 1)).all()


def test_names_beyond_a_number_are_counted():
    some = [name.en for name in regions(few.NAMES)]
    assert few.names(some, "en") == some
    cut = few.names([*some, "more"], "en")
    assert cut[:-1] == some[: few.NAMED]
    assert cut[-1] == f"{few.NAMES + 1 - few.NAMED} others"
    assert words.listed([*some, "more"], "zh").endswith(f"和另外{few.NAMES + 1 - few.NAMED}个")


def test_a_long_table_says_what_it_leaves_out_and_its_file_does_not():
    made = table(332, 278)
    page = made.html("en")
    assert page.count('<th scope="row">') == 2 * few.ENDS
    assert f"{278 - 2 * few.ENDS} regions in between" in page
    assert "54 regions without a rank" in page
    assert ">R277<" in page
    assert ">R278<" not in page
    assert len(list(csv.reader(io.StringIO(made.csv().decode("utf-8-sig"))))) == 333


def test_a_table_of_few_is_whole():
    page = table(few.ROWS + 3, few.ROWS).html("en")
    assert page.count('<th scope="row">') == few.ROWS + 3
    assert "gap" not in page


def test_a_cell_of_many_names_is_whole_in_the_file_only():
    columns = (column("region_names", "label", long=True),)
    made = Table("names", Label("表", "table"), columns, ((words.cell(regions(100)),),))
    assert "R99" in made.csv().decode()
    assert "R99" not in made.html("en")
    assert f"{100 - few.NAMED} others" in made.html("en")


def test_lean_drawings_keep_their_numbers_in_words_and_their_styles():
    style = ' style="fill: red"'
    svg = f'<g id="a"><use x="1.123456"{style}/>\n<use x="2"{style}/></g><text>0.12345</text>'
    assert lean(svg) == f'<g id="a"{style}><use x="1.123"/>\n<use x="2"/></g><text>0.12345</text>'
    mixed = '<g id="a"><use x="1" style="fill: red"/><use x="2" style="fill: blue"/></g>'
    assert lean(mixed) == mixed
