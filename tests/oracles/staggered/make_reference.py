"""Data in wide form and csdid's answers; run by hand, in an environment of its own:

uv venv /tmp/peer && uv pip install --python /tmp/peer/bin/python csdid==0.4.3 pandas
uv pip install --python /tmp/peer/bin/python --no-deps moderndid==0.2.0 causaldata==0.1.5  # for their data alone
/tmp/peer/bin/python tests/oracles/staggered/make_reference.py
"""

import gzip
import json
import pickle
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
from csdid.att_gt import ATTgt  # type: ignore[import-not-found]

HERE = Path(__file__).parent


def folder(package: str) -> Path:
    """Where a package lies, without importing it."""
    found = find_spec(package)
    assert found is not None
    assert found.submodule_search_locations is not None
    return Path(found.submodule_search_locations[0])


def wide(rows: pd.DataFrame, unit: str, value: str, first: pd.Series, name: str) -> None:
    """A row a unit: its first treated year, empty = never, and its values by year."""
    table = rows.pivot(index=unit, columns="year", values=value)
    table.insert(0, "first", first.reindex(table.index).map(lambda year: f"{year:.0f}" if np.isfinite(year) else ""))
    table.to_csv(HERE / name)


castle = pd.read_stata(folder("causaldata") / "castle" / "castle.dta").astype({"l_homicide": float})
# `post` is 1 from the first whole year on; bacondecomp's data count the year in which the law came into force
began = castle[castle["post"] > 0].groupby("sid")["year"].min() - 1.0
wide(castle, "sid", "l_homicide", began.reindex(castle["sid"].unique()), "castle.csv")

with gzip.open(folder("moderndid") / "core" / "datasets" / "mpdta_long.pkl.gz") as file:
    mpdta = pickle.load(file)  # a pandas frame of numbers
first = mpdta.groupby("countyreal")["first.treat"].first().replace(0, np.inf)
wide(mpdta, "countyreal", "lemp", first, "mpdta.csv")

told: dict[str, object] = {}
long = mpdta.rename(columns={"first.treat": "first"})
for controls in ("nevertreated", "notyettreated"):
    keys = {"yname": "lemp", "tname": "year", "idname": "countyreal", "gname": "first", "xformla": "lemp~1"}
    fit = ATTgt(control_group=[controls], data=long, **keys).fit(est_method="reg", bstrap=False)
    for kind in ("simple", "dynamic", "group"):
        found = fit.aggte(typec=kind, bstrap=False, cband=False).atte
        told[f"{controls}_{kind}"] = {"att": float(found["overall_att"]), "se": float(found["overall_se"])}
        if kind == "dynamic":
            path = {"event": found["egt"], "path": found["att_egt"], "path_se": found["se_egt"]}
            told[f"{controls}_{kind}"] |= {name: [float(x) for x in np.ravel(cells)] for name, cells in path.items()}
(HERE / "csdid.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
