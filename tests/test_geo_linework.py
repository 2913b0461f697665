"""Streets that are drawn as squares have edges, house numbers and sides as others have."""

from __future__ import annotations

import pytest
import shapely
from shapely.geometry import GeometryCollection, LineString, MultiPolygon, Point, Polygon, box

from geo.bearings import offset
from geo.house_numbers import fit_street
from geo.linework import lines_of

WITH_A_HOLE = Polygon(box(0, 0, 10, 10).exterior, [box(4, 4, 6, 6).exterior])
SQUARE_AND_LANE = GeometryCollection([box(0, 0, 100, 100), LineString([(100, 50), (200, 50)])])


@pytest.mark.parametrize(
    ("shape", "length"),
    [
        (None, []),
        (LineString(), []),
        (Point(1, 2), []),
        (box(0, 0, 10, 10), [40]),
        (WITH_A_HOLE, [40, 8]),
        (MultiPolygon([box(0, 0, 10, 10), box(20, 0, 25, 5)]), [40, 20]),
        (SQUARE_AND_LANE, [400, 100]),
        (GeometryCollection([MultiPolygon([box(0, 0, 10, 10)]), Point(3, 3)]), [40]),
    ],
)
def test_a_shape_has_its_lines_and_the_outlines_of_its_areas(
    shape: shapely.Geometry | None, length: list[float]
) -> None:
    assert shapely.length(lines_of(shape)).tolist() == length


@pytest.mark.parametrize("shape", [box(0, 0, 100, 100), SQUARE_AND_LANE, WITH_A_HOLE, Point(3, 3)])
def test_no_shape_of_a_street_breaks_its_numbers_or_what_lies_beside_it(shape: shapely.Geometry) -> None:
    fitted = fit_street(shape, [(0, 0), (50, 0), (100, 0)], [1, 5, 9])
    assert fitted.at(3) is not None
    fit_street(shape, [], []).at(7)
    for kind in ("opposite", "side", "offset"):
        moved = offset(110, 50, kind, direction="" if kind == "opposite" else "E", metres=20, line=shape)
        assert moved.radius_m >= 0


def test_beside_a_square_is_off_its_edge() -> None:
    moved = offset(90, 50, "offset", direction="E", metres=20, line=SQUARE_AND_LANE.geoms[0])
    assert (moved.x > 100, round(moved.y)) == (True, 50)
