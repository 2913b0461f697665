"""The members of a city's layers in two generations: which is which, and what became of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import geopandas
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.crs import MetricCrs
from geo.overlay import apart_m, changed_parts, mean_width, similar_boxes
from layers.check import NOISE_WIDTH_M, SLIVER_AREA_M2, SLIVER_WIDTH_M
from layers.generation import Features, Generation, Objects, Positions
from layers.sections import Sections
from layers.tables import WGS84

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

# In the order of a reader's interest. `redrawn`: no piece or distance larger than a sliver of `check`.
KINDS = (
    *("added", "removed", "recoded", "moved", "reshaped", "owner", "reparented", "renamed"),
    *("attributes", "redrawn"),
)
SAME, REDRAWN, CHANGED = 0, 1, 2
COLUMNS = ["kind", "code", "name", "before", "after", "m2", "m"]


@dataclass(frozen=True)
class Members:
    """One level of the grid, or one kind of areas, assets or sections, as columns.

    Attributes:
        owner: id of the body that answers, the cell's own where none is named.
        named: whether the layer names that owner.
        parent: code of the parent cell, empty for the rest.
        attributes: every other column, in the same order of rows.
    """

    code: Objects
    name: Objects
    owner: Objects
    named: Bools
    parent: Objects
    geometry: Objects
    attributes: pd.DataFrame = field(repr=False)

    def __len__(self) -> int:
        return len(self.code)


NO_MEMBERS = Members(*(np.empty(0, dtype=object),) * 3, np.empty(0, dtype=bool),
                     *(np.empty(0, dtype=object),) * 2, pd.DataFrame())  # fmt: skip


def members(generation: Generation) -> dict[str, Members]:
    """Every layer by its name: ``grid:LEVEL`` top first, ``area:KIND``, ``asset:KIND``, ``section:KIND``."""
    levels = [level for level in generation.config.levels if (generation.cells.level == level).any()]
    found = {f"grid:{level}": _cells(generation, level) for level in levels}
    ids = np.array([*(owner.id for owner in generation.owners), ""], dtype=object)
    for role, layers in (("area", generation.areas), ("asset", generation.assets)):
        found |= {f"{role}:{kind}": _features(layer, ids) for kind, layer in sorted(layers.items())}
    return found | {f"section:{kind}": _sections(s, ids) for kind, s in sorted(generation.sections.items())}


def _cells(generation: Generation, level: str) -> Members:
    cells = generation.cells
    rows = np.flatnonzero(cells.level == level)
    ids = np.array([owner.id for owner in generation.owners], dtype=object)
    parent = np.append(cells.code, "")[cells.parent[rows]]
    return Members(
        cells.code[rows], cells.name[rows], ids[cells.body[rows]], cells.declared[rows], parent,
        cells.geometry[rows], pd.DataFrame(index=range(len(rows))),
    )  # fmt: skip


def _features(layer: Features, ids: Objects) -> Members:
    parent = np.full(len(layer.id), "", dtype=object)
    owner = ids[layer.owner]
    return Members(layer.id, layer.name, owner, layer.owner >= 0, parent, layer.geometry, layer.attributes)


def _sections(sections: Sections, ids: Objects) -> Members:
    said = {"route": sections.route, "from_m": sections.from_m, "to_m": sections.to_m, "side": sections.side}
    attributes = pd.concat([pd.DataFrame(said), sections.attributes], axis=1)
    parent, named = np.full(len(sections), "", dtype=object), sections.owner >= 0
    owner, lines = ids[sections.owner], sections.geometry.copy()
    lines[shapely.is_empty(lines)] = None  # what has no place is like nothing else that has none
    return Members(sections.id, sections.name, owner, named, parent, lines, attributes)


SAME_GROUND = 0.8  # of the larger of two namesakes has to be common ground for them to be one


@dataclass(frozen=True)
class Matched:
    """Which members of two versions are the same: by code, the rest by shape.

    Attributes:
        old, new: positions of those that are in both versions, paired.
        by_code: whether the codes say so; the others have another code and the same shape, or the same
            name and most of the same ground.
        removed, added: positions of those that are in one version alone.
        state: per pair, `SAME`, `REDRAWN` or `CHANGED` in shape or place.
        m2: per pair of areas, the area that one covers and the other does not, less what is noise.
        m: per pair of other shapes, how far they lie apart.
    """

    old: Positions
    new: Positions
    by_code: Bools
    removed: Positions
    added: Positions
    state: NDArray[np.int8]
    m2: Floats
    m: Floats


def match(before: Members, after: Members, metric: MetricCrs) -> Matched:
    """Pair the members of two versions and measure how far they differ."""
    new = pd.Index(after.code).get_indexer(pd.Index(before.code))
    old, new = np.flatnonzero(new >= 0), new[new >= 0]
    state, m2, m = _differences(before.geometry[old], after.geometry[new], metric)
    gone = np.setdiff1d(np.arange(len(before)), old)
    come = np.setdiff1d(np.arange(len(after)), new)
    i, j = _same_shapes(before.geometry[gone], after.geometry[come], metric)
    unchanged = np.zeros(len(i))
    left, right = np.delete(gone, i), np.delete(come, j)
    a, b = _namesakes(before, after, left, right)
    others = _differences(before.geometry[left[a]], after.geometry[right[b]], metric)
    return Matched(
        np.concatenate([old, gone[i], left[a]]), np.concatenate([new, come[j], right[b]]),
        np.repeat([True, False], [len(old), len(i) + len(a)]),
        np.delete(left, a), np.delete(right, b),
        np.concatenate([state, unchanged.astype(np.int8), others[0]]),
        np.concatenate([m2, unchanged, others[1]]), np.concatenate([m, unchanged, others[2]]),
    )  # fmt: skip


def _namesakes(
    before: Members, after: Members, gone: Positions, come: Positions
) -> tuple[Positions, Positions]:
    """Pairs of areas that have a name to themselves in both versions and share most of their ground."""
    old = pd.Series(before.name[gone]).drop_duplicates(keep=False)
    new = pd.Series(after.name[come]).drop_duplicates(keep=False)
    shared = pd.merge(old.rename("name").reset_index(), new.rename("name").reset_index(), on="name")
    i, j = shared["index_x"].to_numpy(np.intp), shared["index_y"].to_numpy(np.intp)
    one, other = before.geometry[gone[i]], after.geometry[come[j]]
    areas = (shapely.get_dimensions(one) == 2) & (shapely.get_dimensions(other) == 2)
    i, j, one, other = i[areas], j[areas], one[areas], other[areas]
    larger = np.maximum(shapely.area(one), shapely.area(other))
    fits = shapely.area(shapely.intersection(one, other)) >= SAME_GROUND * larger
    return i[fits], j[fits]


def equal_shapes(one: Objects, other: Objects) -> Bools:
    """Whether each pair has the same vertices in the same order, or both have none."""
    same: Bools = shapely.equals_exact(one, other) | (shapely.is_missing(one) & shapely.is_missing(other))
    return same


def _differences(one: Objects, other: Objects, metric: MetricCrs) -> tuple[NDArray[np.int8], Floats, Floats]:
    """State, m² and m of each pair; only those that are not the same to the last vertex are measured."""
    state, m2, m = np.zeros(len(one), dtype=np.int8), np.zeros(len(one)), np.zeros(len(one))
    rows = np.flatnonzero(~equal_shapes(one, other))
    if len(rows):
        measured = measure(metric.geometries(one[rows]), metric.geometries(other[rows]))
        state[rows], m2[rows], m[rows] = measured
    return state, m2, m


def measure(one: Objects, other: Objects) -> tuple[NDArray[np.int8], Floats, Floats]:
    """How far each pair of shapes, in metres, differs: state, m² (areas), m (all others).

    What is thinner than 2 cm is noise of projecting, and no difference; what is a sliver is redrawn.
    """
    areal = (shapely.get_dimensions(one) == 2) & (shapely.get_dimensions(other) == 2)
    pieces, of = changed_parts(one[areal], other[areal])
    noise, sliver = thin(pieces)
    of = np.flatnonzero(areal)[of]
    m2: Floats = np.bincount(of[~noise], shapely.area(pieces[~noise]), len(one)).astype(np.float64)
    m = np.zeros(len(one))
    m[~areal] = apart_m(one[~areal], other[~areal])
    state = np.select([m >= SLIVER_WIDTH_M, m >= NOISE_WIDTH_M], [CHANGED, REDRAWN], SAME).astype(np.int8)
    state[of[sliver]] = REDRAWN
    state[of[~noise & ~sliver]] = CHANGED
    return state, m2, m


def thin(pieces: Objects) -> tuple[Bools, Bools]:
    """Which pieces, in metres, are noise of projecting, and which others are slivers, as `check` has it."""
    width, area = mean_width(pieces), shapely.area(pieces)
    noise = width < NOISE_WIDTH_M
    return noise, ~noise & ((width < SLIVER_WIDTH_M) | (area < SLIVER_AREA_M2))


def _same_shapes(one: Objects, other: Objects, metric: MetricCrs) -> tuple[Positions, Positions]:
    """Pairs that have the same shape in the same place: to the last vertex, else but for slivers.

    Where several have, the first goes with the first.
    """
    i, j = _identical(one, other)
    rest, others = np.setdiff1d(np.arange(len(one)), i), np.setdiff1d(np.arange(len(other)), j)
    if not len(rest) or not len(others):
        return i, j
    a, b = _alike(metric.geometries(one[rest]), metric.geometries(other[others]))
    return np.concatenate([i, rest[a]]), np.concatenate([j, others[b]])


def _identical(one: Objects, other: Objects) -> tuple[Positions, Positions]:
    keys = [pd.DataFrame({"shape": shapely.to_wkb(shapely.normalize(shapes))}) for shapes in (one, other)]
    frames = [
        key.assign(turn=key.groupby("shape").cumcount(), at=range(len(key))).dropna(subset="shape")
        for key in keys
    ]
    both = frames[0].merge(frames[1], on=["shape", "turn"])
    return both["at_x"].to_numpy(np.intp), both["at_y"].to_numpy(np.intp)


def _alike(one: Objects, other: Objects) -> tuple[Positions, Positions]:
    """Pairs, in metres, that differ by slivers alone and are each other's nearest."""
    i, j = similar_boxes(one, other)
    state, m2, m = measure(one[i], other[j])
    fits = state < CHANGED
    i, j = i[fits], j[fits]
    order = np.lexsort((j, i, (m2 + m)[fits]))
    i, j = i[order], j[order]
    mutual = np.intersect1d(np.unique(i, return_index=True)[1], np.unique(j, return_index=True)[1])
    return i[mutual], j[mutual]


