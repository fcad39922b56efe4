"""Study: a folder with a study file and its data; runs the stages in order, keeps results, writes the manifest."""

from __future__ import annotations

import json
import platform
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar, cast

import xarray as xr

import zhiyu
from zhiyu import framework as frameworks
from zhiyu import measure as measuring
from zhiyu import modelling, planning, plugins, reading, spec, store
from zhiyu.data import neighbours, regions
from zhiyu.data.events import Events, read_events
from zhiyu.data.neighbours import Islands, Neighbours
from zhiyu.data.panel import Panel
from zhiyu.data.regions import Regions
from zhiyu.design import claim
from zhiyu.design.choice import DesignChoice
from zhiyu.design.plan import Plan as Design
from zhiyu.explain.claims.question import Implied
from zhiyu.explain.evidence import Answer, Asked, Evidence, answer, collected
from zhiyu.explain.weights import weights
from zhiyu.folder import BUNDLED as BUNDLED
from zhiyu.folder import folder_of, inside
from zhiyu.framework import Framework
from zhiyu.framework.framework import Rows
from zhiyu.framework.rows import Measure
from zhiyu.measure import Index
from zhiyu.measure.drop_one import drop_one
from zhiyu.measure.recipe import Recipe
from zhiyu.measure.robustness import Robustness, replay
from zhiyu.measure.sobol import Sensitivity, sensitivity
from zhiyu.simulate.carried import Carried
from zhiyu.simulate.choice import Scenario, SimulateChoice
from zhiyu.simulate.deviation import Deviation
from zhiyu.simulate.hindcast import Hindcast
from zhiyu.simulate.observe import Column, Observed, read_columns
from zhiyu.simulate.scenario import SCENARIO_KEY, Plan, check_names, refuse_unknown
from zhiyu.simulate.simulation import Simulation
from zhiyu.simulate.stability import Stability
from zhiyu.spec import FILE, Compute, Spec
from zhiyu.terms import Label, Locale, Place, Refusal

PACKAGES = ("numpy", "scipy", "xarray", "pandas", "pyarrow", "openpyxl", "pydantic", "pint", "matplotlib", "jinja2")
LATER = ("ensemble", "carried")  # stages that hang on the scenarios

T = TypeVar("T")


@dataclass(frozen=True)
class Done:
    """What the manifest says of a finished stage."""

    stage: str
    key: str
    seconds: float
    kept: bool


