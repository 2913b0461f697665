"""Open issues in memory beside an R-tree: ``python -m benchmarks.open_issues``.

Issues lie at random in the demo city, with its cells and owners. Of each way it says the fastest and the
middle one of its runs: what else the machine does makes it slower, never faster.
"""

from __future__ import annotations

import random
import statistics
import tempfile
import time
import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from benchmarks.demo_city import demo_city
from geo.index import LiveIndex
from geo.types import Bbox
from layers.generation import Generation, load_live
from layers.issue_features import collection
from layers.open_issues import OPEN, OpenIssues, Said
from layers.store.filters import IssueFilter
from layers.store.values import Issue

COUNT, IN_CITY = 100_000, 10_000
PAGE, GROUP, RUNS = 500, 500, 50
NOON = 1_795_233_600_000_000
HEAD = "| way | fastest | middle |\n|---|--:|--:|"
TEXTS = ("路灯不亮，晚上很黑", "井盖破损，请尽快修", "小区门口垃圾堆积", "占道经营，影响通行", "河面有漂浮物")
Known = list[tuple[Issue, Said]]


def main() -> None:
    """Print one table."""
    with tempfile.TemporaryDirectory() as folder:
        generation = load_live(demo_city(Path(folder)))
        known = _issues(generation, COUNT)
        print(f"{COUNT:,} open issues, pages of {PAGE}; milliseconds\n\n{HEAD}")
        _line("filling memory", lambda: OpenIssues(generation).fill(known), 3)
        _pages(generation, known)
        _tree(known)
        _changes(generation, known)
        _suspects(generation)


def _issues(generation: Generation, count: int, seed: int = 1) -> Known:
    rng, cells = random.Random(seed), generation.cells
    leaves, box = cells.leaves, _extent(generation)
    known = []
    for n in range(count):
        cell = int(rng.choice(leaves))
        at_us = NOON + n * 60_000
        issue = Issue(
            str(uuid.UUID(int=rng.getrandbits(128))), f"20261121-{n:06d}", rng.choice(OPEN).value,
            rng.choice(list(generation.config.categories)), rng.uniform(box.west, box.east),
            rng.uniform(box.south, box.north), None, cells.code[cell], cells.path[cell],
            rng.choice(generation.owners).id, None, None, "certain", 0.97, "a" * 64, generation.id, 1,
            at_us, at_us, at_us + rng.randrange(10**11), "", None, 1, n + 1,
        )  # fmt: skip
        known.append((issue, Said(rng.choice(TEXTS), rng.uniform(0, 30), at_us)))
    return known


def _extent(generation: Generation) -> Bbox:
    bounds = [shape.bounds for shape in generation.cells.geometry[generation.cells.leaves]]
    west, south, east, north = zip(*bounds, strict=True)
    return Bbox(min(west), min(south), max(east), max(north))


def _box(generation: Generation) -> Bbox:
    """A box in the middle of the city that holds about a page."""
    city, part = _extent(generation), (PAGE / COUNT) ** 0.5
    lng, lat = (city.west + city.east) / 2, (city.south + city.north) / 2
    return Bbox(lng, lat, lng + part * (city.east - city.west), lat + part * (city.north - city.south))


def _pages(generation: Generation, known: Known) -> None:
    found, box = OpenIssues(generation), _box(generation)
    found.fill(known)

    def walk() -> None:
        cursor, more = "", True
        while more:
            page = found.page(IssueFilter(), now_us=NOON, cursor=cursor, limit=PAGE)
            cursor, more = page.cursor, page.more

    _line("a walk through all, features made for the first time", walk, 1)
    _line("a walk through all", walk, 5)
    a_path = generation.cells.path[generation.cells.leaves[0]].split("/")[0]
    asked = {
        "a page, no filter": IssueFilter(),
        "a box": IssueFilter(boxes=(box,)),
        "a box, three states": IssueFilter(boxes=(box,), status=("received", "dispatched", "handled")),
        "three states": IssueFilter(status=("received", "dispatched", "handled")),
        "an owner": IssueFilter(owner=(generation.owners[0].id,)),
        "a category": IssueFilter(category=(next(iter(generation.config.categories)),)),
        "the cells of a district": IssueFilter(cell_paths=(a_path,)),
        "the last tenth": IssueFilter(since_us=known[-COUNT // 10][0].created_us),
    }
    for name, wanted in asked.items():
        _line(name, lambda wanted=wanted: found.page(wanted, now_us=NOON, limit=PAGE))  # type: ignore[misc]
    features = found.page(asked["a box"], now_us=NOON, limit=PAGE).features
    _line(f"joining the {len(features)} features of the box", lambda: collection(features, cursor=""))
    _line("counting by state", found.count_by_status)
    _line("counting what is overdue", lambda: found.count_overdue(NOON + 10**10))
    _line("a box by comparing all, rows alone", lambda: found._rows.next_rows(
        asked["a box"], None, PAGE, newest_first=False))  # fmt: skip


def _tree(known: Known) -> None:
    points = [(n, issue.lng or 0.0, issue.lat or 0.0) for n, (issue, _) in enumerate(known)]
    _line("filling an R-tree", lambda: LiveIndex(points), 1)
    tree = LiveIndex(points)
    (_, lng, lat), size = points[0], (PAGE / COUNT) ** 0.5
    lngs, lats = ([point[axis] for point in points] for axis in (1, 2))
    east, north = lng + size * (max(lngs) - min(lngs)), lat + size * (max(lats) - min(lats))
    _line("a box from an R-tree, rows alone", lambda: tree.in_box(lng, lat, east, north))
    turns = iter(points)
    _line("a change of an R-tree", lambda: tree.move(next(turns)[0], lng, lat))


def _changes(generation: Generation, known: Known) -> None:
    found = OpenIssues(generation)
    found.fill(known)
    changed = [[replace(issue, seq=issue.seq + turn * COUNT) for issue, _ in known[:GROUP]]
               for turn in range(1, 2 * RUNS + 1)]  # fmt: skip
    turns = iter(changed)
    _line(f"{GROUP} changes together", lambda: found.fill((issue, None) for issue in next(turns)))
    _line("one change", lambda: found.put(next(turns)[0]))


def _suspects(generation: Generation) -> None:
    found = OpenIssues(generation)
    found.fill(_issues(generation, IN_CITY))
    opened = _issues(generation, GROUP, 2)
    tellings = found.tellings(opened)
    together = [(issue, new) for (issue, _), new in zip(opened, tellings, strict=True)]
    print(f"\n{IN_CITY:,} open issues, {GROUP} reports\n\n{HEAD}")
    _line("what they tell", lambda: found.tellings(opened), 5)
    _line("suspects of all", lambda: found.suspects_each(tellings), 5)
    _line("suspects of one", lambda: found.suspects(tellings[0]))
    _line("suspects among themselves", lambda: found.suspects_together(together), 5)


def _line(name: str, way: Callable[[], object], runs: int = RUNS) -> None:
    """Print the milliseconds of a way."""
    taken = []
    for _ in range(runs):
        start = time.perf_counter()
        way()
        taken.append(1e3 * (time.perf_counter() - start))
    print(f"| {name} | {min(taken):,.2f} | {statistics.median(taken):,.2f} |")


if __name__ == "__main__":
    main()
