"""The parts of each of the paper's claims, and how many of them must pass."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from zhiyu.explain.claims.question import Need


@dataclass(frozen=True)
class Plan:
    """parts : ids, the first of which gives the specification curve its effect.

    need : whether all parts must pass or any one does; against : parts whose opposite contradicts the claim, all of
        them together; empty = all parts.
    """

    parts: tuple[str, ...]
    need: Need = "all"
    against: tuple[str, ...] = ()


PLANS: Mapping[str, Plan] = {
    "C01": Plan(("C01",)),
    "C02": Plan(("C02",)),
    "C03": Plan(("C03.growth", "C03.trend")),
    "C04": Plan(("C04",)),
    "C05": Plan(("C05.interaction", "C05.threshold")),
    "C06": Plan(("C06",)),
    "C08": Plan(("C08.spill", "C08.clusters", "C08.weights"), against=("C08.spill",)),
    "C09": Plan(("C09.digital", "C09.output", "C09.threshold")),
    "C10": Plan(("C10.researchers", "C10.contracts", "C10.lagging"), against=("C10.researchers", "C10.contracts")),
    "C11": Plan(("C11", "C11.combination")),
    "C12": Plan(
        (
            *("C12.moves", "C12.ai_native", "C12.data_factor", "C12.platform_system"),
            *("C12.industry_convergence", "C12.governance_foresight"),
        ),
        against=("C12.moves",),
    ),
    "C13": Plan(("C13",)),
    "C14": Plan(("C14.mechanism", "C14.event", "C14.before")),
    "C15": Plan(("C15.mechanism", "C15.event", "C15.before")),
    "C16": Plan(("C16.mechanism", "C16.moderation"), "any"),
    "C17": Plan(("C17",)),
    "C18": Plan(("C18.productivity", "C18.income", "C18.part")),
    "C19": Plan(
        (
            *("C19.output_spread", "C19.income_spread", "C19.output_between", "C19.income_between"),
            *("C19.output_club", "C19.income_club"),
        ),
        against=("C19.output_spread", "C19.income_spread"),
    ),
    "C20": Plan(("C20.exports", "C20.frontier")),
    "C21": Plan(("C21.energy", "C21.carbon")),
    "C23": Plan(("C23.level", "C23.trend"), "any"),
}
