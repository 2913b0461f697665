"""Where streets and waters meet: bridges, and streets that end at the bank."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString
from shapely.ops import substring

from layers.demo.curves import Array
from layers.demo.roads import Streets, meetings, side_streets
from layers.demo.territory import Territory
from layers.demo.waters import HAO, Waters

# A deck reaches this far over each bank.
ABUTMENT_M = 7.0
# The bridges into the old town, by the bearing at which they cross the ring.
HAO_BRIDGES = {180: "跃龙桥", 270: "和平桥", 90: "友谊桥", 0: "北濠桥"}


@dataclass(frozen=True)
class Bridges:
    """Decks with the street and the water that cross, in EPSG:4549."""

    decks: NDArray[np.object_]
    lines: NDArray[np.object_]
    street: NDArray[np.str_]
    klass: NDArray[np.str_]
    water: NDArray[np.str_]


def network(base_roads: Streets, grid: Territory, wet: Waters) -> tuple[Streets, Bridges]:
    """All streets, dry except on bridges, and the bridges."""
    side = side_streets(grid)
    over = _joined(base_roads, side, grid)
    bridges = _bridges(over, wet)
    side = _ashore(side, wet, bridges)
    lines = np.concatenate([base_roads.lines, side.lines])
    every = Streets(
        lines,
        np.concatenate([base_roads.names, side.names]),
        np.concatenate([base_roads.klass, side.klass]),
        np.concatenate([base_roads.width_m, side.width_m]),
    )
    return every.only(shapely.length(every.lines) > 15), bridges


def _joined(main: Streets, side: Streets, grid: Territory) -> Streets:
    """The main roads, and the side streets that run straight on over whatever they meet."""
    pairs = [pair for pair in meetings(grid.cuts) if not side.lines[pair[0]].disjoint(side.lines[pair[1]])]
    first = np.array([a for a, _ in pairs])
    whole = [shapely.line_merge(shapely.union_all(side.lines[list(pair)])) for pair in pairs]
    straight = np.array([line.geom_type == "LineString" for line in whole])
    kept = side.only(first[straight])
    lines = np.array(whole, dtype=object)[straight]
    return Streets(
        np.concatenate([main.lines, lines]),
        np.concatenate([main.names, kept.names]),
        np.concatenate([main.klass, kept.klass]),
        np.concatenate([main.width_m, kept.width_m]),
    )


def _bridges(over: Streets, wet: Waters) -> Bridges:
    """A deck wherever a street crosses a canal or the Hao from bank to bank."""
    # The Yangtze is crossed by ferries and tunnels only.
    beds = wet.surfaces[1:]
    street, water = shapely.STRtree(beds).query(over.lines, predicate="intersects")
    spans, owner = shapely.get_parts(shapely.intersection(over.lines[street], beds[water]), return_index=True)
    street, water = street[owner], water[owner] + 1
    whole = _bank_to_bank(spans, over.lines[street], wet.width_m[water])
    spans, street, water = spans[whole], street[whole], water[whole]
    lines = np.array([_over(line, span) for line, span in zip(over.lines[street], spans, strict=True)])
    first = _first_at_place(lines)
    lines, street, water = lines[first], street[first], water[first]
    decks = shapely.buffer(lines, over.width_m[street] / 2 - 1, cap_style="flat")
    return Bridges(decks, lines, over.names[street], over.klass[street], np.array(wet.names)[water])


def _over(street: LineString, span: LineString) -> LineString:
    """The part of a street over a span of water, with its abutments."""
    at = sorted(street.project(shapely.Point(end)) for end in (span.coords[0], span.coords[-1]))
    return substring(street, max(at[0] - ABUTMENT_M, 0.0), at[1] + ABUTMENT_M)


def _first_at_place(lines: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Whether no earlier bridge crosses this one."""
    one, other = shapely.STRtree(lines).query(lines, predicate="dwithin", distance=12.0)
    keep = np.ones(len(lines), dtype=bool)
    keep[np.maximum(one, other)[one != other]] = False
    return keep


def _bank_to_bank(
    spans: NDArray[np.object_], lines: NDArray[np.object_], width_m: Array
) -> NDArray[np.bool_]:
    """Spans that don't begin or end in the water, and don't run along it."""
    start = shapely.distance(shapely.get_point(spans, 0), shapely.get_point(lines, 0))
    end = shapely.distance(shapely.get_point(spans, -1), shapely.get_point(lines, -1))
    length = shapely.length(spans)
    fair = (length > 0.5 * width_m) & (length < 2.2 * width_m + 25)
    return np.asarray((start > 1) & (end > 1) & fair, dtype=np.bool_)


def _ashore(side: Streets, wet: Waters, bridges: Bridges) -> Streets:
    """The side streets without what lies in water, save on their bridges."""
    open_water = shapely.difference(shapely.union_all(wet.surfaces), shapely.union_all(bridges.decks))
    shapely.prepare(open_water)
    hit = np.flatnonzero(shapely.intersects(open_water, side.lines))
    lines = side.lines.copy()
    lines[hit] = [_longest(line) for line in shapely.difference(side.lines[hit], open_water)]
    return Streets(lines, side.names, side.klass, side.width_m)


def _longest(geometry: shapely.Geometry) -> shapely.Geometry:
    parts = shapely.get_parts(geometry)
    return parts[int(np.argmax(shapely.length(parts)))] if len(parts) else geometry


def bridge_names(bridges: Bridges, community: NDArray[np.str_], bearing: NDArray[np.float64]) -> list[str]:
    """A name for each bridge: the four of the old town's, else the street's, else the community's.

    ``bearing`` is that of each bridge from the old town's middle, in degrees.
    """
    names: list[str] = []
    for i, (street, water) in enumerate(zip(bridges.street, bridges.water, strict=True)):
        gate = next((n for b, n in HAO_BRIDGES.items() if abs((bearing[i] - b + 180) % 360 - 180) < 22), "")
        main = bridges.klass[i] in ("expressway", "arterial")
        plain = gate if water == HAO and gate else f"{street}{water}桥" if main else f"{community[i]}桥"
        names.append(_numbered(plain, names))
    return names


def _numbered(name: str, taken: list[str]) -> str:
    """The name, or 二号桥, 三号桥 where it is taken."""
    stem = name.removesuffix("桥")
    later = (f"{stem}{n}号桥" for n in ("二", "三", "四", "五", "六", "七", "八", "九"))
    return next((n for n in (name, *later) if n not in taken), f"{stem}{len(taken)}号桥")
