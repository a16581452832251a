"""Requests that are wrong or come at the wrong time: each gets an error that says what to do."""

from __future__ import annotations

import json
from typing import Any

import pytest
from llmspell_dap.client import Json, RefusedError
from llmspell_dap.handlers import commands
from llmspell_dap.wire import frame
from llmspell_engine.debug.model import DebuggeeError, Exited
from support.dap_client import INITIALIZE, CheckedClient, pair
from support.fake_debuggee import STOP, FakeDebuggee, telling

LAUNCH: Json = {"program": "/scripts/a.lua"}


async def bring(client: CheckedClient, debuggee: FakeDebuggee, stage: str, **launch: Any) -> None:
    """Bring a session to a stage."""
    if stage == "new":
        return
    await client.request("initialize", INITIALIZE)
    if stage == "initialized":
        return
    await client.request("launch", {**LAUNCH, **launch})
    if stage == "launched":
        return
    await client.request("configurationDone")
    if stage == "stopped":
        debuggee.tell(STOP)
        await client.event("stopped")
    if stage == "ended":
        debuggee.tell(Exited(0))
        await client.event("terminated")


async def check_refused(
    stage: str, command: str, arguments: Json | None, problem: int, says: str, **launch: Any
) -> None:
    debuggee = FakeDebuggee()
    async with pair(debuggee.launch) as client:
        await bring(client, debuggee, stage, **launch)
        number, text = await client.refused(command, arguments)
        assert (number, says in text) == (problem, True), text
        await client.request("disconnect")


@pytest.mark.parametrize("command", sorted(commands() - {"initialize", "disconnect"}))
async def test_everything_waits_for_initialize(command: str) -> None:
    await check_refused("new", command, {}, 1003, f"'{command}' came before 'initialize'")


@pytest.mark.parametrize("command", sorted(commands() - {"initialize", "launch", "disconnect"}))
async def test_everything_about_a_script_waits_for_launch(command: str) -> None:
    await check_refused("initialized", command, {}, 1006, f"'{command}' came before 'launch'")


INSPECTION = {
    "stackTrace": {"threadId": 1},
    "scopes": {"frameId": 1},
    "variables": {"variablesReference": 1},
    "evaluate": {"expression": "x"},
    "setVariable": {"variablesReference": 1, "name": "x", "value": "1"},
    "exceptionInfo": {"threadId": 1},
    "continue": {"threadId": 1},
    "next": {"threadId": 1},
    "stepIn": {"threadId": 1},
    "stepOut": {"threadId": 1},
}


@pytest.mark.parametrize(("command", "arguments"), INSPECTION.items())
async def test_only_a_stopped_script_is_looked_at(command: str, arguments: Json) -> None:
    await check_refused("running", command, arguments, 1011, "The script is running; pause it first.")


@pytest.mark.parametrize(("command", "arguments"), {**INSPECTION, "pause": {"threadId": 1}}.items())
async def test_without_debugging_there_is_nothing_to_debug(command: str, arguments: Json) -> None:
    await check_refused("running", command, arguments, 1012, "runs without debugging", noDebug=True)


@pytest.mark.parametrize(
    ("command", "arguments"), {**INSPECTION, "pause": {"threadId": 1}, "terminate": {}}.items()
)
async def test_after_the_end_there_is_no_script(command: str, arguments: Json) -> None:
    await check_refused("ended", command, arguments, 1010, "The script has ended.")


@pytest.mark.parametrize(
    ("stage", "command", "arguments", "problem", "says"),
    [
        ("initialized", "initialize", INITIALIZE, 1004, "'initialize' was sent twice"),
        ("launched", "launch", LAUNCH, 1007, "'launch' was sent twice"),
        ("running", "configurationDone", {}, 1008, "'configurationDone' was sent twice"),
        ("launched", "pause", {"threadId": 1}, 1009, "came before 'configurationDone'"),
        ("new", "noSuchThing", {}, 1001, "does not know the request 'noSuchThing'"),
        ("stopped", "stepBack", {"threadId": 1}, 1001, "does not know the request 'stepBack'"),
        ("new", "initialize", {**INITIALIZE, "pathFormat": "url"}, 1005, "path format 'url' is unknown"),
        ("launched", "setBreakpoints", {"source": {"name": "a.lua"}}, 1023, "names no path"),
        (
            "initialized",
            "launch",
            {**LAUNCH, "console": "integratedTerminal"},
            1021,
            "The console 'integratedTerminal' is not supported; use 'internalConsole'.",
        ),
    ],
)
async def test_requests_at_the_wrong_time_or_of_the_wrong_kind(
    stage: str, command: str, arguments: Json, problem: int, says: str
) -> None:
    await check_refused(stage, command, arguments, problem, says)


