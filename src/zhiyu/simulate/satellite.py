"""The satellite: compute, risk, governance, skills and openness. Theory, assumed and never fitted.

It looks at the core and is coupled to it by named terms only (`couple`). Each of them is nought, or one, in the base
year: what the core's intercepts hold already is not counted twice, and with every coupling off the core runs alone.
Indices in (0, 1) are relative: one half is the national mean of the base year.

A year of the model: the satellite comes up to the start of the year (`advance`; in the base year it is `start`), then
the core grows through it, moved by the couplings. So a state of the satellite stands beside the core's of its year.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from zhiyu.simulate import levers
from zhiyu.simulate.equations import Array, Year

Parameters = Mapping[str, Array]
Memory = Mapping[str, Array]  # the satellite's states, what moved them last, and what they were in the base year

STATES = ("compute", "energy", "exposure", "risk", "incidents", "governance", "mismatch", "use")
# coupling -> the parameter that carries it, whose grade is the coupling's
COUPLINGS: Mapping[str, str] = {
    "warm_data": "warm_data",
    "governance_to_institutions": "governance_to_institutions",
    "compute_to_patents": "compute_to_patents",
    "compute_to_carbon": "compute_energy_share",
    "trust_to_adoption": "incident_threshold",
    "trust_to_data": "incident_threshold",
    "incidents_to_output": "incidents_to_output",
    "mismatch_to_output": "mismatch_to_output",
    "mismatch_to_training": "mismatch_to_training",
    "ai_saving_to_carbon": "ai_energy_saving",
    "talent_mobility": "talent_mobility",
}
ENERGY_LIMIT = 0.05  # energy of compute, over all other, at which dear energy halves the demand for it
DISTRUST = 0.8  # of trust, lost where incidents are full
HALVINGS = 50  # of the interval in which governance rests


class Now(Year, Protocol):
    """What the satellite may look at besides: the same as an equation, against the base year.

    Methods give None for a state the study does not have. `levers_before` and `levers` are the effects of the channels
    at the start and at the end of the year, absent where no measure moves them; `years` counts years since the base
    year, 0 in its own.
    """

    @property
    def xp(self) -> Any: ...
    @property
    def years(self) -> Array: ...
    @property
    def levers(self) -> Mapping[str, Array]: ...
    @property
    def levers_before(self) -> Mapping[str, Array]: ...

    def since(self, state: str) -> Array:
        """x - x0: log growth since the base year; of "capability" and "skills" too."""

    def index(self, state: str, at_base: bool = False) -> Array:
        """1 / (1 + exp(-(d(x0) + x - x0))), in (0, 1), or its value in the base year."""

    def parted(self, state: str) -> Array:
        """d(x - x0): how far a region has moved against the others since the base year."""

    def pace(self, state: str) -> Array:
        """Yearly national growth of the last observed years."""

    def lead(self) -> Array:
        """d(capability) of the base year's most capable region minus the region's own."""


@dataclass(frozen=True)
class Couplings:
    """How the satellite, the levers and the core touch.

    multipliers : coupling -> (core parameter, factor); additions : coupling -> (core state, added growth); pulls :
    coupling -> (core state, pull): heads move to where the sum of pulls is strong, and none is gained or lost.
    """

    multipliers: Mapping[str, tuple[str, Array]]
    additions: Mapping[str, tuple[str, Array]]
    pulls: Mapping[str, tuple[str, Array]]


def start(now: Now, p: Parameters) -> Memory:
    """The satellite in the base year: risk and governance at rest, compute, energy and use growing at their pace."""
    zero = 0 * p["compute_lag"]
    found: dict[str, Array] = {"compute": zero, "compute_growth": zero + compute_trend(now, p)}
    found |= {"energy": p["compute_energy_share"], "energy_growth": zero + energy_trend(now, p)}
    exposed = exposure(now, at_base=True)
    if exposed is not None:
        ruled = _governance_at_rest(now, exposed, p)
        at_rest = _risk_at_rest(p["hazard"] * exposed, ruled, p)
        found |= {"exposure": exposed, "risk": at_rest, "governance": ruled, "incidents": incidents(at_rest, p)}
        found |= {"incidents_base": found["incidents"], "governance_base": ruled}
        found["incidents_growth"] = 0 * at_rest
    used = use(now, at_base=True)
    if used is not None:
        found |= {"use": used, "use_growth": use_trend(now)}
        if now.since("skills") is not None:
            found |= {"mismatch": 0 * used, "mismatch_growth": 0 * used}
    return found


def advance(now: Now, old: Memory, p: Parameters) -> Memory:
    """The satellite a year on, beside the core at the start of the year."""
    new = dict(old)
    new["compute"] = compute(now, old, p)
    new["compute_growth"] = new["compute"] - old["compute"]
    new["energy"] = energy_share(now, new["compute"], p)
    new["energy_growth"] = now.xp.log((1 - old["energy"]) / (1 - new["energy"]))
    if "exposure" in old:
        exposed = exposure(now)
        new["exposure"] = exposed
        new["risk"] = risk(now, old, p, exposed)
        new["incidents"] = incidents(new["risk"], p)
        new["incidents_growth"] = new["incidents"] - old["incidents"]
        new["governance"] = governance(now, old, p, exposed)
    if "use" in old:
        new["use"] = use(now)
        new["use_growth"] = new["use"] - old["use"]
    if "mismatch" in old:
        new["mismatch"] = mismatch(now, p)
        new["mismatch_growth"] = new["mismatch"] - old["mismatch"]
    return new


def use(now: Now, at_base: bool = False) -> Array | None:
    """U a: adoption times capability, the use of intelligence, in (0, 1)."""
    adopted, able = now.index("adoption", at_base), now.index("capability", at_base)
    return None if adopted is None or able is None else adopted * able


def use_trend(now: Now) -> Array:
    """dUa = Ua ((1 - U) gU + (1 - a) gA): yearly change of use in the base year, at the nation's pace."""
    adopted, able = now.index("adoption", at_base=True), now.index("capability", at_base=True)
    return adopted * able * ((1 - adopted) * now.pace("adoption") + (1 - able) * now.pace("capability"))


