"""Many tests at once: p-values adjusted so that among what is called a finding few are false."""

from __future__ import annotations

import numpy as np


def adjusted(p: np.ndarray) -> np.ndarray:
    """Benjamini-Hochberg adjusted p-values; those at most q are findings with a false discovery rate of at most q.

    q_(i) = min over j >= i of min(1, m p_(j) / j), p_(1) <= ... <= p_(m)

    Parameters
    ----------
    p : (n,) array; nan is no test and stays nan

    Source: Benjamini and Hochberg (1995), Journal of the Royal Statistical Society B 57; holds under the positive
    dependence that overlapping neighbourhoods have (Benjamini and Yekutieli 2001).
    """
    found = np.full(len(p), np.nan)
    tests = np.flatnonzero(~np.isnan(p))
    order = tests[np.argsort(p[tests], kind="stable")]
    scaled = p[order] * len(order) / np.arange(1, len(order) + 1)
    found[order] = np.minimum(1.0, np.minimum.accumulate(scaled[::-1])[::-1])
    return found
