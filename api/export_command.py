"""woodpecker export: what a city holds, as a file for a GIS, a spreadsheet or a report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.locate_commands import load_generation
from api.map_command import draw_map, ground_of, page_words
from api.options import city_option, output
from api.screen import counted, language, say, working

if TYPE_CHECKING:
    from layers.exported import Export
    from layers.generation import Generation
    from layers.store.filters import IssueFilter

MOST_ON_PAGE = 20_000
# A table a level or a kind where a file holds several.
LAYERED = (".gpkg", ".shp.zip", ".kml", ".kmz", ".xlsx", ".dxf")
FORMATS = ".gpkg .geojson .shp.zip .kml .kmz .fgb .parquet .csv .xlsx .dxf .png .html"


@click.group()
def export() -> None:
    """Write issues, the grid or assets as a file; its ending names the format.

    \b
    .gpkg      every table as a layer that opens styled in QGIS
    .geojson   for the web           .parquet  for analyses
    .shp.zip   for older GIS         .fgb      for large layers
    .kml .kmz  for virtual globes    .dxf      for drawings, in metres
    .csv .xlsx for spreadsheets      .png .html  to look at

    Every file is read back and compared before it is put in place; what a format cannot hold is said.
    Coordinates are WGS-84; --crs takes any other, CGCS2000 zones too. GCJ-02 is written only where it is
    asked for (--crs gcj02) and the file's name carries gcj02.
    """


def _shared(command: Callable[..., Any]) -> Callable[..., Any]:
    crs = click.option(
        "--crs", default="", metavar="D", help="EPSG:n, wgs84 (default), cgcs2000, gcj02 or bd09."
    )
    out = click.option("--out", required=True, metavar="F", help=f"Its ending is one of {FORMATS}")
    return city_option(out(crs(command)))


@export.command(
    "issues",
    epilog="""\b
Examples:
  woodpecker export issues --city nantong --out issues.gpkg
  woodpecker export issues --city nantong --out june.xlsx --since 2026-06-01 --until 2026-06-30
  woodpecker export issues --city nantong --out open.csv --status open --crs EPSG:4549""",
)
@_shared
@click.option(
    "--status", default="", metavar="S,S", help="open, done, or states such as received,dispatched."
)
@click.option("--since", default="", metavar="T", help="Opened then or later, in the city's zone.")
@click.option("--until", default="", metavar="T", help="Opened then or earlier; a day counts to its end.")
def issues(city: Path, out: str, crs: str, status: str, since: str, until: str) -> None:
    """Write all issues, open and closed, with where they are and whose.

    Nothing in the file leads to a person: reporters, contacts and what they wrote stay in the city. It works
    while a server runs. On an .html page stand the 20,000 that were changed last.
    """
    path = _checked(out, city, crs)
    generation = load_generation(city)
    wanted = _filter(generation, status, since, until)
    if path.suffix.lower() == ".html":
        _issue_page(city, generation, wanted, path)
        return
    with working("Reading the issues …"):
        found = _issues(city, generation, wanted)
    _write(found, path, crs, generation)


@export.command(
    "grid",
    epilog="""\b
Examples:
  woodpecker export grid --city nantong --out grid.gpkg
  woodpecker export grid --city nantong --out cells.shp.zip --level cell --crs EPSG:4549
  woodpecker export grid --city nantong --out grid.gcj02.geojson --crs gcj02""",
)
@_shared
@click.option("--level", default="", metavar="L", help="Only this level [default: all].")
def grid(city: Path, out: str, crs: str, level: str) -> None:
    """Write the cells with their parents, paths, owners and population.

    A file with layers has one for each level, other files all levels in one table; a picture has the lowest.
    """
    from layers.export_tables import grid_export

    path = _checked(out, city, crs, only="--level" if level else "")
    generation = load_generation(city)
    suffix = _suffix(path)
    if suffix == ".html":
        _page(generation, path)
        return
    found = grid_export(generation, level=level, as_layers=suffix in (*LAYERED, ".png"))
    _write(found, path, crs, generation)


@export.command(
    "assets",
    epilog="""\b
