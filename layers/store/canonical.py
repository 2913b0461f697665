"""The one way to write JSON down, so that the same values have the same bytes and the same hash."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import orjson

# One encoder for all: json.dumps with arguments makes a new one each time.
_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
_WORDS = frozenset((str, int, bool, type(None)))


def canonical(value: Any) -> str:
    """JSON with sorted keys and no blanks; NaN and infinities are a ValueError."""
    return canonical_bytes(value).decode()


def canonical_bytes(value: Any) -> bytes:
    """The same in UTF-8."""
    if _is_plain(value):
        try:
            return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
        except orjson.JSONEncodeError:  # a whole number beyond 64 bits, a key that is no text
            pass
    return _ENCODER.encode(value).encode()


def _is_plain(value: Any) -> bool:
    """Whether the fast encoder writes the same bytes as the slow one.

    It writes exponents otherwise, NaN as null, and takes types for which there is no JSON.
    """
    kind = type(value)
    if kind is dict or kind is list or kind is tuple:
        for inner in value.values() if kind is dict else value:
            # Asked twice, here and below: a call for every word would take most of the time.
            of = type(inner)
            if of not in _WORDS and not (_is_plain_float(inner) if of is float else _is_plain(inner)):
                return False
        return True
    return _is_plain_float(value) if kind is float else kind in _WORDS


def _is_plain_float(value: float) -> bool:
    return value == 0.0 or 1e-4 <= abs(value) < 1e16  # False for NaN and infinities


def read_json(text: str | bytes) -> dict[str, Any]:
    """The object that `canonical` wrote."""
    value: dict[str, Any] = orjson.loads(text)
    return value


def sha256_of(body: bytes) -> str:
    """The SHA-256 of a body, in hex."""
    return hashlib.sha256(body).hexdigest()


def salted(salt: bytes, name: str, value: str) -> str:
    """Keyed BLAKE2b of a named value, 256 bits in hex: without the salt nobody can try out what it was."""
    return hashlib.blake2b(f"{name}\0{value}".encode(), digest_size=32, key=salt).hexdigest()
