"""A city is divided into cells, bins or stretches of road; every place lies in one of them, or in none."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import shapely
from cities import METRIC, STEP, at, bring, point, square
from hotspot_cities import (
    SIDE,
    both,
    code_of,
    hotspots,
    lattice_generation,
    reported,
    rows_of,
    somewhere,
    told,
)

from geo.errors import GridError, NotFoundError
from layers.city import create_city
from layers.generation import load_live
from layers.hotspot_units import BY_ROAD_M, Division, Units, lowest_level, parse_bins, units_of

WEST_M = STEP * 111_320 * np.cos(np.radians(32.0))  # metres of a step of the lattice, about


def divided(bins: str) -> Units:
    return units_of(lattice_generation(), parse_bins(bins))


def near_the_city(n: int = 400) -> tuple[np.ndarray, np.ndarray]:
    return somewhere(np.random.default_rng(1), n, -1, -1, SIDE + 2, SIDE + 2)


@pytest.mark.parametrize("bins", ["square:250", "hex:400", "square:170"])
def test_a_place_lies_in_the_bin_that_covers_it_if_it_is_in_the_city(bins: str) -> None:
    here, units = lattice_generation(), divided(bins)
    lng, lat = near_the_city()
    found = units.place(lng, lat)
    x, y = here.metric.points(lng, lat)
    ground = here.surroundings.ground
    for row, place in enumerate(shapely.points(x, y)):
        covering = np.flatnonzero(shapely.covers(units.metric, place))
        if ground.contains(place):
            assert found[row] in covering
        else:
            assert found[row] == -1


@pytest.mark.parametrize("bins", ["square:250", "hex:400"])
def test_bins_are_of_one_shape_and_size_named_by_it_and_neighbours_touch(bins: str) -> None:
    units = divided(bins)
    sides = 4 if bins.startswith("square") else 6
    assert set(shapely.get_num_coordinates(units.metric)) == {sides + 1}
    size = float(bins.split(":")[1])
    expected = size**2 if sides == 4 else size**2 * np.sqrt(3) / 2
    assert np.allclose(shapely.area(units.metric), expected)
    assert len(set(units.code)) == len(units)
    assert all(code.startswith("SH"[sides == 6] + f"{size:g}_") for code in units.code)
    links = units.neighbours.toarray() > 0
    touching = np.array([shapely.dwithin(units.metric, each, 0.01) for each in units.metric])
    np.fill_diagonal(touching, False)
    assert np.array_equal(links, touching)
    assert links.sum(axis=1).max() == (8 if sides == 4 else 6)


def test_bins_drawn_in_degrees_are_those_counted_in_metres() -> None:
    here, units = lattice_generation(), divided("hex:400")
    again = here.metric.geometries(units.geometry)
    assert np.allclose(shapely.get_coordinates(again), shapely.get_coordinates(units.metric), atol=0.01)


def test_cells_lie_in_the_order_of_their_codes_and_hold_what_is_in_them() -> None:
    units = units_of(lattice_generation(), Division())
    assert lowest_level(lattice_generation()) == units.division.level == "cell"
    assert list(units.code) == sorted(units.code)
    lng, lat = near_the_city()
    found = units.place(lng, lat)
    column, row = ((each - start) / (STEP / 4) for each, start in ((lng, at(0, 0)[0]), (lat, at(0, 0)[1])))
    for place, c, r in zip(found, column, row, strict=True):
        inside = 0 <= c < SIDE and 0 <= r < SIDE
        assert (units.code[place] if place >= 0 else "") == (code_of(int(c), int(r)) if inside else "")
    links = units.neighbours.toarray()
    assert sorted(set(links.sum(axis=1))) == [3, 5, 8]


def test_districts_hold_the_reports_of_their_cells() -> None:
    points = reported(*somewhere(np.random.default_rng(1), 500))
    cells, districts = (rows_of(hotspots(points, level=level))["reports"] for level in ("cell", "district"))
    assert cells.sum() == districts.sum() == 500
    assert districts["D00"] == sum(cells[code_of(c, r)] for c in range(8) for r in range(8))


def test_a_report_farther_than_fifty_metres_from_every_road_belongs_to_none() -> None:
    here, units = lattice_generation(), divided("road:200")
    lng, lat = near_the_city(2000)
    found = units.place(lng, lat)
    x, y = here.metric.points(lng, lat)
    away = shapely.distance(shapely.union_all(units.metric), shapely.points(x, y))
    assert np.array_equal(found >= 0, away <= BY_ROAD_M)
    near = np.flatnonzero(found >= 0)
    own = shapely.distance(units.metric[found[near]], shapely.points(x[near], y[near]))
    assert np.allclose(own, away[near])
    result = hotspots(reported(lng, lat), bins="road:200")
    assert rows_of(result)["reports"].sum() == len(near)
    assert "farther than 50 m from every road" in told(result)
    assert f"{2000 - len(near):,} reports lie in no part" in told(result)


def test_stretches_are_named_by_their_road_and_metres_and_as_long_as_asked_at_most() -> None:
    units = divided("road:200")
    assert len(set(units.code)) == len(units)
    assert all(code.split("@")[0] in {"W0", "W1", "W2", "W3"} for code in units.code)
    assert shapely.length(units.metric).max() <= 200 + 1e-6
    assert set(shapely.get_type_id(units.geometry)) == {1}
    assert units.neighbours.sum(axis=1).max() == 2


def test_planted_reports_make_a_stretch_of_road_hot() -> None:
    rng = np.random.default_rng(3)
    road = rng.choice([at(0, y)[1] for y in (0.6, 1.6, 2.6, 3.6)], 400)
    everywhere = reported(rng.uniform(at(0.01, 0)[0], at(3.99, 0)[0], 400), road)
    many = reported(rng.uniform(at(2, 0)[0], at(2.1, 0)[0], 40), np.full(40, at(0, 0.6)[1]))
    found = hotspots(both(everywhere, many), bins="road:100", baseline="area")
    frame = rows_of(found)
    hot = frame[frame["class"] == "hot"]
    assert len(hot)
    assert hot.index.str.startswith("W0@").all()
    middle = hot.to_crs(METRIC).geometry.centroid.to_crs("EPSG:4326")
    assert middle.x.between(at(1.8, 0)[0], at(2.3, 0)[0]).all()


def test_within_metres_makes_neighbours_of_near_centres() -> None:
    units = units_of(lattice_generation(), Division("square", size_m=250, within_m=500))
    away = np.linalg.norm(units.centre[:, None] - units.centre[None], axis=2)
    assert np.array_equal(units.neighbours.toarray() > 0, (away <= 500.001) & (away > 0))
    about = hotspots(reported([], []), within_m=500).about
    assert about["neighbours"] == "centres within 500 m"


@pytest.mark.parametrize(
    ("text", "kind", "size"),
    [
        ("square:250", "square", 250),
        ("HEX:400m", "hex", 400),
        (" road:100 ", "road", 100),
        ("hex:12.5", "hex", 12.5),
    ],
)
def test_bins_are_said_in_a_word_and_metres(text: str, kind: str, size: float) -> None:
    division = parse_bins(text)
    assert (division.kind, division.size_m) == (kind, size)
    assert parse_bins(division.text) == division


@pytest.mark.parametrize(
    "text", ["", "square", "250", "square:", ":250", "hex:4e", "square:-1", "road:inf", "hex 4"]
)
def test_other_words_are_no_bins(text: str) -> None:
    with pytest.raises(GridError):
        parse_bins(text)


def test_moved_bins_hold_the_same_reports_under_other_names() -> None:
    points = reported(*somewhere(np.random.default_rng(1), 300))
    plain = parse_bins("square:250")
    moved = replace(plain, shift_m=(93.75, 31.25))
    here = lattice_generation()
    one, other = units_of(here, plain), units_of(here, moved)
    assert set(one.code).isdisjoint(other.code)
    for units in (one, other):
        assert (units.place(points.lng, points.lat) >= 0).all()


def test_too_many_bins_are_refused_before_they_are_made() -> None:
    with pytest.raises(GridError, match="bins"):
        divided("square:1")


def test_a_city_without_grid_or_roads_says_what_is_missing(tmp_path: Path) -> None:
    city = create_city(tmp_path / "bare", "空城", metric_crs=METRIC)
    bring(city, "asset:street_light", [(point(0, 0), {"code": "L", "o": "l"})], owner="o")
    bare = load_live(city)
    for asked, missing in (
        ({}, "no grid"),
        ({"bins": "hex:400"}, "no grid"),
        ({"bins": "road:100"}, "no roads"),
    ):
        with pytest.raises(NotFoundError, match=missing) as refused:
            hotspots(reported([], []), city=bare, **asked)
        assert refused.value.fix


def test_roads_that_are_areas_cannot_be_cut_into_stretches(tmp_path: Path) -> None:
    city = create_city(tmp_path / "paved", "路城", metric_crs=METRIC)
    bring(city, "grid:cell", [(square(0, 0), {"code": "A", "o": "a"})], owner="o")
    bring(city, "asset:road", [(square(0, 0, 1, 0.1), {"code": "R", "o": "r"})], owner="o")
    with pytest.raises(NotFoundError, match="no lines"):
        hotspots(reported([], []), city=load_live(city), bins="road:100")
