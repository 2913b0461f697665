"""Who may use which route: one table, asked before any route is looked for.

What is not in the table is not there: a new route is reached by nobody until somebody says by whom.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Literal

from fastapi.routing import iter_route_contexts
from starlette.routing import BaseRoute, compile_path
from starlette.types import ASGIApp, Receive, Scope, Send

from api import sessions
from api.errors import (
    BadRequestError,
    ForbiddenError,
    HttpError,
    KeyInQueryError,
    MethodError,
    UnauthorizedError,
    problem,
)
from geo.errors import GridError, NotFoundError
from layers.actors import Actor
from layers.keys import KeyRing
from layers.life_cycle import ROLE_WORDS, Role
from layers.times import now_us

PUBLIC: Literal["public"] = "public"
Allowed = frozenset[Role] | Literal["public"]
Table = Mapping[tuple[str, str], Allowed]

ALL = frozenset(Role)
STAFF = ALL - {Role.REPORTER}
SENDERS = ALL - {Role.PLANNER}
FIELD = frozenset({Role.OFFICER, Role.DISPATCHER, Role.ADMIN})
OFFICE = frozenset({Role.DISPATCHER, Role.PLANNER, Role.ADMIN})
DESK = frozenset({Role.DISPATCHER, Role.ADMIN})
ADMIN = frozenset({Role.ADMIN})

# Who may ask at all. What an answer holds, and which issues, depends on the actor besides.
ACCESS: dict[tuple[str, str], Allowed] = {
    ("GET", "/"): PUBLIC,
    ("GET", "/desk/{version}/{name}"): PUBLIC,
    ("GET", "/healthz"): PUBLIC,
    ("GET", "/readyz"): PUBLIC,
    ("GET", "/docs"): PUBLIC,
    ("GET", "/docs/{name}"): PUBLIC,
    ("GET", "/openapi.json"): PUBLIC,
    ("GET", "/problems/{code}"): PUBLIC,
    ("POST", "/v1/session"): PUBLIC,
    ("GET", "/v1/session"): PUBLIC,
    ("DELETE", "/v1/session"): PUBLIC,
    ("POST", "/v1/reports"): SENDERS,
    ("POST", "/v1/reports/batch"): FIELD,
    ("GET", "/v1/issues"): STAFF,
    ("GET", "/v1/issues/list"): STAFF,
    ("GET", "/v1/issues/counts"): STAFF,
    ("GET", "/tiles/city.json"): STAFF,
    ("GET", "/tiles/city/{z}/{x}/{y}.mvt"): STAFF,
    ("GET", "/tiles/issues.json"): STAFF,
    ("GET", "/tiles/issues/{z}/{x}/{y}.mvt"): STAFF,
    ("GET", "/v1/issues/{id}"): ALL,
    ("GET", "/v1/events"): STAFF,
    ("POST", "/v1/issues/{id}/actions"): STAFF,
    ("POST", "/v1/issues/actions"): STAFF,
    ("GET", "/v1/corrections"): FIELD,
    ("POST", "/v1/corrections"): DESK,
    ("GET", "/v1/corrections/{id}"): FIELD,
    ("POST", "/v1/corrections/{id}/revoke"): DESK,
    ("POST", "/v1/corrections/{id}/restore"): DESK,
    ("POST", "/v1/corrections/{id}/erase"): ADMIN,
    ("GET", "/v1/photos/{id}"): FIELD,
    ("GET", "/issues/{id}/work-order.html"): STAFF,
    ("GET", "/v1/search"): STAFF,
    ("GET", "/v1/locate"): ALL,
    ("POST", "/v1/locate"): ALL,
    ("GET", "/v1/geocode"): ALL,
    ("POST", "/v1/geocode"): ALL,
    ("GET", "/v1/reverse"): ALL,
    ("GET", "/v1/autocomplete"): ALL,
    ("GET", "/nominatim/search"): ALL,
    ("GET", "/nominatim/search.php"): ALL,
    ("GET", "/nominatim/reverse"): ALL,
    ("GET", "/nominatim/reverse.php"): ALL,
    ("GET", "/nominatim/lookup"): ALL,
    ("GET", "/nominatim/lookup.php"): ALL,
    ("GET", "/nominatim/status"): ALL,
    ("GET", "/nominatim/status.php"): ALL,
    ("GET", "/v1/city"): ALL,
    ("GET", "/v1/categories"): ALL,
    ("GET", "/v1/owners"): ALL,
    ("GET", "/v1/cells"): ALL,
    ("GET", "/v1/cells/{code}"): ALL,
    ("GET", "/v1/assets/{kind}"): ALL,
    ("GET", "/v1/generations"): OFFICE,
    ("GET", "/v1/hotspots"): OFFICE,
    ("GET", "/maps/issues.html"): STAFF,
    ("POST", "/v1/erase"): ADMIN,
    ("GET", "/metrics"): ADMIN,
}

LOOPBACK = ("127.0.0.1", "::1")
_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="woodpecker"'}
_KEY_IN_QUERY = re.compile(rb"(?i)(?:^|&)(?:x[-_])?(?:api[-_]?|access[-_]?)?(?:key|token)=|wp_[0-9a-f]{8}_")
# What a proxy adds: behind one, a caller from this machine may be anybody.
_FORWARDED = frozenset({b"forwarded", b"x-forwarded-for", b"x-forwarded-host", b"x-real-ip", b"via"})
Headers = Iterable[tuple[bytes, bytes]]


class Access:
    """Middleware that lets a request through if its actor may use the route.

    It says so in the scope: ``actor`` (None on a public route where nobody is known), ``ring``, and the
    moment for which that holds, ``now_us``; ``admit`` asks again, for answers that take hours.

    Args:
        local: whether only this machine can reach the service. While the city has no keys, whoever comes
            straight from this machine is its administrator.
        token: with which other commands of this machine act as administrators.
    """

    def __init__(
        self,
        app: ASGIApp,
        ring: KeyRing,
        *,
        local: bool = False,
        token: str = "",
        table: Table = ACCESS,
        now_us: Callable[[], int] = now_us,
    ) -> None:
        self.app = app
        self.ring = ring
        self.local = local
        self.token = _digest(token.encode()) if token else b""
        self.now_us = now_us
        self.routes = _Routes(table)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or hand it on."""
        if scope["type"] == "http":
            try:
                scope["ring"], scope["now_us"] = self.ring, self.now_us()
                scope["actor"], scope["admit"] = self.admit(scope, scope["now_us"]), self.admit
            except GridError as error:
                await problem(scope, error)(scope, receive, send)
                return
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})  # there are none
            return
        await self.app(scope, receive, send)

    def admit(self, scope: Scope, now_us: int) -> Actor | None:
        """Who asks, if he may.

        Raises:
            KeyInQueryError, NotFoundError, MethodError, UnauthorizedError, ForbiddenError: he may not.
        """
        if _KEY_IN_QUERY.search(scope["query_string"]):
            raise _key_in_query()
        allowed = self.routes.allowed(scope["method"], _path(scope))
        if allowed == PUBLIC:
            # Whether it is well is asked of a service whose keys cannot be read, too.
            with suppress(GridError):
                return self._actor(scope, now_us)[0]
            return None
        actor, why = self._actor(scope, now_us)
        if actor is None:
            raise why or self._nobody()
        if actor.role not in allowed:
            raise _forbidden(actor.role, allowed)
        return actor

    def _actor(self, scope: Scope, now_us: int) -> tuple[Actor | None, HttpError | None]:
        """Who shows a key, a session or the token; or why what he shows is worth nothing."""
        headers = scope["headers"]
        shown = _shown(headers)
        if shown is not None:
            return self._by_key(shown, now_us)
        session = sessions.read(self.ring, headers, now_us)
        if session is not None:
            return session.actor, None
        if self._is_local(scope) and self.ring.is_empty:
            return Actor("local", Role.ADMIN), None
        return None, None

    def _by_key(self, shown: bytes, now_us: int) -> tuple[Actor | None, HttpError | None]:
        if self.token and hmac.compare_digest(self.token, _digest(shown)):
            return Actor("local", Role.ADMIN), None
        actor = self.ring.actor(shown.decode("latin-1"), now_us)
        return actor, (None if actor else sessions.unknown_key())

    def _is_local(self, scope: Scope) -> bool:
        client = scope.get("client")
        straight = not any(name in _FORWARDED for name, _ in scope["headers"])
        return self.local and straight and client is not None and client[0] in LOOPBACK

    def _nobody(self) -> UnauthorizedError:
        fix = "Send it as Authorization: Bearer KEY, or as X-API-Key."
        if self.ring.is_empty:
            fix += " This city has none yet: woodpecker key create."
        return UnauthorizedError(
            "This needs an access key.",
            fix=fix,
            zh="此接口需要访问密钥。",
            fix_zh="请通过 Authorization: Bearer 或 X-API-Key 请求头发送密钥。",
            headers=_CHALLENGE,
        )


