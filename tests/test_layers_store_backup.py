"""A backup taken under load brings back exactly one moment; a damaged one is refused."""

from __future__ import annotations

import io
import json
import sqlite3
import tarfile
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from stores import desk, file_one, new_issue, new_report, opened

from geo.errors import CityError, StoreError
from layers.city import City, create_city
from layers.store import open_store
from layers.store.backup import back_up, examine, restore
from layers.store.filing import Filing, file_report
from layers.store.schema import METADATA

TABLES = sorted(METADATA.tables)


@pytest.fixture
def city(tmp_path: Path) -> City:
    """A city with a generation, a photo and three reports."""
    made = create_city(tmp_path / "city", "小城")
    made.generation(1).write_bytes(b"grid" * 1000)
    made.generation(1).chmod(0o444)
    made.live.write_text("0001\n")
    (made.folder / "photos").mkdir()
    (made.folder / "photos" / ("a" * 64)).write_bytes(b"\xff\xd8photo")
    with opened(made.folder) as store:
        for _ in range(3):
            file_one(store)
    return made


def _rows(path: Path) -> dict[str, list[Any]]:
    with closing(sqlite3.connect(path)) as raw:
        return {table: raw.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall() for table in TABLES}


def _files(folder: Path) -> dict[str, bytes]:
    found = (path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("issues.db"))
    return {str(path.relative_to(folder)): path.read_bytes() for path in found if path.name != "city.lock"}


def test_a_city_comes_back_as_it_was(city: City, tmp_path: Path) -> None:
    said = back_up(city, tmp_path / "b.tar")
    back = tmp_path / "back"
    assert restore(tmp_path / "b.tar", back) == said
    assert (said.reports, said.head.seq) == (3, 3)
    assert _files(back) == _files(city.folder)
    assert _rows(back / "issues.db") == _rows(city.folder / "issues.db")
    assert (tmp_path / "b.tar").stat().st_mode & 0o077 == 0
    assert (back / "issues.db").stat().st_mode & 0o077 == 0
    with opened(back) as store:
        assert file_one(store).number == "20261121-0004"


def test_a_backup_under_load_is_one_moment_of_the_store(city: City, tmp_path: Path) -> None:
    stop = threading.Event()
    with open_store(city.folder / "issues.db") as store:

        def load() -> None:
            while not stop.is_set():
                file_one(store)

        threads = [threading.Thread(target=load) for _ in range(2)]
        for thread in threads:
            thread.start()
        said = [back_up(city, tmp_path / f"{n}.tar", readers=store.readers) for n in range(3)]
        stop.set()
        for thread in threads:
            thread.join()
    final = _rows(city.folder / "issues.db")
    for number, backup in enumerate(said):
        assert restore(tmp_path / f"{number}.tar", tmp_path / str(number)) == backup
        rows = _rows(tmp_path / str(number) / "issues.db")
        # Nothing here ever changes: what was there at the moment is the beginning of what is there now.
        for table in ("reports", "report_private", "report_photos", "issues", "events"):
            assert rows[table] == final[table][: backup.reports], table
    assert said[0].reports <= said[1].reports <= said[2].reports < len(final["reports"])


def test_a_city_without_a_store_can_be_backed_up(tmp_path: Path) -> None:
    city = create_city(tmp_path / "city", "小城")
    said = back_up(city, tmp_path / "b.tar")
    assert restore(tmp_path / "b.tar", tmp_path / "back") == said
    assert (said.files, said.reports) == (1, 0)


def test_no_city_is_overwritten_unless_told(city: City, tmp_path: Path) -> None:
    back_up(city, tmp_path / "b.tar")
    before = _rows(city.folder / "issues.db")
    with opened(city.folder) as store:
        file_one(store)
    (city.folder / "photos" / ("b" * 64)).write_bytes(b"later")
    with pytest.raises(CityError, match="holds a city already"):
        restore(tmp_path / "b.tar", city.folder)
    assert len(_rows(city.folder / "issues.db")["reports"]) == 4
    restore(tmp_path / "b.tar", city.folder, overwrite=True)
    assert _rows(city.folder / "issues.db") == before
    assert [path.name for path in (city.folder / "photos").iterdir()] == ["a" * 64]


def test_a_log_left_by_a_crash_is_not_applied_to_the_restored_store(city: City, tmp_path: Path) -> None:
    back_up(city, tmp_path / "b.tar")
    before = _rows(city.folder / "issues.db")
    with opened(city.folder) as store:
        file_one(store)
        log = (city.folder / "issues.db-wal").read_bytes()
    (city.folder / "issues.db-wal").write_bytes(log)
    restore(tmp_path / "b.tar", city.folder, overwrite=True)
    assert _rows(city.folder / "issues.db") == before


def test_a_city_at_work_is_not_overwritten(city: City, tmp_path: Path) -> None:
    back_up(city, tmp_path / "b.tar")
    with opened(city.folder) as store:
        with pytest.raises(CityError, match="another process"):
            restore(tmp_path / "b.tar", city.folder, overwrite=True)
        assert file_one(store).number == "20261121-0004"


