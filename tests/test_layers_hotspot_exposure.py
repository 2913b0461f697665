"""What reports are held against adds up in cells and in bins; where something cannot occur is excluded."""

from __future__ import annotations

import functools
from pathlib import Path

import numpy as np
import pytest
import shapely
from cities import METRIC, at, bring, square
from hotspot_cities import (
    DIRTY_WATER,
    LAMP,
    LAMPS_EACH,
    LIT,
    NOISE,
    SIDE,
    WET,
    both,
    code_of,
    hotspots,
    inhabitants,
    lattice_generation,
    noise,
    reported,
    rows_of,
    somewhere,
    told,
)

from geo.errors import NotFoundError
from layers.city import create_city
from layers.generation import Generation, load_live
from layers.hotspot_exposure import exposure_of, has_population, is_water
from layers.hotspot_units import Division, Units, parse_bins, units_of

PEOPLE = sum(inhabitants(c, r) for c in range(SIDE) for r in range(SIDE))
WET_CODES = {code_of(c, r) for c, r in WET}
BINS = ("square:250", "square:333", "hex:400")


@functools.cache
def units(bins: str = "", level: str = "") -> Units:
    return units_of(lattice_generation(), parse_bins(bins) if bins else Division(level=level))


def test_inhabitants_of_cells_are_those_declared_and_of_districts_their_sums() -> None:
    here = lattice_generation()
    assert has_population(here)
    cells = exposure_of(here, units(), "population")
    declared = {code_of(c, r): inhabitants(c, r) for c in range(SIDE) for r in range(SIDE)}
    assert dict(zip(units().code, cells, strict=True)) == declared
    districts = exposure_of(here, units(level="district"), "population")
    assert districts.sum() == PEOPLE
    assert districts[0] == sum(inhabitants(c, r) for c in range(8) for r in range(8))


