"""The style of a layer as QGIS keeps it (QML): symbols by class, and what people call its columns."""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from maps.export_classes import Look, looks_of, rgb
from maps.export_sheets import Sheet, in_xml

_HEAD = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
_SYMBOL = {"point": "marker", "line": "line", "polygon": "fill"}


def qml(sheet: Sheet, kind: str) -> str:
    """The style of a sheet whose geometries are points, lines or polygons."""
    root = Element("qgis", version="3.22.0", styleCategories="Symbology|Fields|LayerConfiguration")
    looks = looks_of(sheet)
    renderer = SubElement(root, "renderer-v2", _renderer(sheet))
    if sheet.class_by:
        categories = SubElement(renderer, "categories")
        for place, look in enumerate(looks):
            label = _both(look.label)
            given = {
                "render": "true",
                "symbol": str(place),
                "value": in_xml(look.value or ""),
                "label": label,
            }
            SubElement(categories, "category", given)
    symbols = SubElement(renderer, "symbols")
    for place, look in enumerate(looks):
        _symbol(symbols, str(place), look, kind)
    aliases = SubElement(root, "aliases")
    for place, name in enumerate(sheet.kinds, 1):  # 0 is fid
        alias = _both(sheet.labels.get(name, ("", "")))
        SubElement(aliases, "alias", {"field": in_xml(name), "index": str(place), "name": alias})
    indent(root)
    return _HEAD + tostring(root, encoding="unicode")


def _both(pair: tuple[str, str]) -> str:
    return in_xml(pair[0] if pair[0] == pair[1] else f"{pair[0]} {pair[1]}".strip())


def _renderer(sheet: Sheet) -> dict[str, str]:
    own = {"type": "singleSymbol"}
    if sheet.class_by:
        own = {"type": "categorizedSymbol", "attr": in_xml(sheet.class_by)}
    return {**own, "enableorderby": "0", "forceraster": "0", "symbollevels": "0"}


def _symbol(symbols: Element, name: str, look: Look, kind: str) -> None:
    given = {"type": _SYMBOL[kind], "name": name, "alpha": "1", "clip_to_extent": "1", "force_rhr": "0"}
    symbol = SubElement(symbols, "symbol", given)
    style, options = _layer(look, kind)
    layer = SubElement(symbol, "layer", {"class": style, "enabled": "1", "locked": "0", "pass": "0"})
    mapped = SubElement(layer, "Option", {"type": "Map"})
    for key, value in options.items():
        SubElement(mapped, "Option", {"type": "QString", "name": key, "value": value})
    for key, value in options.items():  # as programs before 3.18 read it
        SubElement(layer, "prop", {"k": key, "v": value})


def _layer(look: Look, kind: str) -> tuple[str, Mapping[str, str]]:
    fill, edge = _colour(look.fill, look.opacity), _colour(look.edge, 1.0)
    if kind == "point":
        return "SimpleMarker", {
            "name": "circle", "color": _colour(look.fill, 0.9), "outline_color": "255,255,255,255",
            "outline_width": "0.3", "outline_width_unit": "MM", "size": "2.2", "size_unit": "MM",
        }  # fmt: skip
    if kind == "line":
        return "SimpleLine", {
            "line_color": _colour(look.fill, 1.0), "line_width": "0.8", "line_width_unit": "MM",
            "capstyle": "round", "joinstyle": "round",
        }  # fmt: skip
    return "SimpleFill", {
        "color": fill, "style": "b_diagonal" if look.is_hatched else "solid", "outline_color": edge,
        "outline_style": "solid", "outline_width": "0.2", "outline_width_unit": "MM", "joinstyle": "bevel",
    }  # fmt: skip


def _colour(colour: str, opacity: float) -> str:
    return ",".join(map(str, (*rgb(colour), round(255 * opacity))))
