"""The whole shape of a place is what its layer has, or its point."""

from __future__ import annotations

import shapely

from layers.candidate_shapes import shape_geojson, shape_text
from layers.candidates import Candidate, Match


def place(geometry: shapely.Geometry | None = None) -> Candidate:
    return Candidate(120.85, 32.01, 5, Match.ESTATE, 1, 1, "x", geometry=geometry)


def test_a_place_without_a_shape_is_its_point() -> None:
    assert shape_geojson(place()) == {"type": "Point", "coordinates": [120.85, 32.01]}
    assert shape_text(place()) == "POINT (120.85 32.01)"


def test_a_shape_is_whole_or_simplified_within_the_tolerance() -> None:
    circle = shapely.Point(120.85, 32.01).buffer(0.01)
    assert shapely.from_wkt(shape_text(place(circle))).equals_exact(circle, 1e-6)
    rough = shapely.geometry.shape(shape_geojson(place(circle), 0.001))
    assert rough.is_valid
    assert len(rough.exterior.coords) < len(circle.exterior.coords) / 2
    assert shapely.hausdorff_distance(rough, circle) <= 0.001
    assert shape_geojson(place(circle), -1.0) == shape_geojson(place(circle))
