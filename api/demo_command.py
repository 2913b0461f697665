"""woodpecker demo: a generated city, served, with reports filed in it."""

from __future__ import annotations

import shutil
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import click

from api.screen import say, working
from geo.errors import CityError, GridError

if TYPE_CHECKING:
    from layers.city import City

MARK = ".woodpecker-demo"  # in a folder that the demo made, and may therefore make again


@click.command(epilog="Example: woodpecker demo --dir demo")
@click.option(
    "--dir", "folder", default="demo", show_default=True, type=click.Path(path_type=Path), help="Where."
)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535),
              help="Where to serve; the next free one where it is taken.")  # fmt: skip
@click.option("--no-serve", is_flag=True, help="End when everything is built and the map is drawn.")
def demo(folder: Path, port: int, no_serve: bool) -> None:
    """Build a generated city, serve it, and file 5,000 reports in it over HTTP: the main job.

    The city has Chongchuan's real streets and communities by name; its boundaries, assets and reports are
    invented. DIR then holds the sources as an administrator would get them, the city with its issues, and
    their map.
    """
    from layers.demo import write_sources

    _make_room(folder)
    with working("Inventing a city …"):
        sources = write_sources(folder / "sources")
    layers = [source for source in sources if source.role != "reports"]
    city = build_city(folder / "city", layers)
    sys.exit(_serve(city, folder, port, end=no_serve))


def _serve(city: City, folder: Path, port: int, *, end: bool) -> int:
    """Serve the city and file the reports meanwhile; until somebody stops it, or ``end``."""
    from api.serve_command import read_settings, run
    from api.server import Server

    server = Server("127.0.0.1", port, or_next=True)
    if port not in (0, server.port):
        say(f"Port {port} is taken; this is {server.port}.")
    failed: list[GridError] = []

    def fill() -> None:
        try:
            _file_reports(city.folder, folder)
            if not end:
                say(f"The map of what is open now: {server.url}/maps/issues.html")
        except GridError as error:
            failed.append(error)
            server.stop(1)
        if end:
            server.stop()

    filling = threading.Thread(target=fill, name="woodpecker-demo")
    code = run(read_settings(city.folder, server.host), server, on_ready=filling.start)
    filling.join()
    if failed:
        raise failed[0]
    return code


def _file_reports(city: Path, folder: Path) -> None:
    """File the reports as any client would, and keep the map of what is open now."""
    from api.report_command import file_with, summed, tell
    from api.report_file import read_report_file
    from api.running import running_server

    reports = folder / "sources" / "reports.csv"
    server = running_server(city)
    if server is None:
        raise CityError("The server does not answer.", fix="Look at what it said, and try again.")
    file = read_report_file(reports, named={})
    say(f"Filing {len(file.rows)} reports over HTTP …")
    outcomes, refused = summed(file_with(server, file, reports))
    tell(reports, outcomes, [*file.rejects, *refused])
    page = folder / "map.html"
    page.write_bytes(server.get("/maps/issues.html"))
    say(f"The map as a file: {page.resolve()}")
    say(f"Ask the city: woodpecker locate --city {city} 120.86 32.01 --category 0118")


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
