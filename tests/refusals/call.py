"""Call: what is done with broken arguments, and the words that the refusal must hold."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple


class Call(NamedTuple):
    """A call that is refused with a key; en, zh: words of the message, between bars."""

    key: str
    call: Callable[[Path], object]
    en: str
    zh: str