def test_a_backup_is_no_file_of_the_city(city: City) -> None:
    for name in ("issues.db", "city.toml", "generations/0001.gpkg"):
        with pytest.raises(CityError, match="city's own file"):
            back_up(city, city.folder / name)


def _repacked(source: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    with tarfile.open(source) as archive:
        members = {m.name: archive.extractfile(m).read() for m in archive}  # type: ignore[union-attr]
    change(members)
    target = source.with_name("changed.tar")
    with tarfile.open(target, "w") as archive:
        for name, body in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(body)
            archive.addfile(info, io.BytesIO(body))
    return target


def _edit(name: str) -> Callable[[dict[str, bytes]], None]:
    return lambda members: members.update({name: members[name][:-1] + b"!"})


@pytest.mark.parametrize(
    "change",
    [
        _edit("issues.db"),
        _edit("photos/" + "a" * 64),
        _edit("manifest.json"),
        lambda members: members.pop("generations/0001.gpkg"),
        lambda members: members.pop("manifest.json"),
        lambda members: members.update({"photos/more": b"x"}),
        lambda members: members.update({"../evil": b"x"}),
        lambda members: members.update({"/etc/evil": b"x"}),
        lambda members: members.update({"photos/../../evil": b"x"}),
        lambda members: members.update({"a/b/c": b"x"}),
        lambda members: members.update({"manifest.json": b"[1]"}),
        lambda members: members.update({"manifest.json": b'{"format": 2, "files": {}}'}),
    ],
)
def test_a_backup_that_was_changed_is_refused(
    city: City, tmp_path: Path, change: Callable[[dict[str, bytes]], None]
) -> None:
    back_up(city, tmp_path / "b.tar")
    changed = _repacked(tmp_path / "b.tar", change)
    with pytest.raises(StoreError):
        restore(changed, tmp_path / "back")
    assert not list((tmp_path / "back").iterdir())
    assert not (tmp_path / "evil").exists()


@pytest.mark.parametrize("part", [0, 100, 5000, 0.5, 0.9])
def test_a_part_of_a_backup_is_refused(city: City, tmp_path: Path, part: float) -> None:
    back_up(city, tmp_path / "b.tar")
    body = (tmp_path / "b.tar").read_bytes()
    (tmp_path / "b.tar").write_bytes(body[: int(part if part > 1 else part * len(body))])
    with pytest.raises(StoreError):
        restore(tmp_path / "b.tar", tmp_path / "back")


def test_a_link_in_a_backup_is_refused(city: City, tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "b.tar", "w") as archive:
        link = tarfile.TarInfo("city.toml")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    with pytest.raises(StoreError, match=r"city\.toml"):
        restore(tmp_path / "b.tar", tmp_path / "back")


def test_a_store_whose_events_were_edited_is_refused_even_with_a_fresh_manifest(
    city: City, tmp_path: Path
) -> None:
    with closing(sqlite3.connect(city.folder / "issues.db", isolation_level=None)) as raw:
        raw.execute("DROP TRIGGER events_no_update")
        raw.execute("UPDATE events SET actor = 'somebody else' WHERE seq = 2")
    back_up(city, tmp_path / "b.tar")
    with pytest.raises(StoreError, match="event 2 is not as it was written"):
        restore(tmp_path / "b.tar", tmp_path / "back")
    restore(tmp_path / "b.tar", tmp_path / "unverified", verify=False)


def test_damaged_pages_and_altered_proofs_are_found(city: City, tmp_path: Path) -> None:
    path = city.folder / "issues.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        raw.execute("DROP TRIGGER assignments_no_update")
        raw.execute("UPDATE assignments SET body = replace(body, '120.8', '120.9')")
    with pytest.raises(StoreError, match=r"proof .* was altered"):
        examine(path)
    with path.open("r+b") as file:
        file.seek(3 * 4096)
        file.write(b"\xff" * 4096)
    with pytest.raises(StoreError):
        examine(path)


def test_the_manifest_says_what_to_note_down(city: City, tmp_path: Path) -> None:
    said = back_up(city, tmp_path / "b.tar")
    with tarfile.open(tmp_path / "b.tar") as archive:
        manifest = json.load(archive.extractfile("manifest.json"))  # type: ignore[arg-type]
    assert manifest["chain"] == {"seq": said.head.seq, "hash": said.head.hash}
    assert set(manifest["files"]) == {
        "city.toml", "issues.db", "LIVE", "generations/0001.gpkg", "photos/" + "a" * 64
    }  # fmt: skip


def test_a_report_filed_with_a_group_is_in_the_backup(city: City, tmp_path: Path) -> None:
    with opened(city.folder) as store:
        filing = Filing(new_report(external_id="x"), new_issue())
        store.write(lambda connection: file_report(connection, filing, desk()))
        assert back_up(city, tmp_path / "b.tar", readers=store.readers).reports == 4
