"""Commands that make a city: init, import, check, publish."""

from __future__ import annotations

import sys
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from api.check_screen import show_check
from api.options import city_option, columns_options, existing, json_option, output
from api.screen import counted, finding_json, result_json, say, show_findings, working, write_rejects

if TYPE_CHECKING:
    from layers.importing import Imported

FINDINGS = 1


@click.command(epilog="Example: woodpecker init nantong --name 南通 --metric-crs EPSG:4549")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--name", required=True, help="The city's name, as people read it.")
@click.option(
    "--metric-crs", default="", metavar="EPSG:n",
    help="CRS in metres for distances and areas; the first import picks one where none is given.",
)  # fmt: skip
@click.option("--time-zone", default="Asia/Shanghai", show_default=True, help="Where days are cut.")
def init(folder: Path, name: str, metric_crs: str, time_zone: str) -> None:
    """Make a new city in DIR."""
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    from geo.crs import check_metric_crs
    from layers.city import create_city

    if not name.strip():
        raise click.BadParameter("a city needs a name.", param_hint="--name")
    try:
        ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        what = f"{time_zone!r} is not in the tz database; use a name such as Asia/Shanghai."
        raise click.BadParameter(what, param_hint="--time-zone") from error
    if metric_crs:
        check_metric_crs(metric_crs)
    create_city(folder, name, metric_crs=metric_crs, time_zone=time_zone)
    say(
        f"{folder / 'city.toml'} is there. Next: woodpecker import layer FILE --city {folder} --as grid:LEVEL"
    )


@click.group("import")
def import_() -> None:
    """Bring layers into a city's draft."""


@import_.command(
    "layer",
    epilog="""\b
Examples:
  woodpecker import layer communities.zip --city nantong --as grid:community --owner BODY
  woodpecker import layer lamps.csv --city nantong --as asset:street_light --lng E --lat N --crs EPSG:4549
  woodpecker import layer amap.geojson --city nantong --as area:property --datum gcj02
  woodpecker import layer streets.shp --city chicago --as asset:road --ranges LFROM,LTO,RFROM,RTO
  woodpecker import layer upkeep.csv --city nantong --as section:road --route ROAD --owner BODY
  woodpecker import layer districts.shp --city nantong --as grid:district --dry-run""",
)
@click.argument("file", metavar="FILE")
@city_option
@click.option(
    "--as", "role", required=True, metavar="ROLE",
    help="grid:LEVEL, area:KIND, asset:KIND, section:KIND (KIND of the routes), place or owner.",
)  # fmt: skip
@click.option("--layer", default="", metavar="L", help="Layer of a file that holds several.")
@columns_options
@click.option("--code", default="", metavar="COL", help="Column of codes or ids (guessed, and said).")
@click.option("--name", default="", metavar="COL", help="Column of names (guessed, and said).")
@click.option(
    "--parent", default="", metavar="COL", help="Column of the parent cells' codes; else containment."
)
@click.option("--owner", default="", metavar="COL", help="Column of the responsible bodies (id or name).")
@click.option("--population", default="", metavar="COL", help="Column of inhabitants.")
@click.option(
    "--route",
    default="",
    metavar="COL",
    help="Sections: column of the roads or rivers, by id or name. This and the next three are guessed.",
)
@click.option(
    "--from-m", default="", metavar="COL", help="Sections: column of where they begin: 1200 or K1+200."
)
@click.option("--to-m", default="", metavar="COL", help="Sections: column of where they end.")
@click.option(
    "--side",
    default="",
    metavar="COL",
    help="Sections: column of left, right or both, as metres increase; both where empty.",
)
@click.option(
    "--ranges",
    default="",
    metavar="LFROM,LTO,RFROM,RTO",
    help="Roads: columns of the first and last house number, left and right. Well-known ones are guessed.",
)
@click.option(
    "--crs", default="", metavar="EPSG:n", help="What the file's coordinates are, where it does not say."
)
@click.option(
    "--datum", default="", metavar="D", help="wgs84, gcj02, bd09, cgcs2000 or EPSG:n; instead of --crs."
)
@click.option(
    "--encoding", default="", metavar="E", help="Of texts, such as gb18030, where it is not found out."
)
@click.option(
    "--dry-run", is_flag=True, help="Only look: report row, column, reason and fix; change nothing."
)
@json_option
def import_layer_command(
    file: str, city: Path, role: str, dry_run: bool, as_json: bool, crs: str, datum: str, **options: str
) -> None:
    """Replace one level, kind or table of the draft by what FILE holds.

    Reads GeoPackage, GeoJSON, TopoJSON, shapefiles (also zipped), KML, FlatGeobuf, FileGDB, GeoParquet and
    CSV with coordinate columns. Sections need no geometry, only a route and two metres of it.
    """
    from geo.errors import LayerError
    from layers.city import open_city
    from layers.importing import ImportOptions, import_layer, parse_role

    if crs and datum:
        raise click.UsageError("Give --crs or --datum, not both.")
    try:
        what, kind = parse_role(role)
    except LayerError as error:
        raise click.BadParameter(f"{error.message} {error.fix}", param_hint="--as") from error
    opened, path = open_city(city), existing(file)
    with working(f"Reading {path.name} …"):
        said = ImportOptions(reference=crs or datum, **options)
        imported = import_layer(opened, path, what, kind, said, dry_run=dry_run)
    _report_import(imported, path, dry_run=dry_run, as_json=as_json)
    if imported.rejects:
        beside = city / f"{path.name}.rejects.csv"
        write_rejects(beside, imported.rejects)
        say(f"{counted(len(imported.rejects), 'row')} left out: {beside}.")
        sys.exit(FINDINGS)


