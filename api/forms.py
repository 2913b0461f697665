"""Forms with files (multipart/form-data), bounded in every direction while they arrive."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from api.bodies import arriving, media_type, too_large
from api.errors import BadRequestError, MediaTypeError, invalid_fields
from api.field_errors import field_error

FORM = "multipart/form-data"
IN_MEMORY = 256 * 1024  # bytes of a file; what is larger waits on disk
MOST_NAME = 100  # characters of a field's name

_CALLBACKS = (
    "on_part_begin", "on_header_field", "on_header_value", "on_header_end", "on_headers_finished",
    "on_part_data", "on_part_end", "on_end",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class FormFile:
    """A file of a form; its name and kind are what the sender says, and no more than that."""

    field: str
    name: str
    media_type: str
    size: int
    file: IO[bytes] = dataclasses.field(repr=False)

    def read(self) -> bytes:
        """What is in it."""
        self.file.seek(0)
        return self.file.read()


@dataclass(frozen=True, slots=True)
class Form:
    """The texts by field, and the files in their order."""

    texts: Mapping[str, str]
    files: tuple[FormFile, ...]


@dataclass(frozen=True, slots=True)
class FormLimits:
    """How much a form may hold.

    Attributes:
        most_bytes: of the whole form.
        most_text: bytes of a text.
        most_file: bytes of a file.
        texts, files: how many of each.
        within_s: in which it has to be complete.
    """

    most_bytes: int
    most_text: int
    most_file: int
    texts: int
    files: int
    within_s: float = 120.0


@asynccontextmanager
async def read_form(request: Request, limits: FormLimits) -> AsyncIterator[Form]:
    """The form in a body; its files are gone when the block ends.

    Raises:
        LargeBodyError: the form, a text or a file is larger than it may be.
        SlowBodyError: it is not complete in time.
        BadRequestError: it is no form, breaks off, or has more parts than it may have.
        InvalidRequestError: a text that is not UTF-8, holds NUL, or stands twice.
        MediaTypeError: it does not say that it is a form.
    """
    parts = _Parts(limits)
    try:
        await _read(request, limits, parts)
        yield parts.form()
    finally:
        parts.close()


async def _read(request: Request, limits: FormLimits, parts: _Parts) -> None:
    try:
        parser = _parser(request, parts)
        async with aclosing(arriving(request, limits.most_bytes, within_s=limits.within_s)) as chunks:
            async for chunk in chunks:
                # While one file is written to disk, other requests must not wait for it.
                if parts.heavy:
                    await run_in_threadpool(parser.write, chunk)
                else:
                    parser.write(chunk)
        parser.finalize()
    except FormParserError as error:
        raise _broken(str(error)) from error


def _parser(request: Request, parts: _Parts) -> MultipartParser:
    if (kind := media_type(request)) != FORM:
        message = f"This takes a form with files, not {kind[:60]!r}."
        raise MediaTypeError(message, fix=f"Send {FORM}.", zh=f"这里只接受 {FORM} 表单。")
    _, options = parse_options_header(request.headers["content-type"])
    if not options.get(b"boundary"):
        raise _broken("its Content-Type names no boundary")
    callbacks: Any = {name: getattr(parts, name) for name in _CALLBACKS}
    return MultipartParser(options[b"boundary"], callbacks)


class _Parts:
    """What the parser tells of a form, part by part; it never holds more than the limits allow."""

    def __init__(self, limits: FormLimits) -> None:
        self.limits = limits
        self.texts: dict[str, str] = {}
        self.files: list[FormFile] = []
        self.opened: list[IO[bytes]] = []
        self.ended = False
        self.on_part_begin()

    @property
    def heavy(self) -> bool:
        """Whether the part that is being read goes to disk."""
        return self.file is not None and self.size > IN_MEMORY

    def on_part_begin(self) -> None:
        self.headers: dict[bytes, bytes] = {}
        self.header = (bytearray(), bytearray())
        self.text, self.size = bytearray(), 0
        self.file: IO[bytes] | None = None
        self.name = self.file_name = ""

    def on_header_field(self, data: bytes, start: int, end: int) -> None:
        self.header[0].extend(data[start:end])

    def on_header_value(self, data: bytes, start: int, end: int) -> None:
        self.header[1].extend(data[start:end])

    def on_header_end(self) -> None:
        name, value = self.header
        self.headers[bytes(name).lower()] = bytes(value)
        self.header = (bytearray(), bytearray())

    def on_headers_finished(self) -> None:
        _, said = parse_options_header(self.headers.get(b"content-disposition", b""))
        if not said.get(b"name"):
            raise _broken("a part has no name")
        self.name = _utf8("name", said[b"name"])[:MOST_NAME]
        if b"filename" not in said:
            if len(self.texts) >= self.limits.texts:
                raise _too_many("texts", self.limits.texts)
            return
        if len(self.opened) >= self.limits.files:
            raise _too_many("files", self.limits.files)
        self.file_name = said[b"filename"].decode("utf-8", "replace")[:MOST_NAME]
        self.file = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - `close` closes it
        self.opened.append(self.file)

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        self.size += end - start
        most = self.limits.most_text if self.file is None else self.limits.most_file
        if self.size > most:
            raise too_large(f"The part {self.name!r}", most)
        if self.file is None:
            self.text += data[start:end]
        else:
            self.file.write(data[start:end])

    def on_part_end(self) -> None:
        if self.file is not None:
            kind = self.headers.get(b"content-type", b"").decode("latin-1")[:MOST_NAME]
            self.files.append(FormFile(self.name, self.file_name, kind, self.size, self.file))
        elif self.name in self.texts:
            raise invalid_fields([field_error(self.name, "stands twice in the form", "在表单中重复出现")])
        else:
            self.texts[self.name] = _utf8(self.name, bytes(self.text))

    def on_end(self) -> None:
        self.ended = True

    def form(self) -> Form:
        if not self.ended:
            raise _broken("it breaks off before its last boundary")
        return Form(self.texts, tuple(self.files))

    def close(self) -> None:
        for file in self.opened:
            file.close()


def _utf8(field: str, data: bytes) -> str:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise invalid_fields([field_error(field, "is not UTF-8", "不是 UTF-8 文字", value=data)]) from error
    if "\0" in text:
        raise invalid_fields([field_error(field, "holds the character NUL", "含有空字符", value=text)])
    return text


def _broken(why: str) -> BadRequestError:
    fix = "Send multipart/form-data as RFC 7578 has it."
    return BadRequestError(f"The form cannot be read: {why}.", fix=fix, zh="表单无法读取。")


def _too_many(what: str, most: int) -> BadRequestError:
    message = f"The form has more than {most} {what}."
    return BadRequestError(message, fix="Send fewer.", zh="表单的内容太多。", headers={"Connection": "close"})
