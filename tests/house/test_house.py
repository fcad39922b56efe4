"""The house rules that a machine can see."""

from __future__ import annotations

import ast
import csv
import io
import json
import re
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import zhiyu
from zhiyu.measure import index
from zhiyu.methods import REGISTRY

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "zhiyu"
MODULES = sorted(SOURCE.rglob("*.py"))
TOLD = ("data", "framework", "measure")  # the rooms whose every public function says what it does
CJK = re.compile(r"[㐀-鿿]")


def ids(path: Path) -> str:
    return str(path.relative_to(SOURCE))


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", MODULES, ids=ids)
def test_a_module_is_short_and_says_what_it_is(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 500
    assert ast.get_docstring(tree(path))


@pytest.mark.parametrize("path", MODULES, ids=ids)
def test_imports_are_absolute(path):
    relative = [node.lineno for node in ast.walk(tree(path)) if isinstance(node, ast.ImportFrom) and node.level]
    assert relative == []


@pytest.mark.parametrize("path", [path for path in MODULES if path.name != "cli.py"], ids=ids)
def test_only_the_command_line_prints(path):
    names = [node for node in ast.walk(tree(path)) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    assert [node.lineno for node in names if node.func.id in ("print", "input", "breakpoint")] == []  # type: ignore[attr-defined]


@pytest.mark.parametrize("path", [path for path in MODULES if ids(path).split("/")[0] in TOLD], ids=ids)
def test_every_public_function_and_class_says_what_it_is(path):
    assert [node.name for node in public(tree(path)) if not ast.get_docstring(node)] == []


def public(node: ast.Module | ast.ClassDef) -> Iterator[ast.FunctionDef | ast.ClassDef]:
    """Functions, classes and their methods; a property, or a method of one line, is told by its class."""
    for inner in node.body:
        if isinstance(inner, ast.FunctionDef | ast.ClassDef) and not inner.name.startswith("_"):
            short = isinstance(node, ast.ClassDef) and len(inner.body) == 1
            if not short and not any(ast.unparse(mark).endswith("property") for mark in inner.decorator_list):
                yield inner
            if isinstance(inner, ast.ClassDef):
                yield from public(inner)


def test_importing_costs_next_to_nothing():
    """Under half a second at the best of three, and neither numpy nor pandas nor anything else that is large."""
    code = "import sys, json, zhiyu; print(json.dumps(sorted(name.partition('.')[0] for name in sys.modules)))"
    seconds = []
    for _ in range(3):
        began = time.perf_counter()
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
        seconds.append(time.perf_counter() - began)
    assert min(seconds) < 0.5
    loaded = set(json.loads(done.stdout))
    assert not loaded & {"numpy", "pandas", "xarray", "scipy", "matplotlib", "pint", "pydantic", "typer", "jinja2"}


def test_the_package_is_typed_and_says_one_version():
    assert (SOURCE / "py.typed").exists()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == zhiyu.__version__


def test_public_names_exist():
    for name in zhiyu.__all__:
        assert getattr(zhiyu, name) is not None


def test_every_method_has_its_names_and_its_source():
    assert index.HOMES  # importing the rooms fills the registry
    methods = [method for named in REGISTRY.values() for method in named.values()]
    assert {method.kind for method in methods} >= {"normalise", "weighting", "aggregate", "stages"}
    for method in methods:
        assert CJK.search(method.label.zh), method.name
        assert method.label.en, method.name
        assert not CJK.search(method.label.en), method.name
        assert method.source, method.name


@pytest.mark.parametrize("path", sorted(SOURCE.rglob("*.csv")), ids=ids)
def test_a_shipped_table_is_plain(path):
    """UTF-8 without a mark, LF line ends, every row as long as the header, no column twice."""
    raw = path.read_bytes()
    assert not raw.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in raw
    header, *rows = csv.reader(io.StringIO(raw.decode("utf-8"), newline=""))
    assert len(set(header)) == len(header)
    assert [number for number, row in enumerate(rows, start=2) if len(row) != len(header)] == []
