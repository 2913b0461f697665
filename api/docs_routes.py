"""The page that describes the API."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import FileResponse, HTMLResponse, Response

from geo.errors import NotFoundError
from maps.api_page import FILES, POLICY, api_page

router = APIRouter(include_in_schema=False)


@router.get("/docs")
async def docs() -> Response:
    """Describe the API for people."""
    return HTMLResponse(api_page("Woodpecker API"), headers={"Content-Security-Policy": POLICY})


@router.get("/docs/{name}")
async def docs_file(name: str) -> Response:
    """What the page loads."""
    if name not in FILES:
        raise NotFoundError(f"The page has no file {name[:60]!r}.", fix="Open /docs.")
    path, kind = FILES[name]
    return FileResponse(path, media_type=kind, headers={"Cache-Control": "public, max-age=3600"})
