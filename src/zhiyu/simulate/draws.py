"""Joint draws of the core's posterior: parameters, intercepts and sizes of shocks; their hash and their bytes."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from zhiyu.store import digest
from zhiyu.terms import Refusal

KINDS = ("theta", "intercept", "national_sd", "province_sd")


@dataclass(frozen=True, eq=False)
class Draws:
    """n draws: theta[parameter] (n,); intercept[state] (n, region); national_sd[state], province_sd[state] (n,).

    A draw's shocks are Gaussian with its own standard deviations; over the draws they are Student's t, wide where
    few years were seen.
    """

    theta: dict[str, np.ndarray]
    intercept: dict[str, np.ndarray]
    national_sd: dict[str, np.ndarray]
    province_sd: dict[str, np.ndarray]
    codes: tuple[str, ...]

    @property
    def n(self) -> int:
        return len(next(iter(self.intercept.values())))

    @cached_property
    def hash(self) -> str:
        """SHA-256 of names and numbers, whatever file they stand in."""
        table = self._columns()
        return digest(json.dumps(self.codes), *[part for name, x in table.items() for part in (name, _bytes(x))])

    def parquet(self) -> bytes:
        """One row a draw, one column a number: `theta:NAME`, `intercept:STATE:CODE`, `national_sd:STATE`, ..."""
        about = {"zhiyu.codes": json.dumps(self.codes), "zhiyu.hash": self.hash}
        table = pa.table(self._columns()).replace_schema_metadata(about)
        buffer = io.BytesIO()
        pq.write_table(table, buffer, compression="zstd")
        return buffer.getvalue()

    @classmethod
    def from_parquet(cls, content: bytes) -> Draws:
        """The draws that `parquet` wrote.

        Raises
        ------
        Refusal
            For a file that is none of these, or whose numbers are not those it was written with.
        """
        try:
            table = pq.read_table(io.BytesIO(content))
            stated = table.schema.metadata[b"zhiyu.hash"].decode()
            found = cls._of(table)
            actual = found.hash
        except (pa.ArrowException, LookupError, TypeError, ValueError, OSError) as trouble:
            raise Refusal("draws_file") from trouble
        if actual != stated:
            raise Refusal("draws_altered", stated=stated[:16], found=actual[:16])
        return found

    @classmethod
    def _of(cls, table: pa.Table) -> Draws:
        codes = tuple(json.loads(table.schema.metadata[b"zhiyu.codes"]))
        found: dict[str, dict[str, np.ndarray]] = {kind: {} for kind in KINDS}
        regional: dict[str, list[np.ndarray]] = {}
        for name in table.column_names:
            kind, key, *code = name.split(":")
            numbers = np.array(table[name].to_numpy())
            if code:
                regional.setdefault(key, []).append(numbers)
            else:
                found[kind][key] = numbers
        found["intercept"] = {state: np.stack(columns, axis=1) for state, columns in regional.items()}
        return cls(found["theta"], found["intercept"], found["national_sd"], found["province_sd"], codes)

    def _columns(self) -> dict[str, np.ndarray]:
        columns: dict[str, np.ndarray] = {f"theta:{name}": x for name, x in self.theta.items()}
        for state, x in self.intercept.items():
            columns |= {f"intercept:{state}:{code}": x[:, i] for i, code in enumerate(self.codes)}
        columns |= {f"national_sd:{state}": x for state, x in self.national_sd.items()}
        return columns | {f"province_sd:{state}": x for state, x in self.province_sd.items()}


def _bytes(x: np.ndarray) -> bytes:
    return np.ascontiguousarray(x, dtype="<f8").tobytes()
