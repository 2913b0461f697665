"""Who listens to a real server hears of every change, once and in order, whatever happens between."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import orjson
import pytest
from cities import at
from listeners import AtWork, Client, Event
from live_cities import NOON, NOW, live_city, report
from prometheus_client import generate_latest
from services import lamp
from sqlalchemy import select
from starlette.types import Message, Receive, Scope, Send

from api import event_hub, event_routes, server
from api.http_protocol import Bounds
from api.metrics import Measured, Metrics
from layers.intake import file_reports
from layers.keys import list_keys, revoke_key
from layers.life_cycle import Role
from layers.publish import publish
from layers.store.events import NewEvent, append_events
from layers.store.schema import EVENTS
from layers.times import now_us

SECRET = "张三 13800000000"
COMMENT = b": %b\n\n" % (b"x" * 60_000)


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AtWork]:
    work = AtWork(tmp_path_factory.mktemp("city"))
    yield work
    work.end()


def file(work: AtWork, column: float = 0.5, key: str = "", **said: object) -> dict[str, object]:
    """File a report; the issue that it opens, as the service answers it."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    answer = work.http.post("/v1/reports", json=lamp(column, **said), headers=headers)
    assert answer.status_code == 201, answer.text
    return work.http.get(answer.json()["issue"]["url"], headers=headers).json()


def act(work: AtWork, issue: dict[str, object], action: str, key: str = "", **said: object) -> None:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    now = work.http.get(f"/v1/issues/{issue['id']}", headers=headers).json()
    body = {"action": action, "version": now["properties"]["version"], **said}
    answer = work.http.post(f"/v1/issues/{issue['id']}/actions", json=body, headers=headers)
    assert answer.status_code == 200, answer.text


def committed(work: AtWork, after: int) -> list[int]:
    """The seqs of all events of issues after one, as the store has them."""
    asked = select(EVENTS.c.seq).where(EVENTS.c.seq > after, EVENTS.c.issue_id.is_not(None))
    with work.service.live.store.reading() as connection:
        return list(connection.scalars(asked.order_by(EVENTS.c.seq)))


def hello(client: Client) -> Event:
    found = client.next()
    assert found is not None
    assert (client.status, found.name) == (200, "hello")
    return found


# What is told.


def test_a_stream_says_where_it_begins_and_what_it_is(work: AtWork) -> None:
    with work.listening() as client:
        said = hello(client)
        assert said.data == {"version": said.id, "since": said.id, "generation": "0001"}
    assert client.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert client.headers["cache-control"] == "no-store"
    assert client.headers["x-accel-buffering"] == "no"


def test_a_new_issue_is_told_as_the_list_of_issues_has_it(work: AtWork) -> None:
    with work.listening() as client:
        hello(client)
        issue = file(work)
        (told,) = client.take(1)
        page = work.http.get("/v1/issues", params={"order": "newest", "limit": 1}).json()
    assert told.name == "issue"
    assert told.data == {
        "feature": page["features"][0], "action": "received", "actor": "local", "gone": False,
    }  # fmt: skip
    assert told.uid == issue["id"]


def test_what_is_done_is_told_as_gone_with_its_last_status(work: AtWork) -> None:
    issue = file(work)
    with work.listening() as client:
        hello(client)
        act(work, issue, "reject", reason="no lamp here")
        (told,) = client.take(1)
    assert (told.data["action"], told.data["gone"]) == ("reject", True)
    assert told.data["feature"]["properties"]["status"] == "rejected"


def test_a_merge_is_told_of_both_issues(work: AtWork) -> None:
    first, second = file(work), file(work)
    with work.listening() as client:
        hello(client)
        act(work, second, "merge", into=first["id"])
        told = client.take(2)
    said = {(one.uid, one.data["action"], one.data["gone"]) for one in told}
    assert said == {(second["id"], "merge", True), (first["id"], "joined_by", False)}


def test_nothing_of_a_person_is_told(work: AtWork) -> None:
    with work.listening() as client:
        hello(client)
        issue = file(work, text=SECRET, reporter=SECRET, contact=SECRET, external_id=SECRET)
        act(work, issue, "comment", reason=SECRET)
        told = client.take(2)
    assert SECRET not in orjson.dumps([one.data for one in told]).decode()


