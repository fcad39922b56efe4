"""What a report is made from: a study's data, framework and index, and the readings every part of the report shares."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib.metadata import version

import numpy as np
import xarray as xr

import zhiyu
from zhiyu import spec
from zhiyu.data import formula
from zhiyu.data.panel import QUALITIES, Mark, Panel, Variable
from zhiyu.data.regions import Group, Regions
from zhiyu.design.plan import Plan
from zhiyu.explain.evidence import Evidence
from zhiyu.framework import Framework
from zhiyu.framework.rows import Stage
from zhiyu.framework.tree import Node
from zhiyu.measure import Index, compensability, obstacle
from zhiyu.measure.robustness import Robustness
from zhiyu.measure.sobol import Sensitivity
from zhiyu.planning import Beside, beside
from zhiyu.report import words
from zhiyu.simulate.carried import Carried
from zhiyu.simulate.simulation import Simulation
from zhiyu.spec import FILE, Spec
from zhiyu.study import BUNDLED, PACKAGES, Study
from zhiyu.terms import Label

LEADERS = 5  # of a set of at least three times as many


@dataclass(frozen=True)
class Material:
    """Everything a report reads, and nothing of the clock or the machine's folders.

    name : what `zhiyu run` calls the study.
    regions : the whole set, also those without data.
    text : the study file as it stands; replayed : the choices in use are not the file's.
    hashes, versions : of the inputs, and of what computed.
    """

    name: str
    choices: Spec
    panel: Panel
    index: Index
    framework: Framework
    regions: Regions
    text: str = ""
    replayed: bool = False
    robustness: Robustness | None = None
    sensitivity: Sensitivity | None = None
    dropped: xr.DataArray | None = None
    evidence: Evidence | None = None
    simulation: Simulation | None = None
    carried: Carried | None = None
    designed: Plan | None = None
    beside: Beside | None = None
    hashes: Mapping[str, str] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)

    @property
    def root(self) -> Node:
        return self.index.tree.root

    @property
    def top(self) -> tuple[Node, ...]:
        return self.index.tree.top

    @property
    def kind(self) -> Label:
        """What the root's children are called."""
        return words.label("report.word.attribute" if self.framework.attributes else "report.word.dimension")

    @property
    def leaves(self) -> tuple[Node, ...]:
        return self.index.tree.leaves

    @property
    def scale(self) -> float:
        return float(self.index.recipe.normalise.scale)

    @cached_property
    def digits(self) -> int:
        """Digits that show a score to a thousandth of its scale."""
        return int(max(0, 3 - np.ceil(np.log10(self.scale))))

    @cached_property
    def codes(self) -> tuple[str, ...]:
        return self.index.codes

    @cached_property
    def years(self) -> tuple[int, ...]:
        return self.index.years

    @cached_property
    def scores(self) -> np.ndarray:
        """(region, year, node)"""
        return np.asarray(self.index.scores.values)

    @cached_property
    def ranks(self) -> np.ndarray:
        """(region, year, node)"""
        return np.asarray(self.index.ranks.values)

    @cached_property
    def node(self) -> dict[str, int]:
        """Position of each node in `scores` and `ranks`."""
        return {str(name): k for k, name in enumerate(self.index.scores["node"].values)}

    @cached_property
    def stages(self) -> dict[str, np.ndarray]:
        """(region, year) levels of the root and each top node, 0 = none."""
        return {str(name): self.index.stage.sel(node=name).values for name in self.index.stage["node"].values}

    def score(self, node: Node) -> np.ndarray:
        """(region, year) scores of a node."""
        return np.asarray(self.scores[..., self.node[node.id]])

    def rank(self, node: Node) -> np.ndarray:
        return np.asarray(self.ranks[..., self.node[node.id]])

    @cached_property
    def judged(self) -> np.ndarray:
        """(region,) whether a region is ranked, which an aggregate such as the EU is not."""
        return np.array([not self.index.regions[code].aggregate for code in self.codes])

    @cached_property
    def span(self) -> tuple[int, int]:
        """Positions of the first and the last year in which the root is ranked; the last year twice if it never is."""
        seen = np.flatnonzero(np.isfinite(self.rank(self.root)).any(axis=0))
        return (int(seen[0]), int(seen[-1])) if len(seen) else (len(self.years) - 1, len(self.years) - 1)

    @property
    def first(self) -> int:
        return self.years[self.span[0]]

    @property
    def last(self) -> int:
        return self.years[self.span[1]]

    @property
    def several(self) -> bool:
        """Whether there are two years to compare."""
        return self.span[0] != self.span[1]

    @property
    def comparable(self) -> bool:
        """Whether scores of different years stand on one scale."""
        return self.index.comparable

    @cached_property
    def order(self) -> tuple[int, ...]:
        """Positions of regions by last year's rank, the unranked behind."""
        rank = self.rank(self.root)[:, self.span[1]]
        return tuple(int(i) for i in np.argsort(np.where(np.isfinite(rank), rank, np.inf), kind="stable"))

    @property
    def ranked(self) -> tuple[int, ...]:
        """Positions of the regions ranked in the last year, best first."""
        rank = self.rank(self.root)[:, self.span[1]]
        return tuple(i for i in self.order if np.isfinite(rank[i]))

    @property
    def leaders(self) -> int:
        """How many regions count as leaders."""
        return min(LEADERS, max(1, len(self.ranked) // 3))

    @cached_property
    def groups(self) -> dict[Group, tuple[int, ...]]:
        """Group -> positions of its ranked regions; empty where the study names no grouping."""
        chosen = self.choices.regions.groups
        if chosen is None:
            return {}
        place = {code: i for i, code in enumerate(self.codes) if self.judged[i]}
        members = self.index.regions.grouping(chosen)
        found = {group: tuple(place[code] for code in codes if code in place) for group, codes in members.items()}
        return {group: positions for group, positions in found.items() if positions}

    def group_of(self, i: int) -> Group | None:
        return next((group for group, positions in self.groups.items() if i in positions), None)

    def group_rank(self, i: int) -> int | None:
        """Rank of a region among its group in the last year."""
        group, rank = self.group_of(i), self.rank(self.root)[:, self.span[1]]
        if group is None or np.isnan(rank[i]):
            return None
        return 1 + sum(bool(rank[k] < rank[i]) for k in self.groups[group])

    @cached_property
    def obstacles(self) -> xr.DataArray | None:
        """(region, year, indicator) obstacle degrees; None where scores lie beyond 0 and the full score."""
        return obstacle.obstacles(self.index) if obstacle.has_obstacles(self.index) else None

    @cached_property
    def compensability(self) -> compensability.Compensability | None:
        """The root replayed from full compensation to none; None where there is none to see, or scores are negative."""
        sound = compensability.has_compensability(self.index)
        return compensability.compensability(self.index) if sound else None

    @cached_property
    def resting(self) -> np.ndarray:
        """(region, year) share of the root's weight that rests on observed leaves."""
        return np.asarray(self.index.coverage.sel(node=self.root.id).values)

    def full(self, i: int) -> bool:
        """Whether a region's scores of the first and the last year rest on all indicators."""
        return bool(self.resting[i, [*self.span]].min() > 1.0 - 1e-9)

    def name_of(self, i: int) -> Label:
        return self.index.regions.label(self.codes[i])

    def stage_of(self, node: Node, level: int) -> Stage | None:
        """The framework's stage of that level, where it has one."""
        name = f"{node.id}.{level}"
        return self.framework.stages[name] if name in self.framework.stages.ids else None

    @property
    def coverage(self) -> tuple[Label, ...]:
        """The note that stands under every table and map."""
        note = self.choices.data.coverage_note
        return () if note is None else (words.label("report.coverage_note", note=note.label),)

    @cached_property
    def used(self) -> dict[str, Variable]:
        """Variables that the index reads, in the panel's order."""
        read = {name for leaf in self.leaves for name in formula.names(leaf.formula)}
        return {name: meaning for name, meaning in self.panel.variables.items() if name in read}

    @cached_property
    def cells(self) -> dict[Mark, int]:
        """Cells of the variables in use by what they are."""
        marks = [self.panel.marks[name].values for name in self.used]
        return {mark: int(sum((seen == int(mark)).sum() for seen in marks)) for mark in Mark}

    def variables(self, leaf: Node) -> tuple[Variable, ...]:
        names = formula.names(leaf.formula)
        return tuple(meaning for name, meaning in self.panel.variables.items() if name in names)

    def quality(self, leaf: Node) -> str:
        """The worst grade among the variables of a leaf, empty if any has none."""
        grades = [meaning.quality for meaning in self.variables(leaf)]
        return max(grades, key=QUALITIES.index) if grades else ""

    def effective(self, node: Node) -> float:
        """Weight in the whole in the last year."""
        return float(self.index.effective.sel(node=node.id).values[self.span[1]])


def collect(study: Study) -> Material:
    """The material of a study, whose stages are run if they have not been."""
    path = study.folder / FILE
    content = path.read_text(encoding="utf-8-sig")
    index = study.measure()
    simulation = None if study.choices.simulate is None else study.simulate()
    designed = study.design() if study.choices.report.design else None
    return Material(
        name=named(study),
        choices=study.choices,
        panel=study.panel(),
        index=index,
        framework=study.framework(),
        regions=study.regions() or index.regions,
        text=content.replace("\r\n", "\n"),
        replayed=spec.read(path) != study.choices,
        robustness=study.robustness(),
        sensitivity=study.sensitivity(),
        dropped=study.drop_one(),
        evidence=study.explain().filled(study.implied()),
        simulation=simulation,
        carried=None if simulation is None else study.carried(),
        designed=designed,
        beside=None if designed is None else beside(study),
        hashes=dict(study.input_hashes),
        versions=versions(),
    )


def named(study: Study) -> str:
    """What `zhiyu run` calls a study, without the machine's folders."""
    return study.folder.name if study.folder.parent == BUNDLED else f"./{study.folder.resolve().name}"


def versions() -> dict[str, str]:
    """Of this package, Python and what computes and draws."""
    return {
        "zhiyu": zhiyu.__version__,
        "Python": platform.python_version(),
        **{name: version(name) for name in PACKAGES},
    }
