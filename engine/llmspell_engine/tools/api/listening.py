"""Listening for others on this machine: where that is allowed, for how long, and what came."""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import TYPE_CHECKING, Annotated, Any, Generic, Literal, TypeVar

from anyio import Event
from pydantic import Field

from llmspell_engine.tools.base import ToolContext, ToolError
from llmspell_engine.tools.parameters import ToolParameters

if TYPE_CHECKING:
    from anyio.abc import SocketStream

Message = TypeVar("Message")
Parameters = TypeVar("Parameters", bound="ListenParameters")
LARGEST = 10 * 1024 * 1024


class ListenParameters(ToolParameters):
    """Where to listen, and for how long."""

    port: int = Field(ge=1, le=65535, description="The port to listen at.")
    address: Annotated[str, Field(min_length=1)] = Field(
        "127.0.0.1", description="The address to listen at; by default only this machine reaches it."
    )
    max_messages: int = Field(1, ge=1, le=1000, description="How many messages to wait for.")
    timeout: float = Field(
        30,
        gt=0,
        le=3600,
        description="How long to listen at most, in seconds; what came by then is the result.",
    )
    max_bytes: int = Field(1024 * 1024, ge=1, le=LARGEST, description="How many bytes a message has at most.")
    secret: Annotated[str, Field(min_length=1)] | None = Field(
        None, description="A secret shared with the sender: messages that are not signed with it are refused."
    )


@dataclass(slots=True)
class Inbox(Generic[Parameters, Message]):
    """What came so far."""

    parameters: Parameters
    messages: list[Message] = field(default_factory=list)
    rejected: int = 0
    full: Event = field(default_factory=Event)
    """Set when as many have come as are wanted, and the last of them is answered."""

    @property
    def is_full(self) -> bool:
        """Whether no more messages are wanted."""
        return len(self.messages) >= self.parameters.max_messages

    def facts(self) -> dict[str, Any]:
        """What all results tell of messages."""
        return {
            "messages": self.messages,
            "count": len(self.messages),
            "rejected": self.rejected,
            "timed_out": not self.is_full,
        }


async def accept_until_full(
    address: str, inbox: Inbox[Any, Any], serve: Callable[[SocketStream], Awaitable[None]]
) -> None:
    """Serve connections until enough messages have come. Raises ToolError."""
    from anyio import create_task_group, create_tcp_listener

    try:
        listener = await create_tcp_listener(local_host=address, local_port=inbox.parameters.port)
    except OSError as error:
        raise cannot_listen(inbox.parameters, error) from None
    async with listener, create_task_group() as tasks:
        tasks.start_soon(listener.serve, serve)
        await inbox.full.wait()
        tasks.cancel_scope.cancel()


def place_of(parameters: ListenParameters) -> str:
    """Where is listened, ``127.0.0.1:9000``."""
    host = f"[{parameters.address}]" if ":" in parameters.address else parameters.address
    return f"{host}:{parameters.port}"


def now() -> str:
    """The time at which a message comes."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def as_text(data: bytes) -> tuple[str, Literal["text", "base64"]]:
    """Bytes as text, or as base64 where they are none."""
    try:
        return data.decode(), "text"
    except UnicodeDecodeError:
        return base64.b64encode(data).decode(), "base64"


async def checked_address(parameters: ListenParameters, context: ToolContext) -> str:
    """The address to listen at: this machine's own, or one that the permissions name.

    Raises ToolError and SecurityError.
    """
    try:
        given = ip_address(parameters.address)
    except ValueError:
        raise ToolError(
            f"'{parameters.address}' is no address, such as 127.0.0.1", code="invalid_input"
        ) from None
    if given.is_loopback and all(held.rules.hosts != "listed" for held in context.permissions.all):
        return str(given)
    return await context.permissions.host(str(given), parameters.port)


def cannot_listen(parameters: ListenParameters, error: OSError) -> ToolError:
    """The failure of taking a port."""
    told = f"'{parameters.address}:{parameters.port}' cannot be listened at: {error.strerror or error}"
    return ToolError(told, code="cannot_listen")
