"""Write esda.json with the answers of esda, an independent package, to the questions in tests/oracles/test_esda.py.

Run in an environment of its own, which the tests do not need:
    uv venv /tmp/peer && uv pip install --python /tmp/peer/bin/python esda==2.9.0 libpysal==4.14.1 numba==0.68.1
    /tmp/peer/bin/python tests/oracles/esda/make_esda.py
"""

import json
import warnings
from pathlib import Path

import esda
import libpysal
import numpy as np
from data import cases

PERMUTATIONS = 99_999


def answers(x, dense):
    w = libpysal.weights.util.full2W(dense)
    found = {}
    m = esda.Moran(x, w, transformation="O", permutations=0)
    found["moran"] = {"i": m.I, "expected": m.EI, "variance_normal": m.VI_norm, "variance_random": m.VI_rand}
    found["moran"] |= {"z_normal": m.z_norm, "z": m.z_rand, "p_normal": m.p_norm}
    c = esda.Geary(x, w, transformation="O", permutations=0)
    found["geary"] = {"c": c.C, "variance_normal": c.VC_norm, "z": c.z_norm}
    g = esda.G(x, w, permutations=0)  # esda gives G for binary weights only
    found["binary_g"] = {"g": g.G, "expected": g.EG, "variance_random": g.VG, "z": g.z_norm}
    rows = dense / dense.sum(axis=1, keepdims=True)
    w = libpysal.weights.util.full2W(rows)
    local = esda.Moran_Local(x, w, transformation="O", permutations=PERMUTATIONS, keep_simulations=False, seed=12345)
    found["local"] = {
        "i": local.Is,
        "expected": local.EIc,
        "variance": local.VIc,
        "quadrant": local.q,
        "p": local.p_sim,
    }
    for name, star in (("g", False), ("g_star", True)):
        one = esda.G_Local(x, libpysal.weights.util.full2W(dense), transform="B", star=star, permutations=0)
        found[name] = {"z": one.Zs, "share": one.Gs}
    np.random.seed(12345)  # noqa: NPY002 - what esda draws from
    m = esda.Moran(x, w, transformation="O", permutations=PERMUTATIONS)
    found["moran_p"] = {"p": m.p_sim}
    return {a: {b: np.asarray(v).tolist() for b, v in part.items()} for a, part in found.items()}


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    made = {"esda": esda.__version__, "libpysal": libpysal.__version__, "permutations": PERMUTATIONS}
    made["cases"] = {name: answers(*case) for name, case in cases().items()}
    (Path(__file__).parent / "esda.json").write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
