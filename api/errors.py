"""Errors as RFC 9457 problem documents: one table from exception to status, code and title.

``type`` is the relative reference ``/problems/CODE``, which the service answers with the code's titles: it
stays the same on every host that serves a city. ``code`` is its last part, for programs. What went wrong is
said in English by the domain (``detail``, ``fix``); the titles are in Chinese and English.
"""

from __future__ import annotations

import logging
import secrets
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

import orjson
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.types import Scope

from api.field_errors import FieldError, clean, field_errors
from geo.errors import (
    CityError,
    ClaimedError,
    ConfigError,
    ConflictError,
    CoordinateError,
    CrsError,
    GridError,
    LayerError,
    NotAllowed,
    NotFoundError,
    PhotoError,
    ReusedKeyError,
    StoreError,
    StoreUnavailableError,
    UnsafeFileError,
    WrongRole,
    WrongState,
)
from layers.findings import Lang

PROBLEM_JSON = "application/problem+json"
RETRY_AFTER_S = 2
_NO_SNIFF = {"X-Content-Type-Options": "nosniff"}  # an internal error passes no middleware
FRAMES = 12  # of the stack of an unforeseen error, in the log
MOST_DETAIL = 1_000  # characters of a sentence

logger = logging.getLogger("woodpecker")


class HttpError(GridError):
    """What only HTTP can get wrong; unlike the domain it may speak Chinese, too."""

    def __init__(
        self,
        message: str,
        *,
        fix: str = "",
        zh: str = "",
        fix_zh: str = "",
        headers: Mapping[str, str] | None = None,
        errors: Sequence[FieldError] = (),
    ) -> None:
        super().__init__(message, fix=fix)
        self.zh, self.fix_zh = zh, fix_zh
        self.headers = dict(headers or {})
        self.errors = list(errors)


class BadRequestError(HttpError):
    """The request is not what HTTP or the route takes."""


class KeyInQueryError(BadRequestError):
    """An access key stands in the address, where logs and histories keep it."""


class UnauthorizedError(HttpError):
    """Nobody is known by what the request shows, and the route is not for everybody."""


class ForbiddenError(HttpError):
    """The route is not for this role."""


class ForeignOriginError(HttpError):
    """A page of another origin asks for a change."""


class MethodError(HttpError):
    """The address is right, and the method is not."""


class WrongHostError(HttpError):
    """The request is for a host that this is not."""


class LargeHeadersError(HttpError):
    """Address and headers are larger than the server takes."""


class SlowHeadersError(HttpError):
    """The headers were not complete in time."""


class SlowBodyError(HttpError):
    """The body did not arrive in time."""


class LargeBodyError(HttpError):
    """The body, a part or a line of it is larger than the route takes."""


class MediaTypeError(HttpError):
    """The body is of a kind that the route does not take."""


class InvalidRequestError(HttpError):
    """Fields of the request are wrong; ``errors`` names them."""


class StillRunningError(HttpError):
    """The same request is being answered."""


class NotReadyError(HttpError):
    """The service is up and cannot work."""


class TooManyRequestsError(HttpError):
    """More was asked for than is given at a time."""


@dataclass(frozen=True, slots=True)
class Kind:
    """How an exception is answered.

    Attributes:
        tells: whether its message goes out. What concerns the server's own files does not: the log has it.
    """

    status: int
    code: str
    zh: str
    en: str
    tells: bool = True
    retry_after_s: int = 0


INTERNAL = Kind(500, "internal_error", "服务内部错误", "Internal error", tells=False)
NO_CITY = Kind(503, "city_unavailable", "城市数据暂不可用", "The city is not available", False, RETRY_AFTER_S)
INVALID = Kind(422, "invalid_request", "请求内容有误", "The request is not valid")

