"""Writes giddy.json: what giddy 2.3.8 (BSD-3) says of the US incomes. Run by hand, in an environment that has giddy:

uv venv /tmp/giddy && uv pip install --python /tmp/giddy/bin/python giddy==2.3.8 && /tmp/giddy/bin/python make_giddy.py
"""

import csv
import json
from pathlib import Path

import giddy
import libpysal
import mapclassify
import numpy as np
from giddy.ergodic import mfpt, steady_state
from giddy.markov import Markov, Spatial_Markov, homogeneity, prais
from giddy.mobility import markov_mobility

HERE = Path(__file__).parent
with (HERE / "us_state_income_1929_2009.csv").open(encoding="utf-8-sig", newline="") as file:
    pci = np.array([[float(row[str(year)]) for year in range(1929, 2010)] for row in csv.DictReader(file)])
rpci = pci / pci.mean(axis=0)
w = libpysal.io.open(str(HERE / "us_states48.gal")).read()
w.transform = "r"


def plain(value):
    """Arrays as lists, infinity as a word."""
    if isinstance(value, np.ndarray | list | tuple):
        return [plain(part) for part in value]
    number = float(value)
    return "inf" if np.isinf(number) else number


def chain(classes):
    m = Markov(classes, summary=False)
    halves = [
        Markov(part, classes=np.arange(m.k), summary=False).transitions for part in (classes[:, :41], classes[:, 40:])
    ]
    ht = homogeneity(halves)
    return {
        "counts": plain(m.transitions),
        "probabilities": plain(m.p),
        "steady_state": plain(m.steady_state),
        "first_passage": plain(m.mfpt),
        "sojourn": plain(m.sojourn_time),
        "prais": plain(prais(m.p)),
        "shorrocks": float(markov_mobility(m.p, measure="P")),
        "halves": {"lr": float(ht.LR), "q": float(ht.Q), "dof": int(ht.dof)},
    }


def spatial(**how):
    sm = Spatial_Markov(rpci, w, **how)
    full = [bool((p.sum(axis=1) > 0).all()) for p in sm.P]
    return {
        "counts": plain(sm.T),
        "probabilities": plain(sm.P),
        "cuts": plain(np.asarray(sm.cutoffs)),
        "lag_cuts": plain(np.asarray(sm.lag_cutoffs)),
        "steady_states": [plain(steady_state(p)) if whole else None for p, whole in zip(sm.P, full, strict=True)],
        "first_passage": [plain(mfpt(p)) if whole else None for p, whole in zip(sm.P, full, strict=True)],
        "lr": float(sm.LR),
        "lr_p": float(sm.LR_p_value),
        "q": float(sm.Q),
        "q_p": float(sm.Q_p_value),
        "dof": int(sm.dof_hom),
    }


own = [0.8, 0.9, 1.0, 1.2]
quintiles = np.array([mapclassify.Quantiles(year, k=5).yb for year in pci.T]).T
found = {
    "giddy": giddy.__version__,
    "quintiles": plain(quintiles),
    "classic": chain(quintiles),
    "spatial_4": spatial(fixed=True, k=4, m=4),
    "spatial_5": spatial(fixed=True, k=5, m=5),
    "spatial_cuts": spatial(cutoffs=np.array(own), lag_cutoffs=np.array(own)),
}
found["quintiles"] = quintiles.astype(int).tolist()
(HERE / "giddy.json").write_text(json.dumps(found) + "\n", encoding="utf-8")
