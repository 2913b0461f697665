"""Starts the child process that opens files, and takes its answer."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyogrio

import geo.errors
import layers
from geo.errors import GridError, LayerError, UnsafeFileError
from layers.reading.limits import Limits

Json = dict[str, Any]
_NO_NETWORK = (("unshare", "-n", "--"), ("unshare", "-r", "-n", "--"))
CHILD = "layers.reading.child"
PROGRESS = "progress"  # the file in which a child says how far it is
POLL_S = 0.1
_TOO_LONG = (signal.SIGXCPU, signal.SIGKILL)


@lru_cache(maxsize=1)
def _isolation() -> tuple[str, ...]:
    """The command that starts another without a network, or () where the system allows none."""
    for command in _NO_NETWORK:
        try:
            if subprocess.run([*command, "true"], capture_output=True, timeout=10).returncode == 0:
                return command
        except (OSError, subprocess.TimeoutExpired):
            continue
    return ()


def sandbox_status() -> str:
    """How files are opened on this machine, in one sentence for ``doctor``."""
    own = "Files are opened in a process of their own with bounded time and memory"
    if _isolation():
        return f"{own}, without a network."
    return f"{own}, but WITH the network: unshare is missing or user namespaces are forbidden here."


def checked_path(path: str | os.PathLike[str]) -> Path:
    """The absolute path of an existing regular file or folder.

    Raises:
        UnsafeFileError: it is a pipe, a device, or one of GDAL's names for other things.
        LayerError: there is none.
    """
    text = os.fspath(path)
    if "\0" in text or text.startswith("/vsi"):
        raise UnsafeFileError(
            f"{text!r} is no path of a file.", fix="Give the path of a file on this machine."
        )
    found = Path(text)
    if not found.exists():
        raise LayerError(f"There is no file {text!r}.", fix="Check the path.")
    if not (found.is_file() or found.is_dir()):
        raise UnsafeFileError(f"{text!r} is no regular file.", fix="Give the path of a file on this machine.")
    return found.resolve()


@contextmanager
def asked(
    action: str,
    path: str | os.PathLike[str],
    limits: Limits,
    *,
    child: str = CHILD,
    progress: Callable[[float], None] | None = None,
    **wishes: Any,
) -> Iterator[tuple[Json, Path]]:
    """The child's answer to one request and where its table lies, until the block ends.

    ``child`` is the module that answers; ``progress`` hears how far it is, if it says so (`tell_progress`).

    Raises:
        UnsafeFileError: the file needs more time, memory or room than the limits give, or kills its reader.
        LayerError: it cannot be read as what was asked for.
        GridError: anything else the child says can be mended.
    """
    source = checked_path(path)
    if source.is_file() and source.stat().st_size > limits.file_bytes:
        raise UnsafeFileError(f"{source.name!r} has more than {limits.file_bytes:,} bytes.", fix="Split it.")
    drivers = sorted(pyogrio.list_drivers())
    request = {**wishes, "action": action, "path": str(source), "limits": asdict(limits), "drivers": drivers}
    with tempfile.TemporaryDirectory(prefix="woodpecker-") as name:
        folder = Path(name)
        (folder / "request.json").write_text(json.dumps(request), "utf-8")
        _run(folder, source.name, limits, child, progress or _unheard)
        yield _answer(folder), folder / "layer.arrow"


def tell_progress(folder: Path, done: float) -> None:
    """Says from inside a child how much of its work is done, from 0 to 1."""
    fresh = folder / "progress.new"
    fresh.write_text(f"{done:.4f}", "ascii")
    fresh.replace(folder / PROGRESS)


def _unheard(_done: float) -> None:
    """Nobody wants to know."""


def _run(folder: Path, name: str, limits: Limits, child: str, progress: Callable[[float], None]) -> None:
    """Runs the child to its end; only a clean end leaves an answer."""
    command = [*_isolation(), sys.executable, "-P", "-B", "-m", child, str(folder)]
    with subprocess.Popen(
        command,
        cwd=folder,
        env=_environment(folder),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        try:
            said = _await(process, folder, limits.wall_s, progress)
        except subprocess.TimeoutExpired:
            raise _stopped(name, f"more than {limits.wall_s:g} seconds") from None
        finally:
            process.kill()
    if process.returncode:
        raise _failed(process.returncode, said, name, limits)


def _await(
    process: subprocess.Popen[bytes], folder: Path, wall_s: float, progress: Callable[[float], None]
) -> bytes:
    """What the child wrote to stderr, once it has ended; meanwhile its progress is passed on."""
    end = time.monotonic() + wall_s
    while True:
        try:
            return process.communicate(timeout=min(POLL_S, max(0.0, end - time.monotonic())))[1]
        except subprocess.TimeoutExpired:
            if time.monotonic() >= end:
                raise
            if (folder / PROGRESS).exists():
                progress(float((folder / PROGRESS).read_text("ascii")))


def _failed(code: int, stderr: bytes, name: str, limits: Limits) -> UnsafeFileError:
    if -code in _TOO_LONG:
        return _stopped(name, f"more than {limits.cpu_s} seconds of computing")
    lines = stderr.decode("utf-8", errors="replace").strip().splitlines()
    said = lines[-1][:300] if lines else f"signal {-code}"
    return UnsafeFileError(f"{name!r} broke its reader ({said}).", fix="Export it again in another program.")


def _stopped(name: str, what: str) -> UnsafeFileError:
    return UnsafeFileError(f"Reading {name!r} took {what} and was stopped.", fix="Split or simplify it.")


def _environment(folder: Path) -> dict[str, str]:
    """All that the child learns of ours: no keys, no settings, no proxy."""
    return {
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "PYTHONPATH": str(Path(layers.__file__).parents[1]),
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "ARROW_DEFAULT_MEMORY_POOL": "system",
        "PROJ_NETWORK": "OFF",
        "GDAL_DRIVER_PATH": "disable",
        "GDAL_HTTP_TIMEOUT": "1",
        "GML_DOWNLOAD_SCHEMA": "NO",
        "OGR_SQLITE_ALLOW_EXTERNAL_ACCESS": "NO",
        "OGR_GEOJSON_MAX_OBJ_SIZE": "500",
    }


def _answer(folder: Path) -> Json:
    answer: Json = json.loads((folder / "answer.json").read_text("utf-8"))
    if "error" not in answer:
        return answer
    kind = getattr(geo.errors, answer["error"], GridError)
    raise kind(answer["message"], fix=answer["fix"])


def read_arrow(path: Path) -> pa.Table:
    """The table the child left, in memory of our own."""
    with pa.OSFile(str(path), "rb") as file:
        return pa.ipc.open_file(file).read_all()