def compute_trend(now: Now, p: Parameters) -> Array:
    """g* = epsC ge + cA gA + cU gU + gY at the pace of the last observed years: what intercepts hold already."""
    return p["demand_elasticity"] * p["efficiency_gain"] + _demand(now.pace, p)


def compute(now: Now, old: Memory, p: Parameters) -> Array:
    """ln C' = ln C + (1 - e^(-1/tauC)) (ln C* - ln C), ln C* = epsC ge t + cA ln A + cU ln U + ln Y + m_comp - dear.

    Demand rebounds if epsC > 1; dear is ln (1 + E / .05) less its value in the base year, E = energy / (1 - energy)
    being compute's over all other. All logs are against the base year, in which capacity stands behind demand by what
    the lag makes of its trend.
    """
    speed = 1 - now.xp.exp(-1 / p["compute_lag"])
    aim = p["demand_elasticity"] * p["efficiency_gain"] * now.years + compute_trend(now, p) * (1 / speed - 1)
    aim = aim + _demand(now.since, p) + now.levers_before.get("comp", 0.0)
    dear, before = (1 + _odds(share) / ENERGY_LIMIT for share in (old["energy"], p["compute_energy_share"]))
    return old["compute"] + speed * (aim - now.xp.log(dear / before) - old["compute"])


def energy_share(now: Now, compute: Array, p: Parameters) -> Array:
    """Share of compute in all energy: E / (1 + E), E = E0 e^(-ge t) C / Y, all other energy following output."""
    output = now.since("output")
    log = compute - p["efficiency_gain"] * now.years
    used = _odds(p["compute_energy_share"]) * now.xp.exp(log if output is None else log - output)
    return used / (1 + used)


def energy_trend(now: Now, p: Parameters) -> Array:
    """Growth of energy by compute's part in it, in the base year at the nation's pace: carbon's intercepts hold it."""
    growth = compute_trend(now, p) - p["efficiency_gain"] - (now.pace("output") or 0.0)
    used = _odds(p["compute_energy_share"])
    return now.xp.log((1 + used) / (1 + used * now.xp.exp(-growth)))


def exposure(now: Now, at_base: bool = False) -> Array | None:
    """U a D: data in intelligent use, in (0, 1)."""
    used, held = use(now, at_base), now.index("data", at_base)
    return None if used is None or held is None else used * held


def risk(now: Now, old: Memory, p: Parameters, exposed: Array) -> Array:
    """R' = R + h U a D (1 - eG G) (1 - m_sec) - (r0 + r1 G) R."""
    made = p["hazard"] * exposed * (1 - p["prevention"] * old["governance"]) * _insecure(now)
    return old["risk"] + made - (p["risk_decay"] + p["cure"] * old["governance"]) * old["risk"]


def incidents(risk: Array, p: Parameters) -> Array:
    """N = (R / Rc)^2 / (1 + (R / Rc)^2), in (0, 1)."""
    square = (risk / p["incident_threshold"]) ** 2
    return square / (1 + square)


def trust(incidents: Array) -> Array:
    """T = 1 - .8 N."""
    return 1 - DISTRUST * incidents


def governance(now: Now, old: Memory, p: Parameters, exposed: Array) -> Array:
    """G' = G + (1 - e^(-1/tauG)) (G* - G), G* = min(1, g0 + m_gov + rhoG ((1 - f) N + f max(N, Ne))).

    Ne are the incidents at which risk would rest if exposure went on growing as last year for tauG years. Once exposure
    rests, Ne = N: reactive and foresight governance share their long-run level and differ in the signal only.
    """
    xp = now.xp
    ahead = xp.minimum(1.0, exposed * (exposed / old["exposure"]) ** p["governance_lag"]) * _insecure(now)
    expected = incidents(_risk_at_rest(p["hazard"] * ahead, old["governance"], p), p)
    share = p["foresight"] + (1 - p["foresight"]) * now.levers_before.get("fore", 0.0)
    signal = (1 - share) * old["incidents"] + share * xp.maximum(old["incidents"], expected)
    aim = p["governance_base"] + now.levers_before.get("gov", 0.0) + p["governance_response"] * signal
    return old["governance"] + (1 - xp.exp(-1 / p["governance_lag"])) * (xp.minimum(1.0, aim) - old["governance"])


