"""A note on stderr where the positions of a batch seem to be far from the city, or in another datum than was
declared.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from api.screen import language, say, working

if TYPE_CHECKING:
    import pyarrow as pa

    from api.report_file import ReportFile
    from layers.findings import Finding
    from layers.generation import Generation
    from layers.report_rows import ReportColumns


def note_reports(folder: Path, file: ReportFile) -> None:
    """Say it of the rows of a file that is to be filed; nothing where the city has no layers."""
    from layers.city import open_city
    from layers.datum_check import row_findings
    from layers.generation import load_live

    placed = [row.report for row in file.rows if row.report.lng is not None and row.report.lat is not None]
    city = open_city(folder)
    if not placed or city.draft_base() is None:
        return
    with working("Looking at the positions …"):
        lng, lat = ([float(getattr(one, name)) for one in placed] for name in ("lng", "lat"))
        datum, channel = ([getattr(one, name) for one in placed] for name in ("datum", "channel"))
        found = row_findings(load_live(city), lng, lat, datum, channel)
    _say(found)


def note_rows(generation: Generation, table: pa.Table, columns: ReportColumns) -> None:
    """Say it of the first rows of a file that is to be located."""
    from layers.datum_check import table_findings

    with working("Looking at the positions …"):
        found = table_findings(generation, table, columns)
    _say(found)


def _say(findings: Sequence[Finding]) -> None:
    lang = language()
    for finding in findings:
        say(f"{finding.reason(lang)} {finding.fix(lang)}")
