"""The satellite: compute, risk, governance, skills and openness. Theory, assumed and never fitted.

It looks at the core and is coupled to it by named terms only (`couple`). Each of them is nought, or one, in the base
year: what the core's intercepts hold already is not counted twice, and with every coupling off the core runs alone.
Indices in (0, 1) are relative: one half is the national mean of the base year.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from zhiyu.simulate import levers
from zhiyu.simulate.equations import Array, Year

Parameters = Mapping[str, Array]
Memory = Mapping[str, Array]  # the satellite's states, and what it must remember of the year before

ENERGY_LIMIT = 0.05  # compute's share of output at which dear energy halves the demand for it


class Now(Year, Protocol):
    """What the satellite may look at besides: the same as an equation, against the base year.

    Methods give None for a state the study does not have. `levers` and `levers_before` are the effects of the
    channels this year and last, absent where no measure moves them; `years` counts years since the base year.
    """

    xp: Any
    years: Array
    levers: Mapping[str, Array]
    levers_before: Mapping[str, Array]

    def since(self, state: str) -> Array | None:
        """x - x0: log growth since the base year; of "capability" and "skills" too."""

    def index(self, state: str, at_base: bool = False) -> Array | None:
        """1 / (1 + exp(-(d(x0) + x - x0))), in (0, 1), or its value in the base year."""

    def parted(self, state: str) -> Array | None:
        """d(x - x0): how far a region has moved against the others since the base year."""

    def pace(self, state: str) -> Array | None:
        """Yearly national growth of the last observed years."""

    def lead(self) -> Array | None:
        """d(capability) of the base year's most capable region minus the region's own."""

    def redistributed(self, state: str, pull: Array) -> Array:
        """Growth that moves heads towards `pull` and leaves their sum: pull - ln(sum n e^pull / sum n)."""


@dataclass(frozen=True)
class Couplings:
    """How the satellite, the levers and the core touch.

    multipliers : coupling -> (core parameter, factor); additions : coupling -> (core state, added growth).
    """

    multipliers: Mapping[str, tuple[str, Array]]
    additions: Mapping[str, tuple[str, Array]]


def start(now: Now, p: Parameters) -> Memory:
    """The satellite in the base year: at rest, given how much intelligence is used."""
    found: dict[str, Array] = {"compute": 0 * p["compute_lag"], "energy": p["compute_energy_share"]}
    exposed = exposure(now, at_base=True)
    if exposed is not None:
        governance = p["governance_base"] + 0 * exposed
        for _ in range(60):  # halved steps towards the level at which incidents and governance hold each other
            risk = _risk_at_rest(p["hazard"] * exposed, governance, p)
            aim = now.xp.minimum(1.0, p["governance_base"] + p["governance_response"] * incidents(risk, p))
            governance = 0.5 * (governance + aim)
        risk = _risk_at_rest(p["hazard"] * exposed, governance, p)
        found |= {"exposure": exposed, "risk": risk, "governance": governance, "incidents": incidents(risk, p)}
        found |= {"incidents_base": found["incidents"], "governance_start": governance}
    if use(now) is not None and now.since("skills") is not None:
        found["mismatch"] = 0 * use(now)
    if use(now) is not None:
        found["use"] = use(now, at_base=True)
    return found


def advance(now: Now, old: Memory, p: Parameters) -> dict[str, Array]:
    """The satellite a year on, seen from the core at the start of the year."""
    new = dict(old)
    new["compute"] = compute(now, old, p)
    new["energy"] = energy_share(now, new["compute"], p)
    exposed = exposure(now)
    if exposed is not None:
        new["exposure"] = exposed
        new["risk"] = risk(now, old, p, exposed)
        new["incidents"] = incidents(new["risk"], p)
        new["governance"] = governance(now, old, p, exposed)
    if "use" in old:
        new["use"] = use(now)
    if "mismatch" in old:
        new["mismatch"] = mismatch(now, p)
    return new


def use(now: Now, at_base: bool = False) -> Array | None:
    """U a: adoption times capability, the use of intelligence, in (0, 1)."""
    adopted, able = now.index("adoption", at_base), now.index("capability", at_base)
    return None if adopted is None or able is None else adopted * able


def compute_trend(now: Now, p: Parameters) -> Array:
    """g* = epsC ge + cA gA + cU gU + gY at the pace of the last observed years: what intercepts hold already."""
    pace = p["demand_elasticity"] * p["efficiency_gain"]
    for state, elasticity in (("capability", p["capability_to_compute"]), ("adoption", p["use_to_compute"])):
        if (found := now.pace(state)) is not None:
            pace = pace + elasticity * found
    output = now.pace("output")
    return pace if output is None else pace + output


def compute(now: Now, old: Memory, p: Parameters) -> Array:
    """ln C' = ln C + (1 - e^(-1/tauC)) (ln C* - ln C), ln C* = epsC ge t + cA ln A + cU ln U + ln Y + m_comp - dearness.

    Demand rebounds if epsC > 1; dearness is ln of (1 + energy / (.05 Y)) over its value in the base year. All logs are
    against the base year, in which capacity stands behind demand by what the lag makes of its trend.
    """
    xp = now.xp
    speed = 1 - xp.exp(-1 / p["compute_lag"])
    aim = p["demand_elasticity"] * p["efficiency_gain"] * now.years + compute_trend(now, p) * (1 / speed - 1)
    for state, elasticity in (("capability", p["capability_to_compute"]), ("adoption", p["use_to_compute"])):
        if (found := now.since(state)) is not None:
            aim = aim + elasticity * found
    if (output := now.since("output")) is not None:
        aim = aim + output
    aim = aim + now.levers.get("comp", 0.0)
    dear = xp.log((1 + old["energy"] / ENERGY_LIMIT) / (1 + p["compute_energy_share"] / ENERGY_LIMIT))
    return old["compute"] + speed * (aim - dear - old["compute"])


def energy_share(now: Now, compute: Array, p: Parameters) -> Array:
    """Energy of compute over output, eC0 e^(-ge t) C / Y."""
    output = now.since("output")
    log = compute - p["efficiency_gain"] * now.years
    return p["compute_energy_share"] * now.xp.exp(log if output is None else log - output)


def exposure(now: Now, at_base: bool = False) -> Array | None:
    """U a D: data in intelligent use, in (0, 1)."""
    used, held = use(now, at_base), now.index("data", at_base)
    return None if used is None or held is None else used * held


def risk(now: Now, old: Memory, p: Parameters, exposed: Array) -> Array:
    """R' = R + h U a D (1 - eG G) (1 - m_sec) - (r0 + r1 G) R."""
    made = p["hazard"] * exposed * (1 - p["prevention"] * old["governance"]) * (1 - now.levers.get("sec", 0.0))
    return old["risk"] + made - (p["risk_decay"] + p["cure"] * old["governance"]) * old["risk"]


