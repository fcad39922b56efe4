"""How far each region has come: normalise, weigh, aggregate, rank, place on the five stages."""

from zhiyu.measure.index import Index, measure
from zhiyu.measure.recipe import Recipe

__all__ = ["Index", "Recipe", "measure"]