@dataclass
class Study:
    """The one object that changes: it remembers what it has run.

    folder : where study.toml and the data are; name : as the user calls it; out : where results go, None = nowhere
    choices : the study file, checked; listen : called with a stage's name when it begins, for progress
    compute : who computes, which moves no figure
    """

    folder: Path
    name: str
    choices: Spec
    out: Path | None = None
    listen: Callable[[str], None] = lambda stage: None
    compute: Compute = field(default_factory=Compute)
    plugin_hashes: Mapping[str, str] = field(default_factory=dict)
    done: dict[str, Done] = field(default_factory=dict)
    _results: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def open(
        cls,
        name_or_path: str | Path,
        out: str | Path | None = None,
        *,
        trust: bool = False,
        choices: Spec | None = None,
        listen: Callable[[str], None] = lambda stage: None,
        compute: Compute | None = None,
    ) -> Study:
        """Open a bundled study by name, or a folder (or its study.toml) by path.

        Parameters
        ----------
        out : folder for results and kept stages; None computes in memory and writes nothing
        trust : run the study's plugin files, and remember the consent
        choices : choices to use in place of the study file's, for replays and robustness
        compute : who computes, in place of whom the study file names
        """
        folder = folder_of(name_or_path)
        plugins.load_installed()
        chosen = choices or spec.read(folder / FILE)
        hashes = plugins.load([inside(folder, name, "plugins") for name in chosen.plugins], trust)
        target = None if out is None else Path(out)
        if target is not None:
            there = next((path for path in (target, *target.parents) if path.exists()), target)
            if there.exists() and not there.is_dir():
                raise Refusal("out_is_a_file", Place(file=str(there)))
            store.sweep(target)
        name = folder.name if folder.parent == BUNDLED else str(name_or_path)
        return cls(folder, name, chosen, target, listen, compute or chosen.compute, hashes)

    @property
    def title(self) -> Label:
        return self.choices.title.label

    @property
    def locale(self) -> Locale:
        return self.choices.locale

    @cached_property
    def inputs(self) -> dict[str, Path]:
        """Every file the study reads, by the name the study file gives it."""
        return reading.paths(self)

    @cached_property
    def input_hashes(self) -> dict[str, str]:
        found = {name: store.file_hash(path) for name, path in sorted(self.inputs.items())}
        beside = reading.beside(self)
        return found | {path.name: store.file_hash(path) for path in beside} | dict(self.plugin_hashes)

    def regions(self) -> Regions | None:
        """The region set; None where the data's own names are the regions."""
        chosen = self.choices.regions
        if chosen.file is not None:
            return regions.read(self.inputs[chosen.file])
        try:
            return None if chosen.set == "panel" else regions.load(chosen.set)
        except Refusal as refusal:
            raise refusal.at(Place(file=FILE, key="[regions] set")) from refusal

    def neighbours(self, islands: Islands = "keep") -> Neighbours | None:
        """Who borders whom among the panel's regions, where the study names a file: a list of edges.

        islands : "refuse" for questions that a region without neighbours cannot be asked
        """
        named = self.choices.data.neighbours
        if named is None:
            return None
        # a simulation looks at all years there are, and does not ask for those of [data] years
        regions = (self.panel() if self.choices.simulate is None else self.history()).regions
        try:
            edges = neighbours.from_edges(self.inputs[named], self.regions() or regions, islands="keep")
            return edges.select(regions, islands)
        except Refusal as refusal:
            raise refusal.at(replace(refusal.message.place, file=named)) from refusal

    def events(self) -> Events | None:
        """What happened where and when, where the study names a file of events."""
        named = self.choices.data.events
        return None if named is None else read_events(self.inputs[named], self.regions() or self.panel().regions)

    def framework(self) -> Framework:
        """The framework with the study's own rows."""
        chosen = self.choices.framework
        tree = self.inputs[chosen.tree] if chosen.tree else None
        override = self.inputs[chosen.override] if chosen.override else None
        return frameworks.load(chosen.base, override, tree)

    def panel(self) -> Panel:
        """The data as repaired by the study's rules, cut to its years."""
        data = self.choices.data
        return self.stage(
            "data",
            [store.canonical(data.model_dump(mode="json")), self.choices.regions.set],
            partial(reading.panel, self),
        )

    def history(self) -> Panel:
        """The data of all years there are, by the study's rules but for gaps, which stay open."""
        data = self.choices.data.model_dump(mode="json", exclude={"years", "gaps", "longest_gap"})
        return self.stage("history", [store.canonical(data), self.choices.regions.set], partial(reading.history, self))

    def measure(self) -> Index:
        """The index by the study's recipe."""
        recipe = self.choices.measure.recipe
        chosen = [store.canonical(recipe.model_dump(mode="json")), self.choices.framework.base]
        build = lambda: measuring.measure(self.panel(), self.framework(), recipe)  # noqa: E731
        index = self.stage("measure", [self.key("data"), *chosen], build)
        groups = self.choices.regions.groups
        try:
            if groups is not None:
                index.regions.grouping(groups)
        except Refusal as refusal:
            raise refusal.at(Place(file=FILE, key="[regions] groups")) from refusal
        return index

    def robustness(self) -> Robustness | None:
        """The recipe replayed over the study's alternatives; None where it asks for none."""
        chosen, seed = self.choices.measure.robustness, self.choices.seed
        build = lambda recipe: replay(self.panel(), self.framework(), recipe, chosen.factors, chosen.draws, seed)  # noqa: E731
        return self._tried("robustness", build)

    def sensitivity(self) -> Sensitivity | None:
        """Which choice answers for how much of the last year's ranks; None where no robustness is asked for."""
        chosen, seed = self.choices.measure.robustness, self.choices.seed
        build = lambda recipe: sensitivity(  # noqa: E731
            self.panel(), self.framework(), recipe, chosen.factors, chosen.samples, seed, level=chosen.level
        )
        return self._tried("sensitivity", build)

    def drop_one(self) -> xr.DataArray | None:
        """How ranks move when an indicator is left out; None where no robustness is asked for."""
        return self._tried("drop_one", lambda recipe: drop_one(self.panel(), self.framework(), recipe), varied=False)

    def _tried(self, name: str, build: Callable[[Recipe], T], varied: bool = True) -> T | None:
        """A stage that tries the recipe; None where the study asks for no draws or, if it varies choices, for none."""
        chosen = self.choices.measure.robustness
        if not chosen.draws or (varied and not chosen.factors):
            return None
        how = [store.canonical(chosen.model_dump(mode="json")), str(self.choices.seed)] if varied else []
        return self.stage(name, [self.key("measure"), *how], lambda: build(self.choices.measure.recipe))

    def explain(self) -> Evidence:
        """The questions of the study file put to its data, each a stage of its own.

        Runs no simulation: `study.explain().filled(study.implied())` is the ledger as the report has it.
        """
        choice, groups, seed = self.choices.explain, self.choices.regions.groups, self.choices.seed
        asked = Asked(
            self.measure(),
            self.panel(),
            self.framework(),
            weights(
                choice.space,
                self.panel(),
                self.neighbours(self.choices.data.islands),
                self.inputs.get(self.choices.data.flows or ""),
            ),
            groups,
            choice,
            seed,
            self.events(),
            self.inputs.get(choice.claims or ""),
            self.inputs.get(choice.multiverse or ""),
            self.compute.workers,
            self.compute.cluster,
        )
        how = store.canonical(choice.model_dump(mode="json", exclude={"questions"}))
        parts = [self.key("measure"), how, str(groups), str(seed)]

        def put(name: str) -> Answer:
            return self.stage(name, parts, partial(answer, name, replace(asked, pieces=self.pieces(name, parts))))

        return collected({name: put(name) for name in choice.questions})

    def columns(self) -> tuple[Column, ...]:
        """Which formula over the panel is which state of the model, by the file that the study names."""
        return read_columns(self.inputs[self.simulating.states])

    @cached_property
    def observed(self) -> Observed:
        """The model's states in all years there are, or up to the one that the study calibrates until."""
        return modelling.observed(self)

    def calibration(self) -> Stability:
        """The model's core, calibrated on all years and again without each."""
        return modelling.calibrated(self)

    def hindcast(self) -> Hindcast:
        """What the model would have forecast from every past year."""
        return modelling.hindcasted(self)

    @property
    def measures(self) -> Rows[Measure]:
        """What scenarios may do: the framework's measures, or the theory's where it states none."""
        return self.framework().measures or frameworks.load().measures

    def plan(self, scenarios: Sequence[Scenario] | None = None, file: str = FILE, key: str = SCENARIO_KEY) -> Plan:
        """The study's scenarios over its regions and the years to come; `file` and `key` : where others stand."""
        return modelling.planned(self, scenarios, file, key)

    def simulate(self) -> Simulation:
        """The study's scenarios against its baseline, with the model's skill, by the table `[simulate]`."""
        return modelling.simulated(self)

    def carried(self) -> Carried:
        """What carries the effects of the scenarios, and what the model implies of claims; runs all members again."""
        return modelling.carrying(self)

    def implied(self, design: bool | None = None) -> dict[str, Implied]:
        """What the model implies of claims that data cannot answer, by id; `Evidence.filled` puts it into the ledger.

        The simulation, and the plan where it is asked for, are run if they have not been; nothing without `[simulate]`.

        Parameters
        ----------
        design : also what a plan implies (C25), which takes minutes; None as `[report] design` says, False where unset
        """
        planned = self.choices.report.design if design is None else design
        simulated = {} if self.choices.simulate is None else self.carried().claims
        return {**simulated, **(claim.claims(self.design()) if planned else {})}

    def deviated(
        self, deviation: Deviation, file: str = "--deviation", stated: Mapping[str, Place] | None = None
    ) -> Study:
        """The same study with what deviates from its scenarios.

        Parameters
        ----------
        file : where the deviation stands, for what is refused; stated : where its "horizon" or "draws" do, if elsewhere

        Raises
        ------
        Refusal
            For what does not fit the study, and a scenario that is both left out and stated.
        """
        own = [scenario.name for scenario in self.simulating.scenario]
        refuse_unknown(deviation.without, own, Place(file=file, key="without"))
        deviation.refuse_contradiction(file)
        check_names(self.simulating.scenario)
        choices = self.choices.model_copy(update={"simulate": deviation.applied(self.simulating)})
        done, results = ({k: x for k, x in kept.items() if k not in LATER} for kept in (self.done, self._results))
        study = replace(self, choices=choices, done=done, _results=results)
        places = {name: Place(file=file, key=name) for name in deviation.table if name in ("horizon", "draws")}
        modelling.planned(study, deviation.scenario, file, "scenario", {**places, **(stated or {})})
        return study

    def design(self) -> Design:
        """What to do, where and from when, within a budget, by the table `[design]`."""
        return planning.designed(self)

    @property
    def designing(self) -> DesignChoice:
        """The table `[design]`, or what holds where it is left out."""
        return self.choices.design or DesignChoice()

    @property
    def simulating(self) -> SimulateChoice:
        """The table `[simulate]`, which must be there."""
        if self.choices.simulate is None:
            raise Refusal("no_simulation", Place(file=FILE, key="[simulate]"))
        return self.choices.simulate

    def stage(self, name: str, parts: list[str], build: Callable[[], T]) -> T:
        """The result of a stage: from memory, from the cache if the same parts went in before, or built and kept."""
        if name in self._results:
            return cast(T, self._results[name])
        self.listen(name)
        key = self._key(name, parts)
        started = time.perf_counter()
        found = self.cache.get(name, key) if self.cache else None
        if found is not None:
            result, seconds = found
        else:
            result = build()
            seconds = time.perf_counter() - started
            if self.cache:
                self.cache.put(name, key, result, seconds)
                self.cache.forget_pieces(name)
        self.done[name] = Done(name, key, seconds, kept=found is not None)
        self._results[name] = result
        return cast(T, result)

    def pieces(self, name: str, parts: list[str]) -> store.Pieces | None:
        """Where pieces of a result made from these parts are kept; nowhere without a cache."""
        return None if self.cache is None else store.Pieces(self.cache, name, self._key(name, parts))

    def _key(self, name: str, parts: list[str]) -> str:
        """The content key of a stage that is made from these parts."""
        return store.digest(store.code_hash(), store.canonical(self.input_hashes), name, *parts)

    def key(self, stage: str) -> str:
        """The content key of a stage, which is run if it has not been."""
        if stage not in self.done:
            getattr(self, {"data": "panel"}.get(stage, stage))()
        return self.done[stage].key

    @property
    def seconds(self) -> float:
        """Seconds the stages took when they ran."""
        return sum(done.seconds for done in self.done.values())

    @property
    def cache(self) -> store.Cache | None:
        return None if self.out is None else store.Cache(self.out / ".cache")

    def write(self, stage: str, render: Callable[[], Mapping[str, bytes]], parts: list[str]) -> dict[str, str]:
        """Write a stage's files, or leave them if the same parts made those that stand there; relative path -> hash."""
        if self.out is None:
            raise Refusal("no_out")
        out = self.out

        def build() -> dict[str, str]:
            files = render()
            store.make_room([out / name for name in files])
            for name, content in files.items():
                store.write(out / name, content)
            return {name: store.content_hash(content) for name, content in files.items()}

        hashes = self.stage(stage, parts, build)
        if any(not (out / n).exists() or store.file_hash(out / n) != h for n, h in hashes.items()):
            hashes = build()
        return hashes

    def manifest(self, outputs: Mapping[str, str]) -> dict[str, Any]:
        """What would be needed to do it again, and what came out."""
        where = self.name if self.folder.parent == BUNDLED else str(self.folder.resolve())
        return {
            "zhiyu": zhiyu.__version__,
            "study": where,
            "title": self.choices.title.model_dump(),
            "seed": self.choices.seed,
            "arguments": self.choices.model_dump(mode="json") | {"compute": self.choices.compute.model_dump()},
            "compute": self.compute.model_dump(),
            "inputs": self.input_hashes,
            "outputs": dict(sorted(outputs.items())),
            "stages": {d.stage: {"key": d.key, "seconds": round(d.seconds, 3)} for d in self.done.values()},
            "seconds": round(self.seconds, 3),
            "code": store.code_hash(),
            "versions": {"python": platform.python_version(), **{name: version(name) for name in PACKAGES}},
        }

    def write_manifest(self, outputs: Mapping[str, str]) -> Path:
        """The manifest beside the results; written last, so that a manifest means a finished run."""
        assert self.out is not None
        path = self.out / "manifest.json"
        store.write(path, json.dumps(self.manifest(outputs), ensure_ascii=False, indent=2).encode())
        return path
