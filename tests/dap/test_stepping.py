"""Stops and steps in real scripts (scenarios 3, 16, 18, 19, 20, 21, 23, 25)."""

from __future__ import annotations

from support.dap_player import Script, both, only, playing

CALLS = both(
    lua="""
        local function double(n)
          local twice = n * 2 -- @inside
          return twice -- @returning
        end
        local a = double(1) -- @first
        local b = double(a) -- @second
        print(a, b) -- @last
    """,
    javascript="""
        function double(n) {
          const twice = n * 2; // @inside
          return twice; // @returning
        }
        const a = double(1); // @first
        const b = double(a); // @second
        console.log(a, b); // @last
    """,
)


@CALLS
async def test_over_into_and_out_of_calls(script: Script) -> None:
    async with playing(script, "first") as player:
        await player.stopped("breakpoint", at="first")
        await player.step("next", at="second")
        await player.step("stepIn", at="inside")
        await player.step("next", at="returning")
        assert [frame["line"] for frame in player.frames[:2]] == [
            script.line("returning"),
            script.line("second"),
        ]
        await player.go("stepOut")
        await player.stopped("step")
        assert player.place()[1] in (script.line("second"), script.line("last"))
        await player.go("continue")
        await player.ends(printed=script.say("2\t4\n", "2 4\n"))


@CALLS
async def test_a_breakpoint_in_a_call_interrupts_a_step_over_it(script: Script) -> None:
    async with playing(script, "second", "inside") as player:
        await player.stopped("breakpoint", at="inside")
        await player.go()
        await player.stopped("breakpoint", at="second")
        await player.go("next")
        stop = await player.stopped("breakpoint", at="inside")
        assert stop["hitBreakpointIds"] == [player.breakpoints[1]["id"]]
        await player.set_breakpoints()
        await player.go()
        await player.ends()


@CALLS
async def test_stepping_over_the_last_statement_ends_the_script(script: Script) -> None:
    async with playing(script, "last") as player:
        await player.stopped("breakpoint", at="last")
        await player.go("next")
        await player.ends()


@both(lua='print("x") -- @entry', javascript='console.log("x"); // @entry')
async def test_stop_on_entry_stops_once_before_anything_ran(script: Script) -> None:
    async with playing(script, "entry", stopOnEntry=True) as player:
        await player.stopped("entry", at="entry")
        assert player.printed() == ""
        await player.go()
        await player.ends(printed="x\n")


RECURSION = both(
    lua="""
        local function fact(n)
          if n <= 1 then return 1 end -- @base
          local rest = fact(n - 1) -- @deeper
          return n * rest -- @result
        end
        print(fact(4)) -- @call
    """,
    javascript="""
        function fact(n) {
          if (n <= 1) { return 1; } // @base
          const rest = fact(n - 1); // @deeper
          return n * rest; // @result
        }
        console.log(fact(4)); // @call
    """,
)


@RECURSION
async def test_a_step_over_a_recursive_call_stays_in_its_own_frame(script: Script) -> None:
    async with playing(script, {"at": "deeper", "condition": "n == 3"}) as player:
        await player.stopped("breakpoint", at="deeper")
        await player.step("next", at="result")
        assert await player.values("n", "rest") == ["3", "2"]
        await player.go()
        await player.ends(printed="24\n")


@RECURSION
async def test_a_step_out_returns_one_call_only(script: Script) -> None:
    async with playing(script, {"at": "base", "condition": "n == 1"}) as player:
        await player.stopped("breakpoint", at="base")
        assert len(player.frames) == 5
        await player.go("stepOut")
        await player.stopped("step")
        assert await player.value("n") == "2"
        await player.go()
        await player.ends()


CAUGHT = both(
    lua="""
        local function fail()
          error("no") -- @failing
        end
        local ok = pcall(fail) -- @trying
        print(ok) -- @after
    """,
    javascript="""
        function fail() {
          throw new Error("no"); // @failing
        }
        let ok = true;
        try { // @block
          fail(); // @trying
        } catch { ok = false; } // @catching
        console.log(ok); // @after
    """,
)


@CAUGHT
async def test_a_step_over_a_call_that_fails_and_is_caught_is_not_lost(script: Script) -> None:
    async with playing(script, "trying") as player:
        await player.stopped("breakpoint", at="trying")
        if script.language == "javascript":
            await player.step("next", at="catching")
        await player.step("next", at="after")
        assert await player.value("ok") == "false"
        await player.go()
        await player.ends(printed="false\n")


