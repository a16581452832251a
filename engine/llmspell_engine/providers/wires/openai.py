"""The OpenAI chat API, which most services offer too."""

from __future__ import annotations

from typing import Any

import httpx2
from openai import AsyncOpenAI
from pydantic_ai.models import Model
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.profiles.openai import OpenAIModelProfile
from pydantic_ai.providers.openai import OpenAIProvider

from llmspell_engine.providers.wires.base import Connection, listed

_STRICT = OpenAIModelProfile(openai_chat_streaming_requires_finish_reason=True)


class OpenAIWire:
    """See the protocol."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._client = AsyncOpenAI(
            api_key=connection.key,
            base_url=connection.base_url,
            max_retries=0,
            timeout=httpx2.Timeout(None, connect=connection.connect_timeout),
            default_headers=connection.headers,
        )

    def model(self, name: str) -> Model[Any]:
        """See the protocol."""
        return OpenAIChatModel(name, provider=OpenAIProvider(openai_client=self._client), profile=_STRICT)

    async def model_names(self) -> list[str]:
        """See the protocol."""
        connection = self._connection
        headers = {"authorization": f"Bearer {connection.key}", **connection.headers}
        return await listed(f"{connection.base_url.rstrip('/')}/models", headers, "data", "id")

    async def close(self) -> None:
        """See the protocol."""
        await self._client.close()
