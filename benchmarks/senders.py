"""Clients that do not give up: each sends until it is told, and keeps account of what it was told."""

from __future__ import annotations

import http.client
import io
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import orjson
from PIL import Image

WAIT_S = 0.02
PATIENCE_S = 300.0
GIVES_UP = 0.05  # of what is not told at once
_BROKEN = (OSError, http.client.HTTPException)
_LATER = ("still_running", "too_many_requests")
Told = tuple[int, bytes]


@dataclass
class Account:
    """What a client sent and was told, by the words that it wrote in it.

    Attributes:
        reports: of a report the issue that it was told of, with its number; None where it was told nothing.
        actions: of an action the issue; None where it was told nothing.
        broken: how often the connection broke.
        refused: what was refused, which nothing here should be.
    """

    reports: dict[str, tuple[str, str] | None] = field(default_factory=dict)
    actions: dict[str, str | None] = field(default_factory=dict)
    broken: int = 0
    unavailable: int = 0
    refused: list[str] = field(default_factory=list)


class Sender(threading.Thread):
    """A client: reports by key, by external id, in batches, with photos; further ones and comments to issues.

    Args:
        where: longitude and latitude of the middle of the places it reports.
        stop: set when it is to begin nothing more.
    """

    def __init__(self, port: int, number: int, where: tuple[float, float], stop: threading.Event) -> None:
        super().__init__(name=f"sender-{number}", daemon=True)
        self.account = Account()
        self._port, self._number, self._where, self._stop_asked = port, number, where, stop
        self._rng = random.Random(number)
        self._turn = 0
        self._own: list[str] = []
        self._connection: http.client.HTTPConnection | None = None

    def run(self) -> None:
        """Send one thing after the other."""
        ways: tuple[Callable[[], None], ...] = (
            self._by_key, self._by_id, self._batch, self._photo, self._join, self._comment,
        )  # fmt: skip
        while not self._stop_asked.is_set():
            self._rng.choices(ways, (8, 4, 3, 1, 2, 4))[0]()
        self._close()

    # The ways to send.

    def _by_key(self) -> None:
        word = self._word()
        self._report(word, self._body(word), {"Idempotency-Key": word})

    def _by_id(self) -> None:
        word = self._word()
        self._report(word, self._body(word, external_id=word), {})

    def _join(self) -> None:
        if self._own:
            word = self._word()
            body = self._body(word, issue=self._rng.choice(self._own))
            self._report(word, body, {"Idempotency-Key": word})

    def _photo(self) -> None:
        word = self._word()
        body, kind = form(self._body(word), _picture(self._rng))
        self._report(word, body, {"Idempotency-Key": word, "Content-Type": kind})

    def _batch(self) -> None:
        words = [self._word() for _ in range(self._rng.randrange(1, 30))]
        with_id = self._rng.random() < 0.3
        lines = [self._body(word, **({"external_id": word} if with_id else {})) for word in words]
        self.account.reports |= dict.fromkeys(words)
        headers = {"Content-Type": "application/x-ndjson", "Idempotency-Key": f"batch {words[0]}"}
        self._until(
            lambda: self._batch_told(words, self._ask("/v1/reports/batch", b"\n".join(lines), headers))
        )

    def _batch_told(self, words: list[str], told: Told | None) -> bool:
        """Whether every line has been told; what was told before the connection broke counts."""
        for line in (told[1] if told else b"").split(b"\n")[:-1]:
            said = orjson.loads(line)
            if said["status"] in (200, 201):
                self.account.reports[words[said["line"] - 1]] = (said["issue"], said["number"])
            elif said["status"] != 503:
                self.account.refused.append(line.decode())
                return True
        return all(self.account.reports[word] for word in words)

    def _comment(self) -> None:
        if not self._own:
            return
        issue, word = self._rng.choice(self._own), self._word()
        path = f"/v1/issues/{issue}"
        found = self._told(lambda: self._ask(path))
        if found is None:
            return
        version = orjson.loads(found)["properties"]["version"]
        body = orjson.dumps({"action": "comment", "version": version, "reason": word})
        self.account.actions[word] = None

        def once() -> bool:
            told = self._ask(f"{path}/actions", body)
            if told is not None and told[0] == 409:
                # It was done, and the answer lost; or what was given up before has come in after all.
                read = self._ask(path)
                told = None if read is None else (200 if word.encode() in read[1] else 409, read[1])
            if told is None or told[0] == 503:
                return False
            if told[0] == 200:
                self.account.actions[word] = issue
            elif told[0] != 409:
                self.account.refused.append(f"comment: {told[0]} {told[1][:300]!r}")
            return True

        self._until(once)

    # Until it is told.

    def _report(self, word: str, body: bytes, headers: dict[str, str]) -> None:
        self.account.reports[word] = None
        told = self._told(lambda: self._ask("/v1/reports", body, headers))
        if told is not None:
            issue = orjson.loads(told)["issue"]
            self.account.reports[word] = (issue["id"], issue["number"])
            self._own = [*self._own[-20:], issue["id"]]

    def _told(self, ask: Callable[[], Told | None]) -> bytes | None:
        """The answer, asked for until there is one; None where it was given up or refused."""
        found: list[bytes] = []

        def once() -> bool:
            told = ask()
            if told is None or told[0] == 503:
                return False
            status, body = told
            if status < 300:
                found.append(body)
            elif orjson.loads(body).get("code") in _LATER:
                return False
            else:
                self.account.refused.append(f"{status} {body[:300]!r}")
            return True

        self._until(once)
        return found[0] if found else None

    def _until(self, once: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_S
        gives_up = self._rng.random() < GIVES_UP
        while not once() and not gives_up:
            if time.monotonic() > deadline:
                self.account.refused.append("no answer")
                return
            time.sleep(WAIT_S)

    def _ask(
        self, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> Told | None:
        """Ask once; None where the connection broke before anything was said."""
        got = io.BytesIO()
        try:
            self._connection = self._connection or http.client.HTTPConnection(
                "127.0.0.1", self._port, timeout=60.0
            )
            method = "GET" if body is None else "POST"
            said = {"Content-Type": "application/json", **(headers or {})}
            self._connection.request(method, path, body, said)
            answer = self._connection.getresponse()
            status = answer.status
            while piece := answer.read1(65_536):
                got.write(piece)
            answer.close()  # or the connection takes no further request
        except _BROKEN:
            self.account.broken += 1
            self._close()
            # Of a batch the lines that came are told; of anything else half an answer is none.
            return (200, got.getvalue()) if path.endswith("batch") and got.tell() else None
        self.account.unavailable += status == 503
        return status, got.getvalue()

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _word(self) -> str:
        self._turn += 1
        return f"w{self._number}-{self._turn}"

    def _body(self, word: str, **more: Any) -> bytes:
        lng, lat = (middle + self._rng.uniform(-0.01, 0.01) for middle in self._where)
        said = {"lng": lng, "lat": lat, "category": "0118", "text": word, "reporter": f"r{self._number}"}
        return orjson.dumps(said | more)


def _picture(rng: random.Random) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (16, 16), tuple(rng.randrange(256) for _ in range(3))).save(out, "JPEG")
    return out.getvalue()


def form(report: bytes, photo: bytes) -> tuple[bytes, str]:
    """A multipart body of a report and a photo, and its media type."""
    mark = b"a-line-between-parts"
    parts = (
        (b'name="report"', b"application/json", report),
        (b'name="photo"; filename="a.jpg"', b"image/jpeg", photo),
    )
    body = b"".join(
        b"--%s\r\nContent-Disposition: form-data; %s\r\nContent-Type: %s\r\n\r\n%s\r\n" % (mark, *part)
        for part in parts
    )
    return body + b"--%s--\r\n" % mark, f"multipart/form-data; boundary={mark.decode()}"
