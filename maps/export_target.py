"""What the coordinates of an exported file are in, and how the file says so."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from textwrap import shorten

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from geo.crs import geometries_from_wgs84, parse_reference
from geo.errors import CrsError
from geo.types import Datum
from layers.exported import Pair
from maps.export_words import beyond_area

Geometries = NDArray[np.object_]
DRAWN = (".dxf", ".png")
EDGE = 0.1
"""How far data may lie beyond the area that a CRS is meant for, as a share of it: bins reach over borders."""
LONGEST_AREA = 80
"""Of what that area is called: some lists name every county."""
_OF_WGS84 = {
    ".geojson": "GeoJSON is in WGS-84 (RFC 7946)",
    ".kml": "KML is in WGS-84",
    ".kmz": "KML is in WGS-84",
}
_SHIFTED = {Datum.GCJ02: "GCJ-02", Datum.BD09: "BD-09"}
WGS84 = pyproj.CRS.from_epsg(4326)
CGCS2000 = pyproj.CRS.from_epsg(4490)


@dataclass(frozen=True)
class Target:
    """The coordinates of a file.

    Attributes:
        crs: None of coordinates that no register knows (GCJ-02, BD-09).
        shifted: ``gcj02`` or ``bd09`` where they are those, else empty.
        said: in Chinese and in English.
    """

    crs: pyproj.CRS | None
    shifted: str
    said: Pair

    @property
    def name(self) -> str:
        """What they are, in one word where they have one, whatever a reader might take them for."""
        return _SHIFTED[Datum(self.shifted)] if self.shifted else self.said[1]

    @property
    def is_wgs84(self) -> bool:
        """Whether they are WGS-84 degrees."""
        return self.crs is not None and self.crs == WGS84

    @property
    def is_projected(self) -> bool:
        """Whether they are eastings and northings."""
        return self.crs is not None and self.crs.is_projected

    def label(self, language: int) -> str:
        """What a layer's title adds where its coordinates are not what a reader would think."""
        shown = ("（{}）", " ({})")[language]
        return shown.format(self.said[language]) if self.shifted else ""

    @property
    def axes(self) -> tuple[str, str]:
        """What two columns of them are called: plainly only in WGS-84 and CGCS2000 degrees."""
        x, y = ("easting", "northing") if self.is_projected else ("lng", "lat")
        return (f"{x}_{self._tag}", f"{y}_{self._tag}") if self._tag else (x, y)

    @property
    def _tag(self) -> str:
        """What columns of them add to their names; nothing where plain degrees may be taken as they are."""
        if self.crs is None or self.is_wgs84 or self.crs == CGCS2000:
            return self.shifted
        code = self.crs.to_epsg()
        return f"epsg{code}" if code else "other"

    def geometries(self, geoms: Geometries) -> Geometries:
        """WGS-84 geometries in these coordinates, edges within a centimetre of where they were."""
        return geometries_from_wgs84(geoms, Datum(self.shifted) if self.crs is None else self.crs)

    def warnings(self, geoms: Geometries) -> tuple[Pair, ...]:
        """What to say of WGS-84 geometries that lie where the CRS is not meant for."""
        area = None if self.crs is None else self.crs.area_of_use
        bounds = shapely.total_bounds(geoms) if len(geoms) else np.full(4, np.nan)
        if area is None or not np.isfinite(bounds).all() or area.west > area.east:
            return ()
        edge_x, edge_y = EDGE * (area.east - area.west), EDGE * (area.north - area.south)
        inside = area.west - edge_x <= bounds[0] and area.south - edge_y <= bounds[1]
        inside = inside and bounds[2] <= area.east + edge_x and bounds[3] <= area.north + edge_y
        name = shorten(area.name.rstrip("."), LONGEST_AREA, placeholder=" …")
        return () if inside else (beyond_area(self.said[1], name),)


def target_of(crs: str, out: Path) -> Target:
    """The coordinates that a file was asked for in; WGS-84 where none were named.

    Raises:
        CrsError: there are no such, the format cannot be in them, or they are GCJ-02 or BD-09 and the file's
            name does not say so.
    """
    reference = parse_reference(crs) if crs else WGS84
    target = _of_crs(reference) if isinstance(reference, pyproj.CRS) else _of_datum(reference)
    if crs:
        _refuse_format(target, out)
    datum = target.shifted
    if datum not in out.name.lower().replace("-", ""):
        raise CrsError(
            f"{target.name} files carry {datum} in their name, and {out.name} does not.",
            fix=f"Write {_named(out, datum)}.",
        )
    return target


def _refuse_format(target: Target, out: Path) -> None:
    suffix = out.suffix.lower()
    if suffix in DRAWN and not target.is_projected:
        raise CrsError(
            f"A drawing is in metres, and {target.name} is not.",
            fix="Leave --crs out, or give a projected one such as EPSG:4549.",
        )
    fits = target.is_wgs84 or (suffix == ".geojson" and target.shifted)
    if suffix in _OF_WGS84 and not fits:
        other = _named(out.with_suffix(".gpkg"), target.shifted)
        what = f"{_OF_WGS84[suffix]}, not in {target.name}."
        raise CrsError(what, fix=f"Take {other} instead.")


def _named(out: Path, datum: str) -> str:
    """A file's name that says its datum, where there is one to say."""
    if datum in out.name.lower().replace("-", ""):
        return out.name
    stem, dot, rest = out.name.partition(".")
    return f"{stem}.{datum}{dot}{rest}"


def _of_datum(datum: Datum) -> Target:
    if datum not in _SHIFTED:
        return _of_crs(CGCS2000 if datum is Datum.CGCS2000 else WGS84)
    name = _SHIFTED[datum]
    return Target(None, datum.value, (f"{name}，不是 WGS-84", f"{name}, not WGS-84"))


def metric_target(text: str) -> Target:
    """A city's metric CRS as the coordinates of a file."""
    return _of_crs(pyproj.CRS.from_user_input(text))


def _of_crs(crs: pyproj.CRS) -> Target:
    if crs == WGS84:
        return Target(WGS84, "", ("WGS-84 (EPSG:4326)", "WGS-84 (EPSG:4326)"))
    code = crs.to_epsg()
    said = f"EPSG:{code} ({crs.name})" if code else crs.to_string()
    return Target(crs, "", (said, said))
