"""Which p-value few regions can carry: the wild cluster bootstrap, its interval, and what one region alone decides."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from zhiyu.explain.panel_ols import Effects, Reduced, cluster_factor, reduce, triangle
from zhiyu.explain.spatial_draws import CALM
from zhiyu.terms import Refusal

Weights = Literal["rademacher", "webb"]

TIE = 1e-11  # relative: draws closer than this to the observed statistic count as equal to it
WEBB = np.sqrt([0.5, 1.0, 1.5])
FARTHEST = 10  # doublings of the standard error after which a bound is called infinite
HALVINGS = 60  # of the step in which a bound lies


@dataclass(frozen=True)
class Wild:
    """p : two-sided. t : the statistic with clustered errors. draws : weights drawn, or all 2^G where `exact`."""

    p: float
    t: float
    draws: int
    weights: Weights
    exact: bool


@dataclass(frozen=True)
class Parts:
    """A hypothesis on one coefficient, by region: g regions that take part.

    With `own` the regressor less effects and other regressors: square = own'own; beta : its estimate; se : clustered;
    scores : (g,) own_g'e_g. outcome : residuals of the outcome on all but the regressor; regressor : own.
    """

    square: float
    beta: float
    se: float
    scores: np.ndarray
    outcome: Residual
    regressor: Residual


@dataclass(frozen=True)
class Residual:
    """Of residuals u, by region: moment (g,) = own_g'u_g; left, right (g, m), own_g'P_gh u_h = left_g'right_h."""

    moment: np.ndarray
    left: np.ndarray
    right: np.ndarray

    def statistics(self, v: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Of draws v (b, g): numerators own'v u (b,), and the scores own_g'e*_g of the regression on v u (b, g)."""
        return v @ self.moment, v * self.moment - (v @ self.right) @ self.left.T

    def less(self, other: Residual, by: float) -> Residual:
        """Of residuals u - by w; both have the same left factors."""
        return Residual(self.moment - by * other.moment, self.left, self.right - by * other.right)


def wild_cluster(
    y: np.ndarray,
    x: np.ndarray,
    which: int = 0,
    effects: Effects = "two-way",
    draws: int = 9999,
    weights: Weights = "rademacher",
    seed: int = 0,
    null: float = 0.0,
) -> Wild:
    """Wild cluster bootstrap-t of b_which = null, by region, with the null imposed (variant "11", WCR-C).

    y* = fitted under the null + v_g u_g, t* = (b* - null) / se*, se* clustered by region;
    p = (1 + #{|t*| >= |t|}) / (draws + 1). Where there are no more than `draws` patterns of signs, all 2^G are taken
    and p = #{|t*| >= |t|} / 2^G, the observed pattern among them.

    Scores of a draw are v_g own_g'u_g - sum_h own_g'P_gh u_h v_h, with P of rank t + k: all draws together are two thin
    products, and nothing is fitted again. The small-sample factor of se is the same in t and t* and drops out.

    Parameters
    ----------
    y, x, effects : as for `panel_ols.fit`
    which : position of the regressor
    weights : v = -1 or 1 each with probability 1/2; "webb", six points, for fewer than about ten regions

    Raises
    ------
    Refusal
        As `panel_ols.fit`; for fewer than one draw or a position that is not there.

    Source: Cameron, Gelbach and Miller (2008), Review of Economics and Statistics 90; Roodman, MacKinnon, Nielsen and
    Webb (2019), Stata Journal 19; MacKinnon, Nielsen and Webb (2023), Journal of Econometrics 232.
    """
    parts = _parts(y, x, which, effects)
    residual = parts.outcome.less(parts.regressor, null)
    seen = (parts.beta - null) * parts.square
    drawn, points, exact = _patterns(len(parts.scores), draws, weights, seed)
    above = 0
    for v in _blocks(drawn, points, residual.left.shape[1]):
        moment, scores = residual.statistics(v)
        above += _extreme(moment, np.einsum("bg,bg->b", scores, scores), seen, parts.scores)
    t = (parts.beta - null) / parts.se if parts.se > 0 else float("nan")
    return Wild(_share(above, len(drawn), exact), t, len(drawn), weights, exact)


def wild_interval(
    y: np.ndarray,
    x: np.ndarray,
    which: int = 0,
    effects: Effects = "two-way",
    draws: int = 9999,
    weights: Weights = "rademacher",
    seed: int = 0,
    level: float = 0.95,
) -> tuple[float, float]:
    """The values of the coefficient that the wild cluster bootstrap does not reject: from the estimate outwards on each
    side, to where p first falls to 1 - level; infinite where it does not within 1,000 standard errors.

    Residuals are linear in the null, so one set of draws answers for every value. Source: as `wild_cluster`.
    """
    parts = _parts(y, x, which, effects)
    kept: list[list[np.ndarray]] = [[], [], [], [], []]
    drawn, points, exact = _patterns(len(parts.scores), draws, weights, seed)
    for v in _blocks(drawn, points, parts.regressor.left.shape[1]):
        one, s = parts.outcome.less(parts.regressor, parts.beta).statistics(v)
        two, r = parts.regressor.statistics(v)
        products = (np.einsum("bg,bg->b", a, b) for a, b in ((s, s), (s, r), (r, r)))
        for values, block in zip(kept, (one, two, *products), strict=True):
            values.append(block)
    m, d, ss, sr, rr = (np.concatenate(values) for values in kept)

    def p(off: float) -> float:
        above = _extreme(m - off * d, ss - 2.0 * off * sr + off**2 * rr, -off * parts.square, parts.scores)
        return _share(above, len(m), exact)

    if parts.se == 0.0:
        return parts.beta, parts.beta
    low, high = (_edge(p, sign * parts.se, 1.0 - level) for sign in (-1.0, 1.0))
    return parts.beta + low, parts.beta + high


def wider_interval(
    y: np.ndarray,
    x: np.ndarray,
    which: int = 0,
    effects: Effects = "two-way",
    draws: int = 1999,
    seed: int = 0,
    level: float = 0.95,
) -> tuple[float, float]:
    """The interval that holds the wild cluster bootstrap's and the jackknife's over regions (CRV3): b +- t_{G-1} s with
    s^2 = (G - 1) / G sum_g (b_(g) - b)^2 over the G regions that take part, b_(g) without region g.

    Where b cannot be told without some region, the bootstrap's alone. Parameters as `wild_cluster`.

    Source: as `wild_cluster`; MacKinnon, Nielsen and Webb (2023), Journal of Applied Econometrics 38 (CRV3).
    """
    from scipy.special import stdtrit

    low, high = wild_interval(y, x, which, effects, draws, seed=seed, level=level)
    found = _reduced(y, x, which, effects)
    b, taken = float(found.beta[which]), found.absorbed.used.any(axis=1)
    g = int(taken.sum())
    without = leave_one_out(y, x, which, effects)[taken]
    half = float(stdtrit(g - 1, 0.5 + level / 2) * np.sqrt((g - 1) / g * ((without - b) ** 2).sum()))
    return (min(low, b - half), max(high, b + half)) if np.isfinite(half) else (low, high)


def leave_one_out(y: np.ndarray, x: np.ndarray, which: int = 0, effects: Effects = "two-way") -> np.ndarray:
    """(n,) the coefficient without each region, from one fit; nan where it cannot be told without that region.

    With effects out of w = (y, x), what is left without region g has products w'w - w_g' (I - P_gg)^+ w_g, where P_gg
    is the effects' projection within g. A region that takes no part leaves the coefficient as it is.

    Source: the deletion formula for groups, Cook and Weisberg (1982), Residuals and influence in regression;
    for clusters with fixed effects MacKinnon, Nielsen and Webb (2023), Journal of Applied Econometrics 38.
    """
    found = _reduced(y, x, which, effects)
    w = np.concatenate([found.x, found.y[..., None]], axis=-1)
    products = np.einsum("nti,ntj->ij", w, w)
    size = np.sqrt(np.diagonal(products)) + (np.diagonal(products) == 0)
    w, products = w / size, products / size / size[:, None]
    used = found.absorbed.used
    masks, at = np.unique(used, axis=0, return_inverse=True)
    inverses = np.stack([_apart(found, mask) for mask in masks])[at.reshape(-1)]
    left = products - np.einsum("nti,nts,nsj->nij", w, inverses, w)
    gram, cross = left[:, :-1, :-1], left[:, :-1, -1]
    floor = 1e-9 * np.linalg.eigvalsh(products[:-1, :-1])[0]
    told = np.linalg.eigvalsh(gram)[:, 0] > floor
    beta = np.full(len(y), np.nan)
    beta[told] = np.linalg.solve(gram[told], cross[told][..., None])[:, which, 0] * size[-1] / size[which]
    beta[~used.any(axis=1)] = found.beta[which]
    return beta


def _apart(found: Reduced, mask: np.ndarray) -> np.ndarray:
    """(t, t) generalised inverse of I - P_gg for a region with these years."""
    space, cells = found.absorbed, mask.astype(float)
    number = max(cells.sum(), 1.0)
    dummies = np.diag(cells)
    projection = np.zeros((len(cells), len(cells)))
    if space.region:
        projection += np.outer(cells, cells) / number
        dummies -= np.outer(cells, cells) / number
    if space.year:
        projection += np.einsum("ij,jk,kl->il", dummies, space.between, dummies)
    if not (space.region or space.year):
        projection += np.outer(cells, cells) / space.used.sum()
    return np.asarray(np.linalg.pinv(np.eye(len(cells)) - projection, rcond=1e-10, hermitian=True))


def _reduced(y: np.ndarray, x: np.ndarray, which: int, effects: Effects) -> Reduced:
    if not 0 <= which < x.shape[-1]:
        raise Refusal("no_such_regressor", position=which, number=x.shape[-1])
    return reduce(y, x, effects)


def _parts(y: np.ndarray, x: np.ndarray, which: int, effects: Effects) -> Parts:
    found = _reduced(y, x, which, effects)
    taken = found.absorbed.used.any(axis=1)
    others = np.delete(found.x, which, axis=-1)
    own = _less(found.x[..., which], others)
    square, beta = float((own**2).sum()), float(found.beta[which])
    shared, _ = found.absorbed.shared(own)
    left = np.concatenate([shared, np.einsum("nt,ntk->nk", own, found.x)], axis=1)[taken]

    def residual(u: np.ndarray) -> Residual:
        _, right = found.absorbed.shared(u)
        carried = np.einsum("ntk,nt,kl->nl", found.x, u, found.inverse)
        moment = np.einsum("nt,nt->n", own, u)[taken]
        return Residual(moment, left, np.concatenate([right, carried], axis=1)[taken])

    scores = np.einsum("nt,nt->n", own, found.residuals)[taken]
    se = float(np.sqrt(cluster_factor(found) * (scores**2).sum())) / square
    return Parts(square, beta, se, scores, residual(found.residuals + beta * own), residual(own))


def _less(x: np.ndarray, others: np.ndarray) -> np.ndarray:
    """x (n, t) less what others (n, t, k) explain of it."""
    k = others.shape[-1]
    if k == 0:
        return x
    flat = others.reshape(-1, k)
    outer = np.linalg.inv(triangle(flat, np.zeros(k)))
    for _ in range(2):
        step = np.einsum("jl,kl,k->j", outer, outer, np.einsum("ntk,nt->k", others, x))
        x = x - np.einsum("ntk,k->nt", others, step)
    return x


def _patterns(g: int, draws: int, weights: Weights, seed: int) -> tuple[np.ndarray, np.ndarray, bool]:
    """Which point (draws, g) each region draws, the points, and whether the draws are all that there are."""
    if draws < 1:
        raise Refusal("draws_few", draws=draws)
    rng = np.random.default_rng(seed)
    if weights == "webb":
        return rng.integers(0, 6, (draws, g), dtype=np.uint8), np.concatenate([-WEBB, WEBB]), False
    signs = np.array([-1.0, 1.0])
    if 2**g <= draws:
        return ((np.arange(2**g)[:, None] >> np.arange(g)) & 1).astype(np.uint8), signs, True
    octets = np.frombuffer(rng.bytes(draws * -(-g // 8)), dtype=np.uint8).reshape(draws, -1)
    return np.unpackbits(octets, axis=1, count=g), signs, False


def _blocks(drawn: np.ndarray, points: np.ndarray, width: int) -> Iterator[np.ndarray]:
    """The weights, some draws at a time: so few that no product is shared among threads, which would cost more."""
    size = max(16, CALM // (drawn.shape[1] * width + 1))
    for start in range(0, len(drawn), size):
        yield points[drawn[start : start + size]]


def _extreme(moment: np.ndarray, squares: np.ndarray, seen: float, scores: np.ndarray) -> int:
    """Draws with |t*| >= |t|, compared without division: where both sides vanish the draw counts."""
    ours = seen**2 * np.maximum(squares, 0.0)
    return int((moment**2 * float((scores**2).sum()) >= ours * (1.0 - TIE)).sum())


def _share(above: int, number: int, exact: bool) -> float:
    return above / number if exact else (1 + above) / (number + 1)


def _edge(p: Callable[[float], float], step: float, least: float) -> float:
    """How far from the estimate p first falls to `least`: the step is doubled until it does, then halved."""
    near, far = 0.0, step
    for _ in range(FARTHEST):
        if p(far) <= least:
            break
        near, far = far, 2.0 * far
    else:
        return float(np.copysign(np.inf, step))
    for _ in range(HALVINGS):
        middle = 0.5 * (near + far)
        near, far = (near, middle) if p(middle) <= least else (middle, far)
    return far
