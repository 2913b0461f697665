"""Every open issue with a position is on one tile of a zoom; clusters tell what is in them."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from typing import Any

import mapbox_vector_tile
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.tiles import EXTENT, Tile, squares_of, to_lnglat, to_world
from geo.types import Bbox
from layers.cell_counts import counts_by_cell
from layers.generation import Generation
from layers.life_cycle import DONE
from layers.open_issues import OPEN, OpenIssues
from layers.store.filters import IssueFilter
from layers.store.values import Issue
from maps import issue_tiles
from maps.issue_tiles import FIELDS, issue_tile, narrowed
from tests.cities import at
from tests.stores import NOON, an_issue

EVERYTHING = IssueFilter()


def some_issues(count: int, seed: int = 1) -> list[Issue]:
    """Issues about the small city, half of them on a few spots, some without a position or limit."""
    rng = random.Random(seed)
    spots = [at(rng.uniform(0, 4), rng.uniform(0, 2)) for _ in range(8)]
    found = []
    for n in range(count):
        lng, lat = rng.choice(spots) if rng.random() < 0.5 else at(rng.uniform(-1, 5), rng.uniform(-1, 3))
        nowhere = rng.random() < 0.05
        found.append(an_issue(
            uid=f"01890000-0000-7000-8000-{n:012d}", number=f"20261121-{n:04d}", seq=n + 1,
            status=rng.choice(OPEN).value, category=rng.choice(("0118", "E0105", "")),
            lng=None if nowhere else lng, lat=None if nowhere else lat,
            due_us=rng.choice((None, NOON - 1, NOON + 1)), owner_id=rng.choice((None, "lamps", "parks")),
            certainty=rng.choice(("certain", "likely", "")),
            cell_path=rng.choice(("A/A00", "B/B12", "", "X/Y")),
        ))  # fmt: skip
    return found


@pytest.fixture(scope="module")
def known(generation: Generation) -> tuple[OpenIssues, list[Issue]]:
    issues = some_issues(1_500)
    found = OpenIssues(generation)
    found.fill((issue, None) for issue in issues)
    return found, issues


def drawn(found: OpenIssues, tile: Tile, wanted: IssueFilter = EVERYTHING) -> dict[str, list[dict[str, Any]]]:
    made = issue_tile(found, wanted, tile, now_us=NOON)
    decoded = mapbox_vector_tile.decode(made, default_options={"y_coord_down": True})
    return {name: decoded[name]["features"] if name in decoded else [] for name in FIELDS}


def tiles_of(issues: list[Issue], z: int) -> list[Tile]:
    placed = [issue for issue in issues if issue.lng is not None and issue.lat is not None]
    x, y = to_world([issue.lng for issue in placed], [issue.lat for issue in placed])
    return [
        Tile(z, *numbers)
        for numbers in sorted(set(zip(*(n.tolist() for n in squares_of(x, y, z)), strict=True)))
    ]


# ---- everything once


@pytest.mark.parametrize("z", [0, 6, 10, 12, 14, 15, 17])
def test_every_open_issue_is_counted_once_over_the_tiles_of_a_zoom(
    known: tuple[OpenIssues, list[Issue]], z: int
) -> None:
    found, issues = known
    placed = [issue for issue in issues if issue.lng is not None]
    tiles = [drawn(found, tile) for tile in tiles_of(issues, z)]
    single = [one["properties"]["id"] for tile in tiles for one in tile["issue"]]
    clusters = [one["properties"] for tile in tiles for one in tile["cluster"]]
    assert len(single) == len(set(single))
    assert len(single) + sum(one["count"] for one in clusters) == len(placed)
    by_status = Counter(issue.status for issue in placed)
    of_single = Counter(one["properties"]["status"] for tile in tiles for one in tile["issue"])
    for state in OPEN:
        assert of_single[state.value] + sum(one[state.value] for one in clusters) == by_status[state.value]
    late = sum(one["properties"]["overdue"] for tile in tiles for one in tile["issue"])
    assert late + sum(one["overdue"] for one in clusters) == found.count_overdue(NOON) - sum(
        1 for issue in issues if issue.lng is None and _is_late(issue)
    )


def _is_late(issue: Issue) -> bool:
    at_work = ("received", "returned", "reopened", "dispatched", "in_progress")
    return issue.due_us is not None and issue.due_us < NOON and issue.status in at_work


def test_clusters_are_those_of_brute_force(known: tuple[OpenIssues, list[Issue]]) -> None:
    """By 8 × 8 squares of a tile; up to four in a square are issues."""
    found, issues = known
    (tile,) = tiles_of(issues, 8)
    squares: dict[tuple[int, int], list[Issue]] = {}
    for issue in issues:
        if issue.lng is not None and issue.lat is not None:
            x, y = to_world(issue.lng, issue.lat)
            squares.setdefault((int(x * 2**11), int(y * 2**11)), []).append(issue)
    shown = drawn(found, tile)
    assert sorted(one["properties"]["count"] for one in shown["cluster"]) == sorted(
        len(own) for own in squares.values() if len(own) > 4
    )
    assert sorted(one["properties"]["id"] for one in shown["issue"]) == sorted(
        issue.uid for own in squares.values() if len(own) <= 4 for issue in own
    )


def test_a_cluster_stands_among_its_issues_and_its_box_holds_them(
    known: tuple[OpenIssues, list[Issue]],
) -> None:
    found, issues = known
    (tile,) = tiles_of(issues, 8)
    for one in drawn(found, tile)["cluster"]:
        said = one["properties"]
        box = Bbox(*map(float, said["bbox"].split(",")))
        inside = found.view(IssueFilter(boxes=(box,)), now_us=NOON)
        assert len(inside) == said["count"]
        assert int(inside.overdue.sum()) == said["overdue"]
        west, north, _, _ = tile.box()
        x, y = one["geometry"]["coordinates"]
        lng, lat = to_lnglat(west + x * tile.unit, north + y * tile.unit)
        degrees = 360 * tile.unit
        assert lng == pytest.approx(float(inside.lng.mean()), abs=degrees)
        assert lat == pytest.approx(float(inside.lat.mean()), abs=degrees)


@given(st.integers(0, 22), st.floats(-180, 180), st.floats(-90, 90))
def test_an_issue_anywhere_is_on_the_tile_that_has_its_place(z: int, lng: float, lat: float) -> None:
    wanted = narrowed(EVERYTHING, tiles_of([an_issue(lng=lng, lat=lat)], z)[0])
    assert wanted is not None
    (box,) = wanted.boxes
    assert box.west <= lng <= box.east
    assert box.south <= lat <= box.north


# ---- issues


def test_issues_say_what_a_map_needs(known: tuple[OpenIssues, list[Issue]]) -> None:
    found, issues = known
    by_uid = {issue.uid: issue for issue in issues}
    shown = [one["properties"] for tile in tiles_of(issues, 16) for one in drawn(found, tile)["issue"]]
    assert len(shown) > 1_000
    for said in shown:
        issue = by_uid[said["id"]]
        wanted = {
            "id": issue.uid, "number": issue.number, "status": issue.status, "category": issue.category,
            "due_us": "" if issue.due_us is None else issue.due_us, "overdue": _is_late(issue),
            "certainty": issue.certainty, "owner": issue.owner_id,
        }  # fmt: skip
        assert said == {
            name: value for name, value in wanted.items() if name == "due_us" or value not in ("", None)
        }


def test_few_are_drawn_one_by_one_at_any_zoom_and_what_is_done_never(generation: Generation) -> None:
    found = OpenIssues(generation)
    issues = some_issues(200, seed=2)
    found.fill((issue, None) for issue in issues)
    (tile,) = tiles_of(issues, 3)
    placed = sum(issue.lng is not None for issue in issues)
    shown = drawn(found, tile)
    assert (len(shown["issue"]), shown["cluster"]) == (placed, [])
    done = [replace(issue, status=DONE[0].value, seq=1_000 + n) for n, issue in enumerate(issues[:50])]
    found.fill((issue, None) for issue in done)
    gone = sum(issue.lng is not None for issue in done)
    assert len(drawn(found, tile)["issue"]) == placed - gone


def test_close_by_they_are_drawn_one_by_one_unless_there_are_thousands(
    known: tuple[OpenIssues, list[Issue]], generation: Generation
) -> None:
    found, issues = known
    assert all(not drawn(found, tile)["cluster"] for tile in tiles_of(issues, 15))
    lng, lat = at(1, 1)
    crowd = OpenIssues(generation)
    crowd.fill((replace(one, lng=lng, lat=lat), None) for one in some_issues(3_000, seed=3))
    for z in (15, 22):
        (tile,) = tiles_of([an_issue(lng=lng, lat=lat)], z)
        shown = drawn(crowd, tile)
        assert [one["properties"]["count"] for one in shown["cluster"]] == [3_000]
        assert shown["issue"] == []


def test_issues_are_on_no_far_border_of_a_tile(generation: Generation) -> None:
    """A map leaves out what lies there, and the tile beside has it not either."""
    tile = Tile(14, 13692, 6653)
    _, _, east, south = tile.box()
    lng, lat = to_lnglat(east - tile.unit / 8, south - tile.unit / 8)
    found = OpenIssues(generation)
    found.put(an_issue(lng=float(lng), lat=float(lat)))
    (one,) = drawn(found, tile)["issue"]
    assert one["geometry"]["coordinates"] == [EXTENT - 1, EXTENT - 1]


def test_what_is_a_cluster_does_not_depend_on_the_tile(known: tuple[OpenIssues, list[Issue]]) -> None:
    """A tile at the edge with few issues is drawn as its neighbours are, or the map would show a seam."""
    found, issues = known
    for tile in tiles_of(issues, 14):
        shown = drawn(found, tile)
        squares = Counter(tuple(c // 512 for c in one["geometry"]["coordinates"]) for one in shown["issue"])
        assert all(count <= 4 for count in squares.values())


# ---- filters


def test_filters_hold_on_tiles(known: tuple[OpenIssues, list[Issue]]) -> None:
    found, issues = known
    for wanted in (
        IssueFilter(owner=("lamps",)),
        IssueFilter(cell_paths=("A",)),
        IssueFilter(unassigned=True),
    ):
        expected = found.view(wanted, now_us=NOON)
        (tile,) = tiles_of(issues, 8)
        shown = drawn(found, tile, wanted)
        counted = len(shown["issue"]) + sum(one["properties"]["count"] for one in shown["cluster"])
        assert counted == int(np.isfinite(expected.lng).sum())


def test_a_box_that_is_asked_for_holds_on_tiles(known: tuple[OpenIssues, list[Issue]]) -> None:
    found, issues = known
    box = Bbox(*at(0.5, 0.5), *at(1.7, 1.1))
    wanted = IssueFilter(boxes=(box,))
    shown = [drawn(found, tile, wanted) for tile in tiles_of(issues, 13)]
    counted = sum(len(one["issue"]) + sum(c["properties"]["count"] for c in one["cluster"]) for one in shown)
    assert counted == len(found.view(wanted, now_us=NOON)) > 0
    assert narrowed(wanted, Tile(10, 0, 0)) is None


# ---- counts


@pytest.mark.parametrize("level", ["district", "cell"])
def test_counts_of_cells_are_those_of_their_paths(
    known: tuple[OpenIssues, list[Issue]], generation: Generation, level: str
) -> None:
    found, issues = known
    counted = counts_by_cell(found.view(EVERYTHING, now_us=NOON), generation.cells, level)
    part = 0 if level == "district" else 1
    codes = Counter(issue.cell_path.split("/")[part] for issue in issues if issue.cell_path[:1] in ("A", "B"))
    late = Counter(issue.cell_path.split("/")[part] for issue in issues
                   if issue.cell_path[:1] in ("A", "B") and _is_late(issue))  # fmt: skip
    assert dict(zip(generation.cells.code[counted.cells], counted.open.tolist(), strict=True)) == dict(codes)
    assert dict(zip(generation.cells.code[counted.cells], counted.overdue.tolist(), strict=True)) == dict(
        late
    )
    assert sum(codes.values()) + counted.elsewhere[0] == len(issues)


def test_nothing_has_no_counts(generation: Generation) -> None:
    counted = counts_by_cell(OpenIssues(generation).view(EVERYTHING, now_us=NOON), generation.cells, "cell")
    assert (len(counted.cells), counted.elsewhere) == (0, (0, 0))


def test_fields_are_those_that_are_drawn(known: tuple[OpenIssues, list[Issue]]) -> None:
    found, issues = known
    for z in (8, 16):
        for tile in tiles_of(issues, z)[:5]:
            for name, shown in drawn(found, tile).items():
                assert all(set(one["properties"]) <= set(FIELDS[name]) for one in shown)
    assert set(issue_tiles.FIELDS["cluster"]) >= {state.value for state in OPEN}
