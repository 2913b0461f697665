"""Reports that have a shape: an estate that holds the place somewhere, or a line or area that is reported.

A shape is cut exactly by the cells and by the areas that rules ask for; each piece weighs its length or
area. What a shape concerns follows from the category: the assets inside an estate, each by its size, or
whatever asset a reported stretch lies on.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import shapely
from numpy.typing import NDArray

from layers.assets import POINT_SIZE_M, concerned_kinds, find_candidates
from layers.evidence import Evidence
from layers.generation import Generation, Objects, Positions
from layers.hypotheses import Hypotheses, ground, joined, on_asset
from layers.records import starts

Floats = NDArray[np.float64]

AROUND = 1.0  # degrees around the city: what lies farther away changes no answer
SAMPLES = 16  # places on each piece of a reported line or area that are asked for their asset


def over_shapes(generation: Generation, evidence: Evidence) -> tuple[Hypotheses, Evidence]:
    """The hypotheses about the reports with a shape, and the evidence with a point of each shape's largest
    piece in a cell (else of the largest) for its position and no other error than the shape.
    """
    rows = np.flatnonzero(evidence.is_shape)
    if not len(rows):
        return joined([]), evidence
    shapes = generation.metric.geometries(_about_the_city(generation, evidence.shapes[rows]))
    of, pieces = _pieces(generation, shapes)
    evidence = _placed(generation, evidence, rows, of, pieces)
    inside = _assets_in(generation, evidence, rows, shapes)
    bare = np.isin(rows[of], inside.row, invert=True)
    pieces, row = pieces[bare], rows[of[bare]]
    extents = evidence.extents[row]
    found = [inside, *_sampled(pieces[~extents], row[~extents], 1)]
    for part in _sampled(pieces[extents], row[extents], SAMPLES):
        found.append(_on_what(generation, evidence, part))
    return joined(found), evidence


def _about_the_city(generation: Generation, shapes: Objects) -> Objects:
    """The shapes, of those that reach far beyond the city the part near it: the city's plane has no room for
    the world. What has no part near is as good as a point of it.
    """
    west, south, east, north = generation.surroundings.bounds
    near = shapely.box(west - AROUND, south - AROUND, east + AROUND, north + AROUND)
    far = np.flatnonzero(~shapely.covers(near, shapes))
    if not len(far):
        return shapes
    cut = shapely.intersection(shapes[far], near)
    less = shapely.get_dimensions(cut) < shapely.get_dimensions(shapes[far])
    cut[less] = shapely.point_on_surface(shapes[far[less]])
    about = shapes.copy()
    about[far] = cut
    return about


def _measure(shapes: Objects) -> Floats:
    """Square metres of areas, metres of lines, 1 for each point."""
    dimension = shapely.get_dimensions(shapes)
    points = shapely.get_num_geometries(shapes).astype(float)
    return np.select([dimension == 2, dimension == 1], [shapely.area(shapes), shapely.length(shapes)], points)


def _placed(
    generation: Generation, evidence: Evidence, rows: Positions, of: Positions, pieces: Objects
) -> Evidence:
    points = shapely.point_on_surface(pieces)
    outside = ~generation.metric_leaf_index.any_within(shapely.get_x(points), shapely.get_y(points), 0.0)
    order = np.lexsort((-_measure(pieces), outside, of))
    which, first = np.unique(of[order], return_index=True)
    points = points[order][first]
    lng, lat = generation.metric.to_lnglat(shapely.get_x(points), shapely.get_y(points))
    placed = replace(
        evidence, lng=evidence.lng.copy(), lat=evidence.lat.copy(), accuracy_m=evidence.accuracy_m.copy()
    )
    placed.lng[rows[which]], placed.lat[rows[which]] = lng, lat
    unseen = np.setdiff1d(rows, rows[which])  # so far away that the city's plane ends before
    there = shapely.point_on_surface(evidence.shapes[unseen])
    placed.lng[unseen], placed.lat[unseen] = shapely.get_x(there), shapely.get_y(there)
    placed.accuracy_m[rows] = 0.0
    return placed


def _pieces(generation: Generation, shapes: Objects) -> tuple[Positions, Objects]:
    """The shapes cut by the leaf cells, then by each kind of area that rules ask for; of several points each
    is a piece.
    """
    is_points = shapely.get_dimensions(shapes) == 0
    points, at = shapely.get_parts(shapes[is_points], return_index=True)
    of = np.concatenate([np.flatnonzero(~is_points), np.flatnonzero(is_points)[at]])
    of, pieces = _cut(of, np.concatenate([shapes[~is_points], points]), generation.metric_leaves)
    for kind in generation.surroundings.asked_areas:
        of, pieces = _cut(of, pieces, generation.metric.geometries(generation.areas[kind].geometry))
    return of, pieces


def _cut(of: Positions, pieces: Objects, polygons: Objects) -> tuple[Positions, Objects]:
    """Every piece cut by the polygons, and what is left outside them; slivers are dropped."""
    polygons = polygons[~shapely.is_missing(polygons)]
    tree = shapely.STRtree(polygons)
    piece, polygon = tree.query(pieces, predicate="intersects")
    order = np.lexsort((polygon, piece))
    piece, polygon = piece[order], polygon[order]
    dimension = shapely.get_dimensions(pieces)
    inner = shapely.intersection(pieces[piece], polygons[polygon])
    cut = np.unique(piece)
    start = np.searchsorted(piece, cut)
    covers = [shapely.union_all(part) for part in np.split(polygons[polygon], start[1:])] if len(cut) else []
    outer = shapely.difference(pieces[cut], np.array(covers, dtype=object))
    whole = np.setdiff1d(np.arange(len(pieces)), cut)
    back = np.concatenate([piece, cut, whole])
    cuts = np.concatenate([inner, outer, pieces[whole]])
    least = np.select([dimension == 2, dimension == 1], [0.01, 0.01], 0.0)[back]
    real = (shapely.get_dimensions(cuts) == dimension[back]) & (_measure(cuts) > least)
    real &= ~shapely.is_empty(cuts)
    return of[back[real]], cuts[real]


def _sampled(pieces: Objects, row: Positions, count: int) -> list[Hypotheses]:
    """Places on every piece, which share its length or area."""
    if not len(pieces):
        return []
    measure = _measure(pieces)
    if count == 1:
        points, of = shapely.point_on_surface(pieces), np.arange(len(pieces))
    else:
        points, of = _points_on(pieces, count)
    weight = (measure / np.bincount(of, minlength=len(pieces)))[of]
    return [ground(row[of], shapely.get_x(points), shapely.get_y(points), weight)]


def _points_on(pieces: Objects, count: int) -> tuple[Objects, Positions]:
    """About ``count`` points on each piece, one at least."""
    lines = np.flatnonzero(shapely.get_dimensions(pieces) == 1)
    parts, part_of = _lines_of(pieces[lines])
    along = np.tile((np.arange(count) + 0.5) / count, len(parts))
    on_lines = shapely.line_interpolate_point(np.repeat(parts, count), along, normalized=True)
    of_lines = np.repeat(lines[part_of], count)
    rest = np.flatnonzero(shapely.get_dimensions(pieces) != 1)
    west, south, east, north = shapely.bounds(pieces[rest]).T
    # The R2 sequence (Roberts 2018) fills a box evenly.
    turn = np.arange(1, 4 * count + 1)[:, None] * np.array([0.7548776662466927, 0.5698402909980532]) % 1.0
    x = (west[:, None] + (east - west)[:, None] * turn[:, 0]).ravel()
    y = (south[:, None] + (north - south)[:, None] * turn[:, 1]).ravel()
    owner = np.repeat(rest, 4 * count)
    inside = shapely.intersects_xy(pieces[owner], x, y)
    middle = shapely.point_on_surface(pieces[rest])
    points = np.concatenate([on_lines, shapely.points(x[inside], y[inside]), middle])
    return points, np.concatenate([of_lines, owner[inside], rest])


def _lines_of(pieces: Objects) -> tuple[Objects, Positions]:
    """The lines that pieces consist of, and the piece of each; where an area only touches a line, there are
    points beside them.
    """
    several, outer = shapely.get_parts(pieces, return_index=True)
    parts, inner = shapely.get_parts(several, return_index=True)
    is_line = shapely.get_dimensions(parts) == 1
    return parts[is_line], outer[inner[is_line]]


def _on_what(generation: Generation, evidence: Evidence, places: Hypotheses) -> Hypotheses:
    """The places of a reported line or area with the asset that each lies on, or that is near."""
    codes, texts = evidence.codes[places.row], evidence.texts[places.row]
    found = find_candidates(generation, places.x, places.y, codes, np.zeros(len(places)), texts).first()
    found = found.take(starts(found.row))
    places.kind[found.row], places.asset[found.row] = found.kind, found.position
    places.distance_m[found.row] = found.distance_m
    return places


def _assets_in(generation: Generation, evidence: Evidence, rows: Positions, shapes: Objects) -> Hypotheses:
    """What the category concerns inside the shapes that only hold the place: each asset by its size."""
    parts = [joined([])]
    sought = np.flatnonzero(~evidence.extents[rows])
    for number, kind in enumerate(generation.asset_kinds):
        wanting = [i for i in sought if kind in (concerned_kinds(generation, evidence.codes[rows[i]]) or ())]
        if not wanting:
            continue
        among = np.array(wanting, dtype=np.intp)
        index = generation.asset_index[kind]
        which, asset = index.intersecting(shapes[among])
        inside = shapely.intersection(index.geometries[asset], shapes[among[which]])
        parts += _inner(inside, rows[among[which]], number, asset, generation.half_width[kind][asset])
    return joined(parts)


def _inner(inside: Objects, row: Positions, number: int, asset: Positions, half: Floats) -> list[Hypotheses]:
    """Places on the inner part of each asset, weighed by the ground that it covers."""
    real = ~shapely.is_empty(inside)
    inside, row, asset, half = inside[real], row[real], asset[real], half[real]
    if not len(inside):
        return []
    dimension = shapely.get_dimensions(inside)
    scale = np.select(
        [dimension == 2, dimension == 1], [1.0, 2 * np.maximum(half, 0.5)], np.pi * POINT_SIZE_M**2
    )
    points, of = _points_on(inside, SAMPLES)
    weight = (_measure(inside) * scale / np.bincount(of, minlength=len(inside)))[of]
    kind = np.full(len(of), number, dtype=np.intp)
    x, y = shapely.get_x(points), shapely.get_y(points)
    return [on_asset(row[of], x, y, kind, asset[of], np.zeros(len(of)), weight)]
