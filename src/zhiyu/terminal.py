"""Speaking to a terminal: in which language, what is under way, and what came out, as words or as JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import typer

from zhiyu.terms import Locale, as_locale, default_locale, text


def _asked() -> Locale:
    """The language --lang asks for, else the terminal's; known before options are parsed, so that help has it."""
    for word, following in zip(sys.argv, [*sys.argv[1:], ""], strict=True):
        chosen = following if word == "--lang" else word.removeprefix("--lang=") if word.startswith("--lang=") else ""
        if chosen in ("zh", "en"):
            return as_locale(chosen)
    return default_locale()


SPOKEN = _asked()
LANGUAGE: list[Locale] = []  # of the study that is open, once it is


def in_language(locale: Locale) -> None:
    """From here on as the study speaks, unless --lang says otherwise."""
    LANGUAGE.append(locale)


def speaks() -> Locale:
    """The study's language, unless --lang says otherwise."""
    asked = any(word == "--lang" or word.startswith("--lang=") for word in sys.argv)
    return SPOKEN if asked or not LANGUAGE else LANGUAGE[-1]


@contextmanager
def progress(quiet: bool) -> Iterator[Callable[[str], None]]:
    """A line a stage on stderr: a spinner with the seconds on a terminal, plain lines elsewhere."""
    if quiet:
        yield lambda stage: None
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda stage: console.print(text(f"stage.{stage}", speaks()), highlight=False)
        return
    columns = (SpinnerColumn(finished_text="✓"), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=console) as bar:

        def listen(stage: str) -> None:
            for task in bar.task_ids:
                bar.update(task, completed=1)
            bar.add_task(text(f"stage.{stage}", speaks()), total=1)

        yield listen
        for task in bar.task_ids:
            bar.update(task, completed=1)


def say(as_json: bool, found: Any, words: str) -> None:
    typer.echo(json.dumps(found, ensure_ascii=False, indent=2) if as_json else words)