def incidents(risk: Array, p: Parameters) -> Array:
    """N = (R / Rc)^2 / (1 + (R / Rc)^2), in (0, 1)."""
    square = (risk / p["incident_threshold"]) ** 2
    return square / (1 + square)


def trust(incidents: Array) -> Array:
    """T = 1 - .8 N."""
    return 1 - 0.8 * incidents


def governance(now: Now, old: Memory, p: Parameters, exposed: Array) -> Array:
    """G' = G + (1 - e^(-1/tauG)) (G* - G), G* = min(1, g0 + m_gov + rhoG ((1 - f) N + f max(N, Ne))).

    Ne are the incidents at which risk would rest if exposure went on growing as last year for tauG years. Once exposure
    rests, Ne = N: reactive and foresight governance share their long-run level and differ in the signal only.
    """
    xp = now.xp
    ahead = exposed * (exposed / old["exposure"]) ** p["governance_lag"] * (1 - now.levers.get("sec", 0.0))
    expected = incidents(_risk_at_rest(p["hazard"] * ahead, old["governance"], p), p)
    share = p["foresight"] + (1 - p["foresight"]) * now.levers.get("fore", 0.0)
    signal = (1 - share) * old["incidents"] + share * xp.maximum(old["incidents"], expected)
    aim = p["governance_base"] + now.levers.get("gov", 0.0) + p["governance_response"] * signal
    return old["governance"] + (1 - xp.exp(-1 / p["governance_lag"])) * (xp.minimum(1.0, aim) - old["governance"])


