"""woodpecker serve: the service of a city."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from api.options import city_option
from api.screen import say, working

if TYPE_CHECKING:
    from api.server import Server
    from api.settings import Settings

WRITER_DIED = 70  # the exit code where the store can no longer be written: start it again


@click.command(
    epilog="""\b
Examples:
  woodpecker serve --city nantong
  woodpecker serve --city nantong --host 0.0.0.0 --port 80      (needs access keys: woodpecker key create)"""
)
@city_option
@click.option("--host", default="127.0.0.1", show_default=True, metavar="H", help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="0 takes any.")
def serve(city: Path, host: str, port: int) -> None:
    """Serve a city over HTTP until it is stopped with Ctrl+C: reports, issues, maps.

    On this machine alone it asks for no keys as long as the city has none. Settings that only the server
    needs (names, other origins, webhooks, retention) stand in serve.toml in the city's folder.
    """
    from api.server import Server

    settings = read_settings(city, host)
    sys.exit(run(settings, Server(host, port)))


def read_settings(folder: Path, host: str) -> Settings:
    """What a service is told.

    Raises:
        CityError: it would be reached by others, and the city has no keys.
    """
    from api.running import new_token
    from api.settings import Settings
    from geo.errors import CityError
    from layers.city import open_city
    from layers.keys import list_keys
    from layers.serve_config import read_serve_config
    from layers.times import now_us

    city = open_city(folder)
    settings = Settings(folder, host, config=read_serve_config(city), token=new_token())
    if not settings.is_local and not any(key.is_live(now_us()) for key in list_keys(city)):
        raise CityError(
            f"On {host} others reach the service, and {folder} has no valid access keys.",
            fix=f"Make one: woodpecker key create --city {folder} --role admin.",
        )
    return settings


def run(settings: Settings, server: Server, *, on_ready: Callable[[], None] = lambda: None) -> int:
    """Serve until somebody stops it; returns the exit code."""
    from api.app import create_app
    from api.running import announce, withdraw

    def died(error: BaseException) -> None:
        say(f"The store can no longer be written ({error!r}); the service ends.")
        server.stop(WRITER_DIED)

    def ready() -> None:
        announce(settings.folder, server.url, settings.token)
        say(f"Serving {settings.folder} at {server.url}; its API is described at {server.url}/docs.")
        say("Stop it with Ctrl+C.")
        on_ready()

    try:
        with working("Loading the city …"):
            app = create_app(settings, on_death=died)
        return server.run(app, on_ready=ready)
    finally:
        withdraw(settings.folder)
        server.close()
