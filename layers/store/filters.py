"""Which issues: conditions, and by which index they are looked for.

The database would choose the index itself, but does not know how many issues a box or a cell holds. So the
store counts, up to a few thousand: where one condition leaves few issues, they are fetched by its index and
sorted; otherwise the issues are walked in the order of the page until it is full.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, String, and_, false, func, or_, select

from geo.types import Bbox
from layers.store.quadkeys import quadkey_ranges
from layers.store.schema import ISSUES

FEW = 5_000
_AFTER = chr(ord("/") + 1)  # sorts right after every path that goes on with a slash

Condition = ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class IssueFilter:
    """Which issues: all conditions hold; an empty or missing one lets everything pass.

    Attributes:
        status, category, owner: one of these.
        cell_paths: the cell of one of these paths, or one below it.
        boxes: the position lies in one of them, edges included; a box across the antimeridian is two.
        since_us: opened then or later.
        updated_since_us: changed then or later.
        unassigned: without an owner.
    """

    status: tuple[str, ...] = ()
    category: tuple[str, ...] = ()
    owner: tuple[str, ...] = ()
    cell_paths: tuple[str, ...] = ()
    boxes: tuple[Bbox, ...] = ()
    since_us: int | None = None
    updated_since_us: int | None = None
    unassigned: bool = False


def plan(connection: Connection, wanted: IssueFilter) -> tuple[list[Condition], bool]:
    """The conditions of a filter, and whether they leave few issues, found by an index of their own."""
    counted = [(_count(connection, condition), turn) for turn, condition in enumerate(_ranges(wanted))]
    fewest, turn = min(counted, default=(FEW + 1, -1))
    if fewest > FEW:
        return [*_choices(wanted), *_places_and_times(wanted)], False
    choices = _choices(wanted, hide=True)
    return [_ranges(wanted)[turn], *choices, *_places_and_times(wanted)], True


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
    if wanted.since_us is not None:
        conditions.append(columns.created_us >= wanted.since_us)
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
    if wanted.since_us is not None:
        conditions.append(plain(columns.created_us) >= wanted.since_us)
    if wanted.updated_since_us is not None:
        conditions.append(plain(columns.updated_us) >= wanted.updated_since_us)
    return conditions


def _below(column: ColumnElement[str], paths: Iterable[str]) -> Condition:
    """The paths themselves and what goes on after a slash; ranges, so that an index serves them."""
    ranges = (or_(column == path, and_(column > f"{path}/", column < path + _AFTER)) for path in paths)
    return or_(false(), *ranges)


def _inside(box: Bbox) -> Condition:
    columns = ISSUES.c
    return and_(columns.lng.between(box.west, box.east), columns.lat.between(box.south, box.north))
