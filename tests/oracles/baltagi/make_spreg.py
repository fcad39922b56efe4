"""Writes spreg.json: what spreg makes of the cigarette panel. Run in an environment of its own:

uv venv peer && uv pip install --python peer/bin/python spreg libpysal && peer/bin/python make_spreg.py
"""

import contextlib
import csv
import io
import json
from importlib.metadata import version
from pathlib import Path

import libpysal
import numpy as np
import spreg

HERE = Path(__file__).parent


def main() -> None:
    """Region effects, lag and error; and two-way Durbin by year dummies. spreg has no correction."""
    with (HERE / "cigar_46x30.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    with (HERE / "w46_contiguity.csv").open(encoding="utf-8", newline="") as file:
        table = list(csv.reader(file))
    matrix = np.array([[float(cell) for cell in row[1:]] for row in table[1:]])
    real = {name: np.array([float(r[name]) / float(r["cpi"]) for r in rows]) for name in ("price", "ndi")}
    y = np.log([float(r["sales"]) for r in rows]).reshape(46, 30)
    x = np.log(np.stack([real["price"], real["ndi"]], axis=-1)).reshape(46, 30, 2)
    w = libpysal.weights.W({i: np.flatnonzero(row).tolist() for i, row in enumerate(matrix)}, silence_warnings=True)
    w.transform = "r"
    standardised = matrix / matrix.sum(axis=1, keepdims=True)
    durbin = np.concatenate([x, np.einsum("ij,jtk->itk", standardised, x)], axis=-1)
    years = np.broadcast_to(np.eye(30)[:, 1:], (46, 30, 29))

    def long(values: np.ndarray) -> np.ndarray:
        return np.ascontiguousarray(values.reshape(46, 30, -1).swapaxes(0, 1)).reshape(46 * 30, -1)

    with contextlib.redirect_stdout(io.StringIO()):
        lag = spreg.Panel_FE_Lag(long(y), long(x), w, epsilon=1e-12)
        error = spreg.Panel_FE_Error(long(y), long(x), w, epsilon=1e-12)
        two = spreg.Panel_FE_Lag(long(y), long(np.concatenate([durbin, years], axis=-1)), w, epsilon=1e-12)

    def told(fit: object, k: int) -> dict[str, object]:
        betas, errors = fit.betas.ravel(), np.sqrt(np.diag(fit.vm))  # type: ignore[attr-defined]
        return {
            "coefficients": [*betas[:k].tolist(), float(betas[-1])],
            "std_errors": [*errors[:k].tolist(), float(errors[len(betas) - 1])],
            "sigma2": float(np.ravel(fit.sig2)[0]),  # type: ignore[attr-defined]
            "log_likelihood": float(np.ravel(fit.logll)[0]),  # type: ignore[attr-defined]
        }

    found = {"spreg": version("spreg"), "lag_region": told(lag, 2), "error_region": told(error, 2)}
    found["durbin_two_way"] = told(two, 4)
    (HERE / "spreg.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
