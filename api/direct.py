"""Routes that are asked all day, reached before all others and without looking for their parameters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI
from starlette.routing import Match, Route
from starlette.types import Scope


class Direct(Route):
    """A short way to a function that makes the response from the request alone, where there is no query.

    More than half of a small request's time goes into finding its route in the routers and into its
    parameters. With a query it goes that way, as its description says.
    """

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether a request goes this way."""
        if scope["type"] != "http" or scope["query_string"] or scope["method"] not in (self.methods or ()):
            return Match.NONE, {}
        match, found = super().matches(scope)
        return match, {**found, "route": self}


def shorten(app: FastAPI, path: str, function: Callable[..., Any], method: str) -> None:
    """Add a short way to a function that one of an app's routers has, whose parameters all may be missing."""
    app.router.routes.insert(0, Direct(path, function, methods=[method]))
