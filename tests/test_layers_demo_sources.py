"""The demo city's files: the same bytes for the same seed, and everything that an import needs."""

from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely

from layers.chainage import metres_of
from layers.demo import Source, rules_toml, write_sources
from layers.demo.tables import owners
from layers.demo.wordings import CASES

ROLES = {
    "grid:district", "grid:street", "grid:community", "grid:cell", "area:property", "area:sanitation",
    "area:police", "asset:road", "asset:river", "asset:water_area", "asset:building", "asset:bridge",
    "asset:sluice", "asset:pump_station", "asset:street_light", "asset:manhole", "owner",
    "asset:river_mark", "asset:road_mark", "place",
    "section:road", "section:river", "reports",
}  # fmt: skip
TABLES = {"section:road", "section:river", "owner", "reports"}  # without places


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Source]:
    return {s.role: s for s in write_sources(tmp_path_factory.mktemp("demo"))}


@pytest.fixture(scope="module")
def reports(sources: dict[str, Source]) -> pd.DataFrame:
    return pd.read_csv(sources["reports"].path, dtype=str, keep_default_na=False)


def _read(source: Source) -> gpd.GeoDataFrame:
    path = source.path
    if path.suffix == ".zip":
        return pyogrio.read_dataframe(f"/vsizip/{path}", encoding="GBK")
    if path.suffix == ".csv":
        table = pd.read_csv(path, dtype=str)
        x, y = (table[source.options[key]].astype(float) for key in ("lng", "lat"))
        crs = source.options.get("crs", "EPSG:4326")
        return gpd.GeoDataFrame(table, geometry=gpd.points_from_xy(x, y), crs=crs)
    return pyogrio.read_dataframe(path)


def test_the_same_seed_writes_the_same_bytes(sources: dict[str, Source], tmp_path: Path) -> None:
    again = write_sources(tmp_path)
    first = {s.role: hashlib.sha256(s.path.read_bytes()).hexdigest() for s in sources.values()}
    assert {s.role: hashlib.sha256(s.path.read_bytes()).hexdigest() for s in again} == first
    write_sources(tmp_path, seed=320613)
    assert hashlib.sha256(again[0].path.read_bytes()).hexdigest() == first[again[0].role], (
        "files are replaced"
    )


def test_another_seed_makes_another_city_that_tiles_too(tmp_path: Path, sources: dict[str, Source]) -> None:
    other = {s.role: s for s in write_sources(tmp_path, seed=7)}
    assert other["grid:cell"].path.read_bytes() != sources["grid:cell"].path.read_bytes()
    cells = _read(other["grid:cell"])
    assert shapely.coverage_is_valid(cells.geometry.to_numpy())
    assert len(_read(other["asset:street_light"])) == 20_000


def test_every_role_is_there_in_mixed_formats(sources: dict[str, Source]) -> None:
    assert set(sources) == ROLES
    assert {s.path.suffix for s in sources.values()} == {".gpkg", ".geojson", ".fgb", ".csv", ".zip"}
    assert sum(s.path.stat().st_size for s in sources.values()) < 25_000_000


def test_some_buildings_of_estates_are_in_no_register(sources: dict[str, Source]) -> None:
    """So that it can be seen how a missing one is placed between its neighbours."""
    known = _read(sources["asset:building"])
    hongqiao = set(known["number"][known["estate"] == "虹桥北村"])
    assert {1, 12, 65, 67, 69} <= hongqiao
    assert set(range(1, 70)) - hongqiao == {11, 30, 49, 68}


@pytest.mark.parametrize("role", sorted(ROLES - TABLES))
def test_the_options_name_columns_that_are_there(sources: dict[str, Source], role: str) -> None:
    source = sources[role]
    table = _read(source)
    assert len(table) > 0
    assert {v for k, v in source.options.items() if k != "crs"} <= set(table.columns)
    assert table.geometry.is_valid.all(), "nothing for the import to repair"


def test_sections_are_tables_of_routes_that_are_there_from_their_start_to_their_end(
    sources: dict[str, Source],
) -> None:
    roads = pd.read_csv(sources["section:road"].path, encoding="gbk")
    banks = pd.read_csv(sources["section:river"].path)
    for role, table, of in (("section:road", roads, "name"), ("section:river", banks, "code")):
        source, asset = sources[role], _read(sources[role.replace("section", "asset")])
        assert set(source.options.values()) <= set(table.columns)
        route, from_m, to_m = (source.options[key] for key in ("route", "from_m", "to_m"))
        assert set(table[route]) <= set(asset[of])
        spans = table.assign(low=metres_of(table[from_m]), high=metres_of(table[to_m]))
        side = spans.get("side", "")
        for _, run in spans.assign(side=side).groupby([route, "side"]):
            assert run["low"].iloc[0] == 0
            assert run["low"].tolist()[1:] == run["high"].tolist()[:-1]
            pieces = asset.to_crs("EPSG:4549").geometry[asset[of] == run[route].iloc[0]]
            assert abs(run["high"].iloc[-1] - pieces.length.sum()) <= 0.6
        assert table[source.options["owner"]].nunique() == 2
    assert len(roads) == 12
    assert set(banks["side"]) == {"left", "right"}


