"""Open issues in memory are those of the store: pages, counts, features."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stores import NOON, an_issue, desk, new_issue, new_report

from geo.errors import StoreError
from geo.types import Bbox
from layers.generation import Generation
from layers.issue_features import feature, names_of
from layers.life_cycle import DONE, State
from layers.open_issues import OPEN, OpenIssues, Said, holds_all
from layers.store import Store, open_store
from layers.store.filing import Filing, file_many
from layers.store.filters import IssueFilter
from layers.store.issues import change_issue
from layers.store.paging import count_by_status, page_issues
from layers.store.values import Issue
from layers.time_limits import is_overdue

STATUS, CATEGORY = (*State,), ("0118", "0126", "")
OWNERS = (None, "lamps", "parks", "路灯")
PATHS = ("", "A", "A/1", "A/1/x", "A/10", "AB", "A0", "A.1", "B/1", "B/2", "B/3", "B/4", "崇/川", "崇/川/东")
LNGS = (None, 120.80, 120.81, 120.82, 120.83, -180.0, 180.0, 0.0)
LATS = (32.00, 32.01, 32.02, 90.0, -90.0, 0.0)


def _some_issue(rng: random.Random) -> dict[str, Any]:
    lng = rng.choice(LNGS)
    return {
        "status": rng.choice(STATUS).value, "category": rng.choice(CATEGORY), "owner_id": rng.choice(OWNERS),
        "cell_path": rng.choice(PATHS), "lng": lng, "lat": None if lng is None else rng.choice(LATS),
        "due_us": rng.choice((None, NOON, NOON + 1, NOON + 2)),
    }  # fmt: skip


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A store with 300 issues, many of them changed since."""
    rng = random.Random(11)
    with open_store(tmp_path_factory.mktemp("open") / "issues.db") as store:
        for turn in range(6):
            filings = [Filing(new_report(), new_issue(**_some_issue(rng))) for _ in range(50)]
            store.write(lambda c, f=filings, at=NOON + turn: file_many(c, f, desk(at)))  # type: ignore[misc]
        for issue in rng.sample(_stored(store), 120):
            changes = _some_issue(rng)
            store.write(
                lambda c, i=issue, to=changes: change_issue(  # type: ignore[misc]
                    c, i.uid, i.version, to, at_us=NOON + 7, actor="a", kind="changed"
                )
            )
        yield store


def _stored(store: Store, wanted: IssueFilter | None = None) -> list[Issue]:
    with store.reading() as connection:
        return list(page_issues(connection, wanted or IssueFilter(), limit=10_000).issues)


@pytest.fixture(scope="module")
def open_issues(store: Store, generation: Generation) -> OpenIssues:
    issues = _stored(store)
    random.Random(3).shuffle(issues)
    found = OpenIssues(generation)
    found.fill((issue, None) for issue in issues)
    return found


def _some(values: Any, most: int = 2) -> Any:
    return st.lists(st.sampled_from(values), max_size=most, unique=True).map(tuple)


@st.composite
def _boxes(draw: st.DrawFn) -> Bbox:
    lngs = sorted(draw(st.lists(st.sampled_from([x for x in LNGS if x is not None]), min_size=2, max_size=2)))
    lats = sorted(draw(st.lists(st.sampled_from(LATS), min_size=2, max_size=2)))
    return Bbox(lngs[0], lats[0], lngs[1], lats[1])


_filters = st.builds(
    IssueFilter,
    status=st.just(()) | st.just(OPEN) | _some(OPEN, 7), category=_some(CATEGORY), owner=_some(OWNERS[1:]),
    cell_paths=_some((*PATHS[1:], "B")), boxes=st.lists(_boxes(), max_size=2).map(tuple),
    unassigned=st.sampled_from([False, False, True]), since_us=st.none() | st.integers(NOON, NOON + 6),
    updated_since_us=st.none() | st.integers(NOON, NOON + 8),
)  # fmt: skip


@given(_filters, st.integers(1, 60), st.booleans(), st.integers(NOON, NOON + 3))
def test_pages_are_those_of_the_store(
    store: Store,
    open_issues: OpenIssues,
    generation: Generation,
    wanted: IssueFilter,
    limit: int,
    newest_first: bool,
    now_us: int,
) -> None:
    """The same issues, order, cursors and ends, each as the very bytes of its feature."""
    asked = replace(wanted, status=wanted.status or OPEN)
    names, cursor, more = names_of(generation), "", True
    while more:
        with store.reading() as connection:
            expected = page_issues(connection, asked, cursor=cursor, limit=limit, newest_first=newest_first)
        found = open_issues.page(wanted, now_us=now_us, cursor=cursor, limit=limit, newest_first=newest_first)
        assert found.features == [feature(issue, names, now_us) for issue in expected.issues]
        assert (found.cursor, found.more) == (expected.cursor, expected.more)
        cursor, more = expected.cursor, expected.more


@given(st.integers(1, 400), st.booleans())
def test_any_cursor_goes_on_where_the_store_does(
    store: Store, open_issues: OpenIssues, generation: Generation, seq: int, newest_first: bool
) -> None:
    """Also one of an issue that has moved on, or that is done, or that never was."""
    with store.reading() as connection:
        every = page_issues(connection, IssueFilter(), limit=seq, newest_first=newest_first)
        expected = page_issues(
            connection, IssueFilter(status=OPEN), cursor=every.cursor, newest_first=newest_first
        )
    found = open_issues.page(IssueFilter(), now_us=0, cursor=every.cursor, newest_first=newest_first)
    names = names_of(generation)
    assert found.features == [feature(issue, names, 0) for issue in expected.issues]
    assert (found.cursor, found.more) == (expected.cursor, expected.more)


