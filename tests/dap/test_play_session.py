"""The tool behind ``make demo`` plays a session on the shipped examples."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


async def play(*arguments: str) -> tuple[int | None, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "tools/play_session.py", *arguments, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await asyncio.wait_for(process.communicate(), 50)
    return process.returncode, said.decode()


@pytest.mark.parametrize("script", ["examples/lua/release_notes.lua", "examples/javascript/release_notes.js"])
async def test_it_shows_stop_stack_variables_output_and_exit_code(script: str) -> None:
    code, said = await play(script, "--line", "21")
    lines = said.splitlines()
    assert code == 0
    assert lines[:3] == ["breakpoint at line 21: verified", "stopped: breakpoint", "stack:"]
    assert lines[3].split() == ["group", f"{Path(script).name}:21"]
    assert "locals:" in lines
    assert any(line.split()[:1] == ["items"] for line in lines)
    assert "  # Release 1.4.0" in lines
    assert lines[-1] == "exit code 0"


async def test_a_line_that_is_never_reached_is_said_plainly() -> None:
    code, _ = await play("examples/lua/hello.lua", "--line", "500")
    assert code == 1
