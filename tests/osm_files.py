"""Small OpenStreetMap extracts for the tests: a town of a few objects, as XML or PBF."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.sax.saxutils import quoteattr

import osmium

WEST, SOUTH, STEP = 10.0, 50.0, 0.01


@dataclass
class Town:
    """Objects of an extract; ids are given or counted up.

    ``node`` takes a place of a lattice, 0.01 degrees wide, whose corner is (10, 50).
    """

    nodes: list[tuple[int, float, float, dict[str, str], int]] = field(default_factory=list)
    ways: list[tuple[int, list[int], dict[str, str], int]] = field(default_factory=list)
    relations: list[tuple[int, list[tuple[str, int, str]], dict[str, str]]] = field(default_factory=list)
    west: float = WEST
    places: dict[tuple[float, float], int] = field(default_factory=dict)

    def at(self, column: float, row: float) -> int:
        """The untagged node of a place, one for each place."""
        if (column, row) not in self.places:
            self.places[column, row] = self.node(column, row)
        return self.places[column, row]

    def node(self, column: float, row: float, version: int = 1, key: int = 0, **tags: str) -> int:
        """A new node; ``addr__street`` stands for addr:street."""
        key = key or len(self.nodes) + 1
        lng = self.west + column * STEP
        lng = lng - 360 if lng > 180 else lng
        self.nodes.append((key, lng, SOUTH + row * STEP, _tags(tags), version))
        return key

    def way(self, places: Iterable[tuple[float, float]], version: int = 1, key: int = 0, **tags: str) -> int:
        """A new way through places of the lattice."""
        return self.way_of([self.at(*place) for place in places], version, key, **tags)

    def way_of(self, nodes: Sequence[int], version: int = 1, key: int = 0, **tags: str) -> int:
        """A new way through nodes."""
        key = key or len(self.ways) + 1
        self.ways.append((key, list(nodes), _tags(tags), version))
        return key

    def relation(self, members: Iterable[tuple[int, str]], **tags: str) -> int:
        """A new relation of ways."""
        key = len(self.relations) + 1
        self.relations.append((key, [("w", way, role) for way, role in members], _tags(tags)))
        return key

    def commune(self, column: float, row: float, width: float = 1, height: float = 1, **tags: str) -> int:
        """A closed boundary of level 8, of four ways with corners that neighbours share."""
        corners = ring(column, row, width, height)
        sides = [self.side(a, b) for a, b in itertools.pairwise(corners)]
        given = {"type": "boundary", "boundary": "administrative", "admin_level": "8", **tags}
        return self.relation([(side, "outer") for side in sides], **given)

    def side(self, a: tuple[float, float], b: tuple[float, float]) -> int:
        """The way between two places, in whichever direction it was drawn first."""
        ends = [self.at(*a), self.at(*b)]
        found = [key for key, nodes, _, _ in self.ways if sorted(nodes) == sorted(ends)]
        return found[0] if found else self.way_of(ends)

    def street(self, column: float, row: float) -> int:
        """A short residential street, so that there is ground."""
        return self.way([(column, row), (column + 0.1, row)], highway="residential")


def ring(column: float, row: float, width: float = 1, height: float = 1) -> list[tuple[float, float]]:
    """The corners of a rectangle, the first one twice."""
    east, north = column + width, row + height
    return [(column, row), (east, row), (east, north), (column, north), (column, row)]


def _tags(tags: Mapping[str, str]) -> dict[str, str]:
    return {key.replace("__", ":"): value for key, value in tags.items()}


def write_xml(town: Town, path: Path, *, order: str = "nwr") -> Path:
    """The extract as XML, its entities in any order."""
    parts = {"n": map(_node, town.nodes), "w": map(_way, town.ways), "r": map(_relation, town.relations)}
    body = "\n".join(line for letter in order for line in parts[letter])
    path.write_text(f'<?xml version="1.0" encoding="UTF-8"?>\n<osm version="0.6">\n{body}\n</osm>\n', "utf-8")
    return path


def _node(node: tuple[int, float, float, dict[str, str], int]) -> str:
    key, lng, lat, tags, version = node
    head = f'<node id="{key}" version="{version}" lat="{lat:.7f}" lon="{lng:.7f}"'
    return f"{head}>{_inner(tags)}</node>"


def _way(way: tuple[int, list[int], dict[str, str], int]) -> str:
    key, nodes, tags, version = way
    refs = "".join(f'<nd ref="{node}"/>' for node in nodes)
    return f'<way id="{key}" version="{version}">{refs}{_inner(tags)}</way>'


def _relation(relation: tuple[int, list[tuple[str, int, str]], dict[str, str]]) -> str:
    key, members, tags = relation
    inner = "".join(f'<member type="way" ref="{way}" role={quoteattr(role)}/>' for _, way, role in members)
    return f'<relation id="{key}" version="1">{inner}{_inner(tags)}</relation>'


def _inner(tags: Mapping[str, str]) -> str:
    return "".join(f"<tag k={quoteattr(key)} v={quoteattr(value)}/>" for key, value in tags.items())


def write_pbf(town: Town, path: Path) -> Path:
    """The extract as PBF."""
    with osmium.SimpleWriter(str(path), overwrite=True) as writer:
        for key, lng, lat, tags, version in town.nodes:
            node = osmium.osm.mutable.Node(id=key, location=(lng, lat), tags=tags, version=version)
            writer.add_node(node)
        for key, nodes, tags, version in town.ways:
            writer.add_way(osmium.osm.mutable.Way(id=key, nodes=nodes, tags=tags, version=version))
        for key, members, tags in town.relations:
            writer.add_relation(osmium.osm.mutable.Relation(id=key, members=members, tags=tags, version=1))
    return path


def small_town() -> Town:
    """Two communes with a street each, a bridge, a lamp, a river, a lake with an island, a house, a place."""
    town = Town()
    town.commune(0, 0, name="Westheim", ref="W1")
    town.commune(1, 0, name="Ostheim", ref="O1")
    town.way(
        [(0.1, 0.5), (1.9, 0.5)], highway="primary", name="Hauptstraße", operator="Straßenamt", width="6,5 m"
    )
    town.way([(0.5, 0.1), (0.5, 0.4)], highway="residential", name="Gasse", name__zh="小巷", name__en="Lane")
    town.way([(1.5, 0.4), (1.5, 0.6)], highway="residential", bridge="yes", bridge__name="Alte Brücke")
    town.way([(1.4, 0.1), (1.6, 0.9)], waterway="stream", name="Bach")
    shore, island = town.way(ring(0.2, 0.2, 0.2, 0.2)), town.way(ring(0.25, 0.25, 0.05, 0.05))
    town.relation([(shore, "outer"), (island, "inner")], type="multipolygon", natural="water", name="See")
    town.way(ring(0.6, 0.6, 0.05, 0.05), building="house", addr__street="Gasse", addr__housenumber="12")
    town.node(0.3, 0.5, highway="street_lamp", ref="L1")
    town.node(0.5, 0.5, place="village", name="Westheim")
    return town
