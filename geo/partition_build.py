"""How a layer of polygons becomes the lattice of `geo.partition`."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.kernels import in_parts
from geo.partition_kernels import Lattice, settle_references
from geo.partition_raster import AT_U, AT_V, Frame, by_key, count_touches, lay, spread
from geo.partition_records import Crossed, gather, settle, write_records

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Int32s = NDArray[np.int32]
Bools = NDArray[np.bool_]
Objects = NDArray[np.object_]

_AREAL = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)
GREATEST, LEAST = 1e100, 1e-90
"""Coordinates beyond these, but zero, overflow or underflow where sides are told."""

CELLS_PER_EDGE = 20
MOST_CELLS = 1 << 23
_FEWEST_CELLS = 1 << 12
_MOST_A_SIDE = 1 << 12
_MOST_TOUCHES = 2_000_000
"""Pairs of an edge and a cell, where edges are so long that there would be more than a few for each."""
_MOST_FILLED = 32_000_000
"""Pairs of a polygon's box and a cell: where polygons lie on each other, cells are larger."""
_ULPS_A_CELL = 2.0**20
MOST_EDGES = 14
"""In a cell; one with more is divided, at most twice."""
_EDGES_A_PART = 6
_LEAST_ROOM = 1_000_000
"""Parts of cells, and pairs of an edge and a part, that dividing may add."""
_DIVISIONS = 2


class Edges(NamedTuple):
    """The edges of regular polygons, interiors on their left.

    Attributes:
        place: positions of the polygons in the layer, ascending.
        offset: where the edges of each begin, shape (n + 1,).
        vertex: the vertex where each edge begins; it ends at the next.
        xy: shape (v, 2).
        size: width and height of each polygon.
    """

    place: Int32s
    offset: Int32s
    vertex: Int32s
    xy: Floats
    size: Floats


def is_regular(geoms: Objects) -> Bools:
    """Which geometries the lattice can hold: valid polygons and multipolygons, neither huge nor minute."""
    regular: Bools = np.isin(shapely.get_type_id(geoms), _AREAL) & ~shapely.is_empty(geoms)
    rows = np.flatnonzero(regular)
    valid = in_parts(lambda part: shapely.is_valid(geoms[rows[part]]), len(rows), single=256)
    regular[rows] = np.concatenate(valid)
    rows = np.flatnonzero(regular)
    xy, of = shapely.get_coordinates(geoms[rows], return_index=True)
    regular[rows[of[((np.abs(xy) > GREATEST) | is_minute(xy)).any(axis=1)]]] = False
    return regular


def is_minute(coordinate: Floats) -> Bools:
    """Which coordinates are not zero, but so small that products of their differences may underflow."""
    size = np.abs(coordinate)
    return np.asarray((size < LEAST) & (size > 0))


