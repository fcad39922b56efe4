"""Makes panel.csv and expected.json. Run with pyfixest 0.60.0, wildboottest 0.3.2 and linearmodels 7.1 installed:

python make.py
"""

import json
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pyfixest as pf
from linearmodels.iv import IV2SLS
from linearmodels.panel import PanelOLS

HERE = Path(__file__).parent
N, T = 24, 9
REPS = 99_999
FORMULAS = {
    "two-way": "y ~ x1 + x2 | region + year",
    "region": "y ~ x1 + x2 | region",
    "year": "y ~ x1 + x2 | year",
    "none": "y ~ x1 + x2",
}


def drawn() -> pd.DataFrame:
    """A panel with errors that last within regions, and `kept` = 0 for the cells that the unbalanced one lacks."""
    rng = np.random.default_rng(20)
    fixed, years = rng.standard_normal((N, 1)), rng.standard_normal((1, T))
    z = rng.standard_normal((N, T)) + fixed
    common = rng.standard_normal((N, T))
    x1 = 0.8 * z + common + years
    x2 = rng.standard_normal((N, T)).cumsum(axis=1)
    e = rng.standard_normal((N, 1)) * np.linspace(-1, 1, T) + rng.standard_normal((N, T)) + 0.7 * common
    y = 20.0 + 0.1 * x1 - 0.12 * x2 + 2 * fixed + years + e
    kept = (rng.random((N, T)) > 0.25).astype(int)
    kept[3] = 0
    kept[3, 4] = 1  # a region seen once
    region, year = np.divmod(np.arange(N * T), T)
    cells = {"y": y, "x1": x1, "x2": x2, "z": z, "kept": kept}
    table = pd.DataFrame({"region": region, "year": 2011 + year} | {name: v.ravel() for name, v in cells.items()})
    return table.round(6)


def regression(data: pd.DataFrame, effects: str, vcov: object, **more: object) -> dict[str, object]:
    fit = pf.feols(FORMULAS[effects], data, vcov=vcov, **more)
    return {
        "beta": fit.coef()[["x1", "x2"]].tolist(),
        "std_errors": fit.se()[["x1", "x2"]].tolist(),
        "p": fit.pvalue()[["x1", "x2"]].tolist(),
        "conf": fit.confint().loc[["x1", "x2"]].to_numpy().tolist(),
        "observations": int(fit._N),
        "r2_within": None if effects == "none" else float(fit._r2_within),
    }


def wild(data: pd.DataFrame, effects: str, weights: str, reps: int = REPS) -> dict[str, object]:
    fit = pf.feols(FORMULAS[effects], data, vcov={"CRV1": "region"})
    found = fit.wildboottest(reps=reps, cluster="region", param="x2", weights_type=weights, bootstrap_type="11", seed=3)
    return {"t": float(found["t value"]), "p": float(found["Pr(>|t|)"]), "reps": reps}


def main() -> None:
    warnings.simplefilter("ignore")
    table = drawn()
    table.to_csv(HERE / "panel.csv", index=False)
    holed, few = table[table["kept"] == 1], table[table["region"] < 8]
    told: dict[str, object] = {"versions": {"pyfixest": pf.__version__}}
    for name, data in (("balanced", table), ("unbalanced", holed)):
        for effects in FORMULAS:
            told[f"{name} {effects} cluster"] = regression(data, effects, {"CRV1": "region"})
            told[f"{name} {effects} hc1"] = regression(data, effects, "HC1")
    lag = int(np.floor(4 * (T / 100) ** (2 / 9)))
    more = {"vcov_kwargs": {"time_id": "year", "panel_id": "region", "lag": lag}}
    told["balanced two-way driscoll-kraay"] = regression(table, "two-way", "DK", **more)
    indexed = table.set_index(["region", "year"])
    theirs = PanelOLS(indexed["y"], indexed[["x1", "x2"]], entity_effects=True, time_effects=True)
    told["linearmodels two-way driscoll-kraay"] = {
        "std_errors": theirs.fit(cov_type="kernel", kernel="bartlett", bandwidth=lag).std_errors.tolist()
    }
    for name, data in (("balanced", table), ("unbalanced", holed)):
        told[f"wild {name} rademacher"] = wild(data, "two-way", "rademacher")
        told[f"wild {name} webb"] = wild(data, "two-way", "webb")
    told["wild few"] = wild(few, "two-way", "rademacher", 9999)
    iv = pf.feols("y ~ x2 | region + year | x1 ~ z", table, vcov={"CRV1": "region"})
    told["iv"] = {"beta": iv.coef()[["x1", "x2"]].tolist(), "std_errors": iv.se()[["x1", "x2"]].tolist()}
    stage = pf.feols("x1 ~ z + x2 | region + year", table, vcov={"CRV1": "region"})
    told["iv"]["first_stage_f"] = float(stage.tstat()["z"] ** 2)
    dummies = pd.get_dummies(table[["region", "year"]].astype(str), drop_first=True).astype(float).assign(one=1.0)
    more_z = table.assign(z2=table["z"] * table["x2"])
    exogenous = pd.concat([table[["x2"]], dummies], axis=1)
    two = IV2SLS(table["y"], exogenous, table[["x1"]], more_z[["z", "z2"]]).fit(
        cov_type="clustered", clusters=table["region"]
    )
    told["linearmodels iv, two instruments"] = {
        "beta": two.params[["x1", "x2"]].tolist(),
        "std_errors": two.std_errors[["x1", "x2"]].tolist(),
    }
    (HERE / "expected.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


main()
