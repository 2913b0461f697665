"""Administrative boundaries of an extract: those that close, and those that its edge cuts off."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import shapely

from layers.osm.features import NAME_ZH, first
from layers.osm.reading import Extract, Thing, is_boundary
from layers.osm.rings import State, assemble, polygons

Json = dict[str, Any]


class Closed(NamedTuple):
    """A boundary that closes."""

    id: str
    tags: dict[str, str]
    area: shapely.Geometry


def boundary_table(extract: Extract, max_vertices: int) -> tuple[pa.Table, list[Json]]:
    """The closed boundaries as a table, and the others, each with its level, name and why it is none.

    Why: ``cut`` (ways or nodes of it are missing), ``open`` (all are there and do not close) or ``part``
    (a closed way that is a ring of another boundary of its level).
    """
    closed, others = _of_relations(extract, max_vertices)
    more, parts = _of_ways(extract, max_vertices)
    return _table([*closed, *more]), [*others, *parts]


def _of_relations(extract: Extract, max_vertices: int) -> tuple[list[Closed], list[Json]]:
    closed, others = [], []
    for relation in extract.relations.values():
        if not is_boundary(relation.tags):
            continue
        area, state, missing = assemble(relation, extract.pieces, max_vertices)
        if state == State.WHOLE and area is not None:
            closed.append(Closed(f"r{relation.id}", relation.tags, area))
        else:
            why = "open" if state == State.OPEN else "cut"
            others.append(_other(f"r{relation.id}", relation.tags, why, missing))
    return closed, others


def _of_ways(extract: Extract, max_vertices: int) -> tuple[list[Closed], list[Json]]:
    ways = [way for way in extract.ways.values() if is_boundary(way.tags) and way.closed]
    belongs = _rings_of_others(extract)
    whole = [way for way in ways if way.wkb and not way.cut and way.id not in belongs]
    areas = polygons(shapely.from_wkb(np.array([way.wkb for way in whole], dtype=object)), max_vertices)
    closed = [
        Closed(f"w{way.id}", way.tags, area)
        for way, area in zip(whole, areas, strict=True)
        if area is not None
    ]
    drawn = {boundary.id for boundary in closed}
    left = [way for way in ways if f"w{way.id}" not in drawn]
    return closed, [_other(f"w{way.id}", way.tags, _why(way, belongs), int(way.cut)) for way in left]


def _why(way: Thing, belongs: set[int]) -> str:
    if way.id in belongs:
        return "part"
    return "cut" if way.cut or not way.wkb else "open"


def _rings_of_others(extract: Extract) -> set[int]:
    """Ways that make the boundaries of relations."""
    boundaries = (relation for relation in extract.relations.values() if is_boundary(relation.tags))
    return {way for relation in boundaries for way, _ in relation.members}


def _other(name: str, tags: dict[str, str], why: str, missing: int) -> Json:
    return {
        "id": name, "level": int(tags["admin_level"]), "name": first(tags, ("name",)) or name,
        "why": why, "missing": missing,
    }  # fmt: skip


def _table(closed: list[Closed]) -> pa.Table:
    tags = [boundary.tags for boundary in closed]
    return pa.table(
        {
            "id": pa.array([boundary.id for boundary in closed], pa.string()),
            "level": pa.array([int(of["admin_level"]) for of in tags], pa.int64()),
            "name": pa.array([first(of, ("name", *NAME_ZH, "name:en")) for of in tags], pa.string()),
            "name_zh": pa.array([first(of, NAME_ZH) for of in tags], pa.string()),
            "name_en": pa.array([of.get("name:en") for of in tags], pa.string()),
            "tags": pa.array([json.dumps(of, ensure_ascii=False) for of in tags], pa.string()),
            "wkb": pa.array(shapely.to_wkb([boundary.area for boundary in closed]), pa.binary()),
        }
    )
