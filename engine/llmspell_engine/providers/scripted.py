"""The provider whose answers are given in a file, so that a script can be shown and tested without a model.

The file is YAML or JSON: a list of answers a model, by its name.

::

    shop:                                  # the model scripted/shop
      - tool_calls: [{ name: price_of, arguments: { fruit: apple } }]
      - when: pears                        # only where the last message holds this text
        text: An apple costs 0.50.
      - error: the model is overloaded

Answers are given in their order, each once; one with ``when`` waits for its turn until it fits.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from llmspell_engine.providers.base import (
    Capabilities,
    Chunk,
    FinishReason,
    ModelAnswer,
    ModelRequest,
    ProviderError,
    ToolCall,
    Usage,
)

_WORD = re.compile(r"\S+\s*|\s+")
_KEYS = frozenset({"text", "tool_calls", "when", "error"})


class ScriptedError(ProviderError):
    """A file of answers cannot be read, or has none left; the message says which."""

    kind = "ScriptedError"


@dataclass(slots=True)
class ScriptedProvider:
    """Gives answers out of a file."""

    path: Path
    name: str = "scripted"
    capabilities: Capabilities = field(default_factory=lambda: Capabilities(multimodal=True))
    _answers: dict[str, list[Mapping[str, Any]]] | None = None

    @property
    def models(self) -> Sequence[str]:
        """The models that the file has answers for."""
        return tuple(self._read())

    async def complete(self, request: ModelRequest) -> ModelAnswer:
        """See the protocol."""
        found = self._next(request)
        if "error" in found:
            raise ProviderError(str(found["error"]))
        calls = [
            ToolCall(f"call-{number}", call["name"], call.get("arguments", {}))
            for number, call in enumerate(found.get("tool_calls", ()), 1)
        ]
        text = str(found.get("text", ""))
        usage = Usage(sum(len(message.text.split()) for message in request.messages), len(text.split()), 0.0)
        reason: FinishReason = "tool_calls" if calls else "stop"
        return ModelAnswer(text, usage, calls, finish_reason=reason, model=request.model)

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Chunk]:
        """See the protocol."""
        answer = await self.complete(request)
        for word in _WORD.findall(answer.text):
            yield Chunk(word)
        yield Chunk(answer=answer)

    async def close(self) -> None:
        """There is nothing to let go of."""

    def _next(self, request: ModelRequest) -> Mapping[str, Any]:
        answers = self._read()[request.model]
        asked = request.messages[-1].text if request.messages else ""
        for index, answer in enumerate(answers):
            if str(answer.get("when", "")) in asked:
                return answers.pop(index)
        left = f"{len(answers)} answers are left, none for this" if answers else "no answer is left"
        raise ScriptedError(f"{self.path}: the model '{request.model}' was asked {asked!r}, and {left}")

    def _read(self) -> dict[str, list[Mapping[str, Any]]]:
        if self._answers is None:
            self._answers = _read(self.path)
        return self._answers


def _read(path: Path) -> dict[str, list[Mapping[str, Any]]]:
    import yaml

    try:
        found = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, yaml.YAMLError, UnicodeDecodeError) as problem:
        raise ScriptedError(f"{path} cannot be read: {problem}") from None
    if not isinstance(found, dict):
        raise ScriptedError(f"{path} must hold a list of answers a model, by its name")
    for model, answers in found.items():
        for number, answer in enumerate(answers if isinstance(answers, list) else [None], 1):
            if not isinstance(answer, dict) or not answer or not set(answer) <= _KEYS:
                allowed = ", ".join(sorted(_KEYS))
                raise ScriptedError(f"{path}: answer {number} of '{model}' must be a table of {allowed}")
    return {str(model): list(answers) for model, answers in found.items()}
