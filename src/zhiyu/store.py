"""Files that are whole or not there: atomic writes, content hashes, and stages' results kept by what went into them."""

from __future__ import annotations

import hashlib
import importlib
import io
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from pydantic import BaseModel

from zhiyu.terms import Place, Refusal

KEPT = 8  # results of one stage kept in a cache, so that going back and forth between two choices redoes nothing


def digest(*parts: bytes | str) -> str:
    """SHA-256 of the parts, each with its length, so that no two lists of parts run together."""
    state = hashlib.sha256()
    for part in parts:
        raw = part.encode() if isinstance(part, str) else part
        state.update(len(raw).to_bytes(8, "big") + raw)
    return state.hexdigest()


def content_hash(content: bytes) -> str:
    """SHA-256 as `sha256sum` prints it."""
    return hashlib.sha256(content).hexdigest()


def file_hash(path: Path) -> str:
    return content_hash(path.read_bytes())


@cache
def code_hash() -> str:
    """Hash of the package's own files: a cache made by other code is never taken for this one's."""
    root = Path(__file__).parent
    files = sorted(p for p in root.rglob("*") if p.suffix in {".py", ".csv", ".html", ".css", ".js"})
    return digest(*[f"{p.relative_to(root)}:{file_hash(p)}" for p in files if "studies" not in p.parts])


def canonical(value: Any) -> str:
    """One spelling of a JSON value, whatever the order of its keys."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def write(path: Path, content: bytes) -> None:
    """Write a file so that it is either the old one or the whole new one, also if the machine stops half-way."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with part.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)


def make_room(paths: Iterable[Path]) -> None:
    """Make the folders of files to be written, so that what stands in the way is met before any of them is."""
    for path in paths:
        with writing(path):
            path.parent.mkdir(parents=True, exist_ok=True)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """What the machine has against writing a file or folder, as a refusal: no right, no room, a file in the way."""
    try:
        yield
    except OSError as trouble:
        why = trouble.strerror or type(trouble).__name__
        raise Refusal("cannot_write", Place(file=str(path)), why=why) from trouble


def sweep(folder: Path) -> None:
    """Remove what a killed run left: files and folders that were never finished."""
    for part in [*folder.rglob(".*.part")]:
        shutil.rmtree(part) if part.is_dir() else part.unlink(missing_ok=True)


