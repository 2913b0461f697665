"""A generation's layers as tables of features, for maps and exports."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas
import numpy as np

from layers.generation import Features, Generation, Objects, Positions
from layers.tables import WGS84


def grid_frames(generation: Generation) -> dict[str, geopandas.GeoDataFrame]:
    """Per level, top first: code, name, parent, owner_name, geometry."""
    cells = generation.cells
    frames = {}
    for level in generation.config.levels:
        rows = np.flatnonzero(cells.level == level)
        if len(rows):
            frames[level] = geopandas.GeoDataFrame(
                {
                    "code": cells.code[rows],
                    "name": cells.name[rows],
                    "parent": np.append(cells.code, "")[cells.parent[rows]],
                    "owner_name": _owner_names(generation, cells.body[rows]),
                },
                geometry=cells.geometry[rows],
                crs=WGS84,
            )
    return frames


def area_frames(generation: Generation) -> dict[str, geopandas.GeoDataFrame]:
    """Per kind: code, name, owner_name, geometry."""
    return _frames(generation, generation.areas, "code")


def asset_frames(generation: Generation) -> dict[str, geopandas.GeoDataFrame]:
    """Per kind: id, name, owner_name, the source's other columns, geometry."""
    return _frames(generation, generation.assets, "id")


def _frames(
    generation: Generation, layers: Mapping[str, Features], key: str
) -> dict[str, geopandas.GeoDataFrame]:
    frames = {}
    for kind, layer in layers.items():
        table = layer.attributes.copy()
        table.insert(0, key, layer.id)
        table.insert(1, "name", layer.name, allow_duplicates=False)
        table.insert(2, "owner_name", _owner_names(generation, layer.owner), allow_duplicates=True)
        frames[kind] = geopandas.GeoDataFrame(table, geometry=layer.geometry, crs=WGS84)
    return frames


def _owner_names(generation: Generation, positions: Positions) -> Objects:
    return np.array([*(owner.name for owner in generation.owners), ""], dtype=object)[positions]