@pytest.mark.parametrize("role", ["grid:district", "grid:street", "grid:community", "grid:cell"])
def test_files_tile_as_exactly_as_the_city(sources: dict[str, Source], role: str) -> None:
    """Neither text nor shapefile loses a digit: the levels read back still nest bit for bit."""
    table = _read(sources[role])
    shapes = table.geometry.to_numpy()
    assert shapely.coverage_is_valid(shapes)
    corners = {tuple(xy) for xy in shapely.get_coordinates(shapes)}
    assert corners <= {tuple(xy) for xy in shapely.get_coordinates(_read(sources["grid:cell"]).geometry)}


def test_the_communities_are_in_gbk(sources: dict[str, Source]) -> None:
    table = _read(sources["grid:community"])
    assert "新西社区" in set(table["名称"])
    raw = sources["grid:community"].path
    with_utf8 = pyogrio.read_dataframe(f"/vsizip/{raw}", encoding="ISO-8859-1")
    assert "新西社区".encode("gbk").decode("latin-1") in set(with_utf8.iloc[:, 1])


def test_rules_name_declared_owners_and_end_with_the_territory() -> None:
    rules = tomllib.loads(rules_toml())["rule"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    assert rules[-1] == {"id": "territory", "owner": "@cell"}
    fixed = {rule["owner"] for rule in rules if not rule["owner"].startswith("@")}
    assert fixed <= set(owners()["id"])
    kinds = {kind for rule in rules for kind in rule.get("when", {}).get("asset_kind", [])}
    assert {f"asset:{kind}" for kind in kinds} <= ROLES


def test_five_thousand_reports_in_half_a_year(reports: pd.DataFrame) -> None:
    assert len(reports) == 5000
    when = pd.to_datetime(reports["occurred_at"])
    assert reports["occurred_at"].str.endswith("+08:00").all()
    assert when.is_monotonic_increasing
    assert str(when.min())[:10] >= "2026-01-02"
    assert str(when.max())[:10] == "2026-06-30"
    assert set(reports["status"]) == {"open", "dispatched", "handled", "closed"}
    assert not reports.duplicated(["channel", "external_id"]).any()
    assert reports["text"].str.contains("{", regex=False).sum() == 0, "every gap of a text is filled"


def test_the_newspapers_cases_are_among_them(reports: pd.DataFrame) -> None:
    assert {case.text for case in CASES} <= set(reports["text"])
    assert "虹桥北村65幢楼道灯不亮" in set(reports["text"])


def test_the_stairwell_light_lies_at_its_building(sources: dict[str, Source], reports: pd.DataFrame) -> None:
    """Converted from its datum the report is where building 65 stands."""
    from geo.datum import convert
    from geo.types import Datum

    row = reports[reports["text"] == "虹桥北村65幢楼道灯不亮"].iloc[0]
    lng, lat = convert(float(row["lng"]), float(row["lat"]), Datum(row["datum"]), Datum.WGS84)
    houses = _read(sources["asset:building"])
    house = houses[houses["name"] == "虹桥北村65幢"].to_crs("EPSG:4549").geometry.iloc[0]
    here = gpd.GeoSeries([shapely.Point(float(lng), float(lat))], crs="EPSG:4326").to_crs("EPSG:4549")[0]
    assert house.distance(here) < 60


def test_channels_declare_their_datum(reports: pd.DataFrame) -> None:
    datum = reports[reports["datum"] != ""].groupby("channel")["datum"].unique().map(list).to_dict()
    assert datum == {"app": ["bd09"], "patrol": ["wgs84"], "wechat": ["gcj02"]}
    words_only = reports[(reports["lng"] == "") & (reports["lat"] == "")]
    assert set(words_only["channel"]) == {"hotline"}
    assert 0.03 < len(words_only) / len(reports) < 0.055


def test_some_are_badly_located_and_some_not_at_all(reports: pd.DataFrame) -> None:
    placed = reports[reports["lng"] != ""]
    lng = pd.to_numeric(placed["lng"], errors="coerce")
    lat = pd.to_numeric(placed["lat"], errors="coerce")
    far = (lng - 120.86).abs().gt(0.3) | (lat - 32.01).abs().gt(0.3) | lng.isna() | lat.isna()
    assert 10 <= far.sum() <= 60
    assert lng.lt(60).any(), "swapped axes"
    accuracy = placed["accuracy_m"].astype(float)
    assert 50 <= (accuracy >= 50).sum() <= 300
    assert accuracy.min() >= 1


def test_trouble_gathers_and_grows(reports: pd.DataFrame) -> None:
    """Litter on one river outnumbers that on all others, and most of it is recent."""
    litter = reports[reports["category"] == "E0105"]
    yunliao = litter[litter["text"].str.contains("运料河")]
    assert len(yunliao) > 0.3 * len(litter)
    month = yunliao["occurred_at"].str[:7].value_counts()
    assert month["2026-06"] > 1.8 * month["2026-01"]


def test_days_and_hours_have_a_rhythm(reports: pd.DataFrame) -> None:
    when = pd.to_datetime(reports["occurred_at"])
    weekday = when.dt.day_of_week < 5
    assert weekday.sum() / 5 > 1.15 * (~weekday).sum() / 2
    lamps = reports["category"] == "0118"
    assert (when[lamps].dt.hour >= 17).mean() > 1.6 * (when[~lamps].dt.hour >= 17).mean()
    assert (when[~lamps].dt.hour.between(1, 4)).mean() < 0.05
