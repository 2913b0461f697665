"""One box for everything: coordinates, issues, cells, streets, assets and places, the best first."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from layers.actors import Actor
from layers.findings import Lang
from layers.generation import NONE, Generation
from layers.issue_features import Names
from layers.life_cycle import State, word
from layers.live import LiveCity
from layers.open_rows import TURNS
from layers.search_places import places
from layers.search_positions import Meaning, meanings
from layers.store.filters import IssueFilter, Sought
from layers.store.issues import issues_named
from layers.store.values import Issue

Json = dict[str, Any]
Ranked = tuple[int, Json]  # how well it fits, as `layers.search_places` has it

POINT, ISSUE = "point", "issue"
SAME_DEGREES = 1e-4  # about 10 m
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

    What it is comes before what begins with it, that before the place that it describes, and that before what
    has it or is nearly written so; of equal ones issues come first, then positions.

    Args:
        within: which issues the actor may see.
    """
    words = live.words
    generation = words.generation
    found: list[Ranked] = [
        (_OUTSIDE if one.leaf == NONE else 0, _point(generation, one)) for one in meanings(generation, text)
    ]
    found = [*_issues(live, text, actor, within, limit, now_us), *found]
    found += sorted(places(generation, words.geocoder, text, limit), key=_way)
    found.sort(key=_way)
    return _different([said for _, said in found])[:limit]


def _way(found: Ranked) -> int:
    return found[0]


def _different(results: Sequence[Json]) -> list[Json]:
    """The first of those that are the same for whoever reads them."""
    kept: list[Json] = []
    for one in results:
        if not any(_same(one, other) for other in kept):
            kept.append(one)
    return kept


def _same(one: Json, other: Json) -> bool:
    if one["id"] is not None and other["id"] is not None:
        return (one["kind"], one["layer"], one["id"]) == (other["kind"], other["layer"], other["id"])
    apart: float = max(abs(one["lng"] - other["lng"]), abs(one["lat"] - other["lat"]))
    return one["label"] == other["label"] and apart < SAME_DEGREES


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
