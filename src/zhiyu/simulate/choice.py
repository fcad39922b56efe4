"""What a study asks of `simulate`: the table `[simulate]` of the study file."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, Field, StringConstraints

from zhiyu.measure.recipe import Choice, Title
from zhiyu.simulate.calibrate import DISCOUNT, HUBER, ROUNDS
from zhiyu.simulate.hindcast import HORIZON
from zhiyu.terms import Label

EVERYWHERE = "all"
WIDEST = 5.0  # of a shock, in log points: a hundred and fifty times as much, or as little


def _listed(places: Any) -> Any:
    return [places] if isinstance(places, str) else places


Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Places = Annotated[tuple[Word, ...], Field(min_length=1), BeforeValidator(_listed)]
# strict: neither "0.5" nor true is a number
Level = Annotated[float, Field(strict=True, ge=0, le=1)]
Size = Annotated[float, Field(strict=True, ge=-WIDEST, le=WIDEST, allow_inf_nan=False)]


class Applied(Choice):
    """A measure at work: which (`id`), where, in which years, how strongly.

    where : codes or names of regions in either language, names of groups, or "all"; start : the first year, `from` in
    a file; until : the last, None = to the end; level : share of its full strength, 0 to 1

    Raises
    ------
    pydantic.ValidationError
        For a value that does not fit or a name that is none of these, as the other choices do; the same in a file is a
        `Refusal`. What a study lacks, such as a place or a year, is refused by `Study.deviated` and `Study.plan`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", serialize_by_alias=True, validate_by_name=True)

    id: Word
    where: Places = (EVERYWHERE,)
    start: Annotated[int, Field(alias="from")]
    until: int | None = None
    level: Level = 1.0


class Shock(Choice):
    """What happens to a state in one year: `size` in log points, from -5 to 5; -0.05 is about five per cent less."""

    state: Word
    where: Places = (EVERYWHERE,)
    year: int
    size: Size


class Scenario(Choice):
    """Measures and shocks under one name, held against the baseline, which has none.

    Raises
    ------
    pydantic.ValidationError
        For a value that does not fit or a field that is none, see `Applied`.
    """

    name: Word
    title: Title | None = None
    measures: tuple[Applied, ...] = ()
    shocks: tuple[Shock, ...] = ()

    @property
    def label(self) -> Label:
        """Its title, or its name where it has none."""
        return Label(self.name, self.name) if self.title is None else self.title.label


class CalibrateChoice(Choice):
    """How the core is calibrated.

    until : last year that is looked at and from which scenarios start, None = the last there is; discount : what a year
    weighs against the year after it; rounds, huber : of the reweighting against outliers
    """

    until: int | None = None
    discount: Annotated[float, Field(gt=0, le=1)] = DISCOUNT
    rounds: Annotated[int, Field(ge=1)] = ROUNDS
    huber: Annotated[float, Field(gt=0)] = HUBER


class HindcastChoice(Choice):
    """How the model's skill is found.

    horizon : years ahead; chosen_until : last target year on which choices were made, None = 2019 where targets lie on
    both sides of it, else the first two thirds of them; draws : behind each band;
    knock_outs : also without each logic's couplings
    """

    horizon: Annotated[int, Field(ge=1, le=10)] = HORIZON
    chosen_until: int | None = None
    draws: Annotated[int, Field(ge=20)] = 1000
    knock_outs: bool = True


class SimulateChoice(Choice):
    """How the model is calibrated, tried on the past, and what is tried on it.

    states : file that says which formula over the panel is which state; heads : formula of the inhabitants by whom
    talent is counted, "" = every region counts the same; horizon : last year simulated; draws : members under each
    scenario; level : of all bands; scenario : what is held against the baseline
    """

    states: str
    heads: str = ""
    horizon: int = 2035
    draws: Annotated[int, Field(ge=20)] = 1000
    level: Annotated[float, Field(gt=0, lt=1)] = 0.9
    calibrate: CalibrateChoice = CalibrateChoice()
    hindcast: HindcastChoice = HindcastChoice()
    scenario: tuple[Scenario, ...] = ()
