"""From the objects of an extract to one table a kind: ids, names, owners, attributes, valid geometries."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray

from geo.antimeridian import cut_at_antimeridian, unwrapped_lines
from layers.osm.kinds import AREA, LINE, PLACE, POINT, SPOT, Kinds, Match
from layers.osm.names import other_names
from layers.osm.reading import Extract, Thing
from layers.osm.rings import State, assemble, polygons

Objects = NDArray[np.object_]

NODE_SHAPES = frozenset({POINT, SPOT})
OPEN_SHAPES = frozenset({LINE, SPOT})
CLOSED_SHAPES = frozenset({LINE, AREA, SPOT})
AREA_SHAPES = frozenset({AREA, SPOT})
NAME_ZH = ("name:zh", "name:zh-Hans", "name:zh-CN", "name:zh-Hant")
OWNER = ("owner", "operator")
FEET = 0.3048
LENGTH = re.compile(r"(\d+(?:[.,]\d+)?)\s*(m|ft|')?\s*")


class Row(NamedTuple):
    """An object on its way into a table."""

    id: str
    tags: dict[str, str]
    match: Match
    shape: int  # position among the shapes


@dataclass
class Losses:
    """What was left out or came in less than whole: (reason, table) → ids."""

    ids: dict[tuple[str, str], list[str]] = field(default_factory=lambda: defaultdict(list))

    def note(self, reason: str, table: str, thing: str) -> None:
        """Remember one."""
        self.ids[reason, table].append(thing)


@dataclass
class Shapes:
    """The geometries of the objects, each as point or line and, where it has one, as area."""

    wkb: list[str] = field(default_factory=list)
    closed: list[bool] = field(default_factory=list)
    areas: dict[int, shapely.Geometry] = field(default_factory=dict)  # of relations

    def add(self, wkb: str, closed: bool) -> int:
        """The position of a new one."""
        self.wkb.append(wkb)
        self.closed.append(closed)
        return len(self.wkb) - 1


def feature_tables(extract: Extract, kinds: Kinds, max_vertices: int) -> tuple[dict[str, pa.Table], Losses]:
    """A table for each that the extract has objects of, and what was left out.

    Columns: id, name, name_zh, name_en, owner, class (places: kind), those that the kinds keep, and last wkb.
    """
    shapes, losses = Shapes(), Losses()
    rows: dict[str, list[Row]] = defaultdict(list)
    for row in chain(
        _of_things("n", extract.nodes, kinds, shapes, losses),
        _of_things("w", extract.ways, kinds, shapes, losses),
        _of_relations(extract, kinds, shapes, losses, max_vertices),
    ):
        rows[row.match.rule.table].append(row)
    drawn = _drawn(shapes, max_vertices)
    tables = {table: _table(table, members, kinds, drawn, losses) for table, members in sorted(rows.items())}
    return {name: table for name, table in tables.items() if len(table)}, losses


def _of_things(
    letter: str, things: Mapping[int, Thing], kinds: Kinds, shapes: Shapes, losses: Losses
) -> Iterator[Row]:
    for thing in things.values():
        name = f"{letter}{thing.id}"
        found = kinds.of(thing.tags, _possible(letter, thing))
        if letter == "w" and not thing.closed:
            for table in kinds.of(thing.tags, frozenset({AREA})).keys() - found.keys():
                losses.note("osm_not_closed", table, name)
        shape = shapes.add(thing.wkb, thing.closed and not thing.cut) if found and thing.wkb else -1
        for table, match in found.items():
            if shape < 0 or (thing.cut and match.geometry == AREA):
                losses.note("osm_nodes_missing", table, name)
                continue
            if thing.cut:
                losses.note("osm_way_shortened", table, name)
            yield Row(name, thing.tags, match, shape)


def _possible(letter: str, thing: Thing) -> frozenset[str]:
    if letter == "n":
        return NODE_SHAPES
    return CLOSED_SHAPES if thing.closed else OPEN_SHAPES


def _of_relations(
    extract: Extract, kinds: Kinds, shapes: Shapes, losses: Losses, max_vertices: int
) -> Iterator[Row]:
    for relation in extract.relations.values():
        found = kinds.of(relation.tags, AREA_SHAPES)
        if not found:
            continue
        area, state, _ = assemble(relation, extract.pieces, max_vertices)
        for table in found if state != State.WHOLE else ():
            losses.note(_LOSS[state], table, f"r{relation.id}")
        if area is not None:
            shape = shapes.add("", True)
            shapes.areas[shape] = area
            yield from (Row(f"r{relation.id}", relation.tags, match, shape) for match in found.values())


_LOSS = {State.CUT: "osm_area_cut", State.PARTIAL: "osm_area_partial", State.OPEN: "osm_area_open"}


class Drawn(NamedTuple):
    """Every shape as it was read (points and lines) and as area (None where it is none)."""

    plain: Objects
    areas: Objects


def _drawn(shapes: Shapes, max_vertices: int) -> Drawn:
    plain = np.full(len(shapes.wkb), None, dtype=object)
    read = np.array([bool(wkb) for wkb in shapes.wkb], dtype=bool)
    plain[read] = unwrapped_lines(shapely.from_wkb([wkb for wkb in shapes.wkb if wkb]))
    areas = np.full(len(plain), None, dtype=object)
    closed = np.flatnonzero(read & np.array(shapes.closed, dtype=bool))
    areas[closed] = polygons(plain[closed], max_vertices)
    for position, area in shapes.areas.items():
        areas[position] = area
    return Drawn(cut_at_antimeridian(plain), areas)


def _table(table: str, rows: Sequence[Row], kinds: Kinds, drawn: Drawn, losses: Losses) -> pa.Table:
    geometry = _geometries(rows, drawn)
    there = ~(shapely.is_missing(geometry) | shapely.is_empty(geometry))
    for at in np.flatnonzero(~there).tolist():
        losses.note("osm_area_collapsed", table, rows[at].id)
    kept = [row for row, fits in zip(rows, there, strict=True) if fits]
    own = {**_own_columns(table, kept), **other_names([row.tags for row in kept])}
    columns = {**own, **_kept_columns(kinds.columns(table), kept)}
    return pa.table({**columns, "wkb": pa.array(shapely.to_wkb(geometry[there]), pa.binary())})


def _geometries(rows: Sequence[Row], drawn: Drawn) -> Objects:
    wanted = np.array([row.match.geometry for row in rows], dtype=object)
    at = np.array([row.shape for row in rows], dtype=np.intp)
    plain, areas = drawn.plain[at], drawn.areas[at]
    geometry = np.where(wanted == AREA, areas, plain)
    spots = np.flatnonzero(wanted == SPOT)
    geometry[spots] = _spots(plain[spots], areas[spots])
    return geometry


def _spots(plain: Objects, areas: Objects) -> Objects:
    """One point each: inside the area, halfway along the line, or the point itself."""
    inner = shapely.point_on_surface(areas)
    lines = shapely.get_dimensions(plain) == 1
    halfway = plain.copy()
    halfway[lines] = shapely.line_interpolate_point(
        shapely.get_geometry(plain[lines], 0), 0.5, normalized=True
    )
    return np.where(shapely.is_missing(areas), halfway, inner)


def _own_columns(table: str, rows: Sequence[Row]) -> dict[str, pa.Array]:
    is_place = table == PLACE
    return {
        "id": pa.array([row.id for row in rows], pa.string()),
        "name": pa.array([name_of(row.tags, row.id) for row in rows], pa.string()),
        "name_zh": pa.array([first(row.tags, NAME_ZH) for row in rows], pa.string()),
        "name_en": pa.array([row.tags.get("name:en") for row in rows], pa.string()),
        "owner": pa.array([first(row.tags, OWNER) or "" for row in rows], pa.string()),
        "kind" if is_place else "class": pa.array([_class(row, is_place) for row in rows], pa.string()),
    }


def _class(row: Row, is_place: bool) -> str:
    return (row.match.rule.kind if is_place else "") or row.tags[row.match.rule.key]


def first(tags: Mapping[str, str], keys: Sequence[str]) -> str | None:
    """The first of these tags that is there, trimmed."""
    for key in keys:
        if value := tags.get(key, "").strip():
            return value
    return None


def name_of(tags: Mapping[str, str], otherwise: str) -> str:
    """What people call it: its name in its own script, else in Chinese or English, its address or number."""
    address = " ".join(
        filter(None, (first(tags, ("addr:street", "addr:place")), tags.get("addr:housenumber")))
    )
    return first(tags, ("name", *NAME_ZH, "name:en")) or address or first(tags, ("ref",)) or otherwise


def _kept_columns(columns: Mapping[str, Sequence[str]], rows: Sequence[Row]) -> dict[str, pa.Array]:
    """The attribute columns that hold anything."""
    kept = {}
    for column, tags in columns.items():
        values = [first(row.tags, tags) for row in rows]
        if not any(values):
            continue
        if column.endswith("_m"):
            kept[column] = pa.array([metres(value) for value in values], pa.float64())
        else:
            kept[column] = pa.array(values, pa.string())
    return kept


def metres(text: str | None) -> float | None:
    """A length such as ``3``, ``2,5 m`` or ``12 ft`` in metres; None for anything else."""
    found = LENGTH.fullmatch(text or "")
    if found is None:
        return None
    return float(found[1].replace(",", ".")) * (FEET if found[2] in ("ft", "'") else 1.0)
