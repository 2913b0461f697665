"""A drawing (DXF R2000) of an export: a layer a class, outlines, and one label a feature.

Drawings know no columns and no reference systems: what they hold is in metres of the CRS that the title says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from ezdxf.enums import TextEntityAlignment
from ezdxf.filemanagement import new, readfile

from layers.exported import Pair
from maps import export_words as words
from maps.export_classes import Look, label_column, looks_of, rgb
from maps.export_compare import broken
from maps.export_sheets import Book, Notes, Sheet, values_of

ENCODING = "gbk"
ABOUT = "about"
LABELS = "_labels"
_FORBIDDEN = str.maketrans(dict.fromkeys('<>/\\":;?*|=`,', "_"))
_UNITS = {1.0: 6, 0.3048: 2}  # metres, feet, as $INSUNITS has them


def write(book: Book, path: Path) -> Notes:
    """Write all tables."""
    drawing = new("R2000", setup=False)
    drawing.encoding = ENCODING
    crs = book.target.crs
    factor = 1.0 if crs is None else crs.axis_info[0].unit_conversion_factor
    drawing.header["$INSUNITS"] = _UNITS.get(round(factor, 4), 0)
    drawing.styles.add("WOODPECKER", font="simsun.ttf")
    notes: list[Pair] = []
    space = drawing.modelspace()
    for sheet in book.sheets:
        notes += _draw(drawing, space, sheet)
    _sign(drawing, space, book)
    drawing.saveas(path)
    _check(book, path)
    return tuple(dict.fromkeys(notes))


def _draw(drawing: Any, space: Any, sheet: Sheet) -> list[Pair]:
    looks = {look.value: look for look in looks_of(sheet)}
    layers = {value: _layer(drawing, sheet, look) for value, look in looks.items()}
    other = _name(sheet, "other")
    label = label_column(sheet)
    texts = values_of(sheet, label) if label else [None] * len(sheet.frame)
    classes = values_of(sheet, sheet.class_by) if sheet.class_by else [None] * len(sheet.frame)
    height = _text_height(sheet)
    if label and other + LABELS not in drawing.layers:
        drawing.layers.add(f"{sheet.name}{LABELS}", color=7)
    for geometry, text, value in zip(sheet.geometry, texts, classes, strict=True):
        if geometry is None:
            continue
        for part in _parts(geometry):
            _add(space, part, layers.get(value, other))
        if text:
            said = _one_line(text)
            given = {"layer": f"{sheet.name}{LABELS}", "style": "WOODPECKER"}
            entity = space.add_text(said, height=height, dxfattribs=given)
            entity.set_placement(_spot(geometry), align=TextEntityAlignment.MIDDLE_CENTER)
    return _notes(sheet, label, texts)


def _notes(sheet: Sheet, label: str, texts: Iterable[str | None]) -> list[Pair]:
    notes = [words.drawn_only(label)]
    missing = int(shapely.is_missing(sheet.geometry).sum())
    if missing:
        notes.append(words.unplaced(sheet.name, missing))
    if any(text and not _in_gbk(text) for text in texts):
        notes.append(words.beyond_gbk([label]))
    return notes


def _in_gbk(text: str) -> bool:
    try:
        text.encode(ENCODING)
    except UnicodeEncodeError:
        return False
    return True


def _one_line(text: str) -> str:
    """A label has one line and none of the signs that a program would take for a command."""
    return "".join(c if c.isprintable() else " " for c in text).replace("%%", "% %")[:250]


def _name(sheet: Sheet, value: str) -> str:
    return f"{sheet.name}_{value}".translate(_FORBIDDEN).replace(" ", "_")[:200]


def _layer(drawing: Any, sheet: Sheet, look: Look) -> str:
    name = sheet.name if look.value is None else _name(sheet, look.value)
    if name not in drawing.layers:
        layer = drawing.layers.add(name, color=look.acad)
        layer.rgb = rgb(look.fill)
    return name


def _parts(geometry: Any) -> Iterator[Any]:
    for part in shapely.get_parts(geometry):
        if part.geom_type.startswith("Multi") or part.geom_type == "GeometryCollection":
            yield from _parts(part)
        else:
            yield part


def _add(space: Any, part: Any, layer: str) -> None:
    given = {"layer": layer}
    if part.geom_type == "Point":
        space.add_point((part.x, part.y), dxfattribs=given)
    elif part.geom_type == "Polygon":
        for ring in (part.exterior, *part.interiors):
            space.add_lwpolyline(shapely.get_coordinates(ring)[:-1].tolist(), close=True, dxfattribs=given)
    else:
        space.add_lwpolyline(shapely.get_coordinates(part).tolist(), dxfattribs=given)


def _spot(geometry: Any) -> tuple[float, float]:
    spot = shapely.point_on_surface(geometry)
    return float(spot.x), float(spot.y)


def _text_height(sheet: Sheet) -> float:
    """A third of what a typical feature has room for; of points, a five-hundredth of the whole."""
    geoms = sheet.geometry[~shapely.is_missing(sheet.geometry)]
    if not len(geoms):
        return 1.0
    side = float(np.sqrt(np.median(shapely.area(geoms)))) / 10
    bounds = shapely.total_bounds(geoms)
    whole = float(np.hypot(bounds[2] - bounds[0], bounds[3] - bounds[1])) / 500
    return round(side or whole or 1.0, 2) or 1.0


def _sign(drawing: Any, space: Any, book: Book) -> None:
    """What the drawing is of, below it."""
    geoms = np.concatenate([sheet.geometry for sheet in book.sheets])
    geoms = geoms[~shapely.is_missing(geoms)]
    bounds = shapely.total_bounds(geoms) if len(geoms) else np.array([0.0, 0, 100, 100])
    height = max(float(np.hypot(bounds[2] - bounds[0], bounds[3] - bounds[1])) / 120, 0.5)
    drawing.layers.add(ABOUT, color=8)
    lines = (f"{name}: {value}" for name, value in book.rows())
    for turn, line in enumerate(lines):
        at = (float(bounds[0]), float(bounds[1]) - height * (3 + 1.7 * turn))
        given = {"layer": ABOUT, "style": "WOODPECKER"}
        space.add_text(_one_line(line), height=height, dxfattribs=given).set_placement(at)


def _check(book: Book, path: Path) -> None:
    """Read the drawing back: as many entities as there are parts, every vertex where it was."""
    drawing = readfile(path)
    if drawing.audit().has_errors:
        raise broken(path.name, "a drawing with errors")
    found: dict[str, list[Any]] = {}
    for entity in drawing.modelspace():
        found.setdefault(str(entity.dxftype()), []).append(entity)
    parts = [
        part for sheet in book.sheets for geometry in sheet.geometry if geometry is not None
        for part in _parts(geometry)
    ]  # fmt: skip
    points = [[(p.x, p.y)] for p in parts if p.geom_type == "Point"]
    rings = [ring for part in parts for ring in _vertices(part)]
    drawn = [[(e.dxf.location.x, e.dxf.location.y)] for e in found.get("POINT", [])]
    lines = [[(x, y) for x, y in e.get_points("xy")] for e in found.get("LWPOLYLINE", [])]
    for was, now in ((points, drawn), (rings, lines)):
        if not _same(was, now):
            raise broken(path.name, f"{len(now)} shapes instead of {len(was)}, or others")


def _vertices(part: Any) -> list[Any]:
    if part.geom_type == "Point":
        return []
    if part.geom_type == "Polygon":
        return [shapely.get_coordinates(ring)[:-1] for ring in (part.exterior, *part.interiors)]
    return [shapely.get_coordinates(part)]


def _same(was: list[Any], now: list[Any]) -> bool:
    if [len(one) for one in was] != [len(one) for one in now]:
        return False
    return not was or bool(np.allclose(np.concatenate(was), np.concatenate(now), rtol=0, atol=1e-6))
