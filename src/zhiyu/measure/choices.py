"""What a recipe's words mean on a panel: methods by name, years by position, refusals with places and names."""

from __future__ import annotations

from zhiyu.data.panel import Panel
from zhiyu.framework.tree import Node
from zhiyu.methods import Method, find
from zhiyu.terms import Place, Refusal


def chosen(kind: str, table: str, name: str, besides: tuple[str, ...] = ()) -> Method:
    """The method that `[measure.TABLE] method` names."""
    return find(kind, name, Place(file="study.toml", key=f"[measure.{table}] method"), besides)


def year_index(panel: Panel, year: int | None, key: str) -> int:
    """Position of a year that the study names under `key`, 0 where it names none; refuses one the panel lacks."""
    if year is None:
        return 0
    if year not in panel.years:
        place = Place(file="study.toml", key=key)
        raise Refusal("years_not_in_data", place, span=str(year), has=f"{panel.years[0]}-{panel.years[-1]}")
    return panel.years.index(year)


def named(refusal: Refusal, leaves: tuple[Node, ...], pool: Place) -> Refusal:
    """A kernel's refusal, which knows only positions, with the indicator's id and name, or else with its pool's."""
    position = refusal.message.values.get("position")
    if position is None:
        return refusal if refusal.message.place.text("en") else refusal.at(pool)
    values = {**refusal.message.values, "name": leaves[position].label}
    return Refusal(refusal.key, leaves[position].place, **values)
