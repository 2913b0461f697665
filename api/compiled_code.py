"""Where compiled code is kept: never where somebody else could put code that we would run."""

from __future__ import annotations

import os
import stat
from pathlib import Path

CACHE = "NUMBA_CACHE_DIR"


def forget_shared_cache() -> None:
    """Leave the folder that the environment names for compiled code unused, if others can write there.

    To be called before anything is compiled or loaded.
    """
    folder = os.environ.get(CACHE, "")
    if folder and not is_private(folder):
        del os.environ[CACHE]


def is_private(folder: str) -> bool:
    """Whether nobody else can put files into a folder, or it is not there yet."""
    try:
        found = Path(folder).stat()
    except (OSError, ValueError):
        return True
    return found.st_uid in (0, os.getuid()) and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
