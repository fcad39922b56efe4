"""The store: files whole or not there, results that come back bit for bit, and nothing damaged or foreign taken in."""

import json
import os
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from support import refused, small_panel, tree

from zhiyu import store
from zhiyu.data import repair
from zhiyu.data.panel import Mark, Panel
from zhiyu.measure import Index, Recipe, measure

KEY, OTHER = "k" * 64, "o" * 64


@pytest.fixture(scope="module")
def panel() -> Panel:
    rng = np.random.default_rng(3)
    x, y, z = rng.uniform(0.1, 1.0, (3, 6, 4)) * [[[1e-300]], [[1.0]], [[1e300]]]
    y[1, 1] = y[5, 0] = np.nan
    units = {"x": "yuan", "y": "%"}
    return repair.fill_gaps(small_panel({"x": x, "y": y, "z": z}, units=units), "linear-inside")


@pytest.fixture(scope="module")
def index(panel: Panel) -> Index:
    framework = tree("r - -", "A r -", "a A x", "b A y direction=-1", "c r z", "d r nowhere")
    return measure(panel, framework, Recipe())


def identical(one: Any, other: Any) -> bool:
    """Equal to the bit: types, labels, order and the bytes of every number."""
    if isinstance(one, xr.Dataset):
        return list(one) == list(other) and all(identical(one[name], other[name]) for name in one)
    if isinstance(one, xr.DataArray):
        same = one.dims == other.dims and list(one.coords) == list(other.coords)
        coords = all(
            one[c].values.tolist() == other[c].values.tolist() and one[c].dtype == other[c].dtype for c in one.coords
        )
        return bool(same and coords and one.dtype == other.dtype and one.values.tobytes() == other.values.tobytes())
    if isinstance(one, float):
        return np.float64(one).tobytes() == np.float64(other).tobytes()
    if isinstance(one, tuple) and not hasattr(one, "_fields"):
        return len(one) == len(other) and all(identical(a, b) for a, b in zip(one, other, strict=True))
    if hasattr(one, "__dataclass_fields__") and type(one) is type(other):
        return all(identical(getattr(one, f.name), getattr(other, f.name)) for f in fields(one))
    if isinstance(one, dict):
        return list(one) == list(other) and all(identical(one[key], other[key]) for key in one)
    return type(one) is type(other) and bool(one == other)


def test_a_panel_comes_back_bit_for_bit(panel: Panel, tmp_path: Path) -> None:
    cache = store.Cache(tmp_path)
    cache.put("data", KEY, panel, 1.25)
    found = cache.get("data", KEY)
    assert found is not None
    assert found[1] == 1.25
    assert identical(found[0], panel)
    assert len(found[0].changes) == 1
    assert found[0].values("x").tobytes() == panel.values("x").tobytes()


def test_an_index_comes_back_bit_for_bit(index: Index, tmp_path: Path) -> None:
    cache = store.Cache(tmp_path)
    cache.put("measure", KEY, index, 0.5)
    found = cache.get("measure", KEY)
    assert found is not None
    assert identical(found[0], index)
    assert found[0].left_out[0].missing == ("nowhere",)


def test_the_comparison_sees_a_single_bit(panel: Panel) -> None:
    values = panel.values("y")
    values[0, 0] = np.nextafter(values[0, 0], np.inf)
    other = panel.with_values("y", values, Mark.OBSERVED, "one bit")
    assert identical(panel.data, panel.data.copy(deep=True))
    assert not identical(panel.data, other.data)


def test_other_keys_and_stages_find_nothing(panel: Panel, tmp_path: Path) -> None:
    cache = store.Cache(tmp_path)
    assert cache.get("data", KEY) is None
    cache.put("data", KEY, panel, 1.0)
    assert cache.get("data", OTHER) is None
    assert cache.get("measure", KEY) is None
    assert cache.get("data", KEY[:24] + OTHER) is None  # the folder's name alone is not the key