@pytest.mark.parametrize("bins", BINS)
def test_inhabitants_of_bins_are_shared_out_by_area(bins: str) -> None:
    """As a plain loop does it; together they are all there are."""
    here, of = lattice_generation(), units(bins)
    people = exposure_of(here, of, "population")
    assert people.sum() == pytest.approx(PEOPLE, rel=1e-9)
    cells = units()
    declared = exposure_of(here, cells, "population")
    for row in np.random.default_rng(1).choice(len(of), 25, replace=False):
        expected = sum(
            lived * of.metric[row].intersection(cell).area / cell.area
            for cell, lived in zip(cells.metric, declared, strict=True)
            if cell.intersects(of.metric[row])
        )
        assert people[row] == pytest.approx(expected, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("bins", BINS)
def test_ground_of_bins_is_that_inside_the_city(bins: str) -> None:
    of = units(bins)
    area = exposure_of(lattice_generation(), of, "area")
    ground = lattice_generation().surroundings.ground
    assert area.sum() == pytest.approx(ground.area / 1e6, rel=1e-9)
    expected = [metric.intersection(ground).area / 1e6 for metric in of.metric]
    assert np.allclose(area, expected)
    assert (area > 0).all()


@pytest.mark.parametrize("bins", ["", *BINS])
def test_lamps_are_counted_where_they_stand(bins: str) -> None:
    lamps = exposure_of(lattice_generation(), units(bins), "street_light")
    assert lamps.sum() == LAMPS_EACH * LIT * SIDE
    if not bins:
        east = np.array([int(code[3:]) >= LIT for code in units().code])
        assert (lamps[east] == 0).all()
        assert (lamps[~east] == LAMPS_EACH).all()


@pytest.mark.parametrize("bins", ["", *BINS])
def test_roads_are_measured_in_kilometres_inside_the_city(bins: str) -> None:
    here, of = lattice_generation(), units(bins)
    roads = shapely.union_all(here.metric.geometries(here.assets["road"].geometry))
    km = exposure_of(here, of, "road")
    assert np.allclose(km, [part.intersection(roads).length / 1000 for part in of.ground])
    assert km.sum() == pytest.approx(roads.intersection(here.surroundings.ground).length / 1000, rel=1e-6)


def test_stretches_of_road_are_held_against_their_length() -> None:
    here, of = lattice_generation(), units("road:300")
    for baseline in ("area", "road"):
        assert np.allclose(exposure_of(here, of, baseline), shapely.length(of.metric) / 1000)
    people = exposure_of(here, of, "population")
    assert (people >= 0).all()
    assert 0 < people.sum() <= PEOPLE


def test_an_unknown_baseline_names_those_there_are() -> None:
    with pytest.raises(NotFoundError) as refused:
        exposure_of(lattice_generation(), units(), "hydrant")
    assert "'hydrant'" in str(refused.value)
    for there in ("share", "population", "area", "none", "street_light", "road"):
        assert there in str(refused.value.fix)


def test_more_reports_for_each_lamp_are_found_where_shares_find_nothing() -> None:
    rng = np.random.default_rng(2)
    busy = reported(*somewhere(rng, 120, 4, 4, 2, 2), category=rng.choice([LAMP, NOISE], 120))
    points = both(noise(3, categories=(LAMP, NOISE)), busy)
    frame = rows_of(hotspots(points, categories=[LAMP], baseline="street_light"))
    assert frame.loc[code_of(4, 4), "class"] == "hot"
    assert frame.loc[code_of(4, 4), "exposure"] == LAMPS_EACH
    assert set(rows_of(hotspots(points, categories=[LAMP]))["class"]) <= {"not significant", "excluded"}


def test_cells_without_the_baseline_are_excluded_and_their_reports_told() -> None:
    """What does not stand there cannot break: that is not a cell with no reports."""
    found = hotspots(noise(1, categories=(LAMP, NOISE)), categories=[NOISE], baseline="street_light")
    frame = rows_of(found)
    unlit = frame["exposure"] == 0
    assert unlit.sum() == (SIDE - LIT) * SIDE
    assert set(frame.loc[unlit, "class"]) == {"excluded"}
    assert frame.loc[unlit, ["observed", "p", "q"]].isna().all(axis=None)
    left = frame.loc[unlit, "reports"].sum()
    assert f"{left} reports lie in parts of the city that are excluded" in told(found)


def test_water_is_excluded_not_zero_but_not_for_what_is_reported_of_water() -> None:
    points = noise(1, categories=(NOISE, DIRTY_WATER))
    found = hotspots(points, categories=[NOISE])
    frame = rows_of(found)
    assert set(frame.index[frame["class"] == "excluded"]) == WET_CODES
    assert frame.loc[sorted(WET_CODES), ["observed", "expected", "p", "q"]].isna().all(axis=None)
    assert "6 parts of the city are water" in told(found)
    river = hotspots(points, categories=[DIRTY_WATER])
    assert not set(rows_of(river).query("`class` != 'excluded'").index).isdisjoint(WET_CODES)
    assert "are water" not in told(river)
    together = rows_of(hotspots(points, categories=[NOISE, DIRTY_WATER]))
    wet = together.loc[sorted(WET_CODES)]
    assert set(wet.loc[wet["category"] == NOISE, "class"]) == {"excluded"}


@pytest.mark.parametrize("bins", ["square:250", "hex:300"])
def test_bins_under_water_are_water_and_those_on_the_shore_are_not(bins: str) -> None:
    here, of = lattice_generation(), units(bins)
    lake = here.metric.geometries(here.assets["water_area"].geometry)[0]
    share = shapely.area(shapely.intersection(of.ground, lake)) / shapely.area(of.ground)
    assert np.array_equal(is_water(here, of), share >= 0.9)
    assert is_water(here, of).any()


def test_cells_without_the_asset_are_excluded_where_the_inventory_is_complete() -> None:
    rng = np.random.default_rng(4)
    lit = reported(*somewhere(rng, 400, 0, 0, LIT, SIDE))
    other = noise(5, 300, categories=(NOISE,))
    found = hotspots(both(lit, other), categories=[LAMP])
    frame = rows_of(found)
    dark = [code_of(c, r) for c in range(LIT, SIDE) for r in range(SIDE)]
    assert set(frame.index[frame["class"] == "excluded"]) == set(dark)
    assert "64 parts of the city have no such asset" in told(found)


def test_where_the_inventory_is_incomplete_nothing_is_excluded_by_it_and_that_is_said() -> None:
    found = hotspots(noise(1), categories=[LAMP])
    assert set(rows_of(found).query("`class` == 'excluded'").index) == WET_CODES
    assert "the inventory may be incomplete" in told(found)
    assert "no such asset and are excluded" not in told(found)


def test_a_category_of_assets_that_the_city_has_none_of_excludes_nothing() -> None:
    """Nobody imported building sites: that says nothing of where they are."""
    found = hotspots(noise(1), categories=[NOISE])
    assert set(rows_of(found).query("`class` == 'excluded'").index) == WET_CODES
    assert "asset" not in told(found)


@pytest.fixture(scope="module")
def coastal(tmp_path_factory: pytest.TempPathFactory) -> Generation:
    """Two districts of inhabitants, cut into cells that declare none; sea and a road beyond."""
    city = create_city(tmp_path_factory.mktemp("coast"), "海城", metric_crs=METRIC)
    districts = [
        (square(0, 0), {"code": "A", "body": "a", "people": 1000}),
        (square(1, 0), {"code": "B", "body": "b", "people": 600}),
    ]
    bring(city, "grid:district", districts, owner="body", population="people")
    halves = [(square(x, 0, 0.5, 1), {"code": f"A{x}", "body": "a"}) for x in (0, 0.5)]
    halves += [(square(x, 0, 0.25, 1), {"code": f"B{x}", "body": "b"}) for x in (1, 1.25, 1.5, 1.75)]
    bring(city, "grid:cell", halves, owner="body")
    bring(city, "asset:water_area", [(square(-3, -3, 3, 6), {"code": "SEA", "o": "w"})], owner="o")
    road = {"type": "LineString", "coordinates": [at(-1, 0.5), at(2, 0.5)]}
    bring(city, "asset:road", [(road, {"code": "R", "o": "r"})], owner="o")
    return load_live(city)


def test_cells_below_those_that_declare_inhabitants_share_them_by_ground(coastal: Generation) -> None:
    cells = units_of(coastal, Division(level="cell"))
    people = dict(zip(cells.code, exposure_of(coastal, cells, "population"), strict=True))
    assert {code: round(number) for code, number in people.items()} == {
        "A0": 500, "A0.5": 500, "B1": 150, "B1.25": 150, "B1.5": 150, "B1.75": 150,
    }  # fmt: skip


@pytest.mark.parametrize("bins", ["", "square:200"])
def test_who_lives_in_none_of_the_cells_that_say_it_lives_in_the_others(tmp_path: Path, bins: str) -> None:
    city = create_city(tmp_path / "city", "城", metric_crs=METRIC)
    whole = [(square(0, 0), {"code": "A", "body": "a", "people": 1000})]
    bring(city, "grid:district", whole, owner="body", population="people")
    quarters = [
        (square(x, 0, 0.25, 1), {"code": f"A{x}", "body": "a", "people": people})
        for x, people in ((0, 300), (0.25, None), (0.5, 100), (0.75, None))
    ]
    bring(city, "grid:cell", quarters, owner="body", population="people")
    here = load_live(city)
    of = units_of(here, parse_bins(bins) if bins else Division(level="cell"))
    people = exposure_of(here, of, "population")
    assert people.sum() == pytest.approx(1000, rel=1e-4)
    if not bins:
        assert dict(zip(of.code, people.round(), strict=True)) == {
            "A0": 300, "A0.25": 300, "A0.5": 100, "A0.75": 300,
        }  # fmt: skip


def test_sea_beyond_the_city_makes_no_water_of_a_bin_on_the_coast(coastal: Generation) -> None:
    """Nor does a road there give it kilometres: what counts of a bin lies in the city."""
    here = coastal
    of = units_of(here, parse_bins("square:400"))
    coast = shapely.area(of.ground) < 0.6 * shapely.area(of.metric)
    assert coast.any()
    assert not is_water(here, of).any()
    inside = here.metric.geometries(here.assets["road"].geometry)[0].intersection(here.surroundings.ground)
    assert exposure_of(here, of, "road").sum() == pytest.approx(inside.length / 1000)
