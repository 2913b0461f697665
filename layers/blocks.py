"""Many reports in blocks: as many at once as the memory holds the places of."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence, Sized
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import fields, is_dataclass
from typing import Any, TypeVar

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.uncertainty import POINTS, REACH
from layers.config import DEFAULT_RADIUS_M
from layers.evidence import Evidence
from layers.generation import Generation

Floats = NDArray[np.float64]
Columns = TypeVar("Columns", bound=Sized)
Part = TypeVar("Part")

MOST = 65_536  # reports at once
EXACT = 16  # places of a report without an error: itself, and what is beside it
MOST_PLACES = 4096 * POINTS  # places at once; each takes about 300 bytes while it is weighed
DEGREE_M = 111_320.0


def blocks(generation: Generation, evidence: Evidence) -> list[slice]:
    """Consecutive reports that are weighed together: fewer where their errors or shapes are wide.

    Every report is weighed for itself; where blocks end changes no answer.
    """
    count = np.cumsum(_places(generation, evidence))
    slices, start = [], 0
    while start < len(evidence):
        before = count[start - 1] if start else 0.0
        end = max(int(np.searchsorted(count, before + MOST_PLACES, "right")), start + 1)
        slices.append(slice(start, min(end, start + MOST)))
        start = slices[-1].stop
    return slices or [slice(0, 0)]


def _places(generation: Generation, evidence: Evidence) -> Floats:
    """About how many places each report is weighed at."""
    reach = REACH * evidence.deviation_m + DEFAULT_RADIUS_M
    ground: Floats = np.pi * reach**2
    shaped = np.flatnonzero(evidence.is_shape)
    if len(shaped):
        west, south, east, north = shapely.bounds(evidence.shapes[shaped]).T
        ground[shaped] = (east - west) * (north - south) * DEGREE_M**2
    own = np.where((evidence.deviation_m > 0) | evidence.is_shape, POINTS, EXACT)
    part = np.minimum(ground / generation.surroundings.ground_m2, 1.0)
    return np.asarray(own + generation.surroundings.corners * part)


def on_threads(work: Callable[[slice], Part], several: Sequence[slice]) -> list[Part]:
    """What the work makes of each block, in order, on as many threads as there are processors."""
    most = min(len(several), os.cpu_count() or 1)
    if most == 1:
        return [work(block) for block in several]
    # Each in a copy of its own: one context cannot be entered twice.
    contexts = [copy_context() for _ in several]
    with ThreadPoolExecutor(most) as pool:
        return list(pool.map(lambda context, block: context.run(work, block), contexts, several))


def together(parts: list[Columns]) -> Columns:
    """The answers of consecutive blocks of reports as one."""
    if len(parts) == 1:
        return parts[0]
    starts = np.cumsum([0, *(len(part) for part in parts[:-1])]).tolist()
    whole: Columns = _joined(parts, starts)
    return whole


def _joined(parts: list[Any], starts: list[int]) -> Any:
    """Columns end to end; numbers of rows (fields called ``row``, and rivals) count from the first block."""
    first: Any = parts[0]
    if isinstance(first, Generation | str) or first is None:
        return first
    if isinstance(first, np.ndarray):
        return np.concatenate(parts)
    if isinstance(first, Mapping):
        return {key: _joined([part[key] for part in parts], starts) for key in first}
    if is_dataclass(first):
        values = {}
        for f in fields(first):
            columns = [getattr(part, f.name) for part in parts]
            if f.name == "row":
                columns = [column + start for column, start in zip(columns, starts, strict=True)]
            if f.name == "rivals":
                columns = [(c[0] + start, c[1]) for c, start in zip(columns, starts, strict=True)]
            values[f.name] = columns[0] if f.name == "kinds" else _joined(columns, starts)
        kind: Any = type(first)
        return kind(**values)
    return tuple(_joined([part[i] for part in parts], starts) for i in range(len(first)))
