"""The messages API of Anthropic."""

from __future__ import annotations

from typing import Any

import httpx2
from anthropic import AsyncAnthropic, Omit
from pydantic_ai.models import Model
from pydantic_ai.models.anthropic import AnthropicModel
from pydantic_ai.providers.anthropic import AnthropicProvider

from llmspell_engine.providers.wires.base import Connection, listed


class AnthropicWire:
    """See the protocol.

    The service documents the header ``x-api-key`` for keys, and gateways before it look there; the SDK puts a
    key into ``authorization``, so that one is left out unless the settings give it.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        given = {name.lower(): value for name, value in connection.headers.items()}
        self._client = AsyncAnthropic(
            api_key=connection.key,
            base_url=connection.root,
            max_retries=0,
            timeout=httpx2.Timeout(None, connect=connection.connect_timeout),
            default_headers={"x-api-key": connection.key, "authorization": Omit(), **given},  # type: ignore[dict-item]
        )

    def model(self, name: str) -> Model[Any]:
        """See the protocol."""
        return AnthropicModel(name, provider=AnthropicProvider(anthropic_client=self._client))

    async def model_names(self) -> list[str]:
        """See the protocol."""
        connection = self._connection
        headers = {"x-api-key": connection.key, "anthropic-version": "2023-06-01", **connection.headers}
        return await listed(f"{connection.root}/v1/models?limit=1000", headers, "data", "id")

    async def close(self) -> None:
        """See the protocol."""
        await self._client.close()
