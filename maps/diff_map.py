"""The map of changes: what publishing would change, as one HTML file that asks no host for anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame

from layers.diff import Difference
from layers.diff_layers import all_changes, all_ground
from layers.diff_members import KINDS
from layers.diff_messages import WORDS
from layers.diff_places import SIDES, PlaceMoves
from layers.diff_report import ground_kind, summary
from layers.terms import TERMS
from maps.city_payload import extent, levels_payload, thinned
from maps.encode import column, columns, script_json, shapes, unit_of
from maps.page import map_document

MOST_DRAWN = 5_000  # of one kind; what is beyond is thinned, and the page says so
GROUNDS = ("ground", "ground_cell", "ground_owner")
MODULES = (
    *("page/strings", "page/dom", "page/theme", "page/data"),
    *("diff/words", "diff/changes", "diff/list", "diff/page"),
)
SHOWN = ["layer", "code", "name", "before", "after", "m2"]


def diff_map_html(
    *,
    title: str,
    languages: Sequence[str],
    levels: Mapping[str, GeoDataFrame],
    found: Difference,
    moves: PlaceMoves | None,
    generated_at: datetime,
) -> str:
    """The whole page as text, to be written as UTF-8.

    Args:
        title: the city.
        languages: ``zh`` and ``en`` in order of preference; the first is the one the page opens in.
        levels: the draft's grid, top level first, as for the issue map; drawn as thin outlines.
        found: what differs.
        moves: the places that would get another answer, if any were asked about.
        generated_at: what the page says of its own age.

    The same arguments give the same text. Nothing of them is ever read as markup.
    """
    groups = _frames(found, moves)
    bounds = extent([*levels.values(), *groups.values()], None)
    unit = unit_of(bounds)
    diagonal = float(np.hypot(bounds[2] - bounds[0], bounds[3] - bounds[1])) or 1e-3
    payload = {
        "languages": list(languages),
        "terms": {**TERMS, **WORDS},
        "generated_at": generated_at.isoformat(sep=" ", timespec="minutes").replace("+00:00", " UTC"),
        "live": found.live,
        "summary": {"zh": summary(found, moves, "zh"), "en": summary(found, moves, "en")},
        "words": [
            {"section": c.section, "kind": c.kind, "key": c.key, "before": c.before, "after": c.after}
            for c in found.words
        ],
        "unit": unit,
        "bounds": bounds,
        "levels": levels_payload(_outlined(levels), unit, diagonal),
        "groups": [_group(kind, frame, unit) for kind, frame in groups.items()],
    }
    return map_document(
        title=title, lang=languages[0], data=script_json(payload), folder="diff", modules=MODULES,
        styles=("diff/page",),
    )  # fmt: skip


def _outlined(levels: Mapping[str, GeoDataFrame]) -> dict[str, GeoDataFrame]:
    """The top level and the lowest: what lies between would only darken the map."""
    names = list(levels)
    return {name: levels[name] for name in dict.fromkeys([*names[:1], *names[-1:]])}


def _frames(found: Difference, moves: PlaceMoves | None) -> dict[str, GeoDataFrame]:
    """What is drawn, by kind, in the order of the legend: the ground first, since it lies lowest."""
    frames = {}
    pieces, changes = _ground(all_ground(found)), all_changes(found)
    for table, kinds in ((pieces, GROUNDS), (changes, KINDS)):
        for kind in kinds:
            rows = table[table["kind"] == kind]
            if len(rows):
                frames[kind] = rows
    if moves is not None and len(moves.moves):
        frames["places"] = _places(moves.moves)
    return frames


def _ground(pieces: GeoDataFrame) -> GeoDataFrame:
    """Pieces of ground with the columns of a change: codes before and after, owners where they change."""
    if not len(pieces):
        return pieces
    kinds = [ground_kind(cell, owner) for cell, owner in zip(pieces["cell"], pieces["owner"], strict=True)]
    sides = {}
    for side in ("before", "after"):
        codes = pieces[side].where(pieces[side] != "", "—").astype(str)
        sides[side] = codes.where(~pieces["owner"].astype(bool), codes + " · " + pieces[f"owner_{side}"])
    return pieces.assign(kind=kinds, code="", name="", **sides)


def _places(moves: GeoDataFrame) -> GeoDataFrame:
    """Places with the columns of a change."""
    texts = moves[SIDES].astype(str).replace("", "—")
    sides = {side: texts[SIDES[at::2]].agg(" · ".join, axis=1) for at, side in enumerate(("before", "after"))}
    return moves.assign(layer="places", code=moves["row"].astype(str), name=moves["category"], **sides)


def _group(kind: str, frame: GeoDataFrame, unit: float) -> dict[str, Any]:
    """One kind of change: what the list says of each, and its shapes of every dimension."""
    kept = thinned(frame, MOST_DRAWN)
    dimensions = sorted(set(shapely.get_dimensions(kept.geometry.to_numpy()).tolist()) - {-1}, reverse=True)
    return {
        "kind": kind,
        "total": len(frame),
        "count": len(kept),
        "columns": columns(pd.DataFrame(kept.drop(columns="geometry")), SHOWN) | _metres(kept),
        "shapes": [shapes(kept.geometry, dimension, unit) for dimension in dimensions],
    }


def _metres(frame: GeoDataFrame) -> dict[str, Any]:
    """Distances to the centimetre, where there are any."""
    return {"m": column(frame["m"].astype(float), digits=2)} if "m" in frame.columns else {}
