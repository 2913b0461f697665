"""Keys of rows and numbers of issues, counted by the store itself."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, insert, update

from layers.store.events import Head
from layers.store.ids import human_number
from layers.store.prepared import Prepared
from layers.store.schema import DAYS, HEADS

_KEYS = Prepared(
    update(HEADS)
    .values(report=HEADS.c.report + bindparam("reports"), issue=HEADS.c.issue + bindparam("issues"))
    .returning(HEADS.c.report, HEADS.c.issue, HEADS.c.event, HEADS.c.hash)
)
_NUMBERS = Prepared(
    update(DAYS)
    .where(DAYS.c.day == bindparam("of"))
    .values(last=DAYS.c.last + bindparam("count"))
    .returning(DAYS.c.last)
)


class Keys(NamedTuple):
    """The first of the keys that were taken, and the end of the chain."""

    report: int
    issue: int
    head: Head


def take_keys(connection: Connection, *, reports: int, issues: int) -> Keys:
    """Take so many keys."""
    row = _KEYS.row(connection, reports=reports, issues=issues)
    assert row is not None
    report, issue, seq, hash_ = row
    return Keys(report - reports + 1, issue - issues + 1, Head(seq, hash_))


def take_numbers(connection: Connection, day: date, count: int) -> list[str]:
    """The next numbers of a day of the city."""
    if not count:
        return []
    row = _NUMBERS.row(connection, of=day.isoformat(), count=count)
    last = row[0] if row else count
    if row is None:
        connection.execute(insert(DAYS).values(day=day.isoformat(), last=count))
    return [human_number(day, number) for number in range(last - count + 1, last + 1)]
