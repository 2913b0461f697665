"""Places that stand for reported lines and areas."""

from __future__ import annotations

import numpy as np
import shapely

from layers.extents import _points_on


def test_a_line_that_an_area_cuts_and_touches_has_its_places_on_the_line() -> None:
    """An estate may hold a stretch of a road and touch it once more at a point."""
    estate = shapely.from_wkt("POLYGON ((0 0, 4 0, 4 2, 6 0, 8 2, 8 5, 0 5, 0 0))")
    road = shapely.from_wkt("LINESTRING (-2 2, 3 2, 6 0, 9 -2)")
    piece = shapely.intersection(estate, road)
    assert piece.geom_type == "GeometryCollection"
    pieces = np.array(
        [piece, shapely.box(0, 0, 1, 1), shapely.from_wkt("LINESTRING (0 0, 1 0)")], dtype=object
    )
    points, of = _points_on(pieces, 4)
    assert np.bincount(of)[[0, 2]].tolist() == [4 * len(_lines(piece)), 4]
    assert (shapely.distance(points, pieces[of]) < 1e-9).all()


def _lines(piece: shapely.Geometry) -> list[shapely.Geometry]:
    return [part for part in shapely.get_parts(piece) if part.geom_type == "LineString"]