# ---- what became of them


def changes(before: Members, after: Members, pairs: Matched) -> geopandas.GeoDataFrame:
    """One row for each thing that changed of a member: `COLUMNS` and where to look, in WGS-84 degrees.

    Sorted by kind as in `KINDS`, the largest first. A removed member shows where it was, a moved one its way.
    """
    rows = [frame for frame in _changes(before, after, pairs) if len(frame)]
    if not rows:
        empty: list[shapely.Geometry] = []
        return geopandas.GeoDataFrame(columns=COLUMNS, geometry=empty, crs=WGS84)
    found = pd.concat(rows, ignore_index=True)
    rank = found["kind"].map({kind: at for at, kind in enumerate(KINDS)})
    size = -found[["m2", "m"]].fillna(0).sum(axis=1)
    order = np.lexsort((found["code"].astype(str), size, rank))
    shapes = found["geometry"].to_numpy()[order]
    return geopandas.GeoDataFrame(
        found[COLUMNS].iloc[order].reset_index(drop=True), geometry=shapes, crs=WGS84
    )


def _changes(before: Members, after: Members, pairs: Matched) -> Iterator[pd.DataFrame]:
    old, new = pairs.old, pairs.new
    yield _rows("added", after, pairs.added, "", after.name[pairs.added])
    yield _rows("removed", before, pairs.removed, before.name[pairs.removed], "")
    other = ~pairs.by_code
    yield _rows("recoded", after, new[other], before.code[old[other]], after.code[new[other]])
    yield from _shapes(before, after, pairs)
    named = before.named[old] | after.named[new]
    for kind, one, two in (
        ("owner", np.where(named, before.owner[old], ""), np.where(named, after.owner[new], "")),
        ("reparented", before.parent[old], after.parent[new]),
        ("renamed", before.name[old], after.name[new]),
        ("attributes", *_attributes(before, after, old, new)),
    ):
        differ = one != two
        yield _rows(kind, after, new[differ], one[differ], two[differ])


