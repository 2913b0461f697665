"""What is wrong with the fields of a request, in Chinese and English, without repeating more than it must."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypedDict

MOST_SHOWN = 60  # characters of a value that are shown
MOST_FIELDS = 20  # a body of a million mistakes gets a short answer
WIDEST_INT = 256  # bits; to write out a longer integer takes time, or is refused

_PARTS = ("body", "query", "path", "header", "cookie")
_ZH = {
    "missing": "缺少此项",
    "extra_forbidden": "没有这个字段",
    "json_invalid": "不是有效的 JSON",
    "string_type": "应为文字",
    "string_too_long": "文字太长",
    "string_too_short": "文字太短",
    "string_pattern_mismatch": "格式不对",
    "int_type": "应为整数",
    "int_parsing": "应为整数",
    "int_parsing_size": "数字太大",
    "int_from_float": "应为整数",
    "float_type": "应为数字",
    "float_parsing": "应为数字",
    "finite_number": "应为有限的数字",
    "bool_type": "应为 true 或 false",
    "bool_parsing": "应为 true 或 false",
    "list_type": "应为列表",
    "dict_type": "应为对象",
    "model_type": "应为对象",
    "model_attributes_type": "应为对象",
    "too_long": "项数太多",
    "too_short": "项数太少",
    "enum": "不在可选值之中",
    "literal_error": "不在可选值之中",
    "greater_than": "数值太小",
    "greater_than_equal": "数值太小",
    "less_than": "数值太大",
    "less_than_equal": "数值太大",
}


class FieldError(TypedDict):
    """A field, what stood in it (None where nothing did), and what is wrong with that."""

    field: str
    value: str | None
    problem: str
    problem_zh: str


def field_errors(found: Iterable[Mapping[str, Any]]) -> list[FieldError]:
    """The first mistakes that pydantic found (``ValidationError.errors()``), fit to be answered."""
    return [_field_error(one) for one, _ in zip(found, range(MOST_FIELDS), strict=False)]


def field_error(field: str, problem: str, zh: str, *, value: Any = None) -> FieldError:
    """One mistake that was found in another way."""
    return FieldError(field=field, value=shown(value), problem=problem, problem_zh=zh)


def _field_error(one: Mapping[str, Any]) -> FieldError:
    path = [str(part) for part in one["loc"]]
    path = path[1:] if path and path[0] in _PARTS else path
    problem = clean(str(one["msg"]).removeprefix("Value error, "))[:200]
    what = None if one["type"] in ("missing", "json_invalid") else shown(one.get("input"))
    field = clean(".".join(path))[: 2 * MOST_SHOWN]
    return FieldError(field=field, value=what, problem=problem, problem_zh=_ZH.get(one["type"], problem))


def shown(value: Any) -> str | None:
    """A value as a short text without control characters, whatever it is; lists and objects by their size."""
    if value is None:
        return None
    if isinstance(value, list | tuple | set | dict):
        return f"{'an object' if isinstance(value, dict) else 'a list'} of {len(value)}"
    if isinstance(value, int) and value.bit_length() > WIDEST_INT:
        return f"an integer of {value.bit_length()} bits"
    if isinstance(value, str | bytes):
        text = repr(value[: MOST_SHOWN + 1])
    else:
        text = repr(value) if isinstance(value, int | float) else type(value).__name__
    return clean(text if len(text) <= MOST_SHOWN + 2 else text[:MOST_SHOWN] + "…")


def clean(text: str) -> str:
    """A text that UTF-8 can hold: a lone surrogate becomes a question mark."""
    return text.encode("utf-8", "replace").decode("utf-8")
