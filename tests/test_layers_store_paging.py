"""Filters and pages find what brute force finds, also while the store changes under them."""

from __future__ import annotations

import random
from itertools import pairwise
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stores import NOON, desk, file_one, new_issue, new_report, opened

from geo.errors import StoreError
from geo.types import Bbox
from layers.store import Store, filters, open_store
from layers.store.filing import Filing, file_many
from layers.store.filters import IssueFilter
from layers.store.issues import change_issue
from layers.store.paging import Page, count_by_status, page_issues, unassigned
from layers.store.quadkeys import MOST_RANGES, quadkey, quadkey_ranges
from layers.store.values import Issue

STATUS, CATEGORY = ("received", "dispatched", "closed"), ("0118", "0126")
OWNERS = (None, "lamps", "parks", "路灯")
PATHS = ("", "A", "A/1", "A/1/x", "A/10", "AB", "A0", "A.1", "B/1", "崇/川", "崇/川/东")
LNGS = (None, 120.80, 120.81, 120.82, 120.83, -180.0, 180.0, 0.0)
LATS = (32.00, 32.01, 32.02, 90.0, -90.0, 0.0)


def _issue(rng: random.Random) -> dict[str, Any]:
    lng = rng.choice(LNGS)
    return {
        "status": rng.choice(STATUS), "category": rng.choice(CATEGORY), "owner_id": rng.choice(OWNERS),
        "cell_path": rng.choice(PATHS), "lng": lng, "lat": None if lng is None else rng.choice(LATS),
    }  # fmt: skip


def _fill(store: Store, rng: random.Random, count: int) -> None:
    for at_us in sorted(NOON + rng.randrange(6) for _ in range(count)):
        file_one(store, at_us, **_issue(rng))


