"""Reports as forms: fields and photos of a multipart body."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import ValidationError
from starlette.requests import Request

from api.bodies import parse_model
from api.errors import BadRequestError, invalid
from api.forms import FormLimits, read_form
from api.report_model import MOST_TEXT, ReportIn
from layers.photos import MAX_BYTES

MOST_PHOTOS = 5
PHOTO, REPORT = "photo", "report"
LIMITS = FormLimits(
    most_bytes=MOST_PHOTOS * MAX_BYTES + 2_000_000, most_text=max(1_000_000, 4 * MOST_TEXT),
    most_file=MAX_BYTES, texts=len(ReportIn.model_fields) + 1, files=MOST_PHOTOS,
)  # fmt: skip


async def read_report_form(request: Request) -> tuple[ReportIn, list[bytes]]:
    """The report and the bytes of its photos.

    Its fields are those of the JSON, each by its name; or one field ``report`` holds the JSON itself.

    Raises:
        BadRequestError: files elsewhere than in ``photo``; or as `api.forms.read_form`.
        InvalidRequestError: fields are wrong.
    """
    async with read_form(request, LIMITS) as form:
        if other := [file.field for file in form.files if file.field != PHOTO]:
            raise BadRequestError(f"A file came as {other[0][:40]!r}.", fix=f"Send photos as {PHOTO!r}.")
        return _report(form.texts), [file.read() for file in form.files]


def _report(fields: Mapping[str, str]) -> ReportIn:
    if REPORT in fields:
        return parse_model(fields[REPORT].encode(), ReportIn)
    # An empty field of a form is one that was not filled in.
    said = {name: value for name, value in fields.items() if value.strip()}
    try:
        return ReportIn.model_validate_strings(said)
    except ValidationError as error:
        raise invalid(error) from error