Examples:
  woodpecker export assets --city nantong --out assets.gpkg
  woodpecker export assets --city nantong --out lamps.csv --kind street_light
  woodpecker export assets --city nantong --out assets.dxf""",
)
@_shared
@click.option("--kind", default="", metavar="K", help="Only this kind, its attributes as columns.")
def assets(city: Path, out: str, crs: str, kind: str) -> None:
    """Write the assets with their owners.

    A file with layers has one for each kind with its attributes; others have all kinds in one table, with the
    attributes as JSON.
    """
    from layers.export_tables import asset_export

    path = _checked(out, city, crs, only="--kind" if kind else "")
    generation = load_generation(city)
    suffix = _suffix(path)
    if suffix == ".html":
        _page(generation, path)
        return
    found = asset_export(generation, kind=kind, as_layers=suffix in LAYERED)
    _write(found, path, crs, generation)


def _checked(out: str, city: Path, crs: str, *, only: str = "") -> Path:
    """The file to write, before anything is read for it; with the option that asks for a part of it."""
    from geo.errors import LayerError
    from maps.export import PAGE, format_of
    from maps.export_target import target_of

    path = output(out, city=city)
    try:
        suffix = format_of(path)
    except LayerError as error:
        raise click.BadParameter(f"{error.message} {error.fix}", param_hint="--out") from error
    if suffix == PAGE and crs:
        raise click.UsageError("A page is drawn in WGS-84: leave --crs out.")
    if suffix == PAGE and only:
        raise click.UsageError(f"A page shows all: leave {only} out.")
    target_of(crs, path)
    return path


def _suffix(path: Path) -> str:
    from maps.export import format_of

    return format_of(path)


def _filter(generation: Generation, status: str, since: str, until: str) -> IssueFilter:
    from layers.store.filters import IssueFilter

    first, last = _moment(generation, since, "--since"), _moment(generation, until, "--until")
    if first is not None and last is not None and first > last:
        raise click.UsageError(f"--since {since} is after --until {until}: nothing lies between.")
    return IssueFilter(status=_states(status), since_us=first, created_until_us=last)


def _states(said: str) -> tuple[str, ...]:
    from layers.life_cycle import DONE, State
    from layers.open_issues import OPEN

    known: dict[str, Sequence[str]] = {"open": OPEN, "done": DONE, **{s.value: (s.value,) for s in State}}
    words = [word.strip() for word in said.split(",") if word.strip()]
    for word in words:
        if word not in known:
            what = f"{word!r} is no status; known: {', '.join(known)}."
            raise click.BadParameter(what, param_hint="--status")
    return tuple(dict.fromkeys(str(state) for word in words for state in known[word]))


def _moment(generation: Generation, said: str, option: str) -> int | None:
    """A time in microseconds; of a day that is to count to its end, the last."""
    from geo.errors import GridError
    from layers.hotspot_question import window_edge

    zone = generation.config.time_zone
    try:
        edge = window_edge(said, zone)
        end = window_edge(said, zone, end=True) if option == "--until" else edge
    except GridError as error:
        raise click.BadParameter(f"{error.message} {error.fix}", param_hint=option) from error
    return edge if end is None or end == edge else end - 1  # they differ for days only


def _issues(city: Path, generation: Generation, wanted: IssueFilter) -> Export:
    from zoneinfo import ZoneInfo

    from layers.export_issues import filter_said, issue_export
    from layers.store import open_readers
    from layers.store.store import STORE

    said = filter_said(wanted, ZoneInfo(generation.config.time_zone))
    if not (city / STORE).is_file():
        say("Nothing was reported in this city yet: the file holds no issues.")
        return issue_export(None, generation, wanted, said)
    readers = open_readers(city / STORE)
    try:
        with readers.reading() as connection:
            return issue_export(connection, generation, wanted, said)
    finally:
        readers.close()


def _issue_page(city: Path, generation: Generation, wanted: IssueFilter, path: Path) -> None:
    from zoneinfo import ZoneInfo

    from layers.issue_features import names_of
    from layers.issue_table import COLUMNS, IssueTable, issue_table
    from layers.store import open_readers
    from layers.store.store import STORE
    from layers.tables import write_text
    from layers.times import now_us
    from maps.issue_map import issue_map_html

    zone = ZoneInfo(generation.config.time_zone)
    if (city / STORE).is_file():
        readers = open_readers(city / STORE)
        with working("Reading the issues …"), readers.reading() as connection:
            found = issue_table(
                connection, wanted, names_of(generation), zone=zone, now_us=now_us(), most=MOST_ON_PAGE,
                with_text=False,
            )  # fmt: skip
        readers.close()
    else:
        import pandas as pd

        say("Nothing was reported in this city yet: the page shows no issues.")
        found = IssueTable(pd.DataFrame(columns=list(COLUMNS)), 0)
    page = issue_map_html(
        ground=ground_of(generation), reports=found.rows, are_issues=True, left_out=found.left_out,
        **page_words(generation),
    )  # fmt: skip
    write_text(path, page)
    more = f"; {found.left_out:,} older ones are not on it" if found.left_out else ""
    say(f"{path}: {counted(len(found.rows), 'issue')}{more}.")


def _page(generation: Generation, path: Path) -> None:
    with working("Drawing …"):
        draw_map(generation, None, path)
    say(f"{path} ({path.stat().st_size / 1e6:.1f} MB)")


def _write(found: Export, path: Path, crs: str, generation: Generation) -> None:
    from dataclasses import replace
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from maps.export import write_export

    config = generation.config
    now = datetime.now(ZoneInfo(config.time_zone)).replace(microsecond=0).isoformat()
    with working("Writing …"):
        notes = write_export(
            replace(found, about={**found.about, "exported_at": now}), path, crs=crs,
            metric_crs=config.metric_crs, languages=config.languages,
        )  # fmt: skip
    rows = sum(len(table.frame) for table in found.tables)
    say(f"{path}: {counted(rows, 'row')} in {counted(len(found.tables), 'table')}.")
    for zh, en in notes:
        say(zh if language() == "zh" else en)