def mismatch(now: Now, p: Parameters) -> Array:
    """M = max(0, 1 - H / H_req), H_req = (U a / (U a)0)^hq, H against the base year: 0 there."""
    need = (use(now) / use(now, at_base=True)) ** p["skill_need"]
    return now.xp.maximum(0.0, 1 - now.xp.exp(now.since("skills")) / need)


def couple(now: Now, old: Memory, new: Memory, p: Parameters) -> Couplings:
    """The named terms by which satellite and levers move the core this year."""
    return Couplings(_multipliers(now, new, p), {**_satellite_terms(now, old, new, p), **levers.terms(now, p)})


def feedback(p: Parameters) -> Array:
    """aC (cA + cU a / k): what a unit of capability returns to itself through compute; below .95 in every draw.

    The capability-compute loop explodes as this product nears one. Source: model.md, section 2.
    """
    through_use = p["capability_to_adoption"] / p["adoption_saturation"]
    return p["compute_to_patents"] * (p["capability_to_compute"] + p["use_to_compute"] * abs(through_use))


def _risk_at_rest(made: Array, governance: Array, p: Parameters) -> Array:
    return made * (1 - p["prevention"] * governance) / (p["risk_decay"] + p["cure"] * governance)


def _multipliers(now: Now, new: Memory, p: Parameters) -> dict[str, tuple[str, Array]]:
    """Factors on the core's coefficients: warm data last longer, governance makes institutions answer faster."""
    found: dict[str, tuple[str, Array]] = {}
    able, ruled = now.index("capability"), now.index("institutions")
    if able is not None and ruled is not None:
        cold = 1 + p["warm_data"] * now.index("capability", at_base=True) * now.index("institutions", at_base=True)
        found["warm_data"] = ("data_reversion", cold / (1 + p["warm_data"] * able * ruled))
    if "governance" in new:
        faster = 1 + p["governance_to_institutions"] * new["governance"]
        slow = 1 + p["governance_to_institutions"] * new["governance_start"]
        found["governance_to_institutions"] = ("data_to_institutions", faster / slow)
    return found


def _satellite_terms(now: Now, old: Memory, new: Memory, p: Parameters) -> dict[str, tuple[str, Array]]:
    """Growth that the satellite adds to the core."""
    beyond = new["compute"] - old["compute"] - compute_trend(now, p)
    found = {
        "compute_to_patents": ("patents", p["compute_to_patents"] * beyond),
        "compute_to_carbon": ("carbon", new["energy"] - old["energy"]),
    }
    if "incidents" in new:
        trusted = trust(new["incidents"]) / trust(new["incidents_base"])
        found["trust_to_adoption"] = ("adoption", p["adoption_saturation"] * now.xp.log(trusted))
        found["trust_to_data"] = ("data", p["adoption_to_data"] * (trusted - 1) * now.index("adoption"))
        found["incidents_to_output"] = ("output", -p["incidents_to_output"] * (new["incidents"] - old["incidents"]))
    if "mismatch" in new:
        found["mismatch_to_output"] = ("output", -p["mismatch_to_output"] * (new["mismatch"] - old["mismatch"]))
        found["mismatch_to_training"] = ("researchers", p["mismatch_to_training"] * new["mismatch"])
    if "use" in new:
        found["ai_saving_to_carbon"] = ("carbon", -p["ai_energy_saving"] * (new["use"] - old["use"]))
    pulled = now.parted("capability")
    if pulled is not None and now.level("researchers") is not None:
        found["talent_mobility"] = ("researchers", now.redistributed("researchers", p["talent_mobility"] * pulled))
    return found
