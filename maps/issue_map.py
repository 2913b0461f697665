"""The issue map: a city's grid, layers and reports as one HTML file that asks no host for anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import pandas as pd

from layers.exported import Export
from layers.reasons import TEMPLATES
from layers.terms import TERMS
from maps.city_payload import Ground, city_payload
from maps.encode import script_json
from maps.hotspot_payload import hotspot_payload
from maps.page import map_document

MODULES = (
    *("page/strings", "page/dom", "page/theme", "page/data", "page/filters", "page/facets", "page/cells"),
    *("page/here", "page/labels", "page/backdrop", "page/points", "hotspots/words", "hotspots/numbers"),
    *("hotspots/rows", "hotspots/look", "hotspots/facts", "page/spots", "page/popup", "page/table"),
    *("page/legend", "page/page"),
)


def issue_map_html(
    *,
    title: str,
    languages: Sequence[str],
    ground: Ground,
    reports: pd.DataFrame | None,
    categories: Mapping[str, tuple[str, str]],
    generated_at: datetime,
    note: str = "",
    are_issues: bool = False,
    left_out: int = 0,
    hotspots: Export | None = None,
) -> str:
    """The whole page as text, to be written as UTF-8.

    Args:
        title: the city, or what the map is about.
        languages: ``zh`` and ``en`` in order of preference; the first is the one the page opens in.
        ground: the grid and the layers, of `maps.city_payload.city_ground`.
        reports: one row per report with lng, lat (NaN when there is none), what was reported, and the
            columns of its assignment; columns may be missing. None or no rows: the page says so.
        categories: code to its Chinese and English name.
        generated_at: what the page says of its own age.
        note: one line more at its foot, such as the generation's number or whose the data are.
        are_issues: the rows are issues, and are called so.
        left_out: how many more there are than rows; the page says so.
        hotspots: drawn as a layer that can be switched off, instead of the numbers of reports in cells.

    The same arguments give the same text. Nothing of them is ever read as markup.
    """
    payload = {
        "languages": list(languages),
        "templates": {lang: TEMPLATES[lang] for lang in languages},
        "terms": TERMS,
        "categories": {str(code): [str(name) for name in names] for code, names in categories.items()},
        "generated_at": generated_at.isoformat(sep=" ", timespec="minutes").replace("+00:00", " UTC"),
        "note": note,
        "are_issues": are_issues,
        "left_out": left_out,
        **city_payload(ground, reports),
        **({} if hotspots is None else {"hotspots": _spots(hotspots)}),
    }
    return map_document(
        title=title, lang=languages[0], data=script_json(payload), folder="page", modules=MODULES
    )


def _spots(hotspots: Export) -> dict[str, object]:
    """The first table of an export, which is its hotspots."""
    coded = hotspot_payload(hotspots)
    return {"table": coded["hotspots"], **{name: coded[name] for name in ("unit", "about", "notes")}}
