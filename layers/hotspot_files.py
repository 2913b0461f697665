"""Reports from a file, as hotspots count them."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from geo.crs import parse_reference
from geo.errors import LayerError
from layers.batch import coordinate_columns
from layers.coded import Coded, nothing
from layers.datum_check import table_findings
from layers.evidence import category_codes
from layers.findings import Finding, Lang
from layers.generation import Generation
from layers.hotspot_messages import Number
from layers.hotspot_reports import NEVER, ReportedPoints, people
from layers.locating_files import first_rows
from layers.reading.columns import column_called, find_column
from layers.reading.streaming import HoldsShapesError
from layers.reasons import TEMPLATES
from layers.report_rows import ReportColumns, ReportRows, read_report_rows, rejects_of
from layers.report_stream import Reports, open_reports
from layers.report_table import POSITION
from layers.report_values import column_of, text_of, words

NAMES = {
    name: tuple(words.split())
    for name, words in {
        "category": "category 类别 案件类别 问题类别 问题类型 事件类别 事件类型 案件类型 小类名称 小类 "
        "案件小类 问题小类 type_of_service_request service_request_type request_type complaint_type "
        "issue_type sr_type service_name",
        "occurred_at": "occurred_at created creation_date created_date created_at date_created opened_date "
        "open_date opened requested_datetime requested_date reported_at report_date date 时间 上报时间 "
        "发生时间 发现时间 立案时间 受理时间 创建时间 登记时间 来电时间",
        "reporter": "reporter 上报人 举报人 报案人 来电人 反映人 投诉人 诉求人",
        "channel": "channel 渠道 来源 问题来源 案件来源 上报渠道",
        "external_id": "external_id service_request_number service_request_id sr_number unique_key case_id "
        "case_number request_id 案件编号 工单编号 工单号 案件号 任务号 id number 编号",
        "status": "status 状态 案件状态 处理状态",
        "datum": "datum 坐标系",
    }.items()
}
"""What a report may say, and the column names taken for it where none is named: in any
letter case, with blanks for low lines."""
ANY_NUMBER = ("id", "number", "编号")
"""Names of columns that may as well number something else, such as houses."""
DIFFERENT = 0.95
"""Such a column is one of ids only if at least this share of its values differ."""
DUPLICATE = ("dup", "重复")
"""A status with one of these in it is that of a report of something already reported."""


@dataclass(frozen=True)
class FileOfReports:
    """What a file says.

    Attributes:
        points: those with a usable position.
        rows: all of them.
        rejects: row, column, value, reason of the others.
        problems: for each of these what is wrong, as `layers.reasons` has it.
        columns: which column was taken for what.
        findings: what was noticed while it was read, and of where its first rows lie.
    """

    points: ReportedPoints
    rows: int
    rejects: pd.DataFrame
    problems: NDArray[np.object_]
    columns: Mapping[str, str]
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class _Part:
    lng: NDArray[np.float64]
    lat: NDArray[np.float64]
    occurred_us: NDArray[np.int64]
    said: Mapping[str, pa.Array]
    rejects: pd.DataFrame
    problems: NDArray[np.object_]
    unread: NDArray[np.object_]


def reports_of_file(
    generation: Generation, path: Path, *, lng: str = "", lat: str = "", datum: str = "", encoding: str = "",
    named: Mapping[str, str] | None = None, lang: Lang = "en",
) -> FileOfReports:  # fmt: skip
    """The reports of a CSV, Parquet or Arrow file, or of a layer in any other format.

    Rows with one id tell of one thing, whose place is that of the first. A row whose status says that it is
    a duplicate counts as a report, and as no thing of its own.

    Args:
        lng, lat: columns of coordinates; guessed where not given.
        datum: of the coordinates, where no column says it.
        named: one of `NAMES` → the file's column, or an empty text for none; the rest is found by its name.

    Raises:
        LayerError: it cannot be read, or lacks a column that was named.
        CoordinateError: most positions cannot be in the datum.
    """
    for as_layer in (False, True):
        with ExitStack() as stack:
            try:
                opened = open_reports(
                    path, named=bool(lng or lat), datum=datum, encoding=encoding, as_layer=as_layer
                )
                reports = stack.enter_context(opened)
                return _read(generation, reports, lng, lat, datum, named or {}, lang)
            except HoldsShapesError:
                if as_layer:
                    raise
    raise AssertionError


def _read(
    generation: Generation, reports: Reports, lng: str, lat: str, datum: str, named: Mapping[str, str],
    lang: Lang,
) -> FileOfReports:  # fmt: skip
    first = first_rows(reports)
    columns = _columns(list(first.column_names), named)
    reference = parse_reference(datum or "wgs84")
    if reports.in_degrees:
        lng, lat, reference = lng or POSITION[0], lat or POSITION[1], parse_reference("wgs84")
    if not (lng and lat):
        lng, lat = coordinate_columns(first, reference)
    names = list(first.column_names)
    said = ReportColumns(
        find_column(names, lng), find_column(names, lat), datum=columns["datum"], reference=reference,
        occurred_at=columns["occurred_at"], lenient_times=True,
    )  # fmt: skip
    noticed = table_findings(generation, first, said)
    parts: list[_Part] = []
    rows = 0
    for piece in reports.pieces():
        read = read_report_rows(generation, piece.table, said, extents=None)
        rejects = rejects_of(piece.table, read, lang)
        rejects["row"] += rows
        at_us = np.where(np.isnat(read.occurred_at), NEVER, read.occurred_at.astype(np.int64))
        there = {name: column_of(piece.table, columns[name]) for name in _KEPT if columns[name]}
        unread = _unread(piece.table, columns["occurred_at"], read)
        problems = read.problem[read.problem != ""]
        parts.append(_Part(read.lng, read.lat, at_us, there, rejects, problems, unread))
        rows += len(read.lng)
        said = replace(said, is_checked=True)
    ids = _said(parts, "external_id")
    findings = [*reports.findings, *noticed, *_unread_times(parts, columns["occurred_at"])]
    if "external_id" not in named and (doubt := _no_ids(ids, columns["external_id"])) is not None:
        findings.append(doubt)
        ids, columns["external_id"] = nothing(rows), ""
    points = _points(generation, parts, ids)
    findings += _shared_ids(points, columns["external_id"])
    told = {name: column for name, column in columns.items() if column} | {"lng": said.lng, "lat": said.lat}
    rejects = pd.concat([part.rejects for part in parts], ignore_index=True)
    problems = np.concatenate([part.problems for part in parts])
    return FileOfReports(points, rows, rejects, problems, told, tuple(findings))


def refuse_useless(file: FileOfReports) -> None:
    """Refuse a file that has rows, none of which can be used.

    Raises:
        LayerError: says what is wrong with most of them, and the likely mistake.
    """
    if len(file.points) or not file.rows:
        return
    problem = pd.Series(file.problems).mode()[0]
    first = file.rejects.iloc[int((file.problems == problem).argmax())]
    raise LayerError(
        f"None of {file.rows:,} rows could be used, such as row {first['row']} with {first['column']} "
        f"{first['value']!r}: {TEMPLATES['en'][f'problem.{problem}']}",
        fix=_FIXES.get(problem, ""),
    )


_COLUMNS = "Name the columns of coordinates with --lng and --lat."
_FIXES = {
    "range": "If they are metres or feet, say in which system: --datum EPSG:n.",
    "swapped": "Swap --lng and --lat, or swap them in the file.",
    "missing": _COLUMNS,
    "number": _COLUMNS,
}
_KEPT = ("category", "reporter", "channel", "external_id", "status")


def _columns(names: list[str], named: Mapping[str, str]) -> dict[str, str]:
    guessed = {field: column_called(names, words_) for field, words_ in NAMES.items()}
    return guessed | {field: column and find_column(names, column) for field, column in named.items()}


def _unread(table: pa.Table, column: str, read: ReportRows) -> NDArray[np.object_]:
    """The texts that should be times and cannot be read."""
    rows = np.flatnonzero(read.unread)
    texts = text_of(column_of(table, column).take(pa.array(rows))).to_pylist() if len(rows) else []
    return np.array(texts, dtype=object)


def _unread_times(parts: list[_Part], column: str) -> list[Finding]:
    unread = [text for part in parts for text in part.unread[:1]]
    if not unread:
        return []
    count = sum(len(part.unread) for part in parts)
    times = count + sum(int((part.occurred_us != NEVER).sum()) for part in parts)
    detail = {"times": Number(times)}
    return [Finding("times_unread", column=column, value=unread[0], count=Number(count), detail=detail)]


def _no_ids(ids: Coded, column: str) -> Finding | None:
    """The finding that a column whose name may mean anything holds no ids: too many rows share a value."""
    said = ids.codes[~ids.equal("")]
    different = len(pd.unique(said))
    if column.strip().casefold() not in ANY_NUMBER or different >= DIFFERENT * len(said):
        return None
    detail = {"said": Number(len(said))}
    return Finding("ids_doubtful", "note", column=column, count=Number(different), detail=detail)


def _shared_ids(points: ReportedPoints, column: str) -> list[Finding]:
    things = points.issue[points.issue >= 0]
    again = pd.Series(things).duplicated().to_numpy()
    if not again.any():
        return []
    value = str(points.issue_ids[things[again][0]])
    return [Finding("ids_shared", "note", column=column, value=value, count=Number(again.sum()))]


def _points(generation: Generation, parts: list[_Part], external: Coded) -> ReportedPoints:
    lng, lat = (np.concatenate([getattr(part, name) for part in parts]) for name in ("lng", "lat"))
    occurred = np.concatenate([part.occurred_us for part in parts])
    said = {name: _said(parts, name) for name in _KEPT if name != "external_id"}
    category = said["category"]
    codes = category_codes(generation, list(category.values), len(category.values))
    thing, ids = _things(external, said["status"])
    points = ReportedPoints(
        lng, lat, occurred, _merged(Coded(category.codes, codes)), said["channel"], thing,
        people(said["reporter"]), nothing(len(lng)), ids,
    )  # fmt: skip
    somewhere = np.isfinite(lng)
    return points if somewhere.all() else points.take(somewhere)


def _said(parts: list[_Part], name: str) -> Coded:
    if name not in parts[0].said:
        return nothing(sum(len(part.lng) for part in parts))
    column = pa.chunked_array([_plain(part.said[name]) for part in parts]).combine_chunks()
    if pa.types.is_integer(column.type) and not column.null_count:  # ids: a text for each takes long
        codes, values = pd.factorize(column.to_numpy())
        return Coded(codes.astype(np.intp), np.append(values.astype(object), ""))
    return words(column)


def _plain(column: pa.Array) -> pa.Array:
    return column.dictionary_decode() if pa.types.is_dictionary(column.type) else column


def _merged(column: Coded) -> Coded:
    """Names and codes of one category are one value."""
    place, values = pd.factorize(column.values)
    return Coded(place.astype(np.intp)[column.codes], np.asarray(values, dtype=object))


def _things(external: Coded, status: Coded) -> tuple[NDArray[np.intp], NDArray[np.object_]]:
    """What each row tells of: an id, or the row itself; -1 where its status says that it is a duplicate."""
    n, known = len(external), len(external.values)
    code = np.where(external.codes < 0, known - 1, external.codes)
    named = np.asarray(external.values != "", dtype=np.bool_)[code]
    thing, used = pd.factorize(np.where(named, code, known + np.arange(n)))
    ids = np.empty(len(used), dtype=object)
    from_file = used < known
    ids[from_file] = external.values[used[from_file]]
    ids[~from_file] = pa.array(used[~from_file] - known + 1).cast(pa.string()).to_numpy(zero_copy_only=False)
    repeated = np.array([any(word in str(value).casefold() for word in DUPLICATE) for value in status.values])
    return np.where(repeated[status.codes], -1, thing).astype(np.intp), ids
