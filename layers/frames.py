"""A generation's layers as tables of features, for maps and exports."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas
import numpy as np
import pandas as pd

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


def section_frames(generation: Generation) -> dict[str, geopandas.GeoDataFrame]:
    """Per kind of route: id, name, owner_name, route, from_m, to_m, side, other columns, geometry."""
    frames = {}
    for kind, sections in generation.sections.items():
        own = {
            "id": sections.id, "name": sections.name, "owner_name": _owner_names(generation, sections.owner),
            "route": sections.route, "from_m": sections.from_m, "to_m": sections.to_m, "side": sections.side,
        }  # fmt: skip
        table = pd.concat([pd.DataFrame(own), sections.attributes], axis=1)
        frames[kind] = geopandas.GeoDataFrame(table, geometry=sections.geometry, crs=WGS84)
    return frames


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