def _report_import(imported: Imported, path: Path, *, dry_run: bool, as_json: bool) -> None:
    rejected = [finding for finding in imported.findings if finding.severity != "note"]
    if as_json:
        result_json(
            {
                "file": str(path),
                "table": imported.table,
                "features": imported.features,
                "dry_run": dry_run,
                "columns": imported.columns,
                "findings": [finding_json(finding) for finding in imported.findings],
            }
        )
    else:
        show_findings(imported.findings, as_json=False)
        refused = any(finding.severity == "error" for finding in imported.findings)
        would = "would be refused" if refused else "would be imported"
        done = would if dry_run else "imported into the draft"
        say(f"{counted(imported.features, 'feature')} of {path.name} {done} as {imported.table}.")
    if dry_run and rejected:
        sys.exit(FINDINGS)


@click.command(epilog="Example: woodpecker check --city nantong --fix")
@city_option
@click.option(
    "--out", default="", metavar="F.gpkg", help="Where the layers to look at go [default: DIR/check.gpkg]."
)
@click.option("--fix", is_flag=True, help="Also propose cleaned boundaries, as layers of that file.")
@json_option
def check(city: Path, out: str, fix: bool, as_json: bool) -> None:
    """Say what is wrong with the draft: gaps, overlaps, orphans, and what nobody owns.

    What misleads most reports comes first: ground in no cell, in two, without an owner. Slivers thinner than
    0.2 m or smaller than 1 m² are counted, not listed. Exit code 1 on findings.
    """
    from layers.check import check as run_check
    from layers.check_layers import write_check_layers
    from layers.city import open_city
    from layers.generation import load_draft

    with working("Checking …"):
        draft = load_draft(open_city(city))
        findings = run_check(draft)
        path = output(out, city=city) if out else city / "check.gpkg"
        written = write_check_layers(path, draft, findings, fix=fix)
    show_check(findings, as_json=as_json)
    serious = sum(finding.severity != "note" for finding in findings)
    if written:
        say(f"To look at in QGIS: {path} ({', '.join(written)}).")
    say(f"{counted(serious, 'finding')}." if serious else "No findings.")
    sys.exit(FINDINGS if serious else 0)


@click.command(epilog="Example: woodpecker publish --city nantong --effective 2026-07-01")
@city_option
@click.option(
    "--effective", type=click.DateTime(["%Y-%m-%d"]), help="The day from which it holds [default: today]."
)
@click.option("--rollback", type=int, metavar="N", help="Make generation N live again instead.")
@json_option
def publish(city: Path, effective: datetime | None, rollback: int | None, as_json: bool) -> None:
    """Freeze the draft, with its rules, as the next generation and make it live."""
    from layers.city import open_city
    from layers.publish import publish as run_publish
    from layers.publish import rollback as run_rollback

    opened = open_city(city)
    now = _now(opened.config().time_zone)
    day: date | None = effective.date() if effective else None
    with working("Publishing …"):
        if rollback is None:
            published = run_publish(opened, now=now, effective=day)
        else:
            published = run_rollback(opened, rollback, now=now, effective=day)
    if as_json:
        result_json({"generation": published.number, "path": str(published.path), "sha256": published.sha256})
        return
    warnings = sum(finding.severity == "warning" for finding in published.findings)
    if day and day > now.date():
        say(f"It is live at once; that it holds from {day} on is recorded with it.")
    say(f"Generation {published.number:04d} is live (SHA-256 {published.sha256[:16]}…).")
    if warnings:
        say(f"check has {counted(warnings, 'finding')}: woodpecker check --city {city}")


def _now(time_zone: str) -> datetime:
    from zoneinfo import ZoneInfo

    return datetime.now(ZoneInfo(time_zone)).replace(microsecond=0)
