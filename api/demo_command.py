"""woodpecker demo: a generated city, its reports located, and a map of it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import click

from api.screen import say, working

if TYPE_CHECKING:
    from layers.city import City

MARK = ".woodpecker-demo"  # in a folder that the demo made, and may therefore make again


@click.command(epilog="Example: woodpecker demo --dir demo")
@click.option(
    "--dir", "folder", default="demo", show_default=True, type=click.Path(path_type=Path), help="Where."
)
@click.option("--no-serve", is_flag=True, help="End when everything is built.")
def demo(folder: Path, no_serve: bool) -> None:  # noqa: ARG001 - this version always ends when all is built
    """Build a generated city, locate 5,000 reports in it and draw the map: the main job.

    The city has Chongchuan's real streets and communities by name; its boundaries, assets and reports are
    invented. DIR then holds the sources as an administrator would get them, the city, the located
    reports and the map.
    """
    from layers.demo import write_sources

    _make_room(folder)
    with working("Inventing a city …"):
        sources = write_sources(folder / "sources")
    layers = [source for source in sources if source.role != "reports"]
    city = build_city(folder / "city", layers)
    page = _locate_reports(city, folder)
    say(f"The city is in {city.folder}, its map with the reports: {page.resolve()}")
    say(f"Ask it: woodpecker locate --city {city.folder} 120.86 32.01 --category 0118")


def _make_room(folder: Path) -> None:
    """An empty folder; one that the demo made before is made anew."""
    if folder.exists() and any(folder.iterdir()):
        if not (folder / MARK).exists():
            raise click.BadParameter(
                f"{folder} is not empty and not of the demo's making.", param_hint="--dir"
            )
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARK).touch()


def build_city(folder: Path, sources: list) -> City:  # type: ignore[type-arg]
    """The commands of an administrator: init, import layer for each source, rules, publish."""
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from layers.city import create_city
    from layers.demo import rules_toml
    from layers.importing import ImportOptions, import_layer, parse_role
    from layers.publish import publish
    from layers.tables import write_text

    city = create_city(folder, "崇川（演示）", metric_crs="EPSG:4549")
    for source in sources:
        with working(f"Importing {source.path.name} …"):
            role, kind = parse_role(source.role)
            said = {"reference" if name == "crs" else name: value for name, value in source.options.items()}
            imported = import_layer(city, source.path, role, kind, ImportOptions(**said))
        say(f"{imported.features:>6} {source.role}")
    head = city.toml.read_text(encoding="utf-8").split("\n[[rule]]", 1)[0]
    write_text(city.toml, f"{head}\n{rules_toml()}")
    with working("Publishing …"):
        publish(city, now=datetime.now(ZoneInfo(city.config().time_zone)).replace(microsecond=0))
    return city


def _locate_reports(city: City, folder: Path) -> Path:
    from api.map_command import draw_map
    from layers.generation import load_live
    from layers.report_table import read_reports

    with working("Locating the reports …"):
        generation = load_live(city)
        located = read_reports(generation, folder / "sources" / "reports.csv")
        located.table.to_csv(folder / "located.csv", index=False)
        located.rejects.to_csv(folder / "located.csv.rejects.csv", index=False)
    say(f"{len(located.table)} reports located in {folder / 'located.csv'};")
    say(f"{len(located.rejects)} of them have no usable position and are listed beside it.")
    page = folder / "map.html"
    with working("Drawing the map …"):
        draw_map(generation, located, page)
    return page
