"""Entries for what bears a number: buildings of an estate, and addresses of a street."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike

from layers.gazetteer_columns import BETWEEN, among, keys, text_column
from layers.gazetteer_entries import (
    ADDRESS,
    BUILDING,
    ESTATE,
    NONE,
    STREET,
    Collected,
    Floats,
    Objects,
    Positions,
    entries,
)
from layers.gazetteer_lines import CHINESE_GAP_M, Lines, street_gaps_m
from layers.gazetteer_numbered import Numbered, exploded, medians, without_parents
from layers.gazetteer_shapes import Named, clusters, merged, middles, radii
from layers.generation import PLACE, Generation
from layers.records import concatenated

HAMLET_REACH_M = 2_000.0  # an address farther from the place that it names belongs to another of that name
ESTATE_REACH_M = 300.0
SAME_M = 30.0  # what bears one address no farther than this from its middle is one place
# Kinds of areas that are estates even where no building says so.
ESTATES = frozenset({"property", "estate", "residential", "compound", "小区", "物业"})
MOSTLY = 0.5  # of the estates that buildings name are areas of the kind
_CJK = re.compile(r"[㐀-鿿]")
_NUMBER_FIRST = re.compile(r"\d+\S*\s+\D")


def estate_kind(generation: Generation, things: Numbered) -> str:
    """The kind of areas that are estates, as buildings name them; empty for none."""
    named = set(keys(np.unique(things.estate[things.estate != ""].astype(str)).astype(object)).tolist())
    shares = {
        kind: sum(name in named for name in set(keys(layer.name).tolist())) / max(len(named), 1)
        for kind, layer in sorted(generation.areas.items())
    }
    best = max(shares, key=lambda kind: shares[kind], default="")
    if best and shares[best] >= MOSTLY:
        return best
    return next((kind for kind in sorted(generation.areas) if kind.casefold() in ESTATES), "")


def add_buildings(
    collected: Collected,
    generation: Generation,
    things: Numbered,
    kind: str,
    estates: Positions,
    known: frozenset[str],
) -> None:
    """Adds the buildings of estates, and estates that are known by their buildings alone.

    Args:
        collected: where they are added.
        generation: the city.
        things: what bears numbers.
        kind: the kind of areas that are estates; may be empty.
        estates: rows of these areas, in their order.
        known: folded names of streets and places: a building that bears one is called after it.
    """
    areas = generation.areas[kind] if kind else None
    shapes = np.empty(0, dtype=object) if areas is None else generation.metric.geometries(areas.geometry)
    names = np.empty(0, dtype=object) if areas is None else areas.name
    in_estate = (things.building != "") | (things.estate != "")
    inside = things.take(in_estate)
    xy = np.stack([inside.x, inside.y], axis=1)
    parent = Named(estates, names, shapes).find(inside.estate, xy, ESTATE_REACH_M)
    unsaid = np.flatnonzero((inside.estate == "") & (inside.building != ""))
    parent[unsaid] = _within(shapes, estates, xy[unsaid])
    alone = np.flatnonzero((parent == NONE) & (inside.estate != ""))
    parent[alone] = _add_groups(collected, ESTATE, inside.estate[alone], xy[alone], ESTATE_REACH_M)
    found = (parent != NONE) & (inside.building != "")
    _add_numbered(collected, inside.take(found), parent[found])
    _add_others(collected, concatenated([things.take(~in_estate), inside.take(~found)]), known)


def _add_others(collected: Collected, things: Numbered, known: frozenset[str]) -> None:
    """Adds what has a name of its own, or a code and no address, and stands in no estate."""
    own = things.is_named & ~among(things.name, known)
    others = things.take(own | ((things.code != "") & (things.house == "")))
    collected.add(
        entries(
            len(others), kind=np.where(others.is_building, BUILDING, f"{PLACE}:{ADDRESS}"), name=others.name,
            is_named=others.is_named & ~among(others.name, known), code=others.code,
            alias=np.where(others.is_named, others.alias, ""), layer=others.layer, id=others.id,
            row=others.row, x=others.x, y=others.y, radius_m=others.radius_m,
        )
    )  # fmt: skip


def _within(shapes: Objects, rows: Positions, xy: Floats) -> Positions:
    """The first of the areas that each place lies in, -1 for none."""
    found = np.full(len(xy), NONE, dtype=np.intp)
    if len(shapes) and len(xy):
        at, area = shapely.STRtree(shapes).query(shapely.points(xy), predicate="intersects")
        order = np.lexsort((area, at))[::-1]
        found[at[order]] = rows[area[order]]
    return found


def _add_groups(collected: Collected, kind: str, names: Objects, xy: Floats, reach_m: ArrayLike) -> Positions:
    """Adds an entry for each name and place that things have in common; the row of each thing's."""
    if not len(names):
        return np.empty(0, dtype=np.intp)
    points = shapely.points(xy)
    group = clusters(keys(names), points, reach_m)
    whole = merged(points, group)
    _, first = np.unique(group, return_index=True)
    centre = middles(shapely.centroid(whole))
    rows = collected.add(
        entries(len(whole), kind=kind, name=names[first], is_named=True, x=centre[:, 0], y=centre[:, 1],
                radius_m=np.maximum(radii(whole, centre), SAME_M))
    )  # fmt: skip
    return rows[group]


