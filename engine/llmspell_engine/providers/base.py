"""The contract of a provider of language models: one small protocol over every wire.

::

    ProviderError                     a provider cannot answer, or is not known
    ├── AuthenticationError           the key is missing or wrong
    ├── RateLimitError                too many requests; ``retry_after`` says when to try again
    ├── ModelTimeoutError             no answer in time
    ├── ConnectionFailedError         the server cannot be reached, or hung up
    └── MalformedAnswerError          the answer cannot be read
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

Role = Literal["system", "user", "assistant", "tool"]
MediaKind = Literal["image", "audio", "video", "document"]
FinishReason = Literal["stop", "length", "tool_calls", "content_filter", "error"]
ToolChoice = Literal["auto", "none", "required"]


class ProviderError(Exception):
    """A provider cannot answer, or is not known; the message says why and what would help.

    Attributes:
        status: the HTTP status, if there was one.
        retry_after: seconds after which the server wants to be asked again, if it said so.
        is_passing: whether the same request may succeed when it is tried again.
    """

    kind = "ProviderError"

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        retry_after: float | None = None,
        is_passing: bool = False,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.retry_after = retry_after
        self.is_passing = is_passing


class AuthenticationError(ProviderError):
    """The key is missing or the server does not accept it."""

    kind = "AuthenticationError"


class RateLimitError(ProviderError):
    """The server, or the limit set for it, refuses more requests for now."""

    kind = "RateLimitError"


class ModelTimeoutError(ProviderError):
    """The model did not answer in time."""

    kind = "TimeoutError"


class ConnectionFailedError(ProviderError):
    """The server cannot be reached, or ended the connection."""

    kind = "ConnectionError"


class MalformedAnswerError(ProviderError):
    """The server's answer cannot be read."""

    kind = "MalformedAnswerError"


@dataclass(frozen=True, slots=True)
class Media:
    """A picture, sound, film or document: its bytes, or where the provider may fetch it."""

    kind: MediaKind
    media_type: str
    data: bytes | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call that a model asks for. ``arguments`` are as the model wrote them, parsed."""

    id: str
    name: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation.

    An assistant's turn may have ``tool_calls``; a turn of the role ``tool`` answers the call whose id is
    ``tool_call_id``.
    """

    role: Role
    text: str
    media: Sequence[Media] = ()
    tool_calls: Sequence[ToolCall] = ()
    tool_call_id: str | None = None
    tool_name: str | None = None


@dataclass(frozen=True, slots=True)
class ToolDefinition:
    """A tool that a model may call; ``parameters`` is a JSON Schema of an object."""

    name: str
    description: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """What a model is asked: the conversation, oldest first, and how to answer.

    Attributes:
        schema: a JSON Schema that the answer's text, as JSON, is to fit; None for free text.
        timeout: how long one attempt may take, in seconds; None leaves it to the provider's settings.
        extra: further settings that the provider passes on as they are.
    """

    model: str
    messages: Sequence[Message]
    temperature: float | None = None
    max_tokens: int | None = None
    top_p: float | None = None
    stop: Sequence[str] = ()
    seed: int | None = None
    tools: Sequence[ToolDefinition] = ()
    tool_choice: ToolChoice = "auto"
    schema: Mapping[str, Any] | None = None
    timeout: float | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one call, and what they cost in US dollars where that is known."""

    input_tokens: int = 0
    output_tokens: int = 0
    cost: float | None = None

    @property
    def tokens(self) -> int:
        """Tokens in and out together."""
        return self.input_tokens + self.output_tokens

    def __add__(self, other: Usage) -> Usage:
        """Both together; the cost is known where that of each is."""
        is_known = self.cost is not None and other.cost is not None
        return Usage(
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            (self.cost or 0.0) + (other.cost or 0.0) if is_known else None,
        )


NO_USAGE = Usage()
"""That nobody knows of."""
NOTHING_USED = Usage(cost=0.0)
"""That of work which has asked no model."""


@dataclass(frozen=True, slots=True)
class ModelAnswer:
    """What a model answered."""

    text: str
    usage: Usage = NO_USAGE
    tool_calls: Sequence[ToolCall] = ()
    media: Sequence[Media] = ()
    finish_reason: FinishReason = "stop"
    model: str | None = None
    """The model that answered, as the provider names it."""
    details: Mapping[str, Any] = field(default_factory=dict)
    """Further facts that the provider tells; plain values."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of a streamed answer. The last piece has no text and carries the whole answer."""

    text: str = ""
    answer: ModelAnswer | None = None


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a provider can do."""

    streaming: bool = True
    multimodal: bool = False
    tools: bool = True
    structured: bool = True
    max_context_tokens: int | None = None


class Provider(Protocol):
    """Serves models under one name. Used on the engine's loop only."""

    name: str

    @property
    def models(self) -> Sequence[str]:
        """The models it serves; empty where it takes any name."""

    @property
    def capabilities(self) -> Capabilities:
        """What it can do."""

    async def complete(self, request: ModelRequest) -> ModelAnswer:
        """Answer a request. Raises ProviderError."""

    def stream(self, request: ModelRequest) -> AsyncGenerator[Chunk]:
        """Answer a request piece by piece; closing the generator ends the request. Raises ProviderError."""

    async def close(self) -> None:
        """Let go of connections."""
