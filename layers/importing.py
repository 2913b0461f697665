"""Bringing a layer into the draft: one level of the grid, one kind of area or asset, or owners."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import geopandas
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.crs import check_metric_crs, choose_metric_crs
from geo.errors import LayerError
from geo.types import Bbox
from layers.city import City
from layers.columns import guess_code, guess_name, texts_of
from layers.config import NAME_PATTERN, CityConfig, edit
from layers.findings import MESSAGES, Finding, Message
from layers.grid import GRID, link_parents, merge_parts, place_level
from layers.io import read_layer, read_table
from layers.reading.columns import find_column
from layers.reading.messages import REJECTS
from layers.tables import read_table as read_city_table
from layers.tables import replace_tables, table_names, write_text

Floats = NDArray[np.float64]
AREA, ASSET, OWNER, PLACE = "area", "asset", "owner", "place"
POLYGONS = frozenset({"Polygon"})
METRIC_CRS_CHOSEN = "metric_crs_chosen"
ACCEPTED = {GRID: POLYGONS, AREA: POLYGONS, ASSET: None, PLACE: None}

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
        METRIC_CRS_CHOSEN: Message(
            "城市的量测坐标系定为 {value}。", "The city's metric CRS is now {value}.",
        ),
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """What a user says of a file; empty means not said.

    Attributes:
        code, name, parent, owner, population: columns.
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
    reference: str = ""
    encoding: str = ""


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did, or would do."""

    role: str
    kind: str
    features: int
    findings: tuple[Finding, ...]
    columns: Mapping[str, str] = field(default_factory=dict)

    @property
    def rejects(self) -> tuple[Finding, ...]:
        """The rows that are not in the table."""
        return tuple(f for f in self.findings if f.row is not None and f.code in {*REJECTS, "code_missing"})

    @property
    def table(self) -> str:
        """The table of the draft."""
        return f"{self.role}_{self.kind}" if self.kind else self.role


def parse_role(text: str) -> tuple[str, str]:
    """The role and the level or kind that ``--as`` names.

    Raises:
        LayerError: it names none.
    """
    role, _, kind = text.partition(":")
    if (role in (OWNER, PLACE) and not kind) or (
        role in (GRID, AREA, ASSET) and NAME_PATTERN.fullmatch(kind)
    ):
        return role, kind
    raise LayerError(
        f"{text!r} is nothing a layer can be imported as.",
        fix="Use grid:LEVEL, area:KIND, asset:KIND, place or owner; "
        "LEVEL and KIND are made of letters, digits, _ and -.",
    )


def import_layer(
    city: City, path: Path, role: str, kind: str, options: ImportOptions, *, dry_run: bool = False
) -> Imported:
    """Replace one level, kind or table of the draft by what a file holds.

    Args:
        city: the city.
        path: any file that `layers.io.read_layer` reads.
        role: grid, area, asset, place or owner.
        kind: the grid level or the kind of area or asset.
        options: what the user says of the file.
        dry_run: look and report, change nothing.

    Raises:
        LayerError: the file cannot be read as what it is said to be.
        CrsError: its coordinates cannot be placed.
        CityError: another command is changing the city.
    """
    config = city.config()
    _refuse_twin(city, role, kind)
    if role == OWNER:
        frame, findings, columns = _owner_frame(path, options)
    else:
        frame, findings, columns = _layer_frame(city, config, path, role, kind, options)
    imported = Imported(role, kind, len(frame), tuple(findings), columns)
    if dry_run:
        return imported
    _refuse(path, findings)
    with city.locked():
        chosen = _write(city, city.config(), imported, frame)
    return Imported(role, kind, len(frame), (*findings, *chosen), columns)


def _refuse_twin(city: City, role: str, kind: str) -> None:
    """SQLite takes names that differ only in case for the same table."""
    table = f"{role}_{kind}" if kind else role
    base = city.draft_base()
    for other in table_names(base) if base else []:
        if other != table and other.casefold() == table.casefold():
            there = other.removeprefix(f"{role}_")
            raise LayerError(
                f"{kind!r} differs only in case from {there!r}.", fix=f"Import it as {role}:{there}."
            )


def _refuse(path: Path, findings: Sequence[Finding]) -> None:
    for finding in findings:
        if finding.severity == "error":
            raise LayerError(f"{path.name}: {finding.reason('en')}", fix=finding.fix("en"))


def _write(city: City, config: CityConfig, imported: Imported, frame: pd.DataFrame) -> list[Finding]:
    words: dict[str, object] = {}
    findings = []
    frames = {imported.table: frame}
    if isinstance(frame, geopandas.GeoDataFrame):
        crs = _metric_crs(config, frame)
        if crs != config.metric_crs:
            words["metric_crs"] = crs
            findings.append(Finding(METRIC_CRS_CHOSEN, "note", "city.toml", value=crs))
        if imported.role == GRID:
            others = {lv: _read(city, f"grid_{lv}") for lv in config.levels if lv != imported.kind}
            grid = {lv: other for lv, other in others.items() if other is not None}
            levels = place_level(config.levels, grid, imported.kind, frame, crs)
            words |= {"levels": list(levels)} if levels != config.levels else {}
            linked = link_parents(levels, {**grid, imported.kind: frame})
            frames = {f"grid_{level}": table for level, table in linked.items()}
    if words:
        write_text(city.toml, edit(city.words(), **words))
    replace_tables(city.draft, frames, start=city.live_file())
    return findings


def _metric_crs(config: CityConfig, frame: geopandas.GeoDataFrame) -> str:
    lng, lat = _corners(frame)
    if config.metric_crs:
        check_metric_crs(config.metric_crs, lng, lat)
        return config.metric_crs
    return choose_metric_crs(lng, lat)


def _corners(frame: geopandas.GeoDataFrame) -> tuple[Floats, Floats]:
    bounds = shapely.bounds(np.asarray(frame.geometry.array, dtype=object))
    return bounds[:, [0, 0, 2, 2]].ravel(), bounds[:, [1, 3, 1, 3]].ravel()


def _read(city: City, table: str) -> geopandas.GeoDataFrame | None:
    base = city.draft_base()
    return read_city_table(base, table) if base is not None and table in table_names(base) else None


def _near(city: City, config: CityConfig, role: str, kind: str) -> Bbox | None:
    """The box of the rest of the city: what lies far from it is suspicious."""
    frames = [_read(city, f"grid_{lv}") for lv in config.levels if (role, kind) != (GRID, lv)]
    boxes = [frame.total_bounds for frame in frames if frame is not None and len(frame)]
    if not boxes:
        return None
    box = np.array(boxes)
    return Bbox(*map(float, (*box[:, :2].min(axis=0), *box[:, 2:].max(axis=0))))


def _layer_frame(
    city: City, config: CityConfig, path: Path, role: str, kind: str, options: ImportOptions
) -> tuple[geopandas.GeoDataFrame, list[Finding], dict[str, str]]:
    source = read_layer(
        path,
        layer=options.layer or None,
        lng=options.lng or None,
        lat=options.lat or None,
        reference=options.reference or None,
        encoding=options.encoding or None,
        accept=ACCEPTED[role],
        near=_near(city, config, role, kind),
    )
    if not len(source.frame):
        return source.frame, list(source.findings), {}
    columns, findings = _choose_columns(source.frame, role, kind, options)
    frame, more = _own_columns(source.frame, role, kind, columns)
    findings = [*source.findings, *findings, *more]
    if role == GRID:
        frame, merged = merge_parts(frame, kind)
        findings += merged
    return frame, findings, columns


def _choose_columns(
    frame: geopandas.GeoDataFrame, role: str, kind: str, options: ImportOptions
) -> tuple[dict[str, str], list[Finding]]:
    attributes = frame.drop(columns=frame.geometry.name)
    given = {
        "code": options.code, "name": options.name, "parent": options.parent,
        "owner": options.owner, "population": options.population,
    }  # fmt: skip
    columns = {w: c and find_column(list(attributes.columns), c) for w, c in given.items()}
    columns["code"] = columns["code"] or _guessed_code(attributes, role, kind)
    columns["name"] = columns["name"] or guess_name(attributes, kind, columns["code"])
    findings = _about_guesses(_label(role, kind), given, columns)
    if role == GRID and not columns["code"]:
        raise LayerError(
            f"A grid level needs a code for each cell, and no column of {kind!r} looks like one.",
            fix=f"Name it: --code COLUMN. The columns are: {', '.join(attributes.columns) or 'none'}.",
        )
    return columns, findings


def _about_guesses(layer: str, given: Mapping[str, str], columns: Mapping[str, str]) -> list[Finding]:
    return [
        Finding("guessed_column", "note", layer, column=columns[what], detail={"option": what})
        for what in ("code", "name")
        if columns[what] and not given[what]
    ]


def _label(role: str, kind: str) -> str:
    return f"{role}:{kind}" if kind else role


def _guessed_code(attributes: pd.DataFrame, role: str, kind: str) -> str:
    """Grid levels need the right code; for the rest a doubtful one is none, and rows are numbered."""
    try:
        return guess_code(attributes, kind)
    except LayerError:
        if role == GRID:
            raise
        return ""


def _own_columns(
    frame: geopandas.GeoDataFrame, role: str, kind: str, columns: Mapping[str, str]
) -> tuple[geopandas.GeoDataFrame, list[Finding]]:
    """The frame with Woodpecker's columns first and every other column of the source kept."""
    key = "id" if role in (ASSET, PLACE) else "code"
    layer = _label(role, kind)
    own = {
        what: texts_of(frame[c]) if c else pd.Series("", frame.index, dtype=object)
        for what, c in columns.items()
    }
    codes, findings = _codes(own["code"], role, kind, layer)
    table = {key: codes, "name": own["name"].where(own["name"] != "", codes), "owner": own["owner"]}
    if role == GRID:
        table["parent_given"] = own["parent"]
    if columns["population"]:
        table["population"] = _numbers(frame[columns["population"]], columns["population"])
    rest = frame.drop(columns=[c for c in columns.values() if c in frame.columns and c.casefold() in table])
    rest = rest.rename(columns=_clashes(rest.columns, {*table, "fid", "parent", "parent_level", "geom"}))
    result = geopandas.GeoDataFrame(pd.concat([pd.DataFrame(table), rest], axis=1), geometry="geometry")
    return result[codes != ""], findings