class _Routes:
    """The table, ready to be asked: plain paths by name, the others by pattern."""

    def __init__(self, table: Table) -> None:
        self.plain: dict[str, dict[str, Allowed]] = {}
        patterns: dict[str, dict[str, Allowed]] = {}
        for (method, path), allowed in table.items():
            (patterns if "{" in path else self.plain).setdefault(path, {})[method] = allowed
        self.patterns = [(compile_path(path)[0], methods) for path, methods in patterns.items()]

    def allowed(self, method: str, path: str) -> Allowed:
        """Who may; a HEAD is a GET.

        Raises:
            NotFoundError: the table has no such path.
            MethodError: it has, but not with this method.
        """
        methods = self.plain.get(path) or self._by_pattern(path)
        if methods is None:
            raise NotFoundError(f"Nothing is at {path[:80]!r}.", fix="The routes are listed at /docs.")
        allowed = methods.get("GET" if method == "HEAD" else method)
        if allowed is None:
            raise _wrong_method(method, methods)
        return allowed

    def _by_pattern(self, path: str) -> dict[str, Allowed] | None:
        return next((methods for regex, methods in self.patterns if regex.match(path)), None)


def unlisted(routes: Sequence[BaseRoute], table: Table = ACCESS) -> list[tuple[str, str]]:
    """The methods and paths of an app's routes that the table does not have: nobody can reach them.

    What a part of a path is called makes no difference.
    """
    listed = {(method, _nameless(path)) for method, path in table}
    return [route for route in routes_of(routes) if (route[0], _nameless(route[1])) not in listed]


