"""Commands that answer: convert, locate."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.options import (
    COORDINATES,
    Number,
    Said,
    city_option,
    columns_options,
    existing,
    json_option,
    output,
    report_options,
)
from api.screen import counted, language, result_json, say, table, working

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import pyarrow as pa

    from geo.crs import Reference
    from layers.assign import Assignments
    from layers.findings import Finding
    from layers.generation import Generation
    from layers.report_rows import ReportColumns

REJECTS = 1


@click.command(
    context_settings=COORDINATES,
    epilog="""\b
Examples:
  woodpecker convert 120.8617 32.0077 --from gcj02 --to wgs84
  woodpecker convert --in shops.csv --out shops.wgs84.csv --from bd09 --to wgs84 --lng 经度 --lat 纬度
  woodpecker convert 120.8574 32.0099 --from wgs84 --to EPSG:4549""",
)
@click.argument("position", nargs=-1, type=Number(), metavar="[LNG LAT]")
@click.option("--from", "source", required=True, metavar="D", help="wgs84, gcj02, bd09, cgcs2000 or EPSG:n.")
@click.option("--to", "target", required=True, metavar="D", help="The same choices.")
@click.option("--in", "in_", metavar="F", default="", help="A CSV to convert.")
@click.option("--out", metavar="F", default="", help="The CSV with out_lng and out_lat added.")
@columns_options
@click.option("--encoding", default="", metavar="E", help="Of the CSV, where it is not found out.")
@json_option
def convert(
    position: Sequence[float],
    source: str,
    target: str,
    in_: str,
    out: str,
    lng: str,
    lat: str,
    encoding: str,
    as_json: bool,
) -> None:
    """Convert coordinates between datums and reference systems, exact to a micrometre.

    Longitude comes first; for a projected target the result is easting and northing.
    """
    import numpy as np

    from geo.crs import convert_points, parse_reference
    from layers.batch import convert_table
    from layers.io import read_table
    from layers.report_rows import refuse_contradiction

    one, other = parse_reference(source), parse_reference(target)
    _one_way(position, in_, out)
    if not in_:
        refuse_contradiction(np.array([position[0]]), np.array([position[1]]), one)
        x, y = convert_points([position[0]], [position[1]], one, other)
        _show_position(position, source, float(x[0]), float(y[0]), as_json=as_json)
        return
    result = output(out, inputs=[in_])
    frame, noticed = read_table(existing(in_), encoding=encoding or None)
    say_findings(noticed)
    columns = report_columns(frame, lng, lat, source=source)
    converted, rejects = convert_table(frame, columns, other)
    _write(converted, rejects, result, as_json=as_json)


def _one_way(position: Sequence[float], in_: str, out: str) -> None:
    """Either one position on the line or a file in and a file out."""
    if in_:
        if position:
            raise click.UsageError("Give LNG LAT or --in F, not both.")
        if not out:
            raise click.UsageError("--in needs --out F for the result.")
    elif out:
        raise click.UsageError("--out goes with --in F; the answer for one position is printed.")
    elif len(position) != 2:
        raise click.UsageError("Give LNG LAT (two numbers, longitude first), or --in F --out F.")


def _show_position(position: Sequence[float], source: str, x: float, y: float, *, as_json: bool) -> None:
    from geo.errors import CoordinateError

    if not (abs(x) < float("inf") and abs(y) < float("inf")):
        fix = "Longitude or easting comes first; look at --from."
        raise CoordinateError(f"{position[0]!r} {position[1]!r} is no position in {source}.", fix=fix)
    if as_json:
        result_json({"out_lng": x, "out_lat": y})
    else:
        click.echo(f"{x!r} {y!r}")


@click.command(
    context_settings=COORDINATES,
    epilog="""\b