def _shapes(before: Members, after: Members, pairs: Matched) -> Iterator[pd.DataFrame]:
    one, two = before.geometry[pairs.old], after.geometry[pairs.new]
    points = (shapely.get_type_id(one) == 0) & (shapely.get_type_id(two) == 0)
    changed = pairs.state == CHANGED
    for kind, rows in (
        ("moved", changed & points), ("reshaped", changed & ~points), ("redrawn", pairs.state == REDRAWN)
    ):  # fmt: skip
        frame = _rows(kind, after, pairs.new[rows], "", "")
        frame["m2"] = np.where(pairs.m2[rows] > 0, pairs.m2[rows].round(1), np.nan)
        measured = (pairs.m[rows] > 0) & np.isfinite(pairs.m[rows])  # one of the two may have no place
        frame["m"] = np.where(measured, pairs.m[rows].round(2), np.nan)
        if kind == "moved":
            frame["geometry"] = _ways(one[rows], two[rows])
        yield frame


def _ways(start: Objects, end: Objects) -> Objects:
    """The lines from each point to its new place."""
    xy = np.stack([shapely.get_coordinates(start), shapely.get_coordinates(end)], axis=1)
    return np.asarray(shapely.linestrings(xy), dtype=object)


def _attributes(before: Members, after: Members, old: Positions, new: Positions) -> tuple[Objects, Objects]:
    """The values, ``column=value``, of the attributes that differ; empty where none does."""
    one, two = np.full(len(old), "", dtype=object), np.full(len(old), "", dtype=object)
    for column in dict.fromkeys([*before.attributes.columns, *after.attributes.columns]):
        was, is_ = (_texts(m.attributes, column, at) for m, at in ((before, old), (after, new)))
        differ = was != is_
        one[differ] += f"{column}=" + was[differ] + " "
        two[differ] += f"{column}=" + is_[differ] + " "
    return one, two


def _texts(attributes: pd.DataFrame, column: str, rows: Positions) -> Objects:
    if column not in attributes.columns:
        return np.full(len(rows), "", dtype=object)
    values = attributes[column].iloc[rows]
    return values.astype(object).where(values.notna(), "").astype(str).to_numpy(dtype=object)


def _rows(kind: str, of: Members, rows: Positions, before: object, after: object) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "kind": kind, "code": of.code[rows], "name": of.name[rows], "before": before, "after": after,
            "m2": np.nan, "m": np.nan, "geometry": of.geometry[rows],
        }
    )  # fmt: skip
