"""The API of Groq, which is that of OpenAI but for its errors and its usage in streams."""

from __future__ import annotations

from typing import Any

import httpx
from groq import AsyncGroq
from pydantic_ai.models import Model
from pydantic_ai.models.groq import GroqModel
from pydantic_ai.providers.groq import GroqProvider

from llmspell_engine.providers.wires.base import Connection, listed


class GroqWire:
    """See the protocol."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._root = connection.root.removesuffix("/openai")
        self._client = AsyncGroq(
            api_key=connection.key,
            base_url=self._root,
            max_retries=0,
            timeout=httpx.Timeout(None, connect=connection.connect_timeout),
            default_headers=connection.headers,
        )

    def model(self, name: str) -> Model[Any]:
        """See the protocol."""
        return GroqModel(name, provider=GroqProvider(groq_client=self._client))

    async def model_names(self) -> list[str]:
        """See the protocol."""
        headers = {"authorization": f"Bearer {self._connection.key}", **self._connection.headers}
        return await listed(f"{self._root}/openai/v1/models", headers, "data", "id")

    async def close(self) -> None:
        """See the protocol."""
        await self._client.close()
