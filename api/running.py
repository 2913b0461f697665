"""The server that is running for a city on this machine, if one is, and how others hand work to it."""

from __future__ import annotations

import http.client
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson

from geo.errors import CityError

FILE = "serve.json"


@dataclass(frozen=True, slots=True)
class RunningServer:
    """Where a server listens; with its token a command of this machine is its administrator."""

    url: str
    token: str
    pid: int

    @contextmanager
    def connected(self, timeout_s: float = 600.0) -> Iterator[http.client.HTTPConnection]:
        """A connection to it.

        Raises:
            CityError: it does not answer.
        """
        parts = urlsplit(self.url)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=timeout_s)
        try:
            yield connection
        except (OSError, http.client.HTTPException) as error:
            fix = "Look whether it still runs; if not, try again."
            raise CityError(f"The server at {self.url} broke off: {error!r}.", fix=fix) from error
        finally:
            connection.close()

    def get(self, path: str) -> bytes:
        """What it answers to a GET.

        Raises:
            CityError: something else than 200.
        """
        return self._asked("GET", path, None)

    def post(self, path: str, body: object) -> dict[str, Any]:
        """The JSON that it answers to one; raises as `get`."""
        said: dict[str, Any] = orjson.loads(self._asked("POST", path, orjson.dumps(body)))
        return said

    def _asked(self, method: str, path: str, body: bytes | None) -> bytes:
        with self.connected() as connection:
            connection.request(method, path, body, self.headers(Content_Type="application/json"))
            answer = connection.getresponse()
            said = answer.read()
        if answer.status != http.client.OK:
            told = orjson.loads(said) if said.startswith(b"{") else {}
            why = told.get("detail") or told.get("title") or answer.status
            raise CityError(f"The server refuses {path}: {why}", fix=str(told.get("fix", "")))
        return said

    def headers(self, **more: str) -> dict[str, str]:
        """The headers of a request to it."""
        return {"Authorization": f"Bearer {self.token}", **{k.replace("_", "-"): v for k, v in more.items()}}


def announce(folder: Path, url: str, token: str) -> None:
    """Write where a server listens, readable by its user only."""
    fresh = folder / f".{FILE}.new"
    fresh.unlink(missing_ok=True)
    said = orjson.dumps({"url": url, "token": token, "pid": os.getpid()})
    with os.fdopen(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
        file.write(said)
    fresh.replace(folder / FILE)


def withdraw(folder: Path) -> None:
    """Remove what `announce` wrote."""
    (folder / FILE).unlink(missing_ok=True)


def new_token() -> str:
    """A token that nobody can guess."""
    return secrets.token_urlsafe(32)


def running_server(folder: Path) -> RunningServer | None:
    """The server of a city, None where none runs; what a killed one left behind does not count."""
    try:
        said = orjson.loads((folder / FILE).read_bytes())
        server = RunningServer(str(said["url"]), str(said["token"]), int(said["pid"]))
        with server.connected(timeout_s=5.0) as connection:
            connection.request("GET", "/healthz", headers=server.headers())
            return server if connection.getresponse().status == http.client.OK else None
    except (OSError, ValueError, KeyError, TypeError, CityError):
        return None
