"""A generation's cells, assets and owners as others read them: GeoJSON features and pages of them.

Geometry is WGS-84, as published. What there is none of is null.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cached_property
from typing import Any

import numpy as np
import orjson
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.index import LayerIndex
from geo.types import Bbox
from layers.generation import Features, Generation
from layers.key_pages import key_page

Ints = NDArray[np.intp]
Objects = NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class CityPage:
    """Some things of a city.

    Attributes:
        items: GeoJSON features, or JSON objects.
        matched: how many there are on all pages.
        cursor: where the next page goes on; empty after the last.
    """

    items: list[bytes]
    matched: int
    cursor: str


class CityFeatures:
    """A generation, ready to be read page by page; may be shared between threads."""

    def __init__(self, generation: Generation) -> None:
        self.generation = generation
        self._indexes: dict[str, LayerIndex] = {}
        self._attributes: dict[str, Mapping[str, NDArray[Any]]] = {}

    @cached_property
    def bbox(self) -> list[float] | None:
        """West, south, east and north of the grid, else of the assets; None where there is neither."""
        layers = [self.generation.cells.geometry, *(one.geometry for one in self.generation.assets.values())]
        boxes = [shapely.total_bounds(geometry) for geometry in layers]
        known = [box for box in boxes if np.isfinite(box).all()]
        if not known or np.isfinite(boxes[0]).all():
            return boxes[0].tolist() if known else None
        west, south, east, north = np.transpose(known)
        return [float(west.min()), float(south.min()), float(east.max()), float(north.max())]

    def cells(self, level: str, boxes: Sequence[Bbox], cursor: str, limit: int) -> CityPage:
        """A page of the cells by code, of those with the same code the higher level first.

        Args:
            level: empty for all.
            boxes: cells that share at least a point with one of them; none for all.

        Raises:
            ValueError: the cursor is none.
        """
        cells, order = self.generation.cells, self._cell_order
        wanted = np.ones(len(order), dtype=bool) if not level else cells.level[order] == level
        if boxes:
            wanted &= self._cells_in(boxes)[order]
        rows = np.flatnonzero(wanted)
        page, following = key_page(self._cell_keys, rows, cursor, limit)
        return CityPage(self._cell_features(order[page]), len(rows), following)

    def cell(self, code: str, level: str = "") -> bytes | None:
        """The cell with a code; where no level is said and several have it, that of the lowest."""
        cells = self.generation.cells
        found = np.flatnonzero(cells.code == code)
        if level:
            found = found[cells.level[found] == level]
        ranks = [self._rank[cells.level[at]] for at in found]
        return self._cell_features(found[[int(np.argmax(ranks))]])[0] if ranks else None

    def assets(self, kind: str, boxes: Sequence[Bbox], cursor: str, limit: int) -> CityPage:
        """A page of the assets of a kind by id; else as `cells`.

        Raises:
            KeyError: there is no such kind.
            ValueError: the cursor is none.
        """
        layer = self.generation.assets[kind]
        rows = np.arange(len(layer.id))
        if boxes:
            index = self._index(kind, layer)
            rows = _union(index.in_box(box.west, box.south, box.east, box.north) for box in boxes)
        page, following = key_page(layer.id, rows, cursor, limit)
        return CityPage(self._asset_features(layer, page), len(rows), following)

    def owners(self, cursor: str, limit: int) -> CityPage:
        """A page of the owners by id.

        Raises:
            ValueError: the cursor is none.
        """
        page, following = key_page(self._owner_keys, np.arange(len(self._owner_order)), cursor, limit)
        owners = self.generation.owners
        said = [
            {
                "id": owners[at].id,
                "name": owners[at].name,
                "name_en": owners[at].name_en or None,
                **{what: int(counts[at]) for what, counts in self._holdings.items()},
            }
            for at in self._owner_order[page].tolist()
        ]
        return CityPage([orjson.dumps(one) for one in said], len(owners), following)

    @cached_property
    def _rank(self) -> Mapping[str, int]:
        return {level: rank for rank, level in enumerate(self.generation.config.levels)}

    @cached_property
    def _cell_order(self) -> Ints:
        cells = self.generation.cells
        keys = list(zip(cells.code, (self._rank[level] for level in cells.level), strict=True))
        return np.array(sorted(range(len(keys)), key=keys.__getitem__), dtype=np.intp)

    @cached_property
    def _cell_keys(self) -> list[str]:
        return list(self.generation.cells.code[self._cell_order])

    @cached_property
    def _owner_order(self) -> Ints:
        ids = [owner.id for owner in self.generation.owners]
        return np.array(sorted(range(len(ids)), key=ids.__getitem__), dtype=np.intp)

    @cached_property
    def _owner_keys(self) -> list[str]:
        return [self.generation.owners[at].id for at in self._owner_order]

    @cached_property
    def _holdings(self) -> Mapping[str, Ints]:
        """What each owner has: cells whose body it is, areas, assets and sections."""
        generation = self.generation
        layers = {
            "cells": [generation.cells.body],
            "areas": [layer.owner for layer in generation.areas.values()],
            "assets": [layer.owner for layer in generation.assets.values()],
            "sections": [layer.owner for layer in generation.sections.values()],
        }
        return {what: _counted(owners, len(generation.owners)) for what, owners in layers.items()}

    def _cells_in(self, boxes: Sequence[Bbox]) -> NDArray[np.bool_]:
        found = np.zeros(len(self.generation.cells.code), dtype=bool)
        for box in boxes:
            found[self._cell_index.in_box(box.west, box.south, box.east, box.north)] = True
        return found

    @cached_property
    def _cell_index(self) -> LayerIndex:
        """The cells of all levels in degrees."""
        return LayerIndex(self.generation.cells.geometry)

    def _index(self, kind: str, layer: Features) -> LayerIndex:
        """The assets in degrees; two threads that ask at once make it twice, and one is kept."""
        if kind not in self._indexes:
            self._indexes[kind] = LayerIndex(layer.geometry)
        return self._indexes[kind]

    def _columns(self, layer: Features) -> Mapping[str, NDArray[Any]]:
        """A layer's other columns, of which to pick rows is quick."""
        if layer.kind not in self._attributes:
            frame = layer.attributes
            self._attributes[layer.kind] = {str(name): _values(frame[name]) for name in frame.columns}
        return self._attributes[layer.kind]

    def _cell_features(self, rows: Ints) -> list[bytes]:
        cells, owners = self.generation.cells, self.generation.owners
        leaves = np.isin(rows, cells.leaves)
        said = [
            {
                "code": cells.code[at],
                "name": cells.name[at] or None,
                "level": cells.level[at],
                "parent": cells.code[cells.parent[at]] if cells.parent[at] >= 0 else None,
                "path": cells.path[at],
                "leaf": bool(leaf),
                "owner_id": owners[cells.body[at]].id,
                "owner_name": owners[cells.body[at]].name,
            }
            for at, leaf in zip(rows.tolist(), leaves, strict=True)
        ]
        return _features(cells.path[rows], cells.geometry[rows], said)

    def _asset_features(self, layer: Features, rows: Ints) -> list[bytes]:
        owners = [self.generation.owners[at] if at >= 0 else None for at in layer.owner[rows]]
        columns = self._columns(layer)
        names, own = list(columns), [column[rows].tolist() for column in columns.values()]
        values = zip(*own, strict=True) if own else [()] * len(rows)
        said = [
            {
                "kind": layer.kind,
                "name": name or None,
                "owner_id": None if owner is None else owner.id,
                "owner_name": None if owner is None else owner.name,
                "attributes": dict(zip(names, row, strict=True)),
            }
            for name, owner, row in zip(layer.name[rows], owners, values, strict=True)
        ]
        return _features(layer.id[rows], layer.geometry[rows], said)


