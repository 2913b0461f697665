"""Which issues a request asks for: the query of GET /v1/issues as a filter."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from geo.errors import CoordinateError, StoreError
from geo.types import Bbox
from layers.actors import Actor
from layers.generation import Cells, Generation
from layers.life_cycle import DONE, State
from layers.open_issues import OPEN
from layers.rule_times import time_said
from layers.seeking import sought_in
from layers.store.filters import IssueFilter
from layers.store.paging import read_cursor
from layers.times import micros, now_us

MOST_PAGE = 1000
OPEN_WORD, DONE_WORD = "open", "done"
ME, NOBODY, NO_CERTAINTY = "me", "nobody", "none"
_CERTAINTY = ("certain", "likely", "ambiguous", NO_CERTAINTY)
_TIMES = ("since", "created_since", "created_until", "updated_since", "due_before")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f]")
_NOWHERE = ("\0",)  # a path that no cell has
_STATUS = {OPEN_WORD: OPEN, DONE_WORD: DONE} | {state.value: (state,) for state in State}
_EXAMPLES = {"status": "open", "category": "0118", "bbox": "120.84,31.99,120.88,32.03", "limit": 100}

Words = Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=50)]


class IssueFilters(BaseModel):
    """Which issues; several of a kind, or one with commas, mean any of them."""

    model_config = ConfigDict(extra="forbid")

    status: Words = Field([], description=f"{', '.join(_STATUS)}.", examples=["open"])
    category: Words = Field([], description="Codes.", examples=["0118"])
    cell: Words = Field([], description="Codes of cells at any level; those below them count.")
    owner: Words = Field([], description="Ids of owners.")
    unassigned: bool = Field(False, description="Only those that nobody answers for.")
    bbox: str = Field(
        "", max_length=200, description="west,south,east,north in degrees; west > east crosses 180°.",
        examples=["120.84,31.99,120.88,32.03"],
    )  # fmt: skip
    since: str = Field("", max_length=40, description="Opened then or later (RFC 3339).")
    updated_since: str = Field("", max_length=40, description="Changed then or later.")
    created_since: str = Field("", max_length=40, description="The same as `since`; of both, the later.")
    created_until: str = Field("", max_length=40, description="Opened then or earlier.")
    due_before: str = Field("", max_length=40, description="With a limit that ends before then.")
    overdue: bool | None = Field(None, description="Whether the limit is over and somebody still at work.")
    certainty: Words = Field([], description=f"{', '.join(_CERTAINTY)}.", examples=["ambiguous"])
    flag: Words = Field([], description="Has one of these flags.", examples=["owner_differs"])
    claimed: Words = Field([], description="`me`, `nobody`, or who; a claim that has lapsed is nobody's.")
    text: str = Field(
        "", max_length=200, examples=["lamp"],
        description="Words, all of which stand in its number, in the names of its category or owner, or in "
        "what was reported, where that may be read.",
    )  # fmt: skip

    @field_validator("status", "category", "cell", "owner", "certainty", "flag", "claimed", mode="after")
    @classmethod
    def _split(cls, words: list[str]) -> list[str]:
        return [part for word in words for part in word.split(",") if part]

    @field_validator("status", mode="after")
    @classmethod
    def _known(cls, words: list[str]) -> list[str]:
        if unknown := [word for word in words if word not in _STATUS]:
            raise ValueError(f"{unknown[0]!r} is no status; known: {', '.join(_STATUS)}")
        return words

    @field_validator("bbox", mode="after")
    @classmethod
    def _a_box(cls, said: str) -> str:
        boxes(said)
        return said

    @field_validator("certainty", mode="after")
    @classmethod
    def _a_certainty(cls, words: list[str]) -> list[str]:
        if unknown := [word for word in words if word not in _CERTAINTY]:
            raise ValueError(f"{unknown[0]!r} is no certainty; known: {', '.join(_CERTAINTY)}")
        return words

    @field_validator("text", mode="after")
    @classmethod
    def _printable(cls, said: str) -> str:
        if found := _UNPRINTABLE.search(said):
            raise ValueError(f"holds the control character {found[0]!r}")
        return said

    @field_validator(*_TIMES, mode="after")
    @classmethod
    def _a_time(cls, said: str) -> str:
        if said and time_said(said, ZoneInfo("UTC")) is None:
            raise ValueError("is no time, such as 2026-11-21T19:30:00Z (write + as %2B)")
        return said

    def filter(
        self, generation: Generation, actor: Actor, zone: ZoneInfo, now: int | None = None
    ) -> IssueFilter:
        """The filter, within what the actor may see.

        Args:
            now: what is overdue then, microseconds since 1970 UTC, and which claims hold; None is now.
        """
        status = tuple(dict.fromkeys(state.value for word in self.status for state in _STATUS[word]))
        at_us = now_us() if now is None else now
        since = [_micros(self.since, zone), _micros(self.created_since, zone)]
        return IssueFilter(
            status=status,
            category=tuple(self.category),
            owner=tuple(self.owner),
            cell_paths=_paths(generation.cells, self.cell, actor.cells),
            boxes=boxes(self.bbox),
            since_us=max((one for one in since if one is not None), default=None),
            updated_since_us=_micros(self.updated_since, zone),
            unassigned=self.unassigned,
            certainty=tuple("" if word == NO_CERTAINTY else word for word in self.certainty),
            flags=tuple(self.flag),
            created_until_us=_micros(self.created_until, zone),
            due_before_us=_micros(self.due_before, zone),
            late_us=at_us if self.overdue is True else None,
            in_time_us=at_us if self.overdue is False else None,
            claimed_by=tuple(actor.name if who == ME else who for who in self.claimed if who != NOBODY),
            unclaimed=NOBODY in self.claimed,
            claimed_after_us=at_us - generation.config.limits.claim_us if self.claimed else 0,
            sought=sought_in(generation, self.text, private=actor.reads_private),
        )


class IssueQuery(IssueFilters):
    """What may stand in the query of a page of issues."""

    order: Literal["oldest", "newest"] = Field("oldest", description="By the last change.")
    limit: int = Field(100, ge=1, le=MOST_PAGE)
    cursor: str = Field("", max_length=100, description="`next` of the page before; filters unchanged.")

    @field_validator("cursor", mode="after")
    @classmethod
    def _of_this_list(cls, cursor: str, info: ValidationInfo) -> str:
        try:
            if cursor and "order" in info.data:
                read_cursor(cursor, info.data["order"] == "newest")
        except StoreError as error:
            raise ValueError(f"{error.message} {error.fix}") from error
        return cursor


def boxes(said: str) -> tuple[Bbox, ...]:
    """The boxes that ``west,south,east,north`` means: two where it crosses the antimeridian, none if empty.

    Raises:
        ValueError: it means none.
    """
    if not said:
        return ()
    try:
        west, south, east, north = (float(part) for part in said.split(","))
        if west <= east:
            return (Bbox(west, south, east, north),)
        return Bbox(west, south, 180.0, north), Bbox(-180.0, south, east, north)
    except CoordinateError as error:
        raise ValueError(f"{error.message} {error.fix}") from error
    except ValueError as error:
        raise ValueError(f"{said!r} is no box; give west,south,east,north in degrees") from error


def own_issues(generation: Generation, actor: Actor) -> IssueFilter:
    """All issues that an actor may see."""
    return IssueFilter(cell_paths=_of(generation.cells, actor.cells))


def _paths(cells: Cells, asked: Iterable[str], confined: Iterable[str]) -> tuple[str, ...]:
    """The cells that are asked for, within those that somebody is confined to; nothing said is everywhere."""
    wanted, own = _of(cells, asked), _of(cells, confined)
    if not own or not wanted:
        return wanted or own
    inner = [a for a in wanted for b in own if _is_below(a, b)]
    inner += [b for a in wanted for b in own if _is_below(b, a) and a != b]
    return tuple(dict.fromkeys(inner)) or _NOWHERE


def _of(cells: Cells, codes: Iterable[str]) -> tuple[str, ...]:
    """The paths of the cells with one of the codes; a path that there is none of where no cell has."""
    if not (wanted := set(codes)):
        return ()
    found = [str(path) for code, path in zip(cells.code, cells.path, strict=True) if code in wanted]
    return tuple(found) or _NOWHERE


def _is_below(path: str, other: str) -> bool:
    return path == other or path.startswith(other + "/")


def _micros(said: str, zone: ZoneInfo) -> int | None:
    time = time_said(said, zone) if said else None
    return None if time is None else micros(time)
