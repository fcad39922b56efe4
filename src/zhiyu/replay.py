"""Replay: do again what a manifest says, from the same inputs, and hold every output against it, bit for bit."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zhiyu import spec
from zhiyu.spec import Compute
from zhiyu.study import Study
from zhiyu.terms import Place, Refusal


@dataclass(frozen=True)
class Replay:
    """What came of it: output names that are the same, that differ, and versions that are not the manifest's."""

    same: tuple[str, ...]
    different: tuple[str, ...]
    versions: tuple[tuple[str, str, str], ...]  # (package, in the manifest, here)

    @property
    def identical(self) -> bool:
        return not self.different


def read_manifest(path: Path) -> dict[str, Any]:
    """The manifest of a finished run."""
    file = path / "manifest.json" if path.is_dir() else path
    try:
        record = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as trouble:
        raise Refusal("no_manifest", Place(file=str(file))) from trouble
    except (OSError, ValueError, RecursionError) as trouble:
        raise Refusal("manifest_damaged", Place(file=file.name)) from trouble
    kinds = {"study": str, "arguments": dict, "inputs": dict, "outputs": dict}
    sound = isinstance(record, dict) and all(isinstance(record.get(name), kind) for name, kind in kinds.items())
    if not sound:
        raise Refusal("manifest_damaged", Place(file=file.name))
    return dict(record)


def replay(
    manifest: Path,
    out: Path,
    run: Callable[[Study], dict[str, str]],
    *,
    trust: bool = False,
    listen: Callable[[str], None] = lambda stage: None,
) -> Replay:
    """Run the manifest's study with the manifest's arguments into `out`, an empty folder, in this process.

    `run` is what the first run did with the study; it returns output names and hashes. Refuses changed inputs.
    """
    record = read_manifest(manifest)
    choices = spec.check(record["arguments"], "manifest.json")
    study = Study.open(record["study"], out, trust=trust, choices=choices, listen=listen, compute=Compute())
    for name, found in study.input_hashes.items():
        if record["inputs"].get(name) != found:
            raise Refusal("input_changed", Place(file=name))
    hashes = run(study)
    names = sorted(set(hashes) | set(record["outputs"]))
    same = tuple(name for name in names if hashes.get(name) == record["outputs"].get(name))
    here = study.manifest(hashes)["versions"]
    then = record.get("versions", {})
    changed = tuple((n, str(then.get(n)), str(here[n])) for n in here if then.get(n) != here[n])
    return Replay(same, tuple(name for name in names if name not in same), changed)
