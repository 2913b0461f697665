"""Erasing takes everything with it: rows, files of photos, and the log; others need not wait long."""

from __future__ import annotations

from pathlib import Path

import pytest
from stores import NOON, desk, file_one, new_issue, new_report, opened

from layers.store.erasing import Whose, count_private, erase
from layers.store.events import events_after, verify_chain
from layers.store.filing import Filing, file_many
from layers.store.photo_files import delete_unnamed, missing_photos, photo_file, unnamed_photos
from layers.store.private import AT_ONCE
from layers.store.values import Private

MANY = AT_ONCE + 20
A, B, C = (letter * 64 for letter in "abc")


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """A folder with three photos."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for name in (A, B, C):
        photo_file(folder, name).write_bytes(b"\xff\xd8")
    return folder


def test_many_reports_are_erased_in_several_works_with_an_event_each(tmp_path: Path, photos: Path) -> None:
    filing = Filing(new_report(private=Private("wang", photos=(A,))), new_issue())
    with opened(tmp_path) as store:
        store.write(lambda connection: file_many(connection, [filing] * MANY, desk()))
        with store.reading() as connection:
            assert count_private(connection, Whose("wang")) == MANY
        reports, gone = erase(store, photos, Whose("wang"), at_us=NOON, actor="privacy", reason="asked")
        assert (len(set(reports)), gone) == (MANY, 1)
        with store.reading() as connection:
            assert verify_chain(connection) is None
            events = events_after(connection, MANY, 10)
            assert count_private(connection, Whose("wang")) == 0
    assert [(event.kind, len(event.after["reports"])) for event in events] == [
        ("erased", AT_ONCE),
        ("erased", MANY - AT_ONCE),
    ]
    assert sorted(path.stem for path in photos.iterdir()) == [B, C]


def test_only_what_came_before_a_time_is_counted_and_erased(tmp_path: Path, photos: Path) -> None:
    with opened(tmp_path) as store:
        for received in (NOON - 1, NOON):
            file_one(store, report=new_report(received_us=received))
        with store.reading() as connection:
            assert count_private(connection, Whose(before_us=NOON)) == 1
        reports, gone = erase(store, photos, Whose(before_us=NOON), at_us=NOON, actor="clock")
        assert (len(reports), gone) == (1, 0)


def test_a_photo_that_a_report_names_is_never_deleted(tmp_path: Path, photos: Path) -> None:
    with opened(tmp_path) as store:
        file_one(store, report=new_report(private=Private("li", photos=(B,))))
        gone = store.write(lambda connection: delete_unnamed(connection, photos, [A, B, "d" * 64]))
    assert gone == 1
    assert sorted(path.stem for path in photos.iterdir()) == [B, C]


def test_photos_without_a_report_and_reports_without_a_photo_are_listed(tmp_path: Path, photos: Path) -> None:
    (photos / ".half.new").write_bytes(b"")
    with opened(tmp_path) as store:
        file_one(store, report=new_report(private=Private("li", photos=(B, "d" * 64))))
        with store.reading() as connection:
            assert missing_photos(connection, photos) == [f"{'d' * 64}.jpg"]
            assert unnamed_photos(connection, photos, before_s=0) == []
            found = unnamed_photos(connection, photos, before_s=1e18)
            assert unnamed_photos(connection, tmp_path / "nothing", before_s=1e18) == []
    assert found == [".half.new", f"{A}.jpg", f"{C}.jpg"]
