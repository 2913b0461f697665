"""The findings of `check` as layers to look at in a GIS, and boundaries proposed instead."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import geopandas
import numpy as np
import pandas as pd
import shapely

from geo.coverage import clean
from layers.consequences import consequence
from layers.findings import Finding
from layers.generation import GAP_WIDTH_M, Generation
from layers.tables import WGS84, replacing, write_table


def write_check_layers(
    path: Path, generation: Generation, findings: Sequence[Finding], *, fix: bool = False
) -> list[str]:
    """Write a GeoPackage with a layer for each kind of finding that has a place; returns the layers' names.

    Args:
        path: the file, replaced; not written where there is nothing to show.
        fix: also write ``fixed_LEVEL`` for every grid level, with the area in m² that each cell would
            gain or lose; ``import layer … --as grid:LEVEL`` takes it over.
    """
    layers = _finding_layers(findings)
    if fix:
        layers |= _fixed_layers(generation)
    path.unlink(missing_ok=True)
    if layers:
        with replacing(path) as fresh:
            for name, frame in layers.items():
                write_table(fresh, name, frame)
    return list(layers)


def _finding_layers(findings: Sequence[Finding]) -> dict[str, geopandas.GeoDataFrame]:
    placed = [finding for finding in findings if finding.geometry is not None]
    layers = {}
    for code in dict.fromkeys(finding.code for finding in placed):
        of_kind = [finding for finding in placed if finding.code == code]
        rows = [
            {
                "consequence": consequence(f.code),
                "layer": f.layer,
                "value": f.value,
                "area_m2": f.detail.get("area_m2"),
                "zh": f.reason("zh"),
                "en": f.reason("en"),
            }
            for f in of_kind
        ]
        shapes = [finding.geometry for finding in of_kind]
        layers[code] = geopandas.GeoDataFrame(rows, geometry=shapes, crs=WGS84)
    return layers


def _fixed_layers(generation: Generation) -> dict[str, geopandas.GeoDataFrame]:
    """Every level with gaps closed and overlaps given to one side."""
    cells, metric = generation.cells, generation.metric
    layers = {}
    for level in dict.fromkeys(cells.level):
        rows = np.flatnonzero(cells.level == level)
        before = metric.geometries(cells.geometry[rows])
        after, moved = clean(before, max_gap_m=GAP_WIDTH_M)
        shapes = shapely.transform(after, metric.to_lnglat, interleaved=False)
        parent = np.append(cells.code, "")[cells.parent[rows]]
        bodies = [generation.owners[i].id for i in cells.body[rows]]
        table = pd.DataFrame(
            {
                "code": cells.code[rows],
                "name": cells.name[rows],
                "parent_code": parent,
                "body": bodies,
                "moved_m2": moved,
            }
        )
        layers[f"fixed_{level}"] = geopandas.GeoDataFrame(table, geometry=shapes, crs=WGS84)
    return layers
