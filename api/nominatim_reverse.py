"""Which one place Nominatim's clients get for a position: a house, a street, or an area, by the zoom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from api.nominatim_places import PART_RANKS, STREET_RANK
from layers.candidates import Candidate
from layers.geocoder import Geocoder
from layers.geocoding_address import level_part
from layers.geocoding_reverse import HeldBy, Reverse

HOUSE_M = 100.0  # an address farther away is not that of a place
OUTSIDE_M = 100.0  # a street farther away does not lead to a place outside the city
# The smallest that is answered at each zoom, as ranks: 4 a country … 26 a street, 30 a house.
_ZOOM_RANKS = (2, 2, 2, 4, 4, 8, 10, 10, 12, 12, 16, 17, 18, 19, 22, 25, STREET_RANK, 27, 30)


def place_at(geocoder: Geocoder, lng: float, lat: float, zoom: int) -> tuple[Candidate, float] | None:
    """The place at a position and how many metres away it is; None where nothing is near.

    Args:
        zoom: 0 to 18; others count as the nearer of these.
    """
    there = geocoder.reverse(lng, lat, radius_m=0)
    rank = _ZOOM_RANKS[max(0, min(18, zoom))]
    address, street = there.address, there.street
    if rank == 30 and address is not None and address.distance_m <= HOUSE_M:
        return address.place, address.distance_m
    cell = _cell(there.cells, rank)
    if street is not None and (rank >= STREET_RANK or cell is None):
        near = there.cells or street.distance_m <= OUTSIDE_M
        return (_on_street(geocoder, there), street.distance_m) if near else None
    holder = cell or (there.cells[-1] if there.cells else None)
    found = geocoder.lookup([f"grid:{holder.kind}/{holder.code}"]) if holder else []
    return (found[0], 0.0) if found else None


def _on_street(geocoder: Geocoder, there: Reverse) -> Candidate:
    """The nearest street, at the place of its axis that is nearest."""
    street = there.street
    assert street is not None
    whole = geocoder.place(street.row)
    names = [cell.name or cell.code for cell in reversed(there.cells)]
    parts = {level_part(cell.kind): cell.name for cell in there.cells if level_part(cell.kind) and cell.name}
    own = {part: name for part, name in whole.address.items() if part not in PART_RANKS}
    city = {"city": whole.address["city"]} if "city" in whole.address else {}
    cell = there.cells[-1].code if there.cells else ""
    return replace(
        whole, lng=street.lng, lat=street.lat, parents=tuple(dict.fromkeys(names)), cell_code=cell,
        cell_path=there.cell_path, address={**own, **dict(reversed(parts.items())), **city},
    )  # fmt: skip


def _cell(cells: Sequence[HeldBy], rank: int) -> HeldBy | None:
    """The smallest cell with a name that a zoom shows; the highest where it shows none."""
    named = [cell for cell in reversed(cells) if cell.name not in ("", cell.code) and level_part(cell.kind)]
    shown = (cell for cell in named if PART_RANKS[level_part(cell.kind)] <= rank)
    return next(shown, named[-1] if named else None)
