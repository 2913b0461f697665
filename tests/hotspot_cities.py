"""A city of 16 × 16 cells for the tests of hotspots, and reports in it."""

from __future__ import annotations

import atexit
import functools
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from cities import METRIC, SOUTH, STEP, WEST, at, bring, point, square
from live_cities import NOON, NOW
from numpy.typing import ArrayLike, NDArray

from layers.city import City, create_city
from layers.coded import coded_words
from layers.exported import Export
from layers.generation import Generation, load_live
from layers.hotspot_analysis import Beside, analyse
from layers.hotspot_question import ask
from layers.hotspot_reports import ReportedPoints
from layers.publish import publish

SIDE = 16
SIZE = 0.25  # of a cell, in steps of the lattice: about 236 m × 277 m
LIT = 12  # columns with lamps; there are none farther east
LAMPS_EACH = 3
WET = ((14, 0), (15, 0), (14, 1), (15, 1), (14, 2), (15, 2))  # (column, row) of cells under water
LAMP, DIRTY_WATER, NOISE, RUBBISH = "0118", "E0105", "E0301", "E9999"
DAY_US = 86_400_000_000
YEAR_US = 365 * DAY_US
ALONE = Beside(scan=False, picture=False, moved=False)
"""Nothing beside the hotspots."""


def code_of(column: int, row: int) -> str:
    """What a cell is called: C, row, column."""
    return f"C{row:02d}{column:02d}"


def inhabitants(column: int, row: int) -> int:
    """How many live in a cell: many in the south-west, none under water."""
    return 0 if (column, row) in WET else 100 + 20 * (SIDE - column) + 10 * (SIDE - row)


def lattice_city(folder: Path, people: bool = True) -> City:
    """Four districts of 8 × 8 cells, lamps in the west of them, roads, and water in the south-east."""
    shutil.copytree(_lattice_city(people), folder, dirs_exist_ok=True)
    return City(folder)


@functools.cache
def lattice_generation(people: bool = True) -> Generation:
    """The same, as a generation."""
    return load_live(City(_lattice_city(people)))


@functools.cache
def _lattice_city(people: bool) -> Path:
    city = create_city(Path(tempfile.mkdtemp(prefix="woodpecker-test-")), "格城", metric_crs=METRIC)
    atexit.register(shutil.rmtree, city.folder, ignore_errors=True)
    districts = [
        (square(2 * c, 2 * r, 2, 2), {"code": f"D{r}{c}", "name": f"区{r}{c}", "body": "city"})
        for r in range(2)
        for c in range(2)
    ]
    bring(city, "grid:district", districts, owner="body")
    cells = [
        (
            square(c * SIZE, r * SIZE, SIZE, SIZE),
            {"code": code_of(c, r), "name": f"格{r}-{c}", "body": "city", "people": inhabitants(c, r)},
        )
        for r in range(SIDE)
        for c in range(SIDE)
    ]
    told = {"population": "people"} if people else {}
    bring(city, "grid:cell", cells, owner="body", **told)
    lamps = [
        (point((c + 0.25 * (n + 1)) * SIZE, (r + 0.5) * SIZE), {"code": f"L{r:02d}{c:02d}{n}", "owner": "l"})
        for r in range(SIDE)
        for c in range(LIT)
        for n in range(LAMPS_EACH)
    ]
    bring(city, "asset:street_light", lamps, owner="owner")
    roads = [
        ({"type": "LineString", "coordinates": [at(0, y), at(4, y)]}, {"code": f"W{n}", "owner": "r"})
        for n, y in enumerate((0.6, 1.6, 2.6, 3.6))
    ]
    bring(city, "asset:road", roads, owner="owner")
    water = square(14 * SIZE, 0, 2 * SIZE, 3 * SIZE)
    bring(city, "asset:water_area", [(water, {"code": "P1", "name": "东南湖", "owner": "w"})], owner="owner")
    publish(city, now=NOW)
    return city.folder


