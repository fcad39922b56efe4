"""The study file: its keys, checked, with the place and remedy of what does not fit."""

from __future__ import annotations

import re
import tomllib
import typing
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, overload

from pydantic import BaseModel, Field, ValidationError

from zhiyu.design.choice import DesignChoice
from zhiyu.explain.choice import ExplainChoice
from zhiyu.measure.recipe import Choice, Recipe, Title
from zhiyu.simulate import deviation
from zhiyu.simulate.choice import SimulateChoice
from zhiyu.simulate.deviation import Deviation
from zhiyu.terms import Label, Place, Refusal, suggestion, text

FILE = "study.toml"

C = TypeVar("C", bound=Choice)


class RegionChoice(Choice):
    """Which regions: a shipped set, a file of the study, or the names found in the data ("panel")."""

    set: str = "panel"
    file: str | None = None
    groups: str | None = None


class Deflate(Choice):
    """Current to constant prices: index is a variable in % of the previous year, unit what the values then are."""

    index: str
    base: int
    unit: str


class DataChoice(Choice):
    """Which files, years and repairs."""

    panel: Annotated[tuple[str, ...], Field(min_length=1)]
    dictionary: str | None = None
    region_column: str | None = None
    year_column: str | None = None
    missing: tuple[str, ...] = ()
    years: tuple[int, int] | None = None
    gaps: str = "linear-inside"
    longest_gap: Annotated[int, Field(ge=1)] | None = None
    absent_until: dict[str, int] = Field(default_factory=dict)
    deflate: dict[str, Deflate] = Field(default_factory=dict)
    splice: dict[str, dict[int, float]] = Field(default_factory=dict)
    neighbours: str | None = None
    islands: Literal["refuse", "keep"] = "refuse"
    flows: str | None = None
    events: str | None = None
    coverage_note: Title | None = None


class FrameworkChoice(Choice):
    """The paper's framework, changed by rows of one's own (`override`), or a whole tree of one's own (`tree`)."""

    base: Literal["paper", "none"] = "paper"
    tree: str | None = None
    override: str | None = None


class RobustnessChoice(Choice):
    """How the index is put to the test: draws 0 leaves it out.

    vary : path of a recipe's choice -> its alternatives; weights : how far each leaf's weight may vary (0.25 = by a
    quarter); samples : rows of the design behind the shares of variance; level : of all intervals.
    """

    draws: Annotated[int, Field(ge=0)] = 0
    vary: dict[str, tuple[Any, ...]] = Field(default_factory=dict)
    weights: Annotated[float, Field(gt=0, lt=1)] | None = None
    samples: Annotated[int, Field(ge=2)] = 256
    level: Annotated[float, Field(gt=0, lt=1)] = 0.9

    @property
    def factors(self) -> dict[str, Any]:
        """What varies, as `zhiyu.measure.robustness` takes it."""
        alternatives = {path: list(found) for path, found in self.vary.items()}
        return alternatives if self.weights is None else {**alternatives, "weights": self.weights}


class MeasureChoice(Recipe):
    """The recipe, and how it is put to the test."""

    robustness: RobustnessChoice = RobustnessChoice()

    @property
    def recipe(self) -> Recipe:
        """The recipe alone."""
        return Recipe(**{name: getattr(self, name) for name in Recipe.model_fields})


class Compute(Choice):
    """Who computes; no figure depends on it.

    cluster : address of a Dask scheduler, "tcp://host:port", "" = none; workers : else processes of this machine
    """

    cluster: str = ""
    workers: Annotated[int, Field(ge=1)] = 1


class ReportChoice(Choice):
    """jump : moves of more places are explained; design : also what to do, which takes minutes to find."""

    formats: tuple[Literal["html"], ...] = ("html",)
    languages: tuple[Literal["zh", "en"], ...] = ("zh", "en")
    jump: Annotated[int, Field(ge=1)] = 8
    design: bool = False


class Spec(Choice):
    """A whole study file. Who computes is left out of its dump, which says what the results hang on."""

    title: Title
    locale: Literal["zh", "en"] = "en"
    seed: Annotated[int, Field(ge=0)] = 0
    regions: RegionChoice = RegionChoice()
    data: DataChoice
    framework: FrameworkChoice = FrameworkChoice()
    measure: MeasureChoice = MeasureChoice()
    explain: ExplainChoice = ExplainChoice()
    simulate: SimulateChoice | None = None
    design: DesignChoice | None = None
    report: ReportChoice = ReportChoice()
    compute: Annotated[Compute, Field(exclude=True)] = Compute()
    plugins: tuple[str, ...] = ()


def read(path: Path) -> Spec:
    """The study file as a `Spec`; the first thing that does not fit is refused with its key."""
    return check(_table(path), path.name)


