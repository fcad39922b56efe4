"""How far growth accounts hang on the assumed share of one input."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from zhiyu.explain.productivity import growth_accounts, multilateral_tfp


@dataclass(frozen=True)
class Varied:
    """What g other shares of the first input would say of n regions.

    tfp : (g, n, t-1) residuals; ranks : (g, n, 2) by ln TFP of the last observation and by its growth, 1 the highest;
    correlation : (g, 2) of these ranks with the stated shares' (Spearman); stated : (n, 2) ranks at the stated shares.
    """

    tfp: np.ndarray
    ranks: np.ndarray
    correlation: np.ndarray
    stated: np.ndarray


def vary(output: np.ndarray, inputs: np.ndarray, shares: np.ndarray, tried: np.ndarray) -> Varied:
    """Growth accounts with each share tried for the first input, the other inputs keeping their proportions.

    Parameters
    ----------
    output (n, t), inputs (n, t, k), shares (n, t, k) : as for `zhiyu.explain.productivity.growth_accounts`
    tried : (g,) shares in 0 .. 1; none can be tried where the first input is all there is

    Raises
    ------
    Refusal
        As `growth_accounts`.
    """
    stated = two_ranks(multilateral_tfp(output, inputs, shares))
    tfp, ranks = [], []
    for share in tried if (shares[..., 0] < 1.0).all() else ():
        other = shares * ((1.0 - share) / (1.0 - shares[..., :1]))
        other[..., 0] = share
        tfp.append(growth_accounts(output, inputs, other).tfp)
        ranks.append(two_ranks(multilateral_tfp(output, inputs, other)))
    n, t = output.shape
    found = np.reshape(ranks, (len(ranks), n, 2))
    like = [[correlation(stated[:, k], one[:, k]) for k in (0, 1)] for one in found]
    return Varied(np.reshape(tfp, (len(tfp), n, t - 1)), found, np.reshape(like, (len(like), 2)), stated)


def two_ranks(ln: np.ndarray) -> np.ndarray:
    """(n, 2) ranks by the last of (n, t) levels and by their growth, 1 the highest, ties at their mean."""
    from scipy.stats import rankdata

    return np.stack([rankdata(-ln[:, -1]), rankdata(-(ln[:, -1] - ln[:, 0]))], axis=1)


def correlation(a: np.ndarray, b: np.ndarray) -> float:
    """Pearson's, by sums without threads; nan where one does not vary."""
    a, b = a - a.mean(), b - b.mean()
    size = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum() / size) if size > 0 else float("nan")
