"""The issue map: a city's grid, layers and reports as one HTML file that asks no host for anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape

import pandas as pd
from branca.element import MacroElement
from geopandas import GeoDataFrame
from jinja2 import Template

from layers.reasons import TEMPLATES
from layers.terms import TERMS
from maps.city_payload import city_payload
from maps.encode import script_json
from maps.page import WEB, CityMap, Page, Verbatim, bundle, vendored

MODULES = (
    *("strings", "dom", "theme", "data", "filters", "facets", "cells", "here", "labels"),
    *("backdrop", "points", "popup", "table", "legend", "page"),
)


class OpenPage(MacroElement):
    """Hands the folium map over to the page's own script."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]

    _template = Template(
        "{% macro script(this, kwargs) %}openPage({{ this._parent.get_name() }});{% endmacro %}"
    )


def issue_map_html(
    *,
    title: str,
    languages: Sequence[str],
    levels: Mapping[str, GeoDataFrame],
    assets: Mapping[str, GeoDataFrame],
    areas: Mapping[str, GeoDataFrame],
    reports: pd.DataFrame | None,
    categories: Mapping[str, tuple[str, str]],
    generated_at: datetime,
    note: str = "",
) -> str:
    """The whole page as text, to be written as UTF-8.

    Args:
        title: the city, or what the map is about.
        languages: ``zh`` and ``en`` in order of preference; the first is the one the page opens in.
        levels: the grid, top level first: code, name, parent (a code of the level above), owner_name,
            geometry in WGS-84 degrees.
        assets: by kind: id, name, owner_name, geometry (points, lines, areas), for roads also class.
        areas: by kind: code, name, owner_name, geometry.
        reports: one row per report with lng, lat (NaN when there is none), what was reported, and the
            columns of its assignment; columns may be missing. None or no rows: the page says so.
        categories: code to its Chinese and English name.
        generated_at: what the page says of its own age.
        note: one line more at its foot, such as the generation's number or whose the data are.

    The same arguments give the same text. Nothing of them is ever read as markup.
    """
    payload = {
        "languages": list(languages),
        "templates": {lang: TEMPLATES[lang] for lang in languages},
        "terms": TERMS,
        "categories": {str(code): [str(name) for name in names] for code, names in categories.items()},
        "generated_at": generated_at.isoformat(sep=" ", timespec="minutes").replace("+00:00", " UTC"),
        "note": note,
        **city_payload(levels, assets, areas, reports),
    }
    page = _page(title, languages[0], script_json(payload))
    # A lone surrogate, legal in JSON, cannot be written as UTF-8.
    return page.render().encode("utf-8", "replace").decode("utf-8")


def _page(title: str, lang: str, data: str) -> Page:
    """The document with the map in its frame."""
    libraries = [vendored("leaflet/leaflet.js"), bundle(WEB / "page", MODULES)]
    page = Page(title=title, lang="zh-CN" if lang == "zh" else lang, data=data, libraries=libraries)
    page.header.add_child(Verbatim(f"<style>{vendored('leaflet/leaflet.css')}</style>"))
    page.header.add_child(Verbatim(f"<style>{(WEB / 'page' / 'page.css').read_text('utf-8')}</style>"))
    before, after = _frame(title)
    page.html.add_child(Verbatim(before))
    city_map = CityMap(zoom_control=True).add_to(page)
    city_map.add_child(OpenPage())
    city_map.render()
    page.html.add_child(Verbatim(after))
    return page


def _frame(title: str) -> tuple[str, str]:
    """The page's own markup before and after the map."""
    before, _, after = (WEB / "page" / "page.html").read_text("utf-8").partition("%map%")
    return before.replace("%title%", escape(title)), after.replace("%title%", escape(title))
