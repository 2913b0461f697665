"""The OpenAPI document: what the routes say, and what holds for all of them."""

from __future__ import annotations

import re
from typing import Any

from fastapi import FastAPI

from api.access import ACCESS, PUBLIC, Allowed, Table
from api.documented import PROBLEM_RESPONSES, problem_answer, refusals
from api.errors import PROBLEM_JSON
from layers.life_cycle import Role

SECURITY: dict[str, Any] = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "A key: `woodpecker key create`. A page exchanges it for a cookie: POST /v1/session.",
    },
    "header": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "The same key."},
}


class Documented(FastAPI):
    """An app whose document tells of every route who may use it, and how it may refuse."""

    def openapi(self) -> dict[str, Any]:
        """The document; made once."""
        if self.openapi_schema is None:
            complete(super().openapi())
        assert self.openapi_schema is not None
        return self.openapi_schema


def complete(document: dict[str, Any], table: Table = ACCESS) -> None:
    """Add to a document, in place, what its routes need not say each for itself."""
    components = document.setdefault("components", {})
    problem = PROBLEM_RESPONSES["default"]["content"][PROBLEM_JSON]["schema"]
    components.setdefault("schemas", {})["Problem"] = problem
    components["securitySchemes"] = SECURITY
    allowed = {(method, _nameless(path)): roles for (method, path), roles in table.items()}
    for path, item in document["paths"].items():
        for method, operation in item.items():
            components["schemas"].update(_definitions(operation))
            _complete(operation, method.upper(), path, allowed[method.upper(), _nameless(path)])


def _complete(operation: dict[str, Any], method: str, path: str, allowed: Allowed) -> None:
    is_public = allowed == PUBLIC
    names = "everybody" if is_public else ", ".join(role.value for role in Role if role in allowed)
    operation["description"] = f"{operation.get('description', '')}\n\nFor: {names}.".lstrip()
    operation["security"] = [] if is_public else [{name: []} for name in SECURITY]
    responses = operation["responses"]
    for status, said in refusals(*_statuses(operation, method, path, is_public=is_public)).items():
        responses.setdefault(str(status), said)
    responses["default"] = problem_answer("A problem document (RFC 9457); `code` is stable.")
    operation["responses"] = dict(sorted(responses.items()))


def _definitions(operation: dict[str, Any]) -> dict[str, Any]:
    """The schemas that the models of a body brought with them, taken out of it."""
    found: dict[str, Any] = {}
    for content in operation.get("requestBody", {}).get("content", {}).values():
        found |= content["schema"].pop("$defs", {})
    return found


def _statuses(operation: dict[str, Any], method: str, path: str, *, is_public: bool) -> list[int]:
    """How an operation may refuse, beside what its route says."""
    has_body = "requestBody" in operation
    found = [400] + ([] if is_public else [401, 403, 503]) + ([408, 413, 415] if has_body else [])
    found += [403] if method != "GET" else []
    found += [404] if "{" in path else []
    return found + ([422] if has_body or operation.get("parameters") else [])


def _nameless(path: str) -> str:
    return re.sub(r"\{\w+", "{", path)