@CAUGHT
async def test_a_step_from_an_error_arrives_where_it_is_caught(script: Script) -> None:
    async with playing(script, "failing") as player:
        await player.stopped("breakpoint", at="failing")
        await player.step("next", at=script.say("after", "catching"))
        await player.go()
        await player.ends()


@only(
    "lua",
    """
    local worker = coroutine.create(function(x)
      local y = coroutine.yield(x + 1) -- @yielding
      return y * 2 -- @resumed
    end)
    local _, first = coroutine.resume(worker, 1) -- @resume
    local _, second = coroutine.resume(worker, 10) -- @again
    print(first, second) -- @after
    """,
)
async def test_steps_across_coroutines(script: Script) -> None:
    async with playing(script, "resume") as player:
        await player.stopped("breakpoint", at="resume")
        await player.step("stepIn", at="yielding")
        await player.set_breakpoints()
        await player.step("stepOut", at="again")
        await player.step("next", at="after")
        await player.go()
        await player.ends(printed="2\t20\n")


@only(
    "lua",
    """
    local worker = coroutine.wrap(function()
      local n = 1 -- @inside
      coroutine.yield(n)
    end)
    local got = worker() -- @resume
    print(got) -- @after
    """,
)
async def test_breakpoints_work_in_coroutines_and_their_stack_goes_on_in_the_resumer(script: Script) -> None:
    async with playing(script, "inside") as player:
        await player.stopped("breakpoint", at="inside")
        lines = [frame["line"] for frame in player.frames if "source" in frame]
        assert lines == [script.line("inside"), script.line("resume")]
        await player.go()
        await player.ends(printed="1\n")


@only(
    "javascript",
    """
    function* count() {
      yield 1; // @one
      yield 2; // @two
    }
    const numbers = count();
    const first = numbers.next().value; // @first
    const second = numbers.next().value; // @second
    console.log(first, second); // @after
    """,
)
async def test_steps_across_generators(script: Script) -> None:
    async with playing(script, "first") as player:
        await player.stopped("breakpoint", at="first")
        await player.step("stepIn", at="one")
        await player.step("stepOut", at=script.say("", "second"))
        await player.step("next", at="after")
        await player.go()
        await player.ends(printed="1 2\n")


@only(
    "javascript",
    """
    async function load() {
      const value = await Promise.resolve(3); // @waiting
      return value + 1; // @loaded
    }
    const result = await load(); // @call
    console.log(result); // @after
    """,
)
async def test_steps_across_await(script: Script) -> None:
    async with playing(script, "waiting") as player:
        await player.stopped("breakpoint", at="waiting")
        await player.step("next", at="loaded")
        assert await player.value("value") == "3"
        await player.go("continue")
        await player.ends(printed="4\n")


@only(
    "javascript",
    """
    const before = 1;
    debugger; // @stop
    console.log(before);
    """,
)
async def test_a_debugger_statement_stops_without_a_breakpoint(script: Script) -> None:
    async with playing(script) as player:
        stop = await player.stopped("breakpoint", at="stop")
        assert "hitBreakpointIds" not in stop
        await player.go()
        await player.ends(printed="1\n")


TIGHT_LOOP = both(
    lua="""
        local n = 0
        local stop = false
        print("in")
        while not stop do n = n + 1 end -- @loop
        print("out")
    """,
    javascript="""
        let n = 0;
        let stop = false;
        console.log("in");
        while (!stop) { n = n + 1; } // @loop
        console.log("out");
    """,
)


@TIGHT_LOOP
async def test_pause_stops_a_tight_loop_and_it_can_be_left(script: Script) -> None:
    async with playing(script) as player:
        await player.client.event("output")
        await player.client.request("pause", {"threadId": 1})
        await player.stopped("pause", at="loop")
        await player.client.request("pause", {"threadId": 1})
        await player.value("stop = true", "repl")
        await player.go()
        await player.ends(printed="out\n")


@TIGHT_LOOP
async def test_a_breakpoint_set_while_a_loop_runs_takes_effect(script: Script) -> None:
    async with playing(script) as player:
        await player.client.event("output")
        column = {"lua": 20, "javascript": 17}[script.language]
        await player.set_breakpoints({"at": "loop", "column": column})
        await player.stopped("breakpoint", at="loop")
        await player.set_breakpoints()
        await player.value("stop = true", "repl")
        await player.go()
        await player.ends(printed="out\n")
