"""The model of China, run by PySD 3.14 (MIT) from the exported Vensim file: every state, region and year to 2035.

PySD (Martin-Martinez, Samso, Houghton and Sole 2022, Journal of Open Source Software 7(78), 4329) reads the file with
its own parser and integrates with its own arrays; nothing of ours takes part.
"""

import pytest
from simulate.elsewhere import disagreement

from zhiyu import Study
from zhiyu.simulate import model, parameters
from zhiyu.simulate.base import base
from zhiyu.simulate.calibrate import calibrate
from zhiyu.simulate.choice import Scenario
from zhiyu.simulate.members import members
from zhiyu.simulate.simulation import heads

pytestmark = pytest.mark.slow
AGREED = 1e-8  # relative
MEMBERS = (0, 1, 2)
TRIED = {  # all five mechanisms, one of them in Beijing alone; two shocks
    "name": "tried",
    "measures": [{"id": one, "from": 2024, "where": "110000" if one == "2" else "all"} for one in "12345"],
    "shocks": [
        {"state": "output", "year": 2026, "size": -0.05},
        {"state": "data", "where": "110000", "year": 2027, "size": 0.1},
    ],
}


def prepared() -> model.Run:
    """Three members with their shocks, under the baseline and under measures with shocks of their own."""
    study = Study.open("china-provinces")
    observed = study.observed
    found = calibrate(observed, parameters.core())
    counted = heads(study.history(), study.simulating.heads, observed)
    planned = study.plan((Scenario.model_validate(TRIED),))
    drawn = members(found, parameters.satellite(), len(MEMBERS), 7)
    asked = planned.policy(study.framework().measures)
    return model.prepare(base(observed, found, counted), drawn, asked, len(planned.years), planned.shocks)


def test_pysd_agrees_on_china(tmp_path):
    run, years = prepared(), 2035 - 2022
    assert run.base.year == 2022
    for member in MEMBERS:
        for scenario in (0, 1):
            found = disagreement(run, years, tmp_path, member, scenario)
            assert len(found) == 16 + 15  # states of the core, and what the satellite keeps
            assert max(found.values()) < AGREED, (member, scenario, found)
