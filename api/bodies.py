"""Bodies of requests, bounded in bytes and time while they arrive, and read strictly."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any, TypeVar

import orjson
from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from api.errors import (
    InvalidRequestError,
    LargeBodyError,
    MediaTypeError,
    SlowBodyError,
    invalid,
    invalid_fields,
)
from api.field_errors import field_error

MOST_JSON = 1_000_000  # bytes; a report with a detailed line or area has room in it
WITHIN_S = 30.0  # a body has to be complete
STALL_S = 30.0  # a stream of lines has to go on

_CLOSE = {"Connection": "close"}
_LONG_DIGITS = re.compile(rb"\d{19}")
_INT64 = (-(1 << 63), (1 << 64) - 1)

ModelT = TypeVar("ModelT", bound=BaseModel)


async def read_body(request: Request, most_bytes: int = MOST_JSON, within_s: float = WITHIN_S) -> bytes:
    """The whole body.

    Raises:
        LargeBodyError: it says that it is larger, or is.
        SlowBodyError: it is not complete in time.
        MediaTypeError: it is compressed.
    """
    _check_headers(request, most_bytes)
    chunks, got = [], 0
    try:
        async with asyncio.timeout(within_s):
            async for chunk in request.stream():
                chunks.append(chunk)
                got += len(chunk)
                if got > most_bytes:
                    raise too_large("The body", most_bytes)
    except TimeoutError as error:
        raise _too_slow(within_s) from error
    return b"".join(chunks)


async def read_model(
    request: Request, model: type[ModelT], *, most_bytes: int = MOST_JSON, within_s: float = WITHIN_S
) -> ModelT:
    """The body, which is JSON, as a model; raises what `read_body` and `parse_model` raise.

    Raises:
        MediaTypeError: it does not say that it is JSON.
    """
    check_json(request)
    return parse_model(await read_body(request, most_bytes, within_s), model)


def check_json(request: Request) -> None:
    """Refuse a body that does not say that it is JSON.

    Raises:
        MediaTypeError: it says something else, or nothing.
    """
    kind = media_type(request)
    if kind != "application/json" and not kind.endswith("+json"):
        raise MediaTypeError(
            f"This takes JSON, not {kind[:60]!r}.",
            fix="Send the header Content-Type: application/json.",
            zh="这里只接受 JSON。",
            fix_zh="请发送请求头 Content-Type: application/json。",
        )


def parse_json(body: bytes) -> Any:
    """JSON as plain values; what only some programs read is for the caller to look for.

    Raises:
        InvalidRequestError: it is no JSON, or too deeply nested.
    """
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise _no_json(str(error)) from error


def parse_model(body: bytes, model: type[ModelT]) -> ModelT:
    """JSON as a model.

    Of a key that stands twice the last one counts.

    Raises:
        InvalidRequestError: it is no JSON that every program reads alike (UTF-8; no NaN or Infinity, no
            numbers beyond 64 bits, no lone surrogates, no NUL), too deeply nested, or not what the
            model takes.
    """
    try:
        orjson.loads(body)
        found = model.model_validate_json(body)
        _check_values(body)
    except orjson.JSONDecodeError as error:
        raise _no_json(str(error)) from error
    except ValidationError as error:
        raise invalid(error) from error
    return found


def media_type(request: Request) -> str:
    """The media type of a body, in small letters and without parameters; empty where it says none."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def line_groups(
    request: Request, most_line_bytes: int, *, most_bytes: int | None = None, stall_s: float = STALL_S
) -> AsyncGenerator[list[bytes], None]:
    """The lines of a body as they arrive, some at a time, without their ends; memory is a line and a chunk.

    Empty lines are among them, so that they can be counted. A last line needs no end.

    Raises:
        LargeBodyError: a line, or where ``most_bytes`` is given the body, is larger; the lines before were
            handed over.
        SlowBodyError: nothing comes for ``stall_s``. The time that is spent on a group does not count.
    """
    rest, count = bytearray(), 0
    async with aclosing(arriving(request, most_bytes, stall_s=stall_s)) as chunks:
        async for chunk in chunks:
            rest += chunk
            if b"\n" in chunk:
                whole, _, rest = rest.rpartition(b"\n")
                group = [line.removesuffix(b"\r") for line in bytes(whole).split(b"\n")]
                good = next((at for at, line in enumerate(group) if len(line) > most_line_bytes), len(group))
                if good:
                    yield group[:good]
                count += good
                if good < len(group):
                    raise _long_line(count + 1, most_line_bytes)
            if len(rest) > most_line_bytes + 1:  # it may end in a carriage return
                raise _long_line(count + 1, most_line_bytes)
    if rest:
        last = bytes(rest).removesuffix(b"\r")
        if len(last) > most_line_bytes:
            raise _long_line(count + 1, most_line_bytes)
        yield [last]


