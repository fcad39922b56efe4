"""Zhiyu 智域: measure, explain, simulate and design AI-driven regional digital economies.

The public nouns are imported when first used, so that `import zhiyu` costs next to nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from zhiyu.data.panel import Panel
    from zhiyu.design.plan import Plan
    from zhiyu.framework import Framework
    from zhiyu.measure import Index, Recipe
    from zhiyu.simulate.simulation import Simulation
    from zhiyu.study import Study
    from zhiyu.terms import Refusal

__version__ = "0.1.0"
__all__ = ["Framework", "Index", "Panel", "Plan", "Recipe", "Refusal", "Simulation", "Study", "__version__"]

_HOMES = {
    "Framework": "zhiyu.framework",
    "Index": "zhiyu.measure",
    "Panel": "zhiyu.data.panel",
    "Plan": "zhiyu.design.plan",
    "Recipe": "zhiyu.measure",
    "Refusal": "zhiyu.terms",
    "Simulation": "zhiyu.simulate.simulation",
    "Study": "zhiyu.study",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    try:  # `zhiyu.measure.weighting` reads as one path, also before anything has imported it
        return importlib.import_module(f"zhiyu.{name}")
    except ModuleNotFoundError:
        raise AttributeError(f"module 'zhiyu' has no attribute '{name}'") from None
