"""The issue map: a city's grid, layers and reports as one HTML file that asks no host for anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import pandas as pd
from geopandas import GeoDataFrame

from layers.reasons import TEMPLATES
from layers.terms import TERMS
from maps.city_payload import city_payload
from maps.encode import script_json
from maps.page import map_document

MODULES = (
    *("strings", "dom", "theme", "data", "filters", "facets", "cells", "here", "labels"),
    *("backdrop", "points", "popup", "table", "legend", "page"),
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
    modules = [f"page/{name}" for name in MODULES]
    return map_document(
        title=title, lang=languages[0], data=script_json(payload), folder="page", modules=modules
    )
