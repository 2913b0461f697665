"""Which encoding a text is in: declared, marked, or told by trying."""

from __future__ import annotations

import codecs

from geo.errors import LayerError

_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}

# Wider supersets, so that a rare character in a name doesn't stop the reading.
_WIDER = {"gbk": "gb18030", "cp936": "gb18030", "gb2312": "gb18030", "936": "gb18030", "ascii": "utf-8"}

# More than this share of broken characters among the non-ASCII ones, and it is another encoding.
TORN = 0.1


def known_encoding(name: str) -> str:
    """The codec that a name stands for; GBK and its kin become GB18030, which holds them all.

    Raises:
        LayerError: there is no such encoding.
    """
    plain = name.strip().lower()
    try:
        found = codecs.lookup(_WIDER.get(plain, plain)).name
    except LookupError:
        raise LayerError(
            f"Encoding {name!r} is unknown.", fix="Give utf-8, gb18030, big5 or another codec."
        ) from None
    return _WIDER.get(found, found)


def decode(data: bytes, encoding: str | None, name: str) -> tuple[str, str]:
    """A text and the encoding it was read in: the given one, else its mark's, UTF-8 or GB18030.

    Raises:
        LayerError: the bytes are not in that encoding, or in none of these.
    """
    marked = next((codec for mark, codec in _MARKS.items() if data.startswith(mark)), None)
    given = known_encoding(encoding) if encoding else None
    for codec in [marked or given] if marked or given else ["utf-8", "gb18030"]:
        try:
            return data.decode(codec or "utf-8"), (codec or "utf-8").removesuffix("-sig")
        except UnicodeDecodeError as error:
            failure = error
    raise _undecodable(data, failure, given, name)


def _undecodable(data: bytes, failure: UnicodeDecodeError, given: str | None, name: str) -> LayerError:
    line = data.count(b"\n", 0, failure.start) + 1
    tried = given or "UTF-8 nor GB18030"
    byte = f"byte 0x{data[failure.start]:02X} in line {line}"
    return LayerError(
        f"{name!r} is not {tried}: {byte}." if given else f"{name!r} is neither {tried}: {byte}.",
        fix="Name its encoding with --encoding, for example big5 or cp1252.",
    )


def torn_share(data: bytes, encoding: str) -> float:
    """How much of the non-ASCII text does not decode; a little is normal where fields cut a character."""
    if data.isascii():
        return 0.0
    text = data.decode(encoding, errors="replace")
    foreign = len(text) - len(text.encode("ascii", errors="ignore"))
    return text.count("\ufffd") / foreign if foreign else 0.0
