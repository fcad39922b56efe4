"""From a study's files to its panel: the paths it names, the rules by which it reads and repairs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from zhiyu.data import read, repair
from zhiyu.data.columns import Layout
from zhiyu.data.panel import Panel
from zhiyu.folder import inside
from zhiyu.spec import FILE
from zhiyu.terms import Place, Refusal

if TYPE_CHECKING:
    from zhiyu.study import Study


def paths(study: Study) -> dict[str, Path]:
    """Every file the study reads, by the name the study file gives it."""
    choice = study.choices
    named = dict.fromkeys(choice.data.panel, "[data] panel")
    optional = {
        "[data] dictionary": choice.data.dictionary,
        "[data] neighbours": choice.data.neighbours,
        "[data] flows": choice.data.flows,
        "[data] events": choice.data.events,
        "[explain] claims": choice.explain.claims,
        "[explain] multiverse": choice.explain.multiverse,
        "[simulate] states": None if choice.simulate is None else choice.simulate.states,
        "[design] costs": study.designing.costs,
        "[regions] file": choice.regions.file,
        "[framework] tree": choice.framework.tree,
        "[framework] override": choice.framework.override,
    }
    named |= {name: key for key, name in optional.items() if name is not None}
    paths = {name: inside(study.folder, name, key) for name, key in named.items()}
    for name, path in paths.items():
        if not path.is_file():
            place = Place(file=FILE, key=f'{named[name]} "{name}"')
            raise Refusal("file_not_found", place, folder=str(study.folder))
    return paths


def panel(study: Study) -> Panel:
    data = study.choices.data
    return repair.fill_gaps(history(study, data.years), data.gaps, data.longest_gap)


def history(study: Study, years: tuple[int, int] | None = None) -> Panel:
    """The data, of all years or of some, by every rule of the study but the one for gaps."""
    data = study.choices.data
    dictionary = read.read_dictionary(study.inputs[data.dictionary]) if data.dictionary else {}
    layout = Layout(data.region_column, data.year_column, data.missing)
    panel = read.read_panel([study.inputs[name] for name in data.panel], study.regions(), dictionary, layout)
    if years is not None:
        panel = panel.cut(years)
    for name, year in data.absent_until.items():
        panel = repair.absent_until(panel, name, year)
    for name, factors in data.splice.items():
        panel = repair.splice(panel, name, factors)
    for name, how in data.deflate.items():
        panel = repair.deflate(panel, name, how.index, how.base, how.unit)
    return panel


def beside(study: Study) -> list[Path]:
    chosen = study.choices.regions.file
    if chosen is None:
        return []
    path = study.inputs[chosen]
    return [p for p in (path.with_suffix(f".{part}.csv") for part in ("groups", "retired", "insets")) if p.exists()]
