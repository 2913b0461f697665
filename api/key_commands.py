"""Commands for access keys: key create, list, revoke."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from api.options import city_option, json_option
from api.screen import counted, result_json, say, table

if TYPE_CHECKING:
    from layers.city import City
    from layers.keys import KeyInfo

# As in layers.life_cycle.Role, which is not imported just to show the help.
ROLES = ("reporter", "officer", "dispatcher", "planner", "admin")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@click.group()
def key() -> None:
    """Access keys of a city's service: who may use it, as what."""


@key.command(
    epilog="""\b
Examples:
  woodpecker key create --city nantong --role reporter --name mini-program
  woodpecker key create --city nantong --role officer --cells 320602 --expires 2027-01-01"""
)
@city_option
@click.option("--role", type=click.Choice(ROLES), required=True, help="What it may do.")
@click.option("--name", default="", metavar="N", help="What events call whoever uses it [default: ROLE-ID].")
@click.option(
    "--cells", default="", metavar="A,B",
    help="Cells of any level that it is confined to [default: the whole city].",
)  # fmt: skip
@click.option(
    "--expires", type=click.DateTime(["%Y-%m-%d"]), default=None,
    help="The day from which it opens nothing, in the city's zone [default: never].",
)  # fmt: skip
@json_option
def create(city: Path, role: str, name: str, cells: str, expires: datetime | None, as_json: bool) -> None:
    """Make a key and print it: this once, since the city keeps only what it is recognised by.

    A server that runs knows it at once. With the first key, a server on this machine asks for keys, too.
    """
    from layers.city import open_city
    from layers.keys import create_key
    from layers.life_cycle import Role
    from layers.times import now_us

    opened = open_city(city)
    codes = [code.strip() for code in cells.split(",") if code.strip()]
    _check_cells(opened, codes)
    ends = None if expires is None else _micros(expires, opened.config().time_zone)
    info, text = create_key(opened, Role(role), now_us=now_us(), name=name, cells=codes, expires_us=ends)
    if as_json:
        result_json({"key": text, **_told(info, now_us())})
        return
    click.echo(text)
    say(f"Keep it now: it is not shown again. To take it back: woodpecker key revoke {info.id} --city {city}")


@key.command("list", epilog="Example: woodpecker key list --city nantong")
@city_option
@json_option
def list_(city: Path, as_json: bool) -> None:
    """Say which keys there are, without their secrets."""
    from layers.city import open_city
    from layers.keys import list_keys
    from layers.times import now_us

    now = now_us()
    told = [_told(info, now) for info in list_keys(open_city(city))]
    if as_json:
        result_json(told)
    elif told:
        table(tuple(told[0]), [[*row.values()] for row in _shown(told)])
    else:
        say(f"{counted(0, 'key')}: woodpecker key create --city {city} --role admin")


@key.command(epilog="Example: woodpecker key revoke 1f2e3d4c --city nantong")
@click.argument("ident", metavar="ID")
@city_option
def revoke(ident: str, city: Path) -> None:
    """Make the key with this id open nothing any more, and end its sessions."""
    from layers.city import open_city
    from layers.keys import revoke_key
    from layers.times import now_us

    info = revoke_key(open_city(city), ident, now_us=now_us())
    say(f"{info.id} ({info.name}, {info.role.value}) opens nothing any more.")


def _check_cells(city: City, codes: list[str]) -> None:
    """Refuse cells that the live generation does not have; before the first publication none are known."""
    from layers.generation import load_live

    if not codes or city.live_number() is None:
        return
    known = set(load_live(city).cells.code)
    if missing := [code for code in codes if code not in known]:
        raise click.BadParameter(f"there is no cell {', '.join(missing)}.", param_hint="--cells")


def _micros(day: datetime, time_zone: str) -> int:
    from zoneinfo import ZoneInfo

    return (day.replace(tzinfo=ZoneInfo(time_zone)) - _EPOCH) // timedelta(microseconds=1)


def _told(info: KeyInfo, now_us: int) -> dict[str, object]:
    state = "revoked" if info.revoked_us is not None else "live" if info.is_live(now_us) else "expired"
    return {
        "id": info.id,
        "name": info.name,
        "role": info.role.value,
        "cells": list(info.cells),
        "state": state,
        "created": _time(info.created_us),
        "expires": _time(info.expires_us),
        "revoked": _time(info.revoked_us),
    }


def _shown(told: list[dict[str, object]]) -> Iterator[dict[str, object]]:
    for row in told:
        cells = row["cells"]
        yield {**row, "cells": ",".join(cells) if isinstance(cells, list) else ""}


def _time(at_us: int | None) -> str | None:
    if at_us is None:
        return None
    return (_EPOCH + timedelta(microseconds=at_us)).strftime("%Y-%m-%dT%H:%M:%SZ")