def mismatch(now: Now, p: Parameters) -> Array:
    """M = max(0, 1 - H / H_req), H_req = (U a / (U a)0)^hq, H against the base year: 0 there."""
    used, before = (now.index("adoption", at) * now.index("capability", at) for at in (False, True))
    need = (used / before) ** p["skill_need"]
    return now.xp.maximum(0.0, 1 - now.xp.exp(now.since("skills")) / need)


def couple(now: Now, new: Memory, p: Parameters) -> Couplings:
    """The named terms by which satellite and levers move the core this year."""
    pulls = levers.pulls(now)
    parted = now.parted("capability")
    if parted is not None and now.level("researchers") is not None:
        pulls["talent_mobility"] = ("researchers", p["talent_mobility"] * parted)
    return Couplings(_multipliers(now, new, p), _satellite_terms(now, new, p) | levers.terms(now, p), pulls)


def feedback(p: Parameters) -> Array:
    """aC (cA + cU a / k): what a unit of capability returns to itself through compute; below .95 in every draw.

    The capability-compute loop explodes as this product nears one, and has no bound where adoption does not saturate.
    """
    through_use = p["capability_to_adoption"] / p["adoption_saturation"]
    return p["compute_to_patents"] * (p["capability_to_compute"] + p["use_to_compute"] * abs(through_use))


def _demand(of: Any, p: Parameters) -> Array:
    """cA ln A + cU ln U + ln Y, or its growth, of what there is."""
    weights = {"capability": p["capability_to_compute"], "adoption": p["use_to_compute"], "output": 1.0}
    found = {state: of(state) for state in weights}
    return sum((weights[state] * x for state, x in found.items() if x is not None), start=0.0)


def _odds(share: Array) -> Array:
    return share / (1 - share)


def _insecure(now: Now) -> Array:
    return 1 - now.levers_before.get("sec", 0.0)


def _risk_at_rest(made: Array, governance: Array, p: Parameters) -> Array:
    return made * (1 - p["prevention"] * governance) / (p["risk_decay"] + p["cure"] * governance)


def _governance_at_rest(now: Now, exposed: Array, p: Parameters) -> Array:
    """G = G*(N(R(G))) of a constant exposure, by bisection: the right-hand side falls in G."""
    low, high = 0 * exposed, 0 * exposed + 1.0
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        signal = incidents(_risk_at_rest(p["hazard"] * exposed, middle, p), p)
        above = now.xp.minimum(1.0, p["governance_base"] + p["governance_response"] * signal) > middle
        low, high = now.xp.where(above, middle, low), now.xp.where(above, high, middle)
    return 0.5 * (low + high)


def _multipliers(now: Now, new: Memory, p: Parameters) -> dict[str, tuple[str, Array]]:
    """Factors on the core's coefficients: warm data last longer, governance makes institutions answer faster."""
    found: dict[str, tuple[str, Array]] = {}
    able, ruled = now.index("capability"), now.index("institutions")
    if able is not None and ruled is not None and now.level("data") is not None:
        before = now.index("capability", at_base=True) * now.index("institutions", at_base=True)
        found["warm_data"] = ("data_reversion", (1 + p["warm_data"] * before) / (1 + p["warm_data"] * (able * ruled)))
    if "governance" in new and ruled is not None:
        faster = 1 + p["governance_to_institutions"] * new["governance"]
        slow = 1 + p["governance_to_institutions"] * new["governance_base"]
        found["governance_to_institutions"] = ("data_to_institutions", faster / slow)
    return found


def _satellite_terms(now: Now, new: Memory, p: Parameters) -> dict[str, tuple[str, Array]]:
    """Growth that the satellite adds to the core, of the states there are."""
    beyond = new["compute_growth"] - compute_trend(now, p)
    found = {
        "compute_to_patents": ("patents", p["compute_to_patents"] * beyond),
        "compute_to_carbon": ("carbon", new["energy_growth"] - energy_trend(now, p)),
    }
    if "incidents" in new:
        trusted = trust(new["incidents"]) / trust(new["incidents_base"])
        # trust scales the ceiling of adoption, and with it what adoption yields
        found["trust_to_adoption"] = ("adoption", p["adoption_saturation"] * now.xp.log(trusted))
        found["trust_to_data"] = ("data", p["adoption_to_data"] * (trusted - 1) * now.index("adoption"))
        found["incidents_to_output"] = ("output", -p["incidents_to_output"] * new["incidents_growth"])
    if "mismatch" in new:
        found["mismatch_to_output"] = ("output", -p["mismatch_to_output"] * new["mismatch_growth"])
        found["mismatch_to_training"] = ("researchers", p["mismatch_to_training"] * new["mismatch"])
    if "use" in new:
        found["ai_saving_to_carbon"] = ("carbon", -p["ai_energy_saving"] * (new["use_growth"] - use_trend(now)))
    return {name: (state, x) for name, (state, x) in found.items() if now.level(state) is not None}
