"""Bodies are bounded while they arrive, and read so that every program reads the same."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Iterable
from typing import Any

import httpx
import orjson
import pytest
from fastapi import FastAPI, Request
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from api.bodies import line_groups, lines, parse_model, read_body, read_model
from api.errors import InvalidRequestError, LargeBodyError, SlowBodyError, install
from api.forms import IN_MEMORY, FormLimits, read_form
from tests.asgi import Client


class Note(BaseModel):
    """A tiny request."""

    lng: float = 0.0
    number: int = 0
    text: str = ""
    extra: Any = None


FORM = FormLimits(most_bytes=2_000_500, most_text=100, most_file=1_000_000, texts=3, files=2)


def app() -> FastAPI:
    app = FastAPI()
    install(app)

    @app.post("/body")
    async def _(request: Request) -> int:
        return len(await read_body(request, 1000, 0.05))

    @app.post("/note")
    async def _(request: Request) -> dict[str, Any]:
        return (await read_model(request, Note)).model_dump()

    @app.post("/form")
    async def _(request: Request) -> dict[str, Any]:
        async with read_form(request, FORM) as form:
            files = [(f.field, f.name, f.media_type, f.size, len(f.read())) for f in form.files]
            return {"texts": form.texts, "files": files}

    return app


CLIENT = Client(app())


def request_of(chunks: Iterable[bytes], *, stalls: bool = False, **headers: str) -> Request:
    """A request whose body comes in these chunks; one that stalls sends nothing after them."""
    waiting = iter(chunks)

    async def receive() -> dict[str, Any]:
        chunk = next(waiting, None)
        if chunk is None and stalls:
            await asyncio.Event().wait()
        return {"type": "http.request", "body": chunk or b"", "more_body": chunk is not None}

    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "method": "POST", "path": "/", "headers": named}, receive)


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, orjson.loads(answer.content)["code"]


# One body.


def test_a_body_of_just_the_bound_is_read_and_one_byte_more_is_not() -> None:
    assert CLIENT.post("/body", content=b"x" * 1000).json() == 1000
    answer = CLIENT.post("/body", content=b"x" * 1001)
    assert code(answer) == (413, "body_too_large")
    assert answer.headers["connection"] == "close"


def test_a_body_that_does_not_say_its_length_is_bounded_while_it_arrives() -> None:
    taken = []

    def endless() -> Iterable[bytes]:
        while True:
            taken.append(1)
            yield b"x" * 100

    with pytest.raises(LargeBodyError):
        asyncio.run(read_body(request_of(endless()), 1000))
    assert len(taken) == 11


@pytest.mark.parametrize("length", ["1001", "9" * 5000])
def test_a_length_that_is_too_large_is_refused_before_anything_is_read(length: str) -> None:
    with pytest.raises(LargeBodyError):
        asyncio.run(read_body(request_of([], stalls=True, content_length=length), 1000))


def test_a_length_that_lies_does_not_lift_the_bound() -> None:
    with pytest.raises(LargeBodyError):
        asyncio.run(read_body(request_of([b"x" * 2000], content_length="5"), 1000))


def test_a_body_that_stalls_is_given_up() -> None:
    with pytest.raises(SlowBodyError, match=r"within 0\.02 s"):
        asyncio.run(read_body(request_of([b"x"], stalls=True), 1000, 0.02))


def test_a_slow_body_is_given_up_though_each_piece_comes_in_time() -> None:
    async def drip() -> AsyncIterator[bytes]:
        while True:
            await asyncio.sleep(0.005)
            yield b"x"

    assert code(CLIENT.post("/body", content=drip())) == (408, "body_too_slow")


def test_a_compressed_body_is_refused() -> None:
    answer = CLIENT.post("/body", content=b"x", headers={"content-encoding": "gzip"})
    assert code(answer) == (415, "unsupported_media_type")


# JSON.


def test_json_becomes_a_model() -> None:
    sent = '{"lng": -0.0, "number": 9223372036854775807, "text": "桥面\\\\u0000", "text2": 1, "lng": 5e-324}'
    got = CLIENT.post("/note", content=sent, headers={"content-type": "application/json; charset=utf-8"})
    assert got.json() == {
        "lng": 5e-324, "number": 9223372036854775807, "text": "桥面\\u0000", "extra": None
    }  # fmt: skip


@pytest.mark.parametrize("body", [
    b'{"lng": NaN}', b'{"lng": Infinity}', b'{"lng": -Infinity}', b'{"lng": 1e999}', b'{"other": NaN}',
    b'{"number": 18446744073709551616}', b'{"extra": [-9223372036854775809]}',
    b'{"extra": ' + b"9" * 99_000 + b"}",
    b'{"text": "\\ud800"}', b'{"text": "\\udc00\\ud800"}', b'{"text": "\xff"}', b'{"text": "\xed\xa0\x80"}',
    b'{"text": "\\u0000"}', b'{"extra": {"\\u0000": 1}}', b'{"extra": [["a\\u0000"]]}', b'{"text": "\x00"}',
    b'{"extra": ' + b"[" * 300 + b"]" * 300 + b"}", b"[" * 100_000, b"", b"nothing", b"[]", b"3", b"null",
    b'\xef\xbb\xbf{"lng": 1}', b'{"lng": 1}x', b'{"lng": "a"}', b'{"lng": [1]}', "{}".encode("utf-16"),
])  # fmt: skip
def test_what_programs_read_differently_or_not_at_all_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        parse_model(body, Note)
    assert caught.value.errors
    assert code(CLIENT.post("/note", content=body, headers={"content-type": "application/json"})) == (
        422,
        "invalid_request",
    )


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "", "application/jsonx"])
def test_json_has_to_say_that_it_is(kind: str) -> None:
    assert CLIENT.post("/note", content=b"{}", headers={"content-type": kind}).status_code == 415


JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False)
    | st.integers(-(2**63), 2**64 - 1)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.sampled_from("ab桥")), inner),
)  # fmt: skip


@given(JSON)
def test_json_that_is_well_is_never_refused(value: object) -> None:
    assert parse_model(orjson.dumps({"extra": value}), Note).extra == value


@given(st.binary() | st.text().map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes_are_a_model_or_a_refusal(body: bytes) -> None:
    with pytest.raises(InvalidRequestError):
        parse_model(b'{"lng": 1}' + body + b"}", Note)


# Lines.


async def _lines(request: Request, most: int, **bounds: Any) -> list[bytes]:
    return [line async for line in lines(request, most, **bounds)]


@given(st.binary().map(lambda data: data.replace(b"\r", b"")), st.integers(1, 7))
def test_lines_are_the_same_however_they_are_cut(body: bytes, size: int) -> None:
    chunks = [body[at : at + size] for at in range(0, len(body), size)]
    expected = body.split(b"\n")
    if not expected[-1]:
        expected.pop()
    assert asyncio.run(_lines(request_of(chunks), 1000)) == expected
    crlf = body.replace(b"\n", b"\r\n")
    chunks = [crlf[at : at + size] for at in range(0, len(crlf), size)]
    assert asyncio.run(_lines(request_of(chunks), 1000)) == expected


def test_a_line_is_bounded_wherever_it_stands() -> None:
    for body in (b"12345\n", b"12345\r\n", b"12345", b"12345\r"):
        assert asyncio.run(_lines(request_of([body]), 5)) == [b"12345"]
    for chunks in ([b"a\n123456\nb"], [b"a\n123", b"456"], [b"a\n123456"], [b"a\n", b"123456\r\n"]):
        with pytest.raises(LargeBodyError, match="Line 2 "):
            asyncio.run(_lines(request_of(chunks), 5))


def test_the_lines_before_one_that_is_too_long_are_handed_over() -> None:
    got: list[bytes] = []

    async def take() -> None:
        async for group in line_groups(request_of([b"a\nb\n123456\nc\n"]), 5):
            got.extend(group)

    with pytest.raises(LargeBodyError):
        asyncio.run(take())
    assert got == [b"a", b"b"]


def test_a_line_without_end_is_given_up_early() -> None:
    taken = []

    def endless() -> Iterable[bytes]:
        while True:
            taken.append(1)
            yield b"x" * 100

    with pytest.raises(LargeBodyError):
        asyncio.run(_lines(request_of(endless()), 1000))
    assert len(taken) == 11


def test_lines_that_stall_are_given_up_but_the_readers_own_time_is_free() -> None:
    async def slowly(request: Request) -> int:
        count = 0
        async for _ in lines(request, 10, stall_s=0.02):
            await asyncio.sleep(0.01)
            count += 1
        return count

    assert asyncio.run(slowly(request_of([b"a\n"] * 6))) == 6
    with pytest.raises(SlowBodyError):
        asyncio.run(slowly(request_of([b"a\n"], stalls=True)))


def test_all_lines_together_can_be_bounded() -> None:
    with pytest.raises(LargeBodyError, match="body"):
        asyncio.run(_lines(request_of([b"a\n"] * 100), 10, most_bytes=50))


# Forms.


def test_a_form_gives_its_texts_and_files() -> None:
    big = b"\xff\xd8" + b"x" * (IN_MEMORY + 100_000)
    answer = CLIENT.post("/form", data={"report": "桥面破损"}, files=[
        ("photo", ("桥.jpg", io.BytesIO(big), "image/jpeg")),
        ("photo", ("../../b.jpg", io.BytesIO(b""), "x/y")),
    ])  # fmt: skip
    assert answer.json() == {
        "texts": {"report": "桥面破损"},
        "files": [
            ["photo", "桥.jpg", "image/jpeg", len(big), len(big)],
            ["photo", "../../b.jpg", "x/y", 0, 0],
        ],
    }


@pytest.mark.parametrize(("said", "status"), [
    ({"data": {"text": "x" * 101}, "files": {"a": b""}}, 413),
    ({"files": {"a": b"x" * 1_000_001}}, 413),
    ({"files": [("a", b"x" * 900_000), ("b", b"x" * 900_000), ("c", b"x" * 900_000)]}, 413),
    ({"data": {"a": "1" * 100, "b": "2" * 100}, "files": [("c", b"x" * 10**6), ("d", b"x" * 10**6)]}, 413),
    ({"files": [("a", b"1"), ("b", b"2"), ("c", b"3")]}, 400),
    ({"data": {"a": "1", "b": "2", "c": "3", "d": "4"}, "files": {"e": b""}}, 400),
    ({"data": {"a": b"\xff"}, "files": {"e": b""}}, 422),
    ({"data": {"a": "b\0"}, "files": {"e": b""}}, 422),
    ({"data": {"a": ["1", "2"]}, "files": {"e": b""}}, 422),
    ({"json": {}}, 415),
])  # fmt: skip
def test_a_form_is_bounded_in_every_direction(said: dict[str, Any], status: int) -> None:
    answer = CLIENT.post("/form", **said)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("body", [
    b"", b"--b", b"garbage", b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nx',
    b'--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--\r\n', b"--b\r\n\r\nx\r\n--b--\r\n",
    b"--b\r\n" + b"X-Header: y\r\n" * 100 + b"\r\nx\r\n--b--\r\n",
    b"--b\r\nX: " + b"y" * 10_000 + b"\r\n\r\nx",
])  # fmt: skip
def test_a_form_that_is_none_is_refused(body: bytes) -> None:
    answer = CLIENT.post("/form", content=body, headers={"content-type": "multipart/form-data; boundary=b"})
    assert code(answer) == (400, "bad_request")
    answer = CLIENT.post("/form", content=body, headers={"content-type": "multipart/form-data"})
    assert code(answer) == (400, "bad_request")


@pytest.mark.parametrize("fails", [False, True])
def test_the_files_of_a_form_are_closed_afterwards(fails: bool) -> None:
    opened = []
    body = b'--b\r\nContent-Disposition: form-data; name="a"; filename="f"\r\n\r\nx\r\n--b--\r\n'

    async def take() -> None:
        request = request_of([body], content_type="multipart/form-data; boundary=b")
        async with read_form(request, FORM) as form:
            opened.append(form.files[0].file)
            if fails:
                raise KeyError

    if fails:
        with pytest.raises(KeyError):
            asyncio.run(take())
    else:
        asyncio.run(take())
    assert opened[0].closed
