"""The registry: kind -> name -> method. A method is a function and its names, nothing more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from zhiyu.terms import NOWHERE, Label, Place, Refusal, suggestion


@dataclass(frozen=True)
class Method:
    """A registered function: `kind` is the choice it answers (normalise, weighting, aggregate, stages)."""

    kind: str
    name: str
    label: Label
    function: Callable[..., Any]

    @property
    def source(self) -> str:
        """The reference the function's docstring gives."""
        lines = (self.function.__doc__ or "").splitlines()
        return next((line.split("Source:", 1)[1].strip() for line in lines if "Source:" in line), "")

    def __call__(self, *arguments: Any) -> Any:
        """What the function gives. A method that is not Zhiyu's own and fails is refused in its own words."""
        try:
            return self.function(*arguments)
        except Exception as trouble:
            if isinstance(trouble, Refusal) or self.function.__module__.partition(".")[0] == "zhiyu":
                raise
            why = f"{type(trouble).__name__}: {trouble}"
            raise Refusal("method_failed", self.place, name=self.name, why=why) from trouble

    @property
    def place(self) -> Place:
        """The file that the function stands in."""
        code = getattr(self.function, "__code__", None)
        return Place(file=Path(code.co_filename).name, row=code.co_firstlineno) if code else Place(key=self.name)

    def owes(self, found: Any, shape: tuple[int, ...]) -> np.ndarray:
        """What the function gave, as an array of the shape that it owes, or a refusal."""
        if np.shape(found) != shape:
            raise Refusal("method_shape", self.place, name=self.name, found=np.shape(found), wanted=shape)
        return np.asarray(found, dtype=float)


REGISTRY: dict[str, dict[str, Method]] = {}

F = TypeVar("F", bound=Callable[..., Any])


def method(kind: str, name: str, *, zh: str, en: str) -> Callable[[F], F]:
    """Register a function under a kind and a name; the function itself is left as it is."""

    def register(function: F) -> F:
        REGISTRY.setdefault(kind, {})[name] = Method(kind, name, Label(zh, en), function)
        return function

    return register


def find(kind: str, name: str, place: Place = NOWHERE, besides: tuple[str, ...] = ()) -> Method:
    """The method of that name, or a refusal that lists what there is (`besides`: names that need no method)."""
    known = REGISTRY.get(kind, {})
    if name not in known:
        names = sorted((*known, *besides))
        raise Refusal(
            "unknown_method", place, kind=kind, name=name, known=", ".join(names), hint=suggestion(name, names)
        )
    return known[name]
