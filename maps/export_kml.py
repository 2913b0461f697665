"""KML and KMZ of an export: a folder a table, coloured by class, every column in the balloon.

Written here and not by GDAL, which knows no styles by class and cannot read a Chinese layer's name back.
Columns have no types, for in a KMZ its reader finds none.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any
from xml.etree.ElementTree import Element, iterparse
from xml.sax.saxutils import escape, quoteattr

import numpy as np
import pandas as pd
import shapely

from layers.exported import Pair
from maps import export_words as words
from maps.export_classes import Look, label_column, looks_of, rgb
from maps.export_compare import Slack, compare, compare_geometries
from maps.export_sheets import (
    NO_XML,
    Book,
    Geometries,
    Kind,
    Notes,
    Sheet,
    finite,
    has_blank,
    in_xml,
    mend,
    times_said,
    values_of,
    whole_said,
)

DOC = "doc.kml"
MOST_WHOLE = 2**31 - 1
_NS = "{http://www.opengis.net/kml/2.2}"
_SLACK = Slack(blank_is_missing=True)


def write(book: Book, path: Path) -> Notes:
    """Write all tables, which are in WGS-84."""
    notes: list[Pair] = []
    sheets = []
    for sheet in book.sheets:
        held, said = _held(sheet)
        sheets.append(held)
        notes += said
    if path.suffix.lower() == ".kmz":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open(DOC, "w") as file:
            _write(book, sheets, file)
        with zipfile.ZipFile(path) as archive, archive.open(DOC) as file:
            _check(sheets, file)
    else:
        with path.open("wb") as file:
            _write(book, sheets, file)
        with path.open("rb") as file:
            _check(sheets, file)
    return tuple(dict.fromkeys(notes))


def _held(sheet: Sheet) -> tuple[Sheet, list[Pair]]:
    notes: list[Pair] = []
    sheet, said = whole_said(sheet, MOST_WHOLE)
    notes += said
    sheet, said = finite(sheet)
    notes += said
    if times := sheet.of_kind("time"):
        notes.append(words.times_as_text(times))
    sheet = times_said(sheet)
    sheet, said = mend(sheet, NO_XML, in_xml, words.mended)
    notes += said
    if has_blank(sheet):
        notes.append(words.blank_is_missing())
    return sheet, notes


def _write(book: Book, sheets: list[Sheet], file: IO[bytes]) -> None:
    for text in _document(book, sheets):
        file.write(text.encode())


def _document(book: Book, sheets: list[Sheet]) -> Iterator[str]:
    said = "\n".join(f"{name}: {value}" for name, value in book.rows())
    yield (
        '<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2"><Document>\n'
        f"<name>{_text(' / '.join(book.title))}</name>\n<description>{_text(said)}</description>\n"
    )
    for sheet in sheets:
        for place, look in enumerate(looks_of(sheet)):
            yield _style(f"{sheet.name}_{place}", look)
    for sheet in sheets:
        yield f"<Folder><name>{sheet.name}</name>\n"
        yield f"<description>{_text(' / '.join(sheet.title))}</description>\n"
        yield from _placemarks(sheet)
        yield "</Folder>\n"
    yield "</Document></kml>\n"


def _text(text: str) -> str:
    # A return would come back as a line feed, were it not written as its number.
    return escape(in_xml(text), {"\r": "&#13;"})


def _style(name: str, look: Look) -> str:
    fill, edge = _colour(look.fill, look.opacity), _colour(look.edge, 1)
    return (
        f'<Style id="{name}"><IconStyle><color>{_colour(look.fill, 1)}</color><scale>0.7</scale></IconStyle>'
        f"<LineStyle><color>{edge}</color><width>1.5</width></LineStyle>"
        f"<PolyStyle><color>{fill}</color><fill>{int(not look.is_hatched)}</fill></PolyStyle></Style>\n"
    )


def _colour(colour: str, opacity: float) -> str:
    red, green, blue = rgb(colour)
    return f"{round(255 * opacity):02x}{blue:02x}{green:02x}{red:02x}"


def _placemarks(sheet: Sheet) -> Iterator[str]:
    looks = {look.value: place for place, look in enumerate(looks_of(sheet))}
    columns = {name: values_of(sheet, name) for name in sheet.kinds}
    label = label_column(sheet)
    quoted = {name: quoteattr(in_xml(name)) for name in sheet.kinds}
    shown = {name: _shown(sheet.labels.get(name)) for name in sheet.kinds}
    for row, geometry in enumerate(sheet.geometry):
        record = {name: values[row] for name, values in columns.items()}
        look = looks.get(record[sheet.class_by] if sheet.class_by else None, looks.get(""))
        style = "" if look is None else f"<styleUrl>#{sheet.name}_{look}</styleUrl>"
        name = f"<name>{_text(record[label])}</name>" if label and record[label] else ""
        data = "".join(
            f"<Data name={quoted[key]}>{shown[key]}<value>{_value(value)}</value></Data>"
            for key, value in record.items()
            if value is not None
        )
        data = f"<ExtendedData>{data}</ExtendedData>" if data else ""
        yield f"<Placemark>{name}{style}{data}{_shape(geometry)}</Placemark>\n"


def _shown(label: Pair | None) -> str:
    return "" if label is None else f"<displayName>{_text(' '.join(label))}</displayName>"


def _value(value: Any) -> str:
    if isinstance(value, (bool, np.bool_)):
        return str(int(value))
    return (
        _text(value)
        if isinstance(value, str)
        else repr(float(value))
        if isinstance(value, float)
        else str(value)
    )


def _shape(geometry: Any) -> str:
    if geometry is None:
        return ""
    if geometry.geom_type == "Point":
        return f"<Point>{_coordinates(geometry)}</Point>"
    if geometry.geom_type == "LineString":
        return f"<LineString><tessellate>1</tessellate>{_coordinates(geometry)}</LineString>"
    if geometry.geom_type == "Polygon":
        holes = "".join(f"<innerBoundaryIs>{_ring(ring)}</innerBoundaryIs>" for ring in geometry.interiors)
        return f"<Polygon><outerBoundaryIs>{_ring(geometry.exterior)}</outerBoundaryIs>{holes}</Polygon>"
    return f"<MultiGeometry>{''.join(map(_shape, geometry.geoms))}</MultiGeometry>"


def _ring(ring: Any) -> str:
    return f"<LinearRing>{_coordinates(ring)}</LinearRing>"


def _coordinates(geometry: Any) -> str:
    pairs = shapely.get_coordinates(geometry).tolist()
    return f"<coordinates>{' '.join(f'{x!r},{y!r}' for x, y in pairs)}</coordinates>"


def _check(sheets: list[Sheet], file: IO[bytes]) -> None:
    rows_of: list[list[tuple[dict[str, str], Any]]] = []
    rows: list[tuple[dict[str, str], Any]] = []
    for _, element in iterparse(file):
        if element.tag == f"{_NS}Placemark":
            data = element.findall(f"{_NS}ExtendedData/{_NS}Data")
            values = {str(one.get("name")): one.findtext(f"{_NS}value") or "" for one in data}
            rows.append((values, _geometry(element)))
            element.clear()
        elif element.tag == f"{_NS}Folder":
            rows_of.append(rows)
            rows = []
            element.clear()
    for sheet, rows in zip(sheets, rows_of, strict=True):
        columns = {
            name: _read([values.get(in_xml(name)) for values, _ in rows], kind)
            for name, kind in sheet.kinds.items()
        }
        compare(sheet, pd.DataFrame(columns, index=range(len(rows))), _SLACK)
        geoms: Geometries = np.full(len(rows), None, dtype=object)
        geoms[:] = [geometry for _, geometry in rows]
        compare_geometries(sheet, geoms)


def _read(values: list[str | None], kind: Kind) -> pd.Series:
    if kind == "text":
        return pd.Series(values, dtype=object)
    if kind == "real":
        return pd.Series([np.nan if v is None else float(v) for v in values], dtype=float)
    return pd.Series([None if v is None else int(v) for v in values], dtype="Int64")


def _geometry(element: Element) -> Any:
    for child in element:
        kind = child.tag.removeprefix(_NS)
        if kind == "MultiGeometry":
            return _collected([part for one in child for part in [_geometry_of(one)]])
        if kind in ("Point", "LineString", "Polygon"):
            return _geometry_of(child)
    return None


def _geometry_of(element: Element) -> Any:
    kind = element.tag.removeprefix(_NS)
    if kind == "MultiGeometry":
        return _collected([_geometry_of(one) for one in element])
    rings = [
        np.array([[float(n) for n in pair.split(",")] for pair in (found.text or "").split()])
        for found in element.iter(f"{_NS}coordinates")
    ]
    if kind == "Polygon":
        return shapely.Polygon(rings[0], rings[1:])
    return shapely.Point(rings[0][0]) if kind == "Point" else shapely.LineString(rings[0])


def _collected(parts: list[Any]) -> Any:
    kinds = {part.geom_type for part in parts}
    build = {
        "Point": shapely.MultiPoint, "LineString": shapely.MultiLineString, "Polygon": shapely.MultiPolygon,
    }  # fmt: skip
    return (
        build[kinds.pop()](parts)
        if len(kinds) == 1 and kinds <= build.keys()
        else shapely.GeometryCollection(parts)
    )
