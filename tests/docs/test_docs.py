"""Documentation is executed: every Python block runs, the study file shown is valid, links lead somewhere."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from zhiyu import spec
from zhiyu.simulate import choice
from zhiyu.simulate.deviation import Deviation

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("docs/**/*.md"), ROOT / "README.md", ROOT / "README.zh.md"])
BLOCK = re.compile(r"```python\n(.*?)```", re.DOTALL)
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def test_there_are_pages_with_code():
    assert sum(bool(BLOCK.search(page.read_text(encoding="utf-8"))) for page in PAGES) >= 4


@pytest.mark.parametrize(
    "page", [p for p in PAGES if BLOCK.search(p.read_text(encoding="utf-8"))], ids=lambda p: p.stem
)
def test_python_in_the_docs_runs(page):
    names: dict[str, object] = {}
    for block in BLOCK.findall(page.read_text(encoding="utf-8")):
        exec(compile(block, str(page), "exec"), names)
    told = names.get("told")
    if isinstance(told, dict):  # wrong and right numbers: the page's table holds them, and so does its translation
        assert table(page) == [list(pair) for pair in told.values()]
        translated = [[NUMBER.findall(cell) for cell in row] for row in table(page.with_suffix(".zh.md"))]
        assert translated == [[NUMBER.findall(cell) for cell in pair] for pair in told.values()]


def table(page: Path) -> list[list[str]]:
    """The third and fourth column of a page's first table."""
    lines = [line for line in page.read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.split("|")[3:5]] for line in lines[2:]]


def test_the_study_file_in_the_docs_is_valid_also_with_its_commented_keys():
    page = (ROOT / "docs/howto/study-file.md").read_text(encoding="utf-8")
    content = re.search(r"```toml\n(.*?)```", page, re.DOTALL)[1]  # type: ignore[index]
    spec.check(tomllib.loads(content), "study.toml")
    # every key of the study file stands in the page
    simulating = (choice.SimulateChoice, choice.CalibrateChoice, choice.HindcastChoice, choice.Scenario)
    chosen = (spec.Spec, spec.DataChoice, spec.RegionChoice, spec.FrameworkChoice, spec.Recipe, spec.Compute)
    for model in (*chosen, *simulating, choice.Applied, choice.Shock, Deviation):
        for name, field in model.model_fields.items():
            key = field.alias or name
            assert re.search(rf"\b{key}\b", page), key


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.stem)
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8")):
        if not target.startswith("http"):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
