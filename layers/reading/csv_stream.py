"""CSV and its kin in pieces, in constant memory: the rows that `layers.reading.delimited` reads at once."""

from __future__ import annotations

import codecs
import csv
import itertools
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as arrow_csv

from geo.errors import LayerError
from layers.findings import Finding
from layers.reading.columns import safe_names
from layers.reading.delimited import HEAD, TAIL, _separator, check_closed
from layers.reading.encodings import decode, known_encoding

BLOCK = 8 * 2**20  # bytes that are parsed at a time
LONGEST = 64 * 2**20  # characters of one value
TOGETHER = 32_768  # rows that are levelled at a time
MOST_FINDINGS = 100  # uneven rows that are told one by one
_PIECE = 1 << 20
_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass
class CsvStream:
    """A file of which is known how to read it.

    Attributes:
        names: of the columns.
        findings: what was noticed, growing while rows are read; of uneven rows the first few.
        uneven: rows that were filled or cut.
    """

    path: Path
    name: str
    encoding: str
    separator: str
    names: list[str]
    findings: list[Finding] = field(default_factory=list)
    uneven: int = 0

    @property
    def schema(self) -> pa.Schema:
        """Texts."""
        return pa.schema([(name, pa.string()) for name in self.names])

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The rows in their order.

        Raises:
            LayerError: a value is longer than any value is, or a quotation mark is not closed.
        """
        done, last = 0, None
        for batch in self._read():
            done, last = done + batch.num_rows, batch
            yield batch
        if last is not None and last.num_rows:
            check_closed(self.name, last, done, self._end())

    def _read(self) -> Iterator[pa.RecordBatch]:
        done = 0
        try:
            for batch in self._parsed():
                done += batch.num_rows
                yield batch
        except pa.ArrowInvalid:  # a row has another width: from here on all are levelled
            yield from self._levelled(done)

    def _end(self) -> str:
        """The last characters."""
        with self.path.open("rb") as file:
            file.seek(-min(self.path.stat().st_size, 8 * TAIL), os.SEEK_END)
            # Cut in the middle of a character: what it begins with is not looked at.
            return file.read().decode("utf-16-le" if self.encoding == "utf-16" else self.encoding, "ignore")

    def _parsed(self) -> Iterator[pa.RecordBatch]:
        # The file itself and not its path, of which the ending would say that it is compressed.
        with pa.OSFile(str(self.path)) as file:
            plain = self.encoding == "utf-8"
            text = file if plain else pa.transcoding_input_stream(file, self.encoding, "utf-8")
            reader = arrow_csv.open_csv(
                text,
                arrow_csv.ReadOptions(
                    use_threads=False, block_size=BLOCK, column_names=self.names, skip_rows_after_names=1
                ),
                arrow_csv.ParseOptions(delimiter=self.separator, newlines_in_values=True),
                arrow_csv.ConvertOptions(
                    column_types=dict.fromkeys(self.names, pa.string()),
                    strings_can_be_null=False,
                    quoted_strings_can_be_null=False,
                ),
            )
            yield from reader

    def _levelled(self, done: int) -> Iterator[pa.RecordBatch]:
        width = len(self.names)
        csv.field_size_limit(LONGEST)
        with self.path.open(encoding=_codec(self.encoding), newline="") as text:
            rows = (row for row in csv.reader(text, delimiter=self.separator) if row)
            numbered = itertools.islice(enumerate(rows), done + 1, None)
            try:
                while some := list(itertools.islice(numbered, TOGETHER)):
                    level = [self._level(number, row, width) for number, row in some]
                    columns = [pa.array(column, pa.string()) for column in zip(*level, strict=True)]
                    yield pa.RecordBatch.from_arrays(columns, schema=self.schema)
            except csv.Error as error:
                raise LayerError(f"{self.name!r} cannot be read: {error}.", fix="Export it again.") from error

    def _level(self, number: int, row: list[str], width: int) -> list[str]:
        if len(row) == width:
            return row
        self.uneven += 1
        if self.uneven <= MOST_FINDINGS:
            detail = {"header": width}
            self.findings.append(
                Finding("row_wrong_width", "note", row=number, value=str(len(row)), detail=detail)
            )
        return [*row, *[""] * width][:width]


def open_csv(path: Path, name: str, encoding: str | None) -> CsvStream:
    """A CSV, semicolon or tab separated file, ready to be read.

    Raises:
        LayerError: undecodable, or without a header.
    """
    used = _encoding_of(path, encoding, name)
    with path.open(encoding=_codec(used), newline="") as text:
        separator = _separator(text.read(HEAD))
        text.seek(0)
        header = next((row for row in csv.reader(text, delimiter=separator) if row), [])
    if not any(cell.strip() for cell in header):
        raise LayerError(f"{name!r} has no header line.", fix="Write the column names in the first line.")
    names, findings = safe_names([cell.strip() for cell in header], ())
    if encoding is None and used != "utf-8":
        findings.append(Finding("encoding_guessed", "note", value=used))
    return CsvStream(path, name, used, separator, names, findings)


def _codec(encoding: str) -> str:
    return "utf-8-sig" if encoding == "utf-8" else encoding


def _encoding_of(path: Path, encoding: str | None, name: str) -> str:
    """As `layers.reading.encodings.decode` tells it, without the text in memory."""
    with path.open("rb") as file:
        head = file.read(4)
    if head.startswith(_MARKS):
        choices = [decode(head[: 4 if head[:2] != codecs.BOM_UTF8[:2] else 3], None, name)[1]]
    elif encoding:
        choices = [known_encoding(encoding).removesuffix("-sig")]
    else:
        choices = ["utf-8", "gb18030"]
    for choice in choices:
        if _decodes(path, choice):
            return choice
    failed = f"neither {'UTF-8 nor GB18030'}" if len(choices) > 1 else f"not {choices[0]}"
    raise LayerError(
        f"{name!r} is {failed}.", fix="Name its encoding with --encoding, for example big5 or cp1252."
    )


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