def read_deviation(word: str) -> tuple[Deviation, str]:
    """What deviates from a study, by a file or an address, which is told by its "="; and what to call its place."""
    if "=" in word:
        return check(deviation.from_query(word), "--deviation", Deviation), "--deviation"
    path = Path(word)
    try:
        table = _table(path)
    except OSError as trouble:
        raise Refusal("deviation_missing", Place(file=word)) from trouble
    found = check({key: value for key, value in table.items() if key != deviation.HASH}, path.name, Deviation)
    return deviation.checked(found, table, path.name), path.name


def _table(path: Path) -> dict[str, Any]:
    try:
        content = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as trouble:
        raise Refusal("not_utf8", Place(file=path.name)) from trouble
    try:
        return tomllib.loads(content)
    except tomllib.TOMLDecodeError as trouble:
        line = re.search(r"line (\d+)", str(trouble))
        place = Place(file=path.name, row=int(line[1]) if line else None)
        raise Refusal("toml_syntax", place, why=str(trouble)) from trouble


def spoken_in(folder: Path) -> Literal["zh", "en"] | None:
    """The language a study file states, also one that cannot be read otherwise: its errors are said in it."""
    file = folder / FILE
    content = file.read_bytes().decode("utf-8", errors="replace") if file.is_file() else ""
    found = re.search(r'^\s*locale\s*=\s*["\'](zh|en)["\']', content, flags=re.MULTILINE)
    return None if found is None else "zh" if found[1] == "zh" else "en"


@overload
def check(table: dict[str, Any], file: str) -> Spec: ...
@overload
def check(table: dict[str, Any], file: str, kind: type[C]) -> C: ...
def check(table: dict[str, Any], file: str, kind: type[Choice] = Spec) -> Choice:
    """A parsed file as the choices it states: of a study, or of the kind asked for."""
    try:
        return kind.model_validate(table)
    except ValidationError as trouble:
        # a misspelt key also shows as a missing one: name the misspelling first, it is the cause
        errors = sorted(trouble.errors(), key=lambda error: error["type"] != "extra_forbidden")
        raise _refusal(dict(errors[0]), kind, file) from trouble


def _refusal(error: dict[str, Any], kind: type[Choice], file: str) -> Refusal:
    path = tuple(part for part in error["loc"] if not re.match(r"str$|dict\[|literal\[", str(part)))
    key = str(path[-1]) if path else ""
    place = Place(file=file, key=_toml_path(path))
    if error["type"] == "extra_forbidden":
        known = _fields(kind, path[:-1])
        return Refusal("unknown_key", place, name=key, known=", ".join(known), hint=suggestion(key, known))
    if error["type"] == "missing":
        return Refusal("missing_key", place, name=key)
    cause = str(error.get("ctx", {}).get("error", ""))
    if error["type"] == "value_error" and cause in ("base_with_scope", "levels_not_increasing"):
        return Refusal(cause, place)
    return Refusal("bad_value", place, value=_shown(error["input"]), expected=_expected(error))


def _expected(error: dict[str, Any]) -> Label:
    """What a key takes, in both languages, from the kind of error."""
    context = error.get("ctx", {})
    if error["type"] == "literal_error":
        allowed = str(context["expected"]).replace(" or ", ", ")
        return Label(text("expected.one_of", "zh", allowed=allowed), text("expected.one_of", "en", allowed=allowed))
    bounds = {name: context[name] for name in ("gt", "ge", "lt", "le", "min_length") if name in context}
    if bounds and not error["type"].startswith("string"):
        name, limit = next(iter(bounds.items()))
        return Label(text(f"expected.{name}", "zh", limit=limit), text(f"expected.{name}", "en", limit=limit))
    kind = error["type"].split("_")[0]
    kind = {"float": "number", "int": "whole", "tuple": "list", "too": "list", "dict": "table", "model": "table"}.get(
        kind, "number" if kind == "finite" else kind
    )
    kind = kind if kind in ("number", "whole", "list", "table", "string", "bool") else "other"
    return Label(text(f"expected.{kind}", "zh"), text(f"expected.{kind}", "en"))


def _shown(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)[:80]


def _toml_path(path: tuple[Any, ...]) -> str:
    """("measure", "weight", "method") as a reader of the file finds it: `[measure.weight] method`."""
    words = [str(part) if isinstance(part, str) else f"#{part + 1}" for part in path]
    return words[0] if len(words) == 1 else f"[{'.'.join(words[:-1])}] {words[-1]}" if words else ""


def _fields(model: type[BaseModel], path: tuple[Any, ...]) -> list[str]:
    """Keys that the table at `path` takes."""
    for part in path:
        field = model.model_fields.get(str(part))
        inner = _models(field.annotation) if field is not None else []
        if inner:
            model = inner[0]
    return [field.alias or name for name, field in model.model_fields.items()]


def _models(annotation: Any) -> list[type[BaseModel]]:
    arguments = typing.get_args(annotation)
    if not arguments:
        return [annotation] if isinstance(annotation, type) and issubclass(annotation, BaseModel) else []
    return [model for argument in arguments for model in _models(argument)]
