"""Data and answers of synthdid-py for California's tobacco tax; run by hand, in an environment of its own:

uv venv /tmp/peer && uv pip install --python /tmp/peer/bin/python synthdid-py==0.1.0
/tmp/peer/bin/python tests/oracles/california/make_reference.py
"""

import json
from pathlib import Path

import numpy as np
import synthdid  # type: ignore[import-not-found]

HERE = Path(__file__).parent

rows = synthdid.load_california_prop99()
rows.to_csv(
    HERE / "california_prop99.csv", sep=";", index=False, columns=["State", "Year", "PacksPerCapita", "treated"]
)
setup = synthdid.panel_matrices(rows)
found = synthdid.synthdid_estimate(setup.Y, setup.N0, setup.T0)
told = {
    "estimate": float(found),
    "unit_weights": found.weights.omega.tolist(),
    "time_weights": found.weights.lambda_.tolist(),
    "placebo": [],
}
for i in range(setup.N0):  # every untreated state once taken for treated
    order = [j for j in range(setup.N0) if j != i] + [i]
    told["placebo"].append(float(synthdid.synthdid_estimate(np.asarray(setup.Y)[order], setup.N0 - 1, setup.T0)))
(HERE / "reference.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
