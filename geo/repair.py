"""Mending invalid polygons, with a bound on what one of them may cost."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

# Segments looked at to estimate how often a ring crosses itself, and how often it may: about a second's work.
SAMPLE = 400
MAX_CROSSINGS = 30_000


class Repaired(NamedTuple):
    """What `repair` returns.

    Attributes:
        geoms: valid geometries; refused ones are None, what collapsed is empty.
        repaired: positions that were invalid and are valid now (or empty).
        refused: positions too large or too tangled to be repaired in reasonable time.
        reasons: one sentence of GEOS for each position in ``repaired``, then in ``refused``.
    """

    geoms: NDArray[np.object_]
    repaired: NDArray[np.intp]
    refused: NDArray[np.intp]
    reasons: tuple[str, ...]


def repair(geoms: NDArray[np.object_], *, max_vertices: int = 200_000) -> Repaired:
    """Valid geometries for any geometries; None and empty ones stay as they are.

    Rings keep the area that they enclose (``make_valid`` by structure); what collapses to a line or a
    point vanishes. Geometries with more than ``max_vertices``, or an estimated 30,000 self-crossings more
    than vertices, are refused: their repair would take minutes.
    """
    invalid = np.flatnonzero(~shapely.is_valid(geoms) & ~shapely.is_missing(geoms))
    heavy = np.array([_is_heavy(g, max_vertices) for g in geoms[invalid]], dtype=bool)
    mended = geoms.copy()
    mended[invalid[~heavy]] = _valid(_valid(geoms[invalid[~heavy]]))
    heavy |= ~shapely.is_valid(mended[invalid])
    repaired, refused = invalid[~heavy], invalid[heavy]
    mended[refused] = None
    reasons = shapely.is_valid_reason(geoms[np.concatenate([repaired, refused])])
    return Repaired(mended, repaired, refused, tuple(str(reason) for reason in reasons))


def _valid(geoms: NDArray[np.object_]) -> NDArray[np.object_]:
    """Made valid by structure. One pass can leave two rings that share an edge; a second one joins them."""
    return np.asarray(shapely.make_valid(geoms, method="structure", keep_collapsed=False))


def _is_heavy(geom: shapely.Geometry, max_vertices: int) -> bool:
    """Whether mending one geometry could take more than a second or so."""
    vertices = shapely.get_num_coordinates(geom)
    return bool(vertices > max_vertices or _crossings(geom) > MAX_CROSSINGS + vertices)


def _crossings(geom: shapely.Geometry) -> float:
    """About how many pairs of segments have boxes that meet, without neighbours on a ring."""
    segments = _segments(geom)
    sample = segments[:: max(1, len(segments) // SAMPLE)]
    met = shapely.STRtree(segments).query(sample).shape[1] - 3 * len(sample)  # itself and two neighbours
    return met / len(sample) * len(segments) / 2 if len(sample) else 0.0


def _segments(geom: shapely.Geometry) -> NDArray[np.object_]:
    """Every edge of every ring, as two-point lines."""
    xy, ring = shapely.get_coordinates(shapely.get_rings(shapely.get_parts(geom)), return_index=True)
    starts = np.flatnonzero(ring[:-1] == ring[1:])
    return np.asarray(shapely.linestrings(np.stack([xy[starts], xy[starts + 1]], axis=1)))