def edges_of(geoms: Objects, regular: Bools) -> Edges:
    """The edges of the regular ones of the geometries."""
    rows = np.flatnonzero(regular)
    parts, of_part = shapely.get_parts(geoms[rows], return_index=True)
    rings, of_ring = shapely.get_rings(shapely.orient_polygons(parts, exterior_cw=False), return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    same_ring = ring[:-1] == ring[1:]
    vertex = np.flatnonzero(same_ring & (xy[:-1] != xy[1:]).any(axis=1)).astype(np.int32)
    polygon = of_part[of_ring[ring[vertex]]]
    offset = np.searchsorted(polygon, np.arange(len(rows) + 1)).astype(np.int32)
    bounds = shapely.bounds(geoms[rows])
    size = bounds[:, 2:] - bounds[:, :2]
    return Edges(rows.astype(np.int32), offset, vertex, np.ascontiguousarray(xy), size)


def choose_frame(edges: Edges) -> Frame:
    """A lattice around all edges, of so many cells that most have no edge and memory stays bounded."""
    low, high = edges.xy.min(axis=0), edges.xy.max(axis=0)
    least = np.spacing(np.abs(edges.xy).max(axis=0)) * 8
    pad = np.maximum((high - low) * 1e-6, least)
    low, extent = low - pad, high - low + 2 * pad
    across = np.abs(np.diff(edges.xy, axis=0)[edges.vertex]).sum(axis=0) / extent
    depth = float((edges.size / extent).prod(axis=1).sum())
    cells = min(max(CELLS_PER_EDGE * len(edges.vertex), _FEWEST_CELLS), MOST_CELLS, _MOST_FILLED / depth)
    touches = max(_MOST_TOUCHES, 4 * len(edges.vertex))
    cells = min(cells, (touches / across.sum()) ** 2)
    wanted = np.sqrt(cells * np.array([extent[0] / extent[1], extent[1] / extent[0]]))
    wanted = np.minimum(wanted, cells)  # of a layer that is a line
    sides = np.clip(np.minimum(wanted, extent / (least / 8 * _ULPS_A_CELL)), 1, _MOST_A_SIDE).astype(int)
    per = sides / extent
    return Frame(float(low[0]), float(low[1]), float(per[0]), float(per[1]), int(sides[0]), int(sides[1]))


def build(geoms: Objects, regular: Bools) -> Lattice:
    """The lattice of the regular ones of the geometries; there must be one."""
    edges = edges_of(geoms, regular)
    frame = choose_frame(edges)
    xy = edges.xy.reshape(-1)
    full, crossed = _lay(edges, frame, xy)
    return _records(frame, xy, full, crossed)


def _lay(edges: Edges, frame: Frame, xy: Floats) -> tuple[Int32s, Crossed]:
    """Per cell the first polygon that covers it without an edge there, and what else is in cells."""
    pairs = count_touches(frame, xy, edges.vertex)
    ys = np.asarray(frame.y0 + (np.arange(frame.rows) + AT_V) / frame.per_y, np.float64)
    full, member, pair = lay(frame, xy, edges.vertex, edges.offset, edges.place, ys, pairs)
    order, cell_start = by_key(np.ascontiguousarray(member[:, 0]), len(full))
    by_member, edge_start = by_key(np.ascontiguousarray(pair[:, 0]), len(member))
    edge = pair[by_member, 1]
    return full, gather(full, cell_start, order, member, edge_start, edge, frame.columns)


def _records(frame: Frame, xy: Floats, code: Int32s, crossed: Crossed) -> Lattice:
    """The lattice, cells with many edges divided."""
    records, references, members, edges = [], [], [], []
    bases, room = (0, 0, 0), max(_LEAST_ROOM, 4 * len(xy)) if _is_divisible(frame, xy) else 0
    for division in range(_DIVISIONS + 1):
        count = _edge_count(crossed)
        few, many = _few_and_many(count, room if division < _DIVISIONS else 0)
        reference = _references(frame, crossed.box)
        tileable = _away_from_zero(frame, crossed.box[few], reference[few])
        record, member, edge = write_records(xy, crossed, few, tileable, bases, code)
        parts = _parts(count[many])
        divided = np.zeros((len(many), 5), np.int32)
        divided[:, 0], divided[:, 4] = parts, len(code) + np.cumsum(parts**2) - parts**2
        code[crossed.slot[many]] = -2 - (bases[0] + len(few) + np.arange(len(many)))
        bases = (bases[0] + len(count), bases[1] + len(member), bases[2] + len(edge))
        records += [record, divided]
        references += [reference[few], reference[many]]
        members.append(member)
        edges.append(edge)
        if not len(many):
            break
        code, crossed = _divide(frame, xy, code, crossed, many, parts, reference[many])
    return Lattice(
        *frame, code, np.concatenate(records), np.concatenate(references), np.concatenate(members),
        _ends(xy, np.concatenate(edges)),
    )  # fmt: skip


def _ends(xy: Floats, vertex: Int32s) -> Floats:
    """Both ends of the edges that begin at the vertices, shape (n, 4)."""
    vertices = xy.reshape(-1, 2)
    return np.hstack([vertices[vertex], vertices[vertex + 1]])


def _is_divisible(frame: Frame, xy: Floats) -> bool:
    """Whether cells are so much wider than an ulp that parts of their parts are, too."""
    return bool(max(frame.per_x, frame.per_y) * np.spacing(np.abs(xy).max()) * _ULPS_A_CELL <= 1)


def _edge_count(crossed: Crossed) -> Ints:
    first, last = crossed.member[crossed.start[:-1], 1], crossed.member[crossed.start[1:] - 1, 2]
    return np.asarray(last - first, np.intp)


def _few_and_many(count: Ints, room: int) -> tuple[Int32s, Int32s]:
    """The cells to be left as they are, and those with many edges to be divided, as far as there is room."""
    order = np.argsort(-count, kind="stable")[: np.count_nonzero(count > MOST_EDGES)]
    parts = _parts(count[order]).astype(np.int64)
    many = np.zeros(len(count), dtype=np.bool_)
    many[order[np.cumsum(parts**2 + count[order] * parts) <= room]] = True
    return np.flatnonzero(~many).astype(np.int32), np.flatnonzero(many).astype(np.int32)


def _parts(count: Ints) -> Int32s:
    """Into how many a side cells with so many edges are divided: a power of two, so that no place is lost."""
    return np.asarray(np.clip(2 ** np.ceil(np.log2(count / _EDGES_A_PART)), 2, 16), np.int32)


def _references(frame: Frame, box: Floats) -> Floats:
    u, v = box[:, 0] + AT_U * box[:, 2], box[:, 1] + AT_V * box[:, 2]
    return np.column_stack([frame.x0 + u / frame.per_x, frame.y0 + v / frame.per_y])


def _away_from_zero(frame: Frame, box: Floats, reference: Floats) -> Bools:
    """Cells in which no coordinate is so near zero that it is finer than all others together can tell.

    There GEOS may err on an edge that we never look at, once a polygon is found.
    """
    reach = np.array([2 / frame.per_x, 2 / frame.per_y]) * box[:, 2:]
    return np.asarray((np.abs(reference) > reach).all(axis=1))


def _divide(
    frame: Frame, xy: Floats, code: Int32s, crossed: Crossed, chosen: Int32s, parts: Int32s, at: Floats
) -> tuple[Int32s, Crossed]:
    """The codes with those of the parts of the chosen cells, and the parts that are still crossed."""
    box, member, edge = spread(
        frame, xy, crossed.box, crossed.start, crossed.member, crossed.edge, chosen, parts
    )
    slot = np.arange(len(code), len(code) + len(box), dtype=np.int32)
    members = np.diff(crossed.start)[chosen].astype(np.int32)
    corners = np.column_stack([frame.x0 + box[:, 0] / frame.per_x, frame.y0 + box[:, 1] / frame.per_y])
    settle_references(
        member, _ends(xy, edge), crossed.member, _ends(xy, crossed.edge), at,
        np.column_stack([parts, members]), _references(frame, box), corners,
    )  # fmt: skip
    code = np.concatenate([code, np.full(len(box), -1, np.int32)])
    return code, settle(slot, box, np.repeat(members, parts**2), member, edge, code)
