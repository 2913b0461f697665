"""The reports that a city has stored, as the table that rules are tried on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from sqlalchemy import Connection, exists, func, select

from layers.life_cycle import Action, State
from layers.store.schema import EVENTS, ISSUES, PRIVATE, REPORTS
from layers.store.store import STORE, open_readers
from layers.times import time_text

COLUMNS = (
    *("number", "lng", "lat", "accuracy_m", "accuracy_level", "channel", "category", "text"),
    *("occurred_at", "final_owner", "returned"),
)
_SETTLED = (State.HANDLED, State.VERIFIED, State.CLOSED)
_LEFT_OUT = (State.REJECTED, State.MERGED)  # nobody was to handle these


def past_reports(folder: Path) -> tuple[pd.DataFrame, NDArray[np.object_]]:
    """One row for each stored issue that somebody was to handle and that lies somewhere, with what its first
    report said.

    Where a dispatcher moved an issue, it lies where he put it.

    Returns:
        `COLUMNS` as texts, ``""`` where empty, positions in WGS-84 degrees; and what each covers in degrees,
        None for points.

    Raises:
        CityError: nothing was ever reported to the city of this folder, or a newer program stored it.
    """
    readers = open_readers(folder / STORE)
    try:
        with readers.reading() as connection:
            found = list(_rows(connection))
    finally:
        readers.close()
    table = pd.DataFrame([row for row, _ in found], columns=list(COLUMNS), dtype=object)
    shapes = np.full(len(found), None, dtype=object)
    shapes[:] = shapely.from_wkb([wkb for _, wkb in found])
    return table, shapes


def _rows(connection: Connection) -> Iterator[tuple[tuple[str, ...], bytes | None]]:
    own = REPORTS.alias()
    first = select(func.min(own.c.id)).where(own.c.issue_id == ISSUES.c.id).scalar_subquery()
    returned = exists().where(EVENTS.c.issue_id == ISSUES.c.id, EVENTS.c.kind == Action.RETURN.value)
    joined = ISSUES.join(REPORTS, REPORTS.c.id == first).outerjoin(PRIVATE)
    issue, report = ISSUES.c, REPORTS.c
    asked = select(
        issue.number, issue.lng, issue.lat, report.accuracy_m, report.level, report.channel, issue.category,
        PRIVATE.c.text, report.occurred_us, issue.owner_id, issue.status, returned, issue.geometry,
    ).select_from(joined)  # fmt: skip
    asked = asked.where(issue.status.not_in(_LEFT_OUT), issue.lng.is_not(None)).order_by(issue.id)
    for *said, text, occurred_us, owner, status, was_returned, wkb in connection.execute(asked):
        final = owner if status in _SETTLED else None
        told = (*said, text, time_text(occurred_us), final, "yes" if was_returned else "no")
        yield tuple(_text(value) for value in told), wkb


def _text(value: Any) -> str:
    return "" if value is None else repr(value) if isinstance(value, float) else str(value)
