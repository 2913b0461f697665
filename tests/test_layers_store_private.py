"""What is personal can be erased: the chain stays valid, and nothing left tells what it was."""

from __future__ import annotations

import hashlib
from pathlib import Path

from stores import NOON, PROOF, desk, file_one, new_report, opened

from layers.store import Store
from layers.store.assignments import read_assignment
from layers.store.events import events_after, verify_chain
from layers.store.filing import Filing, file_report
from layers.store.private import (
    Erased,
    erase_before,
    erase_reporter,
    named_photos,
    read_private,
    read_privates,
)
from layers.store.values import Private

TEXT = "请联系王五，电话 13911112222"
SOURCES = '[{"source":"photo","lng":120.8001,"lat":32.0}]'


def _file(store: Store, reporter: str, photo: str, received_us: int = NOON, external_id: str = "") -> str:
    private = Private(reporter, "13911112222", TEXT, (photo * 64, "f" * 64), SOURCES)
    report = new_report(private=private, received_us=received_us, external_id=external_id or None)
    return file_one(store, report=report).report_uid


def _erase(store: Store, reporter: str, most: int = 500) -> Erased:
    erased = store.write(lambda c: erase_reporter(c, reporter, at_us=NOON, actor="privacy", most=most))
    store.trim()
    return erased


def test_a_reporter_is_erased_and_the_chain_stays_valid(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        first, second, other = _file(store, "wang", "1"), _file(store, "wang", "2"), _file(store, "li", "2")
        erased = _erase(store, "wang")
        with store.reading() as connection:
            assert verify_chain(connection) is None
            assert read_private(connection, first) is None
            kept = read_private(connection, other)
            event = events_after(connection, 3, 10)[0]
    assert erased.reports == (first, second)
    assert erased.photos == ("1" * 64,)  # the others belong to somebody else's report too
    assert kept is not None
    assert kept.photos == ("2" * 64, "f" * 64)
    assert (event.kind, event.issue_uid, event.after) == ("erased", None, {"reports": [first, second]})


def test_what_is_private_in_an_issue_is_read_report_by_report(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        first = file_one(store, report=new_report(private=Private("wang", photos=("2" * 64, "1" * 64))))
        joining = Filing(new_report(private=Private("li", "", TEXT, (), SOURCES)), first.issue_uid)
        second = store.write(lambda connection: file_report(connection, joining, desk()))
        file_one(store)
        with store.reading() as connection:
            both = read_privates(connection, first.issue_uid)
            assert read_privates(connection, "nobody") == {}
        _erase(store, "wang")
        with store.reading() as connection:
            left = read_privates(connection, first.issue_uid)
    assert list(both) == [first.report_uid, second.report_uid]
    assert both[first.report_uid] == Private("wang", photos=("2" * 64, "1" * 64))
    assert left == {second.report_uid: Private("li", "", TEXT, (), SOURCES)}


def test_nothing_of_it_is_left_in_the_files(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        _file(store, "openid-wang", "1")
        _erase(store, "openid-wang")
        left = b"".join(path.read_bytes() for path in tmp_path.glob("issues.db*"))
    for secret in ("openid-wang", "13911112222", TEXT, SOURCES, "120.8001", PROOF["report"]["text"]):  # type: ignore[index]
        assert secret.encode() not in left
        assert hashlib.sha256(secret.encode()).hexdigest().encode() not in left


def test_the_same_text_has_another_digest_in_every_report(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        _file(store, "wang", "1")
        _file(store, "wang", "1")
        with store.reading() as connection:
            first, second = (event.private for event in events_after(connection, 0, 10))
    assert set(first) == {"digest"}
    assert all(first[name] != second[name] for name in first)


def test_much_is_erased_in_several_works(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        for _ in range(5):
            _file(store, "wang", "1")
        sizes = [len(_erase(store, "wang", most=2).reports) for _ in range(4)]
    assert sizes == [2, 2, 1, 0]


def test_what_is_too_old_is_erased_and_the_rest_stays(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        old, new = _file(store, "wang", "1", NOON - 1), _file(store, "wang", "2", NOON)
        erased = store.write(lambda c: erase_before(c, NOON, at_us=NOON, actor="clock", reason="two years"))
        again = store.write(lambda c: erase_before(c, NOON, at_us=NOON, actor="clock"))
        with store.reading() as connection:
            assert read_private(connection, new) is not None
            assert named_photos(connection, ["1" * 64, "2" * 64]) == {"2" * 64}
            assert verify_chain(connection) is None
    assert (erased.reports, again.reports) == ((old,), ())


def test_an_erased_report_sent_again_is_still_known(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        _file(store, "wang", "1", external_id="x1")
        _erase(store, "wang")
        again = file_one(store, report=new_report(external_id="x1", body_digest="9" * 64))
    assert again.outcome == "repeated"


def test_a_proof_without_its_erased_text_is_still_read(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        filed = file_one(store)
        _erase(store, "openid-1")
        with store.reading() as connection:
            proof = read_assignment(connection, filed.issue_uid, with_text=True)
    assert proof is not None
    assert proof["report"]["text"] == ""
