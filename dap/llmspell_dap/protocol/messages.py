"""The three kinds of message, and the error that a failed response carries."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from llmspell_dap.protocol.base import Value


class Request(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="request"):
    """A client asks for something; ``arguments`` stays encoded until the handler's type is known."""

    seq: int
    command: str
    arguments: msgspec.Raw = msgspec.Raw(b"{}")


class ClientResponse(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="response"):
    """A client answers a reverse request."""

    seq: int
    request_seq: int
    success: bool
    command: str
    message: str | None = None
    body: Any = None


class ClientEvent(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="event"):
    """The protocol has no events from a client; one that comes is passed over."""

    seq: int
    event: str


Incoming = Request | ClientResponse | ClientEvent


class Response(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The one answer to a request. Not a renamed value: ``request_seq`` is spelled so on the wire."""

    seq: int
    request_seq: int
    success: bool
    command: str
    type: Literal["response"]
    message: str | None = None
    body: Any = None


class EventMessage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The adapter tells of something that happened."""

    seq: int
    event: str
    type: Literal["event"]
    body: Any = None


class Message(Value, frozen=True):
    """What went wrong, for people: ``format`` with ``{name}`` parts that ``variables`` fill."""

    id: int
    format: str
    variables: dict[str, str] | None = None
    show_user: bool | None = None


class ErrorBody(Value, frozen=True):
    """The body of a failed response."""

    error: Message
