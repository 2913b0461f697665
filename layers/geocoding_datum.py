"""Answers of the geocoder in another datum: the same JSON, every position in it converted, and labelled."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from geo.crs import Reference, from_wgs84
from geo.types import Datum
from layers.candidates import Json

_POINTS = ("coordinates", "point")
_CORNERS = ((0, 1), (2, 1), (2, 3), (0, 3))  # of west, south, east, north


def in_reference(said: Json, reference: Reference) -> Json:
    """An answer as JSON, its positions in a datum or CRS that it then names as ``datum``; WGS-84 as it is.

    A box becomes the box of its four corners.

    Args:
        said: positions in WGS-84; it is changed.
        reference: of the positions in the result.
    """
    if reference is Datum.WGS84:
        return said
    found = list(_lists(said))
    points = np.array([pair for _, pairs in found for pair in pairs], dtype=float).reshape(-1, 2)
    moved = np.column_stack(from_wgs84(points[:, 0], points[:, 1], reference)).tolist()
    at = 0
    for values, pairs in found:
        values[:] = _written(moved[at : at + len(pairs)])
        at += len(pairs)
    return {"datum": name_of(reference), **said}


def name_of(reference: Reference) -> str:
    """What a datum or CRS is called: ``gcj02``, ``EPSG:4527``."""
    return reference.value if isinstance(reference, Datum) else str(reference.srs).upper()


def _lists(value: Any) -> Iterator[tuple[list[float], list[tuple[float, float]]]]:
    """The lists that hold a point or a box, each with its points or corners."""
    if isinstance(value, list):
        for one in value:
            yield from _lists(one)
    elif isinstance(value, dict):
        for name, one in value.items():
            if name in _POINTS:
                yield one, [(one[0], one[1])]
            elif name == "bbox":
                yield one, [(one[x], one[y]) for x, y in _CORNERS]
            else:
                yield from _lists(one)


def _written(points: list[list[float]]) -> list[float]:
    if len(points) == 1:
        return points[0]
    x, y = zip(*points, strict=True)
    return [min(x), min(y), max(x), max(y)]
