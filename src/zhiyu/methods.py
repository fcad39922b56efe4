"""The registry: kind -> name -> method. A method is a function and its names, nothing more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from zhiyu.terms import Label, Refusal, suggestion


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


REGISTRY: dict[str, dict[str, Method]] = {}

F = TypeVar("F", bound=Callable[..., Any])


def method(kind: str, name: str, *, zh: str, en: str) -> Callable[[F], F]:
    """Register a function under a kind and a name; the function itself is left as it is."""

    def register(function: F) -> F:
        REGISTRY.setdefault(kind, {})[name] = Method(kind, name, Label(zh, en), function)
        return function

    return register


def find(kind: str, name: str) -> Method:
    """The method of that name, or a refusal that lists what there is."""
    known = REGISTRY.get(kind, {})
    if name not in known:
        raise Refusal(
            "unknown_method", kind=kind, name=name, known=", ".join(sorted(known)), hint=suggestion(name, known)
        )
    return known[name]