# The most specific type wins. Whatever is not here is INTERNAL.
KINDS: dict[type[Exception], Kind] = {
    GridError: Kind(422, "invalid_input", "输入有误", "The input cannot be used"),
    CoordinateError: Kind(422, "invalid_coordinates", "坐标有误", "The coordinates cannot be used"),
    CrsError: Kind(422, "invalid_crs", "坐标系有误", "The coordinate system cannot be used"),
    LayerError: Kind(422, "invalid_layer", "图层数据有误", "The layer cannot be used"),
    UnsafeFileError: Kind(422, "unsafe_file", "文件不安全", "The file is not safe"),
    PhotoError: Kind(422, "invalid_photo", "照片无法使用", "The photo cannot be used"),
    NotFoundError: Kind(404, "not_found", "没有找到", "Not found"),
    # Unknown, or lacking a reason: sent again with what it lacks, it may do.
    NotAllowed: Kind(422, "invalid_action", "操作有误", "The action is not valid"),
    WrongState: Kind(409, "not_allowed_in_state", "当前状态不允许此操作", "Not possible in this state"),
    WrongRole: Kind(403, "not_allowed_for_role", "此角色不允许此操作", "Not allowed for this role"),
    # A request cannot damage a city or its words; the service cannot serve until somebody mends them.
    CityError: NO_CITY,
    ConfigError: NO_CITY,
    StoreError: Kind(500, "store_error", "存储错误", "The store failed", tells=False),
    ConflictError: Kind(409, "conflict", "与已有内容冲突", "In conflict with what is there"),
    ClaimedError: Kind(409, "claimed", "已被他人领取", "Claimed by somebody else"),
    ReusedKeyError: Kind(422, "idempotency_key_reused", "幂等键已用于其他内容", "Idempotency key reused"),
    StoreUnavailableError: Kind(
        503, "store_unavailable", "暂时无法写入或读取", "The store is not available", False, RETRY_AFTER_S
    ),
    HttpError: Kind(400, "bad_request", "请求有误", "Bad request"),
    KeyInQueryError: Kind(400, "key_in_query", "密钥不能写在网址里", "A key has no place in an address"),
    UnauthorizedError: Kind(401, "unauthorized", "需要访问密钥", "An access key is needed"),
    ForbiddenError: Kind(403, "forbidden", "没有权限", "Not allowed"),
    ForeignOriginError: Kind(403, "foreign_origin", "来自其他网站的请求", "A request from another site"),
    WrongHostError: Kind(421, "wrong_host", "主机名不符", "This is another host"),
    MethodError: Kind(405, "method_not_allowed", "不支持的方法", "Method not allowed"),
    LargeHeadersError: Kind(431, "headers_too_large", "请求头太大", "The headers are too large"),
    SlowHeadersError: Kind(408, "headers_too_slow", "请求头接收超时", "The headers took too long"),
    SlowBodyError: Kind(408, "body_too_slow", "请求内容接收超时", "The body took too long"),
    LargeBodyError: Kind(413, "body_too_large", "请求内容太大", "The body is too large"),
    MediaTypeError: Kind(415, "unsupported_media_type", "不支持的内容类型", "Unsupported media type"),
    InvalidRequestError: INVALID,
    StillRunningError: Kind(
        409, "still_running", "相同请求正在处理", "Still at work", retry_after_s=RETRY_AFTER_S
    ),
    NotReadyError: Kind(503, "not_ready", "服务未就绪", "Not ready", retry_after_s=RETRY_AFTER_S),
    TooManyRequestsError: Kind(
        429, "too_many_requests", "请求太多", "Too many requests", retry_after_s=RETRY_AFTER_S
    ),
}  # fmt: skip

# What the framework answers on its own.
BY_STATUS: dict[int, Kind] = {
    400: KINDS[HttpError],
    401: KINDS[UnauthorizedError],
    403: KINDS[ForbiddenError],
    404: KINDS[NotFoundError],
    405: KINDS[MethodError],
    406: Kind(406, "not_acceptable", "没有所要的格式", "Not acceptable"),
    408: KINDS[SlowBodyError],
    409: KINDS[ConflictError],
    413: KINDS[LargeBodyError],
    415: KINDS[MediaTypeError],
    421: KINDS[WrongHostError],
    422: INVALID,
    429: KINDS[TooManyRequestsError],
    503: Kind(503, "unavailable", "暂不可用", "Not available now", retry_after_s=RETRY_AFTER_S),
}
CODES = {kind.code: kind for kind in (INTERNAL, *KINDS.values(), *BY_STATUS.values())}


def kind_of(error: Exception) -> Kind:
    """How an exception is answered: the table's row of its most specific type."""
    return next((KINDS[cls] for cls in type(error).__mro__ if cls in KINDS), INTERNAL)


def language(headers: Headers) -> Lang:
    """Which of the two languages a client prefers (Accept-Language); English where it names neither."""
    best: tuple[float, Lang] = (0.0, "en")
    for part in headers.get("accept-language", "")[:200].lower().split(","):
        tag, _, weight = part.strip().partition(";q=")
        quality = float(weight) if weight.replace(".", "", 1).isdecimal() else float(not weight)
        lang: Lang | None = "zh" if tag.startswith("zh") else "en" if tag.startswith("en") else None
        if lang and quality > best[0]:
            best = (quality, lang)
    return best[1]


def problem(scope: Scope, error: Exception) -> Response:
    """The answer to an exception; for middlewares too, which no handler stands around."""
    kind = kind_of(error)
    if not isinstance(error, GridError) or not kind.tells:
        _log(scope, error)
        return _answer(scope, kind, "", "")
    detail, fix = error.message, error.fix
    if not isinstance(error, HttpError):
        return _answer(scope, kind, detail, fix)
    if language(Headers(scope=scope)) == "zh":
        detail, fix = error.zh or detail, error.fix_zh or fix
    return _answer(scope, kind, detail, fix, headers=error.headers, errors=error.errors)


