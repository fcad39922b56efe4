"""Distances on the globe: numbers in, numbers out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.spatial import cKDTree

EARTH_RADIUS_KM = 6371.0088  # mean radius of the GRS 80 ellipsoid (IUGG)
TIE = 12  # decimals of a chord on the unit sphere (6 micrometres) within which two neighbours are equally near


def great_circle_km(lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    """Distances between all pairs of points on the sphere, by the haversine formula.

    d_ij = 2 R asin sqrt( sin^2((phi_i - phi_j) / 2) + cos phi_i cos phi_j sin^2((lambda_i - lambda_j) / 2) )

    Parameters
    ----------
    lon, lat : (n,) arrays in degrees

    Returns
    -------
    (n, n) array in km, with R = 6371.0088

    Source: Sinnott (1984), Virtues of the haversine, Sky and Telescope 68.
    """
    phi, lam = np.radians(lat), np.radians(lon)
    rise = np.sin((phi[:, None] - phi) / 2) ** 2
    turn = np.cos(phi)[:, None] * np.cos(phi) * np.sin((lam[:, None] - lam) / 2) ** 2
    return np.asarray(2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.clip(rise + turn, 0.0, 1.0))))


def nearest(lon: np.ndarray, lat: np.ndarray, k: int, names: Sequence[str]) -> np.ndarray:
    """Whether a point is among the k nearest of another; ties in the order of names, so that row order is no choice.

    Chords on the unit sphere order as great circles do, so a k-d tree finds them without all pairs of distances.

    Parameters
    ----------
    lon, lat : (n,) arrays in degrees
    k : 1 <= k < n

    Returns
    -------
    (n, n) array of bool, k true in each row, none on the diagonal
    """
    phi, lam = np.radians(lat), np.radians(lon)
    points = np.column_stack([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)])
    tree = cKDTree(points)
    reach = tree.query(points, k=k + 1)[0][:, -1]  # of the point itself and its k nearest
    near = np.zeros((len(points), len(points)), dtype=bool)
    for i, within in enumerate(tree.query_ball_point(points, reach + 2 * 10.0**-TIE)):
        chord = {j: round(float(np.linalg.norm(points[i] - points[j])), TIE) for j in within if j != i}
        near[i, sorted(chord, key=lambda j: (chord[j], names[j]))[:k]] = True
    return near
