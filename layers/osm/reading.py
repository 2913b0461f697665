"""Passes over an OpenStreetMap file: relations, nodes, ways; only what the kinds ask for reaches Python.

Every entity has a pass of its own, so that files whose ways come before their nodes are read as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import osmium
import shapely
from osmium.osm import NODE, NOTHING, RELATION, WAY

from geo.errors import UnsafeFileError
from layers.osm.kinds import Kinds
from layers.osm.sniff import XML
from layers.reading.limits import Limits

Places = Mapping[int, tuple[float, float]]
Tell = Callable[[float], None]
AREA_TYPES = frozenset({"multipolygon", "boundary"})
BOUNDARY = "boundary"


class Thing(NamedTuple):
    """A tagged node or way: its geometry as hex WKB, empty where no node is known.

    ``cut`` says that some of a way's nodes are missing (its line is then the longest known stretch).
    """

    id: int
    tags: dict[str, str]
    wkb: str
    closed: bool
    cut: bool
    version: int


class Piece(NamedTuple):
    """A way as part of a relation: the ids of its end nodes and its line as hex WKB (empty if cut)."""

    first: int
    last: int
    wkb: str


class Relation(NamedTuple):
    """An area made of ways: (way id, role) of each."""

    id: int
    tags: dict[str, str]
    members: tuple[tuple[int, str], ...]
    version: int


@dataclass(frozen=True)
class Extract:
    """What a file holds of what the kinds ask for.

    Attributes:
        box: west, south, east, north of the data as the header declares them, or None.
        duplicates: objects that were there more than once; the highest version is kept.
    """

    box: tuple[float, float, float, float] | None
    nodes: dict[int, Thing] = field(default_factory=dict)
    ways: dict[int, Thing] = field(default_factory=dict)
    relations: dict[int, Relation] = field(default_factory=dict)
    pieces: dict[int, Piece] = field(default_factory=dict)
    duplicates: list[str] = field(default_factory=list)


def is_boundary(tags: Mapping[str, str]) -> bool:
    """Whether the tags say that this is an administrative boundary of some level."""
    return tags.get("boundary") == "administrative" and tags.get("admin_level", "").isdecimal()


def read_extract(path: Path, form: str, kinds: Kinds, limits: Limits, tell: Tell) -> Extract:
    """Everything in a file that could be of a kind or a boundary.

    Args:
        path: an uncompressed file.
        form: ``pbf`` or ``osm``.
        tell: hears how much is done, from 0 to 1.

    Raises:
        RuntimeError: osmium finds the file damaged.
        UnsafeFileError: more objects than the limits allow.
    """
    source = osmium.io.File(str(path), form)
    extract = Extract(_box(source))
    keys = osmium.filter.KeyFilter(*kinds.keys, BOUNDARY)
    where = osmium.NodeLocationsForWays(osmium.index.create_map("flex_mem"))
    where.ignore_errors()
    unborn = _unborn(source) if form == XML else {}
    _relations(_objects(source, RELATION, keys), extract)
    tell(0.15)
    _things(_objects(source, NODE, where, keys), extract.nodes, extract, limits, unborn)
    tell(0.5)
    _things(_objects(source, WAY, where, keys), extract.ways, extract, limits, unborn)
    tell(0.85)
    _pieces(source, where, extract, unborn)
    tell(1.0)
    return extract


def _box(source: osmium.io.File) -> tuple[float, float, float, float] | None:
    with osmium.io.Reader(source, NOTHING) as reader:
        box = reader.header().box()
    if not box.valid():
        return None
    low, high = box.bottom_left, box.top_right
    return low.lon, low.lat, high.lon, high.lat


def _objects(
    source: osmium.io.File, what: osmium.osm.osm_entity_bits, *handlers: osmium.BaseHandler
) -> Iterator[Any]:  # osmium's types do not tell which
    with osmium.io.Reader(source, what) as reader:
        yield from osmium.OsmFileIterator(reader, *handlers)


def _relations(objects: Iterator[Any], extract: Extract) -> None:
    for relation in objects:
        tags = dict(relation.tags)
        if relation.deleted or tags.get("type") not in AREA_TYPES:
            continue
        members = tuple((member.ref, member.role) for member in relation.members if member.type == "w")
        if _is_newer(relation, extract.relations.get(relation.id), extract):
            extract.relations[relation.id] = Relation(relation.id, tags, members, relation.version)


def _is_newer(thing: Any, known: Thing | Relation | None, extract: Extract) -> bool:
    """Whether an object replaces what is known under its id."""
    if known is None:
        return True
    extract.duplicates.append(f"{thing.type_str()}{thing.id}")
    return bool(thing.version >= known.version)


def _things(
    objects: Iterator[Any],
    into: dict[int, Thing],
    extract: Extract,
    limits: Limits,
    unborn: Places,
) -> None:
    factory = osmium.geom.WKBFactory()
    for thing in objects:
        if thing.deleted or not _is_newer(thing, into.get(thing.id), extract):
            continue
        into[thing.id] = _node(thing, factory) if thing.is_node() else _way(thing, factory, unborn)
        if len(into) > limits.features:
            raise UnsafeFileError(
                f"The extract has more than {limits.features:,} objects of the kinds asked for.",
                fix="Take a smaller extract.",
            )


def _node(node: osmium.osm.Node, factory: osmium.geom.WKBFactory) -> Thing:
    wkb = factory.create_point(node) if node.location.valid() else ""
    return Thing(node.id, dict(node.tags), wkb, False, not wkb, node.version)


def _way(way: osmium.osm.Way, factory: osmium.geom.WKBFactory, unborn: Places) -> Thing:
    wkb, cut = _line(way, factory, unborn)
    closed = len(way.nodes) > 3 and way.is_closed()
    return Thing(way.id, dict(way.tags), wkb, closed, cut, way.version)


def _line(way: osmium.osm.Way, factory: osmium.geom.WKBFactory, unborn: Places) -> tuple[str, bool]:
    """The way's line, and whether nodes of it are missing; then it is the longest stretch without a gap."""
    try:
        return factory.create_linestring(way), False
    except (osmium.InvalidLocationError, RuntimeError):  # nodes are missing, or lie in one place
        return _stretch(way, unborn)


