"""What the OpenAPI document says of bodies that routes read, and write, themselves."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from pydantic import BaseModel

from api.errors import CODES, PROBLEM_JSON

REF = "#/components/schemas/{model}"
Responses = dict[int | str, dict[str, Any]]

PROBLEM: dict[str, Any] = {"$ref": "#/components/schemas/Problem"}
SAID = {
    400: "The request is not what HTTP or the route takes, or holds a key in its address.",
    401: "No key is shown, or one that is unknown, expired or revoked.",
    403: "The role may not do this; or a page of another site asks for a change.",
    404: "There is none, or it is not for this actor.",
    408: "The body was not there in time.",
    409: "In conflict with what is there, or with a request that is still at work.",
    413: "The body is too large.",
    415: "The body is of a kind that is not taken, or compressed.",
    422: "What is wrong in which field stands in `errors`.",
    429: "All places are taken; try again later.",
    503: "Try again after `Retry-After` seconds; nothing was stored.",
}
# For a route's or an app's ``responses``: FastAPI would document answers that this service never gives.
PROBLEM_RESPONSES: Responses = {
    "default": {
        "description": "A problem document (RFC 9457); `code` is stable.",
        "content": {
            PROBLEM_JSON: {
                "schema": {
                    "type": "object",
                    "required": ["type", "title", "status", "code", "title_zh", "title_en"],
                    "properties": {
                        "type": {"type": "string", "example": "/problems/not_found"},
                        "title": {"type": "string"},
                        "status": {"type": "integer"},
                        "code": {"type": "string", "enum": sorted(CODES)},
                        "detail": {"type": "string"},
                        "fix": {"type": "string"},
                        "instance": {"type": "string"},
                        "title_zh": {"type": "string"},
                        "title_en": {"type": "string"},
                        "errors": {
                            "type": "array",
                            "items": {
                                "type": "object",
                                "properties": {
                                    "field": {"type": "string"},
                                    "value": {"type": ["string", "null"]},
                                    "problem": {"type": "string"},
                                    "problem_zh": {"type": "string"},
                                },
                            },
                        },
                    },
                }
            }
        },
    }
}
_TYPES: dict[type, str] = {bool: "boolean", int: "number", float: "number", str: "string"}
IDEMPOTENCY_KEY: dict[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Sent again with the same body, the request is answered as before and stores nothing new.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[ -~]+$"},
    "example": "5f0c2a9b-e1d0-4c34-9a53-0b7cf2f6f1aa",
}


def json_body(model: type[BaseModel], example: Any, *, form: bool = False) -> dict[str, Any]:
    """The ``openapi_extra`` of a route that takes a model as JSON, and as a form where ``form`` is set."""
    schema = model.model_json_schema(ref_template=REF)
    content: dict[str, Any] = {"application/json": {"schema": schema, "example": example}}
    if form:
        photo = {"type": "array", "items": {"type": "string", "format": "binary"}, "maxItems": 5}
        fields = {**schema["properties"], "photo": photo}
        content["multipart/form-data"] = {"schema": {**schema, "properties": fields}}
    return {"requestBody": {"required": True, "content": content}}


def json_answer(
    status: int,
    description: str,
    example: Any = None,
    *,
    kind: str = "application/json",
    free: Collection[str] = (),
) -> Responses:
    """The ``responses`` of a route that answers JSON, of whatever media type.

    Args:
        example: tells the members, too; see `shape`.
        free: names of members of which any may be missing, or others be there.
    """
    content: dict[str, Any] = {"schema": {"type": "object"}}
    if example is not None:
        content = {"schema": {**shape(example, free), "type": "object"}, "example": example}
    return {status: {"description": description, "content": {kind: content}}}


def refusals(*statuses: int) -> Responses:
    """The ``responses`` of a route that may refuse with these statuses."""
    return {status: problem_answer(SAID[status]) for status in statuses}


def problem_answer(description: str) -> dict[str, Any]:
    """A response that is a problem document."""
    return {"description": description, "content": {PROBLEM_JSON: {"schema": PROBLEM}}}


def shape(example: Any, free: Collection[str] = ()) -> dict[str, Any]:
    """The schema of values with the members of an example; each of these may be null instead.

    Of an empty list or a null nothing is known but that.
    """
    if isinstance(example, dict):
        members = {
            name: {"type": ["object", "null"]} if name in free else shape(value, free)
            for name, value in example.items()
        }
        return {"type": ["object", "null"], "required": list(members), "properties": members}
    if isinstance(example, list):
        kinds = [shape(value, free) for value in example]
        kinds = [kind for at, kind in enumerate(kinds) if kind not in kinds[:at]]
        items = {} if not kinds else kinds[0] if len(kinds) == 1 else {"anyOf": kinds}
        return {"type": ["array", "null"], "items": items}
    return {} if example is None else {"type": [_TYPES[type(example)], "null"]}