def test_a_place_that_moves_on_without_an_event_is_what_a_browser_comes_again_with(work: AtWork) -> None:
    with work.listening() as client:
        begun = hello(client).id
        happened = NewEvent(None, now_us(), "local", "erased")
        work.service.live.store.write(lambda connection: append_events(connection, [happened]))
        assert work.settle(lambda: work.service.hub.place > begun)
        work.on_loop(work.service.hub.beat)
        assert client.block() == b": \nid: %d" % (begun + 1)


# Without a gap.


def test_who_was_cut_comes_again_and_misses_nothing(work: AtWork) -> None:
    with work.listening() as client:
        hello(client)
        file(work)
        client.take(1)
    missed = [file(work)["id"] for _ in range(3)]
    with work.listening(last=str(client.last)) as again:
        said = hello(again)
        assert (said.id, said.data["since"]) == (client.last, client.last)
        assert [one.uid for one in again.take(3)] == missed
        after = file(work)["id"]
        assert again.take(1)[0].uid == after


def test_since_says_where_to_begin_and_the_header_counts_before_it(work: AtWork) -> None:
    start = work.head()
    ids = [file(work)["id"] for _ in range(2)]
    with work.listening(f"?since={start}") as client:
        hello(client)
        assert [one.uid for one in client.take(2)] == ids
    with work.listening(f"?since={start}", last=str(start + 1)) as client:
        hello(client)
        assert [one.uid for one in client.take(1)] == ids[1:]


def test_what_has_been_forgotten_is_read_from_the_store(work: AtWork) -> None:
    start = work.head()
    ids = [file(work)["id"] for _ in range(3)]
    hub = work.service.hub
    assert work.settle(lambda: hub.place == work.head())
    work.on_loop(lambda: (hub._recent.clear(), setattr(hub, "_recent_from", hub.place)))
    with work.listening(f"?since={start}") as client:
        hello(client)
        assert [one.uid for one in client.take(3)] == ids
        ids = [file(work)["id"]]
        assert [one.uid for one in client.take(1)] == ids


@pytest.mark.parametrize("last", ["999999999999", "-1", "seven", "", "9" * 99])
def test_a_place_that_is_none_here_is_answered_with_a_reset(
    work: AtWork, last: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_hub, "SETTLE_S", 0.01)
    with work.listening(last=last) as client:
        begun = hello(client)
        (reset,) = client.take(1)
        assert (reset.name, reset.data) == ("reset", {"version": begun.id, "generation": "0001"})
        issue = file(work)
        assert client.take(1)[0].uid == issue["id"]


