"""Planted claims are supported; panels without an effect rarely support one. `benchmarks.planted_claims` runs more."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks.planted_claims import verdict

QUICK = ("C01", "C04", "C13", "C16", "C18", "C20")
LONG = (
    *("C02", "C03", "C05", "C06", "C08", "C09", "C10", "C11", "C12", "C14", "C15", "C17"),
    *("C19", "C21", "C23"),
)


def said(claim: str, effect: float, replications: int) -> list[str]:
    return [verdict(claim, effect, seed, draws=199, most=40).verdict for seed in range(replications)]


@pytest.mark.parametrize("claim", QUICK)
def test_a_planted_effect_is_supported(claim):
    assert np.mean([word == "supported" for word in said(claim, 1.0, 10)]) >= 0.9


def test_without_an_effect_support_is_rare():
    """As stated a twentieth are supported by chance; what few specifications share is taken back."""
    assert sum(word == "supported" for claim in ("C01", "C04", "C17") for word in said(claim, 0.0, 20)) <= 4


@pytest.mark.slow
@pytest.mark.parametrize("claim", LONG)
def test_every_other_planted_claim_is_supported_and_rarely_without(claim):
    assert np.mean([word == "supported" for word in said(claim, 1.0, 20)]) >= 0.85
    assert sum(word == "supported" for word in said(claim, 0.0, 20)) <= 4