def test_counts_are_those_of_the_store(store: Store, open_issues: OpenIssues) -> None:
    issues = _stored(store, IssueFilter(status=OPEN))
    with store.reading() as connection:
        counts = count_by_status(connection, IssueFilter(status=OPEN))
    assert {state: n for state, n in open_issues.count_by_status().items() if n} == counts
    assert set(open_issues.count_by_status()) == {*OPEN}
    assert open_issues.count == len(issues)
    for now_us in range(NOON - 1, NOON + 5):
        late = sum(is_overdue(issue.status, issue.due_us, now_us) for issue in issues)
        assert open_issues.count_overdue(now_us) == late


def test_memory_has_all_only_where_open_states_alone_are_asked_for() -> None:
    assert holds_all(IssueFilter(status=OPEN))
    assert holds_all(IssueFilter(status=("received",), owner=("lamps",)))
    assert not holds_all(IssueFilter())
    assert not holds_all(IssueFilter(status=("received", "closed")))


@pytest.mark.parametrize(("cursor", "limit"), [("x", 1), ("bjU", 1), ("", 0), ("", 10_001)])
def test_a_cursor_or_a_limit_that_cannot_be_is_refused(
    open_issues: OpenIssues, cursor: str, limit: int
) -> None:
    with pytest.raises(StoreError):
        open_issues.page(IssueFilter(), now_us=0, cursor=cursor, limit=limit)


def _uids(found: OpenIssues, **more: Any) -> list[str]:
    features = found.page(IssueFilter(), now_us=0, limit=10_000, **more).features
    return [each.split(b'"id":"')[1].split(b'"')[0].decode() for each in features]


_changes = st.lists(st.tuples(st.integers(0, 12), st.sampled_from(STATUS)), max_size=60)


@given(_changes, st.randoms(use_true_random=False), st.integers(1, 9))
def test_the_last_state_of_each_stays_in_whatever_order_they_are_heard_of(
    generation: Generation, changes: Sequence[tuple[int, State]], rng: random.Random, size: int
) -> None:
    """Several writers may hand over what they committed in another order than they committed it."""
    issues = [
        an_issue(uid=f"u{uid}", status=status.value, seq=seq) for seq, (uid, status) in enumerate(changes, 1)
    ]
    last = {issue.uid: issue for issue in issues}
    expected = [issue for issue in sorted(last.values(), key=lambda i: i.seq) if issue.status not in DONE]
    rng.shuffle(issues)
    found = OpenIssues(generation)
    for at in range(0, len(issues), size):
        found.fill((issue, None) for issue in issues[at : at + size])
    assert _uids(found) == [issue.uid for issue in expected]
    assert _uids(found, newest_first=True) == [issue.uid for issue in reversed(expected)]
    assert found.count == len(expected)


def test_what_moved_on_is_swept_out_and_nothing_else(generation: Generation) -> None:
    found, rng = OpenIssues(generation), random.Random(1)
    latest: dict[str, int] = {}
    for seq in range(1, 6_000):
        uid = f"u{rng.randrange(700)}"
        found.put(an_issue(uid=uid, seq=seq, status="closed" if rng.random() < 0.2 else "received"))
        latest[uid] = seq
    uids = _uids(found)
    assert [latest[uid] for uid in uids] == sorted(latest[uid] for uid in uids)
    assert found.count == len(uids) == sum(found.count_by_status().values())
    assert len(found._rows.entries) < 3_000


def test_another_generation_renames_and_measures_anew(generation: Generation) -> None:
    found, issue = OpenIssues(generation), an_issue(cell_path="A/A00")
    found.put(issue)
    (before,) = found.page(IssueFilter(), now_us=0).features
    cells = replace(generation.cells, name=np.array([f"新{name}" for name in generation.cells.name], object))
    config = replace(generation.config, metric_crs="EPSG:4550")
    other = replace(generation, cells=cells, config=config)
    found.use(other)
    (after,) = found.page(IssueFilter(), now_us=0).features
    assert (before, after) == tuple(feature(issue, names_of(g), 0) for g in (generation, other))
    assert "新格00".encode() in after
    (telling,) = found.tellings([(issue, Said())])
    assert found.suspects(telling, least=0.0)[0].distance_m == pytest.approx(0.0, abs=1e-6)


def test_readers_see_whole_pages_while_a_writer_writes(generation: Generation) -> None:
    found = OpenIssues(generation)
    found.fill((an_issue(uid=f"u{n}", seq=n + 1), None) for n in range(300))

    def read(_: int) -> bool:
        return len(_uids(found)) == len(set(_uids(found))) == 300

    def write(turn: int) -> None:
        base = 300 * (turn + 1)
        found.fill((an_issue(uid=f"u{n}", seq=base + n + 1), None) for n in range(300))

    with ThreadPoolExecutor(4) as pool:
        writing = pool.submit(lambda: [write(turn) for turn in range(20)])
        assert all(pool.map(read, range(60)))
        writing.result()


def test_a_change_that_is_taken_in_late_is_another_state(store: Store, generation: Generation) -> None:
    found, (first, second, *_) = OpenIssues(generation), _stored(store)
    found.put(second)
    before = found.state
    found.put(first)
    assert first.seq < second.seq
    assert (found.version, found.state == before) == (second.seq, False)
