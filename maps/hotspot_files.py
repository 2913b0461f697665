"""Hotspots as a file of any format, pages among them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from geo.errors import CrsError
from layers.exported import Export, Pair
from layers.frames import grid_frames
from layers.generation import Generation
from layers.tables import write_text
from maps.export import PAGE, format_of, write_export


def write_hotspots(generation: Generation, found: Export, out: Path, *, crs: str = "") -> tuple[Pair, ...]:
    """Write hotspots in the format that the name says; returns what it could not hold.

    Raises:
        CrsError: the format and the CRS do not go together.
        LayerError: the name says no format, or what was read back is not what was written.
    """
    config = generation.config
    if format_of(out) != PAGE:
        return write_export(found, out, crs=crs, metric_crs=config.metric_crs, languages=config.languages)
    if crs:
        raise CrsError("A page is in WGS-84.", fix="Leave the CRS out, or take another format.")
    write_text(out, hotspot_page(generation, found))
    return ()


def hotspot_page(generation: Generation, found: Export) -> str:
    """Hotspots as one page with a map, a table, a chart and a report."""
    from maps.hotspot_report import hotspot_report_html  # its map library takes half a second to load

    config = generation.config
    return hotspot_report_html(
        found,
        languages=config.languages,
        generated_at=datetime.now(ZoneInfo(config.time_zone)).replace(microsecond=0),
        categories={code: (c.name_zh, c.name_en) for code, c in config.categories.items()},
        levels=grid_frames(generation),
    )
