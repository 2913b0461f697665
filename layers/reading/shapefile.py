"""Shapefiles: files that belong together, whatever the case of their names and whatever is missing."""

from __future__ import annotations

import struct
from pathlib import Path

from geo.errors import LayerError
from layers.findings import Finding
from layers.reading.encodings import TORN, known_encoding, torn_share

COMPANIONS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
# The dBase language byte, where it says anything about East Asian text.
_LANGUAGES = {0x4D: "gb18030", 0x7A: "gb18030", 0x4F: "big5", 0x78: "big5"}


def gather(path: Path, folder: Path) -> Path:
    """A .shp (or lone .dbf) and its companions under plain names in a folder; the main file's path.

    GDAL then finds companions named .DBF. The index is copied, all else is linked: an index is what GDAL
    may write (`lacks_index`), and through a link it would write into the source.

    Raises:
        LayerError: a companion is no regular file.
    """
    for file in path.parent.iterdir():
        if file.stem == path.stem and file.suffix.lower() in COMPANIONS:
            if not file.is_file():
                raise LayerError(f"{file.name!r} is no regular file.", fix="Replace it with the file itself.")
            _place(file, folder / f"source{file.suffix.lower()}")
    return folder / f"source{path.suffix.lower()}"


def _place(file: Path, target: Path) -> None:
    if target.suffix == ".shx":
        target.write_bytes(file.read_bytes())
    else:
        target.symlink_to(file.resolve())


def lacks_index(path: Path) -> bool:
    """Whether GDAL must make the .shx. Told to, it rewrites one that exists too, so it is told only then."""
    return path.suffix == ".shp" and not path.with_suffix(".shx").exists()


def check_table(path: Path) -> list[Finding]:
    """A warning when a .dbf says it has another number of records than it holds."""
    dbf = path.with_suffix(".dbf")
    if not dbf.exists():
        return []
    with dbf.open("rb") as file:
        head = file.read(12)
    if len(head) < 12:
        raise LayerError(f"The attribute table beside {path.name!r} is cut off.", fix="Copy all files again.")
    records, header, width = struct.unpack("<IHH", head[4:12])
    held = max(0, dbf.stat().st_size - header) // max(1, width)
    if records == held:
        return []
    return [Finding("table_longer", value=str(records), detail={"held": held})]


def table_encoding(path: Path, declared: str | None) -> tuple[str, list[Finding]]:
    """The encoding of a .dbf's text: declared, or what its .cpg says if that holds, or told by trying."""
    if declared:
        return known_encoding(declared), []
    dbf = path.with_suffix(".dbf")
    data = dbf.read_bytes() if dbf.exists() else bytes(32)
    said = _said(path.with_suffix(".cpg"))
    text = _text(data)
    if text.isascii():
        return said or "utf-8", []
    used = _first_that_fits(text, said, _LANGUAGES.get(data[29]))
    if said and used != said:
        return used, [Finding("encoding_overruled", "note", value=used, detail={"declared": said})]
    return used, [] if said else [Finding("encoding_guessed", "note", value=used)]


def _text(data: bytes) -> bytes:
    """The names of a .dbf's fields and all its records."""
    header = int.from_bytes(data[8:10], "little")
    names = (data[at : at + 11].partition(b"\0")[0] for at in range(32, header - 1, 32))
    return b"\n".join((*names, data[header:]))


def _first_that_fits(text: bytes, said: str | None, language: str | None) -> str:
    """A .cpg is believed if the text decodes; then UTF-8, the language byte and GB18030 are tried."""
    tried = (said, "utf-8", language, "gb18030")
    fitting = (codec for codec in tried if codec and torn_share(text, codec) <= TORN)
    return next(fitting, "iso8859-1")


def _said(cpg: Path) -> str | None:
    """The encoding a .cpg names, or None when it names none that exists."""
    try:
        word = cpg.read_text("ascii").strip()
        return known_encoding({"65001": "utf-8", "oem": "cp437"}.get(word.lower(), word)) if word else None
    except (OSError, UnicodeDecodeError, LayerError):
        return None
