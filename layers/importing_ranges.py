"""House numbers along the pieces of roads, as a file of them says: from and to, left and right."""

from __future__ import annotations

import re
from collections.abc import Sequence

import geopandas
import numpy as np
import shapely

from geo.errors import LayerError
from layers.columns import texts_of
from layers.findings import MESSAGES, Finding, Message
from layers.importing_columns import ASSET, label
from layers.reading.columns import find_column

RANGES = ("left_from", "left_to", "right_from", "right_to")
"""Columns of an asset layer: the first and last house number on each side, as its lines are drawn."""

# Names by which well-known road files call them, written small and without separators.
KNOWN = (
    ("lfromadd", "ltoadd", "rfromadd", "rtoadd"),
    ("lfromhn", "ltohn", "rfromhn", "rtohn"),
    ("lfaddr", "ltaddr", "rfaddr", "rtaddr"),
    ("lfadd", "ltadd", "rfadd", "rtadd"),
    ("fraddl", "toaddl", "fraddr", "toaddr"),
    ("fromaddrl", "toaddrl", "fromaddrr", "toaddrr"),
    ("leftfrom", "leftto", "rightfrom", "rightto"),
    ("左起号", "左止号", "右起号", "右止号"),
)

MESSAGES.update(
    {
        "guessed_ranges": Message(
            "未指定 --ranges，门牌号范围取自「{column}」。",
            "No --ranges given: house numbers are taken from {column}.",
            "如不对，请用 --ranges 指定四列。", "If that is wrong, give --ranges with four columns.",
        ),
        "range_unreadable": Message(
            "「{column}」列的 {value!r} 不是门牌号，未采用。",
            "Column {column!r} holds {value!r}, which is no house number; it is left out.",
            "改正后重新导入。", "Mend it and import again.",
        ),
        "range_half": Message(
            "道路一侧只有起始或终止门牌号（{count} 处），未采用。",
            "One side of a piece has only one end of its house numbers ({count} times); it is left out.",
            "补上另一端。", "Add the other end.",
        ),
        "range_no_line": Message(
            "{count} 个部件不是线，门牌号范围不起作用。",
            "{count} features are no lines: their house numbers lead nowhere.",
            "请导入道路中心线。", "Import the centre lines of roads.",
        ),
    }
)  # fmt: skip


def with_ranges(
    frame: geopandas.GeoDataFrame, source: geopandas.GeoDataFrame, role: str, kind: str, said: str
) -> tuple[geopandas.GeoDataFrame, list[Finding]]:
    """The frame of an asset layer with the columns of `RANGES`, where its source has house numbers.

    Args:
        frame: the table of the draft on its way; its index says which rows of the source stayed.
        source: the file.
        role, kind: what it is imported as.
        said: names of four columns of the source, with commas between; guessed where it is empty.

    Raises:
        LayerError: these are not four columns of the file.
    """
    names = [str(name) for name in source.columns if name != source.geometry.name]
    columns = range_columns(names, said) if said or role == ASSET else ()
    if not columns:
        return frame, []
    layer = label(role, kind)
    guessed = [] if said else [Finding("guessed_ranges", "note", layer, column=", ".join(columns))]
    clashing = {c: f"source_{c}" for c in frame.columns if c.casefold() in RANGES and c not in columns}
    ranged = frame.rename(columns=clashing)
    ranged = ranged.drop(columns=[c for c in ranged.columns if c.casefold() in RANGES])
    findings = [*guessed, *_fill(ranged, source.loc[frame.index], columns, layer)]
    shapes = shapely.get_dimensions(np.asarray(ranged.geometry.array, dtype=object))
    if no_line := int((shapes != 1).sum()):
        findings.append(Finding("range_no_line", "warning", layer, count=no_line))
    return ranged, findings


def range_columns(names: Sequence[str], said: str) -> tuple[str, ...]:
    """The four columns that a user names, or those that are called as in well-known files; none else.

    Raises:
        LayerError: what was named is not four columns of the file.
    """
    if not said:
        plain = {re.sub(r"[\W_]", "", name).casefold(): name for name in reversed(names)}
        known = (four for four in KNOWN if all(name in plain for name in four))
        return tuple(plain[name] for name in next(known, ()))
    wanted = [name.strip() for name in re.split(r"[,，]", said)]
    if len(wanted) != len(RANGES) or not all(wanted):
        raise LayerError(
            f"--ranges {said!r} is not four columns.",
            fix="Give the first and last house number of the left side, then of the right: "
            "--ranges LFROM,LTO,RFROM,RTO.",
        )
    return tuple(find_column(list(names), name) for name in wanted)


def _fill(
    frame: geopandas.GeoDataFrame, source: geopandas.GeoDataFrame, columns: Sequence[str], layer: str
) -> list[Finding]:
    """Put the house numbers into the frame's columns; what was left out of them."""
    findings = []
    for own, column in zip(RANGES, columns, strict=True):
        texts = texts_of(source[column])
        wrong = (texts != "") & ~texts.str.contains(r"[0-9０-９]", regex=True)
        findings += [
            Finding("range_unreadable", "warning", layer, int(row), column, texts[row][:80])
            for row in texts.index[wrong]
        ]
        frame[own] = texts.where(~wrong, "")
    for start, end in (RANGES[:2], RANGES[2:]):
        half = (frame[start] == "") != (frame[end] == "")
        frame.loc[half, [start, end]] = ""
        if half.any():
            findings.append(Finding("range_half", "warning", layer, count=int(half.sum()), column=start))
    return findings
