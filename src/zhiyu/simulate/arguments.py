"""Arguments of calls that users make themselves: refused unless they are numbers of the kind asked for."""

from __future__ import annotations

import numpy as np

from zhiyu.terms import Refusal


def whole(number: object) -> bool:
    """Whether it is a whole number, of Python or of NumPy; true and false are none."""
    return isinstance(number, int | np.integer) and not isinstance(number, bool)


def refuse_unless_whole(name: str, value: object, least: int) -> None:
    """Raises Refusal unless it is a whole number, and not below `least`."""
    if not whole(value) or value < least:  # type: ignore[operator]
        raise Refusal("argument_whole", name=name, value=str(value)[:50], least=least)
