"""Words that are remembered with a move: found in the report, kept with the event, taken back by an undo."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo.errors import NotAllowed
from layers.correction_words import check_corrector, new_correction, words_in
from layers.store.corrections import By, NewCorrection, make_correction, take_back
from layers.store.private import first_reports
from layers.store.values import Json

if TYPE_CHECKING:  # it names what is here
    from layers.action_changes import Case, Change

CORRECTION = "correction"
"""In an event of an issue: uid of the correction that was made, or taken back, with it."""


def remembered(case: Case, cell_path: str) -> NewCorrection | None:
    """The words that mean the new position of a move from now on; None where nobody asked for that.

    Args:
        cell_path: of the leaf cell there.

    Raises:
        WrongRole: the actor may not.
        NotAllowed: there are no words, or none that can be remembered for the place.
    """
    asked, places = case.asked, case.places
    if not asked.remember:
        if asked.remember_in:
            fix = 'Give "remember": true, or the words.'
            raise NotAllowed("A cell is named, and no words that mean the place in it.", fix=fix)
        return None
    check_corrector(case.actor)
    if places is None:
        raise NotAllowed("Words are not remembered here.", fix="Ask the service of the city.")
    if isinstance(asked.remember, str):
        words = asked.remember
    else:
        uid = case.issue.uid
        words = words_in(places, first_reports(case.book.connection, {uid})[uid].text)
    place = asked.spot.place()
    return new_correction(
        case.generation, places, case.actor, words, place.lng, place.lat,
        radius_m=asked.accuracy_m or 0.0, cell_path=cell_path, scope=asked.remember_in, issue=case.issue,
    )  # fmt: skip


def keep_words(case: Case, change: Change) -> Json:
    """Make or take back the correction of a change; returns what the event of the issue tells of it."""
    by = By(case.at_us, case.actor.name, case.asked.reason.strip())
    connection, note = case.book.connection, case.book.note
    if change.remembers is not None:
        return {CORRECTION: make_correction(connection, change.remembers, by, note=note).correction.uid}
    if change.takes_back is not None:
        take_back(connection, change.takes_back, by, note=note)
        return {CORRECTION: change.takes_back}
    return {}