async def lines(
    request: Request, most_line_bytes: int, *, most_bytes: int | None = None, stall_s: float = STALL_S
) -> AsyncIterator[bytes]:
    """The lines of a body one by one; see `line_groups`."""
    groups = line_groups(request, most_line_bytes, most_bytes=most_bytes, stall_s=stall_s)
    async with aclosing(groups):
        async for group in groups:
            for line in group:
                yield line


async def arriving(
    request: Request,
    most_bytes: int | None,
    *,
    within_s: float | None = None,
    stall_s: float | None = None,
) -> AsyncGenerator[bytes, None]:
    """The body in the pieces in which it comes.

    Args:
        most_bytes: of the whole body; None leaves it unbounded.
        within_s: in which all of it has to come.
        stall_s: in which the next piece has to come.

    Raises:
        LargeBodyError, SlowBodyError, MediaTypeError: as `read_body`.
    """
    _check_headers(request, most_bytes)
    clock = asyncio.get_running_loop().time
    until = None if within_s is None else clock() + within_s
    got = 0
    async with aclosing(request.stream()) as stream:
        while True:
            # Around the waiting only: what the caller does between two pieces is not the sender's fault.
            when = clock() + stall_s if stall_s is not None else until
            try:
                async with asyncio.timeout_at(when):
                    chunk = await anext(stream, None)
            except TimeoutError as error:
                raise _too_slow(within_s if stall_s is None else stall_s) from error
            if chunk is None:
                return
            got += len(chunk)
            if most_bytes is not None and got > most_bytes:
                raise too_large("The body", most_bytes)
            if chunk:
                yield chunk


def too_large(what: str, most_bytes: int) -> LargeBodyError:
    """The error for what is larger than it may be."""
    return LargeBodyError(
        f"{what} is larger than {most_bytes:,} bytes.",
        fix="Send less at a time.",
        zh=f"内容超过 {most_bytes:,} 字节。",
        fix_zh="请减少一次发送的内容。",
        headers=_CLOSE,  # the rest is not read
    )


def _check_headers(request: Request, most_bytes: int | None) -> None:
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("", "identity"):
        raise MediaTypeError(
            f"Bodies are not taken compressed ({encoding[:20]!r}).",
            fix="Send it without Content-Encoding.",
            zh="不接受压缩的请求内容。",
            fix_zh="请不要使用 Content-Encoding。",
            headers=_CLOSE,
        )
    said = request.headers.get("content-length", "")
    if most_bytes is not None and said.isdecimal() and (len(said) > 18 or int(said) > most_bytes):
        raise too_large("The body", most_bytes)


def _too_slow(seconds: float | None) -> SlowBodyError:
    return SlowBodyError(
        f"The body was not there within {seconds:g} s.",
        fix="Send it again over a better connection, or in smaller parts.",
        zh=f"{seconds:g} 秒内未收到完整内容。",
        fix_zh="请在网络较好时重新发送，或分批发送。",
        headers=_CLOSE,
    )


def _long_line(number: int, most: int) -> LargeBodyError:
    return too_large(f"Line {number:,}", most)


def _no_json(why: str) -> InvalidRequestError:
    problem, zh = f"not valid JSON: {why}", "不是有效的 JSON"
    return invalid_fields([field_error("", problem, zh)])


def _check_values(body: bytes) -> None:
    """Refuse what both parsers take: integers beyond 64 bits and NUL, which no database keeps alike."""
    if _LONG_DIGITS.search(body):
        json.loads(body, parse_int=_int64)
    if b"\\u0000" in body:
        _check_no_nul(json.loads(body))


def _int64(digits: str) -> int:
    # So many digits take longer to convert than they are worth.
    if len(digits) > 20 or not _INT64[0] <= int(digits) <= _INT64[1]:
        problem = f"an integer of {len(digits.lstrip('-'))} digits does not fit in 64 bits"
        raise invalid_fields([field_error("", problem, "整数超出 64 位")])
    return int(digits)


def _check_no_nul(value: object) -> None:
    waiting = [("", value)]
    while waiting:
        field, value = waiting.pop()
        if isinstance(value, dict):
            waiting += [(str(key), key) for key in value] + list(value.items())
        elif isinstance(value, list):
            waiting += [(field, item) for item in value]
        elif isinstance(value, str) and "\0" in value:
            problem = "holds the character NUL"
            raise invalid_fields([field_error(field.replace("\0", "?"), problem, "含有空字符", value=value)])
