"""The cities that the geocoder is examined on, and copies of them that lack some entries.

`thinned` is how interpolation is examined: a copy of the city whose draft lacks the rows of some addresses
and buildings in every table that tells of them. A geocoder made from the copy's draft cannot know them.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely

from benchmarks.geocoding_places import Place, Rng, read
from layers.city import City, create_city
from layers.demo.curves import ORIGIN, lng_lat
from layers.demo.wordings import SPOTS
from layers.importing import ImportOptions, import_layer, parse_role
from layers.osm.importing import OsmOptions, import_osm
from layers.osm.kinds import shipped_kinds
from layers.tables import read_table, replace_tables, table_names

DATA = Path(os.environ.get("WOODPECKER_DATA", Path(__file__).parents[2] / "shared" / "data"))
EXTRACTS = {
    "lauf": "lauf_de_2020.osm.pbf",
    "helsinki": "helsinki_centre_2019.osm.pbf",
    "liechtenstein": "liechtenstein_2021.osm.pbf",
}
COMMUNITIES = "chicagocomm.shp"
REPORTS = "chicago_311_sanitation_2013H1.csv"  # with the addresses that Chicago itself gave places
LANGUAGES = {"lauf": "de", "helsinki": "fi", "liechtenstein": "de", "chicago": "en", "demo": "zh"}
METRIC = {
    "lauf": "EPSG:32632",
    "helsinki": "EPSG:32635",
    "liechtenstein": "EPSG:32632",
    "chicago": "EPSG:32616",
    "demo": "EPSG:4549",
}
TITLES = {"lauf": "Lauf", "helsinki": "Helsinki", "liechtenstein": "Liechtenstein", "demo": "崇川（演示）"}
GROUPS = 24  # of a village
GROUP_M = 130.0  # between the middles of neighbouring groups
ADDRESSED = ("place", "asset_building")


def imported(name: str, folder: Path) -> City:
    """The city of an extract, imported with the Swedish names of its roads."""
    kinds = folder.with_name(f"{name}.kinds.csv")
    kinds.parent.mkdir(parents=True, exist_ok=True)
    kinds.write_text(_with_swedish(shipped_kinds()), encoding="utf-8")
    shutil.rmtree(folder, ignore_errors=True)
    import_osm(City(folder), DATA / "osm" / EXTRACTS[name], OsmOptions(name=TITLES[name], kinds=kinds))
    return City(folder)


def chicago(folder: Path) -> City:
    """Chicago's community areas, and the addresses of its sanitation reports; no roads."""
    shutil.rmtree(folder, ignore_errors=True)
    city = create_city(folder, "Chicago", time_zone="America/Chicago")
    import_layer(city, DATA / "chicago" / COMMUNITIES, *parse_role("grid:community"), ImportOptions())
    table = pd.read_csv(DATA / "chicago" / REPORTS).dropna(subset=["Latitude"])
    parts = table["Street_Address"].str.extract(r"^(\d+) ([NSEW] .*[A-Z]{2,})$")
    street = parts[1].dropna().map(_titled)
    table = table.assign(housenumber=parts[0], street=street).dropna(subset=["street"])
    table = table.drop_duplicates(["housenumber", "street"])
    table = table.assign(
        id="a" + table.index.astype(str), name=table["housenumber"] + " " + table["street"], kind="address",
        postcode=table["ZIP_Code"].fillna(0).astype(int).astype(str), city="Chicago",
    )  # fmt: skip
    columns = ["id", "name", "kind", "street", "housenumber", "postcode", "city", "Longitude", "Latitude"]
    file = folder / "addresses.csv"
    table[columns].to_csv(file, index=False)
    import_layer(city, file, *parse_role("place"), ImportOptions(lng="Longitude", lat="Latitude"))
    return city


def _titled(street: str) -> str:
    """S CALUMET AVE as S Calumet Ave, 71ST as 71st."""
    return re.sub(r"(?<=\d)[A-Z]+", lambda m: m[0].lower(), str(street).title())


