"""Whether a place lies in every area that the text names."""

from __future__ import annotations

from dataclasses import dataclass

import shapely

from geo.civic_text import Mention
from layers.candidates import Fault
from layers.geocoding_city import CityPlaces
from layers.geocoding_spots import Spot, elsewhere, unknown_parent

SLACK_M = 30.0  # a thing beside the boundary of the area that people count it to


@dataclass(frozen=True)
class Parent:
    """An area that a text names, and the entries that it may mean."""

    mention: Mention
    rows: tuple[int, ...]


def parents_of(city: CityPlaces, mentions: list[Mention]) -> list[Parent]:
    """The areas that a text names, with what is known of them."""
    return [
        Parent(one, tuple(hit.row for hit in city.hits(one, _is_area) if hit.score >= 0.85))
        for one in mentions
    ]


def _is_area(kind: str) -> bool:
    return kind.startswith(("cell:", "area:", "place:")) or kind in ("estate", "group", "street", "waterway")


def checked(city: CityPlaces, spot: Spot, parents: list[Parent]) -> Spot:
    """The spot with a fault for every area that it does not lie in, or that nobody knows."""
    faults: list[Fault] = []
    for parent in parents:
        if not parent.rows:
            faults.append(unknown_parent(parent.mention.text))
        elif not any(_holds(city, row, spot) for row in parent.rows):
            faults.append(elsewhere(parent.mention.text, spot.label))
    return spot.with_faults(*faults)


def _holds(city: CityPlaces, row: int, spot: Spot) -> bool:
    """Whether an entry covers a spot, or lies so near that people count the spot to it."""
    if row == spot.row or city.gazetteer.parent[spot.row] == row:
        return True
    area = city.metric(row)
    within = spot.radius_m if spot.is_entry else SLACK_M
    if shapely.get_dimensions(area) == 0:
        within = max(within, float(city.gazetteer.radius_m[row]), 1500.0)
    return bool(
        shapely.dwithin(
            area,
            shapely.Point(spot.x, spot.y),
            max(SLACK_M, min(within, 200.0)) if shapely.get_dimensions(area) else within,
        )
    )
