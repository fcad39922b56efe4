"""What several tests share: a refusal with its sentences, small panels and trees, numbers for hypothesis to vary."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import numpy as np
import pytest
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from zhiyu.data import panel as panels
from zhiyu.data import regions as region_sets
from zhiyu.data.panel import Panel, Variable
from zhiyu.data.regions import Regions
from zhiyu.framework import Framework, of_rows
from zhiyu.measure import Recipe
from zhiyu.terms import LOCALES, Label, Refusal

CN = region_sets.load("cn-provinces")
MAINLAND = CN.select([code for code in CN.codes if code < "70"])


class Caught:
    """The refusal that a block raised."""

    value: Refusal

    def says(self, *words: str) -> bool:
        """Whether its English sentence, with place and remedy, holds all the words."""
        return all(word in self.value.text("en") for word in words)


@contextmanager
def refused(key: str) -> Iterator[Caught]:
    """The block must refuse with this key, and the refusal must have a sentence and a remedy in every language."""
    caught = Caught()
    with pytest.raises(Refusal) as raised:
        yield caught
    caught.value = raised.value
    assert caught.value.key == key, caught.value.text("en")
    for locale in LOCALES:
        assert len(caught.value.text(locale).splitlines()) >= 2


def small_panel(
    values: Mapping[str, object],
    years: range | list[int] | None = None,
    units: dict[str, str] | None = None,
    regions: Regions = MAINLAND,
) -> Panel:
    """A panel of the first provinces, from arrays (region, year)."""
    arrays = {name: np.array(array, dtype=float) for name, array in values.items()}
    n, t = next(iter(arrays.values())).shape
    codes = regions.codes[:n]
    stated = units or {}
    meanings = {name: Variable(name, Label(name, name), stated.get(name, "")) for name in arrays}
    return panels.build(arrays, codes, years or range(2015, 2015 + t), regions, meanings)


def tree(*rows: str) -> Framework:
    """A framework from lines `id parent formula key=value ...`; parent `-` is the root, formula `-` an inner node."""
    cells = []
    for row in rows:
        name, parent, formula, *rest = row.split()
        more = dict(part.split("=", 1) for part in rest)
        cells.append(
            {
                "id": name,
                "parent": "" if parent == "-" else parent,
                "zh": f"节点{name}",
                "en": f"node {name}",
                "formula": "" if formula == "-" else formula,
            }
            | more
        )
    return of_rows(cells)


def recipe(**chosen: object) -> Recipe:
    """A recipe from tables of choices, as a study file states them: `recipe(weight={"method": "equal"})`."""
    return Recipe.model_validate(chosen)


def tables(
    rows: tuple[int, int] = (2, 12), columns: tuple[int, int] = (1, 5), low: float = 0.0, high: float = 100.0
) -> st.SearchStrategy[np.ndarray]:
    """Arrays of observations by indicators, of numbers with three decimals (so that ties and zeros occur)."""
    number = st.integers(round(low * 1000), round(high * 1000)).map(lambda whole: whole / 1000)
    shape = st.tuples(st.integers(*rows), st.integers(*columns))
    return shape.flatmap(lambda size: npst.arrays(float, size, elements=number))