def _add_numbered(collected: Collected, things: Numbered, parent: Positions) -> None:
    said = zip(things.name, things.estate, things.building, strict=True)
    name = text_column(name or f"{estate}{number}幢" for name, estate, number in said)
    collected.add(
        entries(
            len(things), kind=BUILDING, name=name,
            is_named=things.is_named, alias=np.where(things.is_named, things.alias, ""), code=things.code,
            layer=things.layer, id=things.id, row=things.row, parent=parent, number=things.building,
            x=things.x, y=things.y, radius_m=things.radius_m,
        )
    )  # fmt: skip


# ---- addresses


def add_addresses(collected: Collected, things: Numbered, streets: Lines, hamlets: Named) -> None:
    """Adds the addresses, and streets that are known by their addresses alone.

    Args:
        collected: where they are added.
        things: what bears numbers.
        streets: those that are drawn.
        hamlets: places that may stand for a street in an address.
    """
    doors = exploded(things.take((things.street != "") & (things.house != "")))
    xy = np.stack([doors.x, doors.y], axis=1)
    reach_m = street_gaps_m(doors.street)
    parent = streets.named.find(doors.street, xy, reach_m)
    lost = np.flatnonzero(parent == NONE)
    bare = text_column(map(without_parents, doors.street[lost]))
    parent[lost] = streets.named.find(bare, xy[lost], reach_m[lost])
    doors.street[lost] = np.where(parent[lost] == NONE, doors.street[lost], bare)
    lost = lost[parent[lost] == NONE]
    parent[lost] = hamlets.find(doors.street[lost], xy[lost], HAMLET_REACH_M)
    lost = lost[parent[lost] == NONE]
    number_first = _numbers_first(doors)
    apart_m = np.maximum(reach_m, CHINESE_GAP_M) if number_first else reach_m
    parent[lost] = _add_groups(collected, STREET, doors.street[lost], xy[lost], apart_m[lost])
    first, radius_m, code = _alike(doors, parent)
    kept = doors.take(first)
    collected.add(
        entries(
            len(kept), kind=ADDRESS, name=_labels(kept, number_first=number_first), is_named=False,
            code=code, layer=kept.layer, id=kept.id, row=kept.row, parent=parent[first], number=kept.house,
            street=kept.street, x=kept.x, y=kept.y, radius_m=radius_m,
        )
    )  # fmt: skip


def _alike(doors: Numbered, parent: Positions) -> tuple[Positions, Floats, Objects]:
    """Which doors stay where several have one address close together: the one in their middle.

    Also the radius of each that stays, and the codes that no other entry bears already.
    """
    group = pd.factorize(pd.MultiIndex.from_arrays([parent, keys(doors.house)]))[0].astype(np.intp)
    middle = medians(group, doors.x, doors.y)
    off = np.hypot(doors.x - middle[:, 0], doors.y - middle[:, 1])
    widest = np.zeros(int(group.max(initial=NONE)) + 1)
    np.maximum.at(widest, group, off)
    # What lies farther apart stays apart.
    apart = widest[group] > SAME_M
    group = np.where(apart, len(widest) + np.arange(len(group)), group)
    off[apart] = 0.0
    order = np.lexsort((np.arange(len(group)), off, group))
    first = order[np.flatnonzero(np.diff(group[order], prepend=NONE))]
    spread = pd.Series(off).groupby(group).transform("max").to_numpy()[first]
    return first, np.maximum(doors.radius_m[first], spread), _codes(doors, group, first)


def _codes(doors: Numbered, group: Positions, first: Positions) -> Objects:
    bare = np.flatnonzero((doors.building == "") & (doors.code != "") & ~doors.is_named)
    said: dict[int, list[str]] = {}
    for of, code in zip(group[bare].tolist(), doors.code[bare].tolist(), strict=True):
        said.setdefault(of, []).append(code)
    return text_column(BETWEEN.join(said.get(of, ())) for of in group[first].tolist())


def _numbers_first(doors: Numbered) -> bool:
    """Whether the city writes 1283 Canal St; then its streets are long, and count through all of it."""
    named = [name for name in doors.name.tolist() if name]
    return sum(bool(_NUMBER_FIRST.match(name)) for name in named) > len(named) / 2


def _labels(doors: Numbered, *, number_first: bool) -> Objects:
    return text_column(_label(s, h, number_first) for s, h in zip(doors.street, doors.house, strict=True))


def _label(street: str, house: str, number_first: bool) -> str:
    if _CJK.search(street):
        return street + house + ("" if house.endswith("号") else "号")
    return f"{house} {street}" if number_first else f"{street} {house}"
