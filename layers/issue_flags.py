"""The flags of an issue: codes of what wants a look, joined by commas."""

from __future__ import annotations

OWNER_DIFFERS = "owner_differs"
"""Somebody else than its owner would answer for it now: by another place, or by another generation."""

CONFIRMED = "confirmed"
"""Somebody has looked: it is as reported."""
ASKED = "asked"
"""Who reported it was asked for more."""


def flags_of(flags: str) -> tuple[str, ...]:
    """The codes."""
    return tuple(code for code in flags.split(",") if code)


def with_flag(flags: str, code: str, stands: bool = True) -> str:
    """The flags with a code, or without it; the others keep their order."""
    others = [flag for flag in flags_of(flags) if flag != code]
    return ",".join([*others, code] if stands else others)
