"""Starts the child process that opens files, and takes its answer."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
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
    action: str, path: str | os.PathLike[str], limits: Limits, **wishes: Any
) -> Iterator[tuple[Json, Path]]:
    """The child's answer to one request and where its table lies, until the block ends.

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
        _run(folder, source.name, limits)
        yield _answer(folder), folder / "layer.arrow"


def _run(folder: Path, name: str, limits: Limits) -> None:
    """Runs the child to its end; only a clean end leaves an answer."""
    command = [*_isolation(), sys.executable, "-P", "-B", "-m", "layers.reading.child", str(folder)]
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=_environment(folder),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=limits.wall_s,
            start_new_session=True,
        )
    except subprocess.TimeoutExpired:
        raise _stopped(name, f"more than {limits.wall_s:g} seconds") from None
    if done.returncode:
        raise _failed(done, name, limits)


def _failed(done: subprocess.CompletedProcess[bytes], name: str, limits: Limits) -> UnsafeFileError:
    if -done.returncode in _TOO_LONG:
        return _stopped(name, f"more than {limits.cpu_s} seconds of computing")
    lines = done.stderr.decode("utf-8", errors="replace").strip().splitlines()
    said = lines[-1][:300] if lines else f"signal {-done.returncode}"
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
