"""Tables of reports in pieces: a child process reads the file, and memory holds a piece of it."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from geo.errors import GridError, LayerError
from layers.findings import Finding
from layers.reading.limits import Limits
from layers.reading.sandbox import _answer, _environment, _failed, _isolation, checked_path
from layers.reading.sniff import Format, sniff

CHILD = "layers.reading.stream_child"
KEY = b"woodpecker"
PIECE = 1 << 17  # rows that are handed on together
LIMITS = Limits(cpu_s=24 * 3600, file_bytes=1 << 50)  # it takes as long as there are rows; memory is bounded
_ARROW_FILE, _ARROW_STREAM, _FEATHER_1 = b"ARROW1", b"\xff\xff\xff\xff", b"FEA1"


class HoldsShapesError(LayerError):
    """The geometries of a table are not all points: it must be read as a layer."""


@dataclass
class RowStream:
    """A table that is being read.

    Attributes:
        schema: of its pieces; without the points of its geometry.
        rows: how many there will be, None where that is not known beforehand.
        geometry: whether the pieces have two more columns, x and y of their geometry.
        reference: of the geometry, as WKT; None where it is not known.
        findings: what was noticed so far.
    """

    schema: pa.Schema
    rows: int | None
    geometry: str
    reference: str | None
    findings: list[Finding] = field(default_factory=list)
    _reader: Any = None

    def pieces(self) -> Iterator[pa.RecordBatch]:
        """The rows, in their order."""
        while True:
            try:
                batch, said = self._reader.read_next_batch_with_custom_metadata()
            except StopIteration:
                return
            self.findings += _read_findings(json.loads((said or {}).get(b"findings", b"[]")))
            yield batch


def streamed_form(path: Path) -> str:
    """How a file is streamed: csv, parquet, arrow_file or arrow_stream; empty where it is none of these.

    Raises:
        LayerError: there is no such file, or it is of a kind that is not read.
    """
    path = checked_path(path)
    if path.is_dir():
        return ""
    with path.open("rb") as file:
        head = file.read(8)
    if head.startswith(_FEATHER_1):
        raise LayerError(f"{path.name!r} is Feather of the first version.", fix="Write it as Feather 2.")
    if head.startswith(_ARROW_FILE):
        return "arrow_file"
    if head.startswith(_ARROW_STREAM):
        return "arrow_stream"
    return {Format.CSV: "csv", Format.PARQUET: "parquet"}.get(sniff(path), "")


@contextmanager
def stream_rows(path: Path, *, encoding: str = "", named: bool = False) -> Iterator[RowStream]:
    """A CSV, Parquet or Arrow file piece by piece.

    Args:
        encoding: of a CSV, where it is not told by trying.
        named: whether columns of coordinates are named, so that no geometry is looked for.

    Raises:
        LayerError: it cannot be read; `HoldsShapesError` where its geometries are not all points.
        UnsafeFileError: it takes too much memory, or kills its reader.
    """
    source, form = checked_path(path), streamed_form(path)
    request = {
        "path": str(source), "name": source.name, "form": form, "encoding": encoding, "named": named,
        "rows": PIECE, "limits": asdict(LIMITS),
    }  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="woodpecker-") as name:
        folder = Path(name)
        (folder / "request.json").write_text(json.dumps(request), "utf-8")
        with (folder / "stderr").open("wb") as errors:
            command = [*_isolation(), sys.executable, "-P", "-B", "-m", CHILD, str(folder)]
            process = subprocess.Popen(
                command, cwd=folder, env=_environment(folder), stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=errors, start_new_session=True,
            )  # fmt: skip
        try:
            yield from _read(process, folder, source.name)
        finally:
            process.kill()
            process.wait()
            if process.stdout is not None:
                process.stdout.close()


def _read(process: subprocess.Popen[bytes], folder: Path, name: str) -> Iterator[RowStream]:
    """The stream; when it is torn, what the child says of that."""
    try:
        reader = pa.ipc.open_stream(process.stdout)
    except (pa.ArrowInvalid, OSError) as error:
        raise _why(process, folder, name) or _broken(name) from error
    said = json.loads(reader.schema.metadata[KEY])
    schema = reader.schema.remove_metadata().with_metadata(
        {key: value for key, value in reader.schema.metadata.items() if key != KEY}
    )
    geometry = said["geometry"] or {"name": "", "reference": None}
    stream = RowStream(
        schema, said["rows"], geometry["name"], geometry["reference"], _read_findings(said["findings"]),
        _Checked(reader, process, folder, name),
    )  # fmt: skip
    yield stream


class _Checked:
    """A reader whose end is the child's end, for good or for ill."""

    def __init__(self, reader: Any, process: subprocess.Popen[bytes], folder: Path, name: str) -> None:
        self._reader, self._process, self._folder, self._name = reader, process, folder, name

    def read_next_batch_with_custom_metadata(self) -> tuple[pa.RecordBatch, Any]:
        """The next batch.

        Raises:
            StopIteration: there is none.
            LayerError: the child gave up.
        """
        try:
            found = self._reader.read_next_batch_with_custom_metadata()
        except StopIteration:
            error = _why(self._process, self._folder, self._name)
            if error is not None:
                raise error from None
            raise
        except (pa.ArrowInvalid, OSError) as torn:
            raise _why(self._process, self._folder, self._name) or torn from torn
        return found.batch, found.custom_metadata


def _why(process: subprocess.Popen[bytes], folder: Path, name: str) -> Exception | None:
    """Why a stream ended, None where it was at its end."""
    if process.wait():
        return _failed(process.returncode, (folder / "stderr").read_bytes(), name, LIMITS)
    try:
        answer = _answer(folder)
    except GridError as error:
        return error
    except OSError:
        return _broken(name)
    if answer.get("not_points"):
        return HoldsShapesError(f"{name!r} holds lines or areas.", fix="Give a layer of points.")
    return None


def _broken(name: str) -> LayerError:
    return LayerError(f"{name!r} broke its reader.", fix="Export it again.")


def _read_findings(said: list[dict[str, Any]]) -> list[Finding]:
    return [Finding(**one) for one in said]
