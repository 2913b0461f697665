"""The dispatcher's page: its files as they are sent, each with its digest and packed once."""

from __future__ import annotations

import functools
import gzip
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

from layers.life_cycle import ACTION_WORDS
from layers.terms import TERMS
from maps.files import VENDOR, WEB

FOLDER = WEB / "desk"
VENDORED = ("maplibre-gl/maplibre-gl.js", "maplibre-gl/maplibre-gl.css")
START = "main.js"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "connect-src 'self'; worker-src blob:; child-src blob:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
_TYPES = {"js": "text/javascript", "css": "text/css"}


@dataclass(frozen=True, slots=True)
class PageFile:
    """A file of the page.

    Attributes:
        packed: the same, gzipped.
        etag: of its content, in quotes.
    """

    body: bytes
    packed: bytes
    media_type: str
    etag: str


@functools.cache
def desk_files() -> Mapping[str, PageFile]:
    """What the page loads, by name: its own modules and styles, the map's library, the city's usual words."""
    paths = sorted([*FOLDER.glob("*.js"), *FOLDER.glob("*.css"), *(VENDOR / name for name in VENDORED)])
    files = {path.name: _made(path.read_bytes(), path.suffix[1:]) for path in paths}
    return files | {"terms.js": _made(_terms(), "js")}


@functools.cache
def desk_version() -> str:
    """Sixteen hexadecimal digits that change with any file of the page.

    They stand in the files' addresses, so that browsers may keep these for ever, and modules that belong
    together are loaded together.
    """
    tags = "".join(f"{name}{file.etag}" for name, file in sorted(desk_files().items()))
    return hashlib.sha256(tags.encode() + _frame()).hexdigest()[:16]


@functools.cache
def desk_html() -> PageFile:
    """The document at the start, which loads `desk_files` from below ``/desk/VERSION/``."""
    base = f"/desk/{desk_version()}/"
    files = desk_files()
    styles = ["maplibre-gl.css", *(name for name in files if name.endswith(".css") and name in _own())]
    modules = [name for name in files if name.endswith(".js") and name != "maplibre-gl.js"]
    head = [f'<link rel="stylesheet" href="{base}{escape(name)}">' for name in styles]
    head += [f'<script src="{base}maplibre-gl.js" defer fetchpriority="high"></script>']
    head += [f'<link rel="modulepreload" href="{base}{escape(name)}">' for name in modules]
    head += [f'<script type="module" src="{base}{START}"></script>']
    return _made(_frame().replace(b"%head%", "\n".join(head).encode()), "html")


def _own() -> frozenset[str]:
    return frozenset(path.name for path in FOLDER.glob("*.css"))


def _frame() -> bytes:
    return (FOLDER / "page.html").read_bytes()


def _terms() -> bytes:
    words = {"TERMS": TERMS, "ACTIONS": {action.value: names for action, names in ACTION_WORDS.items()}}
    lines = [
        f"export const {name} = {json.dumps(said, ensure_ascii=False)};\n" for name, said in words.items()
    ]
    return "".join(lines).encode()


def _made(body: bytes, suffix: str) -> PageFile:
    kind = _TYPES.get(suffix, "text/html")
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    return PageFile(body, gzip.compress(body, 9, mtime=0), f"{kind}; charset=utf-8", tag)
