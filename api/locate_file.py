"""What ``woodpecker locate`` does with a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from api.options import Said
from api.screen import counted, counting, result_json, say

if TYPE_CHECKING:
    from layers.generation import Generation
    from layers.locating_files import Done
    from layers.report_rows import ReportColumns
    from layers.report_stream import Reports


def answer_file(
    generation: Generation, path: Path, out: Path, said: Said, *, lng: str, lat: str, encoding: str,
    columns: Mapping[str, str], as_json: bool,
) -> int:  # fmt: skip
    """Locate the reports of a file, and say what came of it; returns how many could not be used.

    Raises:
        LayerError: it cannot be read, or lacks a column that was named.
    """
    from api.datum_note import note_rows
    from api.locate_commands import report_time, say_findings
    from layers.locating_files import first_rows, locate_file

    told = 0

    def columns_of(reports: Reports) -> ReportColumns:
        nonlocal told
        told = len(reports.findings)
        say_findings(reports.findings)
        found = _columns_of(reports, said, lng, lat, columns)
        note_rows(generation, first_rows(reports), found)
        return found

    with counting("Locating …") as progress:
        done = locate_file(
            generation, path, out, columns_of, now=report_time(generation, said.when),
            named=bool(lng or lat), datum=said.datum, encoding=encoding, progress=progress,
        )  # fmt: skip
    say_findings(done.findings[told:])
    _say(done, out, as_json=as_json)
    return done.rejects


def _columns_of(
    reports: Reports, said: Said, lng: str, lat: str, columns: Mapping[str, str]
) -> ReportColumns:
    from api.locate_commands import checked_accuracy, report_columns
    from layers.locating_files import first_rows
    from layers.report_table import POSITION

    source = said.datum or "wgs84"
    if reports.in_degrees:
        lng, lat, source = lng or POSITION[0], lat or POSITION[1], "wgs84"
    return replace(
        report_columns(first_rows(reports), lng, lat, source=source, named=columns),
        usual_level=None if said.level is None else float(said.level),
        usual_accuracy_m=None if said.accuracy is None else checked_accuracy(said.accuracy),
        usual_category=said.category, usual_text=said.text,
    )  # fmt: skip


def _say(done: Done, out: Path, *, as_json: bool) -> None:
    from layers.locating_files import rejects_path

    beside = rejects_path(out)
    if as_json:
        result_json(
            {
                "rows": done.rows, "rejects": done.rejects, "tie_breaks": done.tie_breaks, "out": str(out),
                "rejects_file": str(beside) if done.rejects else None,
            }
        )  # fmt: skip
        return
    if done.tie_breaks:
        ties = counted(done.tie_breaks, "answer")
        say(f"Resting on the last resort, the lowest code of several cells: {ties}.")
    say(f"{counted(done.rows, 'row')} in {out}.")
    if done.rejects:
        say(f"{counted(done.rejects, 'row')} could not be used: {beside}.")
