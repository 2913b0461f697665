"""Which columns of a file an import takes, and what they become."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas
import pandas as pd

from geo.errors import LayerError
from layers.columns import guess_code, guess_name, texts_of
from layers.findings import MESSAGES, Finding, Message
from layers.grid import GRID
from layers.reading.columns import find_column

ASSET, OWNER, PLACE, SECTION = "asset", "owner", "place", "section"
GUESSED = ("code", "name", "route", "from_m", "to_m", "side")

MESSAGES.update(
    {
        "guessed_column": Message(
            "未指定 --{option}，用「{column}」列。", "No --{option} given: column {column!r} is taken.",
            "如不对，请用 --{option} 指定。", "If that is wrong, give --{option}.",
        ),
        "no_code": Message(
            "没有编码列，按顺序编为 {value}。", "There is no code column: numbered {value}.",
            "如有编码，请用 --code 指定。", "If there is one, give --code.",
        ),
        "code_missing": Message(
            "没有编码，未导入。", "The row has no code and was left out.",
            "补上编码后重新导入。", "Add the code and import again.",
        ),
        "duplicate_id": Message(
            "编号 {value} 重复，改为 {renamed}。", "Id {value} is there already: this one became {renamed}.",
            "请给每个部件唯一的编号。", "Give each asset its own id.",
        ),
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """What a user says of a file; empty means not said.

    Attributes:
        code, name, parent, owner, population: columns.
        route, from_m, to_m, side: columns of sections.
        ranges: four columns of house numbers, with commas between: left from, left to, right from, right to.
        lng, lat: coordinate columns of a CSV.
        reference: a datum or EPSG:n that fills in what the file lacks.
    """

    layer: str = ""
    lng: str = ""
    lat: str = ""
    code: str = ""
    name: str = ""
    parent: str = ""
    owner: str = ""
    population: str = ""
    route: str = ""
    from_m: str = ""
    to_m: str = ""
    side: str = ""
    ranges: str = ""
    reference: str = ""
    encoding: str = ""


def choose_columns(
    frame: geopandas.GeoDataFrame, role: str, kind: str, options: ImportOptions
) -> tuple[dict[str, str], list[Finding]]:
    """The column for each of Woodpecker's own, empty where there is none, and what was guessed.

    Raises:
        LayerError: a named column is not there, or a grid level has none for its codes.
    """
    attributes = frame.drop(columns=frame.geometry.name)
    given = {
        "code": options.code, "name": options.name, "parent": options.parent,
        "owner": options.owner, "population": options.population,
    }  # fmt: skip
    columns = {w: c and find_column(list(attributes.columns), c) for w, c in given.items()}
    columns["code"] = columns["code"] or guessed_code(attributes, role, kind)
    columns["name"] = columns["name"] or guess_name(attributes, kind, columns["code"])
    findings = about_guesses(label(role, kind), given, columns)
    if role == GRID and not columns["code"]:
        raise LayerError(
            "A grid level needs a code for each cell, and no column looks like one.",
            fix=f"Name it: --code COLUMN. The columns are: {', '.join(attributes.columns) or 'none'}.",
        )
    return columns, findings


def about_guesses(layer: str, given: Mapping[str, str], columns: Mapping[str, str]) -> list[Finding]:
    """A note for each column that was guessed."""
    return [
        Finding(
            "guessed_column", "note", layer, column=columns[what], detail={"option": what.replace("_", "-")}
        )
        for what in GUESSED
        if columns.get(what) and not given[what]
    ]


def label(role: str, kind: str) -> str:
    """The layer as ``--as`` names it."""
    return f"{role}:{kind}" if kind else role


def guessed_code(attributes: pd.DataFrame, role: str, kind: str) -> str:
    """Grid levels need the right code; for the rest a doubtful one is none, and rows are numbered."""
    try:
        return guess_code(attributes, kind)
    except LayerError:
        if role == GRID:
            raise
        return ""


def own_columns(
    frame: geopandas.GeoDataFrame, role: str, kind: str, columns: Mapping[str, str]
) -> tuple[geopandas.GeoDataFrame, list[Finding]]:
    """The frame with Woodpecker's columns first and every other column of the source kept."""
    key = "id" if role in (ASSET, PLACE) else "code"
    layer = label(role, kind)
    own = {
        what: texts_of(frame[c]) if c else pd.Series("", frame.index, dtype=object)
        for what, c in columns.items()
    }
    codes, findings = codes_of(own["code"], role, kind, layer)
    table = {key: codes, "name": own["name"].where(own["name"] != "", codes), "owner": own["owner"]}
    if role == GRID:
        table["parent_given"] = own["parent"]
    if columns["population"]:
        table["population"] = _numbers(frame[columns["population"]], columns["population"])
    rest = frame.drop(columns=[c for c in columns.values() if c in frame.columns and c.casefold() in table])
    rest = rest.rename(columns=clashes(rest.columns, {*table, "fid", "parent", "parent_level", "geom"}))
    result = geopandas.GeoDataFrame(pd.concat([pd.DataFrame(table), rest], axis=1), geometry="geometry")
    return result[codes != ""], findings


def clashes(columns: pd.Index, taken: set[str]) -> dict[str, str]:
    """New names for source columns that SQLite would take for ours (it ignores case)."""
    return {c: f"source_{c}" for c in columns if c.casefold() in taken}


def codes_of(codes: pd.Series, role: str, kind: str, layer: str) -> tuple[pd.Series, list[Finding]]:
    """The rows' ids: each once, numbered where there is none; grid cells without one stay empty."""
    numbered = pd.Series([f"{kind or role}-{row:06d}" for row in codes.index], codes.index, dtype=object)
    if (codes == "").all() and role != GRID:
        return numbered, [Finding("no_code", "note", layer, value=f"{kind or role}-000001 …")]
    if role == GRID:
        missing = codes.index[codes == ""]
        return codes, [Finding("code_missing", "warning", layer, row=int(row)) for row in missing]
    blank = codes.index[codes == ""]
    said = [Finding("no_code", "note", layer, int(row), value=numbered[row]) for row in blank]
    unique, renamed = _unique(codes.where(codes != "", numbered), layer)
    return unique, said + renamed


def _unique(codes: pd.Series, layer: str) -> tuple[pd.Series, list[Finding]]:
    """Later rows with an id that is taken get ``~2``, ``~3`` … behind it."""
    order = codes.groupby(codes).cumcount()
    renamed = codes.where(order == 0, codes + "~" + (order + 1).astype(str))
    again = codes.index[order > 0]
    return renamed, [
        Finding(
            "duplicate_id", "warning", layer, int(row), value=codes[row], detail={"renamed": renamed[row]}
        )
        for row in again
    ]


def _numbers(values: pd.Series, column: str) -> pd.Series:
    numbers = pd.to_numeric(values, errors="coerce")
    bad = values[numbers.isna() & values.notna() & (values.astype(str).str.strip() != "")]
    if len(bad):
        raise LayerError(
            f"Column {column!r} holds {bad.iloc[0]!r} in row {bad.index[0]}, which is no number.",
            fix="Mend it or leave --population out.",
        )
    return numbers
