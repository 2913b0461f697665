"""A stranger's OpenStreetMap file as frames: asked of a process without a network, with limits."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas
import pandas as pd
import shapely

from geo.types import Bbox
from layers.findings import Finding, Severity
from layers.osm.messages import OSM_MESSAGES
from layers.reading.limits import Limits
from layers.reading.sandbox import asked, read_arrow
from layers.tables import WGS84

Json = dict[str, Any]
# A county of ten million buildings' worth of points passes; a bomb does not.
OSM_LIMITS = Limits(wall_s=3600.0, cpu_s=3600, memory_bytes=12 * 2**30, file_bytes=8 * 2**30, zip_ratio=60)
NAMES_SHOWN = 12
WHOLE_LOSS = frozenset(
    {"osm_nodes_missing", "osm_not_closed", "osm_area_cut", "osm_area_open", "osm_area_collapsed"}
)


@dataclass(frozen=True)
class Extract:
    """What an extract holds, as a city knows it.

    Attributes:
        tables: ``asset_KIND`` and ``place``, each with valid WGS-84 geometries.
        boundaries: the closed ones: id, level, name, name_zh, name_en, tags (JSON), geometry.
        others: boundaries that are none, each with id, level, name and why (cut, open, part).
        box: of the data, as the file declares it.
        findings: what was left out or mended.
    """

    tables: Mapping[str, geopandas.GeoDataFrame]
    boundaries: geopandas.GeoDataFrame
    others: tuple[Json, ...]
    box: Bbox | None
    findings: tuple[Finding, ...]


def read_osm(
    path: str | os.PathLike[str],
    kinds: str,
    *,
    limits: Limits = OSM_LIMITS,
    progress: Callable[[float], None] | None = None,
) -> Extract:
    """Everything in a file that a kinds table asks for.

    Args:
        path: .osm.pbf, .osm, .osm.gz or .osm.bz2; told by its content.
        kinds: the text of a kinds table.
        limits: what the file may cost.
        progress: hears how much is done, from 0 to 1.

    Raises:
        LayerError: the file is no OpenStreetMap file, cut off or damaged; or the kinds table is wrong.
        UnsafeFileError: it needs more than the limits.
    """
    with asked("osm", path, limits, child="layers.osm.child", progress=progress, kinds=kinds) as (
        answer,
        out,
    ):
        tables = {name: _frame(out.parent / f"{name}.arrow") for name in answer["tables"]}
        boundaries = _frame(out.parent / "boundary.arrow")
    box = Bbox(*answer["box"]) if answer["box"] else None
    return Extract(tables, boundaries, tuple(answer["boundaries"]), box, tuple(_findings(answer)))


def _frame(path: Path) -> geopandas.GeoDataFrame:
    table = read_arrow(path)
    frame = pd.DataFrame({name: table[name].to_numpy() for name in table.column_names[:-1]})
    geometry = shapely.from_wkb(table["wkb"].to_numpy())
    return geopandas.GeoDataFrame(frame, geometry=geometry, crs=WGS84)


def _findings(answer: Json) -> list[Finding]:
    found = [
        _counted(
            loss["reason"], "warning" if loss["reason"] in WHOLE_LOSS else "note", loss, _layer(loss["table"])
        )
        for loss in answer["left_out"]
    ]
    if answer["duplicates"]["count"]:
        found.append(_counted("osm_duplicates", "note", answer["duplicates"], "osm"))
    return [finding for finding in found if finding.code in OSM_MESSAGES]


def _counted(code: str, severity: Severity, said: Json, layer: str) -> Finding:
    more = " …" if said["count"] > len(said["examples"]) else ""
    return Finding(code, severity, layer, value=", ".join(said["examples"]) + more, count=said["count"])


def _layer(table: str) -> str:
    return table.replace("_", ":", 1) if table.startswith("asset_") else table


def named(names: list[str]) -> str:
    """The first few names, for a sentence."""
    return ", ".join(names[:NAMES_SHOWN]) + (" …" if len(names) > NAMES_SHOWN else "")
