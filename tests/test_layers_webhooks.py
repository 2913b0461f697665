"""What a webhook is told: signed by the book, and nothing of a person."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
from hook_server import SECRET
from stores import NOON, desk, file_one, new_report, opened

from layers.store.events import events_after
from layers.store.filing import Filing, file_report
from layers.store.issues import change_issue
from layers.store.private import erase_reporter
from layers.store.values import Event, Private
from layers.webhooks import Message, headers, message, parse_url, secret_bytes, signature

PERSONAL = ("张三", "13800000000", "openid-1", "a" * 64, "b" * 64, "ext-7")


def test_the_signature_is_that_of_the_standard() -> None:
    """The example of the Standard Webhooks specification."""
    told = Message("msg_p5jXN8AQM9LWM0D4loKWxJek", b'{"test": 2432232314}')
    said = headers(told, secret_bytes(SECRET), 1_614_265_330.9)
    assert said["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert said["webhook-timestamp"] == "1614265330"
    assert said["webhook-id"] == told.id


def test_a_secret_without_the_prefix_is_taken_as_it_is() -> None:
    assert secret_bytes("a-secret-of-24-bytes-...\n") == b"a-secret-of-24-bytes-..."
    told = Message("evt_1", b"{}")
    assert signature(told, b"x" * 24, 1) != signature(told, b"y" * 24, 1)


def event(**values: Any) -> Event:
    given = {
        "seq": 7, "issue_uid": "u", "at_us": NOON, "actor": "desk", "kind": "dispatch", "reason": "急",
        "before": {}, "after": {}, "private": {}, "prev_hash": "0" * 64, "hash": "c" * 64,
    }  # fmt: skip
    return Event(**{**given, **values})


def test_a_body_tells_what_happened() -> None:
    told = message(
        event(
            before={"status": "received", "version": 1, "due_us": None, "owner_id": None},
            after={"status": "dispatched", "version": 2, "due_us": NOON, "owner_id": "lamps"},
        ),
        "20261121-0001",
    )
    assert told.id == "evt_7_cccccccccccccccc"
    at = "2026-11-21T04:00:00.000000Z"
    assert json.loads(told.body) == {
        "type": "issue.dispatch",
        "timestamp": at,
        "data": {
            "seq": 7, "issue": "u", "number": "20261121-0001", "kind": "dispatch", "at": at, "actor": "desk",
            "reason": "急",
            "before": {"status": "received", "version": 1, "due_at": None, "owner_id": None},
            "after": {"status": "dispatched", "version": 2, "due_at": at, "owner_id": "lamps"},
        },
    }  # fmt: skip


def test_only_fields_that_are_known_to_be_public_are_told() -> None:
    """A field that somebody adds to issues later is not told by itself."""
    after = {
        "geometry": "00ff",
        "assignment": "d" * 64,
        "mood": "bad",
        "flags": "photo_far,late",
        "lng": 120.8,
    }
    told = json.loads(message(event(after=after), None).body)["data"]
    assert told["after"] == {"flags": ["photo_far", "late"], "lng": 120.8}


@pytest.mark.parametrize("kind", ["comment", "reopen", "undo", "received", "joined", "erased", "whatever"])
def test_words_that_a_citizen_may_have_written_are_not_told(kind: str) -> None:
    assert json.loads(message(event(kind=kind), None).body)["data"]["reason"] == ""


@pytest.mark.parametrize("kind", ["dispatch", "return", "transfer", "close", "reject", "merge", "move"])
def test_reasons_of_the_staff_are_told(kind: str) -> None:
    assert json.loads(message(event(kind=kind), None).body)["data"]["reason"] == "急"


def test_an_event_of_no_single_issue_is_the_city_s() -> None:
    told = json.loads(message(event(issue_uid=None, kind="erased"), None).body)
    assert (told["type"], told["data"]["issue"], told["data"]["number"]) == ("city.erased", None, None)


def test_the_same_seq_of_another_chain_has_another_id() -> None:
    """Receivers drop an id that they have seen: a restored store, or another city, must not look the same."""
    other = dataclasses.replace(event(), hash="d" * 64)
    assert message(event(), None).id != message(other, None).id
    assert message(event(), None) == message(event(), None)


def test_nothing_private_is_in_any_body(tmp_path: Path) -> None:
    """A report with everything in it opens an issue, another joins, a citizen comments, all is erased."""
    with opened(tmp_path) as store:
        filed = file_one(store, report=new_report(external_id="ext-7"))
        joining = Filing(
            new_report(private=Private("openid-1", "13800000000", "张三 又来", ("a" * 64,))), filed.issue_uid
        )
        store.write(lambda connection: file_report(connection, joining, desk()))
        how = {"at_us": NOON, "actor": "wechat", "kind": "comment", "reason": "我是张三, 13800000000"}
        store.write(lambda connection: change_issue(connection, filed.issue_uid, 2, {}, **how))  # type: ignore[arg-type]
        store.write(
            lambda connection: erase_reporter(
                connection, "openid-1", at_us=NOON, actor="admin", reason="张三"
            )
        )
        with store.reading() as connection:
            events = events_after(connection, 0, 10)
    assert [one.kind for one in events] == ["received", "joined", "comment", "erased"]
    for one in events:
        body = message(one, filed.number).body.decode()
        for word in PERSONAL:
            assert word not in body
        for digest in _texts(one.private):
            assert digest not in body


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [
        text for inner in (value.values() if isinstance(value, dict) else value) for text in _texts(inner)
    ]


def test_an_address_is_taken_apart() -> None:
    found = parse_url("https://Example.cn:8443/a?b=c")
    assert (found.host, found.port, found.target, found.authority) == (
        "example.cn", 8443, "/a?b=c", "example.cn:8443",
    )  # fmt: skip
    assert parse_url("https://[2400:3200::1]").authority == "[2400:3200::1]"
    assert parse_url("http://example.cn").target == "/"
