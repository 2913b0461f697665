"""woodpecker report: the reports of a file, filed."""

from __future__ import annotations

import csv
import hashlib
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from api.options import city_option, columns_options, datum_option, existing, json_option
from api.screen import counted, result_json, say, working

if TYPE_CHECKING:
    from api.report_file import Reject, ReportFile, Row
    from api.running import RunningServer

    Told = tuple[Row, dict[str, object]]

REJECTS = 1
TOGETHER = 500
AT_ONCE = 5_000  # lines in one request to a server
COUNTED = ("opened", "joined", "repeated", "unassigned", "only_words", "placed_by_words")


@click.command(
    epilog="""\b
Examples:
  woodpecker report --city nantong --in reports.csv
  woodpecker report --city nantong --in 工单.csv --map text=描述 --map category=类别 --datum gcj02
  woodpecker report --city chicago --in 311.csv --lng Longitude --lat Latitude --map external_id=Number"""
)
@city_option
@click.option("--in", "in_", metavar="F", required=True, help="A CSV, or a layer such as GeoJSON.")
@columns_options
@datum_option
@click.option(
    "--map",
    "mapping",
    metavar="name=COL",
    multiple=True,
    help="Which column holds category, text, occurred_at, datum, accuracy_m, level, channel, reporter, "
    "contact, external_id or photo (files beside the table); others are found by their names.",
)
@click.option("--channel", default="", metavar="NAME", help="Of rows that name none [default: api].")
@click.option("--encoding", default="", metavar="E", help="Of the file, where it is not found out.")
@json_option
def report(
    city: Path, in_: str, lng: str, lat: str, datum: str, mapping: Sequence[str], channel: str,
    encoding: str, as_json: bool,
) -> None:  # fmt: skip
    """File the reports of a file: each is located, assigned and stored, and opens an issue.

    A row without a usable position or owner is stored as well and waits for a dispatcher; only rows that are
    malformed are refused, and listed in F.rejects.csv with row, column, value and reason (exit code 1). The
    same file may be sent again: no row is stored twice. While a server runs, it does the storing.
    """
    from api.datum_note import note_reports
    from api.report_file import read_report_file
    from api.running import running_server
    from layers.city import open_city

    path = existing(in_)
    open_city(city)
    with working("Reading …"):
        file = read_report_file(
            path, named=_pairs(mapping), lng=lng, lat=lat, datum=datum, channel=channel, encoding=encoding
        )
    if "lng" not in file.columns:
        names = ", ".join(file.names)
        say(f"No columns look like coordinates; name them with --lng and --lat. Columns: {names}.")
    note_reports(city, file)
    server = running_server(city)
    with working(f"Filing {counted(len(file.rows), 'report')} …"):
        told = file_with(server, file, path) if server else _to_store(city, file, _digest(path))
        outcomes, refused = summed(told)
    tell(path, outcomes, [*file.rejects, *refused], as_json=as_json)
    sys.exit(REJECTS if file.rejects or refused else 0)


def _pairs(mapping: Sequence[str]) -> dict[str, str]:
    from api.report_file import FIELDS

    pairs = dict(text.partition("=")[::2] for text in mapping)
    for name, column in pairs.items():
        if name not in FIELDS or not column:
            what = f"{name}={column}: use name=COL with a name of {', '.join(FIELDS)}."
            raise click.BadParameter(what, param_hint="--map")
    return pairs


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _to_store(folder: Path, file: ReportFile, digest: str) -> Iterator[Told]:
    """File the rows in this process, which holds the store as long."""
    import orjson

    from api.report_answers import batch_json
    from layers.city import open_city
    from layers.intake import file_reports
    from layers.keeper import follow
    from layers.live import open_live
    from layers.store import open_store
    from layers.store.repeats import RequestKey
    from layers.store.store import STORE
    from layers.times import now_us

    city = open_city(folder)
    with open_store(city.folder / STORE) as store:
        live = open_live(city, store)
        follow(live, now_us())
        for start in range(0, len(file.rows), TOGETHER):
            group = file.rows[start : start + TOGETHER]
            reports = [row.report.incoming(live.zone, row.photos) for row in group]
            keys = [
                RequestKey("report", f"{digest}:{row.number}", one.body_digest)
                for row, one in zip(group, reports, strict=True)
            ]
            outcomes = file_reports(
                live, reports, actor="report", at_us=now_us(), keys=keys,
                tell=lambda outcome: b"" if outcome.error else orjson.dumps(batch_json(outcome)),
            )  # fmt: skip
            for row, outcome in zip(group, outcomes, strict=True):
                said = {"detail": str(outcome.error)} if outcome.error else orjson.loads(outcome.told)
                again = {"outcome": "repeated"} if outcome.outcome == "repeated" else {}
                yield row, {**said, **again}


def file_with(server: RunningServer, file: ReportFile, path: Path) -> Iterator[Told]:
    """Hand the rows of a file to the server that holds the store; those with photos one by one."""
    from api.handing import send_lines, send_one

    digest = _digest(path)
    plain = [row for row in file.rows if not row.photos]
    for start in range(0, len(plain), AT_ONCE):
        yield from send_lines(server, plain[start : start + AT_ONCE], f"report-{digest}-{start}")
    for row in file.rows:
        if row.photos:
            yield row, send_one(server, row, f"report-{digest}-row-{row.number}")


def summed(told: Iterator[Told]) -> tuple[Counter[str], list[Reject]]:
    """How many reports came to what, and those that were refused after all."""
    from api.report_file import Reject

    outcomes: Counter[str] = Counter()
    refused = []
    for row, said in told:
        if "outcome" in said:
            outcomes[str(said["outcome"])] += 1
            outcomes["unassigned"] += not said["owner_id"]
            if _is_only_words(row):
                outcomes["only_words"] += 1
                outcomes["placed_by_words"] += bool(said["cell_code"])
        else:
            refused.append(Reject(row.number, "", row.report.external_id or "", str(said["detail"])))
    return outcomes, refused


def _is_only_words(row: Row) -> bool:
    """Whether nothing but its words can tell where a report is."""
    said = row.report
    return said.lng is None and said.geometry is None and not row.photos and bool(said.text)


def tell(path: Path, outcomes: Counter[str], rejects: Sequence[Reject], *, as_json: bool = False) -> None:
    """Say what became of the rows of a file, and list the rejects beside it."""
    beside = path.with_name(path.name + ".rejects.csv")
    beside.unlink(missing_ok=True)
    if rejects:
        _write_rejects(beside, sorted(rejects, key=lambda reject: reject.row))
    said = {name: outcomes[name] for name in COUNTED}
    if as_json:
        result_json({**said, "rejects": len(rejects), "rejects_file": str(beside) if rejects else None})
    else:
        say(f"{counted(said['opened'], 'issue')} opened, {said['unassigned']} of them without an owner yet;")
        say(f"{counted(said['repeated'], 'report')} had been filed before.")
        if said["only_words"]:
            only = counted(said["only_words"], "report")
            say(f"{only} had no position but words: {said['placed_by_words']} placed by these.")
        if rejects:
            say(f"{counted(len(rejects), 'row')} refused: {beside}.")


def _write_rejects(path: Path, rejects: Sequence[Reject]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("row", "column", "value", "reason"))
        rows.writerows((r.row, r.column, r.value, r.reason) for r in rejects)
