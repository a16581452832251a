"""What the adapter says it can do, it does: each capability is used on a real script."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Awaitable, Callable

import pytest
from llmspell_dap.protocol.bodies import Capabilities
from support.dap_client import INITIALIZE, adapter
from support.dap_player import Script, both, playing

SCRIPT = both(
    lua="""
        local function f(n)
          local text = ("x"):rep(3)
          print(n) -- @body
          return text
        end
        local list = { 1, 2 }
        for i = 1, 4 do f(i) end -- @loop
        pcall(error, "caught") -- @fails
    """,
    javascript="""
        function f(n) {
          const text = "x".repeat(3);
          console.log(n); // @body
          return text;
        }
        const list = [1, 2];
        for (let i = 1; i <= 4; i++) f(i); // @loop
        try { throw new Error("caught"); } catch {} // @fails
    """,
)


async def shows_supports_configuration_done_request(script: Script) -> None:
    async with playing(script, "body") as player:
        await player.stopped("breakpoint", at="body")


async def shows_supports_conditional_breakpoints(script: Script) -> None:
    async with playing(script, {"at": "body", "condition": "n > 2"}) as player:
        await player.stopped("breakpoint", at="body")
        assert await player.value("n") == "3"


async def shows_supports_hit_conditional_breakpoints(script: Script) -> None:
    async with playing(script, {"at": "body", "hitCondition": "2"}) as player:
        await player.stopped("breakpoint", at="body")
        assert await player.value("n") == "2"


async def shows_supports_log_points(script: Script) -> None:
    async with playing(script, {"at": "body", "logMessage": "<{n}>"}) as player:
        await player.ends()
        told = [body["output"] for body in player.client.pending("output")]
        assert [text for text in told if text.startswith("<")] == ["<1>\n", "<2>\n", "<3>\n", "<4>\n"]


async def shows_supports_evaluate_for_hovers(script: Script) -> None:
    async with playing(script, "body") as player:
        await player.stopped()
        assert await player.value("n", "hover") == "1"


async def shows_supports_clipboard_context(script: Script) -> None:
    async with playing(script, "body") as player:
        await player.stopped()
        assert await player.value("text", "clipboard") == "xxx"


async def shows_supports_set_variable(script: Script) -> None:
    async with playing(script, "body") as player:
        await player.stopped()
        arguments = {"variablesReference": await player.home("n"), "name": "n", "value": "41 + 1"}
        assert (await player.client.request("setVariable", arguments))["value"] == "42"
        await player.set_breakpoints()
        await player.go()
        await player.ends(printed="42\n2\n3\n4\n")


async def shows_supports_value_formatting_options(script: Script) -> None:
    async with playing(script, "body") as player:
        await player.stopped()
        assert (await player.evaluate("255", format={"hex": True}))["result"].lower() == "0xff"
        stack = await player.client.request(
            "stackTrace", {"threadId": player.thread, "format": {"line": True}}
        )
        assert stack["stackFrames"][0]["name"] == f"f Line {script.line('body')}"


async def shows_exception_breakpoint_filters(script: Script) -> None:
    async with playing(script, filters=["all"]) as player:
        await player.stopped("exception")


async def shows_supports_exception_filter_options(script: Script) -> None:
    async with playing(script, "loop", filters=[]) as player:
        await player.stopped("breakpoint")
        await player.set_breakpoints()
        option = {"filterId": "all", "condition": "error ~= nil" if script.language == "lua" else "error"}
        arguments = {"filters": [], "filterOptions": [option]}
        body = await player.client.request("setExceptionBreakpoints", arguments)
        assert body["breakpoints"] == [{"verified": True}]
        await player.go()
        await player.stopped("exception")


async def shows_supports_exception_info_request(script: Script) -> None:
    async with playing(script, filters=["all"]) as player:
        await player.stopped("exception")
        info = await player.client.request("exceptionInfo", {"threadId": player.thread})
        assert "caught" in info["description"]


async def shows_supports_delayed_stack_trace_loading(script: Script) -> None:
    async with playing(script, "body") as player:
        await player.stopped()
        page = await player.client.request(
            "stackTrace", {"threadId": player.thread, "startFrame": 1, "levels": 1}
        )
        assert page["stackFrames"][0]["line"] == script.line("loop")
        assert page["totalFrames"] == len(player.frames)


async def shows_supports_loaded_sources_request(script: Script) -> None:
    async with playing(script, "body") as player:
        await player.stopped()
        body = await player.client.request("loadedSources")
        assert script.path in [source["path"] for source in body["sources"]]


async def shows_supports_terminate_request(script: Script) -> None:
    async with playing(script, "body") as player:
        await player.stopped()
        await player.client.request("terminate")
        await player.client.event("exited")
        await player.client.event("terminated")


async def shows_support_terminate_debuggee(script: Script) -> None:
    async with playing(script, "body") as player:
        await player.stopped()
        await player.client.request("disconnect", {"terminateDebuggee": True})
        await player.client.event("exited")


async def shows_supports_ansi_styling(script: Script) -> None:
    async with playing(script, {"at": "fails", "logMessage": "\x1b[1mbold\x1b[0m"}) as player:
        await player.ends()
        assert "\x1b[1mbold\x1b[0m\n" in "".join(body["output"] for body in player.client.pending("output"))


SHOWN: dict[str, Callable[[Script], Awaitable[None]]] = {
    name.removeprefix("shows_"): function
    for name, function in inspect.getmembers(sys.modules[__name__], inspect.iscoroutinefunction)
    if name.startswith("shows_")
}


@SCRIPT
@pytest.mark.parametrize("capability", Capabilities.__struct_fields__)
async def test_what_is_advertised_works(script: Script, capability: str) -> None:
    await SHOWN[capability](script)


async def test_what_is_advertised_is_what_is_shown() -> None:
    async with adapter() as client:
        told = await client.request("initialize", INITIALIZE)
    advertised = {name for name, value in told.items() if value}
    fields = zip(Capabilities.__struct_fields__, Capabilities.__struct_encode_fields__, strict=True)
    assert advertised == {encoded for name, encoded in fields if name in SHOWN}
