"""How much of a machine one file may use, and what travels between parent and child."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from layers.findings import Finding


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may cost before its reading is stopped with an `UnsafeFileError`.

    Attributes:
        wall_s: seconds on the clock.
        cpu_s: seconds of computing.
        memory_bytes: address space of the child process.
        file_bytes: size of the file, and of what is unpacked from it.
        zip_entries: members of a zip.
        zip_ratio: how many times larger than itself a zip may become (small ones are not asked).
        features: rows of a layer or table.
        repair_vertices: vertices of one invalid polygon; larger ones are dropped, not repaired.
    """

    wall_s: float = 180.0
    cpu_s: int = 120
    memory_bytes: int = 6 * 2**30
    file_bytes: int = 2 * 2**30
    zip_entries: int = 5_000
    zip_ratio: int = 150
    features: int = 5_000_000
    repair_vertices: int = 200_000


@dataclass(frozen=True, slots=True)
class RawLayer:
    """A layer as its file tells it: attributes, shapely geometries (None = missing) and what was noticed.

    ``reported`` marks rows whose missing geometry the findings already explain.
    """

    table: pa.Table
    geometry: NDArray[np.object_]
    driver: str
    layer: str
    reference: str | None
    encoding: str
    findings: tuple[Finding, ...]
    reported: NDArray[np.bool_]
