"""Stopping at errors, in both languages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from llmspell_engine.debug.model import DebuggeeError
from llmspell_engine.language import LANGUAGES
from support.debugging import launched, program, write

if TYPE_CHECKING:
    from pathlib import Path

    from llmspell_engine.language import Language

both = pytest.mark.parametrize("language", LANGUAGES)


@both
@pytest.mark.parametrize("kind", ["uncaught", "all"])
async def test_an_uncaught_error_stops_with_its_frames(tmp_path: Path, language: Language, kind: str) -> None:
    async with launched(program(tmp_path, language, "failing")) as session:
        await session.break_on(kind)
        await session.debuggee.start()
        stopped = await session.stop()
        assert stopped.reason == "exception"
        assert "no luck" in stopped.text
        assert [frame.line for frame in await session.frames()][:2] == [2, 5]
        assert await session.shown() == {"reason": '"no luck"'}
        details = await session.debuggee.exception(1)
        assert details.uncaught
        assert "no luck" in details.description
        assert "fail" in details.stack_trace
        await session.go()
        await session.ends(1)


@both
async def test_a_caught_error_stops_when_all_are_wanted(tmp_path: Path, language: Language) -> None:
    async with launched(program(tmp_path, language, "catching")) as session:
        await session.break_on("all")
        await session.debuggee.start()
        await session.stop()
        assert (await session.frames())[0].line == 3
        assert (await session.shown())["reason"] == '"no luck"'
        assert not (await session.debuggee.exception(1)).uncaught
        await session.go()
        await session.ends()
        assert session.output == "false\n"


@both
async def test_a_caught_error_is_no_uncaught_one(tmp_path: Path, language: Language) -> None:
    async with launched(program(tmp_path, language, "catching")) as session:
        await session.break_on("uncaught")
        await session.debuggee.start()
        await session.ends()


@both
@pytest.mark.parametrize(("condition", "stops"), [("true", True), ("false", False)])
async def test_a_filter_has_a_condition(
    tmp_path: Path, language: Language, condition: str, stops: bool
) -> None:
    async with launched(program(tmp_path, language, "catching")) as session:
        await session.break_on("all", condition)
        await session.debuggee.start()
        if stops:
            await session.stop()
            await session.go()
        await session.ends()


@both
async def test_a_condition_of_a_filter_that_cannot_be_compiled_is_refused(
    tmp_path: Path, language: Language
) -> None:
    async with launched(program(tmp_path, language, "catching")) as session:
        with pytest.raises(DebuggeeError, match="compiled"):
            await session.break_on("all", "error ==")


@both
async def test_no_error_no_details(tmp_path: Path, language: Language) -> None:
    async with launched(program(tmp_path, language, "counting"), stop_on_entry=True) as session:
        await session.debuggee.start()
        await session.stop()
        with pytest.raises(DebuggeeError, match="not stopped at an error"):
            await session.debuggee.exception(1)


LUA_ERRORS = {
    "nil_index": ("local t = nil\nprint(t.x)\n", 2, "error", "attempt to index a nil value"),
    "table": ("error({ code = 42 })\n", 1, "table", "{code = 42}"),
    "kinds": ("error({ kind = 'Timeout', message = 'too late' })\n", 1, "Timeout", "too late"),
    "wrap": ("local f = coroutine.wrap(function()\n  error('inside')\nend)\nf()\n", 2, "error", "inside"),
}


@pytest.mark.parametrize("name", LUA_ERRORS)
async def test_lua_errors_are_described(tmp_path: Path, name: str) -> None:
    text, line, kind, said = LUA_ERRORS[name]
    async with launched(write(tmp_path, "lua", text)) as session:
        await session.break_on("uncaught")
        await session.debuggee.start()
        await session.stop()
        assert await session.line() == line
        details = await session.debuggee.exception(1)
        assert details.id == kind
        assert said in details.description
        await session.go()
        await session.ends(1)


LUA_CAUGHT = {
    "pcall": "local function f() error('x') end\nprint(pcall(f))\n",
    "xpcall": "local function f() error('x') end\nprint(xpcall(f, function(e) return e end))\n",
    "resume": "local function f() error('x') end\nprint(coroutine.resume(coroutine.create(f)))\n",
    "wrap in pcall": "local function f() error('x') end\nprint(pcall(coroutine.wrap(f)))\n",
}


@pytest.mark.parametrize("name", LUA_CAUGHT)
async def test_lua_errors_are_seen_wherever_they_are_caught(tmp_path: Path, name: str) -> None:
    async with launched(write(tmp_path, "lua", LUA_CAUGHT[name])) as session:
        await session.break_on("all")
        await session.debuggee.start()
        await session.stop()
        assert await session.line() == 1
        await session.debuggee.set_exception_breakpoints([])
        await session.go()
        await session.ends()
        assert session.output.startswith("false\t")


async def test_the_identity_of_an_error_survives(tmp_path: Path) -> None:
    text = "local e = {}\nlocal ok, got = pcall(error, e)\nprint(rawequal(e, got))\n"
    async with launched(write(tmp_path, "lua", text)) as session:
        await session.break_on("all")
        await session.debuggee.start()
        await session.stop()
        await session.go()
        await session.ends()
        assert session.output == "true\n"


async def test_an_error_in_a_coroutine_keeps_its_frames(tmp_path: Path) -> None:
    text = """\
local co = coroutine.create(function(a)
  local b = a + 1
  error('x' .. b)
end)
coroutine.resume(co, 1)
print('on')
"""
    async with launched(write(tmp_path, "lua", text)) as session:
        await session.break_on("all")
        await session.debuggee.start()
        await session.stop()
        assert [frame.line for frame in await session.frames()] == [3, 5]
        assert await session.shown() == {"a": "1", "b": "2"}
        await session.go()
        await session.ends()


async def test_a_stack_overflow_is_an_error_like_any_other(tmp_path: Path) -> None:
    text = """\
local function f() return 1 + f() end
local ok, said = pcall(f)
print(ok, said:match('stack overflow'))
"""
    async with launched(write(tmp_path, "lua", text)) as session:
        await session.break_on("all")
        await session.debuggee.start()
        await session.stop()
        assert await session.line() == 1
        await session.go()
        await session.ends()
        assert session.output == "false\tstack overflow\n"
