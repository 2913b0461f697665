"""The process that opens a stranger's file. Started by `layers.reading.sandbox`, never imported by it.

It reads ``request.json`` in the folder named by its only argument and leaves ``answer.json`` there, with
``layer.arrow`` beside it (attributes, then WKB and 1-based rows if it is a layer). It limits itself before it
opens anything, and loads GDAL with no driver but those that the file's content calls for.
"""

from __future__ import annotations

import json
import os
import re
import resource
import sys
import traceback
from collections.abc import Callable
from importlib.abc import MetaPathFinder
from pathlib import Path
from typing import Any, NoReturn

from geo.errors import GridError
from layers.reading.datasets import Dataset, open_datasets
from layers.reading.limits import Limits
from layers.reading.shapefile import lacks_index
from layers.reading.sniff import Format

Json = dict[str, Any]
DAMAGED_FIX = "Open it in a GIS program and export it again."

# What a damaged file can make its reader raise.
FAILURES = (RuntimeError, ValueError, MemoryError, OSError, NotImplementedError)


class _Spared(MetaPathFinder):
    """Lets pyogrio and pyarrow find no pandas: it would take a second to load, and nothing here needs it."""

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> None:  # noqa: ARG002
        if fullname in ("pandas", "geopandas"):
            raise ModuleNotFoundError(fullname)


def main(folder: Path) -> NoReturn:
    """Answers the request in a folder about a layer or table."""
    serve(folder, _answer)


def serve(folder: Path, respond: Callable[[Json, Path, Limits], Json]) -> NoReturn:
    """Answers the request in a folder, and ends the process; so does any failure that is not foreseen."""
    sys.meta_path.insert(0, _Spared())
    request = json.loads((folder / "request.json").read_text("utf-8"))
    limits = Limits(**request["limits"])
    _restrain(limits)
    try:
        answer = respond(request, folder, limits)
    except GridError as error:
        answer = {"error": type(error).__name__, "message": error.message, "fix": error.fix}
    except FAILURES as error:
        answer = {
            "error": "LayerError",
            "message": _damaged(request["path"], folder, error),
            "fix": DAMAGED_FIX,
        }
    text = json.dumps(answer, ensure_ascii=False)
    (folder / "answer.json").write_text(text, "utf-8", errors="replace")
    _end()


def _end() -> NoReturn:
    """Ends the process at once: Arrow may still read ahead in a thread that calls Python's codecs, and when
    Python goes away under it the process is aborted.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def _damaged(path: str, folder: Path, error: BaseException) -> str:
    """What a library said, without the private places it speaks of."""
    traceback.print_exception(error)
    said = str(error).strip().partition("\n")[0].partition(".; ")[0][:300] or type(error).__name__
    said = re.sub(rf"'?{re.escape(str(folder))}[^\s:;,']*'?", "it", said)
    return f"{Path(path).name!r} cannot be read: {said}"


def _restrain(limits: Limits) -> None:
    """Takes away what reading one file has no use for."""
    for kind, most in (
        (resource.RLIMIT_CPU, limits.cpu_s),
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_FSIZE, limits.file_bytes),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))


def _answer(request: Json, folder: Path, limits: Limits) -> Json:
    sources = open_datasets(Path(request["path"]), folder, request.get("encoding"), limits)
    _configure_gdal(sources, request["drivers"])
    # Imported now: GDAL looks at its environment once, when it is loaded.
    from layers.reading.actions import ACTIONS

    return ACTIONS[request["action"]](request, sources, folder / "layer.arrow", limits)


def _configure_gdal(sources: list[Dataset], drivers: list[str]) -> None:
    needed = {"ESRI Shapefile" if source.form == Format.DBASE else source.form.value for source in sources}
    if any(lacks_index(source.path) for source in sources):
        os.environ["SHAPE_RESTORE_SHX"] = "YES"
    os.environ["GDAL_SKIP"] = ",".join(name for name in drivers if name not in needed)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
