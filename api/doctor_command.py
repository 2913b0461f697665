"""woodpecker doctor: is this machine, and this city, in order?"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from api.options import json_option
from api.screen import language, result_json, say, table, working

FINDINGS = 1
# SQLite before 3.51.3 can corrupt a WAL file when two connections write or checkpoint at once.
SAFE_SQLITE = (3, 51, 3)

Check = tuple[str, bool, str]


@click.command(epilog="Example: woodpecker doctor --city nantong")
@click.option("--city", default="", metavar="DIR", help="Also look at this city.")
@json_option
def doctor(city: str, as_json: bool) -> None:
    """Say whether this machine, and a city, are in order. Exit code 1 where something is not."""
    checks = [*_machine(), *(_city(Path(city)) if city else []), *(_store(Path(city)) if city else [])]
    if as_json:
        result_json([{"check": name, "ok": ok, "detail": detail} for name, ok, detail in checks])
    else:
        table(
            ("check", "", "detail"), [(name, "ok" if ok else "look", detail) for name, ok, detail in checks]
        )
    bad = sum(not ok for _, ok, _ in checks)
    if bad:
        say(f"{bad} of {len(checks)} checks want a look.")
    sys.exit(FINDINGS if bad else 0)


def _machine() -> list[Check]:
    import sqlite3

    import pyogrio
    import pyproj
    import shapely

    from layers.io import sandbox_status

    sandbox = sandbox_status()
    python = sys.version_info
    return [
        ("Python", python >= (3, 11), sys.version.split()[0]),
        ("GEOS", shapely.geos_version >= (3, 14, 0), shapely.geos_version_string),
        ("GDAL", True, pyogrio.__gdal_version_string__),
        ("PROJ", True, pyproj.proj_version_str),
        ("SQLite", True, _sqlite(sqlite3.sqlite_version)),
        ("file reader", "without a network" in sandbox, sandbox),
        ("pages' JavaScript", *_vendor()),
    ]


def _sqlite(version: str) -> str:
    """Fine for layers, which are never written by two connections at once; worth knowing all the same."""
    old = tuple(map(int, version.split("."))) < SAFE_SQLITE
    return version + (" (older than 3.51.3: only one connection may write a WAL file)" if old else "")


def _vendor() -> tuple[bool, str]:
    from importlib import resources

    leaflet = resources.files("maps") / "web" / "vendor" / "leaflet" / "leaflet.js"
    return (
        leaflet.is_file(),
        "there" if leaflet.is_file() else "missing: install the built wheel, not the bare source",
    )


def _city(folder: Path) -> list[Check]:
    from geo.errors import GridError
    from layers.city import open_city
    from layers.generation import load_live
    from layers.publish import verify

    city = open_city(folder)
    checks: list[Check] = []
    for number in city.numbers():
        try:
            verify(city, number)
            checks.append((f"generation {number:04d}", True, "as published"))
        except GridError as error:
            checks.append((f"generation {number:04d}", False, error.message))
    try:
        city.config()
        generation = load_live(city)
        checks.append(
            ("live", generation.id != "draft", f"{generation.id}, {len(generation.cells.code)} cells")
        )
    except GridError as error:
        checks.append(("live", False, error.message))
    return checks


def _store(folder: Path) -> list[Check]:
    """The city's store, also while a server writes it; every finding is a check of its own."""
    from geo.errors import GridError
    from layers.store.doctor import described, examine_store
    from layers.store.store import STORE
    from layers.times import now_us

    if not (folder / STORE).exists():
        return []
    with working("Examining the store"):
        found = examine_store(folder, now_s=now_us() / 1e6)
    lang = language()
    checks = [
        (f"store: {one.code}", one.severity == "note", " ".join((one.reason(lang), one.fix(lang))).strip())
        for one in found
    ]
    if all(ok for _, ok, _ in checks):
        try:
            checks.insert(0, ("store", True, described(folder)))
        except GridError as error:
            checks.insert(0, ("store", False, error.message))
    return checks
