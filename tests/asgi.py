"""A client that calls an app without a server; what the app does not catch is its answer 500."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx


class Client:
    """Calls an ASGI app; keeps cookies from call to call. Its lifespan is not run."""

    def __init__(self, app: Any, *, base_url: str = "http://localhost", peer: str = "127.0.0.1") -> None:
        self.transport = httpx.ASGITransport(app=app, raise_app_exceptions=False, client=(peer, 40_000))
        self.base_url = base_url
        self.cookies = httpx.Cookies()

    def request(self, method: str, path: str, **said: Any) -> httpx.Response:
        """The answer to one request."""
        return asyncio.run(self._request(method, path, said))

    async def _request(self, method: str, path: str, said: dict[str, Any]) -> httpx.Response:
        async with httpx.AsyncClient(
            transport=self.transport, base_url=self.base_url, cookies=self.cookies
        ) as client:
            answer = await client.request(method, path, **said)
            self.cookies = client.cookies
            return answer

    def get(self, path: str, **said: Any) -> httpx.Response:
        """The answer to a GET."""
        return self.request("GET", path, **said)

    def post(self, path: str, **said: Any) -> httpx.Response:
        """The answer to a POST."""
        return self.request("POST", path, **said)

    def delete(self, path: str, **said: Any) -> httpx.Response:
        """The answer to a DELETE."""
        return self.request("DELETE", path, **said)
