"""Whose an issue would be somewhere else: the city is asked anew, for one or for many at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from sqlalchemy import Connection

from geo.crs import Reference, to_wgs84
from geo.errors import CoordinateError
from geo.types import Datum, LngLat
from layers.assign import assign
from layers.generation import Generation
from layers.issue_fields import fields_of
from layers.proof import prove_all
from layers.store.private import first_reports
from layers.store.values import Issue, IssueChanges

MOST_ACCURACY_M = 100_000.0


@dataclass(frozen=True, slots=True)
class Spot:
    """Where an issue is to be.

    Attributes:
        lng, lat: in ``reference``; None where nothing is said.
        accuracy_m: how wrong that may be; None means not at all.
    """

    lng: float | None
    lat: float | None
    reference: Reference = Datum.WGS84
    accuracy_m: float | None = None

    def place(self) -> LngLat:
        """The position in WGS-84.

        Raises:
            CoordinateError: it is none, or not as exact as can be.
        """
        if self.lng is None or self.lat is None:
            raise CoordinateError("A position needs both numbers.", fix='Give "lng" and "lat".')
        accuracy = self.accuracy_m or 0.0
        # Written so that NaN fails too.
        if not 0 <= accuracy <= MOST_ACCURACY_M:
            fix = f"Give metres, up to {MOST_ACCURACY_M:g}, or nothing."
            raise CoordinateError(f"accuracy_m is {accuracy!r}.", fix=fix)
        if isinstance(self.reference, Datum) or self.reference.is_geographic:
            LngLat.checked(self.lng, self.lat)
        lng, lat = to_wgs84([self.lng], [self.lat], self.reference)
        return LngLat.checked(float(lng[0]), float(lat[0]))


Moves = Mapping[tuple[str, Spot], IssueChanges]
"""What an issue would be somewhere, by its uid and the spot."""


def ask_for_moves(
    generation: Generation, connection: Connection, wanted: Iterable[tuple[Issue, Spot]]
) -> Moves:
    """What the city says of new positions, by what the first report of each issue wrote, and when.

    Spots that are none are left out.
    """
    places: dict[tuple[str, Spot], tuple[Issue, LngLat]] = {}
    for issue, spot in wanted:
        with suppress(CoordinateError):
            places[issue.uid, spot] = issue, spot.place()
    if not places:
        return {}
    first = first_reports(connection, {uid for uid, _ in places})
    answers = assign(
        generation,
        [place.lng for _, place in places.values()],
        [place.lat for _, place in places.values()],
        category=[issue.category for issue, _ in places.values()],
        accuracy_m=[spot.accuracy_m or 0.0 for _, spot in places],
        level=generation.config.usual.level,
        text=[first[uid].text for uid, _ in places],
        occurred_at=[np.datetime64(first[uid].occurred_us, "us") for uid, _ in places],
    )
    proofs = prove_all(answers)
    return {key: fields_of(answers, row, proofs[row]) for row, key in enumerate(places)}
