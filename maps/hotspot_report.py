"""The report of hotspots: one page to read, to print and to hand on, as one HTML file that asks no host."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import numpy as np
from geopandas import GeoDataFrame

from layers.exported import Export
from layers.terms import TERMS
from maps.city_payload import extent, levels_payload
from maps.encode import script_json
from maps.hotspot_payload import hotspot_payload
from maps.page import map_document

MODULES = (
    *("page/strings", "page/dom", "page/theme", "page/data", "page/here", "page/cells", "page/labels"),
    *("hotspots/words", "hotspots/numbers", "hotspots/rows", "hotspots/look", "hotspots/facts"),
    *("hotspots/layers", "hotspots/list", "hotspots/charts", "hotspots/headline", "hotspots/key"),
    "hotspots/page",
)


def hotspot_report_html(
    export: Export,
    *,
    languages: Sequence[str],
    generated_at: datetime,
    categories: Mapping[str, tuple[str, str]] | None = None,
    levels: Mapping[str, GeoDataFrame] | None = None,
    note: str = "",
) -> str:
    """The whole page as text, to be written as UTF-8.

    Args:
        export: its first table holds hotspots (`layers.hotspot_columns`); tables named ``clusters`` and
            ``density`` can be switched to where they are there.
        languages: ``zh`` and ``en`` in order of preference; the first is the one the page opens in.
        generated_at: what the page says of its own age.
        categories: code to its Chinese and English name; others are called as the export calls them.
        levels: the grid, as for the issue map: its top level is drawn as outlines with names, to know where
            one is.
        note: one line more beside the age, such as the generation's number.

    The same arguments give the same text. Nothing of them is ever read as markup.
    """
    payload = hotspot_payload(export)
    bounds = payload["bounds"] or extent(list((levels or {}).values()), None)
    diagonal = float(np.hypot(bounds[2] - bounds[0], bounds[3] - bounds[1])) or 1e-3
    payload |= {
        "languages": list(languages),
        "terms": TERMS,
        "categories": {str(code): [str(n) for n in names] for code, names in (categories or {}).items()},
        "generated_at": generated_at.isoformat(sep=" ", timespec="minutes").replace("+00:00", " UTC"),
        "note": note,
        "bounds": bounds,
        "levels": levels_payload(dict(list((levels or {}).items())[:1]), payload["unit"], diagonal),
    }
    lang = languages[0]
    return map_document(
        title=export.title[0 if lang == "zh" else 1], lang=lang, data=script_json(payload),
        folder="hotspots", modules=MODULES, styles=("hotspots/page",),
    )  # fmt: skip
