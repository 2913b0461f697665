"""Which issues: conditions, and by which index they are looked for.

The database would choose the index itself, but does not know how many issues a box or a cell holds. So the
store counts, up to a few thousand: where one condition leaves few issues, they are fetched by its index and
sorted; otherwise the issues are walked in the order of the page until it is full.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    String,
    and_,
    exists,
    false,
    func,
    literal,
    not_,
    or_,
    select,
)

from geo.types import Bbox
from layers.life_cycle import AT_WORK, WAITING
from layers.store.quadkeys import quadkey_ranges
from layers.store.schema import ISSUES, PRIVATE, REPORTS

FEW = 5_000
_AFTER = chr(ord("/") + 1)  # sorts right after every path that goes on with a slash

Condition = ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class Sought:
    """A piece of text that somebody looks for, and where it counts.

    Large and small letters from A to Z are the same.

    Attributes:
        text: part of the number, or of what the first report says.
        category, owner: those whose names have it.
        private: whether it is looked for in what was reported.
    """

    text: str
    category: tuple[str, ...] = ()
    owner: tuple[str, ...] = ()
    private: bool = False


@dataclass(frozen=True, slots=True)
class IssueFilter:
    """Which issues: all conditions hold; an empty or missing one lets everything pass.

    Attributes:
        status, category, owner, certainty: one of these.
        flags: has one of these.
        cell_paths: the cell of one of these paths, or one below it.
        boxes: the position lies in one of them, edges included; a box across the antimeridian is two.
        since_us: opened then or later.
        updated_since_us: changed then or later.
        unassigned: without an owner.
        created_until_us: opened then or earlier.
        due_before_us: with a limit that ends before then.
        late_us, in_time_us: overdue then; not overdue then.
        claimed_by, unclaimed: claimed by one of these, or by nobody; of both, either.
        claimed_after_us: a claim holds if it was made later than then.
        sought: has all of these.
    """

    status: tuple[str, ...] = ()
    category: tuple[str, ...] = ()
    owner: tuple[str, ...] = ()
    cell_paths: tuple[str, ...] = ()
    boxes: tuple[Bbox, ...] = ()
    since_us: int | None = None
    updated_since_us: int | None = None
    unassigned: bool = False
    certainty: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    created_until_us: int | None = None
    due_before_us: int | None = None
    late_us: int | None = None
    in_time_us: int | None = None
    claimed_by: tuple[str, ...] = ()
    unclaimed: bool = False
    claimed_after_us: int = 0
    sought: tuple[Sought, ...] = ()


def plan(connection: Connection, wanted: IssueFilter) -> tuple[list[Condition], bool]:
    """The conditions of a filter, and whether they leave few issues, found by an index of their own."""
    counted = [(_count(connection, condition), turn) for turn, condition in enumerate(_ranges(wanted))]
    fewest, turn = min(counted, default=(FEW + 1, -1))
    if fewest > FEW:
        return [*_choices(wanted), *_places_and_times(wanted), *_others(wanted)], False
    choices = _choices(wanted, hide=True)
    return [_ranges(wanted)[turn], *choices, *_places_and_times(wanted), *_others(wanted)], True


def plain(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """The column's value as an expression, which no index serves."""
    return column.concat("") if isinstance(column.type, String) else column + 0


def _count(connection: Connection, condition: Condition) -> int:
    """How many issues there are, or one more than few."""
    some = select(ISSUES.c.id).where(condition).limit(FEW + 1).subquery()
    return connection.scalar(select(func.count()).select_from(some)) or 0


def _ranges(wanted: IssueFilter) -> list[Condition]:
    """Conditions that an index can serve on its own; a box's lets a little more pass than is in it."""
    columns = ISSUES.c
    conditions: list[Condition] = []
    if wanted.boxes:
        ranges = [one for box in wanted.boxes for one in quadkey_ranges(box)]
        conditions.append(or_(false(), *(columns.quadkey.between(first, last) for first, last in ranges)))
    if wanted.cell_paths:
        conditions.append(_below(columns.cell_path, wanted.cell_paths))
    if wanted.since_us is not None or wanted.created_until_us is not None:
        conditions.append(_created(columns.created_us, wanted))
    if wanted.updated_since_us is not None:
        conditions.append(columns.updated_us >= wanted.updated_since_us)
    return conditions


