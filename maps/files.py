"""Where the files of the pages lie; what uses no more than these loads no map library."""

from __future__ import annotations

from pathlib import Path

WEB = Path(__file__).parent / "web"
VENDOR = WEB / "vendor"
