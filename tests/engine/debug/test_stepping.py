"""Steps, in both languages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from llmspell_engine.language import LANGUAGES
from support.debugging import names, program, stopped_at, write

if TYPE_CHECKING:
    from pathlib import Path

    from llmspell_engine.debug.model import StepKind
    from llmspell_engine.language import Language

both = pytest.mark.parametrize("language", LANGUAGES)


@both
@pytest.mark.parametrize(
    ("start", "steps", "lines"),
    [
        (7, ["next", "next"], [7, 7]),
        (7, ["step_in", "next", "next"], [2, 3, 7]),
        (7, ["step_in", "step_out"], [2, 7]),
    ],
    ids=["over", "in", "out"],
)
async def test_steps(
    tmp_path: Path, language: Language, start: int, steps: list[StepKind], lines: list[int]
) -> None:
    async with stopped_at(program(tmp_path, language, "counting"), start) as session:
        await session.break_at()
        assert [(await session.step(kind))[1] for kind in steps] == lines


@both
async def test_a_step_over_a_recursive_call_stays_in_its_frame(tmp_path: Path, language: Language) -> None:
    async with stopped_at(program(tmp_path, language, "recursion"), 5) as session:
        await session.break_at()
        assert await session.step() == (session.program.name, 6)
        assert await session.evaluate("n") == "3"
        assert await session.evaluate("below") == "2"


@both
async def test_a_recursion_shows_every_frame(tmp_path: Path, language: Language) -> None:
    async with stopped_at(program(tmp_path, language, "recursion"), 3) as session:
        frames = await session.frames()
        assert names(frames)[:4] == ["down"] * 4
        assert [frame.line for frame in frames] == [3, 5, 5, 5, 8]
        assert [await session.evaluate("n", frame=index) for index in range(4)] == ["0", "1", "2", "3"]


@both
async def test_a_step_over_a_caught_error_lands_after_it(tmp_path: Path, language: Language) -> None:
    async with stopped_at(program(tmp_path, language, "catching"), 5) as session:
        lines = [(await session.step())[1]]
        while lines[-1] == 5:
            lines.append((await session.step())[1])
        assert lines[-1] == 6
        assert await session.evaluate("ok") == "false"


@both
async def test_a_breakpoint_ends_a_step_over_its_function(tmp_path: Path, language: Language) -> None:
    async with stopped_at(program(tmp_path, language, "counting"), 7) as session:
        await session.break_at(3)
        await session.go("next")
        assert (await session.stop()).reason == "breakpoint"
        assert await session.line() == 3
        await session.break_at()
        await session.go()
        await session.ends()


@both
async def test_a_step_past_the_last_statement_ends_the_script(tmp_path: Path, language: Language) -> None:
    async with stopped_at(program(tmp_path, language, "counting"), 9) as session:
        await session.go("next")
        await session.ends()


COROUTINES = """\
local worker = coroutine.create(function()
  local got = coroutine.yield(1)
  local more = coroutine.yield(got)
  return more
end)
local ok, first = coroutine.resume(worker)
local _, second = coroutine.resume(worker, 2)
local _, third = coroutine.resume(worker, 3)
print(first, second, third)
"""


async def test_a_step_over_resume_stays_in_the_resumer(tmp_path: Path) -> None:
    async with stopped_at(write(tmp_path, "lua", COROUTINES), 6) as session:
        assert [(await session.step())[1] for _ in range(3)] == [7, 8, 9]


async def test_a_step_into_resume_enters_the_coroutine(tmp_path: Path) -> None:
    async with stopped_at(write(tmp_path, "lua", COROUTINES), 6) as session:
        assert (await session.step("step_in"))[1] == 2
        assert [frame.line for frame in await session.frames()] == [2, 6]
        assert await session.step("step_out") == ("main.lua", 7)


async def test_a_step_over_yield_waits_for_the_coroutine(tmp_path: Path) -> None:
    async with stopped_at(write(tmp_path, "lua", COROUTINES), 2) as session:
        assert (await session.step())[1] == 3
        assert await session.evaluate("got") == "2"
        assert (await session.step())[1] == 4
        assert (await session.step())[1] == 9


async def test_frames_of_a_resumer_are_readable(tmp_path: Path) -> None:
    text = """\
local outer = "seen"
local step = coroutine.wrap(function(x)
  local inner = x + 1
  return inner
end)
local function caller(y)
  return (step(y))
end
print(caller(4))
"""
    async with stopped_at(write(tmp_path, "lua", text), 4) as session:
        assert [frame.line for frame in await session.frames()] == [4, 7, 9]
        assert await session.shown(frame=0) == {"x": "4", "inner": "5"}
        assert await session.shown(frame=1) == {"y": "4"}
        assert await session.evaluate("outer", frame=2) == '"seen"'
