"""Zips, unpacked by us into a private folder: as people and systems zip things, and as attackers do."""

from __future__ import annotations

import stat
import zipfile
import zlib
from itertools import pairwise
from pathlib import Path, PurePosixPath

from geo.errors import LayerError, UnsafeFileError
from layers.reading.limits import Limits

CHUNK = 1 << 20
SMALL = 50 * 2**20  # what unpacks to less may be packed as tightly as it likes
_PACKED = (".zip", ".7z", ".rar", ".gz", ".tar", ".tgz")


def unpack(path: Path, target: Path, limits: Limits) -> list[Path]:
    """Unpacks a zip; the files and FileGDB folders in it, in order of name.

    Folders are kept apart, rubbish of operating systems is left out.

    Raises:
        UnsafeFileError: a name leads out of the folder, a member is a link, members overlap, or it grows
            beyond the limits.
        LayerError: it is damaged, encrypted, an Excel workbook, or packed twice.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = _checked(archive, path, limits)
            written = _extract(archive, members, target, limits)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError) as error:
        raise LayerError(f"{path.name!r} cannot be unpacked ({error}).", fix="Zip it again.") from error
    return sorted({_dataset(file, target) for file in written})


def _dataset(file: Path, target: Path) -> Path:
    """The file itself, or the .gdb folder it belongs to."""
    return next((p for p in file.parents if p.suffix.lower() == ".gdb" and target in p.parents), file)


def _checked(archive: zipfile.ZipFile, path: Path, limits: Limits) -> list[tuple[str, zipfile.ZipInfo]]:
    infos = archive.infolist()
    if len(infos) > limits.zip_entries:
        raise UnsafeFileError(f"{path.name!r} has {len(infos):,} members.", fix="Zip fewer files.")
    size = sum(info.file_size for info in infos)
    if size > limits.file_bytes or size > max(SMALL, limits.zip_ratio * path.stat().st_size):
        raise UnsafeFileError(f"{path.name!r} would unpack to {size:,} bytes.", fix="Zip less, or unpack it.")
    _refuse_overlap(infos, path)
    named = [(_name(info), info) for info in infos]
    for name, info in named:
        _refuse_member(name, info, path)
    wanted = [(name, info) for name, info in named if not info.is_dir() and not _is_rubbish(name)]
    _refuse_content([name for name, _ in wanted], path)
    return wanted


def _refuse_overlap(infos: list[zipfile.ZipInfo], path: Path) -> None:
    ordered = sorted(infos, key=lambda info: info.header_offset)
    for one, other in pairwise(ordered):
        if one.header_offset + 30 + len(one.orig_filename) + one.compress_size > other.header_offset:
            raise UnsafeFileError(f"Members of {path.name!r} overlap.", fix="Zip it again.")


def _name(info: zipfile.ZipInfo) -> str:
    """The member's name: UTF-8 if flagged or if it decodes, else GB18030 (Windows in China flags nothing)."""
    if info.flag_bits & 0x800:
        return info.orig_filename
    raw = info.orig_filename.encode("cp437")
    for codec in ("utf-8", "gb18030"):
        try:
            return raw.decode(codec)
        except UnicodeDecodeError:
            continue
    return info.orig_filename


def _refuse_member(name: str, info: zipfile.ZipInfo, path: Path) -> None:
    parts = PurePosixPath(name.replace("\\", "/")).parts
    if not parts or parts[0] == "/" or ".." in parts or ":" in parts[0] or "\0" in name:
        raise UnsafeFileError(f"A name in {path.name!r} leads out of it: {name!r}.", fix="Zip it again.")
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise UnsafeFileError(f"{name!r} in {path.name!r} is a link.", fix="Zip the file itself.")
    if info.flag_bits & 0x1:
        raise LayerError(f"{path.name!r} is encrypted.", fix="Zip it without a password.")


def _is_rubbish(name: str) -> bool:
    parts = PurePosixPath(name.replace("\\", "/")).parts
    return "__MACOSX" in parts or parts[-1].startswith(".") or parts[-1] in ("Thumbs.db", "desktop.ini")


def _refuse_content(names: list[str], path: Path) -> None:
    if "[Content_Types].xml" in names:
        raise LayerError(f"{path.name!r} is an Office document.", fix="Save the table as CSV UTF-8.")
    if packed := next((name for name in names if name.lower().endswith(_PACKED)), None):
        raise LayerError(f"{packed!r} in {path.name!r} is packed again.", fix="Unpack it once.")


def _extract(
    archive: zipfile.ZipFile, members: list[tuple[str, zipfile.ZipInfo]], target: Path, limits: Limits
) -> list[Path]:
    """Writes the members, counting bytes as they come: what the headers say is not believed."""
    left, written = limits.file_bytes, []
    for name, info in members:
        file = target.joinpath(*PurePosixPath(name.replace("\\", "/")).parts)
        file.parent.mkdir(parents=True, exist_ok=True)
        left -= _write(archive, info, file, left)
        written.append(file)
    return written


def _write(archive: zipfile.ZipFile, info: zipfile.ZipInfo, file: Path, most: int) -> int:
    size = 0
    with archive.open(info) as source, file.open("xb") as out:
        while chunk := source.read(CHUNK):
            size += len(chunk)
            if size > most:
                raise UnsafeFileError("A zip unpacks to more than it says.", fix="Zip it again.")
            out.write(chunk)
    return size
