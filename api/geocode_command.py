"""woodpecker geocode: where the places are that words name."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from api.options import Number, city_option, existing, json_option, output
from api.screen import working

if TYPE_CHECKING:
    from api.geocode_screen import Telling

FINDINGS = 1
MOST = 50


@click.command(
    epilog="""\b
Examples:
  woodpecker geocode --city nantong 虹桥北村65幢楼道里的灯不亮了
  woodpecker geocode --city nantong 人民西路与外环西路交叉口 --datum gcj02
  woodpecker geocode --city chicago "1283 Canal St" --near -87.63 41.88 --json
  woodpecker geocode --city nantong --in 工单.csv --out placed.csv --text 案发地址
  woodpecker geocode --city nantong --replay"""
)
@click.argument("words", nargs=-1, metavar="[TEXT]")
@city_option
@click.option(
    "--in", "in_", metavar="F", default="",
    help="Texts: a column of a CSV, Parquet or Arrow file of any size, or of a layer.",
)  # fmt: skip
@click.option(
    "--out", metavar="F", default="",
    help="The rows with their places added: .csv, .parquet, .arrow or .feather; rejects go to F.rejects.csv.",
)  # fmt: skip
@click.option(
    "--text", "column", metavar="COL", default="", help="Column of the texts [default: told by its name]."
)
@click.option("--encoding", default="", metavar="E", help="Of the CSV, where it is not found out.")
@click.option(
    "--near", nargs=2, type=Number(), default=None, metavar="LNG LAT",
    help="Of places that fit equally well the one nearest to this is meant.",
)  # fmt: skip
@click.option(
    "--within", metavar="CELL", default="", help="Nothing outside this cell: its code, path or name."
)
@click.option(
    "--datum", metavar="D", default="",
    help="Of --near and of the answers: wgs84 (default), gcj02, bd09, cgcs2000 or EPSG:n.",
)  # fmt: skip
@click.option(
    "--limit", type=click.IntRange(1, MOST), default=10, show_default=True,
    help="How many places are listed at most.",
)  # fmt: skip
@click.option(
    "--replay",
    is_flag=True,
    help="Ask again what dispatchers have corrected, as a test (exit code 1: failed).",
)
@json_option
def geocode(
    words: Sequence[str], city: Path, in_: str, out: str, column: str, encoding: str,
    near: tuple[float, float] | None, within: str, datum: str, limit: int, replay: bool, as_json: bool,
) -> None:  # fmt: skip
    """Say where the place is that words name: an address, a crossing, a code, or a whole complaint.

    The answer comes from the city's own layers, with a radius and with what of the words does not fit. Exit
    code 1 where there is no one place: nothing was found, or several may be meant. Every row of a file is
    kept, in order; exit code 1 where some have no text.
    """
    _one_way(words, in_, replay=replay)
    _fitting({"--out": out, "--text": column, "--encoding": encoding}, in_, "--in F")
    _fitting({"--near": near, "--within": within, "--datum": datum}, not replay, "TEXT or --in F")
    if in_:
        if not out:
            raise click.UsageError("--in needs --out F for the result.")
        existing(in_)
        result = output(out, inputs=[in_], city=city)
    from api.geocode_screen import Telling
    from api.locate_commands import in_degrees, load_generation
    from layers.geocoding_limits import cells_called

    if replay:
        from api.geocode_replay import replayed

        sys.exit(FINDINGS if replayed(city, as_json=as_json) else 0)
    place = None if near is None else in_degrees(near, datum)
    generation = load_generation(city)
    telling = Telling.of(generation, datum)
    if within:
        cells_called(generation, within)  # refused before anything takes its time
    if not in_:
        sys.exit(_answer(telling, city, " ".join(words), limit, place, within, as_json=as_json))
    from api.geocode_file import geocode_rows

    rejected = geocode_rows(
        generation, city, Path(in_), result, telling, column=column, encoding=encoding, near=place,
        within=within, as_json=as_json,
    )  # fmt: skip
    sys.exit(FINDINGS if rejected else 0)


def _one_way(words: Sequence[str], in_: str, *, replay: bool) -> None:
    """Words on the line, or a file in and a file out, or the corrections."""
    asked = [name for name, given in (("TEXT", words), ("--in F", in_), ("--replay", replay)) if given]
    if len(asked) > 1:
        raise click.UsageError(f"Give {' or '.join(asked)}, not both.")
    if not asked:
        raise click.UsageError("Give a TEXT, or --in F --out F, or --replay.")
    if words and not " ".join(words).strip():
        raise click.UsageError("The TEXT is empty.")


def _fitting(options: Mapping[str, object], fits: object, what: str) -> None:
    """Refuse options that go with what was not given."""
    for option, given in options.items():
        if given and not fits:
            raise click.UsageError(f"{option} goes with {what}.")


def _answer(
    telling: Telling, city: Path, words: str, limit: int, near: tuple[float, float] | None, within: str,
    *, as_json: bool,
) -> int:  # fmt: skip
    """Answer one text; returns the exit code."""
    from layers.city import City
    from layers.corrections import read_corrections
    from layers.geocoder import Geocoder
    from layers.geocoding_corrections import ActiveCorrections

    text = words.encode("utf-8", "replace").decode()  # what is no Unicode on the line could not be written
    with working("Reading the gazetteer …"):
        geocoder = Geocoder(telling.generation, ActiveCorrections(read_corrections(City(city))))
    answer = geocoder.geocode(text, limit=limit, near=near, within=within)
    telling.show(text, answer, as_json=as_json)
    return 0 if answer.best is not None else FINDINGS
