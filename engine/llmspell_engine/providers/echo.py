"""The provider that needs no key and no network: it repeats what it is told.

The same request always gives the same answer, so scripts can be tried, tested and debugged with it.
A token is a word.
"""

from __future__ import annotations

from collections.abc import Sequence

from llmspell_engine.providers.base import ModelAnswer, ModelRequest


class EchoProvider:
    """Answers with the last prompt, cut to ``max_tokens`` words."""

    name = "echo"
    models: Sequence[str] = ("echo",)

    def complete(self, request: ModelRequest) -> ModelAnswer:
        """See the protocol."""
        prompts = [message.text for message in request.messages if message.role == "user"]
        text = _first_words(prompts[-1] if prompts else "", request.max_tokens)
        return ModelAnswer(
            text,
            prompt_tokens=sum(_words(message.text) for message in request.messages),
            answer_tokens=_words(text),
            details=_details(request),
        )


def _details(request: ModelRequest) -> dict[str, str]:
    system = [message.text for message in request.messages if message.role == "system"]
    return {"system_prompt": system[-1]} if system else {}


def _words(text: str) -> int:
    return len(text.split())


def _first_words(text: str, limit: int | None) -> str:
    if limit is None or _words(text) <= limit:
        return text
    return " ".join(text.split()[:limit])
