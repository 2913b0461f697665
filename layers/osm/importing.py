"""From an OpenStreetMap extract to a city's draft, at once or not at all."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import geopandas
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.crs import MetricCrs, check_metric_crs, choose_metric_crs
from geo.errors import LayerError
from geo.types import Bbox
from layers.city import City, create_city
from layers.config import CityConfig, parse_config
from layers.findings import Finding
from layers.grid import GRID, link_parents, place_level
from layers.importing import METRIC_CRS_CHOSEN
from layers.importing_sections import drawn_anew
from layers.new_city import edit, new_city_text
from layers.osm.extract import OSM_LIMITS, Extract, read_osm
from layers.osm.kinds import parse_kinds, read_kinds_text
from layers.osm.levels import PREFIX, choose_levels
from layers.osm.squares import LEVEL, square_grid
from layers.osm.starter import with_starter_rules
from layers.reading.limits import Limits
from layers.tables import read_table, replace_tables, table_names, write_text

Objects = NDArray[np.object_]
Frames = dict[str, geopandas.GeoDataFrame]

SQUARE_M = 500.0
GROUND = ("asset_road", "asset_building")  # where these are, the town is
STRAY = 0.001  # of the objects at each side may lie astray when the file declares no box
OSM_ID = re.compile(r"[nwr]-?\d+")
OWN_LEVEL = re.compile(rf"{PREFIX}\d+|{LEVEL}")


@dataclass(frozen=True)
class OsmOptions:
    """What a user says of an extract.

    Attributes:
        name: of a city that is not there yet; its file's name if empty.
        kinds: a kinds table of one's own, or None.
        square_m: side of the squares where no boundary closes, in metres.
        time_zone: of a city that is not there yet.
    """

    name: str = ""
    kinds: Path | None = None
    square_m: float = SQUARE_M
    time_zone: str = "Asia/Shanghai"


@dataclass(frozen=True)
class ImportedOsm:
    """What an import did, or would do.

    Attributes:
        counts: rows per table, in the order they were written.
        levels: the grid levels of the city now, top first.
        created: whether the city is new.
    """

    counts: Mapping[str, int]
    levels: tuple[str, ...]
    metric_crs: str
    created: bool
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Plan:
    """Everything that an import will write: the words and the tables, and the tables it takes away."""

    text: str
    frames: Frames
    dropped: tuple[str, ...]
    levels: tuple[str, ...]
    metric_crs: str
    findings: tuple[Finding, ...]


def import_osm(
    city: City,
    path: Path,
    options: OsmOptions,
    *,
    dry_run: bool = False,
    limits: Limits = OSM_LIMITS,
    progress: Callable[[float], None] | None = None,
) -> ImportedOsm:
    """Make an extract the draft of a city, which is created if need be.

    Grid levels, assets and places that an earlier extract brought are replaced; those of other files stay.

    Raises:
        LayerError: the file or the kinds table cannot be used.
        UnsafeFileError: the file needs more than the limits.
        CrsError: the city's metric CRS does not serve for where the extract lies.
        CityError: another command is changing the city.
    """
    if not 10 <= options.square_m <= 100_000:  # NaN fails too
        raise LayerError(f"Squares of {options.square_m!r} m are no grid.", fix="Give 10 to 100000 metres.")
    kinds = read_kinds_text(options.kinds)
    parse_kinds(kinds)
    extract = read_osm(path, kinds, limits=limits, progress=progress)
    created = not city.toml.exists()
    if created or dry_run:
        plan = _plan(city, _text(city, path, options), extract, options)
    if created and not dry_run:  # only now: a file that cannot be used makes no city
        create_city(city.folder, _name(path, options), time_zone=options.time_zone)
    if not dry_run:
        with city.locked():
            plan = plan if created else _plan(city, _text(city, path, options), extract, options)
            write_text(city.toml, plan.text)
            frames = {**plan.frames, **drawn_anew(plan.frames, partial(_of_draft, city), plan.metric_crs)}
            replace_tables(city.draft, frames, start=city.live_file(), drop=plan.dropped)
    counts = {table: len(frame) for table, frame in plan.frames.items()}
    return ImportedOsm(counts, plan.levels, plan.metric_crs, created, plan.findings)


def _name(path: Path, options: OsmOptions) -> str:
    return options.name or re.sub(r"(\.osm)?(\.(pbf|gz|bz2|osm))?$", "", path.name) or path.name


def _text(city: City, path: Path, options: OsmOptions) -> str:
    if city.toml.exists():
        return city.toml.read_text(encoding="utf-8")
    return new_city_text(_name(path, options), "", options.time_zone)


# ---- what will be written


def _plan(city: City, text: str, extract: Extract, options: OsmOptions) -> Plan:
    config = parse_config(text, city.folder)
    ground, spots = _ground(extract)
    crs, said = _metric_crs(config, spots)
    others = _other_levels(city, config)
    grid, more = _grid(extract, ground, spots, MetricCrs(crs), options, others)
    levels = _placed([level for level in config.levels if level in others], others, grid, crs)
    linked = link_parents(levels, {**others, **grid})
    before = _before(city)
    tables, kept = _tables(before, extract)
    stays = {table: frame for table, frame in before.items() if table in tables or not _is_osm(frame)}
    frames: Frames = {**{f"{GRID}_{level}": frame for level, frame in linked.items()}, **tables}
    started = with_starter_rules(text, before, {**stays, **tables})
    changed, rules = _words(started, config, crs, levels), _rules_said(text, started)
    gone = (*(table for table in before if table not in stays), *_old_levels(city, frames))
    return Plan(changed, frames, gone, levels, crs, (*said, *more, *rules, *kept, *extract.findings))


def _ground(extract: Extract) -> tuple[Objects, Objects]:
    """The roads and buildings (else everything), and a point of each that lies within the extract's data."""
    there = [table for table in GROUND if table in extract.tables] or list(extract.tables)
    frames = [extract.tables[table] for table in there]
    if not frames:
        raise LayerError(
            "The extract holds nothing that the kinds table asks for.", fix="Take a larger extract."
        )
    geoms = np.concatenate([np.asarray(frame.geometry.array, dtype=object) for frame in frames])
    spots = shapely.point_on_surface(geoms)
    here = _within(spots, extract.box)
    return geoms[here], spots[here]


