"""What the OpenAPI document says of bodies that routes read themselves."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

REF = "#/components/schemas/{model}"


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
    status: int, description: str, example: Any = None, *, kind: str = "application/json"
) -> dict[int | str, dict[str, Any]]:
    """The ``responses`` of a route that answers JSON, of whatever media type."""
    content: dict[str, Any] = {"schema": {"type": "object"}}
    if example is not None:
        content["example"] = example
    return {status: {"description": description, "content": {kind: content}}}
