"""What the questions "mechanism" and "threshold" of a study file ask for."""

from __future__ import annotations

import pytest

from zhiyu import Study
from zhiyu.explain.choice import ExplainChoice, MechanismChoice
from zhiyu.explain.evidence import Answer, Asked, answer
from zhiyu.explain.of.mechanism import MECHANISMS
from zhiyu.explain.of.threshold import ThresholdPanel

ONE = MechanismChoice(name="data", driver="ai_native", through="data_factor", gate="governance_foresight")


def put(name: str, study: str = "china-provinces", *mechanisms: MechanismChoice) -> Answer:
    made = Study.open(study)
    choice = ExplainChoice(draws=99, mechanism=mechanisms)
    return answer(name, Asked(made.measure(), made.panel(), made.framework(), None, None, choice, 1))


def test_without_mechanisms_of_its_own_a_study_asks_about_those_of_the_paper():
    assert tuple(path.mechanism for path in put("mechanism").result.paths) == MECHANISMS
    found = put("threshold").result
    assert isinstance(found, ThresholdPanel)
    assert (found.regime, found.threshold) == ("lag(data_factor)", "lag(governance_foresight)")
    assert found.names == ("capital",)


def test_mechanisms_of_its_own_are_each_answered():
    ungated = ONE.model_copy(update={"gate": "", "outcome": "log(disposable_income_pc_yuan)"})
    first, second = put("mechanism", "china-provinces", ONE, ungated).result
    assert [path.mechanism for path in first.paths] == ["data_factor"]
    assert second.outcome == "log(disposable_income_pc_yuan)"
    (gated,) = put("threshold", "china-provinces", ONE, ungated).result
    assert (gated.regime, gated.threshold) == ("lag(ai_native)", "lag(governance_foresight)")


@pytest.mark.parametrize("name", ["mechanism", "threshold"])
def test_a_study_without_the_paper_s_nodes_is_silent(name):
    found = put(name, "europe-desi")
    assert found.result is None
    assert found.silent is not None
    assert found.silent.zh != found.silent.en


def test_a_gate_that_is_no_node_is_said():
    wrong = ONE.model_copy(update={"gate": "nowhere"})
    found = put("threshold", "china-provinces", wrong)
    assert "nowhere" in found.silent.en