def _stretch(way: osmium.osm.Way, unborn: Places) -> tuple[str, bool]:
    """The longest stretch of known nodes as hex WKB, and whether that is not the whole way."""
    stretches: list[list[tuple[float, float]]] = [[]]
    for node in way.nodes:
        place = (node.lon, node.lat) if node.location.valid() else unborn.get(node.ref)
        if place is None:
            stretches.append([])
        elif not stretches[-1] or stretches[-1][-1] != place:
            stretches[-1].append(place)
    longest = max(stretches, key=len)
    wkb = str(shapely.to_wkb(shapely.LineString(longest), hex=True)) if len(longest) > 1 else ""
    return wkb, len(stretches) > 1


def _unborn(source: osmium.io.File) -> Places:
    """Where nodes with negative ids lie, which editors give to what was never uploaded; osmium keeps none."""
    return {n.id: (n.lon, n.lat) for n in _objects(source, NODE) if n.id < 0 and n.location.valid()}


def _pieces(
    source: osmium.io.File, where: osmium.NodeLocationsForWays, extract: Extract, unborn: Places
) -> None:
    wanted = {ref for relation in extract.relations.values() for ref, _ in relation.members}
    if not wanted:
        return
    factory = osmium.geom.WKBFactory()
    born = [osmium.filter.IdFilter(wanted)] if min(wanted) > 0 else []  # it takes no negative ids
    for way in _objects(source, WAY, where, *born):
        if way.id in wanted and len(way.nodes) > 1 and not way.deleted:
            wkb, cut = _line(way, factory, unborn)
            extract.pieces[way.id] = Piece(way.nodes[0].ref, way.nodes[-1].ref, "" if cut else wkb)
