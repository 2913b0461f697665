"""A file of reports in, the same rows with their answers out, in constant memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

import numpy as np
import pandas as pd
import pyarrow as pa

from layers.answers import ANSWER_COLUMNS
from layers.batch import locate_piece
from layers.findings import Finding
from layers.generation import Generation
from layers.reading.streaming import HoldsShapesError
from layers.report_rows import ReportColumns
from layers.report_sinks import Sink, open_sink, replacing, sink_form
from layers.report_stream import Reports, open_reports

OURS = frozenset(ANSWER_COLUMNS)
_FIRST = 20_000  # rows from which columns are guessed


@dataclass
class Done:
    """What came of a file.

    Attributes:
        rows, rejects, tie_breaks: how many; see `layers.batch.Located`.
        findings: what was noticed while it was read.
    """

    rows: int = 0
    rejects: int = 0
    tie_breaks: int = 0
    findings: list[Finding] = field(default_factory=list)


ColumnsOf = Callable[[Reports], ReportColumns]
Progress = Callable[[int, int | None], None]


def rejects_path(out: Path) -> Path:
    """Where the rows stand that could not be used."""
    return out.with_name(out.name + ".rejects.csv")


def locate_file(
    generation: Generation,
    path: Path,
    out: Path,
    columns_of: ColumnsOf,
    *,
    now: np.datetime64 | None = None,
    named: bool = False,
    datum: str = "",
    encoding: str = "",
    progress: Progress = lambda _done, _rows: None,
) -> Done:
    """Locate the reports of a file.

    Nothing stands at ``out`` before all of it does; what stood there before stays if anything fails.

    Args:
        generation: the city to ask.
        path: see `layers.report_stream.open_reports`, also for named, datum and encoding.
        out: CSV, Parquet or Arrow, by its ending; the rejects stand beside it.
        columns_of: tells the columns from the first rows.
        now: UTC; when reports that name no time were made.
        progress: hears how many rows are done, of how many, if that is known.

    Raises:
        LayerError: the file cannot be read, or ``out`` ends in no format that is written.
    """
    form = sink_form(out)
    for as_layer in (False, True):
        try:
            with open_reports(
                path, named=named, datum=datum, encoding=encoding, as_layer=as_layer
            ) as reports:
                return _locate(generation, reports, out, form, columns_of, now, progress)
        except HoldsShapesError:
            if as_layer:
                raise
    raise AssertionError


def _locate(
    generation: Generation, reports: Reports, out: Path, form: str, columns_of: ColumnsOf,
    now: np.datetime64 | None, progress: Progress,
) -> Done:  # fmt: skip
    done = Done(findings=reports.findings)
    columns = columns_of(reports)
    with ExitStack() as stack:
        without = reports.geometry if form in ("csv", "tsv") else ""
        writing = stack.enter_context(writing_to(out, form, OURS, without=without))
        for piece in reports.pieces():
            located = locate_piece(
                generation, piece.table, columns, now=now, extents=piece.extents, before=done.rows
            )
            columns = replace(columns, is_checked=True)
            writing.put(located)
            done.rows += located.table.num_rows
            done.rejects += len(located.rejects)
            done.tie_breaks += located.tie_breaks
            progress(done.rows, reports.rows)
    return done


class Answered(Protocol):
    """Some rows of a file with their answers, and those that could not be used."""

    @property
    def table(self) -> pa.Table:
        """The rows; the texts of the answers are dictionaries."""

    @property
    def rejects(self) -> pd.DataFrame:
        """Row, column, value, reason."""


@contextmanager
def writing_to(out: Path, form: str, ours: frozenset[str], *, without: str = "") -> Iterator[Writing]:
    """Writes rows and rejects, which stand in their places once the block ends well.

    Args:
        form: see `layers.report_sinks.sink_form`.
        ours: see `layers.report_sinks.open_sink`.
        without: a column that is not written.
    """
    with replacing(out) as part, replacing(rejects_path(out)) as rejects:
        writing = Writing(part, rejects, form, ours, without=without)
        try:
            yield writing
            writing.finish()
        finally:
            writing.close()
        rejects_path(out).unlink(missing_ok=True)


class Writing:
    """Writes a piece while the next one is answered."""

    def __init__(self, out: Path, rejects: Path, form: str, ours: frozenset[str], *, without: str) -> None:
        self._out, self._rejects, self._form, self._without = out, rejects, form, without
        self._ours = ours
        self._sink: Sink | None = None
        self._any_rejects = False
        self._pool = ThreadPoolExecutor(1)
        self._last: Future[None] | None = None

    def put(self, located: Answered) -> None:
        """Write some rows, once those before are written."""
        if self._last is not None:
            self._last.result()
        self._last = self._pool.submit(self._write, located)

    def finish(self) -> None:
        """Everything is handed over: write what is left."""
        if self._last is not None:
            self._last.result()
        if self._sink is not None:
            self._sink.close()
            self._sink = None

    def close(self) -> None:
        """Let go of the files; nothing happens after `finish`."""
        self._pool.shutdown(cancel_futures=True)
        if self._sink is not None:
            self._sink.close()

    def _write(self, located: Answered) -> None:
        table: pa.Table = located.table
        if self._without:
            table = table.drop_columns([self._without])
        if self._sink is None:
            self._sink = open_sink(self._out, self._form, table.schema, self._ours)
        self._sink.write(table)
        self._write_rejects(located.rejects)

    def _write_rejects(self, rejects: pd.DataFrame) -> None:
        if len(rejects):
            rejects.to_csv(self._rejects, mode="a", index=False, header=not self._any_rejects)
            self._any_rejects = True


def first_rows(reports: Reports) -> pa.Table:
    """The rows from which columns are told."""
    return reports.first.table.slice(0, _FIRST)
