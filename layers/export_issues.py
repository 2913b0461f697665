"""The issues of a store as an `Export`: all that is known of them, and nothing that leads to a person.

Who reported, how to reach them, what they wrote, and who of the staff has claimed an issue stay inside.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

import geopandas
import numpy as np
import pandas as pd
import pyarrow as pa
import shapely
from sqlalchemy import Connection, select

from layers.export_tables import about_generation
from layers.exported import Export, ExportTable, Pair
from layers.generation import Generation
from layers.issue_features import Names, names_of
from layers.store.filters import IssueFilter, plan
from layers.store.schema import ISSUES
from layers.tables import WGS84
from layers.times import time_text

TOGETHER = 20_000
LABELS: dict[str, Pair] = {
    "number": ("问题编号", "issue"),
    "status": ("状态", "status"),
    "category": ("类别代码", "category code"),
    "category_zh": ("类别（中文）", "category in Chinese"),
    "category_en": ("类别（英文）", "category in English"),
    "cell_code": ("网格代码", "cell code"),
    "cell_name": ("网格", "cell"),
    "cell_path": ("网格路径", "path of the cell"),
    "owner_id": ("责任单位代码", "owner's id"),
    "owner_name": ("责任单位", "owner"),
    "owner_share": ("责任单位把握", "share of the owner"),
    "certainty": ("确定程度", "certainty"),
    "asset_kind": ("部件种类", "kind of asset"),
    "asset_id": ("部件编号", "asset"),
    "report_count": ("上报数", "reports"),
    "flags": ("标记", "flags"),
    "merged_into": ("并入", "merged into"),
    "generation": ("数据版本", "generation"),
    "created_at": ("立案时间", "opened"),
    "updated_at": ("更新时间", "last changed"),
    "due_at": ("截止时间", "due"),
    "uid": ("标识", "uid"),
}
_PLAIN = (
    *("number", "status", "category", "cell_code", "cell_path", "owner_id", "owner_share", "certainty"),
    *("asset_kind", "asset_id", "report_count", "flags", "merged_into", "generation", "uid"),
)
_TIMES = {"created_at": "created_us", "updated_at": "updated_us", "due_at": "due_us"}
_READ = (*_PLAIN, *_TIMES.values(), "lng", "lat", "geometry")
_OTHER = {
    "owner_share": pa.float64(), "lng": pa.float64(), "lat": pa.float64(), "report_count": pa.int64(),
    "geometry": pa.binary(), **dict.fromkeys(_TIMES.values(), pa.int64()),
}  # fmt: skip
_SCHEMA = pa.schema([(name, _OTHER.get(name, pa.string())) for name in _READ])


def issue_export(
    connection: Connection | None, generation: Generation, wanted: IssueFilter, said: dict[str, str]
) -> Export:
    """The issues that pass a filter, in the order in which they were opened, closed ones too.

    Args:
        connection: None where nothing was ever reported.
        generation: names things.
        said: of the filter, for those who read the file.
    """
    rows = _SCHEMA.empty_table() if connection is None else _columns(connection, wanted)
    frame = _frame(rows, names_of(generation))
    name = generation.config.name
    table = ExportTable("issues", ("问题", "issues"), frame, LABELS, "status")
    about = {**about_generation(generation), **said, "issues": str(len(frame))}
    return Export((f"{name}问题", f"Issues of {name}"), (table,), about, _NOTES)


_NOTES: tuple[Pair, ...] = (
    ("时间为 UTC。", "Times are UTC."),
    ("不含上报人、联系方式和上报原文。", "Reporters, contacts and what they wrote are not in this file."),
)


def filter_said(wanted: IssueFilter, zone: ZoneInfo) -> dict[str, str]:
    """A filter in words; nothing where it lets all pass."""
    told = {} if not wanted.status else {"status": ", ".join(wanted.status)}
    told |= {} if wanted.since_us is None else {"since": time_text(wanted.since_us)}
    told |= {} if wanted.created_until_us is None else {"until": time_text(wanted.created_until_us)}
    return {**told, "time_zone": str(zone)}


def _columns(connection: Connection, wanted: IssueFilter) -> pa.Table:
    """What is read of the issues, by column: a million of them as Python's own would not be small."""
    conditions, _ = plan(connection, wanted)
    asked = select(*(ISSUES.c[name] for name in _READ)).where(*conditions).order_by(ISSUES.c.id)
    found = connection.execution_options(yield_per=TOGETHER).execute(asked)
    parts = [
        pa.Table.from_arrays(list(map(pa.array, zip(*rows, strict=True), _SCHEMA.types)), schema=_SCHEMA)
        for rows in found.partitions()
    ]
    return pa.concat_tables(parts) if parts else _SCHEMA.empty_table()


def _frame(rows: pa.Table, names: Names) -> geopandas.GeoDataFrame:
    columns = {name: rows.column(name) for name in _READ}
    table: dict[str, Any] = {name: _texts(columns[name]) for name in _PLAIN}
    table["owner_share"] = _numbers(columns["owner_share"])
    table["report_count"] = columns["report_count"].to_numpy()
    for name, source in _TIMES.items():
        micros = columns[source].cast(pa.timestamp("us", tz="UTC"))
        table[name] = micros.to_pandas()
    for lang in ("zh", "en"):
        called = {code: said[lang] for code, said in names.categories.items()}
        table[f"category_{lang}"] = table["category"].map(called)
    table["cell_name"] = table["cell_path"].map(dict(names.cells))
    table["owner_name"] = table["owner_id"].map(dict(names.owners))
    frame = pd.DataFrame({name: table[name] for name in LABELS})
    return geopandas.GeoDataFrame(frame, geometry=_geometries(columns), crs=WGS84)


def _texts(values: pa.ChunkedArray) -> Any:
    if not pa.types.is_string(values.type):
        return values.to_pandas()
    texts = values.to_pandas().astype("str")
    return texts.where(texts != "")


def _numbers(values: pa.ChunkedArray) -> Any:
    return values.to_numpy().astype(float)


def _geometries(columns: Mapping[str, pa.ChunkedArray]) -> Any:
    """Of an issue its line or area, else its point, else None."""
    x, y = _numbers(columns["lng"]), _numbers(columns["lat"])
    out = np.full(len(x), None, dtype=object)
    placed = np.isfinite(x) & np.isfinite(y)
    out[placed] = shapely.points(x[placed], y[placed])
    bodies = columns["geometry"].to_numpy()
    shaped = columns["geometry"].is_valid().to_numpy()
    out[shaped] = shapely.from_wkb(bodies[shaped])
    return out
