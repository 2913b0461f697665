"""The command that makes a city of an OpenStreetMap extract: import osm."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from api.options import city_option, existing, json_option
from api.screen import finding_json, result_json, say, show_findings, table

if TYPE_CHECKING:
    from layers.osm.importing import ImportedOsm

FINDINGS = 1


@click.command(
    "osm",
    epilog="""\b
Examples:
  woodpecker import osm lauf.osm.pbf --city lauf
  woodpecker import osm town.osm.bz2 --city town --name 小镇 --time-zone Europe/Berlin
  woodpecker import osm city.osm.pbf --city city --square 250 --dry-run
  woodpecker import osm city.osm.pbf --city city --kinds mykinds.csv --json""",
)
@click.argument("file", metavar="FILE")
@city_option
@click.option("--name", default="", help="Of a city that is not there yet [default: the file's name].")
@click.option(
    "--time-zone", default="Asia/Shanghai", show_default=True, help="Of a city that is not there yet."
)
@click.option(
    "--square", type=float, default=500.0, show_default=True, metavar="M",
    help="Side in metres of the grid's squares, where the extract holds no closed boundary.",
)  # fmt: skip
@click.option(
    "--kinds",
    default="",
    metavar="F.csv",
    help="Which tags become which kinds; the shipped table if not given.",
)
@click.option("--dry-run", is_flag=True, help="Only look: say what would come in and what would not.")
@json_option
def import_osm(
    file: str, city: Path, name: str, time_zone: str, square: float, kinds: str, dry_run: bool, as_json: bool
) -> None:
    """Make FILE, an OpenStreetMap extract, the draft of a city, which is created if need be.

    Reads .osm.pbf, .osm, .osm.gz and .osm.bz2: roads, bridges, lamps, signals, signs, manholes, hydrants,
    waters and their works, buildings, addresses, places, and closed administrative boundaries as the grid.
    """
    from layers.city import City
    from layers.osm import importing

    path = existing(file)
    options = importing.OsmOptions(name, existing(kinds) if kinds else None, square, time_zone)
    with _bar(f"Reading {path.name}") as progress:
        imported = importing.import_osm(City(city), path, options, dry_run=dry_run, progress=progress)
    if as_json:
        _as_json(imported, path, dry_run=dry_run)
    else:
        _report(imported, path, city, dry_run=dry_run)
    if dry_run and any(finding.severity != "note" for finding in imported.findings):
        sys.exit(FINDINGS)


@contextmanager
def _bar(what: str) -> Iterator[Callable[[float], None] | None]:
    """A progress bar on a terminal; nothing in a pipe."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(what, total=1.0)
        yield lambda done: progress.update(task, completed=done)


def _as_json(imported: ImportedOsm, path: Path, *, dry_run: bool) -> None:
    result_json(
        {
            "file": str(path),
            "dry_run": dry_run,
            "created": imported.created,
            "metric_crs": imported.metric_crs,
            "levels": imported.levels,
            "tables": imported.counts,
            "findings": [finding_json(finding) for finding in imported.findings],
        }
    )


def _report(imported: ImportedOsm, path: Path, city: Path, *, dry_run: bool) -> None:
    table(("table", "features"), list(imported.counts.items()))
    show_findings(imported.findings, as_json=False)
    if dry_run:
        say(f"Nothing was changed: this is what {path.name} would bring.")
        return
    say(f"{path.name} is now the draft of {city}{' (a new city)' if imported.created else ''}. Next:")
    say(f"  woodpecker publish --city {city}")
    say(f"  woodpecker map --city {city} --out map.html")
    say(f"  woodpecker locate --city {city} LNG LAT")