def _within(spots: Objects, box: Bbox | None) -> NDArray[np.bool_]:
    """Which points lie in the declared box; without one, or if it fits nothing, which are not astray."""
    x, y = shapely.get_x(spots), shapely.get_y(spots)
    if box is not None:
        inside = (x >= box.west) & (x <= box.east) & (y >= box.south) & (y <= box.north)
        if inside.any():
            return np.asarray(inside)
    sides = [np.quantile(axis, [STRAY, 1 - STRAY]) for axis in (x, y)] if len(spots) > 2 / STRAY else None
    if sides is None:
        return np.ones(len(spots), dtype=bool)
    (west, east), (south, north) = sides
    wide, high = east - west, north - south
    return np.asarray((x >= west - wide) & (x <= east + wide) & (y >= south - high) & (y <= north + high))


def _of_draft(city: City, table: str) -> pd.DataFrame | None:
    base = city.draft_base()
    return read_table(base, table) if base is not None and table in table_names(base) else None


def _metric_crs(config: CityConfig, spots: Objects) -> tuple[str, list[Finding]]:
    lng, lat = shapely.get_x(spots), shapely.get_y(spots)
    if config.metric_crs:
        check_metric_crs(config.metric_crs, lng, lat)
        return config.metric_crs, []
    crs = choose_metric_crs(lng, lat)
    return crs, [Finding(METRIC_CRS_CHOSEN, "note", "city.toml", value=crs)]


def _other_levels(city: City, config: CityConfig) -> Frames:
    """The city's levels that came from other files."""
    base = city.draft_base()
    there = set(table_names(base)) if base else set()
    own = [level for level in config.levels if not OWN_LEVEL.fullmatch(level) and f"{GRID}_{level}" in there]
    return {level: read_table(base, f"{GRID}_{level}") for level in own} if base else {}


def _grid(
    extract: Extract, ground: Objects, spots: Objects, metric: MetricCrs, options: OsmOptions, others: Frames
) -> tuple[Frames, list[Finding]]:
    levels, findings = choose_levels(extract, spots, metric)
    if levels:
        return levels, findings
    if others:
        return {}, [Finding("osm_own_grid", "note", "grid", value=", ".join(others)), *findings]
    squares = square_grid(ground, metric, options.square_m)
    detail = {"metres": options.square_m}
    said = Finding("osm_square_grid", "note", f"{GRID}:{LEVEL}", count=len(squares), detail=detail)
    return {LEVEL: squares}, [said, *findings]


def _placed(levels: Iterable[str], others: Frames, grid: Frames, crs: str) -> tuple[str, ...]:
    """The city's own levels with the extract's among them, larger cells above smaller ones."""
    if not (placed := tuple(levels)):
        return tuple(grid)
    for level, frame in grid.items():
        placed = place_level(placed, {**others, **grid}, level, frame, crs)
    return placed


def _before(city: City) -> Frames:
    """The assets and places of the draft as it is."""
    base = city.draft_base()
    names = table_names(base) if base else []
    mine = [name for name in names if name.startswith("asset_") or name == "place"]
    return {name: read_table(base, name) for name in mine} if base else {}


def _tables(before: Frames, extract: Extract) -> tuple[Frames, list[Finding]]:
    """The assets and places to write: all but those whose table came from another file."""
    foreign = [table for table in extract.tables if table in before and not _is_osm(before[table])]
    kept = [Finding("osm_kept_table", "note", table, value=table) for table in foreign]
    return {table: frame for table, frame in extract.tables.items() if table not in foreign}, kept


def _is_osm(frame: geopandas.GeoDataFrame) -> bool:
    """Whether a table was brought by an extract: every id is one of OpenStreetMap's."""
    return all(OSM_ID.fullmatch(str(key)) for key in frame["id"])


def _old_levels(city: City, frames: Frames) -> list[str]:
    """The tables of levels that an earlier extract brought and this one does not."""
    base = city.draft_base()
    names = table_names(base) if base else []
    mine = [n for n in names if n.startswith(f"{GRID}_") and OWN_LEVEL.fullmatch(n.removeprefix(f"{GRID}_"))]
    return [name for name in mine if name not in frames]


def _words(text: str, config: CityConfig, crs: str, levels: tuple[str, ...]) -> str:
    words: dict[str, object] = {}
    if crs != config.metric_crs:
        words["metric_crs"] = crs
    if levels != config.levels:
        words["levels"] = list(levels)
    return edit(text, **words) if words else text


def _rules_said(before: str, after: str) -> list[Finding]:
    if before == after:
        return []
    return [Finding("osm_rules", "note", "city.toml", count=len(tomllib.loads(after)["rule"]))]
