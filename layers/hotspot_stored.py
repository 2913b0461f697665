"""The reports that a city has stored, as hotspots count them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sqlalchemy import Connection, select

from geo.errors import CityError
from layers.coded import coded_words
from layers.hotspot_reports import KIND_AND_ID, ReportedPoints, people
from layers.life_cycle import State
from layers.store.prepared import Prepared
from layers.store.schema import ISSUES, PRIVATE, REPORTS
from layers.store.store import STORE, open_readers


def stored_reports(folder: Path) -> ReportedPoints:
    """The reports that a city has stored, without those of rejected issues.

    An issue that was merged counts as the one it was merged into; a moved one lies where it was moved to.

    Raises:
        CityError: nothing was ever reported to the city of this folder, or a newer program stored it.
    """
    if not (folder / STORE).is_file():
        fix = "File reports first (woodpecker report), or name a file of them with --in."
        raise CityError(f"Nothing was reported to {folder} yet.", fix=fix)
    readers = open_readers(folder / STORE)
    try:
        with readers.reading() as connection:
            return read_reported(connection)
    finally:
        readers.close()


def read_reported(connection: Connection) -> ReportedPoints:
    """As `stored_reports`, of a store that is open."""
    if not connection.in_transaction():
        connection.begin()  # one state of the store for both questions
    issues = _frame(connection, _ISSUES, _ISSUE_COLUMNS)
    reports = _frame(connection, _REPORTS, ("issue", "occurred_us", "channel", "reporter"))
    place = pd.Series(np.arange(len(issues)), index=issues["id"])
    stands_for = _merged(issues)
    kept = (issues["status"].to_numpy() != State.REJECTED)[stands_for]
    row = stands_for[place.loc[reports["issue"]].to_numpy()] if len(reports) else np.empty(0, dtype=np.intp)
    counted = kept[row]
    row, reports = row[counted], reports[counted]
    asset = np.where(issues["asset_id"].notna(), issues["asset_kind"] + KIND_AND_ID + issues["asset_id"], "")
    return ReportedPoints(
        issues["lng"].to_numpy(dtype=np.float64)[row],
        issues["lat"].to_numpy(dtype=np.float64)[row],
        reports["occurred_us"].to_numpy(dtype=np.int64),
        coded_words(issues["category"]).take(row),
        coded_words(reports["channel"]),
        row,
        people(coded_words(reports["reporter"])),
        coded_words(asset).take(row),
        issues["number"].to_numpy(dtype=object),
    )


_ISSUE_COLUMNS = ("id", "uid", "number", "status", "lng", "lat", "category", "asset_kind", "asset_id", "into")
_ISSUES = Prepared(
    select(
        *(ISSUES.c.id, ISSUES.c.uid, ISSUES.c.number, ISSUES.c.status, ISSUES.c.lng, ISSUES.c.lat),
        *(ISSUES.c.category, ISSUES.c.asset_kind, ISSUES.c.asset_id, ISSUES.c.merged_into),
    ).order_by(ISSUES.c.id)
)
_REPORTS = Prepared(
    select(REPORTS.c.issue_id, REPORTS.c.occurred_us, REPORTS.c.channel, PRIVATE.c.reporter)
    .select_from(REPORTS.outerjoin(PRIVATE))
    .order_by(REPORTS.c.id)
)


def _frame(connection: Connection, asked: Prepared, names: Sequence[str]) -> pd.DataFrame:
    return pd.DataFrame(list(map(tuple, asked.rows(connection))), columns=list(names))


def _merged(issues: pd.DataFrame) -> NDArray[np.intp]:
    """For each issue the position of the one it counts as, however often it was merged on."""
    at = np.arange(len(issues))
    into = issues["into"].map(pd.Series(at, index=issues["uid"])).fillna(-1).to_numpy(dtype=np.intp)
    onward = np.where(into >= 0, into, at)
    for _ in range(max(len(issues), 1).bit_length()):  # each step doubles how far the chain is followed
        onward = onward[onward]
    return np.asarray(onward, dtype=np.intp)
