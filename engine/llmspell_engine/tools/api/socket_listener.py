"""Waiting for messages over plain sockets."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from anyio import (
    BrokenResourceError,
    DelimiterNotFound,
    EndOfStream,
    IncompleteRead,
    create_udp_socket,
    move_on_after,
)
from anyio.streams.buffered import BufferedByteReceiveStream
from pydantic import Field

from llmspell_engine.api.declare import Result
from llmspell_engine.tools.api.listening import (
    Inbox,
    ListenParameters,
    accept_until_full,
    as_text,
    cannot_listen,
    checked_address,
    now,
    place_of,
)
from llmspell_engine.tools.base import Outcome, Tool, ToolContext, counted
from llmspell_engine.tools.signatures import is_signed

if TYPE_CHECKING:
    from anyio.abc import SocketStream


class SocketListenParameters(ListenParameters):
    """Where to listen, for what, and for how long.

    With ``secret``, a message begins with its signature, the HMAC with SHA-256 in hex, and a blank.
    """

    only_operation: ClassVar[str] = "listen"

    protocol: Literal["tcp", "udp"] = Field("tcp", description="How messages come.")
    framing: Literal["line", "connection"] = Field(
        "line",
        description="What a message is, with `tcp`: a line, or all that comes until the sender closes.",
    )
    reply: str | None = Field(None, description="What to answer each message.")


class SocketMessage(Result):
    """A message that came."""

    data: str = Field(description="What it says, as text, or as base64 of what is no text.")
    encoding: Literal["text", "base64"] = Field(description="How it is given.")
    sender: str = Field(description="The address and the port of who sent it.")
    received_at: str = Field(description="When it came.")


class SocketMessages(Result):
    """The messages that came."""

    messages: list[SocketMessage] = Field(description="The messages, in their order.")
    count: int = Field(description="How many these are.")
    rejected: int = Field(description="How many were refused: unsigned, or too large.")
    timed_out: bool = Field(description="Whether the time was over before all had come.")
    address: str = Field(description="Where was listened, `127.0.0.1:9000`.")


class SocketListener(Tool[SocketListenParameters]):
    """Waits for messages over TCP or UDP, to this machine only where not asked otherwise."""

    name = "socket-listener"
    category = "api"
    security = "privileged"
    aliases = ("socket_listener",)
    Parameters = SocketListenParameters
    returns = SocketMessages

    async def run(self, parameters: SocketListenParameters, context: ToolContext) -> Outcome:
        """Listen until all messages have come, or the time is over."""
        address = await checked_address(parameters, context)
        inbox = _Inbox(parameters)
        listen = _listen_for_datagrams if parameters.protocol == "udp" else _listen_for_connections
        with move_on_after(parameters.timeout):
            await listen(address, inbox)
        result = inbox.result()
        text = "\n".join(one.data for one in result.messages)
        return Outcome(
            "listen", result, text, f"Received {counted(result.count, 'message')} at {result.address}"
        )


class _Inbox(Inbox[SocketListenParameters, SocketMessage]):
    """What came so far."""

    async def take(self, data: bytes, sender: Any, answer: Callable[[bytes], Awaitable[None]]) -> None:
        """Take a message and answer it, or refuse it."""
        if self.is_full:
            return
        signature, _, message = data.partition(b" ") if self.parameters.secret else (b"", b"", data)
        secret = self.parameters.secret
        is_large = len(data) > self.parameters.max_bytes
        if is_large or (secret and not is_signed(secret, message, signature.decode("latin-1"))):
            self.rejected += 1
            return
        self.messages.append(_message(message, sender))
        try:
            if self.parameters.reply is not None:
                await answer(self.parameters.reply.encode())
        finally:
            if self.is_full:
                self.full.set()

    def result(self) -> SocketMessages:
        """What came."""
        return SocketMessages(**self.facts(), address=place_of(self.parameters))


async def _listen_for_connections(address: str, inbox: _Inbox) -> None:
    async def serve(stream: SocketStream) -> None:
        async with stream:
            with suppress(BrokenResourceError):  # The sender hung up.
                await _take_from(stream, inbox)

    await accept_until_full(address, inbox, serve)


async def _take_from(stream: SocketStream, inbox: _Inbox) -> None:
    """Take the messages of one connection."""
    from anyio.abc import SocketAttribute

    sender = stream.extra(SocketAttribute.remote_address)  # noqa: S610 (this is no query)
    buffered = BufferedByteReceiveStream(stream)
    if inbox.parameters.framing == "connection":
        await inbox.take(await _all(stream, inbox.parameters.max_bytes), sender, stream.send)
        return
    while True:
        try:
            line = await buffered.receive_until(b"\n", inbox.parameters.max_bytes)
        except DelimiterNotFound:
            inbox.rejected += 1
            return
        except (EndOfStream, IncompleteRead):
            if buffered.buffer:  # The last line may go without its end.
                await inbox.take(buffered.buffer, sender, stream.send)
            return
        await inbox.take(line.removesuffix(b"\r"), sender, stream.send)


async def _all(stream: SocketStream, most: int) -> bytes:
    """What comes until the end, as far as it is not too much."""
    found = bytearray()
    while len(found) <= most:
        try:
            found += await stream.receive()
        except EndOfStream:
            break
    return bytes(found)


async def _listen_for_datagrams(address: str, inbox: _Inbox) -> None:
    try:
        socket = await create_udp_socket(local_host=address, local_port=inbox.parameters.port)
    except OSError as error:
        raise cannot_listen(inbox.parameters, error) from None
    async with socket:
        while not inbox.is_full:
            data, (host, port) = await socket.receive()

            async def answer(reply: bytes, host: str = host, port: int = port) -> None:
                await socket.sendto(reply, host, port)

            await inbox.take(data, (host, port), answer)


def _message(data: bytes, sender: Any) -> SocketMessage:
    text, encoding = as_text(data)
    return SocketMessage(data=text, encoding=encoding, sender=f"{sender[0]}:{sender[1]}", received_at=now())
