"""A difference as a GeoPackage to look at in a GIS: a layer for each kind of change."""

from __future__ import annotations

from pathlib import Path

import geopandas
import numpy as np
import pandas as pd
import shapely

from layers.diff import Difference
from layers.diff_members import KINDS
from layers.diff_places import PlaceMoves
from layers.tables import WGS84, replacing, write_table

DIMENSIONS = ("points", "lines", "polygons")


def write_diff_layers(path: Path, found: Difference, moves: PlaceMoves | None = None) -> list[str]:
    """Write a GeoPackage, replaced, and return its layers: ``KIND_polygons`` (or lines, points) for members,
    ``ground_cell`` and ``ground_owner`` for what passes to another cell or owner, ``places`` for those that
    move, and the table ``words``. Only what there is; without any difference nothing is written.
    """
    layers: dict[str, pd.DataFrame] = {**_ground(found), **_members(found)}
    if moves is not None and len(moves.moves):
        layers["places"] = moves.moves
    if found.words:
        layers["words"] = pd.DataFrame([[c.section, c.kind, c.key, c.before, c.after] for c in found.words],
                                       columns=["section", "kind", "key", "before", "after"])  # fmt: skip
    if layers:
        with replacing(path) as fresh:
            for name, frame in layers.items():
                write_table(fresh, name, frame)
    return list(layers)


def all_changes(found: Difference) -> geopandas.GeoDataFrame:
    """The changes of all layers, with the layer's name in front."""
    frames = [layer.changes.assign(layer=layer.layer) for layer in found.layers]
    return _joined(frames)


def all_ground(found: Difference) -> geopandas.GeoDataFrame:
    """The ground of all layers that passes to another cell or owner, with the layer's name in front."""
    return _joined([layer.ground.pieces.assign(layer=layer.layer) for layer in found.layers])


def _joined(frames: list[geopandas.GeoDataFrame]) -> geopandas.GeoDataFrame:
    full = [frame for frame in frames if len(frame)]
    if not full:
        return geopandas.GeoDataFrame({"layer": [], "kind": []}, geometry=[], crs=WGS84)
    table = pd.concat([pd.DataFrame(frame.drop(columns="geometry")) for frame in full], ignore_index=True)
    table.insert(0, "layer", table.pop("layer"))
    shapes = np.concatenate([frame.geometry.to_numpy() for frame in full])
    return geopandas.GeoDataFrame(table, geometry=shapes, crs=WGS84)


def _members(found: Difference) -> dict[str, geopandas.GeoDataFrame]:
    """By kind of change and dimension: a GIS wants one kind of geometry in a layer."""
    changes = all_changes(found)
    dimension = shapely.get_dimensions(changes.geometry.to_numpy())
    layers = {}
    for kind in KINDS:
        for number, name in enumerate(DIMENSIONS):
            rows = (changes["kind"] == kind).to_numpy() & (dimension == number)
            if rows.any():
                layers[f"{kind}_{name}"] = _uniform(changes[rows].drop(columns="kind"))
    return layers


def _ground(found: Difference) -> dict[str, geopandas.GeoDataFrame]:
    pieces = all_ground(found)
    layers = {}
    for aspect in ("cell", "owner"):
        rows = pieces[aspect].to_numpy(bool) if len(pieces) else np.empty(0, dtype=bool)
        if rows.any():
            layers[f"ground_{aspect}"] = _uniform(pieces[rows].drop(columns=["cell", "owner"]))
    return layers


def _uniform(frame: geopandas.GeoDataFrame) -> geopandas.GeoDataFrame:
    """All geometries as multi-geometries where one is."""
    shapes = frame.geometry.to_numpy()
    if len(np.unique(shapely.get_type_id(shapes))) == 1:
        return frame
    parts, of = shapely.get_parts(shapes, return_index=True)
    make = (shapely.multipoints, shapely.multilinestrings, shapely.multipolygons)
    return frame.set_geometry(make[shapely.get_dimensions(parts)[0]](parts, indices=of), crs=WGS84)
