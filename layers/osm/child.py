"""The process that opens a stranger's OpenStreetMap file; `layers.osm.extract` starts it.

It leaves ``answer.json``, and one Arrow file a table beside it. The sandbox is that of `layers.reading`.
"""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa

from geo.errors import LayerError, UnsafeFileError
from layers.osm.boundaries import boundary_table
from layers.osm.features import Losses, feature_tables
from layers.osm.kinds import parse_kinds
from layers.osm.reading import Extract, read_extract
from layers.osm.sniff import readable
from layers.reading.child import serve
from layers.reading.limits import Limits
from layers.reading.sandbox import tell_progress

Json = dict[str, Any]
READ_SHARE = 0.7  # of the work is reading, the rest is putting areas together
EXAMPLES = 5


def _respond(request: Json, folder: Path, limits: Limits) -> Json:
    kinds = parse_kinds(request["kinds"])
    path, form = readable(Path(request["path"]), folder, limits)
    tell = partial(_tell, folder)
    try:
        extract = read_extract(path, form, kinds, limits, tell)
    except (RuntimeError, MemoryError) as error:
        raise _damaged(Path(request["path"]).name, error) from error
    tables, losses = feature_tables(extract, kinds, limits.repair_vertices)
    tell_progress(folder, 0.9)
    boundaries, others = boundary_table(extract, limits.repair_vertices)
    for name, table in {**tables, "boundary": boundaries}.items():
        _write(table, folder / f"{name}.arrow")
    tell_progress(folder, 1.0)
    return _facts(extract, sorted(tables), others, losses)


def _tell(folder: Path, done: float) -> None:
    tell_progress(folder, READ_SHARE * done)


def _damaged(name: str, error: Exception) -> LayerError:
    if isinstance(error, MemoryError):
        return UnsafeFileError(f"{name!r} needs more memory than is allowed.", fix="Take a smaller extract.")
    if "blob" in str(error) or "size" in str(error):
        return UnsafeFileError(f"{name!r} was refused: {error}.", fix="Fetch it again from its source.")
    return LayerError(f"{name!r} is cut off or damaged: {error}.", fix="Fetch it again from its source.")


def _write(table: pa.Table, path: Path) -> None:
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table)


def _facts(extract: Extract, tables: list[str], others: list[Json], losses: Losses) -> Json:
    left_out = [
        {"reason": reason, "table": table, "count": len(ids), "examples": ids[:EXAMPLES]}
        for (reason, table), ids in sorted(losses.ids.items())
    ]
    return {
        "tables": tables,
        "box": extract.box,
        "boundaries": others,
        "duplicates": {"count": len(extract.duplicates), "examples": extract.duplicates[:EXAMPLES]},
        "left_out": left_out,
    }


if __name__ == "__main__":
    serve(Path(sys.argv[1]), _respond)
