"""Sessions of the page: a key exchanged for a cookie, which no script reads and an EventSource sends.

The cookie is ``v1.KEY_ID.EXPIRES_S.SIGNATURE``; nothing is kept here. It opens what its key opens now, so
that revoking the key ends it. Signing out takes it from the browser; a copy of it would live on for its
twelve hours. The routes need `api.access.Access` before them.
"""

from __future__ import annotations

import functools
import hashlib
import hmac
import re
from collections.abc import Iterable

from fastapi import APIRouter, Request
from pydantic import BaseModel
from starlette.responses import JSONResponse, Response

from api.bodies import read_model
from api.documented import refusals
from api.errors import UnauthorizedError
from layers.actors import Actor
from layers.keys import KeyInfo, KeyRing

SESSION_S = 12 * 3600
PATH = "/v1/session"

_VALUE = re.compile(r"v1\.([0-9a-f]{8})\.(\d{1,12})\.([0-9a-f]{64})")
_NO_STORE = {"Cache-Control": "no-store"}


KEY_EXAMPLE = "wp_1a2b3c4d_" + "0123456789abcdef" * 4


class SessionIn(BaseModel):
    """A key, to be exchanged for a session."""

    key: str


class SessionOut(BaseModel):
    """Who the caller is; without a role nobody is known."""

    name: str | None = None
    role: str | None = None
    cells: list[str] = []


_TAKES_KEY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": SessionIn.model_json_schema(), "example": {"key": KEY_EXAMPLE}}
        },
    }
}

router = APIRouter(tags=["session"])


def cookie_name(ring: KeyRing) -> str:
    """What the cookie of a city is called: to browsers two ports of a machine are one place."""
    return _name(ring.signing)


def issue(ring: KeyRing, key: KeyInfo, now_us: int, *, secure: bool) -> str:
    """The ``Set-Cookie`` of a new session; it ends with its key at the latest."""
    now_s = now_us // 1_000_000
    ends_s = now_s + SESSION_S
    if key.expires_us is not None:
        ends_s = min(ends_s, key.expires_us // 1_000_000)
    value = f"v1.{key.id}.{ends_s}"
    return _cookie(ring, f"{value}.{_signature(ring.signing, value)}", ends_s - now_s, secure=secure)


def clear(ring: KeyRing, *, secure: bool) -> str:
    """The ``Set-Cookie`` that takes a session from the browser."""
    return _cookie(ring, "", 0, secure=secure)


def read(ring: KeyRing, headers: Iterable[tuple[bytes, bytes]], now_us: int) -> KeyInfo | None:
    """The key of the session among a request's headers; None where there is none that holds."""
    sent = [value for name, value in headers if name == b"cookie"]
    if not sent:
        return None
    signing = ring.signing
    found = _VALUE.fullmatch(_sent(_name(signing), sent))
    if found is None:
        return None
    body, _, signature = found[0].rpartition(".")
    if not hmac.compare_digest(signature, _signature(signing, body)) or now_us >= int(found[2]) * 1_000_000:
        return None
    return ring.key(found[1], now_us)


@router.post(PATH, response_model=SessionOut, openapi_extra=_TAKES_KEY, responses=refusals(401))
async def sign_in(request: Request) -> Response:
    """Exchange a key for a session cookie."""
    said = await read_model(request, SessionIn, most_bytes=1_000)
    ring, now_us = request.scope["ring"], request.scope["now_us"]
    key = ring.find(said.key.strip(), now_us)
    if key is None:
        raise unknown_key()
    headers = {"Set-Cookie": issue(ring, key, now_us, secure=_is_secure(request)), **_NO_STORE}
    return JSONResponse(_told(key.actor), headers=headers)


@router.get(PATH, response_model=SessionOut)
async def who_am_i(request: Request) -> Response:
    """Say who the caller is, by key or session."""
    return JSONResponse(_told(request.scope["actor"]), headers=_NO_STORE)


@router.delete(PATH, status_code=204)
async def sign_out(request: Request) -> Response:
    """Take the session cookie back."""
    cookie = clear(request.scope["ring"], secure=_is_secure(request))
    return Response(status_code=204, headers={"Set-Cookie": cookie, **_NO_STORE})


def unknown_key() -> UnauthorizedError:
    """The error for a key that opens nothing; it does not tell why."""
    return UnauthorizedError(
        "The access key is unknown, expired or revoked.",
        fix="Ask the city's administrator for a new one (woodpecker key create).",
        zh="访问密钥无效、已过期或已吊销。",
        fix_zh="请向管理员索取新的密钥（woodpecker key create）。",
        headers={"WWW-Authenticate": 'Bearer realm="woodpecker", error="invalid_token"'},
    )


@functools.lru_cache(maxsize=8)
def _name(signing: bytes) -> str:
    return "woodpecker_" + hashlib.sha256(signing).hexdigest()[:8]


def _told(actor: Actor | None) -> dict[str, object]:
    if actor is None:
        return SessionOut().model_dump()
    return SessionOut(name=actor.name, role=actor.role.value, cells=list(actor.cells)).model_dump()


def _is_secure(request: Request) -> bool:
    return bool(request.scope["scheme"] == "https")


def _cookie(ring: KeyRing, value: str, age_s: int, *, secure: bool) -> str:
    attributes = f"Path=/; Max-Age={age_s}; HttpOnly; SameSite=Strict"
    return f"{cookie_name(ring)}={value}; {attributes}" + ("; Secure" if secure else "")


def _signature(signing: bytes, value: str) -> str:
    return hmac.digest(signing, f"session {value}".encode(), "sha256").hex()


def _sent(name: str, cookies: Iterable[bytes]) -> str:
    """The value of a cookie; where it was sent twice, the first, as browsers put the nearest path."""
    wanted = name.encode() + b"="
    for cookie in cookies:
        for part in cookie.split(b";"):
            if part.strip().startswith(wanted):
                return part.strip()[len(wanted) :].decode("latin-1")
    return ""
