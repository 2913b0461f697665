"""What reports say of where and what, as columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike, NDArray

from geo.uncertainty import deviation
from layers.generation import Generation, Objects

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Times = NDArray[np.datetime64]

LEAST_ACCURACY_M = 0.01  # positions that are said to be better are exact: nothing in a city is so well drawn


@dataclass(frozen=True)
class Evidence:
    """What each report says.

    Attributes:
        lng, lat: WGS-84 degrees; NaN where there is no usable position.
        accuracy_m: radius of the position in metres, 0 where none is stated or it is under
            `LEAST_ACCURACY_M`; no more than the whole city, which is as good as no position.
        level: the part of the errors, in percent, that the accuracy holds.
        codes: category codes, resolved where the table knows them.
        texts: what the reporter wrote, or empty.
        occurred_at: UTC, NaT where not known.
        shapes: polygons that hold the position somewhere, or what the report itself covers; else None.
        extents: whether the shape is the reported thing itself, and not only where it is to be sought.
    """

    lng: Floats
    lat: Floats
    accuracy_m: Floats
    level: Floats
    codes: Objects
    texts: Objects
    occurred_at: Times
    shapes: Objects
    extents: Bools

    def __len__(self) -> int:
        return len(self.lng)

    @cached_property
    def deviation_m(self) -> Floats:
        """The standard deviation of each coordinate in metres."""
        return deviation(self.accuracy_m, self.level)

    @cached_property
    def is_shape(self) -> Bools:
        """Which reports have a shape."""
        there: Bools = ~shapely.is_missing(self.shapes)
        there[there] = ~shapely.is_empty(self.shapes[there])
        return there


def read_evidence(
    generation: Generation,
    lng: ArrayLike,
    lat: ArrayLike,
    category: Sequence[str] | None,
    accuracy_m: ArrayLike | None,
    level: ArrayLike,
    text: Sequence[str] | None,
    occurred_at: ArrayLike | None,
    shape: Sequence[shapely.Geometry | None] | None,
    extent: ArrayLike | None,
) -> Evidence:
    """The columns of `layers.assign.assign`, checked and filled."""
    x, y = np.atleast_1d(np.asarray(lng, dtype=float)), np.atleast_1d(np.asarray(lat, dtype=float))
    n = len(x)
    usable = (np.abs(x) <= 180) & (np.abs(y) <= 90)  # NaN is not usable
    levels = np.broadcast_to(np.asarray(level, dtype=float), n)
    never = np.full(n, np.datetime64("NaT"), dtype="datetime64[us]")
    shapes = np.full(n, None, dtype=object)
    if shape is not None:
        shapes[:] = shape
    return Evidence(
        np.where(usable, x, np.nan),
        np.where(usable, y, np.nan),
        np.zeros(n) if accuracy_m is None else _weighable(generation, accuracy_m, levels),
        levels,
        category_codes(generation, category, n),
        np.full(n, "", dtype=object) if text is None else np.array(text, dtype=object),
        never if occurred_at is None else np.asarray(occurred_at, dtype="datetime64[us]"),
        shapes,
        np.zeros(n, dtype=bool) if extent is None else np.broadcast_to(np.asarray(extent, dtype=bool), n),
    )


def _weighable(generation: Generation, accuracy_m: ArrayLike, level: Floats) -> Floats:
    accuracy = np.nan_to_num(np.asarray(accuracy_m, dtype=float))
    widest = generation.surroundings.widest_deviation_m / deviation(np.ones(len(level)), level)
    accuracy = np.minimum(accuracy, widest)
    return np.where(accuracy >= LEAST_ACCURACY_M, accuracy, 0.0)


def category_codes(generation: Generation, category: Sequence[str] | None, n: int) -> Objects:
    """Each row's category code; a name, or a code that lost its leading zeros, stands for the code; an
    unknown text for itself.
    """
    if category is None:
        return np.full(n, "", dtype=object)
    known = generation.lookups.codes
    row, given = pd.factorize(np.array(category, dtype=object), use_na_sentinel=False)
    said = [str(text).strip() for text in given]
    codes = [known.get(text, known.get(text.casefold(), text)) for text in said]
    return np.array(codes, dtype=object)[row]
