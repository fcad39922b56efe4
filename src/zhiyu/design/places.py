"""Places where a measure may be taken: every region, every group of a grouping, or all regions at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from zhiyu.data.regions import Regions
from zhiyu.terms import Label, Place, Refusal

How = Literal["group", "region", "all"]
EVERYWHERE = "all"


@dataclass(frozen=True, eq=False)
class Site:
    """A place: `reach` (region,) says which regions it holds."""

    id: str
    label: Label
    reach: np.ndarray


def sites(regions: Regions, how: How, grouping: str | None = None) -> tuple[Site, ...]:
    """The places of a study, in the order of its groups or of its codes.

    Parameters
    ----------
    regions : those that the model runs on, in its order
    grouping : whose groups are places, where they are

    Raises
    ------
    Refusal
        If groups are asked for and none are known, or a region has none.
    """
    codes = regions.codes
    if how == "all":
        return (Site(EVERYWHERE, Label("全国", "everywhere"), np.ones(len(codes), dtype=bool)),)
    if how == "region":
        return tuple(Site(row.code, row.label, np.isin(codes, row.code)) for row in regions.rows)
    if grouping is None:
        raise Refusal("design_no_groups", Place(file="study.toml", key="[regions] groups"))
    lacking = [row.label for row in regions.rows if row.group(grouping) is None]
    if lacking:
        raise Refusal("design_no_group", region=lacking[0], grouping=grouping, number=len(lacking))
    held = {group: np.isin(codes, sorted(inside)) for group, inside in regions.grouping(grouping).items() if inside}
    return tuple(Site(group.id, group.label, reach) for group, reach in held.items())