def _choices(wanted: IssueFilter, *, hide: bool = False) -> list[Condition]:
    """Conditions on words, whose indexes are in the order of pages, unless they are hidden."""
    columns = ISSUES.c
    conditions: list[Condition] = []
    for column, values in (
        (columns.status, wanted.status),
        (columns.category, wanted.category),
        (columns.owner_id, wanted.owner),
    ):
        if values:
            conditions.append((plain(column) if hide else column).in_(values))
    if wanted.unassigned:
        conditions.append((plain(columns.owner_id) if hide else columns.owner_id).is_(None))
    return conditions


def _places_and_times(wanted: IssueFilter) -> list[Condition]:
    """The exact conditions that belong to `_ranges`, served by no index."""
    columns = ISSUES.c
    conditions: list[Condition] = []
    if wanted.boxes:
        conditions.append(or_(false(), *map(_inside, wanted.boxes)))
    if wanted.cell_paths:
        conditions.append(_below(plain(columns.cell_path), wanted.cell_paths))
    if wanted.since_us is not None or wanted.created_until_us is not None:
        conditions.append(_created(plain(columns.created_us), wanted))
    if wanted.updated_since_us is not None:
        conditions.append(plain(columns.updated_us) >= wanted.updated_since_us)
    return conditions


def _created(column: ColumnElement[int], wanted: IssueFilter) -> Condition:
    since, until = wanted.since_us, wanted.created_until_us
    conditions = [] if since is None else [column >= since]
    return and_(*conditions, *([] if until is None else [column <= until]))


def _others(wanted: IssueFilter) -> list[Condition]:
    """The conditions that no index knows of."""
    columns = ISSUES.c
    conditions: list[Condition] = []
    if wanted.certainty:
        conditions.append(columns.certainty.in_(wanted.certainty))
    if wanted.flags:
        conditions.append(or_(false(), *map(_flagged, wanted.flags)))
    if wanted.due_before_us is not None:
        conditions.append(columns.due_us < wanted.due_before_us)
    if wanted.late_us is not None:
        conditions.append(_late(wanted.late_us))
    if wanted.in_time_us is not None:
        conditions.append(not_(func.coalesce(_late(wanted.in_time_us), false())))
    if wanted.claimed_by or wanted.unclaimed:
        conditions.append(_claimed(wanted))
    return [*conditions, *map(_has, wanted.sought)]


def _flagged(flag: str) -> Condition:
    return func.lower(literal(",").concat(ISSUES.c.flags).concat(",")).contains(
        f",{lowered(flag)},", autoescape=True
    )


def _late(at_us: int) -> Condition:
    """As `layers.time_limits.is_overdue`; NULL where there is no limit."""
    return and_(ISSUES.c.due_us < at_us, plain(ISSUES.c.status).in_([*WAITING, *AT_WORK]))


def _claimed(wanted: IssueFilter) -> Condition:
    """A claim that nobody made, or that does not hold any more, is nobody's."""
    by, at = ISSUES.c.claimed_by, ISSUES.c.claimed_us
    holds = and_(by.is_not(None), at.is_not(None), at > wanted.claimed_after_us)
    chosen: list[Condition] = [and_(holds, by.in_(wanted.claimed_by))] if wanted.claimed_by else []
    return or_(*chosen, *([not_(holds)] if wanted.unclaimed else []))


def _has(sought: Sought) -> Condition:
    """Whether the number, a name or the first report has a piece of text."""
    columns, said = ISSUES.c, lowered(sought.text)
    places: list[Condition] = [func.lower(columns.number).contains(said, autoescape=True)]
    if sought.category:
        places.append(plain(columns.category).in_(sought.category))
    if sought.owner:
        places.append(func.coalesce(plain(columns.owner_id).in_(sought.owner), false()))
    if sought.private:
        first = select(func.min(REPORTS.c.id)).where(REPORTS.c.issue_id == columns.id).scalar_subquery()
        text = func.lower(PRIVATE.c.text).contains(said, autoescape=True)
        places.append(exists().where(PRIVATE.c.report_id == first.correlate(ISSUES), text))
    return or_(*places)


def lowered(text: str) -> str:
    """The text with A to Z as small letters, and all others as they are, as databases do it."""
    return text.encode().lower().decode()


def _below(column: ColumnElement[str], paths: Iterable[str]) -> Condition:
    """The paths themselves and what goes on after a slash; ranges, so that an index serves them."""
    ranges = (or_(column == path, and_(column > f"{path}/", column < path + _AFTER)) for path in paths)
    return or_(false(), *ranges)


def _inside(box: Bbox) -> Condition:
    columns = ISSUES.c
    return and_(columns.lng.between(box.west, box.east), columns.lat.between(box.south, box.north))