@pytest.fixture(scope="module")
def issues(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A store with 250 issues, many of them of the same times."""
    rng = random.Random(7)
    with open_store(tmp_path_factory.mktemp("paging") / "issues.db") as store:
        _fill(store, rng, 250)
        for issue in rng.sample(_all(store, IssueFilter()), 80):
            _touch(store, issue, rng)
        yield store


def _touch(store: Store, issue: Issue, rng: random.Random) -> None:
    changes, at_us = _issue(rng), NOON + rng.randrange(6)
    store.write(
        lambda c: change_issue(c, issue.uid, issue.version, changes, at_us=at_us, actor="a", kind="changed")  # type: ignore[arg-type]
    )


def _page(store: Store, wanted: IssueFilter, **more: Any) -> Page:
    with store.reading() as connection:
        return page_issues(connection, wanted, **more)


def _all(store: Store, wanted: IssueFilter, limit: int = 1000, *, newest_first: bool = False) -> list[Issue]:
    found: list[Issue] = []
    page = Page((), "", more=True)
    while page.more:
        page = _page(store, wanted, cursor=page.cursor, limit=limit, newest_first=newest_first)
        assert len(page.issues) == limit or not page.more
        found += page.issues
    return found


def _passes(issue: Issue, wanted: IssueFilter) -> bool:
    lng, lat, path = issue.lng, issue.lat, issue.cell_path
    boxed = [
        lng is not None and lat is not None and b.west <= lng <= b.east and b.south <= lat <= b.north
        for b in wanted.boxes
    ]
    return (
        (not wanted.status or issue.status in wanted.status)
        and (not wanted.category or issue.category in wanted.category)
        and (not wanted.owner or issue.owner_id in wanted.owner)
        and (not wanted.cell_paths or any(path == p or path.startswith(p + "/") for p in wanted.cell_paths))
        and (not wanted.boxes or any(boxed))
        and (wanted.since_us is None or issue.created_us >= wanted.since_us)
        and (wanted.updated_since_us is None or issue.updated_us >= wanted.updated_since_us)
        and (not wanted.unassigned or issue.owner_id is None)
    )


@st.composite
def _boxes(draw: st.DrawFn) -> Bbox:
    lngs = sorted(draw(st.lists(st.sampled_from([x for x in LNGS if x is not None]), min_size=2, max_size=2)))
    lats = sorted(draw(st.lists(st.sampled_from(LATS), min_size=2, max_size=2)))
    return Bbox(lngs[0], lats[0], lngs[1], lats[1])


def _some(values: Any) -> Any:
    return st.lists(st.sampled_from(values), max_size=2, unique=True).map(tuple)


_filters = st.builds(
    IssueFilter,
    status=_some(STATUS), category=_some(CATEGORY), owner=_some(OWNERS[1:]), cell_paths=_some(PATHS[1:]),
    boxes=st.lists(_boxes(), max_size=2).map(tuple), unassigned=st.booleans(),
    since_us=st.none() | st.integers(NOON, NOON + 6),
    updated_since_us=st.none() | st.integers(NOON, NOON + 6),
)  # fmt: skip


@given(_filters, st.integers(1, 60), st.booleans(), st.sampled_from([0, 20, 5000]))
def test_pages_find_what_brute_force_finds(
    issues: Store, wanted: IssueFilter, limit: int, newest_first: bool, few: int
) -> None:
    """Whichever way they are looked for: by an index of their own, or walking."""
    everything = sorted(_all(issues, IssueFilter()), key=lambda issue: issue.seq, reverse=newest_first)
    expected = [issue.uid for issue in everything if _passes(issue, wanted)]
    with patch.object(filters, "FEW", few), issues.reading() as connection:
        found = _all(issues, wanted, limit, newest_first=newest_first)
        counts = count_by_status(connection, wanted)
    assert [issue.uid for issue in found] == expected
    assert counts == {s: n for s in STATUS if (n := sum(i.status == s for i in found))}


@settings(max_examples=15)
@given(st.integers(0, 10**6), st.integers(1, 7))
def test_nothing_is_missed_while_issues_come_and_change_between_the_pages(
    tmp_path_factory: pytest.TempPathFactory, seed: int, limit: int
) -> None:
    rng, wanted = random.Random(seed), IssueFilter(category=("0118",))
    with open_store(tmp_path_factory.mktemp("moving") / "issues.db") as store:
        _fill(store, rng, 20)
        seen: dict[str, Issue] = {}
        page = Page((), "", more=True)
        for turn in range(200):
            if not page.more and turn > 6:
                break
            page = _page(store, wanted, cursor=page.cursor, limit=limit)
            assert [issue.seq for issue in page.issues] == sorted({issue.seq for issue in page.issues})
            seen |= {issue.uid: issue for issue in page.issues}
            if turn < 6:
                _fill(store, rng, 2)
                _touch(store, rng.choice(_all(store, IssueFilter())), rng)
        for issue in _all(store, wanted):
            assert seen[issue.uid] == issue


def test_the_clock_going_back_hides_no_change(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        file_one(store, NOON)
        cursor = _page(store, IssueFilter()).cursor
        late = file_one(store, NOON - 10**9)
        page = _page(store, IssueFilter(), cursor=cursor)
    assert [issue.uid for issue in page.issues] == [late.issue_uid]
    assert not page.more


def test_equal_times_of_updates_lose_nothing(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        filings = [Filing(new_report(), new_issue()) for _ in range(50)]
        store.write(lambda connection: file_many(connection, filings, desk()))
        assert len({issue.uid for issue in _all(store, IssueFilter(), 7)}) == 50


def test_the_queue_of_the_unassigned_has_the_longest_waiting_first(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        first = file_one(store, owner_id=None)
        file_one(store)
        file_one(store, owner_id=None, status="closed")
        last = file_one(store, owner_id=None)
        with store.reading() as connection:
            queue = unassigned(connection, ("received",))
    assert [issue.uid for issue in queue.issues] == [first.issue_uid, last.issue_uid]


def test_an_empty_page_keeps_the_cursor_for_later(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        assert _page(store, IssueFilter()) == Page((), "", more=False)
        file_one(store)
        cursor = _page(store, IssueFilter()).cursor
        assert _page(store, IssueFilter(), cursor=cursor) == Page((), cursor, more=False)


@pytest.mark.parametrize("cursor", ["x", "%%%", "b", "é", "bw==", "b8KyMg", "bjU"])
def test_a_cursor_that_was_not_given_is_refused(issues: Store, cursor: str) -> None:
    with pytest.raises(StoreError, match="none of this list"):
        _page(issues, IssueFilter(), cursor=cursor)


@pytest.mark.parametrize("limit", [0, -1, 10_001])
def test_a_limit_out_of_range_is_refused(issues: Store, limit: int) -> None:
    with pytest.raises(StoreError, match=str(limit)):
        _page(issues, IssueFilter(), limit=limit)


_lng, _lat = st.floats(-180, 180), st.floats(-90, 90)


@given(_lng, _lng, _lat, _lat, _lng, _lat)
def test_ranges_hold_every_position_of_their_box(
    a: float, b: float, c: float, d: float, lng: float, lat: float
) -> None:
    box = Bbox(min(a, b), min(c, d), max(a, b), max(c, d))
    ranges = quadkey_ranges(box)
    assert 1 <= len(ranges) <= MOST_RANGES
    assert all(first <= last for first, last in ranges)
    assert all(one[1] + 1 < other[0] for one, other in pairwise(ranges))
    inside = (min(max(lng, box.west), box.east), min(max(lat, box.south), box.north))
    for position in (inside, (box.west, box.south), (box.east, box.north)):
        assert any(first <= quadkey(*position) <= last for first, last in ranges)


def test_ranges_of_a_small_box_leave_most_of_the_world_out() -> None:
    ranges = quadkey_ranges(Bbox(120.80, 32.00, 120.82, 32.02))
    square = (0.02 / 360 * 2**26) * (0.02 / 180 * 2**26)
    assert sum(last - first + 1 for first, last in ranges) < 3 * square
