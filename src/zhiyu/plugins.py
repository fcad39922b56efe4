"""A study's own Python files: run only with the user's consent, which is remembered for a file's exact content."""

from __future__ import annotations

import importlib.util
import json
import os
import sys
from collections.abc import Iterable
from importlib.metadata import entry_points
from pathlib import Path

from zhiyu import store
from zhiyu.terms import Place, Refusal

PREFIX = "zhiyu_plugin_"  # of the modules made from a study's files


def consent_file() -> Path:
    """Where consents are remembered: under $XDG_CONFIG_HOME or ~/.config."""
    home = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    return home / "zhiyu" / "consent.json"


def consented() -> set[str]:
    path = consent_file()
    return set(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else set()


def consent(hashes: Iterable[str]) -> None:
    """Remember that files of these contents may run."""
    store.write(consent_file(), json.dumps(sorted(consented() | set(hashes)), indent=1).encode())


def load(paths: Iterable[Path], trust: bool = False) -> dict[str, str]:
    """Run the plugin files, which register their methods; file name -> hash. Refuses a file nobody has consented to."""
    hashes = {}
    for path in paths:
        if not path.exists():
            raise Refusal("file_not_found", Place(file=path.name), folder=str(path.parent))
        if path.suffix != ".py":
            raise Refusal("plugin_not_python", Place(file="study.toml", key="plugins"), name=path.name)
        found = store.file_hash(path)
        if not trust and found not in consented():
            raise Refusal("plugin_without_consent", Place(file="study.toml", key="plugins"), name=path.name)
        name = f"{PREFIX}{found[:12]}"
        if name not in sys.modules:
            spec = importlib.util.spec_from_file_location(name, path)
            assert spec is not None
            assert spec.loader is not None
            module = importlib.util.module_from_spec(spec)
            sys.modules[name] = module
            try:
                spec.loader.exec_module(module)
            except (Exception, SystemExit) as trouble:
                del sys.modules[name]
                why = f"{type(trouble).__name__}: {trouble}"
                raise Refusal("plugin_failed", Place(file=path.name), why=why) from trouble
        hashes[path.name] = found
    if trust:
        consent(hashes.values())
    return hashes


def load_installed() -> None:
    """Methods of installed packages that offer the entry point `zhiyu.methods`."""
    for entry in entry_points(group="zhiyu.methods"):
        entry.load()
