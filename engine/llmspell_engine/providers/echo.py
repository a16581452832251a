"""The provider that needs no key and no network: it repeats what it is told.

The same request always gives the same answer, so scripts can be tried, tested and debugged with it.
A token is a word; a stream has a word a chunk.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Sequence

from llmspell_engine.providers.base import Capabilities, Chunk, ModelAnswer, ModelRequest, Usage

_WORD = re.compile(r"\S+\s*|\s+")


class EchoProvider:
    """Answers with the last prompt, cut to ``max_tokens`` words."""

    name = "echo"
    models: Sequence[str] = ("echo",)
    capabilities = Capabilities(tools=False, structured=False)

    async def complete(self, request: ModelRequest) -> ModelAnswer:
        """See the protocol."""
        prompts = [message.text for message in request.messages if message.role == "user"]
        text = _first_words(prompts[-1] if prompts else "", request.max_tokens)
        asked = sum(_words(message.text) for message in request.messages)
        return ModelAnswer(text, Usage(asked, _words(text), 0.0), model="echo", details=_details(request))

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Chunk]:
        """See the protocol."""
        answer = await self.complete(request)
        for word in _WORD.findall(answer.text):
            yield Chunk(word)
        yield Chunk(answer=answer)

    async def close(self) -> None:
        """There is nothing to let go of."""


def _details(request: ModelRequest) -> dict[str, str]:
    system = [message.text for message in request.messages if message.role == "system"]
    return {"system_prompt": system[-1]} if system else {}


def _words(text: str) -> int:
    return len(text.split())


def _first_words(text: str, limit: int | None) -> str:
    if limit is None or _words(text) <= limit:
        return text
    return " ".join(text.split()[:limit])
