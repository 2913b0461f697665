"""Reports as forms: fields and photos of a multipart body, bounded while they arrive."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError
from starlette.datastructures import UploadFile
from starlette.requests import Request

from api.bodies import parse_model, read_form
from api.errors import BadRequestError, invalid
from api.report_model import ReportIn
from layers.photos import MAX_BYTES

MOST_PHOTOS = 5
PHOTO, REPORT = "photo", "report"


async def read_report_form(request: Request) -> tuple[ReportIn, list[bytes]]:
    """The report and the bytes of its photos.

    Its fields are those of the JSON, each by its name; or one field ``report`` holds the JSON itself.

    Raises:
        BadRequestError: files elsewhere than in ``photo``, or more than `MOST_PHOTOS`.
        InvalidRequestError: fields are wrong.
    """
    form = await read_form(request, most_files=MOST_PHOTOS, most_file_bytes=MAX_BYTES)
    fields: dict[str, Any] = {}
    photos: list[bytes] = []
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            _check_photo(name)
            photos.append(await value.read())
        else:
            fields[name] = value
    return _report(fields), photos


def _check_photo(name: str) -> None:
    if name != PHOTO:
        raise BadRequestError(
            f"A file came as {name[:40]!r}.", fix=f"Send photos as {PHOTO!r}, up to {MOST_PHOTOS}."
        )


def _report(fields: dict[str, str]) -> ReportIn:
    if REPORT in fields:
        return parse_model(fields[REPORT].encode(), ReportIn)
    # Empty fields of a form are what was not filled in.
    said = {name: value for name, value in fields.items() if value.strip()}
    try:
        return ReportIn.model_validate(said)
    except ValidationError as error:
        raise invalid(error) from error
