"""The contract of a provider of language models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

Role = Literal["system", "user", "assistant"]


class ProviderError(Exception):
    """A provider cannot answer, or is not known; the message says why and what would help."""


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation."""

    role: Role
    text: str


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """What a model is asked: the conversation, oldest first, and how to answer."""

    model: str
    messages: Sequence[Message]
    temperature: float | None = None
    max_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class ModelAnswer:
    """What a model answered, with the tokens that it took."""

    text: str
    prompt_tokens: int
    answer_tokens: int
    details: Mapping[str, Any] = field(default_factory=dict)
    """Further facts that the provider tells."""

    @property
    def tokens(self) -> int:
        """Tokens of the prompt and the answer together."""
        return self.prompt_tokens + self.answer_tokens


class Provider(Protocol):
    """Serves models under one name."""

    name: str

    @property
    def models(self) -> Sequence[str]:
        """The models it serves; empty where it takes any name."""

    def complete(self, request: ModelRequest) -> ModelAnswer:
        """Answer a request and block until it is done. Raises ProviderError."""
