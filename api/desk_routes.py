"""The dispatcher's page at the start, and what it loads."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from geo.errors import NotFoundError
from maps.desk_page import POLICY, PageFile, desk_files, desk_html, desk_version

# Another version has other addresses; the page itself is asked for anew each time.
KEPT, ASKED = "public, max-age=31536000, immutable", "public, no-cache"

router = APIRouter(tags=["map"])
HTML: dict[int | str, dict[str, Any]] = {
    200: {"description": "The page.", "content": {"text/html": {"schema": {"type": "string"}}}}
}


@router.get("/", summary="The dispatcher's page", responses=HTML, response_class=Response)
async def start(request: Request) -> Response:
    """The page that a dispatcher keeps open: a live map of open issues and a list beside it.

    It holds nothing of the city; what it shows it asks the other routes for, with the reader's rights. In its
    address stand the filters, the view, and the issue that is open: `/?issue=20261121-0042`.
    """
    return _sent(request, desk_html(), ASKED, {"Content-Security-Policy": POLICY})


@router.get("/desk/{version}/{name}", include_in_schema=False)
async def desk_file(request: Request, version: str, name: str) -> Response:
    """What the page loads."""
    file = desk_files().get(name)
    if file is None:
        raise NotFoundError(f"The page has no file {name[:60]!r}.", fix="Open /.")
    # A page that was opened before an update may ask for its old files: it gets the new ones, and keeps none.
    return _sent(request, file, KEPT if version == desk_version() else ASKED, {})


def _sent(request: Request, file: PageFile, kept: str, headers: dict[str, str]) -> Response:
    headers |= {"ETag": file.etag, "Cache-Control": kept, "Vary": "Accept-Encoding"}
    said = request.headers.get("if-none-match", "")
    if any(one.strip().removeprefix("W/") == file.etag for one in said.split(",")):
        return Response(status_code=304, headers=headers)
    if _takes_gzip(request.headers.get("accept-encoding", "")):
        return Response(
            file.packed, headers={**headers, "Content-Encoding": "gzip"}, media_type=file.media_type
        )
    return Response(file.body, headers=headers, media_type=file.media_type)


def _takes_gzip(said: str) -> bool:
    """Whether an Accept-Encoding allows gzip; ``gzip;q=0`` does not."""
    for one in said.lower().split(","):
        coding, _, weight = one.partition(";")
        if coding.strip() in ("gzip", "*"):
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False
