"""How many files, connections included, this process may have open at a time."""

from __future__ import annotations

import sys

UNKNOWN = 100_000  # where nobody says


def allow_files(wanted: int) -> int:
    """Have so many allowed, as far as the system lets; returns how many are allowed now."""
    if sys.platform == "win32":
        return UNKNOWN
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return wanted if soft == resource.RLIM_INFINITY else soft
    raised = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (raised, hard))
    except (OSError, ValueError):  # a system may have bounds of its own besides
        return soft
    return raised
