"""The API of Mistral."""

from __future__ import annotations

from typing import Any

import httpx2
from mistralai.client import Mistral
from pydantic_ai.models import Model
from pydantic_ai.models.mistral import MistralModel
from pydantic_ai.providers.mistral import MistralProvider

from llmspell_engine.providers.wires.base import Connection, ConnectTimeout, listed


class MistralWire:
    """See the protocol."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        limited = ConnectTimeout(connection.connect_timeout)
        self._http = httpx2.AsyncClient(
            headers=dict(connection.headers), timeout=None, event_hooks={"request": [limited]}
        )
        self._client = Mistral(
            api_key=connection.key, server_url=connection.root, async_client=self._http, retry_config=None
        )

    def model(self, name: str) -> Model[Any]:
        """See the protocol."""
        return MistralModel(name, provider=MistralProvider(mistral_client=self._client))

    async def model_names(self) -> list[str]:
        """See the protocol."""
        headers = {"authorization": f"Bearer {self._connection.key}", **self._connection.headers}
        return await listed(f"{self._connection.root}/v1/models", headers, "data", "id")

    async def close(self) -> None:
        """See the protocol."""
        await self._http.aclose()
