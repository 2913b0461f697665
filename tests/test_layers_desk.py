"""Reports that wait together are filed together; one that fails takes no other with it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from live_cities import NOON, live_city, report

import layers.desk
from geo.errors import StoreUnavailableError
from layers.desk import IntakeDesk
from layers.intake import Outcome, file_reports
from layers.live import LiveCity
from layers.store.filters import IssueFilter


@pytest.fixture
def live(tmp_path: Path) -> Iterator[LiveCity]:
    with live_city(tmp_path) as city:
        yield city


def tell(outcome: Outcome) -> bytes:
    return outcome.report_uid.encode()


def stored(live: LiveCity) -> int:
    return len(live.open.page(IssueFilter(status=("received",)), now_us=NOON, limit=1000).features)


def test_many_threads_hand_in_and_each_gets_its_own_answer(live: LiveCity) -> None:
    desk = IntakeDesk(live, tell, lambda: NOON)
    with ThreadPoolExecutor(8) as threads:
        given = [report(n % 4 + 0.5, external_id=f"X{n}") for n in range(64)]
        outcomes = [f.result() for f in threads.map(lambda r: desk.submit(r, "desk"), given)]
    desk.close()
    assert [outcome.outcome for outcome in outcomes] == ["opened"] * 64
    assert len({outcome.report_uid for outcome in outcomes}) == 64
    owners = ("lamps", "parks", "body-02", "lamps")
    assert [o.issue.owner_id for o in outcomes if o.issue] == [owners[n % 4] for n in range(64)]
    assert stored(live) == 64


def test_what_waits_is_filed_in_one_go(live: LiveCity, monkeypatch: pytest.MonkeyPatch) -> None:
    groups: list[int] = []
    first = threading.Event()

    def slow(city: LiveCity, reports: Any, **options: Any) -> list[Outcome]:
        groups.append(len(reports))
        first.wait(10)
        return file_reports(city, reports, **options)

    monkeypatch.setattr(layers.desk, "file_reports", slow)
    desk = IntakeDesk(live, tell, lambda: NOON)
    futures = [desk.submit(report(), "desk") for _ in range(10)]
    first.set()
    assert all(future.result().outcome == "opened" for future in futures)
    desk.close()
    assert sum(groups) == 10
    assert len(groups) <= 3


def test_those_that_come_again_are_gathered_and_one_alone_is_not_kept_waiting(
    live: LiveCity, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layers.desk, "QUIET_S", 10.0)  # whoever waits for those that come, sees them come
    monkeypatch.setattr(layers.desk, "MOST_WAIT_S", 10.0)
    groups: list[int] = []
    first, none = threading.Event(), StoreUnavailableError("not stored")

    def count(city: LiveCity, reports: Any, **options: Any) -> list[Outcome]:
        first.wait(10)
        groups.append(len(reports))
        return [Outcome("refused", error=none)] * len(reports)

    monkeypatch.setattr(layers.desk, "file_reports", count)
    desk = IntakeDesk(live, tell, lambda: NOON)
    futures = [desk.submit(report(), "desk") for _ in range(5)]
    first.set()
    for future in futures:
        future.result()
    again = groups[-1]
    for _ in range(again):
        futures.append(desk.submit(report(), "desk"))
    assert futures[-1].result(5).error is none
    assert groups[-1] == again
    desk.close()

    lone = IntakeDesk(live, tell, lambda: NOON)
    for _ in range(3):
        assert lone.submit(report(), "desk").result(5).error is none
    lone.close()


def test_a_report_that_fails_takes_no_other_with_it(live: LiveCity, monkeypatch: pytest.MonkeyPatch) -> None:
    begin = threading.Event()

    def picky(city: LiveCity, reports: Any, **options: Any) -> list[Outcome]:
        begin.wait(10)
        if any(one.text == "bad" for one in reports):
            raise ZeroDivisionError
        return file_reports(city, reports, **options)

    monkeypatch.setattr(layers.desk, "file_reports", picky)
    desk = IntakeDesk(live, tell, lambda: NOON)
    futures = [desk.submit(report(text="bad" if n == 3 else "good"), "desk") for n in range(6)]
    begin.set()
    failed = [future.exception() is not None for future in futures]
    desk.close()
    assert failed == [n == 3 for n in range(6)]
    assert stored(live) == 5


def test_a_closed_desk_says_so_and_what_waited_is_filed(live: LiveCity) -> None:
    desk = IntakeDesk(live, tell, lambda: NOON)
    future = desk.submit(report(), "desk")
    desk.close()
    assert future.result().outcome == "opened"
    assert isinstance(desk.submit(report(), "desk").exception(), StoreUnavailableError)
    assert not desk.alive


def test_a_store_that_cannot_write_fails_all_who_wait(live: LiveCity) -> None:
    desk = IntakeDesk(live, tell, lambda: NOON)
    live.store.close()
    futures = [desk.submit(report(), "desk") for _ in range(3)]
    assert all(isinstance(future.exception(), StoreUnavailableError) for future in futures)
    desk.close()
