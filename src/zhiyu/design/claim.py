"""What a plan's rivals say of the claim that measures complement one another (C25)."""

from __future__ import annotations

from zhiyu.design.plan import Plan
from zhiyu.explain.claims.question import Implied
from zhiyu.simulate.implied import complement

COMPLEMENT = "C25"
EQUAL = "equal"
MECHANISM = "mechanism-"


def claims(of: Plan) -> dict[str, Implied]:
    """Claim -> what is implied; empty where there is nothing to spend or no second mechanism."""
    at = {name: k for k, name in enumerate(of.rivals.names)}
    singles = {
        name.removeprefix(MECHANISM): of.rivals.outcomes[k] for name, k in at.items() if name.startswith(MECHANISM)
    }
    if len(singles) < 2 or not of.rivals.levels[at[EQUAL]].any():
        return {}
    parts = of.linear(of.rivals.levels[[at[EQUAL]]])[0]
    return {COMPLEMENT: complement(of.rivals.outcomes[at[EQUAL]], singles, of.weights, parts)}
