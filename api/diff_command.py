"""woodpecker diff: the draft against what is live, before anything is replaced."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from api.options import city_option, columns_options, datum_option, existing, json_option
from api.screen import SHOWN, language, result_json, say, table, working

if TYPE_CHECKING:
    from layers.diff import Difference
    from layers.diff_places import PlaceMoves
    from layers.generation import Generation

DIFFERENCES = 1


@click.command(
    epilog="""\b
Examples:
  woodpecker diff --city nantong
  woodpecker diff --city nantong --out changes.html
  woodpecker diff --city nantong --places reports.csv --category-col 类别 --out changes.gpkg"""
)
@city_option
@click.option(
    "--out", default="", metavar="F", help="F.html: a map of the changes; F.gpkg: layers for a GIS."
)
@click.option(
    "--places",
    default="",
    metavar="F",
    help="A CSV, or points of any layer format: which of them would move.",
)
@columns_options
@datum_option
@click.option("--category-col", default="", metavar="COL", help="Column of categories.")
@click.option("--encoding", default="", metavar="E", help="Of the places, where it is not found out.")
@json_option
def diff(
    city: Path, out: str, places: str, lng: str, lat: str, datum: str, category_col: str, encoding: str,
    as_json: bool,
) -> None:  # fmt: skip
    """Say what publishing the draft would change: layers, ground, rules, and where places would go.

    Members are matched by code first, then by shape. Areas are in m². Exit code 1 where anything differs.
    """
    from layers.city import open_city
    from layers.diff import diff as run_diff
    from layers.diff import load_both

    _writable(out)
    with working("Comparing …"):
        live, draft = load_both(open_city(city))
        found = run_diff(live, draft)
    moves = None
    if places:
        with working("Locating …"):
            named = {"category": category_col} if category_col else {}
            asked = {"lng": lng, "lat": lat, "datum": datum, "encoding": encoding}
            moves = _moves(live, draft, existing(places), asked, named)
    _show(found, moves, as_json=as_json)
    if out:
        with working("Drawing …"):
            _write(Path(out), live, draft, found, moves)
    sys.exit(DIFFERENCES if found else 0)


def _writable(out: str) -> None:
    if out and Path(out).suffix.casefold() not in (".gpkg", ".html"):
        raise click.BadParameter(f"{out!r} ends neither in .html nor in .gpkg.", param_hint="--out")


def _moves(
    live: Generation, draft: Generation, path: Path, asked: dict[str, str], named: dict[str, str]
) -> PlaceMoves:
    from layers.diff_places import moved_places
    from layers.report_table import read_places

    rows, extents, columns, _ = read_places(path, **asked, named=named)
    return moved_places(live, draft, rows, columns, extents)


def _show(found: Difference, moves: PlaceMoves | None, *, as_json: bool) -> None:
    from layers.diff_messages import SENTENCES
    from layers.diff_report import HEADS, difference_json, report_rows, summary

    lang = language()
    if not found.live:
        say(SENTENCES[lang]["nothing_live"])
    if as_json:
        result_json(difference_json(found, moves))
        return
    rows = report_rows(found, moves, lang, SHOWN)
    if rows:
        table(HEADS[lang], rows)
    for line in summary(found, moves, lang):
        say(line)


def _write(
    out: Path, live: Generation, draft: Generation, found: Difference, moves: PlaceMoves | None
) -> None:
    from layers.diff_layers import write_diff_layers
    from layers.diff_messages import SENTENCES

    if out.suffix.casefold() == ".gpkg":
        written = ", ".join(write_diff_layers(out, found, moves))
        say(SENTENCES[language()]["layers" if written else "no_layers"].format(path=out, layers=written))
        return
    from layers.tables import write_text

    write_text(out, _page(live, draft, found, moves))
    say(SENTENCES[language()]["written"].format(path=out))


def _page(live: Generation, draft: Generation, found: Difference, moves: PlaceMoves | None) -> str:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from layers.frames import grid_frames
    from maps.diff_map import diff_map_html

    config = draft.config
    return diff_map_html(
        title=config.name,
        languages=config.languages,
        levels=grid_frames(draft) or grid_frames(live),
        found=found,
        moves=moves,
        generated_at=datetime.now(ZoneInfo(config.time_zone)).replace(microsecond=0),
    )
