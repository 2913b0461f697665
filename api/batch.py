"""Many reports as lines of JSON: read, filed and answered some at a time, in constant memory."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Sequence
from typing import Any

import orjson
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api.bodies import line_groups, parse_model
from api.errors import HttpError, kind_of
from api.report_answers import batch_json
from api.report_model import ReportIn
from api.service import Service
from geo.errors import GridError, StoreError, StoreUnavailableError
from layers.actors import Actor
from layers.incoming import Incoming
from layers.intake import Outcome, check_join, file_reports
from layers.store.repeats import RequestKey

logger = logging.getLogger("woodpecker")

MOST_LINE = 1_000_000  # bytes
TOGETHER = 500  # lines that are assigned and stored at once
Line = tuple[int, bytes]


class LinesResponse(Response):
    """Lines as they are made, while the body of the request still comes.

    Not a ``StreamingResponse``: that one reads the request itself, to see whether the client has gone.
    """

    def __init__(self, lines: AsyncIterator[bytes], media_type: str) -> None:
        super().__init__(media_type=media_type)
        del self.headers["content-length"]
        self._lines = lines

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - of ASGI
        """Send the lines."""
        start = {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
        await send(start)
        async for line in self._lines:
            await send({"type": "http.response.body", "body": line, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def answer_lines(
    request: Request, service: Service, actor: Actor, key: str | None, *, most_line: int = MOST_LINE
) -> AsyncIterator[bytes]:
    """An answer, ending with a line feed, for every line that is not empty; in order, as they are on disk.

    What ends the whole (a line too long, a body that stalls, a store that cannot write) is the last answer.
    Who hangs up is not told anything: what was answered, and maybe what was sent since, is stored.
    """
    try:
        async for group in _groups(request, most_line):
            yield await run_in_threadpool(_file, service, actor, group, key)
    except GridError as error:
        yield _refused(None, error)
    except ClientDisconnect:
        return


async def _groups(request: Request, most_line: int) -> AsyncIterator[list[Line]]:
    waiting: list[Line] = []
    number = 0
    try:
        async for lines in line_groups(request, most_line):
            for line in lines:
                number += 1
                if line.strip():
                    waiting.append((number, line))
            while len(waiting) >= TOGETHER:
                yield waiting[:TOGETHER]
                waiting = waiting[TOGETHER:]
    except GridError:
        if waiting:
            yield waiting  # what ends the batch takes nothing of what came before it
        raise
    if waiting:
        yield waiting


def _file(service: Service, actor: Actor, lines: Sequence[Line], key: str | None) -> bytes:
    answers: dict[int, bytes] = {}
    good: list[tuple[int, Incoming]] = []
    for number, line in lines:
        try:
            report = parse_model(line, ReportIn).incoming(service.live.zone)
            check_join(service.live, report, actor)
        except GridError as error:
            answers[number] = _refused(number, error)
        else:
            good.append((number, report))
    keys = [_key(actor, key, number, report) for number, report in good]
    outcomes = _filed(service, actor, [report for _, report in good], keys)
    for (number, _), outcome in zip(good, outcomes, strict=True):
        answers[number] = _answer(number, outcome)
    return b"".join(answers[number] for number, _ in lines)


def _key(actor: Actor, key: str | None, number: int, report: Incoming) -> RequestKey | None:
    """Each line of a batch with a key has a key of its own; external ids do as well.

    A scope of its own, too: a single report may have been sent with the key ``KEY:LINE``, and its answer is
    no line. No name of an actor holds a line feed.
    """
    if key is None or report.external_id is not None:
        return None
    return RequestKey(f"{actor.name}\nbatch", f"{key}:{number}", report.body_digest)


def _filed(
    service: Service, actor: Actor, reports: Sequence[Incoming], keys: Sequence[RequestKey | None]
) -> list[Outcome]:
    """All at once; or each by itself where one of them cannot be assigned, so that it spoils no other."""

    def tell(outcome: Outcome) -> bytes:
        return b"" if outcome.error is not None else orjson.dumps(batch_json(outcome))

    if not reports:
        return []
    at_us = service.now_us()
    try:
        return file_reports(service.live, reports, actor=actor.name, at_us=at_us, keys=keys, tell=tell)
    except StoreUnavailableError:
        raise
    except Exception:  # whatever one report does, the others are to be stored
        if len(reports) == 1:
            logger.exception("A report of a batch could not be filed.")
            said = StoreError("It could not be filed; the server's log says why.")
            return [Outcome("refused", error=said)]
        return [_filed(service, actor, [one], [key])[0] for one, key in zip(reports, keys, strict=True)]


def _answer(number: int, outcome: Outcome) -> bytes:
    if outcome.error is not None:
        return _refused(number, outcome.error)
    status = 200 if outcome.outcome == "repeated" else 201
    # What a key recalls says that it was opened then.
    return _line({"line": number, "status": status, **orjson.loads(outcome.told), "outcome": outcome.outcome})


def _refused(number: int | None, error: GridError) -> bytes:
    kind = kind_of(error)
    said: dict[str, Any] = {"line": number, "status": kind.status, "code": kind.code}
    said |= {"detail": error.message, "fix": error.fix} if kind.tells else {}
    return _line(said | ({"errors": error.errors} if isinstance(error, HttpError) and error.errors else {}))


def _line(said: dict[str, Any]) -> bytes:
    return orjson.dumps(said) + b"\n"
