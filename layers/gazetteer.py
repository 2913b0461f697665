"""The gazetteer of a generation: made of its layers, kept in its file when published, read back fast."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import shapely

from layers.gazetteer_columns import keys
from layers.gazetteer_crossings import add_crossings
from layers.gazetteer_entries import (
    NONE,
    STREET,
    WATERWAY,
    Collected,
    Floats,
    Gazetteer,
    Objects,
    Positions,
    placed,
)
from layers.gazetteer_lines import add_lines
from layers.gazetteer_numbered import numbered
from layers.gazetteer_numbers import add_addresses, add_buildings, estate_kind
from layers.gazetteer_table import TABLE, read_gazetteer, write_gazetteer
from layers.gazetteer_things import (
    add_areas,
    add_assets,
    add_cells,
    add_mileposts,
    add_places,
    add_sections,
    as_groups,
)
from layers.generation import DRAFT, PLACE, Generation
from layers.tables import table_names

__all__ = ["Gazetteer", "build_gazetteer", "load_gazetteer", "save_gazetteer", "shape_of"]


def load_gazetteer(generation: Generation) -> Gazetteer:
    """The gazetteer that a generation was published with; of a draft, or an older generation, a new one."""
    if generation.id != DRAFT and TABLE in table_names(generation.path):
        return read_gazetteer(generation.path)
    return build_gazetteer(generation)


def save_gazetteer(path: Path, generation: Generation) -> None:
    """Put the gazetteer of a generation into a GeoPackage, in place of the one that it holds."""
    write_gazetteer(path, build_gazetteer(generation))


def build_gazetteer(generation: Generation) -> Gazetteer:
    """Every named, coded or numbered thing of a generation.

    The order of entries follows from the layers' names and ids alone.
    """
    collected = Collected()
    add_cells(collected, generation)
    streets = add_lines(collected, generation, STREET)
    waterways = add_lines(collected, generation, WATERWAY)
    add_crossings(collected, (streets, waterways))
    hamlets = add_places(collected, generation)
    known = frozenset(keys(collected.all().name).tolist())
    things = numbered(generation)
    estates = estate_kind(generation, things)
    rows = add_areas(collected, generation, estates)
    add_buildings(collected, generation, things, estates, rows, known)
    add_addresses(collected, things, streets, hamlets)
    add_assets(collected, generation, streets, waterways, known)
    add_mileposts(collected, generation, (streets, waterways))
    add_sections(collected, generation)
    return placed(
        as_groups(collected.all()), generation.metric, lambda lng, lat: _cells(generation, lng, lat)
    )


def _cells(generation: Generation, lng: Floats, lat: Floats) -> Positions:
    leaves = generation.cells.leaves
    if not len(leaves):
        return np.full(len(lng), NONE, dtype=np.intp)
    leaf = generation.leaf_index.first(lng, lat)
    return np.where(leaf >= 0, leaves[leaf], NONE)


def shape_of(generation: Generation, gazetteer: Gazetteer, row: int) -> shapely.Geometry:
    """The shape of an entry in WGS-84 degrees: all pieces of a street; the point of what was inferred."""
    shapes = _geometry(generation, str(gazetteer.layer[row]))
    pieces = shapely.get_parts(shapes[gazetteer.pieces_of(row)])
    if not len(pieces):
        return shapely.Point(gazetteer.lng[row], gazetteer.lat[row])
    if len(pieces) == 1:
        return pieces[0]
    same = len({piece.geom_type for piece in pieces}) == 1
    return shapely.union_all(pieces) if same else shapely.geometrycollections(pieces)


def _geometry(generation: Generation, layer: str) -> Objects:
    """The geometries of a layer, none for what was inferred."""
    role, _, kind = layer.partition(":")
    if role == "area":
        return generation.areas[kind].geometry
    if role == "asset":
        return generation.assets[kind].geometry
    if role == "section":
        return generation.sections[kind].geometry
    if role == "grid":
        return generation.cells.geometry
    return generation.places.geometry if role == PLACE else np.empty(0, dtype=object)
