"""CSV and its kin as text columns: separator and encoding told by content, uneven rows kept."""

from __future__ import annotations

import csv
import io
import itertools
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as arrow_csv

from geo.errors import LayerError
from layers.findings import Finding
from layers.reading.columns import safe_names
from layers.reading.encodings import decode

SEPARATORS = ",;\t|"
HEAD = 1 << 16
TAIL = 100  # characters by which the end of a file is known
BLOCK = 64 * 2**20  # no row may be longer; also what is parsed at a time


@dataclass(frozen=True, slots=True)
class Delimited:
    """A table of strings ("" = missing) with how it was read."""

    table: pa.Table
    encoding: str
    separator: str
    findings: tuple[Finding, ...]


def read_delimited(
    path: Path, name: str, encoding: str | None = None, taken: tuple[str, ...] = ("geometry",)
) -> Delimited:
    """A CSV, semicolon or tab separated file, every value as it is written.

    Blank lines are no rows. Rows shorter than the header are filled with "", longer ones cut; both are
    findings. ``taken`` names are not given to columns.

    Raises:
        LayerError: undecodable, without header or without rows, or a quotation mark is not closed.
    """
    text, used = decode(path.read_bytes(), encoding, name)
    separator = _separator(text)
    header = next(_rows(text, separator), [])
    if not any(cell.strip() for cell in header):
        raise LayerError(f"{name!r} has no header line.", fix="Write the column names in the first line.")
    names, findings = safe_names([cell.strip() for cell in header], taken)
    table, uneven = _parse(text, separator, names)
    if not table.num_rows:
        raise LayerError(f"{name!r} has a header and no rows.", fix="Export it again.")
    check_closed(name, table, table.num_rows, text)
    if encoding is None and used != "utf-8":
        findings.append(Finding("encoding_guessed", "note", value=used))
    return Delimited(table, used, separator, (*findings, *uneven))


def check_closed(name: str, last: pa.Table | pa.RecordBatch, number: int, text: str) -> None:
    """Refuse a file whose last value began in quotes that nothing ends: it holds all the rows behind it.

    Args:
        last: the last rows.
        number: of the last of them.
        text: of the file; its end is enough.

    Raises:
        LayerError: the last value has several lines and goes on to the end of the file.
    """
    values = [value for column in last.slice(last.num_rows - 1).to_pydict().values() for value in column]
    value = next((value for value in reversed(values) if value), "")
    end = value.rpartition('"')[2][-TAIL:]  # before it there may be quotes, which stand twice in the file
    if "\n" in value and end.strip() and text.endswith(end):
        raise LayerError(
            f"{name!r}: a quotation mark in row {number} is never closed: all after it would be one value.",
            fix="Close it, or take it away.",
        )


def _separator(text: str) -> str:
    """The separator that the first line holds most of, outside quotes."""
    line = next((line for line in io.StringIO(text[:HEAD]) if line.strip()), "")
    outside = "".join(line.split('"')[::2])
    return max(SEPARATORS, key=outside.count)


def _rows(text: str, separator: str) -> itertools.chain[list[str]]:
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    return itertools.chain(row for row in rows if row)


def _parse(text: str, separator: str, names: list[str]) -> tuple[pa.Table, list[Finding]]:
    """The table; if a row has not the header's width, all are levelled first."""
    try:
        return _arrow(text, separator, names), []
    except pa.ArrowInvalid:
        level, findings = _levelled(text, separator, len(names))
        return _arrow(level, separator, names), findings


def _arrow(text: str, separator: str, names: list[str]) -> pa.Table:
    data = text.encode("utf-8", errors="replace")
    return arrow_csv.read_csv(
        pa.BufferReader(data),
        arrow_csv.ReadOptions(
            use_threads=False, block_size=BLOCK, column_names=names, skip_rows_after_names=1
        ),
        arrow_csv.ParseOptions(delimiter=separator, newlines_in_values=True),
        arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()),
            strings_can_be_null=False,
            quoted_strings_can_be_null=False,
        ),
    )


def _levelled(text: str, separator: str, width: int) -> tuple[str, list[Finding]]:
    """The text with every row filled or cut to a width, and a finding for each row that was."""
    out, findings = io.StringIO(), []
    writer = csv.writer(out, delimiter=separator, lineterminator="\n", quoting=csv.QUOTE_ALL)
    for number, row in enumerate(_rows(text, separator)):
        if len(row) != width:
            detail = {"header": width}
            findings.append(
                Finding("row_wrong_width", "note", row=number, value=str(len(row)), detail=detail)
            )
        writer.writerow([*row, *[""] * width][:width])
    return out.getvalue(), findings
