"""Exports with everything in them that files trip over, for the tests of the formats."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pandas as pd
import shapely

from layers.exported import Export, ExportTable
from maps.export import write_export

METRIC = "EPSG:4549"
RARE = "𠮷䶮😀"
FORMULA = '=HYPERLINK("x")'
LONG = "字" * 200  # 600 bytes in UTF-8
BIG = 2**60
NOON = datetime.datetime(2026, 6, 1, 12, 0, 0, 123456, tzinfo=datetime.UTC)


def cell(turn: int) -> Any:
    """A square near Nantong, a hole in every third."""
    outer = shapely.box(120.80 + turn / 100, 32.00, 120.81 + turn / 100, 32.01)
    return outer.difference(shapely.box(120.803, 32.003, 120.806, 32.006)) if turn % 3 == 0 else outer


def hard_frame() -> geopandas.GeoDataFrame:
    """Six areas, one of them without geometry, with every kind of value."""
    columns: dict[str, Any] = {
        "cell_code": ["00012345678901234567", *(f"320613{n:03d}" for n in range(5))],
        "class": ["hot", "cold", "not significant", "excluded", None, "hot"],
        "text": [RARE, None, "", FORMULA, "<b>&\"'\n\t", LONG],
        "whole": pd.array([1, None, 3, BIG, -5, 6], dtype="Int64"),
        "relative_risk": [1.5, np.nan, np.inf, -np.inf, 0.1 + 0.2, 1e-20],
        "is_new": pd.array([True, None, False, True, False, True], dtype="boolean"),
        "at": pd.Series([NOON, None, NOON, NOON, NOON, NOON]),
        "naive": pd.Series([datetime.datetime(2026, 6, 1, 12)] * 6),
        "issue_ids": [["a", "b"], [], None, ["=1"], [RARE], ["c"]],
        "中文列名很长很长": list("甲乙丙丁戊己"),
        "中文列名很长很短": list("甲乙丙丁戊己"),
        "fid": range(6),
        "geom": list("abcdef"),
        "Name": list("abcdef"),
        "name": list("ghijkl"),
    }
    shapes = [cell(turn) if turn != 4 else None for turn in range(6)]
    return geopandas.GeoDataFrame(columns, geometry=shapes, crs="EPSG:4326")


def hard_export(*others: ExportTable) -> Export:
    """The table above, with words for it."""
    labels = {"class": ("结论", "class"), "relative_risk": ("相对风险", "relative risk")}
    table = ExportTable("hotspots", ("热点", "hotspots"), hard_frame(), labels, "class")
    about = {"generation": "0001", "window": "2026-01-01 / 2026-06-30", "baseline": RARE}
    notes = (("热点不是原因。", "A hotspot is no cause."),)
    return Export(("南通热点", "Hotspots of Nantong"), (table, *others), about, notes)


def points_table(name: str = "issues", rows: int = 3) -> ExportTable:
    """Some points with ids."""
    points = [shapely.Point(120.8 + n / 1000, 32.0 + n / 700) for n in range(rows)]
    columns = {"id": [f"0{n}" for n in range(rows)], "name": [f"点{n}" for n in range(rows)]}
    frame = geopandas.GeoDataFrame(columns, geometry=points, crs="EPSG:4326")
    return ExportTable(name, ("问题", "issues"), frame)


def one_table(frame: geopandas.GeoDataFrame, **more: Any) -> Export:
    """An export of one frame."""
    return Export(("标题", "title"), (ExportTable("things", ("东西", "things"), frame, **more),))


def written(export: Export, folder: Path, name: str, **asked: Any) -> tuple[Path, str]:
    """A file, and what was said of it in English."""
    out = folder / name
    notes = write_export(export, out, **{"metric_crs": METRIC, **asked})
    return out, "\n".join(en for _, en in notes)
