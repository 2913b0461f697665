"""A generation's cells, areas, streets and assets by what they are called."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from heapq import nsmallest
from typing import Any

import numpy as np
import shapely

from layers.findings import Lang
from layers.generation import NONE, Features, Generation, Objects
from layers.search_positions import leaf_at
from layers.search_text import TextIndex, Tier, folded
from layers.surroundings import STREET
from layers.terms import term

CELL, AREA, ROAD, ASSET = "cell", "area", "street", "asset"
_ORDER = (CELL, ROAD, AREA, ASSET)
ADDRESS = "address"
_ALSO = ("name_en", ADDRESS)  # columns of a layer that name things, too

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Thing:
    """What is found: one row of a layer, or all pieces of a street; a few numbers, for there are many.

    Attributes:
        layer: the level of a cell, the kind of an area or asset.
        rows: of the layer.
    """

    kind: str
    layer: str
    label: str
    id: str
    rows: tuple[int, ...]


class CityNames:
    """The things of a generation that can be looked for; may be shared between threads.

    Pieces of a line that bear one name, as a street's do, are found as one.
    """

    def __init__(self, generation: Generation) -> None:
        self._generation = generation
        self._things: list[_Thing] = []
        self._index = TextIndex(self._texts())

    def find(self, text: str, limit: int) -> list[tuple[Tier, Json]]:
        """The things that fit best, each with how well; equally good ones by kind, name and id."""
        found = self._index.find(text)
        best = nsmallest(limit, found, key=lambda at: self._rank(at, found[at]))
        return [(found[at], self._result(self._things[at])) for at in best]

    def _rank(self, at: int, tier: Tier) -> tuple[Any, ...]:
        thing = self._things[at]
        return tier.way, _ORDER.index(thing.kind), tier.size, thing.label, thing.layer, thing.id

    def _texts(self) -> Iterator[tuple[int, str]]:
        """The texts of every thing, which goes into the list on the way; first what is asked for most."""
        cells = self._generation.cells
        for row, (code, name, level) in enumerate(zip(cells.code, cells.name, cells.level, strict=True)):
            yield from self._add(_Thing(CELL, level, name or code, code, (row,)), code, name)
        lines = {kind: _lines(layer) for kind, layer in sorted(self._generation.assets.items())}
        for kind in sorted(lines, key=lambda kind: (kind != STREET, kind)):
            yield from self._named_lines(kind, lines[kind])
        for kind, layer in sorted(self._generation.areas.items()):
            yield from self._rows(AREA, kind, layer, frozenset())
        for kind, of_kind in lines.items():
            yield from self._rows(ASSET, kind, self._generation.assets[kind], frozenset(of_kind))

    def _named_lines(self, kind: str, lines: Mapping[str, list[int]]) -> Iterator[tuple[int, str]]:
        """All pieces that bear a name as one thing."""
        layer = self._generation.assets[kind]
        for name, rows in lines.items():
            thing = _Thing(ROAD if kind == STREET else ASSET, kind, name, layer.id[rows[0]], tuple(rows))
            yield from self._add(thing, name, *_also(layer, rows[0]))

    def _rows(
        self, what: str, kind: str, layer: Features, lines: frozenset[str]
    ) -> Iterator[tuple[int, str]]:
        """Each row by its id, and by its name unless it is a piece of a line that bears it."""
        also = [column for name in _ALSO if (column := layer.column(name)) is not None]
        for row, (id_, name) in enumerate(zip(layer.id, layer.name, strict=True)):
            of_line = name in lines
            more = () if of_line else (name, *(str(column[row] or "") for column in also))
            yield from self._add(_Thing(what, kind, name or id_, id_, (row,)), id_, *more)

    def _add(self, thing: _Thing, *texts: str) -> Iterator[tuple[int, str]]:
        self._things.append(thing)
        for text in dict.fromkeys(map(folded, texts)):
            yield len(self._things) - 1, text

    def _result(self, thing: _Thing) -> Json:
        shapes = self._shapes(thing)
        place = _middle(shapes)
        return {
            "kind": thing.kind,
            "label": thing.label,
            "lng": place.x if place else None,
            "lat": place.y if place else None,
            "bbox": _bbox(shapes),
            "id": thing.id,
            "layer": thing.layer,
            "detail": {"zh": self._detail(thing, place, "zh"), "en": self._detail(thing, place, "en")},
        }

    def _shapes(self, thing: _Thing) -> Objects:
        generation = self._generation
        if thing.kind == CELL:
            return generation.cells.geometry[list(thing.rows)]
        layers = generation.areas if thing.kind == AREA else generation.assets
        return layers[thing.layer].geometry[list(thing.rows)]

    def _detail(self, thing: _Thing, place: shapely.Point | None, lang: Lang) -> str:
        """What it is, its address or id, and the cell that it lies in."""
        cells = self._generation.cells
        at = NONE
        if thing.kind == CELL:
            at = int(cells.parent[thing.rows[0]])
        elif thing.kind == ASSET and place is not None:
            at = leaf_at(self._generation, place.x, place.y)
        within = (cells.name[at] or cells.code[at]) if at != NONE else ""
        id_ = "" if thing.kind == ROAD or thing.id == thing.label else thing.id
        return " · ".join(filter(None, (term(lang, thing.layer), self._address(thing) or id_, within)))

    def _address(self, thing: _Thing) -> str:
        layer = self._generation.assets.get(thing.layer) if thing.kind == ASSET else None
        if layer is None or ADDRESS not in layer.attributes.columns:
            return ""
        return str(layer.attributes[ADDRESS].iloc[thing.rows[0]] or "")


def _lines(layer: Features) -> dict[str, list[int]]:
    """The rows of a layer's lines, by the names that they bear."""
    lines: dict[str, list[int]] = {}
    for row in np.flatnonzero(shapely.get_dimensions(layer.geometry) == 1).tolist():
        if layer.name[row]:
            lines.setdefault(layer.name[row], []).append(row)
    return lines


def _also(layer: Features, row: int) -> list[str]:
    columns = (layer.column(name) for name in _ALSO)
    return [str(column[row] or "") for column in columns if column is not None]


def _middle(shapes: Objects) -> shapely.Point | None:
    """A point on the largest of some shapes: of a line its middle."""
    there = [shape for shape in shapes if shape is not None and not shape.is_empty]
    if not there:
        return None
    largest = max(there, key=lambda shape: (shape.area, shape.length))
    if largest.geom_type == "LineString":
        return largest.interpolate(0.5, normalized=True)
    return largest.representative_point()


def _bbox(shapes: Objects) -> list[float] | None:
    box: list[float] = shapely.total_bounds(shapes).tolist()
    return box if np.isfinite(box).all() and box[:2] != box[2:] else None
