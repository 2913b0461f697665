"""A city at work follows what is published, and forgets and erases what is over."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from cities import bring, point
from live_cities import NOON, NOW, ZONE, live_city, published_city, report, words_only

from api.report_model import ReportIn
from layers.city import City
from layers.intake import RequestKey, file_reports
from layers.keeper import ASSIGNED_BY, Keeper, follow, tidy
from layers.publish import publish
from layers.store.filters import IssueFilter
from layers.store.issues import read_issue
from layers.store.meta import read_meta
from layers.store.paging import page_issues
from layers.store.private import read_privates

DAY_US = 86_400 * 1_000_000
OPEN = IssueFilter(status=("received",))


def new_owner(city: City) -> None:
    """Publish another owner of the first lamp."""
    bring(city, "asset:street_light", [(point(0.5, 0.5), {"code": "L0", "owner": "newowner"})], owner="owner")
    publish(city, now=NOW)


def test_a_publication_assigns_what_waits_anew(tmp_path: Path) -> None:
    city = published_city(tmp_path)
    with live_city(tmp_path) as live:
        (filed,) = file_reports(live, [report()], actor="desk", at_us=NOON)
        assert follow(live, NOON) == 0
        new_owner(city)
        assert live.is_stale()
        assert follow(live, NOON + 1) == 1
        assert follow(live, NOON + 2) == 0
        assert filed.issue is not None
        with live.store.reading() as connection:
            record = read_issue(connection, filed.issue.uid)
            assert read_meta(connection, ASSIGNED_BY) == live.generation.sha256
        assert record is not None
        assert (record.issue.owner_id, record.issue.generation) == ("newowner", "0002")
        assert [event.kind for event in record.events] == ["received", "assigned"]
        (feature,) = live.open.page(OPEN, now_us=NOON).features
        assert b'"owner_id":"newowner"' in feature


def test_what_was_published_while_nothing_ran_is_followed_at_the_next_start(tmp_path: Path) -> None:
    city = published_city(tmp_path)
    with live_city(tmp_path) as live:
        follow(live, NOON)
        file_reports(live, [report()], actor="desk", at_us=NOON)
    new_owner(city)
    with live_city(tmp_path) as live:
        assert not live.is_stale()
        assert follow(live, NOON + 1) == 1


def test_what_nobody_owned_is_assigned_when_a_rule_is_published(tmp_path: Path) -> None:
    """Outside the grid nobody answers, until the grid grows."""
    from cities import square

    city = published_city(tmp_path)
    with live_city(tmp_path) as live:
        (filed,) = file_reports(live, [report(4.5, 0.5, category="E0102")], actor="desk", at_us=NOON)
        assert filed.issue is not None
        assert filed.issue.owner_id is None
        districts = [
            (square(0, 0, 2, 2), {"code": "A", "name": "西区", "body": "west"}),
            (square(2, 0, 4, 2), {"code": "B", "name": "东区", "body": "east"}),
        ]
        bring(city, "grid:district", districts, owner="body")
        bring(city, "grid:cell", [(square(4, 0), {"code": "B04", "name": "新", "body": "new"})], owner="body")
        publish(city, now=NOW)
        follow(live, NOON + 1)
        with live.store.reading() as connection:
            (issue,) = page_issues(connection, IssueFilter()).issues
    assert issue.owner_id == "new"


def test_what_is_personal_is_erased_after_its_time(tmp_path: Path) -> None:
    with live_city(tmp_path) as live:
        (old,) = file_reports(live, [words_only("张三的话", reporter="zhang")], actor="d", at_us=NOON)
        (new,) = file_reports(live, [words_only("李四的话")], actor="d", at_us=NOON + 20 * DAY_US)
        assert tidy(live, NOON + 31 * DAY_US, retention_days=0) == 0
        assert tidy(live, NOON + 31 * DAY_US, retention_days=30) == 1
        assert old.issue is not None
        assert new.issue is not None
        with live.store.reading() as connection:
            assert read_privates(connection, old.issue.uid) == {}
            assert len(read_privates(connection, new.issue.uid)) == 1


def test_answers_are_forgotten_after_a_week(tmp_path: Path) -> None:
    key = RequestKey("desk", "k", "d")

    def told(at_us: int) -> bytes:
        outcomes = file_reports(
            live, [report()], actor="desk", at_us=at_us, keys=[key], tell=lambda o: o.report_uid.encode()
        )
        return outcomes[0].told

    with live_city(tmp_path) as live:
        first = told(NOON)
        tidy(live, NOON + 6 * DAY_US, 0)
        assert told(NOON + 6 * DAY_US) == first
        tidy(live, NOON + 8 * DAY_US, 0)
        assert told(NOON + 8 * DAY_US) != first


def test_the_keeper_follows_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("layers.keeper.LOOK_S", 0.01)
    city = published_city(tmp_path)
    changed = threading.Event()
    with live_city(tmp_path) as live:
        file_reports(live, [report()], actor="desk", at_us=NOON)
        live.watchers.append(lambda _: changed.set())
        keeper = Keeper(live)
        new_owner(city)
        assert changed.wait(30)
        keeper.stop()
        assert live.generation.id == "0002"


def test_a_keeper_survives_a_damaged_city(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    failed = threading.Event()
    monkeypatch.setattr("layers.keeper.LOOK_S", 0.01)
    monkeypatch.setattr("layers.keeper.logger.error", lambda *_: failed.set())
    city = published_city(tmp_path)
    changed = threading.Event()
    with live_city(tmp_path) as live:
        file_reports(live, [report()], actor="desk", at_us=NOON)
        live.watchers.append(lambda _: changed.set())
        said = city.live.read_text()
        city.live.write_text("nonsense")
        keeper = Keeper(live)
        assert failed.wait(30)
        city.live.write_text(said)
        new_owner(city)
        assert changed.wait(30)
        keeper.stop()


def test_zone_and_reports_agree() -> None:
    """A time without a zone is by the city's clock."""
    said = ReportIn(text="x", occurred_at="2026-11-21 12:00").incoming(ZONE)
    assert (said.occurred_us, said.zone_assumed) == (NOON, True)
    said = ReportIn(text="x", occurred_at="2026-11-21T04:00:00Z").incoming(ZONE)
    assert (said.occurred_us, said.zone_assumed) == (NOON, False)
