"""The page on the model is what the model's functions print."""

import importlib.util
from pathlib import Path

ROOT = Path(__file__).parents[2]


def script():
    found = importlib.util.spec_from_file_location("model_page", ROOT / "scripts" / "model_page.py")
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def test_the_page_is_up_to_date():
    page = (ROOT / "docs" / "explanation" / "model.md").read_text(encoding="utf-8")
    assert script().filled(page) == page, "run .venv/bin/python scripts/model_page.py"


def test_every_part_stands_in_the_page_and_a_stale_one_is_found():
    module = script()
    page = module.PAGE.read_text(encoding="utf-8")
    assert [found[2] for found in module.PART.finditer(page)] == list(module.PARTS)
    stale = page.replace("α·g(K)", "α·g(L)")
    assert stale != page
    assert module.filled(stale) == page
