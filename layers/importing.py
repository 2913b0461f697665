"""Bringing a layer into the draft: a level of the grid, a kind of area, asset or section, or owners."""

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
from layers.config import NAME_PATTERN, CityConfig
from layers.findings import MESSAGES, Finding, Message
from layers.generation import routes_of
from layers.grid import GRID, link_parents, merge_parts, place_level
from layers.importing_columns import (
    ASSET,
    OWNER,
    PLACE,
    SECTION,
    ImportOptions,
    about_guesses,
    choose_columns,
    clashes,
    own_columns,
)
from layers.importing_ranges import with_ranges
from layers.importing_sections import drawn_anew, section_table
from layers.io import read_layer, read_table
from layers.new_city import edit
from layers.reading.columns import find_column
from layers.reading.messages import REJECTS
from layers.section_messages import SECTION_REJECTS
from layers.tables import read_table as read_city_table
from layers.tables import replace_tables, table_names, write_text

__all__ = ["METRIC_CRS_CHOSEN", "ImportOptions", "Imported", "import_layer", "parse_role"]

Floats = NDArray[np.float64]
AREA = "area"
LEFT_OUT = frozenset({*REJECTS, *SECTION_REJECTS, "code_missing"})
POLYGONS = frozenset({"Polygon"})
METRIC_CRS_CHOSEN = "metric_crs_chosen"
ACCEPTED = {GRID: POLYGONS, AREA: POLYGONS, ASSET: None, PLACE: None}

MESSAGES[METRIC_CRS_CHOSEN] = Message(
    "城市的量测坐标系定为 {value}。", "The city's metric CRS is now {value}."
)


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
        return tuple(f for f in self.findings if f.row is not None and f.code in LEFT_OUT)

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
        role in (GRID, AREA, ASSET, SECTION) and NAME_PATTERN.fullmatch(kind)
    ):
        return role, kind
    raise LayerError(
        f"{text!r} is nothing a layer can be imported as.",
        fix="Use grid:LEVEL, area:KIND, asset:KIND, section:KIND, place or owner; "
        "LEVEL and KIND are made of letters, digits, _ and -.",
    )


def import_layer(
    city: City, path: Path, role: str, kind: str, options: ImportOptions, *, dry_run: bool = False
) -> Imported:
    """Replace one level, kind or table of the draft by what a file holds.

    Args:
        city: the city.
        path: any file that `layers.io.read_layer` reads.
        role: grid, area, asset, section, place or owner.
        kind: the grid level, the kind of area or asset, or that of the routes of sections.
        options: what the user says of the file.
        dry_run: look and report, change nothing.

    Raises:
        LayerError: the file cannot be read as what it is said to be.
        CrsError: its coordinates cannot be placed.
        CityError: another command is changing the city.
    """
    config = city.config()
    _refuse_twin(city, role, kind)
    _refuse_for_sections(role, options)
    _refuse_ranges(role, options)
    if role == OWNER:
        frame, findings, columns = _owner_frame(path, options)
    elif role == SECTION:
        tables = {name: _read(city, name) for name in (f"asset_{kind}", f"asset_{kind}_mark")}
        routes = routes_of(kind, tables, config.metric_crs)
        near = _near(city, config, role, kind)
        frame, findings, columns = section_table(path, kind, options, routes, near)
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


def _refuse_for_sections(role: str, options: ImportOptions) -> None:
    given = [name for name in ("route", "from_m", "to_m", "side") if getattr(options, name)]
    if given and role != SECTION:
        raise LayerError(
            f"--{given[0].replace('_', '-')} is for sections.", fix="Leave it out, or use --as section:KIND."
        )


def _refuse_ranges(role: str, options: ImportOptions) -> None:
    if options.ranges and role != ASSET:
        raise LayerError(
            "--ranges is for the house numbers of roads.", fix="Leave it out, or use --as asset:road."
        )


def _refuse(path: Path, findings: Sequence[Finding]) -> None:
    for finding in findings:
        if finding.severity == "error":
            raise LayerError(f"{path.name}: {finding.reason('en')}", fix=finding.fix("en"))


def _write(city: City, config: CityConfig, imported: Imported, frame: pd.DataFrame) -> list[Finding]:
    words: dict[str, object] = {}
    findings = []
    frames = {imported.table: frame}
    if isinstance(frame, geopandas.GeoDataFrame) and imported.role != SECTION:
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
        frames |= drawn_anew(frames, lambda table: _read(city, table), crs)
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
    columns, findings = choose_columns(source.frame, role, kind, options)
    frame, more = own_columns(source.frame, role, kind, columns)
    frame, ranged = with_ranges(frame, source.frame, role, kind, options.ranges)
    findings = [*source.findings, *findings, *more, *ranged]
    if role == GRID:
        frame, merged = merge_parts(frame, kind)
        findings += merged
    return frame, findings, columns


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
    rest = rest.rename(columns=clashes(rest.columns, {*table, "fid"}))
    owners = pd.concat([pd.DataFrame(table), rest], axis=1)
    again = owners["id"].duplicated() & (owners["id"] != "")
    if again.any():
        raise LayerError(
            f"Owner {owners['id'][again].iloc[0]!r} is there more than once.", fix="Give each owner one row."
        )
    blank = [int(row) + 1 for row in np.flatnonzero(owners["id"] == "")]
    columns = {"code": code, "name": name}
    guesses = about_guesses(OWNER, {"code": options.code, "name": options.name}, columns)
    missing = [Finding("code_missing", "warning", OWNER, row) for row in blank]
    return owners[owners["id"] != ""], [*noticed, *guesses, *missing], columns
