"""What stands before every route: the host, where the request comes from, and what browsers are told.

All of it is about browsers: a page of another site must neither ask in its reader's name, nor reach a service
on his machine under a name of its own. Programs send neither ``Origin`` nor ``Sec-Fetch-Site`` and are asked
for keys only.
"""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import BadRequestError, ForeignOriginError, HttpError, WrongHostError, problem
from api.settings import Settings

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

_NO_FRAMES = b"frame-ancestors 'none'"
# What an answer is not given where it has its own.
_HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cache-control", b"private, no-cache"),
)
_CSP = b"content-security-policy"
# A page brings its own policy; this is for what is none, and would be shown as one all the same.
_CSP_PAGE = b"base-uri 'none'; object-src 'none'; " + _NO_FRAMES
_CSP_DATA = b"default-src 'none'; " + _NO_FRAMES


def guard(app: FastAPI, settings: Settings) -> None:
    """Put all guards before an app's routes, in their order; call it after `Access` was added."""
    hosts, cors = settings.config.hosts, settings.config.cors
    # The one that is added last is asked first.
    app.add_middleware(OriginGuard, hosts=hosts, cors=cors)
    if cors:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(cors),
            allow_methods=["GET", "POST", "DELETE"],
            allow_headers=["Authorization", "X-API-Key", "Content-Type", "Idempotency-Key"],
            expose_headers=["Location", "Retry-After"],
        )
    app.add_middleware(HostGuard, hosts=hosts, local=settings.is_local)
    app.add_middleware(SafeHeaders)
    app.add_middleware(HeadAsGet)


class HostGuard:
    """Middleware that answers to loopback and its own names only; without any, and not local, to every name.

    A page of any site can have its name resolve to 127.0.0.1 and then ask as the same origin; the Host tells.
    """

    def __init__(self, app: ASGIApp, *, hosts: Sequence[str], local: bool) -> None:
        self.app = app
        self.hosts = LOOPBACK_NAMES | {host.lower() for host in hosts} if hosts or local else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or hand it on."""
        error = self._refuse(scope) if scope["type"] == "http" else None
        if error is not None:
            await problem(scope, error)(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    def _refuse(self, scope: Scope) -> HttpError | None:
        sent = [value for name, value in scope["headers"] if name == b"host"]
        if not sent and scope.get("http_version") == "1.0":
            return None  # no browser
        if len(sent) != 1:
            return BadRequestError(
                f"The request has {len(sent)} Host headers.", fix="Send one.", zh="Host 请求头应恰好有一个。"
            )
        host = _host(sent[0].decode("latin-1"))
        if self.hosts is None or host in self.hosts:
            return None
        return WrongHostError(
            f"This service is not {host[:80]!r}.",
            fix='Ask it under its own name, or add this one to hosts = ["…"] in serve.toml.',
            zh="请求的主机名不是本服务。",
            fix_zh='请使用本服务的名称访问，或在 serve.toml 的 hosts = ["…"] 中加入此名称。',
        )


class OriginGuard:
    """Middleware that lets only the service's own pages, and those of allowed origins, change something."""

    def __init__(self, app: ASGIApp, *, hosts: Sequence[str] = (), cors: Sequence[str] = ()) -> None:
        self.app = app
        self.hosts = frozenset(host.lower() for host in hosts)
        self.cors = frozenset(cors)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or hand it on."""
        if scope["type"] == "http" and scope["method"] not in SAFE_METHODS and not self._is_own(scope):
            await problem(scope, _foreign())(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    def _is_own(self, scope: Scope) -> bool:
        said = {name: value.decode("latin-1") for name, value in scope["headers"] if name in _ASKED}
        origin = said.get(b"origin")
        if origin is None:
            # A form of an old browser, or a program; new browsers say where it comes from.
            return said.get(b"sec-fetch-site", "none") in ("none", "same-origin")
        if origin in self.cors:
            return True
        scheme, _, netloc = origin.partition("://")
        if scheme not in ("http", "https"):
            return False  # "null": a file, or a page in a sandbox
        # Behind a proxy the Host may be another; then the origin has to be one of the service's names.
        return _no_port(netloc) == _no_port(said.get(b"host", "")) or _host(netloc) in self.hosts


class SafeHeaders:
    """Middleware that tells browsers to take an answer for what it says it is, and never in a frame."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on one request; add to its answer what is missing."""

        async def safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = _completed(message.get("headers", ()))
            await send(message)

        await self.app(scope, receive, safely if scope["type"] == "http" else send)


class HeadAsGet:
    """Middleware that answers a HEAD as a GET without its body: no route of FastAPI knows it.

    ``bodiless`` in the scope tells a route whose body would have no end.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on one request."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return

        async def bodiless(message: Message) -> None:
            await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

        await self.app({**scope, "method": "GET", "bodiless": True}, receive, bodiless)


_ASKED = frozenset({b"origin", b"host", b"sec-fetch-site"})


def _completed(headers: Sequence[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    sent = {name.lower(): value for name, value in headers}
    added = [header for header in _HEADERS if header[0] not in sent]
    if _CSP not in sent:
        page = sent.get(b"content-type", b"").startswith(b"text/html")
        added.append((_CSP, _CSP_PAGE if page else _CSP_DATA))
    return [*headers, *added]


def _host(netloc: str) -> str:
    """The name of ``name:port``, without the brackets of an IPv6 address; what is none as it is."""
    name, colon, port = netloc.rpartition(":")
    if not colon or not port.isdecimal() or netloc.endswith("]"):
        name = netloc
    return name.removeprefix("[").removesuffix("]").removesuffix(".").lower()


def _no_port(netloc: str) -> str:
    """An authority without the ports that go without saying."""
    return netloc.lower().removesuffix(":443").removesuffix(":80")


def _foreign() -> ForeignOriginError:
    return ForeignOriginError(
        "A page of another site asks for a change.",
        fix='Ask from the service\'s own pages, or add the origin to cors = ["…"] in serve.toml.',
        zh="来自其他网站页面的修改请求被拒绝。",
        fix_zh='请在本服务的页面操作，或在 serve.toml 的 cors = ["…"] 中加入该来源。',
    )
