"""A whole city in one file, taken while it is at work, and brought back from it.

The store is copied at one moment; photos, which are written before the report that names them, come after.
What was erased later is still in an older backup: keep backups no longer than the city may keep the data.
"""

from __future__ import annotations

import shutil
import tarfile
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePath

from sqlalchemy import func, select

from geo.errors import CityError, ConfigError, StoreError
from layers.city import City
from layers.store import archives
from layers.store.assignments import altered_assignments
from layers.store.dialect import dialect_of
from layers.store.events import Head, chain_head, verify_chain
from layers.store.migrations import schema_version
from layers.store.schema import REPORTS
from layers.store.store import STORE, Readers, lock_store, open_readers
from layers.tables import replacing

_FOLDERS = ("generations", "photos")


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup holds.

    Attributes:
        schema: the store's schema version, 0 without a store.
        head: the end of the chain; note it down elsewhere.
        reports: how many reports.
        files: how many files.
    """

    schema: int
    head: Head
    reports: int
    files: int


def back_up(city: City, target: Path, *, readers: Readers | None = None) -> Backup:
    """Write a backup of a city; whoever is at work goes on.

    Args:
        target: the .tar to write; replaced at once or not at all.
        readers: of the open store, where this process has it open.

    Raises:
        CityError: the target is one of the city's own files.
        StoreUnavailableError: the store cannot be read.
    """
    if target.resolve() == (city.folder / STORE).resolve() or city.holds(target):
        raise CityError(f"{target} is the city's own file.", fix="Name another file for the backup.")
    # First: a publication writes the generation before it names it, so what LIVE names will be there.
    live = city.live.read_bytes() if city.live.exists() else None
    with (
        replacing(target) as fresh,
        tempfile.TemporaryDirectory(dir=target.parent, prefix=".backup-") as folder,
    ):
        snapshot = Path(folder) / STORE
        said = _snapshot(city, snapshot, readers)
        with tarfile.open(fresh, "w", format=tarfile.PAX_FORMAT) as archive:
            fresh.chmod(0o600)  # it holds what the store holds
            files = _pack(archive, _files(city, snapshot))
            if live is not None:
                files["LIVE"] = archives.pack_bytes(archive, live, "LIVE")
            chain = {"seq": said.head.seq, "hash": said.head.hash}
            about = {"schema": said.schema, "chain": chain, "reports": said.reports}
            archives.pack_manifest(archive, about, files)
    return Backup(said.schema, said.head, said.reports, len(files))


def restore(file: Path, folder: Path, *, verify: bool = True, overwrite: bool = False) -> Backup:
    """Bring a city back from a backup.

    Every file is compared with the manifest before anything is replaced.

    Args:
        folder: of the city; made where it is missing.
        verify: also examine the store: its pages, its chain of events, its proofs.
        overwrite: replace a city that is there.

    Raises:
        CityError: a city is there, another process writes it, or a newer program wrote the backup.
        StoreError: the backup is damaged.
    """
    city = City(folder)
    if not overwrite and (city.toml.exists() or (folder / STORE).exists()):
        fix = "Choose another folder, or say that this one may be overwritten."
        raise CityError(f"{folder} holds a city already.", fix=fix)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".restore-") as unpacked:
        said = archives.unpack(file, Path(unpacked))
        found = _examined(Path(unpacked), verify=verify)
        if found is not None and {"seq": found.head.seq, "hash": found.head.hash} != said.get("chain"):
            raise StoreError(f"The store in {file} is not the one that its manifest tells of.", fix=_ANOTHER)
        with _held(city):
            _put(Path(unpacked), city)
    files = len(said["files"])
    return (
        Backup(0, _NO_HEAD, 0, files)
        if found is None
        else Backup(found.schema, found.head, found.reports, files)
    )


def examine(path: Path, *, verify: bool = True) -> Backup:
    """What a store file holds that nobody has open; examined down to its chain and proofs if so wished.

    Raises:
        CityError: a newer program wrote it.
        StoreError: it is damaged.
    """
    readers = open_readers(path)
    try:
        with readers.reading() as connection:
            if verify:
                _refuse(path, readers.dialect.damages(connection))
                broken = verify_chain(connection)
                _refuse(path, [] if broken is None else [f"event {broken} is not as it was written"])
                _refuse(path, [f"proof {key} was altered" for key in altered_assignments(connection)])
            reports = connection.scalar(select(func.count()).select_from(REPORTS)) or 0
            return Backup(schema_version(connection) or 0, chain_head(connection), reports, 1)
    finally:
        readers.close()


_NO_HEAD = Head(0, "")
_ANOTHER = "Take another backup."


def _refuse(path: Path, damages: list[str]) -> None:
    if damages:
        raise StoreError(f"{path} is damaged: {'; '.join(damages[:3])}.", fix=_ANOTHER)


def _snapshot(city: City, target: Path, readers: Readers | None) -> Backup:
    path = city.folder / STORE
    if not path.exists():
        return Backup(0, _NO_HEAD, 0, 0)
    asked = readers or open_readers(path)
    try:
        with asked.reading() as connection:
            asked.dialect.copy_to(connection, target)
    finally:
        if readers is None:
            asked.close()
    return examine(target, verify=False)


def _pack(archive: tarfile.TarFile, files: Iterator[tuple[str, Path]]) -> dict[str, archives.Packed]:
    packed = {}
    for name, path in files:
        # A photo may be erased between the look into its folder and the look into it.
        with suppress(FileNotFoundError):
            packed[name] = archives.pack(archive, path, name)
    return packed


def _files(city: City, snapshot: Path) -> Iterator[tuple[str, Path]]:
    """The files of a backup by their names in it; what appears meanwhile may be missing."""
    # No keys: a restored one might have been revoked meanwhile.
    for path in (city.toml, *_tables(city), city.draft, city.folder / "serve.toml", snapshot):
        if path.is_file():
            yield path.name, path
    for folder in _FOLDERS:
        for path in sorted((city.folder / folder).glob("*")):
            if path.is_file() and not path.is_symlink() and not path.name.startswith("."):
                yield f"{folder}/{path.name}", path


def _tables(city: City) -> list[Path]:
    """The table of categories that city.toml names, where it is one of the city's own."""
    try:
        said = tomllib.loads(city.words()).get("categories", {})
    except (ConfigError, tomllib.TOMLDecodeError):
        return []  # words that cannot be read are kept as they are
    name = said.get("table") if isinstance(said, dict) else None
    if not isinstance(name, str) or PurePath(name).name != name or city.holds(city.folder / name):
        return []
    return [city.folder / name]


def _examined(folder: Path, *, verify: bool) -> Backup | None:
    path = folder / STORE
    return examine(path, verify=verify) if path.exists() else None


@contextmanager
def _held(city: City) -> Iterator[None]:
    """Nobody else writes the city or its store."""
    with city.locked():
        lock = lock_store(city.folder / STORE)
        try:
            yield
        finally:
            lock.release()


def _put(unpacked: Path, city: City) -> None:
    """Put the files of a backup in the place of the city's; LIVE last, as a publication does."""
    (unpacked / archives.MANIFEST).unlink()
    store = city.folder / STORE
    dialect, _ = dialect_of(store)
    dialect.remove_beside(store)
    for name in ("draft.gpkg", STORE):
        (city.folder / name).unlink(missing_ok=True)
    for folder in _FOLDERS:
        shutil.rmtree(city.folder / folder, ignore_errors=True)
        if (unpacked / folder).is_dir():
            (unpacked / folder).replace(city.folder / folder)
    for path in sorted(unpacked.iterdir(), key=lambda path: path.name == "LIVE"):
        if path.is_file():
            path.replace(city.folder / path.name)
    city.generations.mkdir(exist_ok=True)
