"""A deviation says the same as a file and as the end of an address, whatever its words and numbers."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import refused

from zhiyu import spec
from zhiyu.simulate.choice import Applied, Scenario, Shock, SimulateChoice
from zhiyu.simulate.deviation import HASH, Deviation, checked, difference, from_query, only

WORDS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=8).map(str.strip).filter(bool)
PLACES = st.just(("all",)) | st.lists(WORDS, min_size=1, max_size=3).map(tuple)
YEARS = st.integers(1900, 2200)
MEASURES = st.builds(Applied, id=WORDS, where=PLACES, start=YEARS, until=st.none() | YEARS, level=st.floats(0, 1))
SHOCKS = st.builds(Shock, state=WORDS, where=PLACES, year=YEARS, size=st.floats(-5, 5))
TITLES = st.none() | st.fixed_dictionaries({"zh": st.text(st.characters(codec="utf-8"), max_size=5), "en": WORDS})
SCENARIOS = st.lists(
    st.builds(
        Scenario,
        name=WORDS,
        title=TITLES,
        measures=st.lists(MEASURES, max_size=2),
        shocks=st.lists(SHOCKS, max_size=2),
    ),
    max_size=3,
    unique_by=lambda scenario: scenario.name,
).map(tuple)
DEVIATIONS = st.builds(
    Deviation,
    horizon=st.none() | YEARS,
    draws=st.none() | st.integers(20, 10**6),
    scenario=SCENARIOS,
    without=st.lists(WORDS, max_size=2, unique=True).map(tuple),
)
STUDIES = st.builds(SimulateChoice, states=st.just("s.csv"), horizon=YEARS, scenario=SCENARIOS)


def read_file(content: str) -> Deviation:
    table = tomllib.loads(content)
    found = spec.check({key: value for key, value in table.items() if key != HASH}, "d.toml", Deviation)
    return checked(found, table, "d.toml")


@given(DEVIATIONS)
def test_a_file_says_what_was_written(deviation):
    assert read_file(deviation.toml()) == deviation


@given(DEVIATIONS)
def test_an_address_says_what_was_written(deviation):
    query = deviation.query()
    assert spec.check(from_query(query), "-", Deviation) == deviation
    assert spec.check(from_query(f"http://127.0.0.1:8000/view?{query}"), "-", Deviation) == deviation
    assert query.isascii()


@given(DEVIATIONS, st.text(st.characters(codec="utf-8"), max_size=8))
def test_what_stands_behind_a_hash_sign_is_no_part_of_it(deviation, fragment):
    address = f"http://[::1]:8000/a=b?{deviation.query()}#{fragment}"
    assert spec.check(from_query(address), "-", Deviation) == deviation


def test_a_name_may_hold_a_question_mark():
    assert from_query("http://localhost/?scenario=a?b")["scenario"] == [{"name": "a?b"}]
    assert from_query("?horizon=2040#top") == {"horizon": 2040}


@given(DEVIATIONS, DEVIATIONS)
def test_hash_and_text_are_of_what_it_says(one, other):
    again = Deviation.model_validate(one.model_dump())
    assert (again.hash, again.toml(), again.query()) == (one.hash, one.toml(), one.query())
    assert (one.hash == other.hash) == (one == other) == (one.query() == other.query())


@given(STUDIES, STUDIES)
def test_the_difference_makes_one_study_of_another(one, other):
    made = difference(one, other).applied(one)
    assert {scenario.name: scenario for scenario in made.scenario} == {s.name: s for s in other.scenario}
    assert made.horizon == other.horizon
    assert difference(one, one) == Deviation()
    assert Deviation().applied(one) == one


@given(STUDIES)
def test_only_leaves_the_scenarios_of_a_name(study):
    for scenario in study.scenario:
        assert only(study, [scenario.name]).applied(study).scenario == (scenario,)


def test_a_file_that_was_altered_is_refused_unless_it_has_no_hash():
    content = Deviation(horizon=2040).toml()
    with refused("deviation_hash") as caught:
        read_file(content.replace("2040", "2041"))
    assert caught.says("d.toml", HASH)
    assert read_file("horizon = 2041\n").horizon == 2041


def test_the_end_of_an_address_is_readable():
    measures = [Applied(id="2.1.1", start=2024, where=["East", "44"], level=0.5), Applied(id="2", start=2024)]
    found = Deviation(scenario=(Scenario(name="data first", measures=measures),))
    assert found.query() == (
        "scenario=data%20first&measure=data%20first:2.1.1:East,44:2024::0.5&measure=data%20first:2::2024::"
    )


@pytest.mark.parametrize(
    ("query", "key", "words"),
    [
        ("measure=a:2.1:all", "deviation_entry", ("measure", "scenario:id:where:from:until:level")),
        ("title=a:one", "deviation_entry", ("title", "scenario:zh:en")),
        ("speed=2", "deviation_word", ("speed", "horizon")),
        ("horizon=soon", "number_expected", ("horizon", "soon")),
        ("shock=a:output::2025:big", "number_expected", ("shock", "big")),
        ("horizon=2030&horizon=2031", "deviation_second", ("horizon",)),
        ("draws=30&draws=30", "deviation_second", ("draws",)),
        ("title=a:one:two&title=a:three:four", "deviation_second", ("title=a",)),
    ],
)
def test_an_address_that_does_not_fit_is_refused(query, key, words):
    with refused(key) as caught:
        from_query(query)
    assert caught.says(*words)
