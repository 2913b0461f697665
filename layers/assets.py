"""Which asset a report concerns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from layers.generation import NONE, Generation, Objects, Positions

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class AssetAnswer:
    """The asset each report concerns: kind (position in ``kinds``), its position there, metres."""

    kinds: tuple[str, ...]
    kind: Positions
    position: Positions
    distance_m: Floats


def find_assets(generation: Generation, lng: Floats, lat: Floats, codes: Objects) -> AssetAnswer:
    """The asset concerned: one that contains the position, else the first kind of the category's
    that has one within its radius, else none; without a category the nearest of any kind.
    """
    kinds = tuple(sorted(generation.assets))
    n = len(lng)
    nothing = np.full(n, NONE, dtype=np.intp)
    answer = AssetAnswer(kinds, nothing, nothing.copy(), np.full(n, np.nan))
    if not kinds or not n:
        return answer
    x, y = generation.metric.points(lng, lat)
    for concerned, rows in _by_kinds(generation, codes):
        known = concerned is not None
        for kind in concerned if concerned is not None else kinds:
            if kind in generation.assets:
                _nearest_of(generation, kind, rows, x, y, answer, in_order=known)
    return answer


def _by_kinds(generation: Generation, codes: Objects) -> list[tuple[tuple[str, ...] | None, Positions]]:
    """Rows by the asset kinds that their category concerns; None where there is no category."""
    groups: dict[tuple[str, ...] | None, list[Positions]] = {}
    given, row = np.unique(codes.astype(str), return_inverse=True)
    for i, code in enumerate(given):
        category = generation.config.categories.get(code)
        key = category.asset_kinds if category is not None else _kinds_of(generation, code)
        groups.setdefault(key, []).append(np.flatnonzero(row == i))
    return [(kinds, np.concatenate(rows)) for kinds, rows in groups.items()]


def _kinds_of(generation: Generation, code: str) -> tuple[str, ...] | None:
    """What an unknown category concerns: the asset kind of that name, or nothing; without one, any kind."""
    if not code:
        return None
    return (code,) if code in generation.assets else ()


def _nearest_of(
    generation: Generation,
    kind: str,
    rows: Positions,
    x: Floats,
    y: Floats,
    answer: AssetAnswer,
    *,
    in_order: bool,
) -> None:
    points = shapely.points(x[rows], y[rows])
    radius = generation.config.radius(kind)
    found, position, distance = generation.asset_index[kind].nearest(points, radius)
    row = rows[found]
    best = answer.distance_m[row]
    # A kind that comes later wins only by containing the position (or by being nearer, in no order).
    better = np.isnan(best) | ((distance == 0) & (best > 0) if in_order else distance < best)
    row, position, distance = row[better], position[better], distance[better]
    answer.kind[row] = answer.kinds.index(kind)
    answer.position[row] = position
    answer.distance_m[row] = distance
