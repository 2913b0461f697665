"""How values become rows, and rows the fields that events tell."""

from __future__ import annotations

from collections.abc import Mapping
from operator import attrgetter, itemgetter
from typing import Any

from layers.store.quadkeys import quadkey
from layers.store.schema import ISSUES, REPORTS
from layers.store.values import NewIssue, NewReport

# Fields of an issue that a change may name, as `IssueChanges` has them.
CHANGEABLE = tuple(NewIssue.__slots__)
# Columns of an issue that its events tell, so that the row can be derived from them.
TOLD = (*CHANGEABLE, "uid", "number", "report_count", "version")
# Columns of a report that its event tells.
REPORT_TOLD = tuple(
    name for name in NewReport.__slots__ if name not in ("private", "body_digest", "external_id")
)

_of_issue, _of_report = attrgetter(*CHANGEABLE), attrgetter(*REPORT_TOLD)
_issue_row = itemgetter(*(column.name for column in ISSUES.columns))
_report_row = itemgetter(*(column.name for column in REPORTS.columns))


def issue_fields(new: NewIssue) -> dict[str, Any]:
    """What an issue is opened with."""
    return dict(zip(CHANGEABLE, _of_issue(new), strict=True))


def issue_columns(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The columns that fields of an issue fill; a position also fills its quadkey."""
    columns = dict(fields)
    if "lng" in columns:
        lng, lat = columns["lng"], columns["lat"]
        columns["quadkey"] = None if lng is None or lat is None else quadkey(lng, lat)
    return columns


def issue_row(fields: Mapping[str, Any], **more: Any) -> tuple[Any, ...]:
    """A whole row of the issues: its fields, and the columns that are none."""
    row: tuple[Any, ...] = _issue_row({**issue_columns(fields), **more})
    return row


def report_fields(report: NewReport) -> dict[str, Any]:
    """What an event tells of a report: nothing of a person."""
    return dict(zip(REPORT_TOLD, _of_report(report), strict=True))


def report_row(fields: Mapping[str, Any], **more: Any) -> tuple[Any, ...]:
    """A whole row of the reports: its fields, and what no event tells."""
    row: tuple[Any, ...] = _report_row({**fields, **more})
    return row


def told(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Fields as JSON can hold them: geometry becomes hex."""
    geometry = fields.get("geometry")
    return dict(fields) if geometry is None else {**fields, "geometry": geometry.hex()}