def _with_swedish(kinds: str) -> str:
    return re.sub(r"^(asset,road,.*)$", r"\1 name_sv=name:sv", kinds, flags=re.MULTILINE)


def with_groups(source: Path, folder: Path) -> City:
    """A copy of the demo city whose villages have groups, as places of their own."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(source, folder, ignore=shutil.ignore_patterns("issues.db*", "photos"))
    city = City(folder)
    live = city.draft_base()
    assert live is not None, f"{source} holds no layers"
    file = folder / "groups.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": list(_groups(live))}), "utf-8")
    import_layer(city, file, *parse_role("place"), ImportOptions())
    return city


def _groups(city: Path) -> Iterator[dict[str, Any]]:
    """Groups of every village, a little off a lattice; 北渡村 lies around the spot that the demo names."""
    rng = np.random.default_rng(22)
    communities = read(city, "grid_community", METRIC["demo"])
    villages = communities[communities["name"].str.endswith("村")]
    for name, outline in zip(villages["name"], villages.geometry, strict=True):
        yield from _village(name, _middles(outline, rng))
    spot, name = np.array(SPOTS["北渡村22组"]) + ORIGIN, "北渡村"
    around = _middles(shapely.buffer(shapely.Point(spot), 5 * GROUP_M), rng)[: GROUPS - 1]
    others = around[np.hypot(*(around - spot).T) > GROUP_M]
    yield from _village(name, np.insert(others[: GROUPS - 1], min(21, len(others)), spot, axis=0))


def _middles(outline: shapely.Geometry, rng: Rng) -> np.ndarray[Any, np.dtype[np.float64]]:
    west, south, east, north = outline.bounds
    x, y = np.meshgrid(np.arange(west, east, GROUP_M), np.arange(south, north, GROUP_M))
    xy = np.column_stack([x.ravel(), y.ravel()]) + rng.uniform(-30, 30, (x.size, 2))
    inside = xy[shapely.contains_xy(outline, xy)]
    return np.asarray(inside[rng.permutation(len(inside))[:GROUPS]])


def _village(name: str, middles: np.ndarray[Any, np.dtype[np.float64]]) -> Iterator[dict[str, Any]]:
    for at, (lng, lat) in enumerate(lng_lat(middles).tolist(), 1):
        yield {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [lng, lat]},
            "properties": {"id": f"{name}{at}", "name": f"{name}{at}组", "kind": "group"},
        }


def thinned(city: City, folder: Path, without: Collection[Place]) -> City:
    """A copy of a city whose draft has no row of the given addresses and buildings in any table."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(city.folder, folder, ignore=shutil.ignore_patterns("issues.db*", "photos"))
    copy = City(folder)
    base = copy.draft_base()
    assert base is not None, f"{city.folder} holds no layers"
    tables = [table for table in ADDRESSED if table in table_names(base)]
    frames = {table: _rest(read_table(base, table), without) for table in tables}
    replace_tables(copy.draft, frames, start=base)
    return copy


def _rest(frame: pd.DataFrame, without: Collection[Place]) -> pd.DataFrame:
    """The rows that are none of the places, whichever way they are numbered."""
    gone = {_key(p.a, p.number) for p in without}
    lost = np.zeros(len(frame), dtype=bool)
    for street, number in (("street", "housenumber"), ("estate", "number")):
        if {street, number} <= {*frame.columns}:
            pairs = zip(frame[street], frame[number], strict=True)
            lost |= np.array([_key(a, n) in gone for a, n in pairs], dtype=bool)
    if "address" in frame.columns:
        lost |= np.array([_key(str(a).removesuffix("号"), "") in gone for a in frame["address"]], dtype=bool)
    return frame[~lost].reset_index(drop=True)


def _key(name: object, number: object) -> str:
    return f"{name}{number}".replace(" ", "").casefold()
