"""Keys of rows and numbers of issues, counted by the store itself."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection, bindparam, insert, update

from layers.store.ids import human_number
from layers.store.schema import DAYS, HEADS

_KEYS = (
    update(HEADS)
    .values(report=HEADS.c.report + bindparam("reports"), issue=HEADS.c.issue + bindparam("issues"))
    .returning(HEADS.c.report, HEADS.c.issue)
)
_NUMBERS = (
    update(DAYS)
    .where(DAYS.c.day == bindparam("of"))
    .values(last=DAYS.c.last + bindparam("count"))
    .returning(DAYS.c.last)
)


def take_keys(connection: Connection, *, reports: int, issues: int) -> tuple[int, int]:
    """Take so many keys; returns the first of each."""
    report, issue = connection.execute(_KEYS, {"reports": reports, "issues": issues}).one()
    return report - reports + 1, issue - issues + 1


def take_numbers(connection: Connection, day: date, count: int) -> list[str]:
    """The next numbers of a day of the city."""
    if not count:
        return []
    last = connection.scalar(_NUMBERS, {"of": day.isoformat(), "count": count})
    if last is None:
        connection.execute(insert(DAYS).values(day=day.isoformat(), last=count))
        last = count
    return [human_number(day, number) for number in range(last - count + 1, last + 1)]
