"""Access keys of a city: who may use its service, as which role, and for which cells.

They are kept in ``keys.json``, readable by its owner only, and outside the store, so that keys can be made
and revoked while a server runs. A key is ``wp_ID_SECRET`` with a secret of 256 random bits; the file holds
its SHA-256, which is enough for a secret that nobody can guess. It also holds what sessions are signed with.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from geo.errors import CityError, GridError, NotFoundError
from layers.actors import Actor
from layers.city import City
from layers.life_cycle import Role
from layers.tables import replacing

FILE = "keys.json"
KEY = re.compile(r"wp_([0-9a-f]{8})_([0-9a-f]{64})")
MOST_NAME = 60  # characters

_VERSION = 1
_NOBODY = "0" * 64  # the digest of no secret
Stamp = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class KeyInfo:
    """A key without its secret; times are microseconds since 1970 UTC, None where there is none.

    Attributes:
        name: what events call whoever uses it.
        cells: codes of the cells that it is confined to; none means the whole city.
        sha256: of the secret, in hexadecimal.
    """

    id: str
    name: str
    role: Role
    cells: tuple[str, ...] = ()
    created_us: int = 0
    expires_us: int | None = None
    revoked_us: int | None = None
    sha256: str = field(default=_NOBODY, repr=False)

    @property
    def actor(self) -> Actor:
        """Who acts with it."""
        return Actor(self.name, self.role, self.cells)

    def is_live(self, now_us: int) -> bool:
        """Whether it opens anything now."""
        return self.revoked_us is None and (self.expires_us is None or now_us < self.expires_us)


@dataclass(frozen=True, slots=True)
class _Keys:
    """What ``keys.json`` says."""

    signing: bytes
    keys: tuple[KeyInfo, ...]


def create_key(
    city: City,
    role: Role,
    *,
    now_us: int,
    name: str = "",
    cells: Sequence[str] = (),
    expires_us: int | None = None,
) -> tuple[KeyInfo, str]:
    """A new key, and its text, which nobody can find out again.

    Without a name it is called after its role and id. Whether there are such cells is not looked at.

    Raises:
        GridError: a name that is too long, no single line or another key's, or an end that has passed.
        CityError: another command holds the city, or ``keys.json`` is damaged.
    """
    _check(name, expires_us, now_us)
    ident, secret = secrets.token_hex(4), secrets.token_hex(32)
    info = KeyInfo(
        id=ident,
        name=name.strip() or f"{role.value}-{ident}",
        role=role,
        cells=tuple(dict.fromkeys(cells)),
        created_us=now_us,
        expires_us=expires_us,
        sha256=_digest(secret),
    )
    with city.locked():
        known = _read(_path(city))
        if any(key.name == info.name and key.is_live(now_us) for key in known.keys):
            fix = "Give it another name, or revoke the old one: what is done with a key bears its name."
            raise GridError(f"A key is called {info.name!r} already.", fix=fix)
        _write(_path(city), replace(known, keys=(*known.keys, info)))
    return info, f"wp_{ident}_{secret}"


def list_keys(city: City) -> tuple[KeyInfo, ...]:
    """Every key that was made, oldest first, the expired and the revoked too.

    Raises:
        CityError: ``keys.json`` is damaged.
    """
    return _read(_path(city)).keys


def revoke_key(city: City, ident: str, *, now_us: int) -> KeyInfo:
    """The key that opens nothing from now on; one that was revoked before stays as it is.

    Raises:
        NotFoundError: no key has the id.
        CityError: another command holds the city, or ``keys.json`` is damaged.
    """
    with city.locked():
        known = _read(_path(city))
        found = next((key for key in known.keys if key.id == ident), None)
        if found is None:
            there = ", ".join(key.id for key in known.keys) or "none"
            raise NotFoundError(f"No key has the id {ident[:20]!r}.", fix=f"Keys of this city: {there}.")
        if found.revoked_us is None:
            found = replace(found, revoked_us=now_us)
            keys = tuple(found if key.id == ident else key for key in known.keys)
            _write(_path(city), replace(known, keys=keys))
    return found


class KeyRing:
    """The keys of a city as a running server knows them: it sees every change at the next question.

    A file that vanishes leaves the keys as they were: nobody gets in because something was deleted.

    Raises:
        CityError: ``keys.json`` is damaged; from every method, until it is mended.
    """

    def __init__(self, city: City) -> None:
        self._path = _path(city)
        self._name = str(self._path)  # looked at with every request
        self._stamp: Stamp | None = None
        self._signing = b""
        self._keys: dict[str, KeyInfo] = {}
        self._look()

    @property
    def is_empty(self) -> bool:
        """Whether no key was ever made."""
        self._look()
        return not self._keys

    @property
    def signing(self) -> bytes:
        """What sessions are signed with; random, the same after a restart."""
        self._look()
        return self._signing

    def key(self, ident: str, now_us: int) -> KeyInfo | None:
        """The key of an id, or None where there is none that is live."""
        self._look()
        found = self._keys.get(ident)
        return found if found is not None and found.is_live(now_us) else None

    def find(self, text: str, now_us: int) -> KeyInfo | None:
        """The key whose text this is, or None: unknown, expired or revoked.

        The time it takes tells nothing about which part of a key is wrong.
        """
        self._look()
        parts = KEY.fullmatch(text)
        ident, secret = (parts[1], parts[2]) if parts else ("", "")
        found = self._keys.get(ident)
        is_it = hmac.compare_digest(found.sha256 if found else _NOBODY, _digest(secret))
        return found if is_it and found is not None and found.is_live(now_us) else None

    def actor(self, text: str, now_us: int) -> Actor | None:
        """Who acts with the key whose text this is, or None."""
        found = self.find(text, now_us)
        return None if found is None else found.actor

    def _look(self) -> None:
        stamp = _stamp(self._name)
        if stamp is None or stamp == self._stamp:
            return
        known = _read(self._path)
        self._signing, self._keys = known.signing, {key.id: key for key in known.keys}
        self._stamp = stamp


def _path(city: City) -> Path:
    return city.folder / FILE


def _stamp(name: str) -> Stamp | None:
    try:
        found = os.stat(name)  # noqa: PTH116 - a path object makes it five times slower
    except FileNotFoundError:
        return None
    return found.st_mtime_ns, found.st_ino, found.st_size


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _check(name: str, expires_us: int | None, now_us: int) -> None:
    if len(name) > MOST_NAME or not name.isprintable():
        fix = f"Give one line of up to {MOST_NAME} characters."
        raise GridError(f"{name[:MOST_NAME]!r} cannot be a key's name.", fix=fix)
    if expires_us is not None and expires_us <= now_us:
        raise GridError("The key would have expired already.", fix="Give a day to come.")


def _read(path: Path) -> _Keys:
    """What the file says; where there is none, no keys and a new secret for sessions."""
    try:
        said = json.loads(path.read_bytes())
        return _Keys(bytes.fromhex(_long(said["signing"])), tuple(_info(entry) for entry in said["keys"]))
    except FileNotFoundError:
        return _Keys(secrets.token_bytes(32), ())
    except OSError as error:
        fix = "Let the user that the service runs as read it."
        raise CityError(f"{path} cannot be read: {error.strerror}.", fix=fix) from error
    except (ValueError, KeyError, TypeError) as error:
        fix = "Restore it from a backup; or remove it, restart the service and make new keys."
        raise CityError(f"{path} is damaged: {error}.", fix=fix) from error


def _long(secret: str) -> str:
    if len(secret) < 64:
        raise ValueError("the secret for sessions is too short")
    return secret


def _info(entry: dict[str, Any]) -> KeyInfo:
    """A key of the file; a member that is missing, unknown or of another type is damage."""
    if not re.fullmatch("[0-9a-f]{64}", entry["sha256"]):
        raise ValueError("a digest is none")
    for name in ("expires_us", "revoked_us"):
        if not isinstance(entry[name], int | None):
            raise ValueError(f"{name} is {entry[name]!r}")
    return KeyInfo(**{**entry, "role": Role(entry["role"]), "cells": _codes(entry["cells"])})


def _codes(cells: Iterable[str]) -> tuple[str, ...]:
    if not isinstance(cells, list) or not all(isinstance(code, str) for code in cells):
        raise ValueError(f"cells are {cells!r}")
    return tuple(cells)


def _write(path: Path, keys: _Keys) -> None:
    body = {
        "version": _VERSION,
        "signing": keys.signing.hex(),
        "keys": [asdict(key) for key in keys.keys],
    }
    with replacing(path) as fresh:
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(handle, "w", encoding="utf-8") as file:  # noqa: PTH123 - a handle, made with its mode
            json.dump(body, file, ensure_ascii=False, indent=1)