def damage() -> list[Any]:
    def cut(raw: bytes) -> bytes:
        return raw[: len(raw) // 2]

    def flip(raw: bytes) -> bytes:
        middle = len(raw) // 2
        return raw[:middle] + bytes([raw[middle] ^ 1]) + raw[middle + 1 :]

    def empty(raw: bytes) -> bytes:
        return b""

    def nonsense(raw: bytes) -> bytes:
        return b'{"key": 1}'

    return [cut, flip, empty, nonsense]


@pytest.mark.parametrize("file", ["value.json", "arrays.npz"])
@pytest.mark.parametrize("how", damage())
def test_a_damaged_result_is_not_used_and_makes_room(file: str, how: Any, panel: Panel, tmp_path: Path) -> None:
    cache = store.Cache(tmp_path)
    cache.put("data", KEY, panel, 1.0)
    path = tmp_path / f"data-{KEY[:24]}" / file
    path.write_bytes(how(path.read_bytes()))
    assert cache.get("data", KEY) is None
    cache.put("data", KEY, panel, 2.0)
    found = cache.get("data", KEY)
    assert found is not None
    assert found[1] == 2.0


def test_every_flipped_byte_is_noticed(tmp_path: Path) -> None:
    cache = store.Cache(tmp_path)
    value = small_panel({"x": [[1.5, 2.5]]})
    cache.put("data", KEY, value, 1.0)
    folder = tmp_path / f"data-{KEY[:24]}"
    files = {name: (folder / name).read_bytes() for name in ("value.json", "arrays.npz")}
    for name, raw in files.items():
        for position in range(0, len(raw), 41):
            folder.mkdir(exist_ok=True)
            for other, content in files.items():
                (folder / other).write_bytes(content)
            (folder / name).write_bytes(raw[:position] + bytes([raw[position] ^ 4]) + raw[position + 1 :])
            found = cache.get("data", KEY)
            assert found is None or identical(found[0], value)  # the seconds it took are no result


@pytest.mark.parametrize("lacking", ["value.json", "arrays.npz"])
def test_half_a_result_is_not_used(lacking: str, panel: Panel, tmp_path: Path) -> None:
    cache = store.Cache(tmp_path)
    cache.put("data", KEY, panel, 1.0)
    (tmp_path / f"data-{KEY[:24]}" / lacking).unlink()
    assert cache.get("data", KEY) is None


def test_an_interrupted_put_leaves_nothing(tmp_path: Path) -> None:
    cache = store.Cache(tmp_path)
    with pytest.raises(TypeError):
        cache.put("data", KEY, {1, 2}, 1.0)
    assert cache.get("data", KEY) is None
    assert list(tmp_path.iterdir()) == []


def test_only_the_newest_results_are_kept(tmp_path: Path) -> None:
    cache = store.Cache(tmp_path)
    keys = [f"{number:02}" * 32 for number in range(store.KEPT + 3)]
    for age, key in enumerate(keys):
        cache.put("data", key, (1, 2.0), 1.0)
        os.utime(tmp_path / f"data-{key[:24]}", (1e9 + age, 1e9 + age))
    kept = [key for key in keys if cache.get("data", key) is not None]
    assert len(kept) <= store.KEPT + 1
    assert keys[-1] in kept


def test_write_is_whole_or_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "deep" / "file.txt"
    store.write(path, b"old")
    assert path.read_bytes() == b"old"

    def stop(_: int) -> None:
        raise OSError("power cut")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", stop)
        with refused("cannot_write"):
            store.write(path, b"new and longer")
    assert path.read_bytes() == b"old"
    assert [p.name for p in path.parent.iterdir()] == ["file.txt"]
    store.write(path, b"new")
    assert path.read_bytes() == b"new"


def test_sweep_removes_what_was_never_finished(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / ".x.txt.12.part").write_text("half")
    (tmp_path / ".data-kkk.12.part").mkdir()
    (tmp_path / ".data-kkk.12.part" / "value.json").write_text("{")
    (tmp_path / "a" / "x.txt").write_text("whole")
    store.sweep(tmp_path)
    assert [p.name for p in tmp_path.rglob("*")] == ["a", "x.txt"]


@dataclass(frozen=True)
class Foreign:
    x: int


@pytest.mark.parametrize(
    "value",
    [{1}, b"x", 1j, np.int64(1), Path(), object(), len, int, Mark, {"a": [{1}]}, np.datetime64("2020")],
    ids=lambda value: type(value).__name__,
)
def test_encode_refuses_foreign_types(value: object) -> None:
    with pytest.raises(TypeError):
        store.encode(value, {})


def test_encode_refuses_coordinates_it_would_bend() -> None:
    with pytest.raises(TypeError):
        store.encode(xr.DataArray([1.0, 2.0], {"q": [0.5, 0.25]}, ("q",)), {})


@pytest.mark.parametrize(
    "name",
    [
        *("pathlib:Path", "builtins:dict", "test_store:Foreign", "subprocess:Popen"),
        *("zhiyu.store:Path", "zhiyu.measure.recipe:BaseModel", "zhiyu.store:write", "zhiyu.store:Cache"),
        *("zhiyu.data.panel:nothing", "zhiyu", "", "zhiyufake.panel:Panel"),
    ],
)
@pytest.mark.parametrize("content", ["fields", "model"])
def test_decode_makes_classes_of_this_package_only(name: str, content: str) -> None:
    with pytest.raises(TypeError):
        store.decode({"class": name, content: {}}, {})


def test_what_is_encoded_is_plain_json(index: Index) -> None:
    arrays: dict[str, np.ndarray] = {}
    encoded = store.encode(index, arrays)
    again = store.decode(json.loads(json.dumps(encoded)), arrays)
    assert identical(again, index)


def test_digest_keeps_parts_apart() -> None:
    assert store.digest("ab", "c") != store.digest("a", "bc")
    assert store.digest("ab") == store.digest(b"ab")
    assert store.canonical({"b": 1, "a": [1, 2]}) == store.canonical({"a": [1, 2], "b": 1}) == '{"a":[1,2],"b":1}'
