"""The demo city's files, in the formats that offices keep them in."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely

from layers.demo.curves import lng_lat, to_wgs84
from layers.demo.reports import reports
from layers.demo.sections import bank_sections, road_sections
from layers.demo.tables import City, city, owners

# GeoPackage and DBF write the day of their making; a fixed one keeps the bytes the same.
STAMP = {"OGR_CURRENT_DATE": "2026-07-01T00:00:00.000Z"}
GRID_OPTIONS = {
    "code": "code",
    "name": "name",
    "parent": "parent",
    "owner": "owner",
    "population": "population",
}
NAMED = {"code": "code", "name": "name"}
AREA_OPTIONS = {**NAMED, "owner": "owner"}
DEGREES = {"lng": "lng", "lat": "lat"}
# Buildings 11, 30, 49, 68 … of an estate are in no register.
MISSING_EVERY, MISSING_FIRST = 19, 11
# The columns of the communities' shapefile, as an office without Unicode has them.
CHINESE = {"code": "编码", "name": "名称", "parent": "上级编码", "owner": "责任单位", "population": "人口"}


@dataclass(frozen=True, slots=True)
class Source:
    """A file to import: ``role`` is what ``--as`` takes, ``options`` the other options of ``import layer``.

    The role ``reports`` is for ``woodpecker report --in``.
    """

    path: Path
    role: str
    options: dict[str, str] = field(default_factory=dict)


def write_sources(folder: Path, *, seed: int = 320613) -> list[Source]:
    """The files of the demo city of a seed, in the order to import them; the same seed, the same bytes.

    Existing files of the same names are replaced.
    """
    folder.mkdir(parents=True, exist_ok=True)
    made = city(seed)
    with _fixed_date():
        sources = [*_grid(folder, made), *_areas(folder, made), *_lines(folder, made), *_points(folder, made)]
    return [*sources, *_sections(folder, made), *_words(folder, made, seed)]


def _grid(folder: Path, made: City) -> Iterator[Source]:
    t = made.tables
    district = t["grid:district"].drop(columns="parent")
    options = {k: v for k, v in GRID_OPTIONS.items() if k != "parent"}
    yield Source(_geojson(district, folder / "district.geojson"), "grid:district", options)
    yield Source(_geojson(t["grid:street"], folder / "streets.geojson"), "grid:street", GRID_OPTIONS)
    yield Source(_gbk_zip(t["grid:community"], folder / "communities.zip"), "grid:community", {**CHINESE})
    yield Source(_gpkg(t["grid:cell"], folder / "cells.gpkg"), "grid:cell", GRID_OPTIONS)


def _areas(folder: Path, made: City) -> Iterator[Source]:
    t = {role: _degrees(table) for role, table in made.tables.items() if role.startswith("area:")}
    yield Source(_gpkg(t["area:property"], folder / "property.gpkg"), "area:property", AREA_OPTIONS)
    yield Source(
        _geojson(t["area:sanitation"], folder / "sanitation.geojson"), "area:sanitation", AREA_OPTIONS
    )
    yield Source(_fgb(t["area:police"], folder / "police.fgb"), "area:police", AREA_OPTIONS)


def _lines(folder: Path, made: City) -> Iterator[Source]:
    t = made.tables
    yield Source(_gpkg(t["asset:road"], folder / "roads.gpkg"), "asset:road", AREA_OPTIONS)
    yield Source(_geojson(_degrees(t["asset:river"]), folder / "rivers.geojson"), "asset:river", AREA_OPTIONS)
    water = _gpkg(t["asset:water_area"], folder / "water.gpkg")
    yield Source(water, "asset:water_area", AREA_OPTIONS)
    known = _registered(t["asset:building"])
    yield Source(_fgb(_degrees(known), folder / "buildings.fgb"), "asset:building", NAMED)


def _points(folder: Path, made: City) -> Iterator[Source]:
    t = made.tables
    yield Source(
        _geojson(_degrees(t["asset:bridge"]), folder / "bridges.geojson"), "asset:bridge", AREA_OPTIONS
    )
    yield Source(_csv_degrees(t["asset:sluice"], folder / "sluices.csv"), "asset:sluice",
                 {**AREA_OPTIONS, **DEGREES})  # fmt: skip
    pumps = _geojson(_degrees(t["asset:pump_station"]), folder / "pump_stations.geojson")
    yield Source(pumps, "asset:pump_station", AREA_OPTIONS)
    metres = {"lng": "x", "lat": "y", "crs": "EPSG:4549"}
    lamps = _csv_metres(t["asset:street_light"], folder / "street_lights.csv")
    yield Source(lamps, "asset:street_light", {"code": "pole", "name": "name", "owner": "owner", **metres})
    yield Source(_fgb(_degrees(t["asset:manhole"]), folder / "manholes.fgb"), "asset:manhole", AREA_OPTIONS)
    for kind in ("river_mark", "road_mark"):
        yield Source(
            _csv_degrees(t[f"asset:{kind}"], folder / f"{kind}s.csv"),
            f"asset:{kind}",
            {**AREA_OPTIONS, **DEGREES},
        )
    yield Source(_csv_degrees(t["place"], folder / "villages.csv"), "place", {**NAMED, **DEGREES})


def _registered(houses: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The buildings that the register knows: a few of the large estates were never entered."""
    return houses[houses["number"] % MISSING_EVERY != MISSING_FIRST]


