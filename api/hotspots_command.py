"""woodpecker hotspots: where reports concentrate, as a file for any program."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.locate_commands import REJECTS, load_generation
from api.options import city_option, columns_options, datum_option, existing, json_option, output
from api.screen import counted, language, result_json, say, table, working

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

    from layers.exported import Export, Pair
    from layers.generation import Generation
    from layers.hotspot_files import FileOfReports
    from layers.hotspot_question import Question
    from layers.hotspot_reports import ReportedPoints

SHOWN = 10
_FORMS = {"observed": "{:.0f}", "expected": "{:.1f}", "relative_risk": "{:.2f}", "q": "{:.2g}"}
_TOLD = ("cell_code", "cell_name", "observed", "expected", "relative_risk", "q", "top_category", "top_asset")


@click.command(
    epilog="""\b
Examples:
  woodpecker hotspots --city nantong --category 0118 --out lamps.gpkg
  woodpecker hotspots --city nantong --category 0118 --baseline street_light --bins hex:400 --out lamps.html
  woodpecker hotspots --city nantong --category each --level community --since 2026-01-01 --out year.xlsx
  woodpecker hotspots --city chicago --in 311.csv --bins square:500 --out 311.gpkg --crs EPSG:26971"""
)
@city_option
@click.option(
    "--category", "categories", metavar="C", multiple=True,
    help="Code or name; several are judged together, 'each' is each for itself [default: all as one].",
)  # fmt: skip
@click.option("--level", default="", metavar="L", help="Count in the cells of a level [default: the lowest].")
@click.option("--bins", default="", metavar="SHAPE:M", help="Or in square:M, hex:M or road:M, in metres.")
@click.option("--since", default="", metavar="D", help="First day, or a time.")
@click.option("--until", default="", metavar="D", help="Last day, or the time before which.")
@click.option(
    "--baseline", default="share", metavar="B", show_default=True,
    help="What reports are held against: share (of all reports), a kind of assets, population, area or none.",
)  # fmt: skip
@click.option(
    "--alpha", type=float, default=0.05, show_default=True, metavar="A", help="Share of chance findings."
)
@click.option("--channel", "channels", metavar="NAME", multiple=True, help="Only reports of a channel.")
@click.option(
    "--count", "counting", type=click.Choice(["reporters", "issues", "reports"]), default="reporters",
    show_default=True, help="What counts as one: a person in a cell, a problem, or every report.",
)  # fmt: skip
@click.option("--recent", "recent_days", type=int, default=30, show_default=True, metavar="DAYS",
              help="The last days, held against those before.")  # fmt: skip
@click.option("--within", "within_m", type=float, default=0.0, metavar="M",
              help="Centres so near are neighbours [default: what touches].")  # fmt: skip
@click.option("--in", "in_", metavar="F", default="", help="Reports of a file instead of the stored ones.")
@columns_options
@datum_option
@click.option(
    "--map", "mapping", metavar="name=COL", multiple=True,
    help="Which column of the file holds category, occurred_at, reporter, channel, external_id, status or "
    "datum; others are found by their names. name= is none.",
)  # fmt: skip
@click.option("--encoding", default="", metavar="E", help="Of the file, where it is not found out.")
@click.option("--crs", default="", metavar="EPSG:n", help="Of the result [default: WGS-84].")
@click.option(
    "--out", required=True, metavar="F",
    help="Ends in .gpkg, .geojson, .shp.zip, .kml, .kmz, .fgb, .parquet, .csv, .xlsx, .dxf, .png or .html.",
)  # fmt: skip
@json_option
def hotspots(
    city: Path, in_: str, lng: str, lat: str, datum: str, mapping: Sequence[str], encoding: str, crs: str,
    out: str, as_json: bool, **asked: Any,
) -> None:  # fmt: skip
    """Find where reports concentrate more than chance explains, whether that is new, and why.

    A cell is hot when it and its neighbours have more reports of the category than their share of all reports
    lets expect, with few false findings among all (alpha). Every count is of one generation of the grid.
    """
    from layers.hotspot_analysis import analyse
    from maps.hotspot_files import write_hotspots

    result = output(out, inputs=[in_], city=city)
    _refuse_format(result, crs)
    named = _pairs(mapping)
    generation = load_generation(city)
    question = _question(generation, asked)
    _refuse_level(generation, question)
    with working("Reading the reports …"):
        points, file = points_of(
            generation, city, in_, lng=lng, lat=lat, datum=datum, encoding=encoding, named=named
        )
    _refuse_lacking(file, question)
    with working("Looking for hotspots …"):
        found = analyse(generation, points, question)
    with working("Writing …"):
        lost = write_hotspots(generation, found, result, crs=crs)
    beside = _write_rejects(file, result)
    _tell(found, lost, result, beside, as_json=as_json)
    if file and beside and not as_json:
        say(f"{len(file.rejects):,} of {counted(file.rows, 'row')} could not be used: {beside}.")
    sys.exit(REJECTS if beside else 0)


def _refuse_format(out: Path, crs: str) -> None:
    """A name that says no format, or one that is not in the CRS, is refused before the work is done."""
    from geo.errors import CrsError
    from maps.export import PAGE, format_of
    from maps.export_target import target_of

    if format_of(out) == PAGE and crs:
        raise CrsError("A page is in WGS-84.", fix="Leave the CRS out, or take another format.")
    target_of(crs, out)


def _refuse_level(generation: Generation, question: Question) -> None:
    """A level that the city does not have is refused before the reports are read."""
    from layers.hotspot_units import units_of

    level = question.division.level
    if level and not (generation.cells.level == level).any():
        units_of(generation, question.division)


def _refuse_lacking(file: FileOfReports | None, question: Question) -> None:
    """A file without the column that the question is about is refused: nothing would be counted."""
    from geo.errors import LayerError

    needs = (
        ("category", "categories", "--category", bool(question.categories)),
        ("occurred_at", "times", "--since or --until", question.is_windowed),
    )
    for name, what, option, is_asked in needs:
        if file and is_asked and name not in file.columns:
            raise LayerError(
                f"No column of the file is known to hold {what}, which {option} needs.",
                fix=f"Name it: --map {name}=COL.",
            )


def _pairs(mapping: Sequence[str]) -> dict[str, str]:
    from layers.hotspot_files import NAMES

    pairs = {}
    for text in mapping:
        name, says, pairs[name] = text.partition("=")
        if name not in NAMES or not says:
            what = f"{name}={pairs[name]}: use name=COL with a name of {', '.join(NAMES)}."
            raise click.BadParameter(what, param_hint="--map")
    return pairs


def _question(generation: Generation, asked: Mapping[str, Any]) -> Question:
    """The question that the options ask.

    Raises:
        GridError: bins, times or numbers that are none.
    """
    from layers.hotspot_question import ask

    if asked["level"] and asked["bins"]:
        raise click.UsageError("Give --level or --bins, not both.")
    return ask(generation.config.time_zone, **asked)


def points_of(
    generation: Generation, city: Path, in_: str, **columns: Any
) -> tuple[ReportedPoints, FileOfReports | None]:
    """The reports to count, and the file that they are of, if any.

    Raises:
        GridError: there are none that can be used, or the file cannot be read.
    """
    from layers.hotspot_files import refuse_useless, reports_of_file
    from layers.hotspot_stored import stored_reports

    if not in_:
        return stored_reports(city), None
    file = reports_of_file(generation, existing(in_), lang=language(), **columns)
    told = ", ".join(f"{name} from {column!r}" for name, column in file.columns.items())
    say(f"Columns: {told}.")
    for finding in file.findings:
        row = f"row {finding.row}: " if finding.row is not None else ""
        say(f"{row}{finding.reason(language())} {finding.fix(language())}".rstrip())
    refuse_useless(file)
    return file.points, file


def _write_rejects(file: FileOfReports | None, out: Path) -> Path | None:
    from layers.locating_files import rejects_path

    beside = rejects_path(out)
    beside.unlink(missing_ok=True)
    if file is None or not len(file.rejects):
        return None
    file.rejects.to_csv(beside, index=False)
    return beside


def _scan_said(clusters: GeoDataFrame | None) -> list[Pair]:
    """What the circular scan found, if it was made."""
    from layers.hotspot_messages import note

    if clusters is None:
        return []
    if not len(clusters):
        return [note("no_clusters")]
    likeliest = clusters.loc[clusters["llr"].idxmax(), ["observed", "expected", "p"]]
    return [note("clusters", count=len(clusters), **likeliest.map(float))]


def _tell(found: Export, lost: Sequence[Pair], out: Path, beside: Path | None, *, as_json: bool) -> None:
    frame = found.tables[0].frame
    classes = frame["class"].value_counts().to_dict()
    clusters = next((each.frame for each in found.tables if each.name == "clusters"), None)
    place = 0 if language() == "zh" else 1
    notes = [each[place] for each in (*found.notes, *_scan_said(clusters), *lost)]
    if as_json:
        result_json(
            {
                "out": str(out), "parts": int(found.about["parts"]), "classes": classes,
                "new": int(frame["is_new"].sum()),
                "clusters": None if clusters is None else len(clusters),
                "about": dict(found.about), "notes": notes,
                "rejects_file": str(beside) if beside else None,
            }
        )  # fmt: skip
        return
    hot = frame[frame["class"] == "hot"].sort_values("q", kind="stable")
    if len(hot):
        columns = [*(["category"] if frame["category"].nunique() > 1 else []), *_TOLD]
        shown = hot.loc[:, columns].head(SHOWN)
        for name, form in _FORMS.items():
            shown[name] = shown[name].map(form.format)
        table(columns, shown.to_numpy().tolist())
    for each in notes:
        say(each)
    said = ", ".join(f"{number} {name}" for name, number in sorted(classes.items()))
    kinds = frame["category"].nunique()
    of = f" × {kinds} categories" if kinds > 1 else ""
    say(f"{counted(int(found.about['parts']), 'part')} of the city{of}: {said or 'none'}. {out}")
