"""The rows of a file as reports: each checked as the service checks one, and refused with its column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson
import pandas as pd
import shapely
from pydantic import ValidationError

from api.field_errors import field_errors
from api.report_model import ReportIn
from geo.crs import parse_reference
from geo.errors import LayerError, PhotoError
from layers.batch import coordinate_columns
from layers.photos import Photo, read_photo
from layers.reading.columns import column_called, find_column
from layers.report_table import POSITION, REPORT_COLUMNS, read_rows

# What a column may hold, and further names that are taken for it where none is named.
FIELDS: dict[str, tuple[str, ...]] = {
    **{name: (name,) for name in ReportIn.model_fields if name not in ("geometry", "geometry_is", "issue")},
    **{name: known for name, known in REPORT_COLUMNS.items() if name in ReportIn.model_fields},
    "reporter": ("reporter", "上报人"),
    "contact": ("contact", "联系方式", "电话"),
    "external_id": ("external_id", "编号", "工单号"),
    "photo": ("photo", "照片"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A row that can be filed.

    Attributes:
        number: from 1, without the header.
    """

    number: int
    report: ReportIn
    photos: tuple[Photo, ...] = ()


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that cannot, and why."""

    row: int
    column: str
    value: str
    reason: str


@dataclass(frozen=True)
class ReportFile:
    """What a file holds; rows in their order.

    Attributes:
        columns: the file's column for each field that has one.
        names: of all its columns.
    """

    columns: Mapping[str, str]
    rows: list[Row]
    rejects: list[Reject]
    names: Sequence[str] = ()


def read_report_file(
    path: Path, *, named: Mapping[str, str], lng: str = "", lat: str = "", datum: str = "",
    channel: str = "", encoding: str = "",
) -> ReportFile:  # fmt: skip
    """The reports of a CSV, or of a layer in any format; its other columns are passed over.

    Args:
        named: field → the file's column; the rest is found by its name.
        lng, lat: coordinate columns; guessed where not given. A file may do without.
        datum: of the coordinates, where no column says it.
        channel: of rows that say none.

    Raises:
        LayerError: it cannot be read, or a column that was named is not there.
    """
    table, extents, _ = read_rows(path, datum=datum, encoding=encoding)
    if extents is not None:  # a layer's rows are in degrees by now
        lng, lat, datum = POSITION[0], POSITION[1], "wgs84"
    columns = _columns(table, {**named, **({"lng": lng, "lat": lat} if lng and lat else {})}, datum)
    if extents is not None:
        columns.pop("datum", None)
    usual = {name: value for name, value in (("datum", datum), ("channel", channel)) if value}
    rows: list[Row] = []
    rejects: list[Reject] = []
    for number, said in enumerate(table[list(columns.values())].itertuples(index=False, name=None), 1):
        fields = {name: text for name, text in zip(columns, said, strict=True) if text.strip()}
        shape = extents[number - 1] if extents is not None else None
        read = _row(number, {**usual, **fields}, shape, columns, path.parent)
        (rows if isinstance(read, Row) else rejects).append(read)  # type: ignore[arg-type]
    return ReportFile(columns, rows, rejects, tuple(table.columns))


def _columns(table: pd.DataFrame, named: Mapping[str, str], datum: str) -> dict[str, str]:
    """The file's column for each field that has one."""
    names = list(table.columns)
    found = {field: find_column(names, column) for field, column in named.items()}
    for field, words in FIELDS.items():
        if column := column_called(names, words):
            found.setdefault(field, column)
    if "lng" not in found or "lat" not in found:
        found.pop("lng", None), found.pop("lat", None)
        found |= _guessed(table, datum)
    return found


def _guessed(table: pd.DataFrame, datum: str) -> dict[str, str]:
    """The coordinate columns by their content; none where nothing looks like it: words may do."""
    try:
        return dict(zip(POSITION, coordinate_columns(table, parse_reference(datum or "wgs84")), strict=True))
    except LayerError:
        return {}


def _row(
    number: int, fields: dict[str, str], shape: shapely.Geometry | None,
    columns: Mapping[str, str], folder: Path,
) -> Row | Reject:  # fmt: skip
    photo = fields.pop("photo", "")
    said: dict[str, object] = {name: value.strip() for name, value in fields.items()}
    if shape is not None:
        said = {name: value for name, value in said.items() if name not in POSITION}
        said |= {"geometry": orjson.loads(shapely.to_geojson(shape)), "geometry_is": "extent"}
    try:
        report = ReportIn.model_validate(said)
        return Row(number, report, _photos(photo, folder))
    except ValidationError as error:
        first = field_errors(error.errors())[0]
        field = first["field"].split(".")[0]
        column = columns.get(field, field)
        return Reject(number, column, fields.get(field, ""), first["problem"])
    except (PhotoError, OSError) as error:
        why = error.message if isinstance(error, PhotoError) else f"it cannot be read: {error.strerror}"
        return Reject(number, columns["photo"], photo, why)


def _photos(said: str, folder: Path) -> tuple[Photo, ...]:
    """The photos whose files, beside the table, a column names; several with semicolons between them."""
    names = [name.strip() for name in said.replace("；", ";").split(";") if name.strip()]
    return tuple(read_photo((folder / name).read_bytes()) for name in names)