def _sections(folder: Path, made: City) -> Iterator[Source]:
    """Tables without places: the roads' in GBK with kilometre stones, the river's in metres by bank."""
    t = made.tables
    roads = road_sections(t["asset:road"])
    yield Source(_csv(roads, folder / "road_sections.csv", encoding="gbk"), "section:road",
                 {"code": "编号", "route": "路线名称", "from_m": "起点桩号", "to_m": "终点桩号",
                  "owner": "养护单位"})  # fmt: skip
    banks = _csv(bank_sections(t["asset:river"], made.grid), folder / "river_sections.csv")
    options = {"route": "river", "from_m": "from_m", "to_m": "to_m", "side": "side", "owner": "owner"}
    yield Source(banks, "section:river", options)


def _words(folder: Path, made: City, seed: int) -> Iterator[Source]:
    yield Source(_csv(owners(), folder / "owners.csv"), "owner", {"code": "id", "name": "name"})
    yield Source(_csv(reports(made, seed), folder / "reports.csv"), "reports", {})


@contextmanager
def _fixed_date() -> Iterator[None]:
    before = {key: pyogrio.get_gdal_config_option(key) for key in STAMP}
    pyogrio.set_gdal_config_options(STAMP)
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options(before)


def _degrees(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return table.set_geometry(
        gpd.GeoSeries(to_wgs84(table.geometry.to_numpy()), table.index), crs="EPSG:4326"
    )


def _written(table: gpd.GeoDataFrame, path: Path, driver: str, **options: str) -> Path:
    path.unlink(missing_ok=True)
    pyogrio.write_dataframe(table, path, driver=driver, **options)
    return path


def _geojson(table: gpd.GeoDataFrame, path: Path) -> Path:
    # The degrees have nine decimals, so that writing them with nine loses nothing.
    return _written(table, path, "GeoJSON", COORDINATE_PRECISION="9")


def _gpkg(table: gpd.GeoDataFrame, path: Path) -> Path:
    return _written(table, path, "GPKG", layer=path.stem)


def _fgb(table: gpd.GeoDataFrame, path: Path) -> Path:
    return _written(table, path, "FlatGeobuf")


def _gbk_zip(table: gpd.GeoDataFrame, path: Path) -> Path:
    """A zipped shapefile with Chinese columns in GBK; its members bear the zip format's first day."""
    with TemporaryDirectory() as room:
        shape = Path(room) / f"{path.stem}.shp"
        pyogrio.write_dataframe(
            table.rename(columns=CHINESE),
            shape,
            driver="ESRI Shapefile",
            encoding="GBK",
            DBF_DATE_LAST_UPDATE="2026-07-01",
        )
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for part in sorted(Path(room).iterdir()):
                archive.writestr(zipfile.ZipInfo(part.name), part.read_bytes(), zipfile.ZIP_DEFLATED)
    return path


def _csv_metres(table: gpd.GeoDataFrame, path: Path) -> Path:
    xy = shapely.get_coordinates(table.geometry.to_numpy()).round(2)
    return _csv(table.drop(columns="geometry").assign(x=xy[:, 0], y=xy[:, 1]), path)


def _csv_degrees(table: gpd.GeoDataFrame, path: Path) -> Path:
    degrees = lng_lat(shapely.get_coordinates(table.geometry.to_numpy())).round(7)
    return _csv(table.drop(columns="geometry").assign(lng=degrees[:, 0], lat=degrees[:, 1]), path)


def _csv(table: pd.DataFrame, path: Path, encoding: str = "utf-8") -> Path:
    table.to_csv(path, index=False, lineterminator="\n", encoding=encoding)
    return path
