"""Issues as GeoJSON: the same bytes, whether an issue comes from memory or from the store.

What there is none of is null, and so is a name that the generation does not know. An issue holds nothing that
leads to a person, so neither does its feature.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
import shapely

from layers.claims import held_until
from layers.generation import Generation
from layers.life_cycle import queue_of
from layers.store.values import Issue
from layers.time_limits import is_overdue, shipped_limits
from layers.times import time_text

_TAIL = {False: b',"overdue":false}}', True: b',"overdue":true}}'}


@dataclass(frozen=True, eq=False, slots=True)
class Names:
    """What the codes of a generation are called; made once for each.

    Attributes:
        categories: names by language, by code.
        cells: names, by path.
        owners: names, by id.
        claim_us: how long a claim holds.
    """

    categories: Mapping[str, Mapping[str, str]]
    cells: Mapping[str, str]
    owners: Mapping[str, str]
    claim_us: int = shipped_limits().claim_us


def names_of(generation: Generation) -> Names:
    """The names of a generation."""
    categories = generation.config.categories
    return Names(
        {code: {"zh": said.name("zh"), "en": said.name("en")} for code, said in categories.items()},
        dict(zip(generation.cells.path, generation.cells.name, strict=True)),
        {owner.id: owner.name for owner in generation.owners},
        generation.config.limits.claim_us,
    )


def feature(issue: Issue, names: Names, now_us: int) -> bytes:
    """The GeoJSON feature of an issue, as it stands at a time in microseconds since 1970 UTC.

    Its geometry is the issue's line or area, else the point of its position, else null.
    """
    return head(issue, names) + tail(is_overdue(issue.status, issue.due_us, now_us))


def head(issue: Issue, names: Names) -> bytes:
    """The part of a feature that holds until the issue or the names change; `tail` ends it."""
    said = {
        "type": "Feature",
        "id": issue.uid,
        "geometry": _geometry(issue),
        "properties": {**_kind(issue, names), **_place(issue, names), **_course(issue, names)},
    }
    return orjson.dumps(said)[:-2]


def tail(overdue: bool) -> bytes:
    """The end of a feature, which depends on the time it is asked for."""
    return _TAIL[overdue]


def collection(features: Sequence[bytes], **members: Any) -> bytes:
    """A FeatureCollection of features as they are, with further members before them."""
    said = orjson.dumps({"type": "FeatureCollection", **members})
    return b"".join((said[:-1], b',"features":[', b",".join(features), b"]}"))


def _kind(issue: Issue, names: Names) -> dict[str, Any]:
    return {
        "number": issue.number,
        "status": issue.status,
        "queue": queue_of(issue.status, has_owner=issue.owner_id is not None),
        "category": issue.category or None,
        "category_name": names.categories.get(issue.category),
    }


def _place(issue: Issue, names: Names) -> dict[str, Any]:
    owner = issue.owner_id
    return {
        "cell_code": issue.cell_code or None,
        "cell_name": names.cells.get(issue.cell_path),
        "cell_path": issue.cell_path or None,
        "owner_id": owner,
        "owner_name": None if owner is None else names.owners.get(owner),
        "asset_kind": issue.asset_kind,
        "asset_id": issue.asset_id,
        "certainty": issue.certainty or None,
        "owner_share": issue.owner_share,
        "generation": issue.generation or None,
    }


def _course(issue: Issue, names: Names) -> dict[str, Any]:
    until = held_until(issue, names.claim_us)
    return {
        "flags": issue.flags.split(",") if issue.flags else [],
        "merged_into": issue.merged_into,
        "report_count": issue.report_count,
        "claimed_by": issue.claimed_by,
        "claimed_until": None if until is None else time_text(until),
        "version": issue.version,
        "seq": issue.seq,
        "created_at": time_text(issue.created_us),
        "updated_at": time_text(issue.updated_us),
        "due_at": None if issue.due_us is None else time_text(issue.due_us),
    }


def _geometry(issue: Issue) -> Mapping[str, Any] | None:
    if issue.geometry is not None:
        shape: Mapping[str, Any] = shapely.from_wkb(issue.geometry).__geo_interface__
        return shape
    if issue.lng is None or issue.lat is None:
        return None
    return {"type": "Point", "coordinates": (issue.lng, issue.lat)}
