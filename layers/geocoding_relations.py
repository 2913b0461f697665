"""Places beside others: opposite, north of, thirty metres from them."""

from __future__ import annotations

from dataclasses import replace

import shapely

from geo.bearings import offset, relation_words
from geo.civic_text import Relation
from layers.candidates import Match
from layers.gazetteer_entries import NONE, STREET
from layers.geocoding_city import CityPlaces
from layers.geocoding_spots import Spot, is_han

_WHOLE = (Match.STREET, Match.WATERWAY, Match.CELL, Match.AREA, Match.ESTATE)
_FACING = ("opposite", "front", "behind")  # what these mean depends on the street; a direction does not
NEAR_M = 40.0  # how much less is known of what is only near something


def related(city: CityPlaces, spot: Spot, relation: Relation | None) -> Spot:
    """The place that lies as a relation says from a spot; the spot where it says nothing.

    Of a whole street or area only the radius grows: any of its ends may be meant.
    """
    if relation is None:
        return spot
    if relation.kind in ("near", "between") or (spot.is_entry and spot.match in _WHOLE):
        return replace(spot, radius_m=float((spot.radius_m**2 + NEAR_M**2) ** 0.5))
    moved = offset(
        spot.x, spot.y, relation.kind, direction=relation.direction, metres=relation.metres,
        line=_street(city, spot) if relation.kind in _FACING else None, radius_m=spot.radius_m,
    )  # fmt: skip
    lang = "zh" if is_han(spot.label) else "en"
    label = relation_words(
        spot.label, relation.kind, lang, direction=relation.direction, metres=relation.metres
    )
    return replace(
        spot, x=moved.x, y=moved.y, radius_m=moved.radius_m, match=Match.RELATION, label=label,
        is_entry=False,
    )  # fmt: skip


def _street(city: CityPlaces, spot: Spot) -> shapely.Geometry | None:
    """The street that a spot belongs to."""
    for row in (spot.row, int(city.gazetteer.parent[spot.row]) if spot.row != NONE else NONE):
        if row != NONE and city.gazetteer.kind[row] == STREET:
            return city.metric(row)
    return None
