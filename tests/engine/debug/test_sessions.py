"""The path from a launch to an exit, on a real process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from support.debugging import launched, stopped_at, write

if TYPE_CHECKING:
    from pathlib import Path


async def test_a_script_runs_to_its_end(tmp_path: Path) -> None:
    async with launched(write(tmp_path, "lua", "print('hello')\n")) as session:
        await session.debuggee.start()
        await session.ends()
        assert session.output == "hello\n"


async def test_a_breakpoint_stops_with_locals(tmp_path: Path) -> None:
    program = write(
        tmp_path,
        "lua",
        "local function f(x)\n  local y = x * 2\n  return y\nend\nlocal z = f(21)\nprint(z)\n",
    )
    async with stopped_at(program, 3) as session:
        assert await session.where() == ("main.lua", 3)
        assert await session.shown() == {"x": "21", "y": "42"}
        assert await session.evaluate("x + y") == "63"
        assert await session.step("step_out") == ("main.lua", 6)
        await session.go()
        await session.ends()