def routes_of(routes: Sequence[BaseRoute]) -> list[tuple[str, str]]:
    """The methods and paths of an app's routes, those of its routers too; a HEAD is a GET."""
    return [
        (method, str(route.path))
        for route in iter_route_contexts(routes)
        for method in sorted(route.methods or ("GET",))
        if method != "HEAD"
    ]


def _nameless(path: str) -> str:
    return re.sub(r"\{\w+", "{", path)


def _path(scope: Scope) -> str:
    """The path as the routes have it, without that under which a proxy serves the app."""
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", "")) or "/"


def _shown(headers: Headers) -> bytes | None:
    """The key that a request shows; empty where it shows something else; None where nothing.

    Raises:
        BadRequestError: it shows two.
    """
    found = [_bearer(value) for name, value in headers if name == b"authorization"]
    found += [value.strip() for name, value in headers if name == b"x-api-key"]
    if len(set(found)) > 1:
        raise BadRequestError("There are several access keys.", fix="Send one.", zh="请求中有多个访问密钥。")
    return found[0] if found else None


def _bearer(value: bytes) -> bytes:
    scheme, _, key = value.strip().partition(b" ")
    return key.strip() if scheme.lower() == b"bearer" else b""


def _digest(text: bytes) -> bytes:
    return hashlib.sha256(text).digest()


def _key_in_query() -> KeyInQueryError:
    return KeyInQueryError(
        "There is an access key in the address, where logs keep it.",
        fix="Send it as Authorization: Bearer KEY, or as X-API-Key; revoke this one if it was real.",
        zh="网址中含有访问密钥，会被日志记录。",
        fix_zh="请改用 Authorization: Bearer 或 X-API-Key 请求头；若密钥真实有效，请将其吊销。",
    )


def _forbidden(role: Role, allowed: frozenset[Role]) -> ForbiddenError:
    may = sorted(allowed, key=list(Role).index)
    return ForbiddenError(
        f"This is not for the role {role.value!r}.",
        fix=f"It is for: {', '.join(one.value for one in may)}.",
        zh=f"“{ROLE_WORDS[role][0]}”不能使用此接口。",
        fix_zh=f"可用角色：{'、'.join(ROLE_WORDS[one][0] for one in may)}。",
    )


def _wrong_method(method: str, methods: Iterable[str]) -> MethodError:
    known = ", ".join(sorted(methods))
    return MethodError(
        f"{method[:20]!r} is not possible here.",
        fix=f"Possible: {known}.",
        zh=f"此处不能使用 {method[:20]}。",
        fix_zh=f"可用方法：{known}。",
        headers={"Allow": known},
    )