Examples:
  woodpecker locate --city nantong 120.8574 32.0099 --category 0118
  woodpecker locate --city chicago -87.6 41.8 --json
  woodpecker locate --city nantong --in reports.csv --out located.csv --datum gcj02 --category-col 类别
  woodpecker locate --city nantong --in ten_years.parquet --out located.parquet --category-col category""",
)
@click.argument("position", nargs=-1, type=Number(), metavar="[LNG LAT]")
@city_option
@report_options
@click.option(
    "--in", "in_", metavar="F", default="",
    help="Reports: CSV, Parquet or Arrow of any size, or a layer of points, or of the very lines and areas "
    "that are reported.",
)  # fmt: skip
@click.option(
    "--out", metavar="F", default="",
    help="The rows with the answers added: .csv, .parquet, .arrow or .feather; rejects go to F.rejects.csv.",
)  # fmt: skip
@columns_options
@click.option("--category-col", default="", metavar="COL", help="Column of categories.")
@click.option("--accuracy-col", default="", metavar="COL", help="Column of accuracies in metres.")
@click.option("--level-col", default="", metavar="COL", help="Column of the accuracies' levels in percent.")
@click.option("--datum-col", default="", metavar="COL", help="Column of datums, where rows differ.")
@click.option("--text-col", default="", metavar="COL", help="Column of texts.")
@click.option("--time-col", default="", metavar="COL", help="Column of times.")
@click.option(
    "--channel-col", default="", metavar="COL",
    help="Column of channels; city.toml may say what their positions mean.",
)  # fmt: skip
@click.option(
    "--shape-col", default="", metavar="COL", help="Column of WKT: lines or areas that hold the place."
)
@click.option("--encoding", default="", metavar="E", help="Of the CSV, where it is not found out.")
@json_option
def locate(
    position: Sequence[float], city: Path, said: Said, in_: str, out: str, lng: str, lat: str,
    encoding: str, as_json: bool, **columns: str,
) -> None:  # fmt: skip
    """Say in which cell a position lies, which asset it concerns, who owns it, how sure that is, and why.

    Longitude comes first. Every row of a file is kept, in order; exit code 1 where some could not be used.
    """
    _one_way(position, in_, out)
    if in_:
        existing(in_)
        result = output(out, inputs=[in_], city=city)
    generation = load_generation(city)
    if not in_:
        _show_answer(answer_one(generation, position, said), as_json=as_json)
        return
    from api.locate_file import answer_file

    rejected = answer_file(
        generation, Path(in_), result, said, lng=lng, lat=lat, encoding=encoding, columns=columns,
        as_json=as_json,
    )  # fmt: skip
    sys.exit(REJECTS if rejected else 0)


def answer_one(generation: Generation, position: Sequence[float], said: Said) -> Assignments:
    """The answer for one position.

    Raises:
        CoordinateError: it is no position in its datum, or the accuracy is no radius.
    """
    from layers.assign import assign

    lng, lat = in_degrees(position, said.datum)
    accuracy, level = _error_said(generation, said)
    # What is no Unicode on the line could not be written down.
    category, text = (word.encode("utf-8", "replace").decode() for word in (said.category, said.text))
    return assign(
        generation, [lng], [lat], category=[category], accuracy_m=[accuracy], level=level,
        text=[text], occurred_at=[report_time(generation, said.when)],
    )  # fmt: skip


def report_time(generation: Generation, said: str) -> np.datetime64:
    """The time that was said, in UTC; else now, if a rule asks for a time, and no time if none does."""
    from datetime import UTC, datetime

    import numpy as np

    from layers.rule_times import times_said

    if not said and not any(rule.asks_for_time for rule in generation.config.rules):
        return np.datetime64("NaT", "us")
    if not said:
        return np.datetime64(datetime.now(UTC).replace(tzinfo=None), "us")
    times, wrong = times_said([said], generation.config.time_zone)
    if wrong[0]:
        raise click.BadParameter(f"{said!r} is no time; write 2026-07-01T08:30.", param_hint="--time")
    return np.datetime64(times[0])


def load_generation(city: Path) -> Generation:
    """The live generation; the draft, and a word about it, where none was published."""
    from layers.city import open_city
    from layers.generation import DRAFT, load_live

    with working("Loading the city …"):
        generation = load_live(open_city(city))
    if generation.id == DRAFT:
        say("Nothing was published yet: this is the draft's answer.")
    return generation


def _show_answer(answers: Assignments, *, as_json: bool) -> None:
    from layers.answers import ANSWER_COLUMNS
    from layers.proof import prove
    from layers.told import told_answer

    told = told_answer(prove(answers), answers.generation.config.languages)
    if as_json:
        result_json(told)
    else:
        table((), [(name, "" if told[name] is None else told[name]) for name in ANSWER_COLUMNS])


def _error_said(generation: Generation, said: Said) -> tuple[float, float]:
    """The accuracy and its level; what the city says where nothing was said.

    Raises:
        CoordinateError: the accuracy is no radius.
    """
    usual = generation.config.usual
    return (
        usual.accuracy_m if said.accuracy is None else checked_accuracy(said.accuracy),
        usual.level if said.level is None else float(said.level),
    )


def checked_accuracy(accuracy: float) -> float:
    """The radius that --accuracy names, in metres."""
    from geo.errors import CoordinateError

    if not 0 <= accuracy < float("inf"):
        raise CoordinateError(f"--accuracy {accuracy!r} is no radius in metres.", fix="Give 0 or more.")
    return accuracy


def in_degrees(position: Sequence[float], datum: str) -> tuple[float, float]:
    """The position in WGS-84.

    Raises:
        CoordinateError: it cannot be one in its datum.
    """
    import numpy as np

    from geo.crs import parse_reference, to_wgs84
    from geo.types import LngLat
    from layers.report_rows import refuse_contradiction

    reference = parse_reference(datum or "wgs84")
    refuse_contradiction(np.array([position[0]]), np.array([position[1]]), reference)
    if datum.casefold().startswith("epsg"):
        lng, lat = (float(a[0]) for a in to_wgs84([position[0]], [position[1]], reference))
    else:
        given = LngLat.checked(*position)
        lng, lat = (float(a[0]) for a in to_wgs84([given.lng], [given.lat], reference))
    LngLat.checked(lng, lat)
    return lng, lat


def report_columns(
    frame: pd.DataFrame | pa.Table, lng: str, lat: str, *, source: str, named: Mapping[str, str] | None = None
) -> ReportColumns:
    """The columns that were named (by option, such as ``accuracy_col``), checked; coordinates guessed, and
    said, where they were not.
    """
    from geo.crs import parse_reference
    from layers.reading.columns import find_column
    from layers.report_rows import ReportColumns

    names = list(frame.columns) if hasattr(frame, "iloc") else list(frame.column_names)
    reference: Reference = parse_reference(source)
    if bool(lng) != bool(lat):
        raise click.UsageError("Give --lng and --lat together.")
    if not lng:
        lng, lat = _guessed(frame, reference, needed=not (named or {}).get("shape_col"))
    fields = {"accuracy_col": "accuracy_m", "time_col": "occurred_at"}
    found: dict[str, Any] = {
        fields.get(option, option.removesuffix("_col")): name and find_column(names, name)
        for option, name in (named or {}).items()
    }
    lng, lat = (name and find_column(names, name) for name in (lng, lat))
    return ReportColumns(lng, lat, reference=reference, **found)


def _guessed(frame: pd.DataFrame | pa.Table, reference: Reference, *, needed: bool) -> tuple[str, str]:
    """The coordinate columns, guessed and said; none where shapes can do without."""
    from geo.errors import LayerError
    from layers.batch import coordinate_columns

    try:
        lng, lat = coordinate_columns(frame, reference)
    except LayerError:
        if needed:
            raise
        return "", ""
    say(f"Coordinates: columns {lng!r} and {lat!r}.")
    return lng, lat


def say_findings(findings: Sequence[Finding]) -> None:
    """What the reader noticed: rows cut or filled, an encoding that was guessed."""
    for finding in findings:
        row = f"row {finding.row}: " if finding.row is not None else ""
        say(row + finding.reason(language()))


def _write(frame: pd.DataFrame, rejects: pd.DataFrame, out: Path, *, as_json: bool, **counts: int) -> None:
    """The result and, where there are any, its rejects; exit code 1 if so."""
    frame.to_csv(out, index=False)
    beside = out.with_name(out.name + ".rejects.csv")
    beside.unlink(missing_ok=True)
    if len(rejects):
        rejects.to_csv(beside, index=False)
    if as_json:
        result_json(
            {
                "rows": len(frame),
                "rejects": len(rejects),
                **counts,
                "out": str(out),
                "rejects_file": str(beside) if len(rejects) else None,
            }
        )
    else:
        say(f"{counted(len(frame), 'row')} in {out}.")
        if len(rejects):
            say(f"{counted(len(rejects), 'row')} could not be used: {beside}.")
    sys.exit(REJECTS if len(rejects) else 0)
