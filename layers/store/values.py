"""What goes into the store and what comes out of it.

Times are microseconds since 1970 UTC. Positions are degrees, longitude first; None is no position.
Digests are SHA-256 in hex.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypedDict

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Private:
    """What a report holds of a person; can be erased, never enters the events.

    Attributes:
        reporter: who sent it: what erasing goes by.
        contact: how to answer.
        text: what was written, as it came.
        photos: SHA-256 of the photos.
        sources: other positions that came with it, such as a photo's, as JSON; empty where none.
    """

    reporter: str = ""
    contact: str = ""
    text: str = ""
    photos: tuple[str, ...] = ()
    sources: str = ""


@dataclass(frozen=True, slots=True)
class NewReport:
    """A message from outside, to be stored as it came.

    Attributes:
        external_id: its id in its channel; the same again is the same report, with another body a conflict.
        body_digest: of the body as it was sent; kept salted.
        zone_assumed: whether its time had no zone and took the city's.
        lng, lat: as declared, in ``datum``.
        accuracy_m, level: None where nothing was said.
        geometry: WKB of a line, an area or a place known as an area, in ``datum``.
        generation: the generation that answered.
    """

    channel: str
    received_us: int
    occurred_us: int
    body_digest: str
    external_id: str | None = None
    zone_assumed: bool = False
    lng: float | None = None
    lat: float | None = None
    datum: str = "wgs84"
    accuracy_m: float | None = None
    level: float | None = None
    geometry: bytes | None = None
    category: str = ""
    generation: str = ""
    private: Private = field(default_factory=Private)


@dataclass(frozen=True, slots=True)
class NewIssue:
    """The thing to dispatch that a report opens.

    Attributes:
        lng, lat: WGS-84; what boxes are compared with.
        geometry: WKB, WGS-84, of a line or an area.
        cell_path: codes from the top, joined by ``/``; empty outside.
        owner_id: the lead owner; None waits in the unassigned queue.
        assignment: the proof (`layers.proof`). The text in its report is kept with what is private.
        flags: codes of what wants a look, joined by ``,``.
        merged_into: uid of the issue that it was merged into.
        claimed_by, claimed_us: who has taken it up to look at it, and since when; see `layers.claims`.
    """

    status: str = "received"
    category: str = ""
    lng: float | None = None
    lat: float | None = None
    geometry: bytes | None = None
    cell_code: str = ""
    cell_path: str = ""
    owner_id: str | None = None
    asset_kind: str | None = None
    asset_id: str | None = None
    certainty: str = ""
    owner_share: float | None = None
    assignment: Json | None = None
    generation: str = ""
    due_us: int | None = None
    flags: str = ""
    merged_into: str | None = None
    claimed_by: str | None = None
    claimed_us: int | None = None


class IssueChanges(TypedDict, total=False):
    """The fields of an issue that a change may name; as in `NewIssue`.

    The assignment may also be the SHA-256 of a proof that is stored: an undo puts an earlier one back by it.
    """

    status: str
    category: str
    lng: float | None
    lat: float | None
    geometry: bytes | None
    cell_code: str
    cell_path: str
    owner_id: str | None
    asset_kind: str | None
    asset_id: str | None
    certainty: str
    owner_share: float | None
    assignment: Json | str | None
    generation: str
    due_us: int | None
    flags: str
    merged_into: str | None
    claimed_by: str | None
    claimed_us: int | None


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue as it stands.

    Attributes:
        uid: the UUIDv7 that programs know it by.
        number: what people say, ``20261121-0042``.
        assignment: SHA-256 of its proof; `layers.store.assignments.read_assignment` has the proof.
        report_count: how many reports it has.
        version: goes up by one with every change; a change names the one it saw.
        seq: of its last event. Every change of any issue has a greater one than all before.
    """

    uid: str
    number: str
    status: str
    category: str
    lng: float | None
    lat: float | None
    geometry: bytes | None
    cell_code: str
    cell_path: str
    owner_id: str | None
    asset_kind: str | None
    asset_id: str | None
    certainty: str
    owner_share: float | None
    assignment: str | None
    generation: str
    report_count: int
    created_us: int
    updated_us: int
    due_us: int | None
    flags: str
    merged_into: str | None
    version: int
    seq: int
    claimed_by: str | None = None
    claimed_us: int | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """A stored report, without what is private in it; fields as in `NewReport`."""

    uid: str
    issue_uid: str
    channel: str
    external_id: str | None
    received_us: int
    occurred_us: int
    zone_assumed: bool
    lng: float | None
    lat: float | None
    datum: str
    accuracy_m: float | None
    level: float | None
    geometry: bytes | None
    category: str
    generation: str


@dataclass(frozen=True, slots=True)
class Correction:
    """Words of which staff have said where they are: an alias of a place, good within a cell.

    Attributes:
        uid: a UUIDv7.
        text: the words; empty where they were erased.
        pattern: the same without what spellings differ in.
        cell_path: of the cell in which the words mean this place.
        lng, lat: WGS-84.
        radius_m: how wrong that may be, with 68 %.
        issue: number of the issue that was moved there; None where there was none.
        reason: why it was made.
        revoked_at_us: since when it holds no more; None while it is active.
        replaced_by: uid of the later one that took its place, where that is why.
        seq: of its last event.
    """

    uid: str
    text: str
    pattern: str
    cell_path: str
    lng: float
    lat: float
    radius_m: float
    made_at_us: int
    made_by: str
    issue: str | None = None
    reason: str = ""
    revoked_at_us: int | None = None
    revoked_by: str | None = None
    revoked_reason: str | None = None
    replaced_by: str | None = None
    seq: int = 0

    @property
    def is_active(self) -> bool:
        """Whether words are understood by it."""
        return self.revoked_at_us is None


@dataclass(frozen=True, slots=True)
class Event:
    """One change, as the chain holds it.

    Attributes:
        issue_uid: None where it concerns no single issue.
        before, after: the fields that changed; geometry as hex, the assignment as its SHA-256.
        private: a salted digest of what was private in a report.
    """

    seq: int
    issue_uid: str | None
    at_us: int
    actor: str
    kind: str
    reason: str
    before: Json
    after: Json
    private: Json
    prev_hash: str
    hash: str


@dataclass(frozen=True, slots=True)
class IssueRecord:
    """An issue with its reports and events, oldest first."""

    issue: Issue
    reports: tuple[Report, ...]
    events: tuple[Event, ...]
