"""The chat API of Cohere, version 2."""

from __future__ import annotations

from typing import Any

import httpx
from cohere import AsyncClientV2
from pydantic_ai.models import Model
from pydantic_ai.models.cohere import CohereModel
from pydantic_ai.providers.cohere import CohereProvider

from llmspell_engine.providers.wires.base import Connection, listed


class CohereWire:
    """See the protocol."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._root = connection.root.removesuffix("/v2")
        self._http = httpx.AsyncClient(
            headers=dict(connection.headers), timeout=httpx.Timeout(None, connect=connection.connect_timeout)
        )
        self._client = AsyncClientV2(
            api_key=connection.key, base_url=self._root, max_retries=0, httpx_client=self._http
        )

    def model(self, name: str) -> Model[Any]:
        """See the protocol."""
        return CohereModel(name, provider=CohereProvider(cohere_client=self._client))

    async def model_names(self) -> list[str]:
        """See the protocol."""
        headers = {"authorization": f"Bearer {self._connection.key}", **self._connection.headers}
        url = f"{self._root}/v1/models?page_size=1000&endpoint=chat"
        return await listed(url, headers, "models", "name")

    async def close(self) -> None:
        """See the protocol."""
        await self._http.aclose()
