"""A file of texts in, the same rows with the places that they name out, in constant memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from geo.crs import Reference
from geo.types import Datum
from layers.findings import Finding, Lang
from layers.geocoding_tables import Ask, Placed, columns_in, geocode_piece
from layers.locating_files import Progress, writing_to
from layers.report_sinks import sink_form
from layers.report_stream import Reports, open_reports


@dataclass
class Geocoded:
    """What came of a file.

    Attributes:
        rows, rejects: how many.
        outcomes: how many rows came to what.
        findings: what was noticed while it was read.
    """

    rows: int = 0
    rejects: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)


def geocode_file(
    path: Path,
    out: Path,
    column_of: Callable[[Reports], str],
    ask: Ask,
    *,
    reference: Reference = Datum.WGS84,
    language: Lang = "zh",
    encoding: str = "",
    progress: Progress = lambda _done, _rows: None,
) -> Geocoded:
    """Geocode the texts of a file; nothing stands at ``out`` before all of it does.

    Args:
        path: a CSV, Parquet or Arrow file of any size, or a layer in any other format, whose positions are
            kept as ``input_lng`` and ``input_lat``.
        out: CSV, Parquet or Arrow, by its ending; the rejects stand beside it.
        column_of: tells the column of the texts from the first rows.
        ask: answers texts, in their order.
        reference: of the positions in the result.
        language: of faults and reasons.
        encoding: of a CSV, where it is not told by trying.
        progress: hears how many rows are done, of how many, if that is known.

    Raises:
        LayerError: the file cannot be read, or ``out`` ends in no format that is written.
    """
    form = sink_form(out)
    with open_reports(path, named=True, encoding=encoding) as reports:
        done = Geocoded(findings=reports.findings)
        column = column_of(reports)
        with writing_to(out, form, frozenset(columns_in(reference))) as writing:
            for piece in reports.pieces():
                heard = _heard(ask, done.rows, piece.table.num_rows, reports.rows, progress)
                some = geocode_piece(
                    piece.table, column, heard, reference=reference, language=language, before=done.rows
                )
                writing.put(some)
                done.rows += some.table.num_rows
                done.rejects += len(some.rejects)
                done.outcomes += some.outcomes
                progress(done.rows, reports.rows)
    return done


def _heard(ask: Ask, before: int, rows: int, of: int | None, progress: Progress) -> Ask:
    """Asks, and tells while it does how many rows are done: they come to texts in equal shares."""

    def asked(texts: Sequence[str]) -> Iterator[Placed]:
        for turn, row in enumerate(ask(texts), 1):
            yield row
            if turn % 100 == 0:
                progress(before + rows * turn // len(texts), of)

    return asked
