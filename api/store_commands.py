"""Commands for what a city keeps of its reports: backup, restore, erase."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from api.options import city_option, existing, json_option, output
from api.screen import counted, result_json, say, working

if TYPE_CHECKING:
    from api.running import RunningServer
    from layers.city import City
    from layers.store.backup import Backup
    from layers.store.erasing import Whose

DAY_US = 86_400_000_000
ACTOR = "command line"


@click.command(epilog="Example: woodpecker backup --city nantong --out nantong-2026-11-22.tar")
@city_option
@click.option(
    "--out", required=True, metavar="FILE.tar", help="File to write; one that is there is replaced."
)
@json_option
def backup(city: Path, out: str, as_json: bool) -> None:
    """Write a whole city into one file, also while a server is at work.

    It holds the words, the draft, all generations, the reports and issues of one moment, photos, and the
    SHA-256 of each file. It holds what is personal too, and keeps what is erased later. Keys are not in it.
    """
    from layers.city import open_city
    from layers.store.backup import back_up

    opened = open_city(city)
    target = output(out, city=city)
    with working("Writing"):
        made = back_up(opened, target)
    _tell(made, f"{target} holds", as_json)


@click.command(epilog="Example: woodpecker restore nantong-2026-11-22.tar --city nantong --verify")
@click.argument("file", metavar="FILE.tar")
@city_option
@click.option("--verify", is_flag=True, help="Also examine every page, event and proof of the store.")
@click.option("--overwrite", is_flag=True, help="Replace a city that is there.")
@json_option
def restore(file: str, city: Path, verify: bool, overwrite: bool, as_json: bool) -> None:
    """Bring a city back from a backup.

    Every file is compared with its SHA-256 before anything is replaced. A server must not be running.
    """
    from layers.store import backup as backups

    source = existing(file)
    with working("Reading"):
        found = backups.restore(source, city, verify=verify, overwrite=overwrite)
    _tell(found, f"{city} is as the backup has it:", as_json)


def _tell(made: Backup, what: str, as_json: bool) -> None:
    if as_json:
        chain = {"seq": made.head.seq, "hash": made.head.hash}
        said = {"files": made.files, "reports": made.reports, "schema": made.schema, "chain": chain}
        result_json(said)
        return
    say(f"{what} {counted(made.files, 'file')} and {counted(made.reports, 'report')}.")
    if made.head.seq:
        say(f"Note down elsewhere: event {made.head.seq} has {made.head.hash}.")


@click.command(
    epilog="""\b
Examples:
  woodpecker erase --city nantong --reporter openid-1 --dry-run
  woodpecker erase --city nantong --older-than 730 --reason "two years are over\""""
)
@city_option
@click.option("--reporter", default=None, metavar="NAME", help="Erase the reports of this reporter.")
@click.option(
    "--older-than", type=click.IntRange(min=1), default=None, metavar="DAYS",
    help="Erase reports received so many days ago or earlier.",
)  # fmt: skip
@click.option("--reason", default="", metavar="T", help="Why; stays in the history: name nobody in it.")
@click.option("--dry-run", is_flag=True, help="Only say how many reports it would be.")
@json_option
def erase(
    city: Path, reporter: str | None, older_than: int | None, reason: str, dry_run: bool, as_json: bool
) -> None:
    """Erase what is personal in reports: name, contact, text, photos and their positions.

    What is known of the issues stays, and their history stays provably whole. Backups made before still hold
    what was erased. While a server runs, it does the erasing.
    """
    from api.running import running_server
    from layers.city import open_city
    from layers.store.erasing import Whose
    from layers.times import now_us

    if (reporter is None) == (older_than is None):
        raise click.UsageError("Name one: --reporter or --older-than.")
    if reporter == "":
        raise click.BadParameter("a reporter has a name.", param_hint="--reporter")
    now = now_us()
    whose = Whose(reporter, None if older_than is None else now - older_than * DAY_US)
    opened = open_city(city)
    if dry_run:
        reports, photos = _count(opened, whose), None
    else:
        with working("Erasing"):
            server = running_server(city)
            reports, photos = (
                _ask(server, reporter, older_than, reason) if server else _erase(opened, whose, now, reason)
            )
    if as_json:
        result_json({"reports": reports, "photos": photos, "dry_run": dry_run})
    elif dry_run:
        say(f"{counted(reports, 'report')} would lose what is personal; nothing was erased.")
    else:
        say(f"{counted(reports, 'report')} lost what is personal; {counted(photos or 0, 'photo')} deleted.")


def _count(city: City, whose: Whose) -> int:
    from layers.store import open_readers
    from layers.store.erasing import count_private
    from layers.store.store import STORE

    readers = open_readers(city.folder / STORE)
    try:
        with readers.reading() as connection:
            return count_private(connection, whose)
    finally:
        readers.close()


def _ask(server: RunningServer, reporter: str | None, days: int | None, reason: str) -> tuple[int, int]:
    whose = {"reporter": reporter} if days is None else {"older_than_days": days}
    said = server.post("/v1/erase", {**whose, "reason": reason})
    return int(said["reports"]), int(said["photos"])


def _erase(city: City, whose: Whose, at_us: int, reason: str) -> tuple[int, int]:
    from layers.store import open_readers, open_store
    from layers.store.erasing import erase as erase_all
    from layers.store.store import STORE

    open_readers(city.folder / STORE).close()  # says so where there is no store, and makes none
    with open_store(city.folder / STORE) as store:
        reports, photos = erase_all(
            store, city.folder / "photos", whose, at_us=at_us, actor=ACTOR, reason=reason
        )
    return len(reports), photos
