"""Listening for others on this machine: where that is allowed, and for how long."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Annotated

from pydantic import Field

from llmspell_engine.tools.base import ToolContext, ToolError
from llmspell_engine.tools.parameters import ToolParameters

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
