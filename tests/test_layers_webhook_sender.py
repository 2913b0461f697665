"""Every event reaches every hook that wants it, in order, at least once, whatever happens in between."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from hook_server import Receiver, receiving, status
from stores import NOON, file_one, opened

from layers.store import Store
from layers.store.events import NewEvent, append_events, chain_head
from layers.store.meta import read_meta, write_meta
from layers.webhook_delivery import Way
from layers.webhook_sender import AT_ONCE, LOOK_S, NOTE_S, HookLine, Outside, WebhookSender, wait_s
from layers.webhooks import Webhook


class Clock:
    """A time that goes on when it is told to."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        """Now."""
        return self.now


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


def line(store: Store, hook: Webhook, clock: Clock, timeout_s: float = 10.0) -> HookLine:
    """A hook whose steps the test makes."""
    found = HookLine(store, hook, Outside(Way(timeout_s=timeout_s), lambda: NOON / 1e6, clock, lambda: 0.0))
    found.open()
    return found


def happen(store: Store, count: int = 1, kind: str = "dispatch") -> None:
    """Events of no issue, which cost little."""
    events = [NewEvent(None, NOON, "desk", kind, reason=f"{kind} {turn}") for turn in range(count)]
    store.write(lambda connection: append_events(connection, events))


def noted(store: Store, hook: Webhook) -> int:
    """The place that a restart would begin at."""
    with store.reading() as connection:
        return int(read_meta(connection, hook.key) or -1)


def head(store: Store) -> int:
    with store.reading() as connection:
        return chain_head(connection).seq


def seqs(receiver: Receiver) -> list[int]:
    return [came.data["seq"] for came in receiver.so_far()]


@contextlib.contextmanager
def sending(store: Store, *hooks: Webhook, timeout_s: float = 10.0) -> Iterator[WebhookSender]:
    """A sender with its threads."""
    sender = WebhookSender(store, hooks, Outside(Way(timeout_s=timeout_s)))
    sender.start()
    try:
        yield sender
    finally:
        sender.stop()


def test_what_is_committed_after_the_start_is_told_with_a_right_signature(
    tmp_path: Path, receiver: Receiver
) -> None:
    with opened(tmp_path) as store:
        file_one(store)  # before anybody knew of the hook
        with sending(store, receiver.hook()) as sender:
            filed = file_one(store)
            sender.wake()
            came = receiver.next()
            assert came.is_signed()
            assert came.headers["webhook-id"].startswith("evt_2_")
            assert (came.data["issue"], came.data["number"]) == (filed.issue_uid, filed.number)
            assert came.data["after"]["owner_id"] == "lamps"
        (stats,) = sender.stats().values()
        assert (stats.failed, stats.gone, stats.alive) == (0, False, False)


def test_events_come_in_their_order_and_none_is_missing(tmp_path: Path, receiver: Receiver) -> None:
    with opened(tmp_path) as store, sending(store, receiver.hook()) as sender:
        for _ in range(5):
            happen(store, AT_ONCE // 2 + 3)
            sender.wake()
        total = 5 * (AT_ONCE // 2 + 3)
        assert [receiver.next().data["seq"] for _ in range(total)] == [*range(1, total + 1)]
    assert receiver.so_far() == []


def test_only_the_kinds_that_are_wanted_are_told(tmp_path: Path, receiver: Receiver) -> None:
    with opened(tmp_path) as store:
        hook = receiver.hook(kinds=frozenset({"dispatch", "close"}))
        one = line(store, hook, Clock())
        happen(store, 3, "received")
        happen(store, 1, "close")
        happen(store, 250, "received")
        happen(store, 2)
        happen(store, 1, "received")
        one.step()
        assert seqs(receiver) == [4, 255, 256]
        assert one.stats(head(store)).waiting == 0


def test_a_failed_message_is_tried_again_later_and_those_behind_it_wait(
    tmp_path: Path, receiver: Receiver
) -> None:
    clock = Clock()
    with opened(tmp_path) as store:
        one = line(store, receiver.hook(), clock)
        happen(store, 3)
        for code in (500, 302, 400):
            receiver.talks.put(status(code))
        for after_s in (1.0, 2.0, 4.0):
            assert one.step() == pytest.approx(min(after_s, LOOK_S))
            assert seqs(receiver) == [1]
            assert one.step() == pytest.approx(after_s)  # woken too early: nothing is sent
            assert seqs(receiver) == []
            clock.now += after_s
        one.step()
        came = receiver.so_far()
        assert [one_.data["seq"] for one_ in came] == [1, 2, 3]
        assert (one.stats(3).delivered, one.stats(3).failed, one.stats(3).waiting) == (3, 3, 0)


def test_the_same_message_has_the_same_id_at_every_attempt(tmp_path: Path, receiver: Receiver) -> None:
    clock = Clock()
    with opened(tmp_path) as store:
        one = line(store, receiver.hook(), clock)
        happen(store)
        receiver.talks.put(status(503))
        one.step()
        clock.now += 5
        one.step()
    first, second = receiver.so_far()
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body


def test_waits_double_up_to_an_hour() -> None:
    assert [wait_s(n, 0.0) for n in (1, 2, 3, 4)] == [1, 2, 4, 8]
    assert wait_s(1, 1.0) == 1.5
    assert max(wait_s(n, j) for n in (12, 13, 14, 10_000) for j in (0.0, 1.0)) == 3_600
    assert wait_s(12, 0.0) == 2_048


def test_after_a_restart_what_was_missed_is_told(tmp_path: Path, receiver: Receiver) -> None:
    with opened(tmp_path) as store:
        with sending(store, receiver.hook()) as sender:
            happen(store, 2)
            sender.wake()
            assert [receiver.next().data["seq"] for _ in range(2)] == [1, 2]
        happen(store, 3)
    with opened(tmp_path) as store, sending(store, receiver.hook()):
        came = [receiver.next().data["seq"]]
        while came[-1] != 5:
            came.append(receiver.next().data["seq"])
    # The second may come twice: its answer was under way when the sender ended.
    assert came in ([3, 4, 5], [2, 3, 4, 5])


def test_what_was_told_but_not_noted_is_told_again(tmp_path: Path, receiver: Receiver) -> None:
    """A killed program forgets up to a second of deliveries: at least once, never not at all."""
    with opened(tmp_path) as store:
        one = line(store, receiver.hook(), Clock())
        happen(store, 3)
        one.step()
        assert noted(store, one.hook) == 0
    with opened(tmp_path) as store:
        line(store, receiver.hook(), Clock()).step()
    assert seqs(receiver) == [1, 2, 3, 1, 2, 3]


def test_the_place_is_noted_after_a_second_or_a_hundred_events(tmp_path: Path, receiver: Receiver) -> None:
    clock = Clock()
    with opened(tmp_path) as store:
        one = line(store, receiver.hook(), clock)
        happen(store, 5)
        assert one.step() == pytest.approx(NOTE_S)
        assert noted(store, one.hook) == 0
        clock.now += NOTE_S
        assert one.step() == LOOK_S
        assert noted(store, one.hook) == 5
        happen(store, AT_ONCE)
        assert one.step() == 0.0
        assert noted(store, one.hook) == 5 + AT_ONCE


def test_a_failure_notes_the_place_before_the_long_wait(tmp_path: Path, receiver: Receiver) -> None:
    with opened(tmp_path) as store:
        one = line(store, receiver.hook(), Clock())
        happen(store, 2)
        receiver.talks.put(status(200))
        receiver.talks.put(status(500))
        one.step()
        assert noted(store, one.hook) == 1


def test_a_place_beyond_the_end_of_the_chain_is_given_up(tmp_path: Path, receiver: Receiver) -> None:
    """An older store was put in the place of this one by hand."""
    with opened(tmp_path) as store:
        happen(store, 2)
        hook = receiver.hook()
        store.write(lambda connection: write_meta(connection, hook.key, "99"))
        one = line(store, hook, Clock())
        happen(store)
        one.step()
    assert seqs(receiver) == [3]


def test_a_hook_that_is_gone_is_left_alone_until_the_next_start(
    tmp_path: Path, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    clock = Clock()
    with opened(tmp_path) as store:
        one = line(store, receiver.hook("/with?token=geheim"), clock)
        happen(store, 2)
        receiver.talks.put(status(410))
        with caplog.at_level(logging.WARNING):
            one.step()
        clock.now += 10_000
        one.step()
        assert seqs(receiver) == [1]
        assert one.stats(2).gone
        assert "until the next start" in caplog.text
        assert "geheim" not in caplog.text  # an address may hold a password
        line(store, receiver.hook("/with?token=geheim"), clock).step()
        assert seqs(receiver) == [1, 2]


def test_a_slow_hook_delays_no_other(tmp_path: Path, receiver: Receiver) -> None:
    with receiving() as slow, opened(tmp_path) as store:
        slow.talks.put(slow.keep_silent)
        with sending(store, slow.hook(), receiver.hook()) as sender:
            happen(store, 20)
            sender.wake()
            assert [receiver.next().data["seq"] for _ in range(20)] == [*range(1, 21)]
            assert slow.next().data["seq"] == 1
            assert slow.so_far() == []


def test_the_end_does_not_wait_for_a_slow_hook_or_a_long_pause(tmp_path: Path) -> None:
    """Either would be minutes."""
    with receiving() as slow, receiving() as broken, opened(tmp_path) as store:
        slow.talks.put(slow.keep_silent)
        broken.talks.put(status(500))
        with sending(store, slow.hook(), broken.hook(), timeout_s=600) as sender:
            happen(store)
            sender.wake()
            slow.next()
            broken.next()
        assert not any(stats.alive for stats in sender.stats().values())


def test_a_private_address_is_not_sent_to_and_counted(tmp_path: Path, receiver: Receiver) -> None:
    with opened(tmp_path) as store:
        one = line(store, receiver.hook(allow_private=False), Clock())
        happen(store)
        one.step()
        assert one.stats(1).failed == 1
    assert receiver.so_far() == []


def test_a_sender_without_hooks_does_nothing(tmp_path: Path) -> None:
    with opened(tmp_path) as store, sending(store) as sender:
        sender.wake()
        assert sender.stats() == {}
