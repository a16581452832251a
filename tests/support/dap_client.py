"""A client for the adapter's tests: checks each message against the protocol's schema, shows the transcript.

``session()`` gives one of a real adapter process over a port, ``adapter()`` one over standard streams;
``pair(launcher)`` gives a client of an adapter in this process, for a debuggee that a test makes up.
"""

from __future__ import annotations

import asyncio
import atexit
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
from llmspell_dap.client import ADAPTER, LIMIT, AdapterClient, Json, RefusedError, sentence, spawned
from llmspell_dap.connection import Connection
from llmspell_dap.dispatch import serve
from support.processes import tied

if TYPE_CHECKING:
    from llmspell_dap.session import Launcher

SCHEMA = Path(__file__).parent.parent / "dap" / "dap_schema.json"
INITIALIZE: Json = {"adapterID": "llmspell", "clientID": "tests", "supportsVariableType": True}


@cache
def _definitions() -> Json:
    definitions: Json = json.loads(SCHEMA.read_text("utf-8"))["definitions"]
    return definitions


@cache
def _validator(name: str) -> jsonschema.Draft4Validator:
    return jsonschema.Draft4Validator({"$ref": f"#/definitions/{name}", "definitions": _definitions()})


def check_message(message: Json) -> None:
    """The message has the shape that the protocol's schema gives it."""
    if message["type"] == "event":
        name = f"{message['event'][0].upper()}{message['event'][1:]}Event"
    elif message["success"]:
        name = f"{message['command'][0].upper()}{message['command'][1:]}Response"
    else:
        name = "ErrorResponse"
    _validator(name).validate(message)


def told(transcript: list[tuple[str, Json]]) -> str:
    """A transcript for people."""
    return "\n".join(f"{way} {json.dumps(message)[:600]}" for way, message in transcript)


class CheckedClient(AdapterClient):
    """A client that keeps what was wrong with the adapter's messages."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        super().__init__(reader, writer)
        self.faults: list[str] = []
        self._last = 0

    def received(self, message: Json) -> None:
        try:
            check_message(message)
        except jsonschema.ValidationError as fault:
            self.faults.append(f"{fault.message} in {message}")
        self._last += 1
        if message["seq"] != self._last:
            self.faults.append(f"number {message['seq']} in place of {self._last}")
        super().received(message)

    async def refused(self, command: str, arguments: Json | None = None) -> tuple[int, str]:
        """The number and the text of the error with which a request is refused."""
        try:
            body = await self.request(command, arguments)
        except RefusedError as refusal:
            return refusal.response["body"]["error"]["id"], sentence(refusal.response)
        raise AssertionError(f"{command} was not refused but answered {body}")


@asynccontextmanager
async def shown(client: CheckedClient) -> AsyncIterator[None]:
    """Show the transcript of a session that fails, and fail one whose messages were not in order."""
    try:
        yield
        assert not client.faults
    except BaseException as problem:
        problem.add_note(told(client.transcript))
        raise


@asynccontextmanager
async def pair(launcher: Launcher) -> AsyncIterator[CheckedClient]:
    """A client of an adapter in this process, whose debuggees come from ``launcher``."""
    theirs, ours = socket.socketpair()
    serving = asyncio.create_task(serve(Connection(*await asyncio.open_connection(sock=theirs)), launcher))
    client = CheckedClient(*await asyncio.open_connection(sock=ours))
    try:
        async with shown(client):
            yield client
    finally:
        await client.close()
        await asyncio.wait_for(serving, LIMIT)


@asynccontextmanager
async def session() -> AsyncIterator[CheckedClient]:
    """A client of the adapter that all tests have in common, which serves each over a port.

    The script's process is its own all the same. Where variables or the folder are no longer those in which
    that adapter was started, the client has one to itself.
    """
    common = _common_adapter()
    if common.surroundings != _surroundings():
        async with adapter() as client:
            yield client
        return
    client = CheckedClient(*await asyncio.open_connection("127.0.0.1", common.port))
    try:
        async with shown(client):
            yield client
    finally:
        await client.close()


def _surroundings() -> tuple[str, dict[str, str]]:
    variables = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    return os.getcwd(), variables  # noqa: PTH109


@cache
def _common_adapter() -> _CommonAdapter:
    return _CommonAdapter()


class _CommonAdapter:
    """An adapter that listens on a port until the tests are over."""

    def __init__(self) -> None:
        self.surroundings = _surroundings()
        self._process = subprocess.Popen(tied([*ADAPTER, "--listen", "0"]), stderr=subprocess.PIPE, text=True)
        assert self._process.stderr is not None
        self.port = int(self._process.stderr.readline().rpartition(":")[2])
        threading.Thread(target=self._pass_on, daemon=True).start()
        atexit.register(self._end)

    def _pass_on(self) -> None:
        """What it still says goes where this process's own errors go."""
        assert self._process.stderr is not None
        for line in self._process.stderr:
            if sys.__stderr__:
                sys.__stderr__.write(line)

    def _end(self) -> None:
        self._process.terminate()
        self._process.wait()


@asynccontextmanager
async def adapter(**options: Any) -> AsyncIterator[CheckedClient]:
    """A client of a real adapter process over its standard streams."""
    async with spawned(CheckedClient, **options) as client, shown(client):
        yield client