def reported(
    lng: ArrayLike,
    lat: ArrayLike,
    *,
    category: ArrayLike | None = None,
    occurred_us: ArrayLike | None = None,
    reporter: ArrayLike | None = None,
    issue: ArrayLike | None = None,
    channel: ArrayLike | None = None,
    asset: ArrayLike | None = None,
) -> ReportedPoints:
    """Reports at places in degrees; each of a lamp, by a person and of an issue of its own, unless said."""
    x = np.asarray(lng, dtype=np.float64)
    n = len(x)
    of = np.asarray(np.arange(n) if issue is None else issue, dtype=np.intp)
    empty = np.full(n, "", dtype=object)

    def texts(given: ArrayLike | None, otherwise: NDArray[Any]) -> Any:
        return coded_words(otherwise if given is None else np.asarray(given, dtype=object))

    return ReportedPoints(
        lng=x,
        lat=np.asarray(lat, dtype=np.float64),
        occurred_us=np.asarray(np.full(n, NOON) if occurred_us is None else occurred_us, dtype=np.int64),
        category=texts(category, np.full(n, LAMP, dtype=object)),
        channel=texts(channel, empty),
        issue=of,
        reporter=np.asarray(np.arange(n) if reporter is None else reporter, dtype=np.int64),
        asset=texts(asset, empty),
        issue_ids=np.array([f"I{number}" for number in range(int(of.max(initial=-1)) + 1)], dtype=object),
    )


def somewhere(
    rng: np.random.Generator, n: int, column: float = 0, row: float = 0, width: float = SIDE,
    height: float = SIDE,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:  # fmt: skip
    """Places in a rectangle of cells, in degrees, none on its edge."""
    x, y = rng.uniform(0.001, 0.999, (2, n))
    return WEST + (column + x * width) * SIZE * STEP, SOUTH + (row + y * height) * SIZE * STEP


def noise(
    seed: int, n: int = 1500, categories: Sequence[str] = (LAMP, NOISE, RUBBISH), **said: Any
) -> ReportedPoints:
    """Reports anywhere, of anything, at any time of a year."""
    rng = np.random.default_rng(seed)
    lng, lat = somewhere(rng, n)
    given = {
        "category": rng.choice(np.array(categories, dtype=object), n),
        "occurred_us": NOON - rng.integers(0, YEAR_US, n),
    }
    return reported(lng, lat, **{**given, **said})


def both(*parts: ReportedPoints) -> ReportedPoints:
    """Reports together; people and issues of the later ones are others than those of the first."""
    people = np.cumsum([0, *(int(part.reporter.max(initial=-1)) + 1 for part in parts)])
    issues = np.cumsum([0, *(len(part.issue_ids) for part in parts)])
    joined: dict[str, Any] = {
        name: np.concatenate([getattr(part, name) for part in parts])
        for name in ("lng", "lat", "occurred_us")
    }
    for name in ("category", "channel", "asset"):
        joined[name] = np.concatenate([getattr(part, name).decoded() for part in parts])
    joined["reporter"] = np.concatenate(
        [
            np.where(part.reporter < 0, -1, part.reporter + start)
            for part, start in zip(parts, people[:-1], strict=True)
        ]
    )
    joined["issue"] = np.concatenate(
        [part.issue + start for part, start in zip(parts, issues[:-1], strict=True)]
    )
    return reported(joined.pop("lng"), joined.pop("lat"), **joined)


def hotspots(
    points: ReportedPoints, *, city: Generation | None = None, beside: Beside = ALONE, **question: Any
) -> Export:
    """The answer to a question about the city."""
    here = lattice_generation() if city is None else city
    return analyse(here, points, ask(here.config.time_zone, **question), beside)


def rows_of(found: Export, table: str = "hotspots") -> Any:
    """A table of an answer, by its cell codes where it has some."""
    frame = next(each.frame for each in found.tables if each.name == table)
    return frame.set_index("cell_code", drop=False) if "cell_code" in frame else frame


def codes(found: Export, class_: str = "hot") -> set[str]:
    """The cells of a class."""
    frame = rows_of(found)
    return set(frame.loc[frame["class"] == class_, "cell_code"])


def told(found: Export) -> str:
    """What a reader is told, in English."""
    return "\n".join(en for _, en in found.notes)
