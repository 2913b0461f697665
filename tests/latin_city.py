"""A small city whose streets have German, Finnish, Swedish and American names, in two villages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from layers.city import City, create_city
from tests.cities import METRIC, bring, square
from tests.civic_city import line, spot

ROADS = {
    "Hauptstraße": [((0.2, 0.5), (1.8, 0.5)), ((2.2, 0.5), (3.8, 0.5))],  # one in each village
    "Bahnhofstraße": [((1, 0.1), (1, 1.5))],
    "Görlitzer Straße": [((2.5, 1), (3.5, 1))],
    "Im Rehwinkel": [((0.3, 1.2), (0.8, 1.2))],
    "Ringweg": [((1.2, 0.3), (1.2, 0.9), (1.6, 0.9), (1.6, 0.3))],  # meets the first Hauptstraße twice
    "Fernallee": [((0.2, 1.8), (0.4, 1.8))],
    "Iso Roobertinkatu": [((0.2, 2.5), (1.8, 2.5))],
    "Unioninkatu": [((1, 2.2), (1, 2.9))],
    "W 18th St": [((2.2, 3), (3.8, 3))],
    "Canal St": [((3, 2.2), (3, 3.8))],
    "S Oak Ave": [((2.5, 2.2), (2.5, 3.8))],
}
SWEDISH = {"Iso Roobertinkatu": "Stora Robertsgatan", "Unioninkatu": "Unionsgatan"}
VILLAGE = {"a": ("Oberdorf", "91207"), "b": ("Unterdorf", "91208")}


def latin_city(folder: Path) -> City:
    """Houses stand 38 m apart, even ones on one side; nobody knows 17 and 18 of the first Hauptstraße."""
    city = create_city(folder, "Altstadt an der Pegnitz", metric_crs=METRIC)
    bring(
        city,
        "grid:village",
        [
            (square(0, 0, 2, 4), {"code": "a", "name": "Oberdorf"}),
            (square(2, 0, 2, 4), {"code": "b", "name": "Unterdorf"}),
        ],
    )
    bring(city, "asset:road", list(_roads()))
    bring(city, "place", list(_houses()))
    return city


def _roads() -> Any:
    for name, lines in ROADS.items():
        for at, places in enumerate(lines):
            yield line(*places), {"id": f"{name}{at}", "name": name, "name_sv": SWEDISH.get(name, "")}


def _houses() -> Any:
    for number in range(1, 41):
        if number not in (17, 18):
            yield _house("a", "Hauptstraße", str(number), 0.2 + 0.04 * number, 0.52 - 0.04 * (number % 2))
    for number in range(1, 21):
        yield _house("b", "Hauptstraße", str(number), 2.2 + 0.04 * number, 0.52 - 0.04 * (number % 2))
    for number in range(1, 10):
        yield _house("a", "Im Rehwinkel", str(number), 0.3 + 0.04 * number, 1.22 - 0.04 * (number % 2))
        yield _house("b", "Görlitzer Straße", f"{number}a", 2.5 + 0.04 * number, 1.02 - 0.04 * (number % 2))
        yield _house("a", "Bahnhofstraße", str(number), 1.02 - 0.04 * (number % 2), 0.5 + 0.04 * number)
    yield _house("b", "Görlitzer Straße", "19-23", 3.3, 1.02)
    for number in range(1, 13):
        yield _house("a", "Iso Roobertinkatu", str(number), 0.2 + 0.04 * number, 2.52 - 0.04 * (number % 2))
        yield _house("a", "Unioninkatu", str(number), 1.02 - 0.04 * (number % 2), 2.2 + 0.04 * number)
        yield _house("b", "W 18th St", str(1600 + number), 2.2 + 0.04 * number, 3.02 - 0.04 * (number % 2))
        yield _house("b", "Canal St", str(1280 + number), 3.02 - 0.04 * (number % 2), 2.2 + 0.04 * number)


def _house(village: str, street: str, number: str, column: float, row: float) -> Any:
    name, postcode = VILLAGE[village]
    words = {"street": street, "housenumber": number, "postcode": postcode, "city": name}
    return spot(column, row), {"id": f"{village}{street}{number}", "name": "", "kind": "address", **words}
