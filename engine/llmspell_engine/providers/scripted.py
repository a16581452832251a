"""The provider whose answers are given in a file, so that a script can be shown and tested without a model.

The file is YAML or JSON: a list of answers a model, by its name; those of ``"*"`` are for all other models.

::

    shop:                                  # the model scripted/shop
      - tool_calls: [{ name: price_of, arguments: { fruit: apple } }]
      - when: pears                        # only where the last message holds this text
        text: An apple costs 0.50.
      - when: { regex: "^How (much|many)", system: be brief }
        pieces: [An apple, " costs 0.50."] # how a stream brings the text
        usage: { input_tokens: 12, output_tokens: 5, cost: 0.01 }
        delay_ms: 20                       # before the answer; in a stream, before each piece
        repeat: true                       # any number of times, or so often
      - error: the model is overloaded
      - error: { kind: RateLimitError, message: slow down, status: 429, retry_after: 2 }

Answers are given in their order, each once; one with ``when`` waits for its turn until it fits.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from llmspell_engine.providers.base import (
    Capabilities,
    Chunk,
    FinishReason,
    ModelAnswer,
    ModelRequest,
    ProviderError,
    Usage,
)
from llmspell_engine.providers.scripted_file import ANY_MODEL, ScriptedAnswer, ScriptedError, read_answers

__all__ = ["ScriptedError", "ScriptedProvider"]

_WORD = re.compile(r"\S+\s*|\s+")


@dataclass(slots=True)
class ScriptedProvider:
    """Gives answers out of a file."""

    path: Path
    name: str = "scripted"
    capabilities: Capabilities = field(default_factory=lambda: Capabilities(multimodal=True))
    _answers: dict[str, list[ScriptedAnswer]] | None = None

    @property
    def models(self) -> Sequence[str]:
        """The models that the file has answers for; none where it has some for any."""
        answers = self._read()
        return () if ANY_MODEL in answers else tuple(answers)

    async def complete(self, request: ModelRequest) -> ModelAnswer:
        """See the protocol."""
        found = self._next(request)
        await _pause(found)
        return _answer(found, request)

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Chunk]:
        """See the protocol."""
        found = self._next(request)
        pieces = _WORD.findall(found.text) if found.pieces is None else found.pieces
        for piece in pieces:
            await _pause(found)
            yield Chunk(piece)
        if not pieces:
            await _pause(found)
        yield Chunk(answer=_answer(found, request))

    async def close(self) -> None:
        """There is nothing to let go of."""

    def _next(self, request: ModelRequest) -> ScriptedAnswer:
        """The first answer that is left and fits."""
        answers = self._read()
        reasons = []
        for answer in answers.get(request.model, answers.get(ANY_MODEL, ())):
            reason = "was given" if answer.left == 0 else answer.when.misses(request)
            if reason is None:
                answer.left = None if answer.left is None else answer.left - 1
                return answer
            reasons.append(f"\n  {self.path}:{answer.line} {reason}")
        asked = request.messages[-1].text if request.messages else ""
        raise ScriptedError(
            f"{self.path}: the model '{request.model}' was asked {asked!r}, and no answer fits:"
            f"{''.join(reasons) or ' there is none'}"
        )

    def _read(self) -> dict[str, list[ScriptedAnswer]]:
        if self._answers is None:
            self._answers = read_answers(self.path)
        return self._answers


async def _pause(answer: ScriptedAnswer) -> None:
    if answer.delay:
        import anyio

        await anyio.sleep(answer.delay)


def _answer(found: ScriptedAnswer, request: ModelRequest) -> ModelAnswer:
    """What an answer of the file comes to. Raises its error."""
    if found.error is not None:
        raise _copied(found.error)
    counted = Usage(_words(message.text for message in request.messages), _words([found.text]), 0.0)
    ended: FinishReason = "tool_calls" if found.tool_calls else "stop"
    return ModelAnswer(
        found.text,
        found.usage or counted,
        found.tool_calls,
        finish_reason=found.finish_reason or ended,
        model=request.model,
    )


def _copied(error: ProviderError) -> ProviderError:
    """The same error anew, for one that was raised before has a traceback."""
    return type(error)(
        str(error), status=error.status, retry_after=error.retry_after, is_passing=error.is_passing
    )


def _words(texts: Iterable[str]) -> int:
    return sum(len(text.split()) for text in texts)
