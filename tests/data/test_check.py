"""Every finding fires on the panel it is planted in, at its place, and none fires on a healthy one."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from support import MAINLAND, small_panel, tree

from zhiyu.data import panel as panels
from zhiyu.data.check import CHECKS, FEW, Finding, by_severity, check, told
from zhiyu.data.panel import Mark, Panel, Variable
from zhiyu.framework import Framework
from zhiyu.measure import Index, Recipe, audit, measure
from zhiyu.measure.audit import audit as audited
from zhiyu.terms import LOCALES, Label, Message, Place, catalogue

N, T = 12, 6
NAN = np.nan
UNITS = {"gdp": "100m yuan", "patents": "count", "online": "share", "growth": "%"}
MADE_UP = Label("编造", "made up")


@dataclass
class Plant:
    """A healthy panel to plant something in: four variables of 12 provinces over 6 years."""

    x: dict[str, np.ndarray] = field(default_factory=dict)
    years: list[int] = field(default_factory=lambda: list(range(2015, 2015 + T)))
    ignored: tuple[tuple[str, str], ...] = ()
    say: dict[str, dict[str, object]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        rng = np.random.default_rng(20251201)
        level = rng.permutation(N)[:, None] + 1.0
        drift = 1.0 + 0.1 * np.arange(T)[None, :] + 0.01 * rng.random((N, T))
        self.x["gdp"] = 1000.0 * level * drift
        self.x["patents"] = 30.0 * (rng.permutation(N)[:, None] + 1.0) * drift
        self.x["online"] = 0.3 + 0.03 * rng.permutation(N)[:, None] + 0.02 * drift
        self.x["growth"] = 2.0 + rng.permutation(N)[:, None] + drift

    @property
    def panel(self) -> Panel:
        meanings = {
            name: replace(Variable(name, Label(name, name), UNITS[name], MADE_UP, "A"), **self.say.get(name, {}))
            for name in self.x
        }
        return panels.build(self.x, MAINLAND.codes[:N], self.years, MAINLAND, meanings, self.ignored)


def province(i: int) -> Label:
    return MAINLAND.label(MAINLAND.codes[i])


def at(name: str | None = None, i: int | None = None, year: int | None = None) -> Place:
    return Place(column=name, region=None if i is None else province(i), year=year)


def nothing_observed(p: Plant) -> None:
    p.x["growth"][:] = NAN


def share_above_one(p: Plant) -> None:
    p.x["online"][1, 2], p.x["online"][4, 5] = 1.2, -0.1


def count_below_zero(p: Plant) -> None:
    p.x["patents"][0, 3] = -3.0
    p.x["gdp"][0, 3] = -3.0  # money may be below zero


def row_copied(p: Plant) -> None:
    for array in p.x.values():
        array[4] = array[2]


def row_empty(p: Plant) -> None:
    for array in p.x.values():
        array[3] = NAN


def year_left_out(p: Plant) -> None:
    p.years = [2015, 2016, 2018, 2019, 2020, 2022]


def constant(p: Plant) -> None:
    p.x["patents"][:] = 7.0


def column_copied(p: Plant) -> None:
    p.x["growth"] = p.x["gdp"].copy()


def unit_slipped(p: Plant) -> None:
    p.x["gdp"][2, 3] *= 10_000.0
    p.x["patents"][5, 1] /= 100.0


def spike_planted(p: Plant) -> None:
    p.x["gdp"][2, 3] *= 3.0
    p.x["patents"][6, 4] /= 3.0


def price_base_changed(p: Plant) -> None:
    p.x["gdp"][:, 3:] *= 3.0


def value_repeated(p: Plant) -> None:
    p.x["gdp"][1, 2:5] = 4321.0


def fraction_called_per_cent(p: Plant) -> None:
    p.x["growth"] /= 100.0


def year_upside_down(p: Plant) -> None:
    p.x["gdp"][:, 3] = p.x["gdp"].max() + 1.0 - p.x["gdp"][:, 3]


def coupling_without_its_factor(p: Plant) -> None:
    a, b = np.linspace(0.2, 0.9, N * T).reshape(N, T), np.linspace(0.5, 0.6, N * T).reshape(N, T)
    p.x["online"] = np.sqrt(a * b) / (a + b)
    p.say["online"] = {"label": Label("耦合度", "degree"), "unit": "1"}


def coupling_near_one(p: Plant) -> None:
    a, b = np.linspace(0.4, 0.9, N * T).reshape(N, T), np.linspace(0.5, 0.6, N * T).reshape(N, T)
    p.x["online"] = 2.0 * np.sqrt(a * b) / (a + b)
    p.say["online"] = {"label": Label("度", "Coupling degree C"), "unit": "1"}


def ends_missing(p: Plant) -> None:
    p.x["gdp"][0, 0] = p.x["gdp"][7, -1] = NAN
    p.x["patents"][3, 2] = NAN  # inside


def begins_late(p: Plant) -> None:
    p.x["online"][:, :2] = NAN


def text_left_out(p: Plant) -> None:
    p.ignored = (("p.csv", "备注"), ("p.csv", "#40"))


def few_left(p: Plant) -> None:
    p.x = {name: array[:, :2] for name, array in p.x.items()}
    p.years = p.years[:2]


def says(name: str, **meaning: object) -> Callable[[Plant], None]:
    def plant(p: Plant) -> None:
        p.say[name] = meaning

    return plant


PLANTED: dict[str, tuple[Callable[[Plant], None], list[Place]]] = {
    "variable_empty": (nothing_observed, [at("growth")]),
    "share_outside": (share_above_one, [at("online", 1, 2017), at("online", 4, 2020)]),
    "negative_count": (count_below_zero, [at("patents", 0, 2018)]),
    "regions_identical": (row_copied, [at(None, 4)]),
    "regions_absent": (row_empty, [at(None, 3)]),
    "years_missing": (year_left_out, [at(None, None, 2017), at(None, None, 2021)]),
    "variable_constant": (constant, [at("patents")]),
    "variables_identical": (column_copied, [at("growth")]),
    "unit_slip": (unit_slipped, [at("gdp", 2, 2018), at("patents", 5, 2016)]),
    "spike": (spike_planted, [at("gdp", 2, 2018), at("patents", 6, 2019)]),
    "level_break": (price_base_changed, [at("gdp", None, 2018)]),
    "carried_forward": (value_repeated, [at("gdp", 1, 2019)]),
    "percent_or_share": (fraction_called_per_cent, [at("growth")]),
    "order_of_rank": (year_upside_down, [at("gdp", None, 2018), at("gdp", None, 2019)]),
    "coupling_wrong": (coupling_without_its_factor, [at("online")]),
    "coupling_crowded": (coupling_near_one, [at("online")]),
    "gaps_at_ends": (ends_missing, [at("gdp")]),
    "variable_short": (begins_late, [at("online")]),
    "unit_unknown": (says("gdp", unit=""), [at("gdp")]),
    "source_unknown": (says("patents", source=Label("", "")), [at("patents")]),
    "quality_low": (says("growth", quality="C"), [at("growth")]),
    "column_ignored": (text_left_out, [Place(file="p.csv", column="备注"), Place(file="p.csv", row=40)]),
    "few_observations": (few_left, [Place()]),
}


def found(name: str, panel: Panel) -> list[Message]:
    return list(CHECKS[name][1](panel))


def assert_speaks(message: Message) -> None:
    """In both languages, with every placeholder filled and a remedy."""
    for locale in LOCALES:
        what, remedy = message.what(locale), message.remedy(locale)
        assert what
        assert remedy
        assert not re.search(r"\{\w*\}", what + remedy)


@pytest.mark.parametrize("name", PLANTED)
def test_a_check_finds_what_is_planted_where_it_is_planted(name):
    plant, places = PLANTED[name]
    p = Plant()
    plant(p)
    messages = found(name, p.panel)
    assert [message.place for message in messages] == places
    for message in messages:
        assert_speaks(message)
    assert {f.check for f in check(p.panel)} >= {name}


@pytest.mark.parametrize("name", CHECKS)
def test_a_healthy_panel_gives_no_finding(name):
    assert found(name, Plant().panel) == []


def test_every_check_is_planted_once():
    assert set(PLANTED) | {"gaps_filled"} == set(CHECKS)


def test_repaired_cells_are_counted_with_their_rule():
    panel = Plant().panel
    values = panel.values("gdp")
    values[3, 2] = 5.0
    values[4, 2] = 6.0
    changed = panel.with_values("gdp", values, Mark.INTERPOLATED, "linear-inside")
    (message,) = found("gaps_filled", changed)
    assert message.place == at("gdp")
    assert message.values == {"number": 2, "rule": "linear-inside"}


def test_a_finding_says_the_value_and_its_neighbours():
    p = Plant()
    p.x["gdp"][2] = [100.0, 101.0, 102.0, 300.0, 104.0, 105.0]
    (message,) = found("spike", p.panel)
    said = message.text("en")
    assert said.startswith(
        f"column gdp, {province(2).en}, 2018: The value 300 stands out from the years around it (102, 104)."
    )


def test_an_income_a_head_below_zero_is_no_negative_count():
    panel = small_panel({"balance": np.full((2, 2), -1.0)}, units={"balance": "yuan/person"})
    assert found("negative_count", panel) == []
    panel = small_panel({"patents": np.full((1, 1), -1.0)}, units={"patents": "count/(10k person)"})
    assert len(found("negative_count", panel)) == 1


def test_a_coordination_degree_is_no_coupling_degree():
    low = np.full((4, 4), 0.45)
    panel = small_panel({"耦合协调度": low, "coupling_coordination_degree": low, "coupling_degree": low + 0.1})
    assert found("coupling_wrong", panel) == []
    (message,) = found("coupling_wrong", small_panel({"耦合度": low * 0.7}))
    assert message.values == {"cap": "0.333", "number": 3}


def test_errors_come_first_and_the_order_of_checks_holds_within():
    p = Plant()
    constant(p)
    share_above_one(p)
    p.ignored = (("p.csv", "备注"),)
    severities = [f.severity for f in check(p.panel)]
    assert severities == sorted(severities, key=("error", "warning", "note").index)
    assert set(severities) == {"error", "warning", "note"}
    assert by_severity(check(p.panel)) == check(p.panel)


# What is found about an index.

A = np.array([[1.0, 2, 4], [3, 2, 6], [5, 7, 6], [2, 4, 9]])
B = np.array([[2.0, 1, 3], [4, 4, 4], [4, 8, 9], [1, 3, 6]])
C = np.array([[1.0, 3, 2], [2, 3, 7], [6, 5, 7], [3, 3, 5]])
SOUND = ("r - -", "top r -", "a top a low=0 high=10", "b top b low=0 high=10", "c top c low=0 high=10")
EQUAL = {"method": "equal"}


def index(framework: Framework, recipe: Recipe | None = None, **arrays: np.ndarray) -> Index:
    return measure(small_panel({"a": A, "b": B, "c": C} | arrays), framework, recipe or Recipe(weight=EQUAL))


def with_hole(x: np.ndarray, cells: int) -> np.ndarray:
    out = x.copy()
    out.flat[:cells] = NAN
    return out


APART = 2.0 * (np.indices(A.shape).sum(axis=0) % 2) - (A - 1.0) / 8.0 - (B - 1.0) / 8.0  # goes with the mean at r = .01
GOALPOSTS = Recipe(weight=EQUAL, normalise={"method": "goalposts"})
AUDITED: dict[str, tuple[Index, list[str]]] = {
    "indicator_dominant": (index(tree(*SOUND[:4])), ["a", "b"]),
    "indicators_redundant": (index(tree(*SOUND, "d top d"), d=2.0 * A + 1.0), ["a"]),
    "direction_doubtful": (index(tree(*SOUND[:4], "c top c direction=-1")), ["c"]),
    "indicator_unrelated": (index(tree(*SOUND, "d top d"), d=APART), ["d"]),
    "beyond_goalposts": (index(tree(*SOUND[:4], "c top c low=0 high=6"), GOALPOSTS), ["c"]),
    "indicator_without_variable": (index(tree(*SOUND, "e top elsewhere")), ["e"]),
    "indicator_left_out": (index(tree(*SOUND, "d top d"), d=with_hole(A, 4)), ["d"]),
    "weights_from_part": (index(tree(*SOUND, "d top d"), d=with_hole(2.0 * A - B, 1)), ["top"]),
}


def audits(name: str, measured: Index) -> list[Message]:
    return [f.message for f in audited(measured) if f.message.key == f"check.{name}"]


@pytest.mark.parametrize("name", AUDITED)
def test_an_audit_finds_what_is_planted(name):
    measured, keys = AUDITED[name]
    messages = audits(name, measured)
    assert [message.place.key for message in messages] == keys
    for message in messages:
        assert_speaks(message)


def test_a_sound_index_gives_no_finding():
    assert audited(index(tree(*SOUND))) == []
    assert audited(index(tree(*SOUND), GOALPOSTS)) == []


def test_an_audit_says_its_numbers():
    (capped,) = audits("beyond_goalposts", AUDITED["beyond_goalposts"][0])
    assert capped.values["number"] == int((C > 6).sum()) == 2
    (left_out,) = audits("indicator_left_out", AUDITED["indicator_left_out"][0])
    assert (left_out.values["share"], left_out.values["need"]) == ("67%", "90%")
    (part,) = audits("weights_from_part", AUDITED["weights_from_part"][0])
    assert (part.values["used"], part.values["total"]) == (11, 12)
    one, _ = audits("indicator_dominant", AUDITED["indicator_dominant"][0])
    assert one.values["share"] == "50%"


def test_every_finding_has_its_sentences_in_both_languages():
    spoken = {node.args[0].value for node in ast.walk(ast.parse(inspect.getsource(audit))) if _is_message(node)}
    assert spoken == {f"check.{name}" for name in AUDITED}
    for key in spoken | {f"check.{name}" for name in CHECKS}:
        for part in ("what", "remedy"):
            label = catalogue()[f"{key}.{part}"]
            assert label.zh
            assert label.en


def _is_message(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Message"


def test_many_findings_of_a_kind_are_told_once_with_their_number():
    some = [Finding("spike", "warning", Message("check.unit_unknown", Place(column=f"v{k}"))) for k in range(9)]
    lines = told([*some, Finding("quality_low", "note", Message("check.quality_low", Place(column="x")))], "en")
    assert len(lines) == 2
    assert "8 more of this kind, such as: column v1; column v2; column v3." in lines[0]
    assert len(told(some, "zh", every=True)) == 9
    assert len(told(some[:FEW], "en")) == FEW
