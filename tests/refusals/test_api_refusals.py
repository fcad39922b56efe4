"""What no study file can provoke, the functions refuse in the same two sentences; and no refusal goes untried."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from refusals.call import Call
from refusals.claims_calls import CLAIM_CALLS
from refusals.core_calls import CORE_CALLS
from refusals.design_calls import DESIGN_CALLS
from refusals.ensemble_calls import ENSEMBLE_CALLS
from refusals.explain_calls import EXPLAIN_CALLS
from refusals.hindcast_calls import HINDCAST_CALLS
from refusals.measure_calls import MEASURE_CALLS
from refusals.model_calls import MODEL_CALLS
from refusals.portfolio_calls import PORTFOLIO_CALLS

import zhiyu
from zhiyu.terms import LOCALES, Refusal, catalogue

HERE = Path(__file__).parent
SOURCE = Path(zhiyu.__file__).parent
# refusals that nothing provokes, with the reason; none so far
UNPROVOKED = {"bod_unsolved": "a guard against the solver: zero weights are always feasible, and scores bounded"}

CALLS = [
    *MEASURE_CALLS,
    *EXPLAIN_CALLS,
    *MODEL_CALLS,
    *DESIGN_CALLS,
    *CORE_CALLS,
    *ENSEMBLE_CALLS,
    *HINDCAST_CALLS,
    *PORTFOLIO_CALLS,
    *(Call(*row) for row in CLAIM_CALLS),
]


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("case", CALLS, ids=lambda case: case.key)
def test_a_function_refuses_broken_arguments(case, locale, tmp_path):
    with pytest.raises(Refusal) as raised:
        case.call(tmp_path)
    assert raised.value.key == case.key, raised.value.text(locale)
    told = raised.value.text(locale)
    what, remedy = told.rsplit("\n", 1)
    assert what.strip()
    assert remedy.strip()
    for word in (case.en if locale == "en" else case.zh).split("|"):
        assert word in told, told
    assert not re.search(r"\{\w*\}", told), told
    assert not re.search(r"\b(None|nan|array\(|Label\()", told), told


def test_every_refusal_is_provoked():
    """By a broken study of refusals.csv, or by a call above; a new refusal comes with a broken input of its own."""
    with (HERE / "refusals.csv").open(encoding="utf-8", newline="") as file:
        tried = {row["key"] for row in csv.DictReader(file)} | {case.key for case in CALLS}
    raised = {
        key for path in SOURCE.rglob("*.py") for key in re.findall(r'\bRefusal\(\s*"(\w+)"', path.read_text("utf-8"))
    }
    # some are raised by a key handed on, which the catalogue knows and tests/test_terms.py finds in the code
    raised |= {key.split(".")[1] for key in catalogue() if key.startswith("refuse.")}
    assert len(raised) > 120
    assert sorted(raised - tried - set(UNPROVOKED)) == []
    assert sorted((tried | set(UNPROVOKED)) - raised) == []
    assert sorted(tried & set(UNPROVOKED)) == []
