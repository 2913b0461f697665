"""A report as it came from outside, checked, before anybody has asked whose it is."""

from __future__ import annotations

from dataclasses import dataclass

import shapely

from geo.crs import Reference
from geo.types import Datum
from layers.photos import Photo


@dataclass(frozen=True, slots=True)
class Incoming:
    """One message from outside; what it does not say is None or empty.

    Attributes:
        body_digest: SHA-256 of what was sent: the same id with another one is another report.
        channel: where it came from; says what its positions mean (``[channel.NAME]`` in city.toml).
        external_id: what it is called there.
        lng, lat: as declared, in ``reference``.
        accuracy_m: radius of the position.
        level: percent of the positions that the accuracy holds.
        geometry: a line or an area, in ``reference``: where the place is to be sought, or what is reported.
        is_extent: whether the geometry is the reported thing itself.
        category: a code or a name.
        occurred_us: microseconds since 1970 UTC.
        zone_assumed: whether its time named no zone and took the city's.
        reporter: who sent it, by what erasing goes by.
        contact: how to answer.
        issue: uid or number of the issue that it belongs to.
    """

    body_digest: str
    channel: str = "api"
    external_id: str | None = None
    lng: float | None = None
    lat: float | None = None
    reference: Reference = Datum.WGS84
    accuracy_m: float | None = None
    level: float | None = None
    geometry: shapely.Geometry | None = None
    is_extent: bool = False
    category: str = ""
    text: str = ""
    occurred_us: int | None = None
    zone_assumed: bool = False
    reporter: str = ""
    contact: str = ""
    photos: tuple[Photo, ...] = ()
    issue: str = ""
