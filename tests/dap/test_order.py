"""What comes before what: answers, events and the end of a session."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from llmspell_dap.client import Json, RefusedError
from llmspell_engine.debug.model import (
    BreakpointChanged,
    BreakpointStatus,
    Continued,
    Exited,
    Output,
    Stopped,
)
from support.dap_client import INITIALIZE, CheckedClient, pair
from support.fake_debuggee import STOP, FakeDebuggee, telling

LAUNCH: Json = {"program": "/scripts/a.lua"}


async def stopped(client: CheckedClient, debuggee: FakeDebuggee) -> None:
    await client.request("initialize", INITIALIZE)
    await client.request("launch", LAUNCH)
    await client.request("configurationDone")
    debuggee.tell(STOP)
    await client.event("stopped")


def received(client: CheckedClient) -> list[str]:
    """The names of all answers and events, in order."""
    return [
        message.get("event") or f"{message['command']}{'' if message['success'] else ' refused'}"
        for way, message in client.transcript
        if way == "<-"
    ]


async def test_initialized_follows_launch_and_nothing_runs_before_configuration_done() -> None:
    debuggee = FakeDebuggee()
    async with pair(debuggee.launch) as client:
        await client.request("initialize", INITIALIZE)
        await client.request("launch", LAUNCH)
        await client.event("initialized")
        assert received(client) == ["initialize", "launch", "process", "initialized"]
        assert not debuggee.asked("start")
        await client.request("configurationDone")
        assert debuggee.asked("start") == [()]


@pytest.mark.parametrize("command", ["continue", "next", "stepIn", "stepOut"])
async def test_the_answer_to_a_resume_precedes_the_next_stop(command: str) -> None:
    debuggee = FakeDebuggee()
    debuggee.on["resume"] = telling(debuggee, Output("stdout", "x\n"), STOP)
    async with pair(debuggee.launch) as client:
        await stopped(client, debuggee)
        await client.request(command, {"threadId": 1})
        await client.event("stopped")
        assert received(client)[-3:] == [command, "output", "stopped"]
        await client.request("stackTrace", {"threadId": 1})


async def test_the_answer_to_set_breakpoints_precedes_their_changes() -> None:
    debuggee = FakeDebuggee()
    status = BreakpointStatus(1, verified=True, line=4)
    debuggee.on["set_breakpoints"] = telling(debuggee, BreakpointChanged(status))
    async with pair(debuggee.launch) as client:
        await stopped(client, debuggee)
        await client.request(
            "setBreakpoints", {"source": {"path": "/scripts/a.lua"}, "breakpoints": [{"line": 3}]}
        )
        changed = await client.event("breakpoint")
        assert received(client)[-2:] == ["setBreakpoints", "breakpoint"]
        assert changed["breakpoint"]["line"] == 4


async def test_a_breakpoint_that_changes_later_still_knows_its_file() -> None:
    debuggee = FakeDebuggee()
    async with pair(debuggee.launch) as client:
        await stopped(client, debuggee)
        await client.request(
            "setBreakpoints", {"source": {"path": "/scripts/b.lua"}, "breakpoints": [{"line": 3}]}
        )
        debuggee.tell(BreakpointChanged(BreakpointStatus(1, verified=True, line=5)))
        changed = await client.event("breakpoint")
        assert changed == {
            "reason": "changed",
            "breakpoint": {
                "id": 1,
                "verified": True,
                "line": 5,
                "source": {"name": "b.lua", "path": "/scripts/b.lua"},
            },
        }


async def test_an_expression_that_does_not_end_holds_nothing_up() -> None:
    debuggee = FakeDebuggee()
    async with pair(debuggee.launch) as client:
        await stopped(client, debuggee)
        endless = client.send("evaluate", {"expression": "wait"})
        await client.request("threads")
        await client.request("pause", {"threadId": 1})
        debuggee.release.set()
        assert (await client.answer(endless))["result"] == "wait"


async def test_requests_are_begun_in_the_order_in_which_they_came() -> None:
    debuggee = FakeDebuggee()
    async with pair(debuggee.launch) as client:
        await stopped(client, debuggee)
        debuggee.calls.clear()
        numbers = [
            client.send("stackTrace", {"threadId": 1}),
            client.send("evaluate", {"expression": "x"}),
            client.send("continue", {"threadId": 1}),
        ]
        for number in numbers:
            await client.answer(number)
        assert [call[0] for call in debuggee.calls] == ["stack", "evaluate", "resume"]


async def test_disconnecting_abandons_an_expression_that_does_not_end() -> None:
    debuggee = FakeDebuggee()
    async with pair(debuggee.launch) as client:
        await stopped(client, debuggee)
        client.send("evaluate", {"expression": "wait"})
        await client.request("disconnect")
        await client.ended()
        assert debuggee.asked("close")


async def test_a_script_that_goes_on_by_itself_is_no_longer_stopped() -> None:
    debuggee = FakeDebuggee()
    async with pair(debuggee.launch) as client:
        await stopped(client, debuggee)
        debuggee.tell(Continued(1))
        assert await client.event("continued") == {"threadId": 1, "allThreadsContinued": True}
        assert (await client.refused("stackTrace", {"threadId": 1}))[0] == 1011


async def test_output_comes_before_exited_and_terminated_comes_last_and_once() -> None:
    debuggee = FakeDebuggee()
    async with pair(debuggee.launch) as client:
        await stopped(client, debuggee)
        debuggee.on["resume"] = telling(debuggee, Output("stdout", "last\n"), Exited(3))
        await client.request("continue", {"threadId": 1})
        assert (await client.event("exited"))["exitCode"] == 3
        await client.request("disconnect")
        await client.ended()
        assert received(client)[-5:] == ["continue", "output", "exited", "terminated", "disconnect"]


async def _terminate(client: CheckedClient) -> None:
    await client.request("terminate")


async def _disconnect(client: CheckedClient) -> None:
    await client.request("disconnect", {"terminateDebuggee": True})


@pytest.mark.parametrize("end", [_terminate, _disconnect])
async def test_a_script_that_is_ended_says_so(end: Callable[[CheckedClient], Awaitable[None]]) -> None:
    debuggee = FakeDebuggee()
    async with pair(debuggee.launch) as client:
        await stopped(client, debuggee)
        await end(client)
        assert await client.event("exited") == {"exitCode": 143}
        await client.event("terminated")
        assert received(client).count("terminated") == 1


async def test_a_script_may_be_left_running() -> None:
    debuggee = FakeDebuggee()
    async with pair(debuggee.launch) as client:
        await stopped(client, debuggee)
        await client.request("disconnect", {"terminateDebuggee": False})
        await client.ended()
        assert debuggee.asked("detach") == [()]
        assert not debuggee.asked("terminate")
        assert not debuggee.asked("close")
        assert received(client)[-2:] == ["disconnect", "terminated"]


async def test_a_client_that_vanishes_takes_the_script_along() -> None:
    debuggee = FakeDebuggee()
    async with pair(debuggee.launch) as client:
        await stopped(client, debuggee)
    assert debuggee.calls[-1] == ("close",)


async def test_a_script_that_does_not_end_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("llmspell_dap.session.END_LIMIT", 0.05)
    debuggee = FakeDebuggee()

    async def deaf() -> None:
        debuggee.calls.append(("terminate",))

    monkeypatch.setattr(debuggee, "terminate", deaf)
    async with pair(debuggee.launch) as client:
        await stopped(client, debuggee)
        await client.request("disconnect")
        assert debuggee.calls[-2:] == [("terminate",), ("close",)]


async def test_bytes_that_are_no_text_are_shown_readably() -> None:
    debuggee = FakeDebuggee()
    async with pair(debuggee.launch) as client:
        await stopped(client, debuggee)
        debuggee.tell(Output("stdout", b"caf\xe9 \xf0\x9f".decode("utf-8", "surrogateescape")))
        assert (await client.event("output"))["output"] == "caf\\xe9 \\xf0\\x9f"
        debuggee.tell(Output("stdout", "half \ud83d"))
        assert (await client.event("output"))["output"] == "half \\ud83d"


@pytest.mark.timeout(180)
async def test_a_flood_of_output_arrives_whole_and_in_order() -> None:
    debuggee = FakeDebuggee()
    async with pair(debuggee.launch) as client:
        await stopped(client, debuggee)
        for number in range(20_000):
            debuggee.tell(Output("stdout", f"{number}\n"))
        debuggee.tell(Exited(0))
        await client.event("terminated", limit=120)
        printed = "".join(body["output"] for body in client.pending("output"))
        assert printed == "".join(f"{number}\n" for number in range(20_000))


async def test_two_stops_at_once_need_two_resumes() -> None:
    debuggee = FakeDebuggee()
    async with pair(debuggee.launch) as client:
        await stopped(client, debuggee)
        debuggee.tell(Stopped(2, "pause"))
        await client.request("continue", {"threadId": 1})
        await client.request("stackTrace", {"threadId": 2})
        await client.request("continue", {"threadId": 2})
        with pytest.raises(RefusedError, match="pause it first"):
            await client.request("stackTrace", {"threadId": 2})


async def test_sessions_at_the_same_time_do_not_meet() -> None:
    async def one(program: str) -> Any:
        debuggee = FakeDebuggee()
        async with pair(debuggee.launch) as client:
            await client.request("initialize", INITIALIZE)
            await client.request("launch", {"program": program})
            return (await client.event("process"))["name"]

    programs = ["/a.lua", "/b.js"]
    assert list(await asyncio.gather(*map(one, programs))) == programs
