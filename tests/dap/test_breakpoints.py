"""Breakpoints in real scripts (scenarios 5 to 14)."""

from __future__ import annotations

import pytest
from support.dap_player import Script, both, playing

PLACES = both(
    lua="""
        -- a comment @comment

        local function f(n)
          -- inside @inner_comment

          local m = n + 1 -- @inner
          return m
        end
        local a = f(1) -- @outer
        print(a) -- @last
    """,
    javascript="""
        // a comment @comment

        function f(n) {
          // inside @inner_comment

          const m = n + 1; // @inner
          return m;
        }
        const a = f(1); // @outer
        console.log(a); // @last
    """,
)


@PLACES
async def test_a_breakpoint_slides_to_the_next_statement_of_its_function(script: Script) -> None:
    async with playing(script, "inner_comment") as player:
        (found,) = player.breakpoints
        assert (found["verified"], found["line"]) == (True, script.line("inner"))
        stop = await player.stopped("breakpoint", at="inner")
        assert stop["hitBreakpointIds"] == [found["id"]]
        await player.go()
        await player.ends()


@PLACES
async def test_a_breakpoint_behind_the_end_is_not_verified_and_says_why(script: Script) -> None:
    async with playing(script, {"line": 400}) as player:
        (found,) = player.breakpoints
        assert not found["verified"]
        assert found["message"]
        await player.ends()


@PLACES
async def test_a_breakpoint_in_a_file_that_does_not_exist_is_not_verified(script: Script) -> None:
    async with playing(script, "outer") as player:
        await player.stopped("breakpoint", at="outer")
        (found,) = await player.set_breakpoints({"line": 1}, file="/no/such/file.lua")
        assert not found["verified"]
        assert found["message"]
        await player.go()
        await player.ends()


@PLACES
async def test_breakpoints_that_collapse_into_one_stop_once(script: Script) -> None:
    async with playing(script, "inner_comment", "inner", "inner") as player:
        assert [found["line"] for found in player.breakpoints] == [script.line("inner")] * 3
        stop = await player.stopped("breakpoint", at="inner")
        assert set(stop["hitBreakpointIds"]) <= {found["id"] for found in player.breakpoints}
        await player.go()
        await player.ends()


@PLACES
async def test_setting_breakpoints_replaces_those_that_were(script: Script) -> None:
    async with playing(script, "outer") as player:
        await player.stopped("breakpoint", at="outer")
        await player.set_breakpoints("last")
        await player.go()
        await player.stopped("breakpoint", at="last")
        await player.go()
        await player.ends()


LOADED_LATER = both(
    lua="""
        local lib = require("lib") -- @load
        print(lib.f(2))
        -- file: lib.lua
        local lib = {}
        function lib.f(n)
          return n * 3 -- @body
        end
        return lib
    """,
    javascript="""
        const { f } = await import("./lib.js"); // @load
        console.log(f(2));
        // file: lib.js
        export function f(n) {
          return n * 3; // @body
        }
    """,
)


@LOADED_LATER
async def test_a_breakpoint_in_a_file_that_is_loaded_later_is_hit(script: Script) -> None:
    async with playing(script, "load") as player:
        await player.stopped("breakpoint", at="load")
        (found,) = await player.set_breakpoints("body")
        if not found["verified"]:
            await player.go()
            changed = await player.client.event("breakpoint")
            assert changed["breakpoint"]["id"] == found["id"]
            assert changed["breakpoint"]["verified"]
            assert changed["breakpoint"]["line"] == script.line("body")
        else:
            await player.go()
        await player.stopped("breakpoint")
        if player.place()[0] == script.path:
            await player.go()
            await player.stopped("breakpoint")
        assert player.place() == script.marks["body"]
        loaded = await player.client.request("loadedSources")
        assert [source["name"] for source in loaded["sources"]] == script.say(
            ["main.lua", "lib.lua"], ["main.js", "lib.js"]
        )
        await player.go()
        await player.ends(printed="6\n")


LOOP = both(
    lua="""
        local total = 0
        for i = 1, 10 do
          total = total + i -- @body
        end
        print(total) -- @after
    """,
    javascript="""
        let total = 0;
        for (let i = 1; i <= 10; i++) {
          total = total + i; // @body
        }
        console.log(total); // @after
    """,
)


@LOOP
async def test_a_condition_decides(script: Script) -> None:
    async with playing(script, {"at": "body", "condition": script.say("i == 7", "i === 7")}) as player:
        await player.stopped("breakpoint", at="body")
        assert await player.value("i") == "7"
        await player.go()
        await player.ends(printed="55\n")


