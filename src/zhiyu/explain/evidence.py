"""Evidence: what the questions of a study found, one field a question; None where the study cannot answer it."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

from zhiyu.terms import Label


@dataclass(frozen=True)
class Evidence:
    """Labelled results by question, as the faces in `zhiyu.explain.of` give them.

    silent : question -> why this study cannot answer it.
    """

    coupling: Any = None
    disparity: Any = None
    convergence: Any = None
    transitions: Any = None
    space: Any = None
    spatial_panel: Any = None
    silent: dict[str, Label] = field(default_factory=dict)

    @property
    def answered(self) -> tuple[str, ...]:
        """Questions with a result, in the order of the fields."""
        return tuple(f.name for f in fields(self) if f.name != "silent" and getattr(self, f.name) is not None)
