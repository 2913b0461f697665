"""One box for everything: coordinates, issues, cells, streets, assets and places, the best first."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import shapely

from layers.actors import Actor
from layers.findings import Lang
from layers.generation import NONE, Generation
from layers.issue_features import Names
from layers.life_cycle import State, word
from layers.live import LiveCity
from layers.open_rows import TURNS
from layers.place_names import PlaceFinder
from layers.search_positions import Meaning, meanings
from layers.search_text import folded
from layers.store.filters import IssueFilter, Sought
from layers.store.issues import issues_named
from layers.store.values import Issue

Json = dict[str, Any]
Ranked = tuple[int, Json]  # the way of it, as `layers.search_text.Tier` has it

POINT, ISSUE, PLACE = "point", "issue", "place"
DATUMS = {"wgs84": "WGS-84", "gcj02": "GCJ-02", "bd09": "BD-09", "cgcs2000": "CGCS2000"}
_NUMBER = re.compile(r"#?(\d{1,8}(?:-\d{1,9})?|-\d{1,9})", re.ASCII)
_UID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)
_OUTSIDE = 2  # the way of coordinates that lie elsewhere: two numbers may be something else
_LEAST_PART = 3  # digits of a number that are looked for anywhere in it
_SAID = {
    "read": ("按 {datum} 坐标", "read as {datum}"),
    "swapped": ("纬度在前", "latitude first"),
    "outside": ("不在本市网格内", "outside the city's grid"),
}


def search(
    live: LiveCity, text: str, actor: Actor, within: IssueFilter, limit: int, now_us: int
) -> list[Json]:
    """What a text may mean, the best first.

    What it is comes before what begins with it, that before what has it; of equal ones issues come first,
    then positions, cells, streets, areas, assets and places.

    Args:
        within: which issues the actor may see.
    """
    words = live.words
    generation = words.generation
    found: list[Ranked] = [
        (_OUTSIDE if one.leaf == NONE else 0, _point(generation, one)) for one in meanings(generation, text)
    ]
    found = [*_issues(live, text, actor, within, limit, now_us), *found]
    found += [(tier.way, said) for tier, said in words.places.find(text, limit)]
    found.sort(key=lambda one: one[0])
    results = [said for _, said in found]
    is_named = bool(found) and found[0][0] == 0
    place = None if is_named else _place(words.finder, text)
    if place is not None and place["label"] not in {said["label"] for said in results}:
        results.append(place)
    return results[:limit]


def _point(generation: Generation, meaning: Meaning) -> Json:
    datum = DATUMS.get(meaning.read_as, meaning.read_as)
    cell = "" if meaning.leaf == NONE else generation.cells.name[meaning.leaf]

    def detail(at: int) -> str:
        parts = [_SAID["read"][at].format(datum=datum), _SAID["swapped"][at] if meaning.swapped else ""]
        return " · ".join(filter(None, [*parts, cell or _SAID["outside"][at]]))

    return {
        "kind": POINT,
        "label": f"{meaning.lng:.6f}, {meaning.lat:.6f}",
        "lng": meaning.lng,
        "lat": meaning.lat,
        "bbox": None,
        "id": None,
        "layer": meaning.read_as,
        "detail": {"zh": detail(0), "en": detail(1)},
    }


def _issues(
    live: LiveCity, text: str, actor: Actor, within: IssueFilter, limit: int, now_us: int
) -> list[Ranked]:
    """The issue of this number or id, whatever became of it; then open ones by a part of their numbers."""
    asked = text.strip()
    number = _NUMBER.fullmatch(asked)
    if number is None and not _UID.fullmatch(asked):
        return []
    said = asked if number is None else number[1]
    with live.store.reading() as connection:
        exact = [
            one for one in issues_named(connection, {said.lower()}).values() if actor.sees(one.cell_path)
        ]
    found = [(0, issue) for issue in exact]
    if number is not None and not exact:
        found += _parts(live, said, within, limit, now_us)
    return [(way, _issue(issue, live.words.names)) for way, issue in found]


def _parts(
    live: LiveCity, said: str, within: IssueFilter, limit: int, now_us: int
) -> list[tuple[int, Issue]]:
    """Open issues with that turn on any day, then those with it anywhere in their numbers; newest first."""
    turn = said.lstrip("-")
    view = live.open.view(within, now_us=now_us)
    found: list[tuple[int, Issue]] = []
    if "-" not in turn:
        same = np.flatnonzero(view.number % TURNS == int(turn))
        found += [(1, issue) for issue in view.issues(_newest(view.number, same, limit))]
    if len(said) >= _LEAST_PART:
        view = live.open.view(replace(within, sought=(Sought(said),)), now_us=now_us)
        at = _newest(view.number, np.arange(len(view)), limit)
        known = {issue.uid for _, issue in found}
        found += [(2, issue) for issue in view.issues(at) if issue.uid not in known]
    return found


def _newest(number: Any, rows: Any, limit: int) -> Any:
    return rows[np.argsort(-number[rows], kind="stable")][:limit]


def _issue(issue: Issue, names: Names) -> Json:
    cell, owner = names.cells.get(issue.cell_path, ""), names.owners.get(issue.owner_id or "", "")
    category = names.categories.get(issue.category, {})

    def detail(lang: Lang) -> str:
        state = word(lang, State(issue.status))
        return " · ".join(filter(None, [state, category.get(lang, issue.category), cell, owner]))

    return {
        "kind": ISSUE,
        "label": issue.number,
        "lng": issue.lng,
        "lat": issue.lat,
        "bbox": None,
        "id": issue.uid,
        "layer": issue.status,
        "detail": {"zh": detail("zh"), "en": detail("en")},
    }


def _place(finder: PlaceFinder, text: str) -> Json | None:
    """What understands words makes of it."""
    found = finder.find(text) if folded(text) else None
    if found is None:
        return None
    at = found.geometry.representative_point()
    box: list[float] = shapely.total_bounds(found.geometry).tolist()
    reach = f"± {found.radius_m:.0f} m" if found.radius_m else ""
    return {
        "kind": PLACE,
        "label": found.label,
        "lng": at.x,
        "lat": at.y,
        "bbox": box if box[:2] != box[2:] else None,
        "id": None,
        "layer": None,
        "detail": {
            "zh": " ".join(filter(None, ["地点", reach])),
            "en": " ".join(filter(None, ["place", reach])),
        },
    }
