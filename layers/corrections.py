"""What staff have said of where words are: asked again, one and all, as a test of the city as it is now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from layers.city import City
from layers.correction_scopes import scope_now
from layers.gazetteer_entries import NONE
from layers.generation import Generation, load_live
from layers.geocoder import Geocoder
from layers.geocoding_corrections import ActiveCorrections
from layers.store.corrections import active_corrections
from layers.store.store import STORE, open_readers
from layers.store.values import Correction

__all__ = ["ActiveCorrections", "Correction", "Replayed", "read_corrections", "replay", "replay_city"]

RIGHT_M = 30.0  # an answer so near is the place that was meant, however exact that was said

Place = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Replayed:
    """A correction, and what its words are answered with now.

    Attributes:
        scope: path of the cell in which it was asked; empty where the place lies in no cell any more.
        expected: lng and lat that staff said.
        answered: lng and lat of the answer; None where there is none, or more than one.
        distance_m: between these two.
        right: whether the answer is within `RIGHT_M`, or the correction's radius where that is more.
        needed: whether it would be wrong without corrections; one that is not can be revoked.
    """

    uid: str
    text: str
    scope: str
    expected: Place
    answered: Place | None
    distance_m: float | None
    right: bool
    needed: bool


def replay(geocoder: Geocoder, corrections: Sequence[Correction]) -> list[Replayed]:
    """Ask for the words of each active correction in its cell, with all of them, and without any.

    Args:
        geocoder: of the generation to be tested; its own corrections are left out.
        corrections: those that are revoked are passed over.
    """
    active = [one for one in corrections if one.is_active]
    with_all = geocoder.with_corrections(ActiveCorrections(active))
    without = geocoder.with_corrections(ActiveCorrections())
    return [_replayed(one, with_all, without) for one in active]


def replay_city(city: City) -> list[Replayed]:
    """`replay` of a city's corrections by its live generation; only read, while others may write.

    Raises:
        CityError: nothing was imported yet, or a newer program wrote the store.
        StoreUnavailableError: the store cannot be read.
    """
    corrections = read_corrections(city)
    return replay(Geocoder(load_live(city)), corrections) if corrections else []


def read_corrections(city: City) -> tuple[Correction, ...]:
    """The active corrections of a city; none where it has no store yet."""
    if not (city.folder / STORE).is_file():
        return ()
    readers = open_readers(city.folder / STORE)
    try:
        with readers.reading() as connection:
            return active_corrections(connection)
    finally:
        readers.close()


def _replayed(one: Correction, with_all: Geocoder, without: Geocoder) -> Replayed:
    generation = with_all.city.generation
    cell = scope_now(generation, one.cell_path, one.lng, one.lat)
    scope = "" if cell == NONE else str(generation.cells.path[cell])
    answered, bare = (_answered(geocoder, one.text, scope) for geocoder in (with_all, without))
    far_m = _distance_m(generation, one, answered)
    enough_m = max(one.radius_m, RIGHT_M)
    bare_m = _distance_m(generation, one, bare)
    return Replayed(
        one.uid, one.text, scope, (one.lng, one.lat), answered, far_m,
        right=far_m is not None and far_m <= enough_m,
        needed=bare_m is None or bare_m > enough_m,
    )  # fmt: skip


def _answered(geocoder: Geocoder, text: str, scope: str) -> Place | None:
    best = geocoder.geocode(text, within=scope).best
    return None if best is None else (best.lng, best.lat)


def _distance_m(generation: Generation, one: Correction, place: Place | None) -> float | None:
    if place is None:
        return None
    x, y = generation.metric.points(np.array([one.lng, place[0]]), np.array([one.lat, place[1]]))
    return float(np.hypot(x[1] - x[0], y[1] - y[0]))
