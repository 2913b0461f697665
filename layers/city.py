"""A city's folder: its words, its draft, its published generations and the lock on them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from geo.errors import CityError, ConfigError
from layers.config import CityConfig, parse_config
from layers.new_city import new_city_text
from layers.tables import write_text

LOCK_WAIT_S = 10.0
# Its words, its draft and its lock, and what a server needs: settings, keys, and where it listens.
OWN_FILES = ("city.toml", "draft.gpkg", "LIVE", "city.lock", "serve.toml", "keys.json", "serve.json")


@dataclass(frozen=True, slots=True)
class City:
    """The paths of a city on disk."""

    folder: Path

    @property
    def toml(self) -> Path:
        """The draft's words."""
        return self.folder / "city.toml"

    @property
    def draft(self) -> Path:
        """What imports have changed since the last publication."""
        return self.folder / "draft.gpkg"

    @property
    def generations(self) -> Path:
        """The folder of published generations."""
        return self.folder / "generations"

    @property
    def live(self) -> Path:
        """The file that names the live generation."""
        return self.folder / "LIVE"

    @property
    def history(self) -> Path:
        """When each generation went live, a JSON object a line."""
        return self.generations / "history.jsonl"

    def generation(self, number: int) -> Path:
        """The file of a generation."""
        return self.generations / f"{number:04d}.gpkg"

    def numbers(self) -> list[int]:
        """The generations there are, oldest first."""
        return sorted(int(path.stem) for path in self.generations.glob("[0-9]*.gpkg"))

    def live_number(self) -> int | None:
        """The live generation, or None where nothing was published.

        Raises:
            CityError: LIVE names a generation that is not there.
        """
        if not self.live.exists() and not self.numbers():
            return None
        said = self.live.read_text(encoding="utf-8", errors="replace").strip() if self.live.is_file() else ""
        if not said.isdecimal() or not self.generation(int(said)).exists():
            there = ", ".join(map(str, self.numbers())) or "none"
            fix = f"Name one that is there ({there}): woodpecker publish --rollback N."
            raise CityError(f"{self.live} names generation {said!r}, which is not there.", fix=fix)
        return int(said)

    def live_file(self) -> Path | None:
        """The live generation's file, or None."""
        number = self.live_number()
        return None if number is None else self.generation(number)

    def draft_base(self) -> Path | None:
        """The draft, else the live generation that a draft would start from, else None."""
        return self.draft if self.draft.exists() else self.live_file()

    def config(self) -> CityConfig:
        """What city.toml says now."""
        return parse_config(self.words(), self.folder)

    def words(self) -> str:
        """The text of city.toml.

        Raises:
            ConfigError: it is not UTF-8.
        """
        try:
            return self.toml.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError as error:
            raise ConfigError(
                f"{self.toml} is not UTF-8 ({error.reason}).", fix="Save it as UTF-8."
            ) from error

    def holds(self, path: Path) -> bool:
        """Whether a path is one of the city's own files, which no result may replace."""
        path, own = path.resolve(), self.folder.resolve()
        named = {own / name for name in OWN_FILES}
        kept = (own / "generations", own / "photos")
        is_store = path.parent == own and path.name.startswith("issues.db")
        return path in named or is_store or any(path.is_relative_to(folder) for folder in kept)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold ``city.lock``: every write does.

        Raises:
            CityError: another process holds it for longer than ten seconds.
        """
        lock = FileLock(self.folder / "city.lock")
        try:
            lock.acquire(timeout=LOCK_WAIT_S)
        except Timeout as error:
            fix = "Wait for the other command to end, then try again."
            raise CityError(f"{self.folder} is being changed by another command.", fix=fix) from error
        try:
            yield
        finally:
            lock.release()


def open_city(folder: Path) -> City:
    """The city in a folder.

    Raises:
        CityError: there is no city.toml.
    """
    city = City(folder)
    if not city.toml.is_file():
        fix = f"Make one: woodpecker init {folder} --name NAME."
        raise CityError(f"{folder} is no city: it has no city.toml.", fix=fix)
    return city


def create_city(folder: Path, name: str, *, metric_crs: str = "", time_zone: str = "Asia/Shanghai") -> City:
    """A new city with its first city.toml.

    Raises:
        CityError: the folder holds a city already.
        ConfigError: a name, CRS or time zone that cannot be.
    """
    city = City(folder)
    if city.toml.exists():
        raise CityError(f"{folder} is a city already.", fix="Choose another folder, or edit its city.toml.")
    text = new_city_text(name, metric_crs, time_zone)
    parse_config(text, folder)
    city.generations.mkdir(parents=True, exist_ok=True)
    write_text(city.toml, text)
    return city


def sha256(path: Path) -> str:
    """The SHA-256 of a file, in hex: the identity of a generation."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def remember(city: City, action: str, number: int, now: datetime, effective: date) -> None:
    """Add a line to the history of generations."""
    entry = {
        "at": now.isoformat(),
        "action": action,
        "generation": number,
        "effective": effective.isoformat(),
    }
    with city.history.open("a", encoding="utf-8") as file:
        file.write(json.dumps(entry) + "\n")
