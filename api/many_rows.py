"""Requests about many things at once: an array of rows, each read for itself so that one spoils no other."""

from __future__ import annotations

from typing import Any, TypeVar

import orjson
from fastapi import Request
from pydantic import BaseModel

from api.bodies import check_json, parse_json, parse_model, read_body
from api.errors import invalid_fields
from api.field_errors import field_error
from api.tables import ARROW, CSV, JSON

MOST_ROWS = 10_000
MOST_BYTES = 20_000_000
WITHIN_S = 60.0

AS_TABLES: dict[str, Any] = {
    CSV: {"schema": {"type": "string"}}, ARROW: {"schema": {"type": "string", "format": "binary"}}
}  # fmt: skip
"""What the OpenAPI document says of tables as bodies."""

ModelT = TypeVar("ModelT", bound=BaseModel)


def rows_or_table(name: str, items: dict[str, Any], example: list[Any], csv: str) -> dict[str, Any]:
    """The ``openapi_extra`` of a route that takes what `read_rows` reads, or a table.

    Args:
        items: the schema of a row.
        example: some rows.
        csv: an example of a table.
    """
    rows = {"type": "array", "maxItems": MOST_ROWS, "items": items}
    named = {"type": "object", "required": [name], "properties": {name: rows}}
    content = {
        JSON: {"schema": {"anyOf": [named, rows]}, "example": {name: example}},
        **AS_TABLES,
        CSV: {**AS_TABLES[CSV], "example": csv},
    }
    return {"requestBody": {"required": True, "content": content}}


async def read_rows(request: Request, name: str, zh: str) -> list[Any]:
    """The rows of a body, which is their array alone, or an object with nothing but them under a name.

    Args:
        zh: what they are called in Chinese.

    Raises:
        InvalidRequestError: it is neither, or has more than `MOST_ROWS` of them; and what
            `api.bodies.check_json`, `read_body` and `parse_json` raise.
    """
    check_json(request)
    body = parse_json(await read_body(request, MOST_BYTES, WITHIN_S))
    rows = body.get(name) if isinstance(body, dict) and set(body) == {name} else body
    if not isinstance(rows, list):
        problem = f'should be {{"{name}": [...]}} or an array'
        raise invalid_fields([field_error(name, problem, f'应为 {{"{name}": [...]}} 或数组', value=body)])
    if len(rows) > MOST_ROWS:
        problem = f"has more than {MOST_ROWS:,} {name}; send less at a time"
        raise invalid_fields([field_error(name, problem, f"{zh}太多，请分批发送", value=rows)])
    return rows


def parse_row(row: Any, model: type[ModelT]) -> ModelT:
    """A row as a model, as strictly as a body of its own.

    Raises:
        InvalidRequestError: it is not what the model takes, or too deeply nested.
    """
    try:
        written = orjson.dumps(row)
    except orjson.JSONEncodeError as error:  # it writes less deeply than it reads
        raise invalid_fields([field_error("", "is nested too deeply", "嵌套太深")]) from error
    return parse_model(written, model)