@LOOP
async def test_breakpoints_change_in_the_middle_of_a_loop(script: Script) -> None:
    async with playing(script, {"at": "body", "condition": "i >= 2"}) as player:
        await player.stopped("breakpoint", at="body")
        assert await player.value("i") == "2"
        await player.set_breakpoints({"at": "body", "condition": "i >= 5"})
        await player.go()
        await player.stopped("breakpoint", at="body")
        assert await player.value("i") == "5"
        await player.set_breakpoints()
        await player.set_breakpoints({"at": "body", "condition": "i >= 6"}, "after")
        await player.go()
        await player.stopped("breakpoint", at="body")
        await player.set_breakpoints("after")
        await player.go()
        await player.stopped("breakpoint", at="after")
        assert await player.value("total") == "55"
        await player.go()
        await player.ends()


@LOOP
async def test_a_condition_that_fails_is_told_once_and_stops_nothing(script: Script) -> None:
    condition = script.say("i.x.y", "i.x.y")
    async with playing(script, {"at": "body", "condition": condition}) as player:
        await player.ends()
        complaints = [
            body for body in player.client.pending("output") if body["category"] not in ("stdout", "stderr")
        ]
        assert len(complaints) == 1
        assert "i.x.y" in complaints[0]["output"]


@LOOP
@pytest.mark.parametrize("condition", ["i ==", "(", "i = = 3"])
async def test_a_condition_that_is_no_expression_is_refused_where_it_is_set(
    script: Script, condition: str
) -> None:
    async with playing(script, {"at": "body", "condition": condition}) as player:
        (found,) = player.breakpoints
        assert not found["verified"]
        assert found["message"]
        await player.ends(printed="55\n")


@LOOP
@pytest.mark.parametrize(
    ("count", "stops"),
    [
        ("5", {5}),
        ("==5", {5}),
        (">5", {6, 7, 8, 9, 10}),
        (">= 8", {8, 9, 10}),
        ("<3", {1, 2}),
        ("<= 3", {1, 2, 3}),
        ("%3", {3, 6, 9}),
        ("% 4", {4, 8}),
    ],
)
async def test_hit_counts(script: Script, count: str, stops: set[int]) -> None:
    async with playing(script, {"at": "body", "hitCondition": count}, "after") as player:
        seen = set()
        while True:
            await player.stopped("breakpoint")
            if player.place() == script.marks["after"]:
                break
            seen.add(int(await player.value("i")))
            await player.go()
        assert seen == stops


@LOOP
@pytest.mark.parametrize("count", ["abc", "5 times", "= 2", "> x", "%0", ""])
async def test_a_hit_count_that_is_none_is_refused(script: Script, count: str) -> None:
    async with playing(script, {"at": "body", "hitCondition": count}) as player:
        (found,) = player.breakpoints
        assert found["verified"] == (not count)
        assert bool(found.get("message")) == bool(count)


@LOOP
async def test_a_logpoint_prints_and_does_not_stop(script: Script) -> None:
    log = "i={i}, {total + i} of {55}"
    async with playing(script, {"at": "body", "logMessage": log, "condition": "i <= 2"}) as player:
        await player.ends(code=0)
        logged = [body for body in player.client.pending("output") if body["output"].startswith("i=")]
        # What is printed at one place may come in one event.
        assert "".join(body["output"] for body in logged) == "i=1, 1 of 55\ni=2, 3 of 55\n"
        assert {(body["source"]["path"], body["line"]) for body in logged} == {script.marks["body"]}


@LOOP
async def test_a_logpoint_counts_its_hits(script: Script) -> None:
    async with playing(script, {"at": "body", "logMessage": "at {i}", "hitCondition": "%5"}) as player:
        await player.ends()
        printed = [body["output"] for body in player.client.pending("output")]
        logged = [text for text in printed if text.startswith("at")]
        assert "".join(logged) == "at 5\nat 10\n"


@LOOP
async def test_a_logpoint_whose_expression_fails_says_so_and_goes_on(script: Script) -> None:
    async with playing(script, {"at": "body", "logMessage": "x {i.x.y} z", "condition": "i == 3"}) as player:
        await player.ends()
        logged = [body["output"] for body in player.client.pending("output") if body["output"] != "55\n"]
        assert len(logged) == 1
        assert logged[0].startswith("x ")
        assert logged[0].endswith(" z\n")


LOGGED_CALL = both(
    lua="""
        local function f(n)
          local m = n + 1 -- @inside
          return m
        end
        local a = f(1) -- @call
        print(a) -- @after
    """,
    javascript="""
        function f(n) {
          const m = n + 1; // @inside
          return m;
        }
        const a = f(1); // @call
        console.log(a); // @after
    """,
)


@LOGGED_CALL
async def test_a_logpoint_does_not_end_a_step(script: Script) -> None:
    async with playing(script, "call", {"at": "inside", "logMessage": "n is {n}"}) as player:
        await player.stopped("breakpoint", at="call")
        await player.step("next", at="after")
        assert "n is 1\n" in "".join(body["output"] for body in player.client.pending("output"))
        await player.go()
        await player.ends()
