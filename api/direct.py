"""Routes that are asked all day, reached before all others and without looking for their parameters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_origin

from fastapi import FastAPI
from pydantic import BaseModel, ValidationError
from starlette.datastructures import QueryParams
from starlette.routing import Match, Route
from starlette.types import Scope

Read = Callable[[bytes], object | None]
QUERY = "query"
"""Where the scope of a request that came by a short way has what was read of its query."""


class Direct(Route):
    """A short way to a function that makes the response from the request alone.

    More than half of a small request's time goes into finding its route in the routers and into its
    parameters. What is wrong with a query is found the long way, which can say it.

    Args:
        read: a query, None where it cannot be; without one only requests without a query come this way.
    """

    def __init__(
        self, path: str, endpoint: Callable[..., Any], *, methods: list[str], read: Read | None = None
    ) -> None:
        super().__init__(path, endpoint, methods=methods)
        self.read = read or _no_query

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether a request goes this way."""
        if scope["type"] != "http" or scope["method"] not in (self.methods or ()):
            return Match.NONE, {}
        match, found = super().matches(scope)
        if match is not Match.FULL or (said := self.read(scope["query_string"])) is None:
            return Match.NONE, {}
        return match, {**found, "route": self, QUERY: said}


def shorten(
    app: FastAPI, path: str, function: Callable[..., Any], method: str, read: Read | None = None
) -> None:
    """Add a short way to a function that one of an app's routers has.

    Args:
        function: it takes the request, and finds what was read of the query in its scope.
    """
    app.router.routes.insert(0, Direct(path, function, methods=[method], read=read))


def reads(model: type[BaseModel]) -> Read:
    """Reads a query as FastAPI reads the parameters that a model lists."""
    many = {name for name, field in model.model_fields.items() if _is_list(field.annotation)}

    def read(query: bytes) -> BaseModel | None:
        said = QueryParams(query)
        try:
            return model.model_validate(
                {name: said.getlist(name) if name in many else value for name, value in said.items()}
            )
        except ValidationError:
            return None

    return read


def _is_list(annotation: Any) -> bool:
    return get_origin(annotation) is list


def _no_query(query: bytes) -> object | None:
    return None if query else ()
