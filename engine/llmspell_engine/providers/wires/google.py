"""The Gemini API of Google."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Any

import httpx2
from google.genai.client import Client
from google.genai.types import HttpOptions
from pydantic_ai.models import Model, StreamedResponse
from pydantic_ai.models.google import GoogleModel
from pydantic_ai.providers.google import GoogleProvider

from llmspell_engine.providers.wires.base import Connection, ConnectTimeout, listed

_RESPONSES: ContextVar[list[httpx2.Response] | None] = ContextVar("responses", default=None)
"""Where the responses of the stream that is being opened are kept."""


class GoogleWire:
    """See the protocol."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._root = connection.base_url.rstrip("/").removesuffix("/v1beta")
        # The SDK says how long a request may take as a whole, and has no word for the connection alone.
        limited = ConnectTimeout(connection.connect_timeout)
        self._http = httpx2.AsyncClient(timeout=None, event_hooks={"request": [limited], "response": [_keep]})
        options = HttpOptions(
            base_url=self._root, headers=dict(connection.headers), httpx_async_client=self._http
        )
        self._client = Client(vertexai=False, api_key=connection.key, http_options=options)

    def model(self, name: str) -> Model[Any]:
        """See the protocol."""
        return _Model(name, provider=GoogleProvider(client=self._client))

    async def model_names(self) -> list[str]:
        """See the protocol."""
        headers = {"x-goog-api-key": self._connection.key, **self._connection.headers}
        found = await listed(f"{self._root}/v1beta/models?pageSize=1000", headers, "models", "name")
        return [name.removeprefix("models/") for name in found]

    async def close(self) -> None:
        """See the protocol."""
        self._client.close()
        await self._http.aclose()


class _Model(GoogleModel):
    """Ends the connection of a stream that is given up.

    The SDK nests generators and closes the outermost alone, so the response would stay open for as long as
    the server likes.
    """

    @asynccontextmanager
    async def request_stream(self, *args: Any, **named: Any) -> AsyncGenerator[StreamedResponse]:
        """See pydantic-ai."""
        responses: list[httpx2.Response] = []
        before = _RESPONSES.get()
        _RESPONSES.set(responses)
        try:
            async with super().request_stream(*args, **named) as stream:
                _RESPONSES.set(before)
                yield stream
        finally:
            for response in responses:
                await response.aclose()


async def _keep(response: httpx2.Response) -> None:
    if (responses := _RESPONSES.get()) is not None:
        responses.append(response)
