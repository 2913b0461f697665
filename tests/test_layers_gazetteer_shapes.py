"""Where named things are: one point for each, what lies together, and which of a name is meant."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from layers.gazetteer_shapes import NONE, Named, clusters, merged, middles, radii
from layers.gazetteer_things import EXTENT_M

Objects = NDArray[np.object_]

spots = st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 60), st.integers(0, 60)), max_size=30)


def lines(of: list[tuple[str, int, int]]) -> tuple[Objects, Objects]:
    """Names, and a line of ten metres at each spot."""
    shapes = [shapely.LineString([(x, y), (x + 10, y)]) for _, x, y in of]
    names = [name for name, _, _ in of]
    return np.array([*names, None], dtype=object)[:-1], np.array([*shapes, None], dtype=object)[:-1]


@given(spots)
def test_clusters_are_what_can_be_reached_in_steps_among_shapes_of_one_name(
    of: list[tuple[str, int, int]],
) -> None:
    names, shapes = lines(of)
    found = clusters(names, shapes, 12.0)
    group = list(range(len(of)))  # brute force: everything that is near takes the lower number
    for _ in of:
        for i in range(len(of)):
            for j in range(len(of)):
                if names[i] == names[j] and shapely.distance(shapes[i], shapes[j]) <= 12.0:
                    group[i] = group[j] = min(group[i], group[j])
    order = {one: at for at, one in enumerate(dict.fromkeys(group))}
    assert found.tolist() == [order[one] for one in group]


@given(spots, st.randoms(use_true_random=False))
def test_what_lies_together_does_not_depend_on_the_order(
    of: list[tuple[str, int, int]], random: object
) -> None:
    names, shapes = lines(of)
    turned = np.arange(len(of))
    random.shuffle(turned)  # type: ignore[attr-defined]
    one, other = clusters(names, shapes, 12.0)[turned], clusters(names[turned], shapes[turned], 12.0)
    assert (one[:, None] == one).tolist() == (other[:, None] == other).tolist()


def test_pieces_of_a_thing_become_one_shape_of_their_kind() -> None:
    shapes = np.array(
        [shapely.Point(0, 0), shapely.LineString([(0, 0), (9, 0)]), shapely.LineString([(9, 0), (9, 9)]),
         shapely.box(0, 0, 1, 1), shapely.Point(5, 5), shapely.LineString([(2, 2), (3, 3)])],
        dtype=object,
    )  # fmt: skip
    whole = merged(shapes, np.array([0, 1, 1, 2, 0, 2]))
    assert [shape.geom_type for shape in whole] == ["MultiPoint", "MultiLineString", "GeometryCollection"]
    assert [shapely.get_num_geometries(shape) for shape in whole] == [2, 2, 2]


def test_the_middle_of_a_thing_is_on_it() -> None:
    ring = shapely.Point(0, 0).buffer(100).difference(shapely.Point(0, 0).buffer(90))
    bow = shapely.LineString([(0, 0), (50, 80), (100, 0)])
    parts = shapely.MultiLineString([[(0, 0), (10, 0)], [(90, 0), (100, 0)]])
    shapes = np.array([ring, bow, parts, shapely.Point(3, 4), shapely.box(0, 0, 2, 2)], dtype=object)
    points = shapely.points(middles(shapes))
    assert shapely.distance(points, shapes) == pytest.approx(0, abs=1e-9)
    assert middles(shapes)[3:].tolist() == [[3, 4], [1, 1]]


def test_what_is_not_there_has_no_middle() -> None:
    assert np.isnan(middles(np.array([None, shapely.Polygon()], dtype=object))).all()
    assert middles(np.empty(0, dtype=object)).shape == (0, 2)


@pytest.mark.parametrize(
    "shape",
    [shapely.box(0, 0, 100, 100), shapely.box(0, 0, 300, 40), shapely.Point(0, 0).buffer(50),
     shapely.LineString([(0, 0), (200, 50)]), shapely.Polygon([(0, 0), (100, 0), (0, 100)]),
     shapely.box(5e5, 3.5e6, 5e5 + 90, 3.5e6 + 40),
     shapely.MultiPolygon([shapely.box(0, 0, 50, 50), shapely.box(50, 0, 100, 100)])],
)  # fmt: skip
def test_about_two_thirds_of_a_thing_lie_within_its_radius(shape: shapely.Geometry) -> None:
    whole = np.array([shape], dtype=object)
    circle = shapely.Point(*middles(whole)[0]).buffer(radii(whole, middles(whole))[0])
    inside = shape.intersection(circle)
    share = inside.area / shape.area if shape.area else inside.length / shape.length
    assert 0.64 < share < 0.77


def test_points_have_the_radius_of_a_survey_and_places_that_of_their_kind() -> None:
    shapes = np.array([shapely.Point(1, 1), None, shapely.Polygon()], dtype=object)
    assert radii(shapes, middles(shapes)).tolist() == [2.0, 2.0, 2.0]
    assert EXTENT_M["hamlet"] < EXTENT_M["village"] < EXTENT_M["town"] < EXTENT_M["city"]


# ---- by name


def named() -> Named:
    names = np.array(["Hauptstraße", "Hauptstraße", "Haupt-Strasse", "St. Luziweg", ""], dtype=object)
    shapes = np.array([shapely.Point(x, 0) for x in (0, 1000, 20, 0, 0)], dtype=object)
    return Named(np.array([7, 8, 9, 10, 11]), names, shapes)


def find(name: str, x: float, reach_m: float = 300.0) -> int:
    return int(named().find(np.array([name], dtype=object), np.array([[x, 0.0]]), reach_m)[0])


def test_of_several_of_a_name_the_nearest_is_meant() -> None:
    assert [find("Hauptstraße", x) for x in (10, 900, 1200)] == [7, 8, 8]


def test_what_is_written_the_same_goes_before_what_is_nearer() -> None:
    assert find("Hauptstraße", 20) == 7
    assert find("Haupt-Strasse", 0) == 9


def test_abbreviations_lead_to_the_same() -> None:
    assert find("Sankt Luziweg", 0) == 10
    assert find("HAUPTSTR.", 1000) == 8


def test_what_is_too_far_or_not_named_is_not_found() -> None:
    assert find("Hauptstraße", 500) == NONE
    assert find("Nebenstraße", 0) == NONE
    assert find("", 0) == NONE
    assert named().find(np.empty(0, dtype=object), np.empty((0, 2)), 9.0).tolist() == []
