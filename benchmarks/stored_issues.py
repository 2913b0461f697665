"""Issues in a store, by the ten thousand, without assigning any: what reading is measured on."""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from layers.generation import Generation
from layers.keeper import ASSIGNED_BY
from layers.life_cycle import DONE
from layers.open_issues import OPEN
from layers.store import open_store
from layers.store.filing import Desk, Filing, file_many
from layers.store.meta import write_meta
from layers.store.schema import METADATA
from layers.store.store import STORE
from layers.store.values import NewIssue, NewReport, Private

NOON = 1_795_233_600_000_000
TOGETHER = 10_000
PROOF = {"format": 1, "report": {"text": ""}}  # a short one: pages of issues do not read it
TEXTS = ("路灯不亮，晚上很黑", "井盖破损，请尽快修", "小区门口垃圾堆积", "占道经营，影响通行", "河面有漂浮物")


def store_issues(folder: Path, generation: Generation, stored: int, open_: int) -> None:
    """Fill the store of a city with so many issues at random places of its cells; so many of them open."""
    rng = random.Random(1)
    filings = _filings(generation, rng, stored, open_)
    with open_store(folder / STORE) as store:
        store.write(_drop_indexes)
        for start in range(0, stored, TOGETHER):
            group = [next(filings) for _ in range(min(TOGETHER, stored - start))]
            desk = Desk(NOON + start * 10**6, "benchmark", ZoneInfo(generation.config.time_zone))
            store.write(partial(file_many, filings=group, desk=desk))
        store.write(_make_indexes)
        # Or the server would assign the open ones anew when it starts.
        store.write(lambda connection: write_meta(connection, ASSIGNED_BY, generation.sha256))
        store.trim()


def _drop_indexes(connection: Connection) -> None:
    """To fill in a million rows one by one would take most of the time."""
    for table in METADATA.sorted_tables:
        for index in table.indexes:
            index.drop(connection)


def _make_indexes(connection: Connection) -> None:
    for table in METADATA.sorted_tables:
        for index in table.indexes:
            index.create(connection)


def _filings(generation: Generation, rng: random.Random, stored: int, open_: int) -> Iterator[Filing]:
    """Open ones are spread among the others."""
    cells, owners = generation.cells, [owner.id for owner in generation.owners]
    categories = list(generation.config.categories)
    boxes = {int(leaf): cells.geometry[leaf].bounds for leaf in cells.leaves}
    leaves = list(boxes)
    for n in range(stored):
        leaf = rng.choice(leaves)
        west, south, east, north = boxes[leaf]
        lng, lat, category = rng.uniform(west, east), rng.uniform(south, north), rng.choice(categories)
        is_open = (n + 1) * open_ // stored > n * open_ // stored
        at_us = NOON + n * 1_000
        yield Filing(
            NewReport(
                "wechat", at_us, at_us, f"{n:064x}", lng=lng, lat=lat, accuracy_m=10.0, category=category,
                generation=generation.id, private=Private(f"u{n % 5000}", "", rng.choice(TEXTS)),
            ),
            NewIssue(
                rng.choice(OPEN if is_open else DONE).value, category, lng, lat, None, cells.code[leaf],
                cells.path[leaf], rng.choice(owners), None, None, "certain", 0.97, PROOF, generation.id,
                at_us + rng.randrange(10**11),
            ),
        )  # fmt: skip


def boxes_of(generation: Generation, share: float, count: int) -> Iterator[dict[str, Any]]:
    """Boxes at random in a city, each of a share of its extent."""
    rng, bounds = random.Random(2), [shape.bounds for shape in generation.cells.geometry]
    west, south = (min(one[axis] for one in bounds) for axis in (0, 1))
    east, north = (max(one[axis] for one in bounds) for axis in (2, 3))
    width, height = (east - west) * share**0.5, (north - south) * share**0.5
    for _ in range(count):
        lng, lat = rng.uniform(west, east - width), rng.uniform(south, north - height)
        yield {"bbox": f"{lng:.6f},{lat:.6f},{lng + width:.6f},{lat + height:.6f}"}
