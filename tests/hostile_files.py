"""Files that try to read other files, call out, or never end. Each builder returns the path it wrote."""

from __future__ import annotations

import sqlite3
import struct
import zipfile
from pathlib import Path

import pyogrio.raw
import shapely

SECRET = "BAIT-7f3a"


def bait(folder: Path) -> Path:
    """A readable layer that nobody asked for."""
    path = folder / "bait.csv"
    path.write_text(f"name,lng,lat\n{SECRET},1,2\n", "utf-8")
    return path


def vrt(path: Path, source: str) -> Path:
    """A GDAL recipe that names another file or service."""
    path.write_text(
        "<OGRVRTDataSource><OGRVRTLayer name='bait'>"
        f"<SrcDataSource relativeToVRT='0'>{source}</SrcDataSource>"
        "<GeometryField encoding='PointFromColumns' x='lng' y='lat'/></OGRVRTLayer></OGRVRTDataSource>",
        "utf-8",
    )
    return path


def gdalg(path: Path, source: Path, *, disguised: bool) -> Path:
    """A GDAL pipeline in JSON; disguised, it holds words of GeoJSON too."""
    extra = ', "x": {"type": "Feature"}' if disguised else ""
    path.write_text(f'{{"type": "gdal_streamed_alg", "command_line": "gdal vector convert {source}"{extra}}}')
    return path


def entity_kml(path: Path, source: Path) -> Path:
    """A KML whose DTD names a file (XXE)."""
    path.write_text(
        f'<?xml version="1.0"?><!DOCTYPE kml [<!ENTITY x SYSTEM "file://{source}">]>'
        '<kml xmlns="http://www.opengis.net/kml/2.2"><Placemark><name>&x;</name>'
        "<Point><coordinates>1,2</coordinates></Point></Placemark></kml>"
    )
    return path


def entity_bomb(path: Path) -> Path:
    """A KML that grows a thousand-million-fold."""
    levels = "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 10))
    path.write_text(
        f'<?xml version="1.0"?><!DOCTYPE kml [<!ENTITY a0 "ha">{levels}]><kml><name>&a9;</name></kml>'
    )
    return path


def late_entity_kml(path: Path) -> Path:
    """A KML that hides its DTD behind a comment longer than any head that is looked at, and shows a decoy."""
    text = entity_kml(path, path).read_text()
    path.write_text(text.replace("<!DOCTYPE", f"<!--<kml>--><!--{' ' * 200_000}--><!DOCTYPE"))
    return path


def network_link_kml(path: Path, url: str) -> Path:
    """A KML with one point and a link to more."""
    path.write_text(
        '<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>'
        f"<NetworkLink><Link><href>{url}</href></Link></NetworkLink>"
        "<Placemark><name>here</name><Point><coordinates>1,2</coordinates></Point></Placemark></Document></kml>"
    )
    return path


def service(path: Path, url: str, kind: str) -> Path:
    """A service description: WFS or GML as XML, OAPIF as JSON."""
    texts = {
        "wfs": f"<OGRWFSDataSource><URL>{url}</URL></OGRWFSDataSource>",
        "gml": f'<g:FeatureCollection xmlns:g="http://www.opengis.net/gml" xsi:schemaLocation="a {url}"/>',
        "oapif": f'{{"links": [{{"rel": "data", "href": "{url}"}}], "title": "x"}}',
    }
    path.write_text(texts[kind])
    return path


def geopackage(path: Path, layer: str = "places") -> Path:
    """An honest GeoPackage with two points."""
    points = shapely.to_wkb(shapely.points([[120.8, 32.0], [120.9, 32.1]]))
    pyogrio.raw.write(
        path, points, [], [], geometry_type="Point", crs="EPSG:4326", driver="GPKG", layer=layer
    )
    return path


def endless_view(path: Path) -> Path:
    """A GeoPackage whose layer never stops giving rows."""
    geopackage(path)
    with sqlite3.connect(path) as database:
        database.execute(
            "CREATE VIEW forever AS WITH RECURSIVE n(fid) AS (SELECT 1 UNION ALL SELECT fid + 1 FROM n) "
            "SELECT n.fid, places.geom FROM n, places"
        )
        database.execute("UPDATE gpkg_contents SET table_name = 'forever'")
        database.execute("UPDATE gpkg_geometry_columns SET table_name = 'forever'")
    database.close()
    return path


def endless_contents(path: Path) -> Path:
    """A GeoPackage whose list of layers is the view that never ends."""
    geopackage(path)
    with sqlite3.connect(path) as database:
        database.execute("ALTER TABLE gpkg_contents RENAME TO real_contents")
        database.execute(
            "CREATE VIEW gpkg_contents AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
            "SELECT real_contents.* FROM n, real_contents"
        )
    database.close()
    return path


def triggers(path: Path) -> Path:
    """A GeoPackage that would empty itself whenever it is written to."""
    geopackage(path)
    with sqlite3.connect(path) as database:
        for verb in ("INSERT", "UPDATE", "DELETE"):
            database.execute(
                f"CREATE TRIGGER evil_{verb} AFTER {verb} ON gpkg_contents BEGIN DELETE FROM places; END"
            )
    database.close()
    return path


def curves(path: Path) -> Path:
    """A GeoPackage with a point, a circular arc, a curved polygon and a TIN."""
    points = shapely.to_wkb(shapely.points([[0.0, 0.0]] * 4))
    pyogrio.raw.write(
        path,
        points,
        [],
        [],
        geometry_type="Unknown",
        crs="EPSG:4326",
        driver="GPKG",
        layer="l",
        SPATIAL_INDEX="NO",
    )
    arc = struct.pack("<BII6d", 1, 8, 3, 0, 0, 1, 1, 2, 0)
    circle = struct.pack("<BII10d", 1, 8, 5, 0, 0, 1, 1, 2, 0, 1, -1, 0, 0)
    bodies = {2: arc, 3: struct.pack("<BII", 1, 10, 1) + circle, 4: struct.pack("<BII", 1, 16, 0)}
    with sqlite3.connect(path) as database:
        for fid, body in bodies.items():
            blob = b"GP\x00\x01" + struct.pack("<i", 4326) + body
            database.execute("UPDATE l SET geom = ? WHERE fid = ?", (blob, fid))
    database.close()
    return path


def zip_of(path: Path, members: dict[str, bytes]) -> Path:
    """A plain zip."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def zip_link(path: Path, target: Path) -> Path:
    """A zip whose layer is a symbolic link."""
    with zipfile.ZipFile(path, "w") as archive:
        info = zipfile.ZipInfo("layer.csv")
        info.external_attr = 0o120777 << 16
        archive.writestr(info, str(target))
    return path


def overlapping_zip(path: Path) -> Path:
    """A zip whose two members share their bytes."""
    zip_of(path, {"a.csv": b"lng,lat\n1,2\n" * 50, "b.csv": b"lng,lat\n1,2\n" * 50})
    data = bytearray(path.read_bytes())
    second = data.rindex(b"PK\x01\x02")
    data[second + 42 : second + 46] = struct.pack("<I", 0)  # its header is now the first one's
    path.write_bytes(data)
    return path


def lying_zip(path: Path, size: int) -> Path:
    """A zip that says it unpacks to ten bytes."""
    zip_of(path, {"a.csv": b"lng,lat\n" + b"1,2\n" * (size // 4)})
    data = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        at = data.index(mark)
        data[at + offset : at + offset + 4] = struct.pack("<I", 10)
    path.write_bytes(data)
    return path
