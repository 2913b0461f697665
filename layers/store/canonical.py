"""The one way to write JSON down, so that the same values have the same bytes and the same hash."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

# One encoder for all: json.dumps with arguments makes a new one each time.
_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def canonical(value: Any) -> str:
    """JSON with sorted keys and no blanks; NaN and infinities are a ValueError."""
    return _ENCODER.encode(value)


def read_json(text: str) -> dict[str, Any]:
    """The object that `canonical` wrote."""
    value: dict[str, Any] = json.loads(text)
    return value


def sha256_text(text: str) -> str:
    """The SHA-256 of a text's UTF-8, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def salted(salt: bytes, name: str, value: str) -> str:
    """HMAC-SHA-256 of a named value: without the salt nobody can try out what the value was."""
    return hmac.new(salt, f"{name}\0{value}".encode(), hashlib.sha256).hexdigest()


def salted_all(salt: bytes, values: Mapping[str, str]) -> dict[str, str]:
    """`salted` of every value that is not empty."""
    return {name: salted(salt, name, value) for name, value in values.items() if value}
