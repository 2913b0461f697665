"""What is committed is handed on in its order, once, and to whom it concerns."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest
from issue_desk import NEAR_L1, IssueDesk
from live_cities import NOON, live_city, report
from stores import an_issue

from geo.errors import StoreUnavailableError
from layers import feed as feed_module
from layers.actors import Actor
from layers.feed import Feed, News, Told, tell
from layers.intake import file_reports
from layers.issue_features import Names, feature
from layers.life_cycle import Role
from layers.live import LiveCity
from layers.store.changes import Change, changes_after
from layers.store.events import NewEvent, append_events

NAMES = Names({}, {}, {})
WAIT_S = 20


class Heard:
    """What a feed hands on."""

    def __init__(self) -> None:
        self.news: list[News] = []
        self._more = threading.Condition()

    def __call__(self, news: News) -> None:
        """Take it."""
        with self._more:
            self.news.append(news)
            self._more.notify_all()

    @property
    def seqs(self) -> list[int]:
        """Of the changes, as they came."""
        return [one.seq for news in self.news for one in news.told]

    def wait_for(self, count: int) -> list[int]:
        """The seqs, once there are so many."""
        with self._more:
            assert self._more.wait_for(lambda: len(self.seqs) >= count, WAIT_S)
        return self.seqs


@pytest.fixture
def live(tmp_path: Path) -> Iterator[LiveCity]:
    with live_city(tmp_path / "city") as live:
        yield live


@contextmanager
def feeding(live: LiveCity) -> Iterator[tuple[Feed, Heard]]:
    """A feed at work."""
    heard = Heard()
    feed = Feed(live, heard, clock=lambda: NOON)
    feed.start()
    try:
        yield feed, heard
    finally:
        feed.stop()


def file(live: LiveCity, count: int = 1) -> None:
    file_reports(live, [report() for _ in range(count)], actor="desk", at_us=NOON)


def told(change: Change) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(tell(change, NAMES, NOON).said)
    return found


def confined(*cells: str) -> Actor:
    return Actor("officer", Role.OFFICER, cells)


# One change.


def test_a_change_is_told_with_the_feature_as_it_is_now() -> None:
    issue = an_issue(status="dispatched", due_us=NOON - 1)
    said = told(Change(7, "dispatch", "desk", issue, None))
    assert said.pop("feature") == orjson.loads(feature(issue, NAMES, NOON))
    assert said == {"action": "dispatch", "actor": "desk", "gone": False}


@pytest.mark.parametrize(("status", "gone"), [("received", False), ("verified", False), ("closed", True)])
def test_what_is_done_is_gone(status: str, gone: bool) -> None:
    assert told(Change(7, "close", "desk", an_issue(status=status), None))["gone"] == gone


def test_who_sees_the_cell_hears_all_who_lost_it_hears_that_and_the_others_nothing() -> None:
    issue = an_issue(cell_path="B/B01")
    one = tell(Change(7, "move", "desk", issue, "A/A00"), NAMES, NOON)
    assert one.to(Actor("desk", Role.DISPATCHER).sees) == one.to(confined("B").sees) == one.said
    parting = orjson.loads(one.to(confined("A00").sees))
    assert parting == {
        "feature": {
            "type": "Feature", "id": issue.uid, "geometry": None, "properties": {"number": issue.number},
        },
        "action": "move", "actor": "desk", "gone": True,
    }  # fmt: skip
    assert one.to(confined("A01").sees) == b""


def test_who_is_confined_hears_nothing_of_what_lies_in_no_cell() -> None:
    assert Told(1, "", None, b"x").to(confined("A").sees) == b""
    assert Told(1, "", "", b"x", b"y").to(confined("A").sees) == b""


# From the store.


def test_changes_are_read_with_the_issue_as_it_stands_and_the_cell_it_left(live: LiveCity) -> None:
    desk = IssueDesk(live.store, live.generation)
    uid = desk.report()
    desk.do(uid, "comment", reason="why")
    lng, lat = NEAR_L1
    moved = desk.do(uid, "move", lng=lng, lat=lat)
    with live.store.reading() as connection:
        changes = changes_after(connection, 0, 100, 100)
        some = changes_after(connection, 1, 100, 1)
    assert [change.kind for change in changes] == ["received", "comment", "move"]
    assert {change.issue for change in changes} == {moved}
    assert [change.left for change in changes] == [None, None, "A/A00"]
    assert some == changes[1:2]


def test_events_of_no_issue_are_passed_over(live: LiveCity) -> None:
    file(live)
    erased = NewEvent(None, NOON, "desk", "erased")
    live.store.write(lambda connection: append_events(connection, [erased]))
    found = Feed(live, Heard()).read(0, 2)
    assert (found.upto, [one.seq for one in found.told]) == (2, [1])


def test_what_was_committed_before_the_start_is_not_handed_on(live: LiveCity) -> None:
    file(live)
    with feeding(live) as (_, heard):
        file(live)
        assert heard.wait_for(1) == [2]


def test_more_than_is_read_at_a_time_comes_in_pieces(live: LiveCity, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_module, "AT_ONCE", 3)
    with feeding(live) as (feed, heard):
        file(live, 8)
        assert heard.wait_for(8) == list(range(1, 9))
        assert max(len(news.told) for news in heard.news) == 3
        assert [news.upto for news in heard.news] == sorted({news.upto for news in heard.news})
        assert feed.read(6, 8).upto == 8


def test_writers_at_once_are_told_in_the_order_of_their_commits(live: LiveCity) -> None:
    def write() -> None:
        for _ in range(10):
            file(live)

    with feeding(live) as (_, heard):
        threads = [threading.Thread(target=write) for _ in range(5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert heard.wait_for(50) == list(range(1, 51))


def test_a_store_that_cannot_be_read_is_asked_again(
    live: LiveCity, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    failed = threading.Semaphore(0)
    with feeding(live) as (feed, heard):
        right = feed.head

        def fail() -> int:
            failed.release()
            raise StoreUnavailableError("The disk is full.")

        monkeypatch.setattr(feed, "head", fail)
        file(live)
        for _ in range(2):
            assert failed.acquire(timeout=WAIT_S)
        monkeypatch.setattr(feed, "head", right)
        assert heard.wait_for(1) == [1]
    assert caplog.text.count("The disk is full.") == 1


def test_a_feed_that_is_stopped_watches_no_more(live: LiveCity) -> None:
    with feeding(live) as (feed, _):
        assert feed.alive
    assert not feed.alive
    assert live.watchers == []
