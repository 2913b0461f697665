"""How values become rows, and rows the fields that events tell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from layers.store.quadkeys import quadkey
from layers.store.values import NewIssue, NewReport

# Fields of an issue that a change may name, as `IssueChanges` has them.
CHANGEABLE = tuple(NewIssue.__slots__)
# Columns of an issue that its events tell, so that the row can be derived from them.
TOLD = (*CHANGEABLE, "uid", "number", "report_count", "version")
_REPORT = tuple(name for name in NewReport.__slots__ if name not in ("private", "body_digest"))
_TOLD_OF_REPORT = tuple(name for name in _REPORT if name != "external_id")


def issue_columns(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The columns that fields of an issue fill; a position also fills its quadkey."""
    columns = dict(fields)
    if "lng" in columns:
        lng, lat = columns["lng"], columns["lat"]
        columns["quadkey"] = None if lng is None or lat is None else quadkey(lng, lat)
    return columns


def report_columns(report: NewReport) -> dict[str, Any]:
    """The columns that a report fills by itself."""
    return {name: getattr(report, name) for name in _REPORT}


def told_report(report: NewReport) -> dict[str, Any]:
    """What an event tells of a report: nothing of a person."""
    return told({name: getattr(report, name) for name in _TOLD_OF_REPORT})


def told(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Fields as JSON can hold them: geometry becomes hex."""
    return {name: value.hex() if isinstance(value, bytes) else value for name, value in fields.items()}