def test_a_gap_too_long_to_tell_is_answered_with_a_reset(
    work: AtWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        file(work)
    hub = work.service.hub
    assert work.settle(lambda: hub.place == work.head())
    monkeypatch.setattr(event_hub, "MOST_REPLAYED", 2)
    with work.listening(f"?since={hub.place - 3}") as client:
        hello(client)
        assert [one.name for one in client.take(1)] == ["reset"]
    with work.listening(f"?since={hub.place - 2}") as client:
        hello(client)
        assert [one.name for one in client.take(2)] == ["issue"] * 2


def test_nothing_is_missed_or_told_twice_under_concurrent_writes(work: AtWork) -> None:
    """Writers file and act, while one listens on and others are cut and come again all the time."""
    start, writers = work.head(), 6

    def write() -> None:
        for _ in range(8):
            issue = file(work)
            act(work, issue, "reject", reason="a test")

    heard: list[list[int]] = []

    def listen(patience: int | None) -> None:
        seqs: list[int] = []
        last = start
        while not (seqs and seqs[-1] >= end[0] > 0):
            with work.listening(last=str(last), at_once=True) as client:
                hello(client)
                for _ in range(patience or 10**6):
                    seqs += [one.id for one in client.take(1)]
                    if seqs[-1] >= end[0] > 0:
                        break
                last = client.last
        heard.append(seqs)

    end = [0]
    writing = [threading.Thread(target=write) for _ in range(writers)]
    listening = [threading.Thread(target=listen, args=(one,)) for one in (None, 1, 2, 5)]
    for thread in (*listening, *writing):
        thread.start()
    for thread in writing:
        thread.join()
    file(work)  # whoever waits for more gets it
    end[0] = committed(work, start)[-1]
    file(work)
    for thread in listening:
        thread.join(60)
    wanted = [seq for seq in committed(work, start) if seq <= end[0]]
    assert len(wanted) == writers * 16 + 1
    assert len(heard) == 4
    for seqs in heard:
        assert [seq for seq in seqs if seq <= end[0]] == wanted


def test_a_version_that_a_page_knows_before_the_feed_is_no_reset(work: AtWork) -> None:
    for _ in range(5):
        issue = file(work)
        with work.listening(f"?since={work.head()}", at_once=True) as client:
            hello(client)
            act(work, issue, "reject", reason="a test")
            assert client.take(1)[0].data["action"] == "reject"


def test_a_new_generation_is_told(work: AtWork) -> None:
    with work.listening() as client:
        hello(client)
        publish(work.service.live.city, now=NOW)
        (told,) = client.take(1)
        assert told.name == "generation"
        assert told.data["generation"] == "0002"


def test_what_is_committed_while_the_hub_opens_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with live_city(tmp_path / "city") as live:
        hub = event_hub.Hub(live)
        start = hub._feed.start

        def begin() -> int:
            place = start()
            file_reports(live, [report()], actor="desk", at_us=NOON)
            while hub._feed._place == place:
                pass
            return place

        monkeypatch.setattr(hub._feed, "start", begin)

        async def opened() -> None:
            await hub.open()
            await hub.close()

        asyncio.run(opened())
        assert hub.place == 1
        assert [one.seq for one in hub._recent] == [1]


def test_many_changes_at_once_reach_everybody_in_order(work: AtWork) -> None:
    """As after a publication: more bytes than are sent at a time."""
    with work.listening() as client, work.listening() as other:
        hello(client)
        hello(other)
        start = work.head()
        reports = [report() for _ in range(500)]
        file_reports(work.service.live, reports, actor="desk", at_us=now_us())
        for one in (client, other):
            assert [event.id for event in one.take(500)] == list(range(start + 1, start + 501))


# Who may hear what. From here on the city has keys.


def test_who_is_confined_to_cells_hears_of_them_alone(work: AtWork) -> None:
    admin = work.key(Role.ADMIN)
    keys = {cell: work.key(Role.DISPATCHER, cell) for cell in ("A00", "A01")}
    with ExitStack() as stack:
        hear = {cell: stack.enter_context(work.listening(key=key)) for cell, key in keys.items()}
        all_ = stack.enter_context(work.listening(key=admin))
        for client in (*hear.values(), all_):
            hello(client)
        mine, other = file(work, 0.5, admin), file(work, 1.5, admin)
        assert [one.uid for one in hear["A00"].take(1)] == [mine["id"]]
        assert [one.uid for one in hear["A01"].take(1)] == [other["id"]]
        lng, lat = at(1.5, 0.5)
        act(work, mine, "move", admin, lng=lng, lat=lat)
        (left,), (came,) = hear["A00"].take(1), hear["A01"].take(1)
        act(work, mine, "comment", admin, reason="there")
        last = file(work, 0.5, admin)
        assert hear["A01"].take(1)[0].data["action"] == "comment"
        assert [one.uid for one in hear["A00"].take(1)] == [last["id"]]
        assert len(all_.take(5)) == 5
    assert (left.uid, left.data["gone"], left.data["feature"]["geometry"]) == (mine["id"], True, None)
    assert left.data["feature"]["properties"] == {"number": mine["properties"]["number"]}
    assert (came.uid, came.data["gone"], came.data["action"]) == (mine["id"], False, "move")


def test_who_has_no_business_here_hears_nothing(work: AtWork) -> None:
    for key, status in (("", 401), ("wp_0", 401), (work.key(Role.REPORTER), 403)):
        with work.listening(key=key) as client:
            assert client.status == status


def test_a_key_that_is_revoked_hears_no_more(work: AtWork) -> None:
    key = work.key(Role.PLANNER)
    with work.listening(key=key) as client, work.listening(key=work.key(Role.PLANNER)) as other:
        hello(client)
        hello(other)
        city = work.service.live.city
        ident = next(one.id for one in list_keys(city) if key.startswith(f"wp_{one.id}_"))
        revoke_key(city, ident, now_us=now_us())
        work.on_loop(work.service.hub.beat)
        assert client.next() is None
        file(work, key=work.key(Role.ADMIN))
        assert len(other.take(1)) == 1


def test_a_head_is_answered_without_a_stream(work: AtWork) -> None:
    with work.listening(method="HEAD", key=work.key()) as client:
        assert client.status == 200
    assert work.settle(lambda: work.service.hub.count == 0)


# Bounds.


def test_a_client_that_leaves_frees_its_place(work: AtWork, monkeypatch: pytest.MonkeyPatch) -> None:
    hub, key = work.service.hub, work.key()
    assert work.settle(lambda: hub.count == 0)
    monkeypatch.setattr(hub, "places", 2)
    with work.listening(key=key) as first, work.listening(key=key) as second:
        hello(first)
        hello(second)
        with work.listening(key=key) as third:
            assert third.status == 429
        first.close()
        assert work.settle(lambda: hub.count == 1)
        with work.listening(key=key) as third:
            hello(third)
    assert work.settle(lambda: hub.count == 0)


def test_a_slow_client_is_cut_and_harms_nobody(work: AtWork, monkeypatch: pytest.MonkeyPatch) -> None:
    hub, key = work.service.hub, work.key(Role.ADMIN)
    monkeypatch.setattr(event_hub, "MOST_UNSENT", 200_000)
    assert work.settle(lambda: hub.count == 0)
    before = hub.cut
    with work.listening(key=key, buffer=4_096) as slow, work.listening(key=key) as well:
        hello(slow)
        hello(well)
        while hub.cut == before:
            # Beside the event something that no client hears of: the buffers of sockets are large.
            work.on_loop(lambda: hub._send(hub._all, [COMMENT]))
            issue = file(work, key=key)
            assert well.take(1)[0].uid == issue["id"]
        assert (hub.cut, hub.count) == (before + 1, 1)
        with work.listening(key=key, last=str(slow.last)) as again:
            hello(again)
            assert again.until(well.last)[-1].uid == issue["id"]


def test_listeners_do_not_count_as_connections(tmp_path: Path) -> None:
    work = AtWork(tmp_path / "city", Bounds(connections=5))
    with ExitStack() as stack:
        clients = [stack.enter_context(work.listening()) for _ in range(12)]
        for client in clients:
            hello(client)
        assert work.http.get("/healthz").status_code == 200
        file(work)
        for client in clients:
            client.take(1)
        assert "woodpecker_listeners 12.0" in work.http.get("/metrics").text
        assert work.end() < 5
        assert all(client.next() is None for client in clients)


def test_a_server_ends_soon_though_a_client_takes_nothing(tmp_path: Path) -> None:
    work = AtWork(tmp_path / "city")
    hub = work.service.hub

    def stuck() -> bool:
        work.on_loop(lambda: hub._send(hub._all, [COMMENT]))
        return any(one.is_behind for one in hub._all) and not work.settle(_is_sent, 0.5)

    def _is_sent() -> bool:
        return not any(one.is_behind for one in hub._all)

    with work.listening(buffer=4_096) as slow:
        hello(slow)
        while not stuck():
            pass
        assert work.end() < 5


def test_a_server_that_may_open_few_files_has_fewer_places(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "allow_files", lambda _: Bounds().connections + server.OWN_FILES + 7)
    work = AtWork(tmp_path / "city")
    assert work.service.hub.places == 7
    work.end()


def test_a_stream_counts_with_the_time_that_it_took_to_begin() -> None:
    times, metrics = iter([0.0, 0.2, 9_000.0]), Metrics()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        header = (b"content-type", b"text/event-stream; charset=utf-8")
        await send({"type": "http.response.start", "status": 200, "headers": [header]})

    async def send(_: Message) -> None: ...

    async def receive() -> Message:
        return {}

    asyncio.run(Measured(app, metrics, lambda: next(times))({"type": "http", "method": "GET"}, receive, send))
    text = generate_latest(metrics.registry).decode()
    assert 'woodpecker_http_request_seconds_sum{method="GET",route="none"} 0.2' in text


def test_the_example_of_the_document_is_a_stream() -> None:
    blocks = event_routes.EXAMPLE.split("\n\n")
    assert [block.split("\n")[1:2] for block in blocks[1:3]] == [["event: hello"], ["event: issue"]]
