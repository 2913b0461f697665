"""Which words staff may have remembered, and for which cell: checked before anything is kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from geo.civic_reading import Mention, Reading
from geo.errors import NotAllowed, WrongRole
from geo.names_words import key_of
from layers.actors import Actor
from layers.correction_scopes import cell_of_path, leaf_at, named_scope, usual_scope
from layers.gazetteer_entries import NONE
from layers.generation import Generation
from layers.life_cycle import Role
from layers.store.corrections import NewCorrection
from layers.store.values import Issue

LEAST_WORDS, MOST_WORDS = 2, 200  # characters
LEAST_RADIUS_M = 5.0
WHOLE_M = 100.0  # with such a radius words may also be those of a whole street, river or cell
CORRECTORS = (Role.DISPATCHER, Role.ADMIN)
LEAST_SURE = 0.45
_GIVE_WORDS = 'Give the words themselves, such as "remember": "八里庙村社区老桥".'
_WIDE = '"radius_m" of a correction, "accuracy_m" of a move'
_TIDY = " \t\r\n,.;:!?，。；：！？、~-"


class ReadsPlaces(Protocol):
    """Understands where words say that something is, as `layers.geocoding_corrections.CityWords` does."""

    def read(self, text: str) -> Sequence[Reading]:
        """The ways to understand a text, the best first."""
        ...

    def is_whole(self, name: Mention) -> bool:
        """Whether a name is that of a whole street, waterway or cell."""
        ...


def check_corrector(actor: Actor) -> None:
    """Refuse who may not say where words are.

    Raises:
        WrongRole: neither dispatcher nor administrator.
    """
    if actor.role not in CORRECTORS:
        raise WrongRole(
            f"Words are not remembered for the role {actor.role.value!r}.",
            fix="Move it without 'remember'; a dispatcher or an administrator can have words remembered.",
        )


def words_in(places: ReadsPlaces, text: str) -> str:
    """The words of a report that say where it is: no room, and nothing else that was told.

    Raises:
        NotAllowed: it has none.
    """
    best = next((one for one in places.read(text) if _is_sure(one)), None)
    if best is None:
        said = "has no words" if not text.strip() else "says no place in its words"
        raise NotAllowed(f"The first report of the issue {said}.", fix=_GIVE_WORDS)
    words = text[best.start : best.end]
    if best.unit and best.unit in words:
        words = words.replace(best.unit, "", 1)
    return words


def new_correction(
    generation: Generation,
    places: ReadsPlaces,
    actor: Actor,
    words: str,
    lng: float,
    lat: float,
    *,
    radius_m: float = 0.0,
    cell_path: str = "",
    scope: str = "",
    issue: Issue | None = None,
) -> NewCorrection:
    """What an actor wants remembered, with nothing against it.

    Args:
        words: as a person says them.
        lng, lat: WGS-84.
        radius_m: how wrong that may be; at least `LEAST_RADIUS_M` is kept.
        cell_path: of the leaf cell that the place was found in; empty to look.
        scope: code, path or name of one of the cells that hold it, in place of the usual one.
        issue: that is moved there.

    Raises:
        WrongRole: the actor may not.
        NotAllowed: the words name no place, or too much; or the place lies in no cell, or not in that one.
    """
    check_corrector(actor)
    leaf = cell_of_path(generation, cell_path) if cell_path else leaf_at(generation, lng, lat)
    if leaf == NONE:
        raise NotAllowed("The place lies in no cell: no words can mean it there.", fix="Move it into one.")
    cell = named_scope(generation, leaf, scope) if scope else usual_scope(generation, leaf)
    path = str(generation.cells.path[cell])
    if not actor.sees(path):
        fix = "Leave the cell out, or have somebody do it whose key is for the whole of it."
        raise NotAllowed(f"Cell {path} is more than you may act in.", fix=fix)
    kept_m = max(radius_m, LEAST_RADIUS_M)
    text = checked_words(places, words, str(generation.cells.name[cell]), kept_m)
    uid = None if issue is None else issue.uid
    return NewCorrection(text, key_of(text), path, lng, lat, kept_m, uid)


def checked_words(places: ReadsPlaces, words: str, area: str, radius_m: float) -> str:
    """The words, tidied.

    Args:
        area: name of the cell in which they are to mean a place.
        radius_m: of the place.

    Raises:
        NotAllowed: they are too short or too long, name no place, or name a whole street for one spot of it.
    """
    text = " ".join(words.split()).strip(_TIDY)
    if not LEAST_WORDS <= len(text) <= MOST_WORDS or not text.isprintable() or not key_of(text):
        fix = f"Give {LEAST_WORDS} to {MOST_WORDS} characters on one line, such as 老桥."
        raise NotAllowed(f"{text[:60]!r} cannot be remembered as words of a place.", fix=fix)
    readings = places.read(text)
    is_name = any(_is_sure(one) or (one.start, one.end) == (0, len(text)) for one in readings)
    if not is_name and not _is_name_in(places, text, area):
        fix = (
            "Give a name with what it is, such as 老桥, 三角地菜场 or 65幢; common words are in every report."
        )
        raise NotAllowed(f"{text[:60]!r} names no place.", fix=fix)
    if radius_m < WHOLE_M and readings and _is_whole(places, readings[0]):
        fix = f"Add what tells the spot, such as a number; or give {WHOLE_M:g} m or more: {_WIDE}."
        raise NotAllowed(f"{text[:60]!r} is a whole street, river or cell, and not one spot of it.", fix=fix)
    return text


def _is_sure(reading: Reading) -> bool:
    """Whether words are a place by more than that they stand alone."""
    return reading.score >= LEAST_SURE or any(name.known for name in reading.names)


def _is_name_in(places: ReadsPlaces, text: str, area: str) -> bool:
    """Whether words are read as a name at least where their area stands before them."""
    asked = f"{area}{text}"
    readings = [reading for reading in places.read(asked) if reading.score >= LEAST_SURE]
    names = [name for reading in readings for name in reading.names]
    return any(name.end > len(area) for name in names)


def _is_whole(places: ReadsPlaces, reading: Reading) -> bool:
    """Whether a reading is of nothing but the name of a street, river or cell."""
    main, others = reading.main, [name for name in reading.names if name.role == "cross"]
    numbers = (reading.number, reading.building, reading.chainage_m, reading.group, reading.relation)
    if main is None or others or reading.code or reading.thing or reading.is_crossing:
        return False
    return all(one is None for one in numbers) and places.is_whole(main)
