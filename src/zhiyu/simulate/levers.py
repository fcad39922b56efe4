"""What the channels of measures do to the core: each a named term, nought where no measure moves the channel.

A level channel (research, institutions, core industries, transaction costs, green) moves a state once, by its effect,
so the change of the effect enters growth; a rate channel acts as long as it is held. Effects are bounded by the caps of
`channels.csv`. Weights and caps are assumed (grade D).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from zhiyu.simulate.equations import Array

if TYPE_CHECKING:
    from zhiyu.simulate.satellite import Now

Found = dict[str, tuple[str, Array]]  # term -> (core state, added growth)


def terms(now: Now, p: Mapping[str, Array]) -> Found:
    """Growth that levers add to the core this year; p : the parameters of both layers."""
    held = now.levers
    found = {**_levels(now, p), **_by_use(now, p)}
    if "push" in held and now.index("capability") is not None:
        found["push"] = ("adoption", p["capability_to_adoption"] * held["push"] * now.index("capability"))
    for channel in ("pull", "incl"):
        if channel in held:
            found[channel] = ("adoption", p["adoption_saturation"] * held[channel])
    if "edu" in held and (more := now.since("researchers")) is not None:
        # as many heads a year as in the base year: a constant rate would double them in twenty years
        found["edu"] = ("researchers", p["mismatch_to_training"] * held["edu"] * now.xp.exp(-more))
    if "oA" in held and (above := now.spill("patents")) is not None:
        found["oA"] = ("patents", p["patent_spill"] * held["oA"] * now.xp.maximum(0.0, above))
    if "oF" in held and now.lead() is not None:
        found["oF"] = ("patents", held["oF"] * catch_up(now, p))
    return {name: (state, x) for name, (state, x) in found.items() if now.level(state) is not None}


def pulls(now: Now) -> Found:
    """What draws heads from region to region: the change of attraction, so that each level moves them once."""
    there = "tal" in now.levers and now.level("researchers") is not None
    return {"tal": ("researchers", _change(now, "tal"))} if there else {}


def catch_up(now: Now, p: Mapping[str, Array]) -> Array:
    """sF g e^(-g / kap): catching up with the global frontier, over a gap g that can be learnt across.

    The frontier stands at the most capable region of the base year then, and grows by gF. What is caught up today is in
    the core's intercepts; only what more openness adds enters, so the term is multiplied by the lever.
    Source: Nelson and Phelps (1966); Verspagen (1991), Structural Change and Economic Dynamics 2.
    """
    gap = now.xp.maximum(0.0, now.lead() + p["frontier_growth"] * now.years - now.since("capability"))
    return p["frontier_catch_up"] * gap * now.xp.exp(-gap / p["learnable_gap"])


def _change(now: Now, channel: str) -> Array:
    return now.levers[channel] - now.levers_before.get(channel, 0.0)


def _levels(now: Now, p: Mapping[str, Array]) -> Found:
    """Channels that move a state once."""
    held = now.levers
    found: Found = {}
    if "RD" in held:
        found["RD"] = ("patents", p["research_to_patents"] * _change(now, "RD"))
    if "inst" in held:
        found["inst"] = ("institutions", _change(now, "inst"))
    if "core" in held:
        found["core.hightech"] = ("hightech", _change(now, "core"))
        found["core.software"] = ("software", _change(now, "core"))
    if "tc" in held:
        found["tc"] = ("output", _change(now, "tc"))
    if "green" in held:
        found["green"] = ("carbon", -p["ai_energy_saving"] * _change(now, "green"))
    return found


def _by_use(now: Now, p: Mapping[str, Array]) -> Found:
    """Channels that act in proportion to adoption: data and platforms grow where there is use."""
    used = now.index("adoption")
    if used is None:
        return {}
    acts = {"data": ("data", "adoption_to_data"), "oD": ("data", "adoption_to_data")}
    acts["plat"] = ("platform", "adoption_to_platform")
    return {
        channel: (state, p[parameter] * now.levers[channel] * used)
        for channel, (state, parameter) in acts.items()
        if channel in now.levers
    }