@pytest.mark.parametrize(
    ("stage", "command", "arguments", "field"),
    [
        ("new", "initialize", {}, "missing required field `adapterID`"),
        ("new", "initialize", None, "missing required field `adapterID`"),
        ("new", "initialize", {**INITIALIZE, "linesStartAt1": "yes"}, "`arguments.linesStartAt1`"),
        ("initialized", "launch", {}, "missing required field `program`"),
        ("initialized", "launch", {"program": ""}, "`arguments.program`"),
        ("initialized", "launch", {"program": 5}, "`arguments.program`"),
        ("initialized", "launch", {**LAUNCH, "args": "x"}, "`arguments.args`"),
        ("initialized", "launch", {**LAUNCH, "env": {"A": 1}}, "`arguments.env[...]`"),
        ("initialized", "launch", {**LAUNCH, "language": "ruby"}, "`arguments.language`"),
        ("launched", "setBreakpoints", {}, "missing required field `source`"),
        (
            "launched",
            "setBreakpoints",
            {"source": {"path": "/a.lua"}, "breakpoints": [{"line": "1"}]},
            "`arguments.breakpoints[0].line`",
        ),
        ("launched", "setExceptionBreakpoints", {}, "missing required field `filters`"),
        ("stopped", "stackTrace", {}, "missing required field `threadId`"),
        ("stopped", "stackTrace", {"threadId": 1, "startFrame": -1}, "`arguments.startFrame`"),
        ("stopped", "variables", {"variablesReference": 1, "filter": "all"}, "`arguments.filter`"),
        ("stopped", "evaluate", {"frameId": 1}, "missing required field `expression`"),
        ("stopped", "next", [], "got `array`"),
    ],
)
async def test_wrong_arguments_are_named(stage: str, command: str, arguments: Any, field: str) -> None:
    await check_refused(stage, command, arguments, 1002, field)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"seq": 91, "type": "request"}',
        b'{"seq": "one", "type": "request", "command": "threads"}',
        b'{"seq": 91, "type": "wish", "command": "threads"}',
        b'{"seq": 91, "type": "request", "command": "\xff"}',
    ],
)
async def test_a_message_that_is_none_is_answered_and_the_session_goes_on(body: bytes) -> None:
    async with pair(FakeDebuggee().launch) as client:
        client.send_bytes(frame(body))
        await client.request("initialize", INITIALIZE)
        first = client.transcript[1][1] if client.transcript[0][0] == "->" else client.transcript[0][1]
        assert (first["success"], first["body"]["error"]["id"]) == (False, 1000)


async def test_a_header_that_is_none_is_answered_and_the_session_goes_on() -> None:
    async with pair(FakeDebuggee().launch) as client:
        client.send_bytes(b"Content-Length: lots\r\n\r\n{}")
        await client.request("initialize", INITIALIZE)
        await client.request("disconnect")


async def test_a_malformed_request_is_answered_under_its_own_number() -> None:
    async with pair(FakeDebuggee().launch) as client:
        client.send_bytes(frame(json.dumps({"seq": 77, "type": "wish", "command": "threads"}).encode()))
        await client.request("initialize", INITIALIZE)
        answer = next(message for way, message in client.transcript if way == "<-")
        assert (answer["request_seq"], answer["command"]) == (77, "threads")


async def test_a_refusal_of_the_debuggee_reaches_the_client() -> None:
    def refuse(*_: Any) -> None:
        raise DebuggeeError("There is no frame 9.")

    debuggee = FakeDebuggee(scopes=refuse)
    async with pair(debuggee.launch) as client:
        await bring(client, debuggee, "stopped")
        assert await client.refused("scopes", {"frameId": 9}) == (1030, "There is no frame 9.")


async def test_a_script_that_cannot_be_launched_is_shown_to_the_user_and_can_be_launched_again() -> None:
    debuggee = FakeDebuggee()

    def refuse_once(*_: Any) -> None:
        debuggee.on.clear()
        raise DebuggeeError("There is no file '/scripts/a.lua'.")

    debuggee.on["launch"] = refuse_once
    async with pair(debuggee.launch) as client:
        await client.request("initialize", INITIALIZE)
        with pytest.raises(RefusedError) as refusal:
            await client.request("launch", LAUNCH)
        error = refusal.value.response["body"]["error"]
        assert (error["id"], error["showUser"]) == (1020, True)
        assert str(refusal.value) == "launch: There is no file '/scripts/a.lua'."
        await client.request("launch", LAUNCH)


async def test_a_bug_in_a_handler_is_answered_and_the_session_goes_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def break_down(*_: Any) -> None:
        raise ZeroDivisionError("by nothing")

    debuggee = FakeDebuggee(threads=break_down)
    async with pair(debuggee.launch) as client:
        await bring(client, debuggee, "running")
        number, text = await client.refused("threads")
        assert (number, "ZeroDivisionError: by nothing" in text) == (1099, True)
        debuggee.on.clear()
        assert (await client.request("threads"))["threads"] == [{"id": 1, "name": "main"}]
    assert "threads failed" in caplog.text


async def test_a_thread_stays_stopped_when_its_resume_is_refused() -> None:
    def refuse(*_: Any) -> None:
        raise DebuggeeError("No.")

    debuggee = FakeDebuggee(resume=refuse)
    async with pair(debuggee.launch) as client:
        await bring(client, debuggee, "stopped")
        await client.refused("next", {"threadId": 1})
        await client.request("stackTrace", {"threadId": 1})
        debuggee.on["resume"] = telling(debuggee, STOP)
        await client.request("next", {"threadId": 1})
        await client.request("stackTrace", {"threadId": 1})
