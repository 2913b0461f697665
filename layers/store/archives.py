"""A backup's file: a tar with a manifest at its end that has every file's size and SHA-256."""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any

from geo.errors import StoreError

MANIFEST = "manifest.json"
FORMAT = 1
_BLOCK = 1 << 20
_FIX = "Take another backup; this one cannot be trusted."


@dataclass(frozen=True, slots=True)
class Packed:
    """A file of a backup: its size in bytes and SHA-256."""

    size: int
    sha256: str


def pack(archive: tarfile.TarFile, path: Path, name: str) -> Packed:
    """Add a file as it is at this moment; what is appended meanwhile stays out."""
    with path.open("rb") as file:
        info = archive.gettarinfo(arcname=name, fileobj=file)
        reading = _Hashing(file, info.size)
        archive.addfile(info, reading)
    return Packed(info.size, reading.digest.hexdigest())


def pack_bytes(archive: tarfile.TarFile, body: bytes, name: str) -> Packed:
    """Add a small file."""
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(body), 0o600
    archive.addfile(info, io.BytesIO(body))
    return Packed(len(body), hashlib.sha256(body).hexdigest())


def pack_manifest(archive: tarfile.TarFile, said: Mapping[str, Any], files: Mapping[str, Packed]) -> None:
    """Close a backup: what it is, and what it holds."""
    listed = {name: {"size": one.size, "sha256": one.sha256} for name, one in sorted(files.items())}
    body = json.dumps({"format": FORMAT, **said, "files": listed}, ensure_ascii=False, indent=1).encode()
    pack_bytes(archive, body, MANIFEST)


def unpack(file: Path, folder: Path) -> dict[str, Any]:
    """Write the files of a backup into an empty folder, each compared with the manifest; returns that.

    Raises:
        StoreError: it is no backup, or not whole, or holds what a backup does not.
    """
    found: dict[str, Packed] = {}
    try:
        with tarfile.open(file, "r:") as archive:
            for member in archive:
                _check_name(member)
                found[member.name] = _unpack_one(archive, member, folder)
    except (tarfile.TarError, EOFError) as error:
        raise StoreError(f"{file} is no backup, or only a part of one: {error}.", fix=_FIX) from error
    return _manifest(file, folder, found)


def _check_name(member: tarfile.TarInfo) -> None:
    parts = PurePosixPath(member.name).parts
    # One name or a name in a folder; nothing that could lead elsewhere.
    if not member.isreg() or not 1 <= len(parts) <= 2 or set(parts) & {"..", ".", "/", ""}:
        raise StoreError(f"This is no backup: it holds {member.name!r}.", fix=_FIX)
    if "/".join(parts) != member.name or "\\" in member.name or "\0" in member.name:
        raise StoreError(f"This is no backup: it holds {member.name!r}.", fix=_FIX)


def _unpack_one(archive: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> Packed:
    target = folder / member.name
    target.parent.mkdir(exist_ok=True)
    source = archive.extractfile(member)
    assert source is not None
    digest = hashlib.sha256()
    # "x": a name that comes twice is refused by the file system.
    with source, target.open("xb") as fresh:
        while block := source.read(_BLOCK):
            digest.update(block)
            fresh.write(block)
        fresh.flush()
        os.fsync(fresh.fileno())
    target.chmod(member.mode & 0o755 | 0o400)
    return Packed(member.size, digest.hexdigest())


def _manifest(file: Path, folder: Path, found: dict[str, Packed]) -> dict[str, Any]:
    if MANIFEST not in found:
        raise StoreError(f"{file} is no backup, or only a part of one: it has no manifest.", fix=_FIX)
    del found[MANIFEST]
    try:
        said: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        listed = {name: Packed(one["size"], one["sha256"]) for name, one in said["files"].items()}
        format_ = said["format"]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise StoreError(f"The manifest of {file} cannot be read: {error!r}.", fix=_FIX) from error
    if format_ != FORMAT:
        fix = "Install the program that wrote it."
        raise StoreError(f"{file} is a backup of format {format_!r}; this program knows {FORMAT}.", fix=fix)
    for name in sorted({*listed, *found}):
        if listed.get(name) != found.get(name):
            raise StoreError(f"{name} in {file} is not as its manifest says: damaged or exchanged.", fix=_FIX)
    return said


class _Hashing:
    """A file that is read up to a size, and hashed as it is read."""

    def __init__(self, file: IO[bytes], size: int) -> None:
        self.digest = hashlib.sha256()
        self._file, self._left = file, size

    def read(self, size: int = -1) -> bytes:
        block = self._file.read(self._left if size < 0 else min(size, self._left))
        self._left -= len(block)
        self.digest.update(block)
        return block