def _features(ids: Objects, geometry: Objects, properties: Sequence[Mapping[str, Any]]) -> list[bytes]:
    shapes = shapely.to_geojson(geometry)
    return [
        orjson.dumps(
            {
                "type": "Feature",
                "id": id_,
                "geometry": None if shape is None else orjson.Fragment(shape),
                "properties": said,
            },
            default=_plain,
        )
        for id_, shape, said in zip(ids, shapes, properties, strict=True)
    ]


def _values(column: pd.Series) -> NDArray[Any]:
    """Numbers as they lie there, all else as Python's own."""
    is_plain = isinstance(column.dtype, np.dtype) and column.dtype.kind in "biuf"
    return column.to_numpy() if is_plain else column.astype(object).to_numpy()


def _plain(value: Any) -> Any:
    """A value of a layer's table as JSON has it."""
    if isinstance(value, np.generic):
        return value.item()
    if value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return bytes(value).hex() if isinstance(value, bytes | bytearray | memoryview) else str(value)


def _union(found: Any) -> Ints:
    return np.unique(np.concatenate(list(found)))


def _counted(owners: Sequence[Ints], count: int) -> Ints:
    every = np.concatenate([np.empty(0, dtype=np.intp), *owners])
    return np.bincount(every[every >= 0], minlength=count)