def _clashes(columns: pd.Index, taken: set[str]) -> dict[str, str]:
    """New names for source columns that SQLite would take for ours (it ignores case)."""
    return {c: f"source_{c}" for c in columns if c.casefold() in taken}


def _codes(codes: pd.Series, role: str, kind: str, layer: str) -> tuple[pd.Series, list[Finding]]:
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


def _owner_frame(path: Path, options: ImportOptions) -> tuple[pd.DataFrame, list[Finding], dict[str, str]]:
    frame, noticed = read_table(path, encoding=options.encoding or None)
    names = list(frame.columns)
    code = find_column(names, options.code) if options.code else guess_code(frame, OWNER)
    name = find_column(names, options.name) if options.name else guess_name(frame, OWNER, code)
    if not code and not name:
        raise LayerError(
            f"{path.name} has no column that looks like an owner's id or name.",
            fix=f"Name them: --code COLUMN --name COLUMN. The columns are: {', '.join(frame.columns)}.",
        )
    ids = texts_of(frame[code or name])
    english = next((c for c in frame.columns if c.casefold() in ("name_en", "english", "英文名")), "")
    table = {"id": ids, "name": texts_of(frame[name]) if name else ids}
    table["name_en"] = texts_of(frame[english]) if english else pd.Series("", frame.index, dtype=object)
    rest = frame.drop(columns=[c for c in frame.columns if c.casefold() in table])
    rest = rest.rename(columns=_clashes(rest.columns, {*table, "fid"}))
    owners = pd.concat([pd.DataFrame(table), rest], axis=1)
    again = owners["id"].duplicated() & (owners["id"] != "")
    if again.any():
        raise LayerError(
            f"Owner {owners['id'][again].iloc[0]!r} is there more than once.", fix="Give each owner one row."
        )
    blank = [int(row) + 1 for row in np.flatnonzero(owners["id"] == "")]
    columns = {"code": code, "name": name}
    guesses = _about_guesses(OWNER, {"code": options.code, "name": options.name}, columns)
    missing = [Finding("code_missing", "warning", OWNER, row) for row in blank]
    return owners[owners["id"] != ""], [*noticed, *guesses, *missing], columns