def problem_json(error: GridError) -> dict[str, object]:
    """An error as a member of an answer that went well as a whole, such as a line of a batch; in English."""
    kind = kind_of(error)
    detail, fix = (error.message, error.fix) if kind.tells else ("", "")
    errors = error.errors if isinstance(error, HttpError) else ()
    return _members(kind, "en", detail, fix, "", errors)


def invalid(found: ValidationError | RequestValidationError) -> InvalidRequestError:
    """Pydantic's mistakes as one error that names the fields."""
    mistakes = found.errors()
    return invalid_fields(field_errors(mistakes), count=len(mistakes))


def invalid_fields(errors: Sequence[FieldError], *, count: int = 0) -> InvalidRequestError:
    """One error of the mistakes in fields; ``count`` where there are more of them than are told."""
    first, others = errors[0], max(count, len(errors)) - 1
    more, more_zh = (f" (and {others} more)", f"（另有 {others} 处）") if others else ("", "")
    return InvalidRequestError(
        f"{first['field'] or 'The request'}: {first['problem'].rstrip('.')}{more}.",
        zh=f"{first['field'] or '请求'}：{first['problem_zh'].rstrip('.')}{more_zh}。",
        errors=errors,
    )


def install(app: FastAPI) -> None:
    """Answer every error of an app with a problem document, and ``/problems/CODE`` with a code's titles."""
    app.add_exception_handler(Exception, _on_error)
    app.add_exception_handler(GridError, _on_error)
    app.add_exception_handler(ValidationError, _on_invalid)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(ClientDisconnect, _on_gone)
    app.add_api_route("/problems/{code}", _meaning, include_in_schema=False)


async def _on_error(request: Request, error: Exception) -> Response:
    return problem(request.scope, error)


async def _on_invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, ValidationError | RequestValidationError)
    return problem(request.scope, invalid(error))


async def _on_http(request: Request, error: Exception) -> Response:
    """What starlette and FastAPI raise: 404 and 405 of the router, and what they cannot parse."""
    assert isinstance(error, HTTPException)
    status = error.status_code
    kind = BY_STATUS.get(status, INTERNAL if status >= 500 else KINDS[HttpError])
    detail = str(error.detail) if kind.tells and error.detail else ""
    return _answer(request.scope, kind, detail, "", headers=error.headers or {})


async def _on_gone(_: Request, __: Exception) -> Response:
    """Nobody is there to read it, and nothing went wrong here."""
    return Response(status_code=400, headers={"Connection": "close"})


async def _meaning(code: str) -> Response:
    if code not in CODES:
        raise NotFoundError(
            f"No problem has the code {code[:40]!r}.", fix=f"Known: {', '.join(sorted(CODES))}."
        )
    kind = CODES[code]
    titles = {"title_zh": kind.zh, "title_en": kind.en}
    return JSONResponse({"type": f"/problems/{code}", "code": code, "status": kind.status, **titles})


def _answer(
    scope: Scope,
    kind: Kind,
    detail: str,
    fix: str,
    *,
    headers: Mapping[str, str] | None = None,
    errors: Sequence[FieldError] = (),
) -> Response:
    lang = language(Headers(scope=scope))
    # The path only: a query may hold what is nobody's business.
    body = _members(kind, lang, detail, fix, quote(scope["path"], errors="replace"), errors)
    own = {"Content-Language": lang, "Vary": "Accept-Language", "Cache-Control": "no-store", **_NO_SNIFF}
    own |= {"Retry-After": str(kind.retry_after_s)} if kind.retry_after_s else {}
    return Response(
        orjson.dumps(body), kind.status, headers={**own, **(headers or {})}, media_type=PROBLEM_JSON
    )


def _members(
    kind: Kind, lang: Lang, detail: str, fix: str, instance: str, errors: Sequence[FieldError]
) -> dict[str, object]:
    body: dict[str, object] = {
        "type": f"/problems/{kind.code}",
        "title": kind.zh if lang == "zh" else kind.en,
        "status": kind.status,
        "code": kind.code,
    }
    said = {"detail": detail, "fix": fix, "instance": instance}
    body |= {name: clean(text)[:MOST_DETAIL] for name, text in said.items() if text}
    body |= {"title_zh": kind.zh, "title_en": kind.en}
    return body | ({"errors": list(errors)} if errors else {})


def _log(scope: Scope, error: Exception) -> None:
    """What the client is not told; of the unforeseen the type and where only: its text may hold what was
    sent.
    """
    route = getattr(scope.get("route"), "path", "a route")
    name, reference = type(error).__name__, secrets.token_hex(4)
    frames = traceback.extract_tb(error.__traceback__)[-FRAMES:]
    where = " < ".join(f"{frame.filename}:{frame.lineno} {frame.name}" for frame in reversed(frames))
    said = clean(error.message) if isinstance(error, GridError) else where
    logger.error("%s %s failed (%s): %s: %s", scope["method"], route, reference, name, said)
