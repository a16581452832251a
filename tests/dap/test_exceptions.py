"""Stops at errors in real scripts (scenarios 29 to 33)."""

from __future__ import annotations

from llmspell_dap.client import Json
from support.dap_player import Script, both, only, playing

FAILS = both(
    lua="""
        local function fail(what)
          local depth = 1
          error("cannot " .. what) -- @failing
        end
        pcall(fail, "first") -- @caught
        fail("second") -- @uncaught
    """,
    javascript="""
        function fail(what) {
          const depth = 1;
          throw new TypeError("cannot " + what); // @failing
        }
        try { fail("first"); } catch {} // @caught
        fail("second"); // @uncaught
    """,
)


@FAILS
async def test_uncaught_errors_only(script: Script) -> None:
    async with playing(script, filters=["uncaught"]) as player:
        stop = await player.stopped("exception", at="failing")
        assert "cannot second" in stop["text"]
        assert await player.values("what", "depth") == ['"second"', "1"]
        await player.go()
        await player.ends(code=1)
        assert "cannot second" in player.printed("stderr")


@FAILS
async def test_all_errors(script: Script) -> None:
    async with playing(script, filters=["all"]) as player:
        stop = await player.stopped("exception", at="failing")
        assert "cannot first" in stop["text"]
        await player.go()
        stop = await player.stopped("exception", at="failing")
        assert "cannot second" in stop["text"]
        await player.go()
        await player.ends(code=1)


@FAILS
async def test_no_errors(script: Script) -> None:
    async with playing(script, filters=[]) as player:
        await player.ends(code=1)


@FAILS
async def test_what_is_known_of_an_error(script: Script) -> None:
    async with playing(script, filters=["all"]) as player:
        await player.stopped("exception")
        info = await player.client.request("exceptionInfo", {"threadId": player.thread})
        assert "cannot first" in info["description"]
        assert info["breakMode"] == "always"
        assert info["exceptionId"] == script.say("error", "TypeError")
        assert f"{script.line('failing')}" in info["details"]["stackTrace"]
        await player.go()
        await player.stopped("exception")
        info = await player.client.request("exceptionInfo", {"threadId": player.thread})
        assert info["breakMode"] == "unhandled"


@FAILS
async def test_there_is_no_error_where_the_stop_is_not_at_one(script: Script) -> None:
    async with playing(script, "caught") as player:
        await player.stopped("breakpoint", at="caught")
        assert await player.refusal("exceptionInfo", threadId=player.thread)


async def _play_conditional(script: Script, condition: str) -> Json:
    async with playing(script, "caught", filters=[]) as player:
        await player.stopped("breakpoint")
        await player.client.request(
            "setExceptionBreakpoints",
            {"filters": [], "filterOptions": [{"filterId": "all", "condition": condition}]},
        )
        await player.go()
        stop = await player.stopped("exception")
        await player.go()
        await player.ends(code=1)
        return stop


@FAILS
async def test_a_condition_on_the_error(script: Script) -> None:
    condition = script.say('error:find("second")', 'error.message.includes("second")')
    stop = await _play_conditional(script, condition)
    assert "cannot second" in stop["text"]


@only(
    "lua",
    """
    local worker = coroutine.create(function(x)
      error("in the coroutine" .. x) -- @failing
    end)
    print(coroutine.resume(worker, 1)) -- @resume
    error({ code = 42 }) -- @object
    """,
)
async def test_errors_of_coroutines_and_error_objects(script: Script) -> None:
    async with playing(script, filters=["all"]) as player:
        await player.stopped("exception", at="failing")
        await player.go()
        await player.stopped("exception", at="object")
        await player.go()
        await player.ends(code=1)


@only(
    "lua",
    """
    local t = nil
    local x = t.field -- @failing
    """,
)
async def test_runtime_errors_stop_with_their_frame(script: Script) -> None:
    async with playing(script) as player:
        stop = await player.stopped("exception", at="failing")
        assert "attempt to index a nil value" in stop["text"]
        await player.go()
        await player.ends(code=1)


@only(
    "javascript",
    """
    async function fail() {
      await null;
      throw new RangeError("late"); // @failing
    }
    await fail().catch((error) => console.log(error.message));
    await fail();
    """,
)
async def test_a_rejection_that_somebody_waits_to_catch_is_not_uncaught(script: Script) -> None:
    async with playing(script, filters=["uncaught"]) as player:
        await player.stopped("exception", at="failing")
        assert player.printed() == "late\n"
        await player.go()
        await player.ends(code=1)


@FAILS
async def test_errors_read_the_same_with_and_without_the_debugger(script: Script) -> None:
    texts = []
    for no_debug in (True, False):
        async with playing(script, filters=[], noDebug=no_debug) as player:
            await player.ends(code=1)
            texts.append(player.printed("stderr"))
    assert texts[0] == texts[1]
    assert f"main{script.say('.lua', '.js')}:{script.line('failing')}" in texts[0]