class Cache:
    """Results by stage and key under one folder; a result is there whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def get(self, stage: str, key: str) -> tuple[Any, float] | None:
        """The kept result and the seconds it once took, or None; what is damaged is never used, and cleared away."""
        place = self.folder / f"{stage}-{key[:24]}"
        try:
            found = _read(place, key)
            os.utime(place)
        except Exception:  # a damaged file raises whatever its bytes happen to run into
            shutil.rmtree(place, ignore_errors=True)
            return None
        return found

    def put(self, stage: str, key: str, value: Any, seconds: float) -> None:
        arrays: dict[str, np.ndarray] = {}
        encoded = encode(value, arrays)
        buffer = io.BytesIO()
        np.savez(buffer, allow_pickle=False, **arrays)
        content = digest(canonical(encoded), buffer.getvalue())
        record = {"key": key, "seconds": seconds, "content": content, "value": encoded}
        with self._new(f"{stage}-{key[:24]}") as place:
            (place / "arrays.npz").write_bytes(buffer.getvalue())
            (place / "value.json").write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")
        kept = sorted(self.folder.glob(f"{stage}-*"), key=lambda p: p.stat().st_mtime, reverse=True)
        for old in kept[KEPT:]:
            shutil.rmtree(old, ignore_errors=True)

    def forget_pieces(self, stage: str) -> None:
        """Remove all pieces of a stage: its result is whole, or they are of no more use."""
        for old in self.folder.glob(f"{stage}.*-*"):
            shutil.rmtree(old, ignore_errors=True)

    @contextmanager
    def _new(self, name: str) -> Iterator[Path]:
        """A folder that appears under its name only when it is complete."""
        part = self.folder / f".{name}.{os.getpid()}.part"
        shutil.rmtree(part, ignore_errors=True)
        with writing(self.folder / name):
            part.mkdir(parents=True)
            try:
                yield part
                if not (self.folder / name).exists():
                    part.rename(self.folder / name)
            finally:
                shutil.rmtree(part, ignore_errors=True)


@dataclass(frozen=True)
class Pieces:
    """Pieces of a stage's result, each kept as soon as it is there, so that a run that was stopped goes on from them.

    key : the stage's, so that a piece of other data or other choices is never taken for one of these. Each piece has a
        stage name of its own in the cache, which keeps but so many results of one.
    """

    cache: Cache
    stage: str
    key: str

    def found(self, name: str) -> Any:
        """The piece of that name, None where it was not kept."""
        kept = self.cache.get(*self._place(name))
        return None if kept is None else kept[0]

    def keep(self, name: str, value: Any) -> None:
        """Keep a piece."""
        self.cache.put(*self._place(name), value, 0.0)

    def _place(self, name: str) -> tuple[str, str]:
        # a name may hold what a folder's cannot, such as a user's own words
        return f"{self.stage}.{digest(name)[:16]}", digest(self.key, name)


def _read(place: Path, key: str) -> tuple[Any, float]:
    """What `Cache.put` kept in a folder; raises whatever stands in the way."""
    record = json.loads((place / "value.json").read_text(encoding="utf-8"))
    raw = (place / "arrays.npz").read_bytes()
    if (record["key"], record["content"]) != (key, digest(canonical(record["value"]), raw)):
        raise ValueError("not what was kept")
    with np.load(io.BytesIO(raw), allow_pickle=False) as arrays:
        return decode(record["value"], {name: arrays[name] for name in arrays.files}), record["seconds"]


def encode(value: Any, arrays: dict[str, np.ndarray]) -> Any:
    """A result as JSON, its arrays aside: this package's dataclasses and models, xarray, tuples, dicts, numbers."""
    if value is None or isinstance(value, bool | str) or type(value) is int:
        return value
    if isinstance(value, np.ndarray | float):
        name = f"a{len(arrays)}"
        arrays[name] = np.asarray(value)
        return {"array": name} if isinstance(value, np.ndarray) else {"float": name}
    if isinstance(value, xr.Dataset):
        return {"dataset": [[str(name), encode(array, arrays)] for name, array in value.data_vars.items()]}
    if isinstance(value, xr.DataArray):
        coords = [[str(n), list(map(str, c.dims)), _coordinate(c.values)] for n, c in value.coords.items()]
        return {
            "dims": list(value.dims),
            "coords": coords,
            "values": encode(np.ascontiguousarray(value.values), arrays),
        }
    if isinstance(value, tuple | list):
        return {"tuple": [encode(item, arrays) for item in value]}
    if isinstance(value, Mapping):
        return {"dict": [[encode(k, arrays), encode(v, arrays)] for k, v in value.items()]}
    if isinstance(value, BaseModel):
        return {"class": _class_name(type(value)), "model": value.model_dump(mode="json")}
    if is_dataclass(value) and not isinstance(value, type):
        parts = {f.name: encode(getattr(value, f.name), arrays) for f in fields(value) if f.init}
        return {"class": _class_name(type(value)), "fields": parts}
    raise TypeError(f"a stage's result may not hold a {type(value).__name__}")


def decode(value: Any, arrays: Mapping[str, np.ndarray]) -> Any:
    """The result that `encode` wrote."""
    if not isinstance(value, dict):
        return value
    if "array" in value:
        return arrays[value["array"]]
    if "float" in value:
        return float(arrays[value["float"]])
    if "dataset" in value:
        return xr.Dataset({name: decode(array, arrays) for name, array in value["dataset"]})
    if "dims" in value:
        coords = {name: (dims, kept) for name, dims, kept in value["coords"]}
        return xr.DataArray(decode(value["values"], arrays), coords, value["dims"])
    if "tuple" in value:
        return tuple(decode(item, arrays) for item in value["tuple"])
    if "dict" in value:
        return {decode(k, arrays): decode(v, arrays) for k, v in value["dict"]}
    kind = _class(value["class"])
    if "model" in value:
        return kind.model_validate(value["model"])
    return kind(**{name: decode(part, arrays) for name, part in value["fields"].items()})


def _coordinate(values: np.ndarray) -> list[str] | list[int]:
    if values.dtype.kind not in "iuUOT":
        raise TypeError(f"a coordinate may not hold {values.dtype}")
    return [int(v) for v in values] if values.dtype.kind in "iu" else [str(v) for v in values]


def _class_name(kind: type) -> str:
    return f"{kind.__module__}:{kind.__qualname__}"


def _class(name: str) -> Any:
    """The class of that name; only data classes and models of this package are ever made from a file."""
    module, _, qualified = name.partition(":")
    kind = getattr(importlib.import_module(module), qualified, None) if module.startswith("zhiyu.") else None
    ours = isinstance(kind, type) and kind.__module__ == module  # not one that a module of ours only imports
    if not (ours and isinstance(kind, type) and (is_dataclass(kind) or issubclass(kind, BaseModel))):
        raise TypeError(f"not a result class: {name}")
    return kind
