"""What ``woodpecker geocode --replay`` does: the corrections of staff, asked again as a test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from api.screen import counted, result_json, say, table, working

if TYPE_CHECKING:
    from layers.corrections import Replayed

_COLUMNS = ("text", "cell", "distance_m", "right", "needed")


def replayed(folder: Path, *, as_json: bool) -> int:
    """Ask again what staff have corrected, and say what came of it; returns how many answers are wrong.

    Raises:
        CityError: there is no city, or nothing was imported yet.
    """
    from layers.city import open_city
    from layers.corrections import replay_city

    with working("Asking again …"):
        found = replay_city(open_city(folder))
    wrong = sum(not one.right for one in found)
    spare = sum(one.right and not one.needed for one in found)
    if as_json:
        rows = [asdict(one) for one in found]
        result_json({"corrections": len(found), "wrong": wrong, "spare": spare, "replayed": rows})
    else:
        _show(found, wrong, spare)
    return wrong


def _show(found: Sequence[Replayed], wrong: int, spare: int) -> None:
    if not found:
        say("Nothing was corrected yet, so there is nothing to ask again.")
        return
    table(_COLUMNS, [_row(one) for one in found])
    say(f"{counted(len(found), 'correction')} asked again, {wrong} answered wrong.")
    if spare:
        say(f"{spare} would be answered right without a correction, which may be revoked (its id: --json).")


def _row(one: Replayed) -> tuple[object, ...]:
    far = "" if one.distance_m is None else f"{one.distance_m:.1f}"
    return one.text, one.scope.rpartition("/")[2], far, _said(one.right), _said(one.needed)


def _said(yes: bool) -> str:
    return "yes" if yes else "no"
