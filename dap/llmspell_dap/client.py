"""The other end of the wire: a small client that drives a debug adapter, for tools and tests.

One task, started with the client and ended by :meth:`AdapterClient.close`, reads what
the adapter sends: it hands a response to the request that waits for it, and queues events by name.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import sys
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from llmspell_dap.wire import Malformed, Unframer, frame

Json = dict[str, Any]

ADAPTER = (sys.executable, "-m", "llmspell_cli", "dap")
LIMIT = 20.0
"""Seconds to wait for an answer or an event."""


class RefusedError(Exception):
    """The adapter refused a request; ``response`` is its whole answer."""

    def __init__(self, response: Json) -> None:
        super().__init__(f"{response.get('command')}: {sentence(response)}")
        self.response = response


class NothingCameError(Exception):
    """An answer or an event did not come in time, or can no longer come."""


def sentence(response: Json) -> str:
    """What a client shows of a failed response: the error's text with its variables in place."""
    error = response.get("body", {}).get("error", {})
    text = str(error.get("format", response.get("message", "")))
    for name, value in error.get("variables", {}).items():
        text = text.replace("{" + name + "}", value)
    return text


class AdapterClient:
    """Requests with their answers, and events as they come."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self._numbers = itertools.count(1)
        self._answers: dict[int, asyncio.Future[Json]] = {}
        self._events: defaultdict[str, asyncio.Queue[Json]] = defaultdict(asyncio.Queue)
        self._terminated: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._reading = asyncio.create_task(self._read(reader), name="adapter client")
        self.process_id: int | None = None
        """The adapter's process, where it was started for this client."""
        self.transcript: list[tuple[str, Json]] = []
        """All messages in order, each with ``->`` (sent) or ``<-`` (received)."""

    async def request(self, command: str, arguments: Json | None = None, *, limit: float = LIMIT) -> Json:
        """The body of the answer. Raises RefusedError, or NothingCameError."""
        return await self.answer(self.send(command, arguments), limit=limit)

    def send(self, command: str, arguments: Json | None = None) -> int:
        """Send a request and do not wait; gives its number."""
        number = next(self._numbers)
        message: Json = {"seq": number, "type": "request", "command": command}
        if arguments is not None:
            message["arguments"] = arguments
        self._answers[number] = asyncio.get_running_loop().create_future()
        self.transcript.append(("->", message))
        self.send_bytes(frame(json.dumps(message).encode()))
        return number

    def send_bytes(self, data: bytes) -> None:
        """Send bytes as they are."""
        self._writer.write(data)

    async def answer(self, number: int, *, limit: float = LIMIT) -> Json:
        """The body of the answer to a request that was sent."""
        response = await self._in_time(self._answers[number], limit, f"an answer to request {number}")
        if not response["success"]:
            raise RefusedError(response)
        body: Json = response.get("body") or {}
        return body

    async def event(self, name: str, *, limit: float = LIMIT) -> Json:
        """The body of the next event of that name that was not taken yet; none comes after ``terminated``."""
        coming = self._events[name].get()
        message = await self._in_time(coming, limit, f"a '{name}' event", unless=self._terminated)
        body: Json = message.get("body") or {}
        return body

    def pending(self, name: str) -> list[Json]:
        """The bodies of the events of that name that came and were not taken; they stay."""
        taken = self._events[name].qsize()
        told = [message for way, message in self.transcript if way == "<-" and message.get("event") == name]
        return [message.get("body") or {} for message in told[len(told) - taken :]]

    async def ended(self, *, limit: float = LIMIT) -> None:
        """Wait until the adapter has closed its end."""
        await self._in_time(asyncio.shield(self._reading), limit, "the end of the adapter")

    async def close(self) -> None:
        """Close this end; the adapter sees it and ends."""
        self._writer.close()
        with contextlib.suppress(ConnectionError, TimeoutError):
            await asyncio.wait_for(self._writer.wait_closed(), LIMIT)
        with contextlib.suppress(NothingCameError):
            await self.ended()
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)

    def received(self, message: Json) -> None:
        """Take a message of the adapter."""
        self.transcript.append(("<-", message))
        if message["type"] == "event":
            self._events[message["event"]].put_nowait(message)
            if message["event"] == "terminated" and not self._terminated.done():
                self._terminated.set_result(None)
            return
        waiting = self._answers.get(message["request_seq"])
        if waiting is not None and not waiting.done():
            waiting.set_result(message)

    async def _read(self, reader: asyncio.StreamReader) -> None:
        unframer = Unframer()
        while data := await reader.read(1 << 16):
            for found in unframer.feed(data):
                if isinstance(found, Malformed):
                    raise NothingCameError(f"the adapter sent {found.reason}")
                self.received(json.loads(found))

    async def _in_time(
        self, awaitable: Any, limit: float, what: str, unless: asyncio.Future[None] | None = None
    ) -> Any:
        """Wait for what the reading task brings about; no longer than that lives, or until ``unless``."""
        waiting = asyncio.ensure_future(awaitable)
        ends = [self._reading] if unless is None else [self._reading, unless]
        await asyncio.wait([waiting, *ends], timeout=limit, return_when=asyncio.FIRST_COMPLETED)
        # What was received before the end is still on its way to the one who waits for it.
        await asyncio.sleep(0)
        if waiting.done():
            return waiting.result()
        waiting.cancel()
        why = "the session has ended" if any(end.done() for end in ends) else f"waited {limit:.0f} s"
        raise NothingCameError(f"{what} did not come: {why}")


Client = TypeVar("Client", bound=AdapterClient)


@asynccontextmanager
async def spawned(
    client_class: type[Client],
    command: Sequence[str] = ADAPTER,
    *,
    cwd: str | None = None,
    env: Mapping[str, str] | None = None,
) -> AsyncIterator[Client]:
    """A client of an adapter started for it; the process has ended when the context has."""
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=cwd,
        env=env,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    client = client_class(process.stdout, process.stdin)
    client.process_id = process.pid
    try:
        yield client
    finally:
        await client.close()
        try:
            await asyncio.wait_for(process.wait(), LIMIT)
        except TimeoutError:
            process.kill()
            await process.wait()
