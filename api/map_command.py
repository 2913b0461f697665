"""woodpecker map: a city and reports on one page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.locate_commands import load_generation
from api.options import city_option, columns_options, datum_option, existing, output
from api.screen import counted, language, say, working

if TYPE_CHECKING:
    import pandas as pd

    from layers.batch import Located
    from layers.exported import Export
    from layers.generation import Generation
    from maps.city_payload import Ground

KNOWN = ("category", "text", "status", "occurred_at", "datum", "accuracy_m", "level", "channel")


@click.command(
    "map",
    epilog="""\b
Examples:
  woodpecker map --city nantong --out grid.html
  woodpecker map --city nantong --in reports.csv --map text=描述 --map status=状态 --out reports.html
  woodpecker map --city nantong --in reports.csv --hotspots --out hotspots.html""",
)
@city_option
@click.option("--in", "in_", metavar="F", default="", help="Reports: a CSV, or points of any layer format.")
@click.option("--out", metavar="F.html", required=True, help="One self-contained page.")
@columns_options
@datum_option
@click.option(
    "--map",
    "mapping",
    metavar="name=COL",
    multiple=True,
    help="Which column holds category, text, status, occurred_at, datum, accuracy_m, level or channel; with "
    "--hotspots also reporter or external_id, which may be none (external_id=).",
)
@click.option("--encoding", default="", metavar="E", help="Of the file, where it is not found out.")
@click.option(
    "--hotspots", is_flag=True,
    help="With a layer of where the reports concentrate: those of the file, else the stored ones.",
)  # fmt: skip
def map_(
    city: Path, in_: str, out: str, lng: str, lat: str, datum: str, mapping: Sequence[str], encoding: str,
    hotspots: bool,
) -> None:  # fmt: skip
    """Draw the city, and the reports of a file with their assignments, on one HTML page."""
    from layers.report_table import read_reports

    if in_:
        existing(in_)
    page = output(out, inputs=[in_], city=city)
    named = _pairs(mapping, hotspots)
    generation = load_generation(city)
    reports = None
    if in_:
        with working("Locating …"):
            reports = read_reports(
                generation,
                existing(in_),
                lng=lng,
                lat=lat,
                datum=datum,
                encoding=encoding,
                named=named,
            )
    found = None
    if hotspots:
        with working("Looking for hotspots …"):
            columns = {"lng": lng, "lat": lat, "datum": datum, "encoding": encoding}
            found = _hotspots(generation, city, in_, named, columns)
        for each in found.notes:
            say(each[0 if language() == "zh" else 1])
    with working("Drawing …"):
        draw_map(generation, reports, page, found)
    say(f"{page} ({page.stat().st_size / 1e6:.1f} MB)")
    if reports is not None and len(reports.rejects):
        say(f"{counted(len(reports.rejects), 'report')} without a usable position; the page lists them.")


def _pairs(mapping: Sequence[str], hotspots: bool) -> dict[str, str]:
    """What the options name; a file may have no column of what only hotspots ask for."""
    from layers.hotspot_files import NAMES

    besides = [name for name in NAMES if name not in KNOWN] if hotspots else []
    pairs = {}
    for text in mapping:
        name, says, pairs[name] = text.partition("=")
        if name not in (*KNOWN, *besides) or not (pairs[name] or (says and name in besides)):
            what = f"{text}: use name=COL with a name of {', '.join((*KNOWN, *besides))}."
            raise click.BadParameter(what, param_hint="--map")
    return pairs


def _hotspots(
    generation: Generation, city: Path, in_: str, named: Mapping[str, str], columns: Mapping[str, str]
) -> Export:
    """Where the reports concentrate, all categories together, in the cells of the lowest level.

    What `woodpecker hotspots` says of a file while it reads it is said here too.
    """
    from api.hotspots_command import points_of
    from layers.hotspot_analysis import Beside, analyse
    from layers.hotspot_files import NAMES
    from layers.hotspot_question import ask

    asked = {name: column for name, column in named.items() if name in NAMES}
    points, _ = points_of(generation, city, in_, named=asked, **columns)
    question = ask(generation.config.time_zone)
    return analyse(generation, points, question, Beside(scan=False, picture=False, moved=False))


def _generation_note(generation: Generation) -> str:
    if generation.config.languages[0] == "zh":
        return "草稿" if generation.id == "draft" else f"第 {generation.id} 版"
    return "draft" if generation.id == "draft" else f"generation {generation.id}"


def draw_map(
    generation: Generation, reports: Located | None, out: Path, hotspots: Export | None = None
) -> None:
    """Write the page of a city, its reports and its hotspots."""
    from layers.tables import write_text
    from maps.issue_map import issue_map_html

    rows = None if reports is None else reports.answers
    page = issue_map_html(
        ground=ground_of(generation, rows), reports=rows, hotspots=hotspots, **page_words(generation)
    )
    write_text(out, page)


def ground_of(generation: Generation, rows: pd.DataFrame | None = None) -> Ground:
    """What a page shows of a generation beside the reports."""
    from layers.frames import area_frames, asset_frames, grid_frames
    from maps.city_payload import city_ground

    return city_ground(grid_frames(generation), asset_frames(generation), area_frames(generation), rows)


def page_words(generation: Generation) -> dict[str, Any]:
    """What a page says of its city, and its age."""
    from datetime import datetime
    from zoneinfo import ZoneInfo

    config = generation.config
    return {
        "title": config.name,
        "languages": config.languages,
        "categories": {code: (c.name_zh, c.name_en) for code, c in config.categories.items()},
        "generated_at": datetime.now(ZoneInfo(config.time_zone)).replace(microsecond=0),
        "note": _generation_note(generation),
    }
