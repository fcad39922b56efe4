"""The core of the model: one short function an observed state, the only copy of its equation.

An equation lists its terms, parameter -> regressor; the state's growth is their sum of products plus intercepts and
shocks:

    g_i = sum_k theta_k z_ik + mu + mu_i + national shock + shock of i

`Year` is all an equation may look at. Whoever implements it decides what the equation is for: arrays of observations
(..., region) make the regressors of a calibration, states (draw, scenario, region) a step of a simulation, symbols the
printed equation, the causal graph and the exported model. A state the study has no column for gives None, and the term
falls away; so a logic can be silent, but never wrong.

All states are logarithms. x' is this year's, x last year's; d(x) = x - national mean; W row-standardised neighbours.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

Array = Any  # numpy, jax.numpy or a symbol: whatever adds and multiplies
Terms = dict[str, Array]


class Year(Protocol):
    """What an equation may look at; every method gives None for a state the study does not have."""

    def growth(self, state: str) -> Array | None:
        """g = x' - x of a state that stands earlier in `CORE`: it is known already."""

    def grown(self, state: str) -> Array | None:
        """g(-1): growth of the year before."""

    def level(self, state: str) -> Array | None:
        """x at the start of the year."""

    def gap(self, state: str, of: str | None = None) -> Array | None:
        """d(x), or d(x - y) against another state `of`, at the start of the year."""

    def spill(self, state: str) -> Array | None:
        """d(W x - x): how far the neighbours stand above, at the start of the year; 0 for an island."""

    def capability(self) -> Array | None:
        """d of the mean of patents and papers, or of the one of them there is."""


def researchers(now: Year) -> Terms:
    """gH = r gH(-1) - c d(H). Source: stylised fact (persistence, slow convergence)."""
    return _terms(researcher_momentum=now.grown("researchers"), researcher_reversion=_minus(now.gap("researchers")))


def students(now: Year) -> Terms:
    """gS = r gS(-1) - c d(S). Source: stylised fact (cohorts stay for years)."""
    return _terms(student_momentum=now.grown("students"), student_reversion=_minus(now.gap("students")))


def institutions(now: Year) -> Terms:
    """gI = -l d(I) + m d(D): institutions answer the demand of data. Source: the paper's co-evolution."""
    return _terms(institution_reversion=_minus(now.gap("institutions")), data_to_institutions=now.gap("data"))


def data(now: Year) -> Terms:
    """gD = -l d(D) + i d(I) + y d(U) + r gD(-1): data wear out, and grow where they may and where they are made."""
    return _terms(
        data_reversion=_minus(now.gap("data")),
        institutions_to_data=now.gap("institutions"),
        adoption_to_data=now.gap("adoption"),
        data_momentum=now.grown("data"),
    )


def patents(now: Year) -> Terms:
    """gPat = hH gH + hD gD + aU gU(-1) - c d(Pat) + sP d(W Pat - Pat) + r gPat(-1).

    Source: knowledge production function (Griliches 1979; Jaffe 1989) in growth rates; aU is the industry wheel's pull.
    """
    return _terms(
        research_to_patents=now.growth("researchers"),
        data_to_patents=now.growth("data"),
        use_to_patents=now.grown("adoption"),
        patent_reversion=_minus(now.gap("patents")),
        patent_spill=now.spill("patents"),
        patent_momentum=now.grown("patents"),
    )


def papers(now: Year) -> Terms:
    """gEI = hH gH - c d(EI) + r gEI(-1)."""
    return _terms(
        research_to_papers=now.growth("researchers"),
        paper_reversion=_minus(now.gap("papers")),
        paper_momentum=now.grown("papers"),
    )


def adoption(now: Year) -> Terms:
    """gU = -k U + w d(W U - U) + a d((Pat + EI) / 2) + n gP(-1): diffusion that saturates, pushed by capability.

    Source: Gompertz diffusion, the growth of ln U falling in ln U (Stoneman 1983).
    """
    return _terms(
        adoption_saturation=_minus(now.level("adoption")),
        adoption_spill=now.spill("adoption"),
        capability_to_adoption=now.capability(),
        platform_to_adoption=now.grown("platform"),
    )


PLATFORM_CENTRE = 5.3  # ln of about 200, the index's level in the middle of the years it was fitted on


def platform(now: Year) -> Terms:
    """gP = -k (P - 5.3) + u d(U) - c d(P)."""
    level = now.level("platform")
    return _terms(
        platform_saturation=None if level is None else PLATFORM_CENTRE - level,
        adoption_to_platform=now.gap("adoption"),
        platform_reversion=_minus(now.gap("platform")),
    )


def telecom(now: Year) -> Terms:
    """gTel = -l d(Tel) + r gTel(-1)."""
    return _terms(telecom_reversion=_minus(now.gap("telecom")), telecom_momentum=now.grown("telecom"))


def mobile(now: Year) -> Terms:
    """gMob = -k Mob."""
    return _terms(mobile_saturation=_minus(now.level("mobile")))


def broadband(now: Year) -> Terms:
    """gBB = -k d(BB) + r gBB(-1)."""
    return _terms(broadband_reversion=_minus(now.gap("broadband")), broadband_momentum=now.grown("broadband"))


def output(now: Year) -> Terms:
    """gY = alpha gK + beta gD + zeta gU + rho gY(-1): data and digital adoption embedded in production.

    Source: Solow growth accounting with data as a factor.
    """
    return _terms(
        capital_elasticity=now.growth("capital"),
        data_elasticity=now.growth("data"),
        adoption_elasticity=now.growth("adoption"),
        output_momentum=now.grown("output"),
    )


def hightech(now: Year) -> Terms:
    """gX = e gY + s d((Pat + EI) / 2) - c d(X - Y) + r gX(-1)."""
    return _terms(
        output_to_hightech=now.growth("output"),
        capability_to_hightech=now.capability(),
        hightech_reversion=_minus(now.gap("hightech", of="output")),
        hightech_momentum=now.grown("hightech"),
    )


def software(now: Year) -> Terms:
    """gX = e gY + s d((Pat + EI) / 2) - c d(X - Y) + r gX(-1)."""
    return _terms(
        output_to_software=now.growth("output"),
        capability_to_software=now.capability(),
        software_reversion=_minus(now.gap("software", of="output")),
        software_momentum=now.grown("software"),
    )


def carbon(now: Year) -> Terms:
    """gCO2 = e gY - c d(CO2 - Y) + r gCO2(-1). Source: decoupling elasticity with converging intensity."""
    return _terms(
        output_to_carbon=now.growth("output"),
        carbon_reversion=_minus(now.gap("carbon", of="output")),
        carbon_momentum=now.grown("carbon"),
    )


# in the order in which a year is computed; capital, an identity, comes just before output
CORE: Mapping[str, Callable[[Year], Terms]] = {
    "researchers": researchers,
    "students": students,
    "institutions": institutions,
    "data": data,
    "patents": patents,
    "papers": papers,
    "adoption": adoption,
    "platform": platform,
    "telecom": telecom,
    "mobile": mobile,
    "broadband": broadband,
    "output": output,
    "hightech": hightech,
    "software": software,
    "carbon": carbon,
}


def _terms(**terms: Array | None) -> Terms:
    """The terms whose states there are."""
    return {name: found for name, found in terms.items() if found is not None}


def _minus(x: Array | None) -> Array | None:
    return None if x is None else -x
