"""Real cities, from their files to answers: Chicago, Taiwan, Washington's lamps, Nantong."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely

from geo.crs import from_wgs84, parse_reference
from geo.types import Datum
from layers.answers import answer_frame
from layers.assign import assign
from layers.batch import Located, locate_table
from layers.city import City, create_city
from layers.generation import Generation, load_draft, load_live
from layers.importing import Imported, ImportOptions, import_layer
from layers.io import read_table
from layers.publish import publish
from layers.report_rows import ReportColumns
from layers.tables import read_table as read_city_table

NOW = datetime(2026, 6, 30, tzinfo=UTC)


def live(city: City) -> Generation:
    publish(city, now=NOW)
    return load_live(city)


@pytest.fixture(scope="module")
def chicago(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Generation:
    city = create_city(tmp_path_factory.mktemp("chicago"), "Chicago", time_zone="America/Chicago")
    import_layer(city, shared_data / "chicago" / "chicagocomm.shp", "grid", "community", ImportOptions())
    return live(city)


@pytest.fixture(scope="module")
def sanitation(shared_data: Path) -> pd.DataFrame:
    return read_table(shared_data / "chicago" / "chicago_311_sanitation_2013H1.csv")[0]


@pytest.fixture(scope="module")
def taiwan(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Generation, list[Imported]]:
    city = create_city(tmp_path_factory.mktemp("taiwan"), "臺灣", time_zone="Asia/Taipei")
    path = shared_data / "taiwan" / "taiwan_villages-10t.topojson"
    imported = [
        import_layer(city, path, "grid", level, ImportOptions(layer=layer))
        for level, layer in (("village", "villages"), ("county", "counties"), ("town", "towns"))
    ]
    return live(city), imported


@pytest.mark.parametrize(
    "columns",
    [
        ReportColumns("Longitude", "Latitude"),
        ReportColumns("X_Coordinate", "Y_Coordinate", reference=parse_reference("EPSG:3435")),
    ],
    ids=["degrees", "feet"],
)
def test_chicago_s_reports_fall_into_the_city_s_own_areas(
    chicago: Generation, sanitation: pd.DataFrame, columns: ReportColumns
) -> None:
    located = locate_table(chicago, sanitation, columns)
    assert len(located.table) == 9_202
    assert len(located.rejects) == 15
    placed = located.table[located.table["topology"] != "none"]
    named = placed["Community_Area"].str.removesuffix(".0")
    assert len(placed) == 9_187
    assert (placed["cell_code"] == named).mean() >= 0.98
    assert _farthest_m(chicago, located) <= 200
    assert (placed["topology"] == "gap").sum() == pytest.approx(40, abs=2)


def _farthest_m(generation: Generation, located: Located) -> float:
    """The greatest distance of a report from the area that the city names, in metres."""
    placed = located.table["topology"] != "none"
    named = located.table["Community_Area"][placed].str.removesuffix(".0")
    where = {code: i for i, code in enumerate(generation.cells.code)}
    x, y = generation.metric.points(located.answers["lng"][placed], located.answers["lat"][placed])
    areas = generation.metric.geometries(generation.cells.geometry)[[where[code] for code in named]]
    return float(shapely.distance(areas, shapely.points(x, y)).max())


def test_taiwan_s_three_levels_nest_and_its_broken_villages_are_listed(
    taiwan: tuple[Generation, list[Imported]],
) -> None:
    generation, (villages, counties, towns) = taiwan
    assert (villages.features, towns.features, counties.features) == (7_701, 368, 22)
    assert sum(finding.code == "polygon_repaired" for finding in villages.findings) == 7
    assert generation.config.levels == ("county", "town", "village")
    cells = generation.cells
    village = cells.level == "village"
    assert (cells.parent[village] >= 0).all()
    above = cells.code[cells.parent[village]]
    assert (
        np.mean([code.startswith(town) for code, town in zip(cells.code[village], above, strict=True)]) == 1
    )
    assert all(path.count("/") == 2 for path in cells.path[village])
    assert len(set(cells.name[village])) < village.sum()  # names repeat, codes don't


def test_a_lamp_of_washington_is_named_by_a_report_beside_it(
    shared_data: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    city = create_city(tmp_path_factory.mktemp("dc"), "DC", time_zone="America/New_York")
    lamps = shared_data / "dc" / "streetlights.csv"
    imported = import_layer(city, lamps, "asset", "street_light", ImportOptions(owner="OWNER_DESC"))
    assert imported.features == 3_963
    generation = load_draft(city)
    layer = generation.assets["street_light"]
    assert {"WATTAGE1", "POLETYPE_DESC"} <= set(layer.attributes.columns)
    lng, lat = shapely.get_x(layer.geometry), shapely.get_y(layer.geometry)
    beside = answer_frame(assign(generation, lng + 1e-6, lat, category=["0118"] * len(lng)))
    assert (beside["asset_id"] == layer.id).mean() > 0.99  # a few stand on one spot
    owners = np.array([owner.id for owner in generation.owners])[layer.owner]
    own = beside["asset_id"] == layer.id
    assert (beside["owner_id"][own] == owners[own]).all()
    assert set(owners) == {"DDOT", "PEPCO", "Verizon", "Other"}


def test_one_spot_of_nantong_in_three_datums_is_one_cell(
    shared_data: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    city = create_city(tmp_path_factory.mktemp("nantong"), "南通")
    path = shared_data / "china" / "nantong_taizhou_zhoukou_districts.wgs84.geojson"
    assert import_layer(city, path, "grid", "district", ImportOptions()).features == 23
    generation = live(city)
    for datum in (Datum.WGS84, Datum.GCJ02, Datum.BD09):
        x, y = from_wgs84([120.857394], [32.009889], datum)
        table = pd.DataFrame({"x": [repr(float(x[0]))], "y": [repr(float(y[0]))]}, dtype="str")
        located = locate_table(generation, table, ReportColumns("x", "y", reference=datum))
        assert list(located.table["cell_name"]) == ["崇川区"]


@pytest.mark.parametrize("name", ["chicago", "taiwan"])
def test_a_hundred_thousand_places_equal_geos_on_the_published_file(
    name: str, request: pytest.FixtureRequest
) -> None:
    fixture = request.getfixturevalue(name)
    generation: Generation = fixture if name == "chicago" else fixture[0]
    leaf_level = generation.config.levels[-1]
    frame = read_city_table(generation.path, f"grid_{leaf_level}").sort_values("code", ignore_index=True)
    shapes, codes = np.asarray(frame.geometry.array, dtype=object), frame["code"].to_numpy()
    lng, lat = _places(shapes, 100_000)
    answers = answer_frame(assign(generation, lng, lat))
    first = _first_covering(shapes, lng, lat)
    covered = first >= 0
    assert 10_000 < covered.sum() < 100_000
    assert (answers["cell_code"].to_numpy()[covered] == codes[first[covered]]).all()
    assert answers["topology"][~covered].isin(["gap", "outside"]).all()
    assert answers["topology"][covered].isin(["inside", "edge", "overlap"]).all()
    assert (answers["topology"] == "edge").sum() > 10_000


def _places(shapes: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Vertices, middles of edges, one ulp beside them, and places anywhere in the box; a quarter each."""
    rng = np.random.default_rng(20260630)
    xy = shapely.get_coordinates(shapes)
    vertex = xy[rng.integers(len(xy) - 1, size=n // 4)]
    at = rng.integers(len(xy) - 1, size=n // 4)
    middle = (xy[at] + xy[at + 1]) / 2
    beside = np.nextafter(vertex, vertex + rng.choice([-1, 1], size=vertex.shape))
    west, south, east, north = shapely.total_bounds(shapes)
    anywhere = rng.uniform([west, south], [east, north], size=(n - 3 * (n // 4), 2))
    places = np.concatenate([vertex, middle, beside, anywhere])
    return places[:, 0], places[:, 1]


def _first_covering(shapes: np.ndarray, lng: np.ndarray, lat: np.ndarray) -> np.ndarray:
    """By brute force over the polygons: the first that covers each place, -1 for none."""
    points = shapely.points(lng, lat)
    first = np.full(len(points), -1)
    for position, (shape, box) in enumerate(zip(shapes, shapely.bounds(shapes), strict=True)):
        near = np.flatnonzero(
            (lng >= box[0]) & (lng <= box[2]) & (lat >= box[1]) & (lat <= box[3]) & (first < 0)
        )
        first[near[shapely.covers(shape, points[near])]] = position
    return first
