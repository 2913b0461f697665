"""What ``woodpecker geocode`` does with a file."""

from __future__ import annotations

from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from api.geocode_screen import Telling
from api.screen import counted, counting, result_json, say

if TYPE_CHECKING:
    from layers.generation import Generation
    from layers.geocoding_files import Geocoded
    from layers.report_stream import Reports


def geocode_rows(
    generation: Generation, folder: Path, path: Path, out: Path, telling: Telling, *, column: str,
    encoding: str, near: tuple[float, float] | None, within: str, as_json: bool,
) -> int:  # fmt: skip
    """Geocode the texts of a file, and say what came of it; returns how many rows have none.

    Raises:
        LayerError: it cannot be read, or which column holds the texts cannot be told.
    """
    from api.locate_commands import say_findings
    from layers.city import City
    from layers.corrections import read_corrections
    from layers.geocoder import Geocoder
    from layers.geocoding_corrections import ActiveCorrections
    from layers.geocoding_files import geocode_file
    from layers.geocoding_many import Asking, Many, load_geocoder
    from layers.geocoding_tables import text_column
    from layers.locating_files import first_rows

    told = 0

    def column_of(reports: Reports) -> str:
        nonlocal told
        told = len(reports.findings)
        say_findings(reports.findings)
        found = text_column(first_rows(reports), column)
        if not column:
            say(f"Texts: column {found!r}.")
        return found

    corrections = read_corrections(City(folder))
    load = partial(load_geocoder, City(folder), generation.id, corrections)
    asking = Asking(load, near, within, telling.language)
    here = partial(Geocoder, generation, ActiveCorrections(corrections))
    with closing(Many(asking, here=here)) as many, counting("Geocoding …") as bar:
        done = geocode_file(
            path, out, column_of, many.rows, reference=telling.reference, language=telling.language,
            encoding=encoding, progress=bar,
        )  # fmt: skip
    say_findings(done.findings[told:])
    _say(done, out, as_json=as_json)
    return done.rejects


def _say(done: Geocoded, out: Path, *, as_json: bool) -> None:
    from layers.candidates import Outcome
    from layers.locating_files import rejects_path

    beside = rejects_path(out)
    counts = {outcome.value: done.outcomes[outcome.value] for outcome in Outcome}
    if as_json:
        result_json(
            {
                "rows": done.rows, **counts, "rejects": done.rejects, "out": str(out),
                "rejects_file": str(beside) if done.rejects else None,
            }
        )  # fmt: skip
        return
    say(f"{counted(done.rows, 'row')} in {out}: {', '.join(f'{n:,} {name}' for name, n in counts.items())}.")
    if done.rejects:
        say(f"{counted(done.rejects, 'row')} without a text that can be read: {beside}.")
